// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of an incoming datagram: a logical unit hands over the data of a
 * SEND MESSAGE, this turns it into an skb with an Ethernet header, the network
 * core takes it. What cannot be taken is said so, never dropped unseen.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <net/if_inet6.h>
#include <net/ip.h>

#include "compat.h"
#include "device.h"
#include "pages.h"
#include "peer.h"
#include "scsiip.h"
#include "trace.h"

/* Room for the headers of any datagram; what is no longer is copied whole. */
#define RECEIVE_HEAD	256

/* Is this IPv4 destination a broadcast on our interface? */
static bool ipv4_broadcast(const struct net_device *dev, __be32 dest)
{
	const struct in_device *in_dev;
	const struct in_ifaddr *ifa;

	if (ipv4_is_lbcast(dest))
		return true;

	in_dev = __in_dev_get_rcu(dev);
	if (!in_dev)
		return false;

	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (dest == ifa->ifa_broadcast ||
		    (ifa->ifa_prefixlen < 31 &&
		     dest == (ifa->ifa_address | ~ifa->ifa_mask)))
			return true;
	return false;
}

/*
 * The wire has no Ethernet header (RFC 2143 section 3). The destination tells
 * the packet type. Of the source ARP tells, and the initiator port if it is
 * known whose that is.
 */
static void rebuild_header(struct ethhdr *eth, const struct net_device *dev,
			   const struct scsiip_peer *peer, u16 ethertype,
			   const u8 *data)
{
	ether_addr_copy(eth->h_dest, dev->dev_addr);
	if (peer)
		ether_addr_copy(eth->h_source, peer->lladdr);
	else
		eth_zero_addr(eth->h_source);
	eth->h_proto = htons(ethertype);

	switch (ethertype) {
	case ETH_P_IP: {
		__be32 dest = ((const struct iphdr *)data)->daddr;

		if (ipv4_is_multicast(dest))
			ip_eth_mc_map(dest, eth->h_dest);
		else if (ipv4_broadcast(dev, dest))
			eth_broadcast_addr(eth->h_dest);
		break;
	}
	case ETH_P_IPV6: {
		const struct in6_addr *dest =
			&((const struct ipv6hdr *)data)->daddr;

		if (ipv6_addr_is_multicast(dest))
			ipv6_eth_mc_map(dest, eth->h_dest);
		break;
	}
	default: {
		const struct arphdr *arp = (const struct arphdr *)data;
		const u8 *sender = data + sizeof(*arp);
		const u8 *target = sender + ETH_ALEN + 4;

		ether_addr_copy(eth->h_source, sender);
		if (arp->ar_op == htons(ARPOP_REQUEST) &&
		    !ether_addr_equal(target, dev->dev_addr))
			eth_broadcast_addr(eth->h_dest);
		break;
	}
	}
}

/*
 * Reference the pages instead of copying them: only for lists that nobody
 * writes to any more, one page an entry. Return: whether they fit.
 */
static bool receive_pages(struct sk_buff *skb, struct scatterlist *sgl,
			  unsigned int nents, u32 skip, u32 len)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sg(sgl, sg, nents, i) {
		u32 offset = sg->offset, part = sg->length;

		if (skip >= part) {
			skip -= part;
			continue;
		}
		offset += skip;
		part = min(part - skip, len);
		skip = 0;

		if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS ||
		    sg->offset + sg->length > PAGE_SIZE ||
		    !sendpage_ok(sg_page(sg)))
			return false;

		get_page(sg_page(sg));
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, sg_page(sg),
				offset, part, PAGE_SIZE);
		len -= part;
		if (!len)
			return true;
	}
	return !len;
}

static struct sk_buff *receive_zero_copy(struct scatterlist *sgl,
					 unsigned int nents, const u8 *head,
					 u32 len)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + ETH_HLEN + RECEIVE_HEAD,
					GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;

	skb_reserve(skb, NET_SKB_PAD + ETH_HLEN);
	skb_put_data(skb, head, RECEIVE_HEAD);
	if (!receive_pages(skb, sgl, nents, RECEIVE_HEAD, len - RECEIVE_HEAD)) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/*
 * Copy @len bytes to @offset of @skb, page by page, and sum them up on the
 * way: the transport protocol has to do it otherwise.
 */
static __wsum receive_fill(struct sk_buff *skb, u32 offset, const u8 *from,
			   u32 len)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	u32 start = skb_headlen(skb), done = 0, i;
	__wsum sum = 0;

	if (offset < start) {
		done = min(len, start - offset);
		sum = csum_partial_copy_nocheck(from, skb->data + offset, done);
	}

	for (i = 0; done < len && i < shinfo->nr_frags; i++) {
		const skb_frag_t *frag = &shinfo->frags[i];
		u32 size = skb_frag_size(frag);

		while (done < len && offset + done < start + size) {
			u32 in_frag = offset + done - start;
			u32 part = min_t(u32, PAGE_SIZE - offset_in_page(in_frag),
					 min(len - done, size - in_frag));
			u8 *to = kmap_local_page(nth_page(skb_frag_page(frag),
							  in_frag >> PAGE_SHIFT));
			__wsum part_sum;

			part_sum = csum_partial_copy_nocheck(from + done,
							     to + offset_in_page(in_frag),
							     part);
			kunmap_local(to);
			sum = csum_block_add(sum, part_sum, done);
			done += part;
		}
		start += size;
	}
	return sum;
}

static struct sk_buff *receive_copy(struct scatterlist *sgl, unsigned int nents,
				    u32 len)
{
	u32 linear = min_t(u32, len, RECEIVE_HEAD), offset = 0;
	struct sg_mapping_iter miter;
	struct sk_buff *skb;

	skb = scsiip_alloc_skb(NET_SKB_PAD + ETH_HLEN + linear, len - linear);
	if (!skb)
		return NULL;

	/* by hand: skb_put() wants an skb without fragments */
	skb_reserve(skb, NET_SKB_PAD + ETH_HLEN);
	skb->tail += linear;
	skb->len += linear;
	skb->csum = 0;
	skb->ip_summed = CHECKSUM_COMPLETE;

	sg_miter_start(&miter, sgl, nents, SG_MITER_FROM_SG | SG_MITER_ATOMIC);
	while (offset < len && sg_miter_next(&miter)) {
		u32 part = min_t(u32, miter.length, len - offset);

		skb->csum = csum_block_add(skb->csum,
					   receive_fill(skb, offset, miter.addr,
							part), offset);
		offset += part;
	}
	sg_miter_stop(&miter);

	if (offset < len) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/*
 * An interface of this kernel tells of itself, from a port that is no peer's:
 * does it have the address of another, or ours?
 */
static bool receive_impostor(const struct scsiip_link *link, const u8 *source)
{
	const struct scsiip_peer *other = scsiip_peer_lookup(link, source);

	return ether_addr_equal(source, link->dev->dev_addr) ||
	       (other && other->initiator[0] &&
		!READ_ONCE(other->more_initiators));
}

/*
 * ARP and neighbour discovery tell where an IP address is. They must not tell
 * it of another interface than that which they come from, where that is known:
 * by the initiator port, or, in this kernel, by @source.
 */
static enum scsiip_verdict receive_neighbour(struct scsiip_link *link,
					     const char *initiator,
					     const u8 *source,
					     struct sk_buff *skb)
{
	const struct scsiip_peer *peer;
	struct scsiip_neighbour neighbour;
	int ret = scsiip_arp_decode(skb, &neighbour);

	if (ret)
		return ret == -ENOMSG ? SCSIIP_ACCEPTED : SCSIIP_BUSY;

	peer = scsiip_peer_by_initiator(link, initiator);
	if (peer)
		source = peer->lladdr;
	if (source && !scsiip_neighbour_is(&neighbour, source))
		return SCSIIP_SPOOFED;
	if (source && !peer && receive_impostor(link, source))
		return SCSIIP_SPOOFED;

	scsiip_arp_heard(link, &neighbour, peer);
	return SCSIIP_ACCEPTED;
}

/* To the stack, which takes over the skb: SCSIIP_ACCEPTED or SCSIIP_BUSY. */
static enum scsiip_verdict receive_deliver(struct net_device *dev,
					   struct sk_buff *skb,
					   enum scsiip_counter_attr how,
					   u16 ethertype, u32 len)
{
	struct scsiip_link *link = netdev_priv(dev);
	enum scsiip_verdict verdict = SCSIIP_BUSY;

	/* process context may be preempted, and softirqs count there, too */
	local_bh_disable();
	if (netif_rx(skb) != NET_RX_DROP) {
		trace_scsiip_receive(dev, ethertype, len, how);
		scsiip_count(link->counters, how);
		dev_sw_netstats_rx_add(dev, len);
		verdict = SCSIIP_ACCEPTED;
	}
	local_bh_enable();
	return verdict;
}

static enum scsiip_verdict receive(struct net_device *dev,
				   const char *initiator,
				   const struct scsiip_message *msg,
				   struct scatterlist *sgl, unsigned int nents,
				   bool by_reference)
{
	struct scsiip_link *link = netdev_priv(dev);
	const struct scsiip_peer *peer;
	enum scsiip_counter_attr how;
	u16 ethertype = msg->ethertype;
	enum scsiip_verdict verdict;
	u8 head[RECEIVE_HEAD];
	struct sk_buff *skb = NULL;
	struct ethhdr *eth;
	u32 len;

	sg_copy_to_buffer(sgl, nents, head, min_t(u32, msg->length,
						  sizeof(head)));
	verdict = scsiip_datagram_check(head, msg->length, &ethertype, &len);
	if (verdict != SCSIIP_ACCEPTED)
		return verdict;

	if (by_reference && len > RECEIVE_HEAD) {
		how = SCSIIP_COUNTER_RX_ZERO_COPY;
		skb = receive_zero_copy(sgl, nents, head, len);
	}
	if (!skb) {
		how = SCSIIP_COUNTER_RX_COPY;
		skb = receive_copy(sgl, nents, len);
	}
	if (!skb)
		return SCSIIP_BUSY;

	skb->protocol = htons(ethertype);
	verdict = receive_neighbour(link, initiator, NULL, skb);
	if (verdict != SCSIIP_ACCEPTED) {
		kfree_skb(skb);
		return verdict;
	}

	peer = scsiip_peer_by_initiator(link, initiator);
	eth = skb_push(skb, ETH_HLEN);
	rebuild_header(eth, dev, peer, ethertype, head);
	skb->protocol = eth_type_trans(skb, dev);

	/* consumes the datagram either way; the initiator still has it */
	return receive_deliver(dev, skb, how, ethertype, len);
}

/*
 * The datagram as its sender has it: what it refers to is only read from now
 * on, and its Ethernet header is still there, with the address it sends from.
 */
static enum scsiip_verdict receive_skb(struct net_device *dev,
				       const char *initiator,
				       const struct sk_buff *skb)
{
	struct scsiip_link *link = netdev_priv(dev);
	u16 ethertype = ntohs(skb->protocol);
	enum scsiip_verdict verdict;
	u8 source[ETH_ALEN] __aligned(2);
	u8 head[RECEIVE_HEAD];
	struct sk_buff *clone;
	u32 len;
	int ret;

	if (skb_copy_bits(skb, 0, head, min_t(u32, skb->len, sizeof(head))))
		return SCSIIP_SHORT_DATA;
	verdict = scsiip_datagram_check(head, skb->len, &ethertype, &len);
	if (verdict != SCSIIP_ACCEPTED)
		return verdict;

	clone = skb_clone((struct sk_buff *)skb, GFP_ATOMIC | __GFP_NOWARN);
	if (!clone)
		return SCSIIP_BUSY;
	/* of a frame that came from a NIC, with its header */
	if (clone->ip_summed == CHECKSUM_COMPLETE)
		clone->ip_summed = CHECKSUM_NONE;
	ether_addr_copy(source, eth_hdr(clone)->h_source);
	/* may cut off what a checksum is yet to be computed of */
	ret = pskb_trim_rcsum(clone, len);
	if (ret)
		verdict = ret == -EINVAL ? SCSIIP_BAD_HEADER : SCSIIP_BUSY;
	else
		verdict = receive_neighbour(link, initiator, source, clone);
	if (verdict != SCSIIP_ACCEPTED) {
		kfree_skb(clone);
		return verdict;
	}

	skb_scrub_packet(clone, true);
	clone->priority = 0;
	skb_push(clone, ETH_HLEN);
	clone->protocol = eth_type_trans(clone, dev);
	/* the logical unit is the address; ours may have changed meanwhile */
	if (clone->pkt_type == PACKET_OTHERHOST)
		clone->pkt_type = PACKET_HOST;

	return receive_deliver(dev, clone, SCSIIP_COUNTER_RX_ZERO_COPY,
			       ethertype, len);
}

static void receive_refused(struct net_device *dev, enum scsiip_verdict verdict,
			    u16 ethertype, u32 len)
{
	struct scsiip_link *link = netdev_priv(dev);

	trace_scsiip_receive(dev, ethertype, len, scsiip_rx_refused(verdict));
	scsiip_count(link->counters, scsiip_rx_refused(verdict));
}

/**
 * scsiip_unit_receive() - take the datagram of a SEND MESSAGE
 * @unit: the logical unit
 * @initiator: name of the initiator port it came from, NULL if unknown
 * @msg: what scsiip_parse_cdb() made of the CDB, length not 0
 * @sgl: data-out, at least @msg->length bytes
 * @nents: entries of @sgl
 * @by_reference: the pages of @sgl are the caller's own, and nobody writes to
 *	them any more
 *
 * Refusals are counted here.
 *
 * Context: process or softirq; does not sleep.
 * Return: %SCSIIP_ACCEPTED, %SCSIIP_SHORT_DATAGRAM, %SCSIIP_BAD_HEADER,
 * %SCSIIP_SPOOFED, %SCSIIP_NOT_READY or %SCSIIP_BUSY.
 */
enum scsiip_verdict scsiip_unit_receive(const struct scsiip_unit *unit,
					const char *initiator,
					const struct scsiip_message *msg,
					struct scatterlist *sgl,
					unsigned int nents, bool by_reference)
{
	enum scsiip_verdict verdict = SCSIIP_NOT_READY;
	struct net_device *dev;

	rcu_read_lock();
	dev = rcu_dereference(unit->dev);
	if (dev && netif_running(dev))
		verdict = receive(dev, initiator, msg, sgl, nents,
				  by_reference);
	if (dev && verdict != SCSIIP_ACCEPTED)
		receive_refused(dev, verdict, msg->ethertype, msg->length);
	rcu_read_unlock();
	return verdict;
}
EXPORT_SYMBOL_GPL(scsiip_unit_receive);

/**
 * scsiip_unit_receive_skb() - take a datagram from another interface
 * @unit: the logical unit
 * @initiator: name of the initiator port it came from, NULL if unknown
 * @skb: the datagram, as scsiip_request_skb() gave it; stays the caller's
 *
 * The same without a copy, for a sender in this kernel. Context and return
 * value as of scsiip_unit_receive().
 */
enum scsiip_verdict scsiip_unit_receive_skb(const struct scsiip_unit *unit,
					    const char *initiator,
					    const struct sk_buff *skb)
{
	enum scsiip_verdict verdict = SCSIIP_NOT_READY;
	struct net_device *dev;

	rcu_read_lock();
	dev = rcu_dereference(unit->dev);
	if (dev && netif_running(dev))
		verdict = receive_skb(dev, initiator, skb);
	if (dev && verdict != SCSIIP_ACCEPTED)
		receive_refused(dev, verdict, ntohs(skb->protocol), skb->len);
	rcu_read_unlock();
	return verdict;
}
EXPORT_SYMBOL_GPL(scsiip_unit_receive_skb);
