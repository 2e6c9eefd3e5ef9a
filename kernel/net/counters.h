/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of an interface. They outlive it: a datagram in flight holds its
 * peer, and that holds the counters, never the interface.
 */
#ifndef SCSIIP_COUNTERS_H
#define SCSIIP_COUNTERS_H

#include <linux/kref.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "codec.h"

/* Names and meanings: docs/interface.md and device.c. */
enum scsiip_counter {
	/* received and refused: one for each verdict but ACCEPTED */
	SCSIIP_RX_REFUSED,
	SCSIIP_RX_ZERO_COPY = SCSIIP_RX_REFUSED + SCSIIP_VERDICTS - 1,
	SCSIIP_RX_COPY,
	SCSIIP_TX_PROTOCOL,
	SCSIIP_TX_NO_PEER,
	SCSIIP_TX_TOO_BIG,
	SCSIIP_TX_QUEUE_FULL,
	SCSIIP_TX_NO_MEMORY,
	SCSIIP_TX_NO_PATH,
	SCSIIP_TX_UNMAPPABLE,
	SCSIIP_TX_DIRECT,
	SCSIIP_TX_COPY,
	SCSIIP_TX_COMPLETED,
	SCSIIP_TX_RESENT,
	SCSIIP_TX_REFUSED,
	SCSIIP_TX_NOT_READY,
	SCSIIP_TX_BUSY,
	SCSIIP_TX_UNCERTAIN,
	SCSIIP_TX_ORPHANED,
	SCSIIP_COUNTERS
};

struct scsiip_counters {
	struct kref ref;
	unsigned long __percpu *value;
};

static inline void scsiip_count(struct scsiip_counters *counters,
				enum scsiip_counter which)
{
	this_cpu_inc(counters->value[which]);
}

/* The counter of a refusal */
static inline enum scsiip_counter scsiip_rx_refused(enum scsiip_verdict verdict)
{
	return SCSIIP_RX_REFUSED + verdict - 1;
}

struct scsiip_counters *scsiip_counters_alloc(void);
void scsiip_counters_put(struct scsiip_counters *counters);
unsigned long scsiip_counters_read(const struct scsiip_counters *counters,
				   enum scsiip_counter which);

#endif
