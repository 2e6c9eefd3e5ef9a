// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU counters with a reference count; see counters.h.
 */
#include <linux/cpumask.h>

#include "counters.h"

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

static void counters_release(struct kref *ref)
{
	struct scsiip_counters *counters =
		container_of(ref, struct scsiip_counters, ref);

	free_percpu(counters->value);
	kfree(counters);
}

void scsiip_counters_put(struct scsiip_counters *counters)
{
	kref_put(&counters->ref, counters_release);
}

unsigned long scsiip_counters_read(const struct scsiip_counters *counters,
				   enum scsiip_counter which)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(&counters->value[which], cpu);
	return sum;
}
