/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: /sys/kernel/tracing/events/scsiip, docs/netlink.md. What became
 * of a datagram is told by the name of the counter that has counted it.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM scsiip

#if !defined(SCSIIP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SCSIIP_TRACE_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "arp.h"
#include "codec.h"
#include "counters.h"
#include "path.h"
#include "peer.h"

DECLARE_EVENT_CLASS(scsiip_transmit,
	TP_PROTO(const struct scsiip_peer *peer, const struct scsiip_path *path,
		 const struct sk_buff *skb, enum scsiip_counter_attr what),
	TP_ARGS(peer, path, skb, what),
	TP_STRUCT__entry(
		__array(u8, lladdr, ETH_ALEN)
		__array(char, path, SCSIIP_LUN_NAME_LEN)
		__field(u16, protocol)
		__field(u32, len)
		__array(char, what, ETH_GSTRING_LEN)
	),
	TP_fast_assign(
		ether_addr_copy(__entry->lladdr, peer->lladdr);
		strscpy(__entry->path, path->name, SCSIIP_LUN_NAME_LEN);
		__entry->protocol = ntohs(skb->protocol);
		__entry->len = skb->len;
		strscpy(__entry->what, scsiip_counter_names[what],
			ETH_GSTRING_LEN);
	),
	TP_printk("peer=%pM path=%s protocol=%04x len=%u what=%s",
		  __entry->lladdr, __entry->path, __entry->protocol,
		  __entry->len, __entry->what)
);

/* A datagram is sent: tx_direct or tx_copy */
DEFINE_EVENT(scsiip_transmit, scsiip_submit,
	TP_PROTO(const struct scsiip_peer *peer, const struct scsiip_path *path,
		 const struct sk_buff *skb, enum scsiip_counter_attr what),
	TP_ARGS(peer, path, skb, what)
);

/* Its command has completed: tx_completed, tx_refused, … */
DEFINE_EVENT(scsiip_transmit, scsiip_complete,
	TP_PROTO(const struct scsiip_peer *peer, const struct scsiip_path *path,
		 const struct sk_buff *skb, enum scsiip_counter_attr what),
	TP_ARGS(peer, path, skb, what)
);

/* A datagram for that address is not sent: tx_no_path, tx_queue_full, … */
TRACE_EVENT(scsiip_drop,
	TP_PROTO(const u8 *lladdr, const struct sk_buff *skb,
		 enum scsiip_counter_attr reason),
	TP_ARGS(lladdr, skb, reason),
	TP_STRUCT__entry(
		__array(u8, lladdr, ETH_ALEN)
		__field(u16, protocol)
		__field(u32, len)
		__array(char, reason, ETH_GSTRING_LEN)
	),
	TP_fast_assign(
		memcpy(__entry->lladdr, lladdr, ETH_ALEN);
		__entry->protocol = ntohs(skb->protocol);
		__entry->len = skb->len;
		strscpy(__entry->reason, scsiip_counter_names[reason],
			ETH_GSTRING_LEN);
	),
	TP_printk("lladdr=%pM protocol=%04x len=%u reason=%s",
		  __entry->lladdr, __entry->protocol, __entry->len,
		  __entry->reason)
);

/* Somebody asks for an IP address: who is to answer? IPv4 is shown mapped. */
TRACE_EVENT(scsiip_arp,
	TP_PROTO(const struct net_device *dev,
		 const struct scsiip_neighbour *question,
		 enum scsiip_arp_way way, const struct scsiip_peer *peer),
	TP_ARGS(dev, question, way, peer),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__array(u8, target, sizeof(struct in6_addr))
		__field(u8, way)
		__array(u8, lladdr, ETH_ALEN)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev->name, IFNAMSIZ);
		memset(__entry->target, 0, sizeof(struct in6_addr));
		memset(__entry->target + 10, 0xff, 2);
		memcpy(__entry->target + sizeof(struct in6_addr) -
		       question->len, question->target, question->len);
		__entry->way = way;
		eth_zero_addr(__entry->lladdr);
		if (peer)
			ether_addr_copy(__entry->lladdr, peer->lladdr);
	),
	TP_printk("dev=%s target=%pI6c asked=%s lladdr=%pM", __entry->dev,
		  __entry->target,
		  __print_symbolic(__entry->way,
				   { SCSIIP_ARP_TO_ALL, "all" },
				   { SCSIIP_ARP_TO_PEER, "peer" },
				   { SCSIIP_ARP_TO_NOBODY, "nobody" }),
		  __entry->lladdr)
);

/* A SEND MESSAGE has come: rx_zero_copy, rx_copy, or why it is refused */
TRACE_EVENT(scsiip_receive,
	TP_PROTO(const struct net_device *dev, u16 protocol, u32 len,
		 enum scsiip_counter_attr what),
	TP_ARGS(dev, protocol, len, what),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u16, protocol)
		__field(u32, len)
		__array(char, what, ETH_GSTRING_LEN)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev->name, IFNAMSIZ);
		__entry->protocol = protocol;
		__entry->len = len;
		strscpy(__entry->what, scsiip_counter_names[what],
			ETH_GSTRING_LEN);
	),
	TP_printk("dev=%s protocol=%04x len=%u what=%s", __entry->dev,
		  __entry->protocol, __entry->len, __entry->what)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
