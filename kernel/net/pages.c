// SPDX-License-Identifier: GPL-2.0-only
/*
 * One page pool a processor; its owner is whoever runs there with bottom
 * halves disabled. Pages come back when their skb is freed, wherever that is.
 */
#include <linux/percpu.h>
#include <linux/skbuff.h>

#include "compat.h"
#include "pages.h"

/* Some datagrams of 64 KiB in flight in each direction. */
#define POOL_PAGES	512

static DEFINE_PER_CPU(struct page_pool *, pool);

static int fill(struct sk_buff *skb, unsigned int len)
{
	while (len) {
		unsigned int part = min_t(unsigned int, len, PAGE_SIZE);
		struct page *page =
			page_pool_dev_alloc_pages(this_cpu_read(pool));

		if (!page)
			return -ENOMEM;
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, part,
				PAGE_SIZE);
		len -= part;
	}
	return 0;
}

/**
 * scsiip_alloc_skb() - allocate an skb with room for a datagram
 * @head: bytes of linear room
 * @data: bytes of page-aligned fragments, all of them part of skb->len
 *
 * Context: process or softirq; does not sleep.
 * Return: the skb with uninitialized contents, or NULL.
 */
struct sk_buff *scsiip_alloc_skb(unsigned int head, unsigned int data)
{
	struct sk_buff *skb;
	int ret;

	if (data > MAX_SKB_FRAGS * PAGE_SIZE)
		return NULL;

	skb = alloc_skb(head, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;

	skb_mark_for_recycle(skb);
	local_bh_disable();
	ret = fill(skb, data);
	local_bh_enable();
	if (ret) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

int scsiip_pages_init(void)
{
	const struct page_pool_params params = {
		.pool_size = POOL_PAGES,
		.nid = NUMA_NO_NODE,
	};
	int cpu;

	for_each_possible_cpu(cpu) {
		struct page_pool *created = page_pool_create(&params);

		if (IS_ERR(created)) {
			scsiip_pages_exit();
			return PTR_ERR(created);
		}
		per_cpu(pool, cpu) = created;
	}
	return 0;
}

/* Pages still in skbs are no longer recycled; the pools go when they are back. */
void scsiip_pages_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		page_pool_destroy(per_cpu(pool, cpu));
}
