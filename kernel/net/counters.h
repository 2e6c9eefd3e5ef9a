/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of an interface, a peer or a path; uapi/scsiip.h tells what each
 * counts. Those of an interface outlive it: a datagram in flight holds its peer,
 * and that holds the counters, never the interface.
 */
#ifndef SCSIIP_COUNTERS_H
#define SCSIIP_COUNTERS_H

#include <linux/ethtool.h>
#include <linux/kref.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "codec.h"
#include "uapi/scsiip.h"

/* One for each attribute, in an array by its number */
#define SCSIIP_COUNTERS		(SCSIIP_COUNTER_MAX + 1)
#define SCSIIP_FIRST_COUNTER	SCSIIP_COUNTER_RX_RESERVED_BITS

struct scsiip_counters {
	struct kref ref;
	struct rcu_head rcu;	/* who finds a peer under RCU counts there */
	unsigned long __percpu *value;
};

static inline void scsiip_count_add(struct scsiip_counters *counters,
				    enum scsiip_counter_attr which,
				    unsigned long amount)
{
	this_cpu_add(counters->value[which], amount);
}

static inline void scsiip_count(struct scsiip_counters *counters,
				enum scsiip_counter_attr which)
{
	scsiip_count_add(counters, which, 1);
}

/* The counter of a refusal: in the order of the verdicts */
static inline enum scsiip_counter_attr
scsiip_rx_refused(enum scsiip_verdict verdict)
{
	static_assert(SCSIIP_COUNTER_RX_BUSY - SCSIIP_COUNTER_RX_RESERVED_BITS ==
		      SCSIIP_BUSY - SCSIIP_RESERVED);
	return SCSIIP_COUNTER_RX_RESERVED_BITS + verdict - SCSIIP_RESERVED;
}

extern const char scsiip_counter_names[SCSIIP_COUNTERS][ETH_GSTRING_LEN];

struct scsiip_counters *scsiip_counters_alloc(void);
void scsiip_counters_put(struct scsiip_counters *counters);
unsigned long scsiip_counters_read(const struct scsiip_counters *counters,
				   enum scsiip_counter_attr which);

#endif
