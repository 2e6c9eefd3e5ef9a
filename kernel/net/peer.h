/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Peers: other hosts, known by a link-layer address and a logical unit.
 */
#ifndef SCSIIP_PEER_H
#define SCSIIP_PEER_H

#include <linux/etherdevice.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "codec.h"
#include "counters.h"
#include "uapi/scsiip.h"

struct scsiip_link;
struct scsiip_path;

/* A peer's queue holds this much; what comes on top is dropped. */
#define SCSIIP_QUEUE_BYTES	(4 * 1024 * 1024)

/**
 * struct scsiip_skb_cb - our part of skb->cb, from queue to completion
 * @charged: what the datagram was counted as in peer->queued
 * @resent: it was sent before, and refused with a unit attention
 */
struct scsiip_skb_cb {
	unsigned int charged;
	bool resent;
};

#define SCSIIP_SKB_CB(skb) ((struct scsiip_skb_cb *)(skb)->cb)

/**
 * struct scsiip_peer - another host
 * @ref: held by the interface and by every datagram in flight
 * @rcu: readers find peers under RCU
 * @link: RTNL; NULL once the interface has let go
 * @link_counters: the interface's, with a reference of its own
 * @counters: the peer's: what became of datagrams to it
 * @node: in link->peers
 * @id: grows along that list; fixed
 * @hash: in link->peer_hash
 * @initiator_hash: in link->initiator_hash, if it has a name there
 * @lladdr: link-layer address; while it changes the peer is out of both hashes
 * @name: what the administrator calls it, empty for nothing; RTNL
 * @initiator: name of the initiator port its commands come from, empty while
 *	unknown; while it changes the peer is out of @initiator_hash
 * @initiator_found: that was found out on our own bus; RTNL
 * @more_initiators: and it sends from other ports there; written under RTNL
 * @mtu: longest datagram it takes on every path; written under RTNL
 * @designator: names its logical unit; fixed
 * @is_static: the administrator has added it, it stays without any path; fixed
 * @up: one of its paths is, as userspace was told; RTNL
 * @paths: RTNL to change, RCU to read
 * @queue: datagrams to be sent; its lock guards @queued and @dead too
 * @queued: truesize of what is in @queue
 * @cpu: where @work runs, mostly
 * @one_cpu: it runs nowhere else: a path has several hardware queues, and keeps
 *	order only among what one processor submits; stays once it is set
 * @dead: nothing may be queued or scheduled any more
 * @work: sends what is in @queue, the only one to take from it
 * @retry: schedules @work when the queue's tags are in others' hands
 */
struct scsiip_peer {
	struct kref ref;
	struct rcu_head rcu;
	struct scsiip_link *link;
	struct scsiip_counters *link_counters;
	struct scsiip_counters *counters;
	struct list_head node;
	u64 id;
	struct hlist_node hash;
	struct hlist_node initiator_hash;
	u8 lladdr[ETH_ALEN];
	char name[SCSIIP_PEER_NAME_LEN];
	char initiator[SCSIIP_INITIATOR_LEN];
	bool initiator_found;
	bool more_initiators;
	unsigned int mtu;
	struct scsiip_designator designator;
	bool is_static;
	bool up;
	struct list_head paths;

	struct sk_buff_head queue;
	unsigned int queued;
	int cpu;
	bool one_cpu;
	bool dead;
	struct work_struct work;
	struct timer_list retry;
};

/* What the peer counts, its interface does. */
static inline void scsiip_peer_count(struct scsiip_peer *peer,
				     enum scsiip_counter_attr which)
{
	scsiip_count(peer->link_counters, which);
	scsiip_count(peer->counters, which);
}

struct scsiip_peer *scsiip_peer_lookup(const struct scsiip_link *link,
				       const u8 *lladdr);
struct scsiip_peer *scsiip_peer_by_initiator(const struct scsiip_link *link,
					     const char *name);
struct scsiip_peer *scsiip_peer_by_name(const struct scsiip_link *link,
					const char *name);
struct scsiip_peer *
scsiip_peer_by_designator(const struct scsiip_link *link,
			  const struct scsiip_designator *designator);
struct scsiip_peer *scsiip_peer_create(struct scsiip_link *link,
				       const u8 *lladdr,
				       const struct scsiip_designator *designator,
				       bool is_static);
void scsiip_peer_remove(struct scsiip_peer *peer);
void scsiip_peer_delete(struct scsiip_peer *peer);
void scsiip_peer_update(struct scsiip_peer *peer, const u8 *lladdr,
			unsigned int mtu);
int scsiip_peer_set_initiator(struct scsiip_peer *peer, const char *name);
void scsiip_peer_refresh(struct scsiip_peer *peer);
enum scsiip_peer_state scsiip_peer_state(const struct scsiip_peer *peer);
bool scsiip_peer_alive(const struct scsiip_peer *peer);
bool scsiip_peer_hopeful(const struct scsiip_peer *peer);
void scsiip_peer_put(struct scsiip_peer *peer);

bool scsiip_peer_enqueue(struct scsiip_peer *peer, struct sk_buff *skb);
bool scsiip_peer_resend(struct scsiip_peer *peer, struct sk_buff *skb);
void scsiip_peer_kick(struct scsiip_peer *peer);
void scsiip_peer_kick_later(struct scsiip_peer *peer);
void scsiip_peer_purge(struct scsiip_peer *peer);

#endif
