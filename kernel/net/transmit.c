// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of an outgoing datagram, from top to bottom.
 *
 * ndo_start_xmit runs with bottom halves disabled, where blk-mq must not be
 * entered: it queues the datagram at its peer. The peer's work sends what is
 * queued, in process context. The completion may come in hard interrupt
 * context.
 */
#include <linux/blk-mq.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/log2.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <net/icmp.h>
#include <net/sock.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>

#include "arp.h"
#include "codec.h"
#include "compat.h"
#include "device.h"
#include "pages.h"
#include "path.h"
#include "peer.h"
#include "scsiip.h"
#include "trace.h"
#include "transmit.h"

/*
 * A timeout makes the mid-layer stop the whole host: our own clock (path.c)
 * takes a path down long before.
 */
#define TRANSMIT_TIMEOUT	(60 * HZ)

/* TCP may have 1 s >> 5 = 31 ms of its rate below it, and 1 MiB at most. */
#define PACING_SHIFT		5

/* Datagrams sent in one run of a peer's work. */
#define TRANSMIT_BATCH		16

#define TRANSMIT_VECS		(2 * MAX_SKB_FRAGS + 2)

/**
 * struct scsiip_transmit - a datagram in flight
 * @node: in path->transmits
 * @ref: one of the command, one of whoever orphans the datagram
 * @skb: the datagram, charged to its socket
 * @copy: what the command reads where @skb did not fit the queue's limits
 * @lost: it did not get through
 * @peer: with a reference
 * @path: with a reference
 * @bio: the command's data-out
 * @vecs: of @bio
 */
struct scsiip_transmit {
	struct list_head node;
	refcount_t ref;
	struct sk_buff *skb;
	struct sk_buff *copy;
	bool lost;
	struct scsiip_peer *peer;
	struct scsiip_path *path;
	struct bio bio;
	struct bio_vec vecs[TRANSMIT_VECS];
};

struct workqueue_struct *scsiip_wq;
static struct kmem_cache *transmit_cache;
static atomic_t inflight = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(inflight_wait);

/**
 * scsiip_inflight_get() - a command of ours is about to be sent
 */
void scsiip_inflight_get(void)
{
	atomic_inc(&inflight);
}

/**
 * scsiip_inflight_put() - it has completed
 *
 * The last thing a completion does, still under RCU.
 */
void scsiip_inflight_put(void)
{
	if (atomic_dec_and_test(&inflight))
		wake_up_all(&inflight_wait);
}

/**
 * scsiip_inflight_wait() - wait until no command of ours is in flight
 *
 * A driver's remove() does not drain its queue when it is unbound, and a
 * blocked transport may sit on commands until it gives up.
 */
void scsiip_inflight_wait(void)
{
	wait_event_idle(inflight_wait, !atomic_read(&inflight));
	/* for their return, and for who was preempted just before it */
	synchronize_rcu();
	synchronize_rcu_tasks();
}

/* As far as the kernel's own reasons tell it. */
static enum skb_drop_reason
transmit_drop_reason(enum scsiip_counter_attr counter)
{
	switch (counter) {
	case SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL:
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	case SCSIIP_COUNTER_TX_ARP_SUPPRESSED:
		return SKB_DROP_REASON_NEIGH_FAILED;
	case SCSIIP_COUNTER_TX_TOO_BIG:
		return SKB_DROP_REASON_PKT_TOO_BIG;
	case SCSIIP_COUNTER_TX_QUEUE_FULL:
		return SKB_DROP_REASON_FULL_RING;
	case SCSIIP_COUNTER_TX_NO_MEMORY:
		return SKB_DROP_REASON_NOMEM;
	case SCSIIP_COUNTER_TX_NO_PATH:
		return SKB_DROP_REASON_DEV_READY;
	default:
		return SKB_DROP_REASON_NOT_SPECIFIED;
	}
}

/**
 * scsiip_transmit_drop() - a datagram is not sent
 * @lladdr: whom it was for
 * @skb: the datagram, consumed
 * @reason: the counter that has counted it
 *
 * Context: any.
 */
void scsiip_transmit_drop(const u8 *lladdr, struct sk_buff *skb,
			  enum scsiip_counter_attr reason)
{
	trace_scsiip_drop(lladdr, skb, reason);
	scsiip_free_skb(skb, transmit_drop_reason(reason));
}

/* The same where the interface counts, for the address in its header. */
static void transmit_drop(struct scsiip_link *link, struct sk_buff *skb,
			  enum scsiip_counter_attr reason)
{
	scsiip_count(link->counters, reason);
	scsiip_transmit_drop(eth_hdr(skb)->h_dest, skb, reason);
}

/* Too long for this peer: tell the sender, as tunnels do. */
static void transmit_too_big(struct sk_buff *skb, unsigned int mtu)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
	else if (skb->protocol == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

/* Nothing that waits for a transport may hold a route, a flow or user pages. */
static int transmit_scrub(struct sk_buff *skb)
{
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
	skb->dev = NULL;
	SCSIIP_SKB_CB(skb)->resent = false;
	return skb_orphan_frags_rx(skb, GFP_ATOMIC);
}

/* Where the checksum that the network core left to us starts, and belongs. */
static int transmit_checksum_field(const struct sk_buff *skb, int *start)
{
	int offset;

	*start = skb_checksum_start_offset(skb);
	offset = *start + skb->csum_offset;
	if (*start < 0 || offset + (int)sizeof(__sum16) > (int)skb->len)
		return -EINVAL;
	return offset;
}

static __sum16 transmit_fold(__wsum sum)
{
	return csum_fold(sum) ?: CSUM_MANGLED_0;
}

/*
 * The checksum will be filled in: is there room for it? Without the copy of
 * shared pages that skb_checksum_help() makes: should they change meanwhile,
 * the receiver sees a wrong checksum and TCP sends again.
 */
static int transmit_checksum_room(struct sk_buff *skb)
{
	int start, offset;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;

	offset = transmit_checksum_field(skb, &start);
	if (offset < 0)
		return offset;
	return skb_ensure_writable(skb, offset + sizeof(__sum16));
}

/* In process context, where it costs no interrupt its time. */
static int transmit_checksum(struct sk_buff *skb)
{
	int start, offset, ret;
	__wsum sum;

	ret = transmit_checksum_room(skb);
	if (ret || skb->ip_summed != CHECKSUM_PARTIAL)
		return ret;

	offset = transmit_checksum_field(skb, &start);
	sum = skb_checksum(skb, start, skb->len - start, 0);
	*(__sum16 *)(skb->data + offset) = transmit_fold(sum);
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

/*
 * SCSI has no broadcast (RFC 2143 section 4): one copy for each peer,
 * starting one peer further on each time. Context: RCU. Return: whether each
 * has one.
 */
static bool transmit_fanout(struct scsiip_link *link, struct sk_buff *skb)
{
	unsigned int count = READ_ONCE(link->peer_count), queued = 0;
	struct scsiip_peer *peer;
	unsigned int start, i, pass;

	if (!count) {
		transmit_drop(link, skb, SCSIIP_COUNTER_TX_NO_PEER);
		return false;
	}

	/* The clones share their header: it must be final. */
	if (transmit_checksum(skb)) {
		transmit_drop(link, skb, SCSIIP_COUNTER_TX_NO_MEMORY);
		return false;
	}

	dev_sw_netstats_tx_add(link->dev, 1, skb->len);
	start = (unsigned int)atomic_inc_return(&link->fanout) % count;
	for (pass = 0; pass < 2; pass++) {
		i = 0;
		list_for_each_entry_rcu(peer, &link->peers, node) {
			struct sk_buff *clone;

			if ((i++ < start) == !pass)
				continue;
			/* one that was added, and is not there */
			if (list_empty(&peer->paths)) {
				queued++;
				continue;
			}
			if (skb->len > READ_ONCE(peer->mtu)) {
				scsiip_peer_count(peer, SCSIIP_COUNTER_TX_TOO_BIG);
				continue;
			}
			clone = skb_clone(skb, GFP_ATOMIC);
			if (clone)
				queued += scsiip_peer_enqueue(peer, clone);
			else
				scsiip_peer_count(peer, SCSIIP_COUNTER_TX_NO_MEMORY);
		}
	}
	dev_consume_skb_any(skb);
	return queued >= count;
}

/* Somebody asks for an IP address: RFC 2143 leaves it to us whom to ask. */
static void transmit_question(struct scsiip_link *link, struct sk_buff *skb,
			      const struct scsiip_neighbour *neighbour)
{
	u8 target[sizeof(struct in6_addr)], len = neighbour->len;
	struct scsiip_peer *peer;

	memcpy(target, neighbour->target, len);
	switch (scsiip_arp_ask(link, neighbour, &peer)) {
	case SCSIIP_ARP_TO_ALL:
		/* who was not asked may be the one who knows */
		if (!transmit_fanout(link, skb))
			scsiip_arp_forget(&link->arp, target, len,
					  BIT(SCSIIP_ARP_NEGATIVE));
		break;
	case SCSIIP_ARP_TO_PEER:
		if (skb->len > READ_ONCE(peer->mtu)) {
			scsiip_peer_count(peer, SCSIIP_COUNTER_TX_TOO_BIG);
			scsiip_transmit_drop(peer->lladdr, skb,
					     SCSIIP_COUNTER_TX_TOO_BIG);
			break;
		}
		scsiip_count(link->counters, SCSIIP_COUNTER_TX_ARP_DIRECTED);
		dev_sw_netstats_tx_add(link->dev, 1, skb->len);
		scsiip_peer_enqueue(peer, skb);
		break;
	case SCSIIP_ARP_TO_NOBODY:
		transmit_drop(link, skb, SCSIIP_COUNTER_TX_ARP_SUPPRESSED);
		break;
	}
}

/*
 * What wants no answer, or hopes for none, goes to all: announcements, probes,
 * duplicate address detection.
 */
static void transmit_multicast(struct scsiip_link *link, struct sk_buff *skb)
{
	struct scsiip_neighbour neighbour;
	int ret = scsiip_arp_decode(skb, &neighbour);

	if (ret && ret != -ENOMSG) {
		transmit_drop(link, skb, SCSIIP_COUNTER_TX_NO_MEMORY);
		return;
	}

	rcu_read_lock();
	if (!ret && neighbour.owner && neighbour.target)
		transmit_question(link, skb, &neighbour);
	else
		transmit_fanout(link, skb);
	rcu_read_unlock();
}

/* Have a frame come from that address. Return: it, or NULL for no memory. */
static struct sk_buff *transmit_source(struct sk_buff *skb, const u8 *lladdr)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NULL;
	if (skb_cow_head(skb, 0)) {
		kfree_skb(skb);
		return NULL;
	}
	ether_addr_copy(((struct ethhdr *)skb->data)->h_source, lladdr);
	return skb;
}

/**
 * scsiip_start_xmit() - ndo_start_xmit
 * @skb: an Ethernet frame
 * @dev: the interface
 *
 * The queues are per peer, so that none of them ever stops the interface.
 *
 * Context: bottom halves disabled. Return: NETDEV_TX_OK.
 */
netdev_tx_t scsiip_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct scsiip_link *link = netdev_priv(dev);
	enum scsiip_counter_attr reason;
	struct scsiip_peer *peer;
	u8 dest[ETH_ALEN] = {};
	unsigned int mtu;

	reason = SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL;
	if (!pskb_may_pull(skb, ETH_HLEN))
		goto drop;

	/* who receives it in this kernel sees it, and believes it */
	if (!ether_addr_equal(((struct ethhdr *)skb->data)->h_source,
			      dev->dev_addr)) {
		skb = transmit_source(skb, dev->dev_addr);
		if (!skb) {
			scsiip_count(link->counters,
				     SCSIIP_COUNTER_TX_NO_MEMORY);
			return NETDEV_TX_OK;
		}
	}

	ether_addr_copy(dest, ((struct ethhdr *)skb->data)->h_dest);
	skb->protocol = ((struct ethhdr *)skb->data)->h_proto;
	skb_reset_mac_header(skb);
	if (scsiip_protocol_type(ntohs(skb->protocol)) < 0)
		goto drop;

	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	reason = SCSIIP_COUNTER_TX_TOO_BIG;
	if (!skb->len || skb->len > SCSIIP_MAX_DATAGRAM)
		goto drop;

	/*
	 * A datagram is charged to its socket until the SCSI command completes,
	 * several context switches away: let TCP have more of them on the way
	 * than suits a NIC.
	 */
	sk_pacing_shift_update(skb->sk, PACING_SHIFT);
	skb_tx_timestamp(skb);
	if (is_multicast_ether_addr(dest)) {
		reason = SCSIIP_COUNTER_TX_NO_MEMORY;
		if (transmit_scrub(skb))
			goto drop;
		transmit_multicast(link, skb);
		return NETDEV_TX_OK;
	}

	rcu_read_lock();
	peer = scsiip_peer_lookup(link, dest);
	if (!peer) {
		rcu_read_unlock();
		reason = SCSIIP_COUNTER_TX_NO_PEER;
		goto drop;
	}

	mtu = READ_ONCE(peer->mtu);
	if (skb->len > mtu) {
		scsiip_peer_count(peer, SCSIIP_COUNTER_TX_TOO_BIG);
		rcu_read_unlock();
		transmit_too_big(skb, mtu);
		reason = SCSIIP_COUNTER_TX_TOO_BIG;
		goto free;
	}

	dev_sw_netstats_tx_add(dev, 1, skb->len);
	if (transmit_scrub(skb)) {
		scsiip_peer_count(peer, SCSIIP_COUNTER_TX_NO_MEMORY);
		rcu_read_unlock();
		reason = SCSIIP_COUNTER_TX_NO_MEMORY;
		goto free;
	}
	scsiip_peer_enqueue(peer, skb);
	rcu_read_unlock();
	return NETDEV_TX_OK;

drop:
	scsiip_count(link->counters, reason);
free:
	scsiip_transmit_drop(dest, skb, reason);
	return NETDEV_TX_OK;
}

/**
 * scsiip_transmit_limit() - longest datagram a path's queue carries
 * @path: the path
 *
 * What transmit_map() can place, if need be after a copy.
 */
unsigned int scsiip_transmit_limit(const struct scsiip_path *path)
{
	struct request_queue *q = path->sdev->request_queue;
	u64 segment = min_t(u64, queue_max_segment_size(q),
			    (u64)queue_segment_boundary(q) + 1);
	u64 limit;

	/* the chunks of a copy are powers of two, and none is in two segments */
	segment = min_t(u64, segment, PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER);
	segment = rounddown_pow_of_two(segment);
	limit = min_t(u64, queue_max_segments(q) * segment,
		      (u64)queue_max_hw_sectors(q) << SECTOR_SHIFT);
	return min_t(u64, limit, SCSIIP_MAX_DATAGRAM);
}

/**
 * scsiip_transmit_alignment() - what a path's host asks of memory
 * @path: the path
 *
 * The SCSI core's own alignment is for hardware. Where no device above a host
 * has a DMA mask there is none: what drives it copies, or hands pages on.
 *
 * Return: a mask.
 */
unsigned int scsiip_transmit_alignment(const struct scsiip_path *path)
{
	struct request_queue *q = path->sdev->request_queue;
	unsigned int align = scsiip_dma_alignment(q);
	const struct device *dev;

	if (align >= max(4, dma_get_cache_alignment()))
		return align;

	for (dev = path->sdev->host->dma_dev; dev; dev = dev->parent)
		if (dev->dma_mask)
			return align;
	return 0;
}

/*
 * Does the queue take the memory @skb is in? No is certain, yes is not: the
 * bio has the last word on the number of its segments.
 */
static bool transmit_mappable(struct request_queue *q, unsigned int align,
			      const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int i, last = skb_headlen(skb);
	/* of a packet socket's datagram nothing is in the head */
	unsigned long bits = last ? (unsigned long)skb->data : 0;
	int start;

	/*
	 * Filling in a checksum that is not in the head would move the head,
	 * and may not be done while the command before a resend is still read.
	 */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    (skb_shared(skb) ||
	     transmit_checksum_field(skb, &start) + (int)sizeof(__sum16) >
	     (int)skb_headlen(skb)))
		return false;

	if (skb_has_frag_list(skb) || skb->len & scsiip_dma_pad_mask(q) ||
	    shinfo->nr_frags + !!last > queue_max_segments(q) ||
	    (scsiip_stable_writes(q) && skb_has_shared_frag(skb)))
		return false;

	for (i = 0; i < shinfo->nr_frags; i++) {
		bits |= last | skb_frag_off(&shinfo->frags[i]);
		last = skb_frag_size(&shinfo->frags[i]);
	}
	return !(bits & align);
}

/* Place @len bytes at @offset of @page into the bio. */
static bool transmit_map_part(struct bio *bio, struct request_queue *q,
			      struct page *page, unsigned int offset,
			      unsigned int len)
{
	page = nth_page(page, offset >> PAGE_SHIFT);
	offset = offset_in_page(offset);
	while (len) {
		unsigned int part = min_t(unsigned int, len, PAGE_SIZE - offset);

		if (bio_add_pc_page(q, bio, page, part, offset) != part)
			return false;
		page = nth_page(page, 1);
		offset = 0;
		len -= part;
	}
	return true;
}

/*
 * Place @skb into the bio as it is. Page by page: the block layer splits
 * larger pieces at the queue's boundaries later, and then they are more than
 * it has counted. Return: whether it fits the queue's limits.
 */
static bool transmit_map(struct scsiip_transmit *tx, struct request_queue *q,
			 struct sk_buff *skb)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	struct bio *bio = &tx->bio;
	unsigned int i;

	bio_init(bio, NULL, tx->vecs, TRANSMIT_VECS, REQ_OP_DRV_OUT);
	if (!transmit_map_part(bio, q, virt_to_page(skb->data),
			       offset_in_page(skb->data), skb_headlen(skb)))
		return false;

	for (i = 0; i < shinfo->nr_frags; i++) {
		skb_frag_t *frag = &shinfo->frags[i];

		if (!transmit_map_part(bio, q, skb_frag_page(frag),
				       skb_frag_off(frag), skb_frag_size(frag)))
			return false;
	}
	return true;
}

/*
 * Copy a piece, and sum up what of it lies behind @start, if that is not
 * negative: then the checksum costs no pass of its own.
 */
static int transmit_copy_bits(const struct sk_buff *skb, int offset, u8 *to,
			      int len, int start, __wsum *sum)
{
	int plain = start < 0 ? len : clamp(start - offset, 0, len);

	if (plain && skb_copy_bits(skb, offset, to, plain))
		return -EFAULT;
	if (plain < len)
		*sum = csum_block_add(*sum,
				      skb_copy_and_csum_bits(skb, offset + plain,
							     to + plain,
							     len - plain),
				      offset + plain - start);
	return 0;
}

/* Room for @len bytes in chunks of @order, none of them smaller. */
static struct sk_buff *transmit_chunks(unsigned int len, unsigned int order)
{
	struct sk_buff *skb = alloc_skb(0, GFP_NOIO | __GFP_NOWARN);
	struct page *page;
	unsigned int part;

	while (skb && skb->len < len) {
		page = alloc_pages(GFP_NOIO | __GFP_COMP | __GFP_NORETRY |
				   __GFP_NOWARN, order);
		if (!page) {
			kfree_skb(skb);
			return NULL;
		}
		part = min_t(unsigned int, len - skb->len, PAGE_SIZE << order);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, part,
				PAGE_SIZE << order);
	}
	return skb;
}

/*
 * A copy in page-aligned chunks, as large as the number of segments asks, with
 * the checksum filled in.
 */
static struct sk_buff *transmit_copy(struct request_queue *q,
				     const struct sk_buff *skb)
{
	unsigned int len = ALIGN(skb->len, scsiip_dma_pad_mask(q) + 1);
	int start = -1, field = -1, offset = 0, i;
	struct skb_shared_info *shinfo;
	unsigned int order = 0;
	struct sk_buff *copy;
	__wsum sum = 0;
	int error;

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		field = transmit_checksum_field(skb, &start);
		if (field < 0)
			return NULL;
	}

	while (order < PAGE_ALLOC_COSTLY_ORDER &&
	       DIV_ROUND_UP(len, PAGE_SIZE << order) > queue_max_segments(q))
		order++;

	copy = order ? transmit_chunks(len, order) : scsiip_alloc_skb(0, len);
	if (!copy)
		return NULL;

	shinfo = skb_shinfo(copy);
	for (i = 0; i < shinfo->nr_frags; i++) {
		unsigned int size = skb_frag_size(&shinfo->frags[i]), done, part;

		for (done = 0; done < size; done += part) {
			struct page *page =
				nth_page(skb_frag_page(&shinfo->frags[i]),
					 done >> PAGE_SHIFT);
			int left = skb->len - offset;
			u8 *to = kmap_local_page(page);

			part = min_t(unsigned int, size - done, PAGE_SIZE);
			error = transmit_copy_bits(skb, offset, to,
						   min_t(int, part, left),
						   start, &sum);
			if (part > left)
				memset(to + left, 0, part - left);
			kunmap_local(to);
			offset += part;
			if (error)
				goto err;
		}
	}

	/* the padding belongs to the memory, not to the datagram */
	skb_frag_size_sub(&shinfo->frags[shinfo->nr_frags - 1], len - skb->len);
	copy->len = skb->len;
	copy->data_len = skb->len;

	if (field >= 0) {
		__sum16 folded = transmit_fold(sum);

		if (skb_store_bits(copy, field, &folded, sizeof(folded)))
			goto err;
	}
	return copy;

err:
	kfree_skb(copy);
	return NULL;
}

/* What happens to a datagram in flight, its path counts too. */
static void transmit_count(struct scsiip_transmit *tx,
			   enum scsiip_counter_attr which)
{
	scsiip_peer_count(tx->peer, which);
	scsiip_count(tx->path->counters, which);
}

static void transmit_count_bytes(struct scsiip_transmit *tx, unsigned int len)
{
	scsiip_count_add(tx->peer->link_counters,
			 SCSIIP_COUNTER_TX_COMPLETED_BYTES, len);
	scsiip_count_add(tx->peer->counters,
			 SCSIIP_COUNTER_TX_COMPLETED_BYTES, len);
	scsiip_count_add(tx->path->counters,
			 SCSIIP_COUNTER_TX_COMPLETED_BYTES, len);
}

static void transmit_put(struct scsiip_transmit *tx)
{
	if (!refcount_dec_and_test(&tx->ref))
		return;

	dev_consume_skb_any(tx->copy);
	if (tx->lost)
		dev_kfree_skb_any(tx->skb);
	else
		dev_consume_skb_any(tx->skb);
	kmem_cache_free(transmit_cache, tx);
}

/* What a completion means for the datagram. */
static enum scsiip_counter_attr
transmit_result(struct scsi_cmnd *scmd, blk_status_t status,
		struct scsi_sense_hdr *sense)
{
	switch (scsiip_scsi_status(scmd, status, sense)) {
	case SAM_STAT_GOOD:
		return SCSIIP_COUNTER_TX_COMPLETED;
	case SAM_STAT_BUSY:
	case SAM_STAT_TASK_SET_FULL:
		return SCSIIP_COUNTER_TX_BUSY;
	case SAM_STAT_RESERVATION_CONFLICT:
		return SCSIIP_COUNTER_TX_REFUSED;
	case SAM_STAT_CHECK_CONDITION:
		break;
	default:
		return SCSIIP_COUNTER_TX_UNCERTAIN;
	}

	switch (sense->sense_key) {
	case RECOVERED_ERROR:
		return SCSIIP_COUNTER_TX_COMPLETED;
	case UNIT_ATTENTION:
		return SCSIIP_COUNTER_TX_RESENT;
	case NOT_READY:
		return SCSIIP_COUNTER_TX_NOT_READY;
	case ILLEGAL_REQUEST:
	case DATA_PROTECT:
		return SCSIIP_COUNTER_TX_REFUSED;
	default:
		return SCSIIP_COUNTER_TX_UNCERTAIN;
	}
}

/*
 * Context: any, also from inside blk_execute_rq_nowait(). Only what was
 * certainly not delivered is sent again, and that once.
 */
static enum rq_end_io_ret transmit_end_io(struct request *rq,
					  blk_status_t status)
{
	struct scsiip_transmit *tx = rq->end_io_data;
	struct scsiip_path *path = tx->path;
	struct scsiip_peer *peer = tx->peer;
	struct scsi_sense_hdr sense;
	enum scsiip_counter_attr result;
	unsigned long flags;

	rcu_read_lock();
	result = transmit_result(blk_mq_rq_to_pdu(rq), status, &sense);

	spin_lock_irqsave(&path->lock, flags);
	list_del(&tx->node);
	WRITE_ONCE(path->last_progress, jiffies);
	spin_unlock_irqrestore(&path->lock, flags);
	atomic_dec(&path->inflight);

	bio_uninit(&tx->bio);
	switch (result) {
	case SCSIIP_COUNTER_TX_COMPLETED:
		WRITE_ONCE(path->last_response, jiffies);
		transmit_count_bytes(tx, tx->skb->len);
		break;
	case SCSIIP_COUNTER_TX_RESENT:
		if (!SCSIIP_SKB_CB(tx->skb)->resent) {
			SCSIIP_SKB_CB(tx->skb)->resent = true;
			if (scsiip_peer_resend(peer, skb_get(tx->skb)))
				break;
			dev_kfree_skb_any(tx->skb);
		}
		result = SCSIIP_COUNTER_TX_REFUSED;
		break;
	case SCSIIP_COUNTER_TX_REFUSED:
		if (sense.sense_key == DATA_PROTECT) {
			WRITE_ONCE(path->read_only, true);
			scsiip_path_suspect(path);
		} else if (sense.asc == 0x25) {
			scsiip_path_suspect(path);
		}
		break;
	case SCSIIP_COUNTER_TX_NOT_READY:
	case SCSIIP_COUNTER_TX_UNCERTAIN:
		scsiip_path_suspect(path);
		break;
	default:
		break;
	}
	transmit_count(tx, result);
	trace_scsiip_complete(peer, path, tx->skb, result);
	tx->lost = result != SCSIIP_COUNTER_TX_COMPLETED &&
		   result != SCSIIP_COUNTER_TX_RESENT;

	transmit_put(tx);
	scsiip_peer_kick(peer);
	scsiip_peer_put(peer);
	scsiip_path_put(path);
	scsiip_inflight_put();
	rcu_read_unlock();
	return RQ_END_IO_FREE;
}

/* A live path of the peer, with a reference. */
static struct scsiip_path *transmit_path(struct scsiip_peer *peer)
{
	struct scsiip_path *path;

	rcu_read_lock();
	list_for_each_entry_rcu(path, &peer->paths, peer_node) {
		if (READ_ONCE(path->usable) && !READ_ONCE(path->stalled) &&
		    scsiip_path_runnable(path) &&
		    kref_get_unless_zero(&path->ref)) {
			rcu_read_unlock();
			return path;
		}
	}
	rcu_read_unlock();
	return NULL;
}

static struct sk_buff *transmit_dequeue(struct scsiip_peer *peer)
{
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&peer->queue.lock, flags);
	skb = __skb_dequeue(&peer->queue);
	if (skb)
		peer->queued -= SCSIIP_SKB_CB(skb)->charged;
	spin_unlock_irqrestore(&peer->queue.lock, flags);
	return skb;
}

/*
 * On our own bus the receiver may take the datagram as it is: whoever reads
 * the data-out instead asks for the checksum (scsiip_request_checksum()).
 */
static int transmit_finish(const struct scsiip_path *path, struct sk_buff *skb)
{
	return path->bus ? transmit_checksum_room(skb) : transmit_checksum(skb);
}

/* Give the request its data, as it is or copied. Return: how, or why not. */
static enum scsiip_counter_attr transmit_prepare(struct scsiip_transmit *tx, struct request *rq)
{
	struct request_queue *q = rq->q;
	struct sk_buff *skb = tx->skb;
	enum scsiip_counter_attr how = SCSIIP_COUNTER_TX_DIRECT;

	if (!transmit_mappable(q, tx->path->align, skb) ||
	    transmit_finish(tx->path, skb) || !transmit_map(tx, q, skb)) {
		how = SCSIIP_COUNTER_TX_COPY;
		tx->copy = transmit_copy(q, skb);
		if (!tx->copy)
			return SCSIIP_COUNTER_TX_NO_MEMORY;
		if (!transmit_map(tx, q, tx->copy))
			return SCSIIP_COUNTER_TX_UNMAPPABLE;
	}

	if (blk_rq_append_bio(rq, &tx->bio))
		return SCSIIP_COUNTER_TX_UNMAPPABLE;
	return how;
}

/*
 * Send the next datagram of the peer. Return: 0; -EAGAIN if the path has no
 * room, and a completion will kick the peer; -EBUSY if it has none and no
 * completion of ours will; -ENODATA if there is nothing to send; -ENODEV if
 * the path is gone.
 */
static int transmit_one(struct scsiip_peer *peer, struct scsiip_path *path)
{
	struct scsi_device *sdev = path->sdev;
	enum scsiip_counter_attr how;
	struct scsiip_transmit *tx;
	struct scsi_cmnd *scmd;
	struct request *rq;
	unsigned long flags;
	int ret;

	if (atomic_read(&path->inflight) >= sdev->queue_depth)
		return -EAGAIN;

	tx = kmem_cache_alloc(transmit_cache, GFP_NOIO | __GFP_NOWARN);
	if (!tx)
		return -EBUSY;

	rq = scsi_alloc_request(sdev->request_queue, REQ_OP_DRV_OUT,
				BLK_MQ_REQ_NOWAIT);
	if (IS_ERR(rq)) {
		ret = PTR_ERR(rq);
		if (ret != -EAGAIN && ret != -EWOULDBLOCK)
			ret = -ENODEV;
		else
			ret = -EBUSY;
		goto err_free;
	}

	ret = -ENODATA;
	tx->copy = NULL;
	tx->skb = transmit_dequeue(peer);
	if (!tx->skb)
		goto err_request;

	refcount_set(&tx->ref, 1);
	tx->peer = peer;
	tx->path = path;
	tx->lost = false;
	how = transmit_prepare(tx, rq);
	if (how != SCSIIP_COUNTER_TX_DIRECT && how != SCSIIP_COUNTER_TX_COPY) {
		blk_mq_free_request(rq);
		scsiip_peer_count(peer, how);
		scsiip_transmit_drop(peer->lladdr, tx->skb, how);
		tx->skb = NULL;
		transmit_put(tx);
		return 0;
	}
	transmit_count(tx, how);
	trace_scsiip_submit(peer, path, tx->skb, how);

	scmd = blk_mq_rq_to_pdu(rq);
	scsiip_send_message_cdb(scmd->cmnd, sdev->lun, ntohs(tx->skb->protocol),
				tx->skb->len);
	scmd->cmd_len = SCSIIP_CDB_LEN;
	scmd->allowed = 0;
	rq->timeout = TRANSMIT_TIMEOUT;
	rq->rq_flags |= RQF_QUIET;
	rq->end_io = transmit_end_io;
	rq->end_io_data = tx;

	kref_get(&peer->ref);
	kref_get(&path->ref);
	scsiip_inflight_get();
	atomic_inc(&path->inflight);
	spin_lock_irqsave(&path->lock, flags);
	if (list_empty(&path->transmits))
		WRITE_ONCE(path->last_progress, jiffies);
	list_add_tail(&tx->node, &path->transmits);
	spin_unlock_irqrestore(&path->lock, flags);

	blk_execute_rq_nowait(rq, false);
	return 0;

err_request:
	blk_mq_free_request(rq);
err_free:
	kmem_cache_free(transmit_cache, tx);
	return ret;
}

/**
 * scsiip_request_skb() - the datagram that a command on the bus carries
 * @rq: the command's request
 *
 * Context: any. Return: valid until the request completes; its checksum may be
 * still to be filled in (CHECKSUM_PARTIAL). NULL if the request is not ours.
 */
const struct sk_buff *scsiip_request_skb(struct request *rq)
{
	const struct scsiip_transmit *tx = rq->end_io_data;

	return rq->end_io == transmit_end_io ? tx->skb : NULL;
}
EXPORT_SYMBOL_GPL(scsiip_request_skb);

/**
 * scsiip_request_checksum() - complete the data-out of a command on the bus
 * @rq: the command's request; any
 *
 * For whoever reads it instead of taking what scsiip_request_skb() says.
 *
 * Context: any.
 */
void scsiip_request_checksum(struct request *rq)
{
	const struct scsiip_transmit *tx = rq->end_io_data;

	/* there is room for it, and a copy has it */
	if (rq->end_io == transmit_end_io && !tx->copy)
		WARN_ON_ONCE(transmit_checksum(tx->skb));
}
EXPORT_SYMBOL_GPL(scsiip_request_checksum);

/**
 * scsiip_transmit_work() - send what is queued at a peer
 * @work: the peer's
 */
void scsiip_transmit_work(struct work_struct *work)
{
	struct scsiip_peer *peer = container_of(work, struct scsiip_peer, work);
	struct scsiip_path *path = NULL;
	int ret = 0, sent = 0, idx;

	idx = srcu_read_lock(&scsiip_path_srcu);
	while (!skb_queue_empty_lockless(&peer->queue)) {
		/* others want this processor, and removals wait for us */
		if (sent++ == TRANSMIT_BATCH) {
			scsiip_peer_kick(peer);
			break;
		}
		if (!path)
			path = transmit_path(peer);
		if (!path) {
			if (!scsiip_peer_hopeful(peer))
				scsiip_peer_purge(peer);
			break;
		}

		ret = scsiip_path_runnable(path) && READ_ONCE(path->usable) ?
			transmit_one(peer, path) : -ENODEV;
		if (ret == -ENODEV) {
			scsiip_path_put(path);
			path = NULL;
			scsiip_peer_kick_later(peer);
			break;
		}
		if (ret == -EBUSY)
			scsiip_peer_kick_later(peer);
		if (ret)
			break;
		cond_resched();
	}

	if (path)
		scsiip_path_put(path);
	srcu_read_unlock(&scsiip_path_srcu, idx);
}

/**
 * scsiip_transmit_orphan() - a path does not move: let go of the senders
 * @path: the path
 *
 * What is in flight cannot be recalled, but it no longer holds a socket.
 *
 * Context: process.
 */
void scsiip_transmit_orphan(struct scsiip_path *path)
{
	struct scsiip_transmit *tx;

	do {
		struct scsiip_transmit *found = NULL;

		spin_lock_irq(&path->lock);
		list_for_each_entry(tx, &path->transmits, node) {
			if (!tx->skb->destructor)
				continue;
			/* while it is in the list it holds its peer */
			transmit_count(tx, SCSIIP_COUNTER_TX_ORPHANED);
			refcount_inc(&tx->ref);
			found = tx;
			break;
		}
		spin_unlock_irq(&path->lock);

		tx = found;
		if (tx) {
			local_bh_disable();
			skb_orphan(tx->skb);
			local_bh_enable();
			transmit_put(tx);
		}
	} while (tx);
}

static void transmit_construct(void *object)
{
	struct scsiip_transmit *tx = object;

	INIT_LIST_HEAD(&tx->node);
}

int scsiip_transmit_init(void)
{
	/* nothing but the transmit work, which other hosts' memory waits for */
	scsiip_wq = alloc_workqueue("scsiip", WQ_MEM_RECLAIM, 0);
	if (!scsiip_wq)
		return -ENOMEM;

	/*
	 * Of one kilobyte a datagram uses little: with a constructor, what is
	 * allocated is not cleared first (init_on_alloc).
	 */
	transmit_cache = kmem_cache_create("scsiip_transmit",
					   sizeof(struct scsiip_transmit), 0, 0,
					   transmit_construct);
	if (!transmit_cache) {
		destroy_workqueue(scsiip_wq);
		return -ENOMEM;
	}
	return 0;
}

void scsiip_transmit_exit(void)
{
	/* the counters' own */
	rcu_barrier();
	kmem_cache_destroy(transmit_cache);
	destroy_workqueue(scsiip_wq);
}
