// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU counters with a reference count; see counters.h.
 */
#include <linux/cpumask.h>

#include "counters.h"

/* As `ethtool -S` has them */
const char scsiip_counter_names[SCSIIP_COUNTERS][ETH_GSTRING_LEN] = {
	[SCSIIP_COUNTER_RX_RESERVED_BITS]		= "rx_reserved_bits",
	[SCSIIP_COUNTER_RX_UNKNOWN_PROTOCOL]		= "rx_unknown_protocol",
	[SCSIIP_COUNTER_RX_TOO_LONG]			= "rx_too_long",
	[SCSIIP_COUNTER_RX_SHORT_DATA]			= "rx_short_data",
	[SCSIIP_COUNTER_RX_SHORT_DATAGRAM]		= "rx_short_datagram",
	[SCSIIP_COUNTER_RX_BAD_HEADER]			= "rx_bad_header",
	[SCSIIP_COUNTER_RX_SPOOFED]			= "rx_spoofed",
	[SCSIIP_COUNTER_RX_NOT_READY]			= "rx_not_ready",
	[SCSIIP_COUNTER_RX_BUSY]			= "rx_busy",
	[SCSIIP_COUNTER_RX_ZERO_COPY]			= "rx_zero_copy",
	[SCSIIP_COUNTER_RX_COPY]			= "rx_copy",
	[SCSIIP_COUNTER_TX_ARP_DIRECTED]		= "tx_arp_directed",
	[SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL]		= "tx_unknown_protocol",
	[SCSIIP_COUNTER_TX_NO_PEER]			= "tx_no_peer",
	[SCSIIP_COUNTER_TX_ARP_SUPPRESSED]		= "tx_arp_suppressed",
	[SCSIIP_COUNTER_TX_TOO_BIG]			= "tx_too_big",
	[SCSIIP_COUNTER_TX_QUEUE_FULL]			= "tx_queue_full",
	[SCSIIP_COUNTER_TX_NO_MEMORY]			= "tx_no_memory",
	[SCSIIP_COUNTER_TX_NO_PATH]			= "tx_no_path",
	[SCSIIP_COUNTER_TX_UNMAPPABLE]			= "tx_unmappable",
	[SCSIIP_COUNTER_TX_DIRECT]			= "tx_direct",
	[SCSIIP_COUNTER_TX_COPY]			= "tx_copy",
	[SCSIIP_COUNTER_TX_COMPLETED]			= "tx_completed",
	[SCSIIP_COUNTER_TX_COMPLETED_BYTES]		= "tx_completed_bytes",
	[SCSIIP_COUNTER_TX_RESENT]			= "tx_resent",
	[SCSIIP_COUNTER_TX_REFUSED]			= "tx_refused",
	[SCSIIP_COUNTER_TX_NOT_READY]			= "tx_not_ready",
	[SCSIIP_COUNTER_TX_BUSY]			= "tx_busy",
	[SCSIIP_COUNTER_TX_UNCERTAIN]			= "tx_uncertain",
	[SCSIIP_COUNTER_TX_ORPHANED]			= "tx_orphaned",
};

struct scsiip_counters *scsiip_counters_alloc(void)
{
	struct scsiip_counters *counters = kzalloc(sizeof(*counters), GFP_KERNEL);

	if (!counters)
		return NULL;

	counters->value = __alloc_percpu(SCSIIP_COUNTERS * sizeof(long),
					 __alignof__(long));
	if (!counters->value) {
		kfree(counters);
		return NULL;
	}
	kref_init(&counters->ref);
	return counters;
}

static void counters_free(struct rcu_head *rcu)
{
	struct scsiip_counters *counters =
		container_of(rcu, struct scsiip_counters, rcu);

	free_percpu(counters->value);
	kfree(counters);
}

static void counters_release(struct kref *ref)
{
	struct scsiip_counters *counters =
		container_of(ref, struct scsiip_counters, ref);

	call_rcu(&counters->rcu, counters_free);
}

void scsiip_counters_put(struct scsiip_counters *counters)
{
	kref_put(&counters->ref, counters_release);
}

unsigned long scsiip_counters_read(const struct scsiip_counters *counters,
				   enum scsiip_counter_attr which)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(&counters->value[which], cpu);
	return sum;
}
