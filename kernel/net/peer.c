// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peers and their queues. The set of an interface's peers changes under RTNL;
 * the data path finds them under RCU. A queue's own lock guards it against
 * completions, which may come in hard interrupt context.
 */
#include <linux/jhash.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/sched/isolation.h>
#include <net/tcp.h>

#include "compat.h"
#include "device.h"
#include "netlink.h"
#include "path.h"
#include "peer.h"
#include "transmit.h"

/* How soon to ask again for a tag that somebody else must free. */
#define RETRY_DELAY	msecs_to_jiffies(10)

static u32 lladdr_hash(const u8 *lladdr)
{
	return jhash(lladdr, ETH_ALEN, 0);
}

/**
 * scsiip_peer_lookup() - find the owner of a link-layer address
 * @link: the interface
 * @lladdr: the address
 *
 * Context: RTNL or RCU.
 */
struct scsiip_peer *scsiip_peer_lookup(const struct scsiip_link *link,
				       const u8 *lladdr)
{
	struct scsiip_peer *peer;

	hash_for_each_possible_rcu(link->peer_hash, peer, hash,
				   lladdr_hash(lladdr), lockdep_rtnl_is_held())
		if (ether_addr_equal(peer->lladdr, lladdr))
			return peer;
	return NULL;
}

static u32 initiator_hash(const char *name)
{
	return jhash(name, strlen(name), 0);
}

/**
 * scsiip_peer_by_initiator() - find out whose initiator port that is
 * @link: the interface
 * @name: of the port; NULL or empty if it is not known
 *
 * Context: RTNL or RCU. Return: the peer, NULL if nobody knows.
 */
struct scsiip_peer *scsiip_peer_by_initiator(const struct scsiip_link *link,
					     const char *name)
{
	struct scsiip_peer *peer;

	if (!name || !*name)
		return NULL;

	hash_for_each_possible_rcu(link->initiator_hash, peer, initiator_hash,
				   initiator_hash(name), lockdep_rtnl_is_held())
		if (!strcmp(peer->initiator, name))
			return peer;
	return NULL;
}

/**
 * scsiip_peer_by_name() - find whom the administrator calls so
 * @link: the interface
 * @name: not empty
 *
 * Context: RTNL.
 */
struct scsiip_peer *scsiip_peer_by_name(const struct scsiip_link *link,
					const char *name)
{
	struct scsiip_peer *peer;

	list_for_each_entry(peer, &link->peers, node)
		if (!strcmp(peer->name, name))
			return peer;
	return NULL;
}

/**
 * scsiip_peer_by_designator() - find the owner of a logical unit
 * @link: the interface
 * @designator: names the logical unit
 *
 * Context: RTNL.
 */
struct scsiip_peer *
scsiip_peer_by_designator(const struct scsiip_link *link,
			  const struct scsiip_designator *designator)
{
	struct scsiip_peer *peer;

	list_for_each_entry(peer, &link->peers, node)
		if (scsiip_designator_equal(&peer->designator, designator))
			return peer;
	return NULL;
}

static void peer_retry(struct timer_list *timer)
{
	struct scsiip_peer *peer = from_timer(peer, timer, retry);

	scsiip_peer_kick(peer);
}

/**
 * scsiip_peer_create() - add a peer to an interface
 * @link: the interface
 * @lladdr: its address, not in use on this interface
 * @designator: names its logical unit
 * @is_static: it stays when there is no path to it
 *
 * Userspace is to be told when the peer is complete.
 *
 * Context: RTNL. Return: the peer, owned by the interface, or NULL.
 */
struct scsiip_peer *scsiip_peer_create(struct scsiip_link *link,
				       const u8 *lladdr,
				       const struct scsiip_designator *designator,
				       bool is_static)
{
	struct scsiip_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL);
	static u64 last_id;

	if (!peer)
		return NULL;
	peer->counters = scsiip_counters_alloc();
	if (!peer->counters) {
		kfree(peer);
		return NULL;
	}

	kref_init(&peer->ref);
	peer->link = link;
	peer->link_counters = link->counters;
	kref_get(&peer->link_counters->ref);
	peer->id = ++last_id;
	ether_addr_copy(peer->lladdr, lladdr);
	peer->mtu = SCSIIP_MAX_DATAGRAM;
	peer->designator = *designator;
	peer->is_static = is_static;
	INIT_LIST_HEAD(&peer->paths);
	skb_queue_head_init(&peer->queue);
	peer->cpu = link->cpu;
	INIT_WORK(&peer->work, scsiip_transmit_work);
	timer_setup(&peer->retry, peer_retry, 0);

	list_add_tail_rcu(&peer->node, &link->peers);
	hash_add_rcu(link->peer_hash, &peer->hash, lladdr_hash(peer->lladdr));
	WRITE_ONCE(link->peer_count, link->peer_count + 1);
	return peer;
}

/**
 * scsiip_peer_remove() - take a peer from its interface, with all its paths
 * @peer: the peer
 *
 * What is queued is dropped; what is in flight is left to its transport.
 *
 * Context: RTNL.
 */
void scsiip_peer_remove(struct scsiip_peer *peer)
{
	struct scsiip_link *link = peer->link;
	struct scsiip_path *path, *next;
	unsigned long flags;

	list_for_each_entry_safe(path, next, &peer->paths, peer_node)
		scsiip_path_detach(path);
	scsiip_notify_peer(SCSIIP_EVENT_PEER_DEL, peer);

	list_del_rcu(&peer->node);
	hash_del_rcu(&peer->hash);
	hash_del_rcu(&peer->initiator_hash);
	WRITE_ONCE(link->peer_count, link->peer_count - 1);
	peer->link = NULL;

	spin_lock_irqsave(&peer->queue.lock, flags);
	peer->dead = true;
	spin_unlock_irqrestore(&peer->queue.lock, flags);
	del_timer_sync(&peer->retry);
	cancel_work_sync(&peer->work);
	scsiip_peer_purge(peer);
	scsiip_peer_put(peer);
}

/**
 * scsiip_peer_delete() - the administrator does not want a peer
 * @peer: the peer
 *
 * Its logical units are left alone from now on.
 *
 * Context: RTNL.
 */
void scsiip_peer_delete(struct scsiip_peer *peer)
{
	struct scsiip_link *link = peer->link;
	struct scsiip_path *path;

	list_for_each_entry(path, &peer->paths, peer_node)
		path->policy = SCSIIP_POLICY_NONE;
	scsiip_peer_remove(peer);
	scsiip_link_update_carrier(link);
}

static void peer_hash_initiator(struct scsiip_peer *peer)
{
	if (peer->initiator[0])
		hash_add_rcu(peer->link->initiator_hash, &peer->initiator_hash,
			     initiator_hash(peer->initiator));
}

/**
 * scsiip_peer_update() - a peer has another address, or takes other lengths
 * @peer: the peer
 * @lladdr: not in use on this interface, unless by @peer
 * @mtu: bytes
 *
 * Context: RTNL.
 */
void scsiip_peer_update(struct scsiip_peer *peer, const u8 *lladdr,
			unsigned int mtu)
{
	WRITE_ONCE(peer->mtu, mtu);
	if (ether_addr_equal(peer->lladdr, lladdr))
		return;

	hash_del_rcu(&peer->hash);
	hash_del_rcu(&peer->initiator_hash);
	synchronize_net();
	ether_addr_copy(peer->lladdr, lladdr);
	hash_add_rcu(peer->link->peer_hash, &peer->hash, lladdr_hash(lladdr));
	peer_hash_initiator(peer);
	/* what it has answered under the new one was refused */
	scsiip_arp_flush(&peer->link->arp, BIT(SCSIIP_ARP_NEGATIVE));
	scsiip_notify_peer(SCSIIP_EVENT_PEER_CHANGE, peer);
}

/**
 * scsiip_peer_set_initiator() - say which initiator port a peer sends from
 * @peer: the peer
 * @name: of the port, shorter than %SCSIIP_INITIATOR_LEN; empty for not known
 *
 * Context: RTNL. Return: 0, or -EEXIST if it is that of another peer of the
 * interface.
 */
int scsiip_peer_set_initiator(struct scsiip_peer *peer, const char *name)
{
	if (strcmp(peer->initiator, name)) {
		if (scsiip_peer_by_initiator(peer->link, name))
			return -EEXIST;

		if (peer->initiator[0]) {
			hash_del_rcu(&peer->initiator_hash);
			synchronize_net();
		}
		strscpy(peer->initiator, name, sizeof(peer->initiator));
		peer_hash_initiator(peer);
		WRITE_ONCE(peer->more_initiators, false);
	}
	peer->initiator_found = false;
	return 0;
}

/**
 * scsiip_peer_state() - can datagrams go to a peer?
 * @peer: the peer
 *
 * A path that is suspect counts as up until its check says otherwise.
 *
 * Context: RTNL.
 */
enum scsiip_peer_state scsiip_peer_state(const struct scsiip_peer *peer)
{
	struct scsiip_path *path;

	if (list_empty(&peer->paths))
		return SCSIIP_PEER_UNBOUND;

	list_for_each_entry(path, &peer->paths, peer_node)
		if (path->state == SCSIIP_PATH_UP)
			return SCSIIP_PEER_UP;
	return SCSIIP_PEER_DOWN;
}

/**
 * scsiip_peer_refresh() - its paths have changed: tell userspace
 * @peer: the peer
 *
 * Context: RTNL.
 */
void scsiip_peer_refresh(struct scsiip_peer *peer)
{
	bool up = scsiip_peer_state(peer) == SCSIIP_PEER_UP;

	if (peer->up == up)
		return;

	peer->up = up;
	scsiip_notify_peer(up ? SCSIIP_EVENT_PEER_UP : SCSIIP_EVENT_PEER_DOWN,
			   peer);
}

/**
 * scsiip_peer_alive() - is any of its paths up?
 * @peer: the peer
 *
 * Context: RTNL.
 */
bool scsiip_peer_alive(const struct scsiip_peer *peer)
{
	struct scsiip_path *path;

	list_for_each_entry(path, &peer->paths, peer_node)
		if (READ_ONCE(path->usable))
			return true;
	return false;
}

/**
 * scsiip_peer_hopeful() - is a path up, or was it a moment ago?
 * @peer: the peer
 *
 * A path may be suspect, or not move for less than a second. Otherwise what is
 * queued would hold its socket for as long as the peer is away.
 *
 * Context: any.
 */
bool scsiip_peer_hopeful(const struct scsiip_peer *peer)
{
	struct scsiip_path *path;
	bool hopeful = false;

	rcu_read_lock();
	list_for_each_entry_rcu(path, &peer->paths, peer_node)
		if (READ_ONCE(path->state) == SCSIIP_PATH_UP &&
		    !READ_ONCE(path->stalled))
			hopeful = true;
	rcu_read_unlock();
	return hopeful;
}

static void peer_release(struct kref *ref)
{
	struct scsiip_peer *peer = container_of(ref, struct scsiip_peer, ref);

	scsiip_counters_put(peer->link_counters);
	scsiip_counters_put(peer->counters);
	kfree_rcu(peer, rcu);
}

/**
 * scsiip_peer_put() - drop a reference
 * @peer: the peer
 *
 * Context: any.
 */
void scsiip_peer_put(struct scsiip_peer *peer)
{
	kref_put(&peer->ref, peer_release);
}

/* Context: queue.lock. */
static void peer_schedule(struct scsiip_peer *peer)
{
	queue_work_on(peer->cpu, scsiip_wq, &peer->work);
}

/*
 * An acknowledgment takes the sender's processor less time than waking another.
 * The workqueue sees to it that the work does not run on two. Context:
 * queue.lock.
 */
static void peer_schedule_here(struct scsiip_peer *peer)
{
	int cpu = smp_processor_id();

	if (READ_ONCE(peer->one_cpu) || !housekeeping_cpu(cpu, HK_TYPE_WQ))
		cpu = peer->cpu;
	queue_work_on(cpu, scsiip_wq, &peer->work);
}

/**
 * scsiip_peer_enqueue() - hand a datagram to a peer
 * @peer: the peer
 * @skb: the datagram, consumed; dropped and counted if the queue is full
 *
 * Context: any. Return: whether it was queued.
 */
bool scsiip_peer_enqueue(struct scsiip_peer *peer, struct sk_buff *skb)
{
	bool queued = false, here;
	unsigned long flags;

	spin_lock_irqsave(&peer->queue.lock, flags);
	if (!peer->dead &&
	    peer->queued + skb->truesize <= SCSIIP_QUEUE_BYTES) {
		SCSIIP_SKB_CB(skb)->charged = skb->truesize;
		peer->queued += skb->truesize;
		here = skb_is_tcp_pure_ack(skb) && skb_queue_empty(&peer->queue);
		/* first: the work looks without the lock whether there is any */
		__skb_queue_tail(&peer->queue, skb);
		if (here)
			peer_schedule_here(peer);
		else
			peer_schedule(peer);
		queued = true;
	}
	spin_unlock_irqrestore(&peer->queue.lock, flags);

	if (!queued) {
		scsiip_peer_count(peer, SCSIIP_COUNTER_TX_QUEUE_FULL);
		scsiip_transmit_drop(peer->lladdr, skb,
				     SCSIIP_COUNTER_TX_QUEUE_FULL);
	}
	return queued;
}

/**
 * scsiip_peer_resend() - put a datagram that was not delivered back in front
 * @peer: the peer
 * @skb: the datagram
 *
 * Context: any. Return: false, and @skb left alone, if the peer is gone.
 */
bool scsiip_peer_resend(struct scsiip_peer *peer, struct sk_buff *skb)
{
	unsigned long flags;
	bool dead;

	spin_lock_irqsave(&peer->queue.lock, flags);
	dead = peer->dead;
	if (!dead) {
		SCSIIP_SKB_CB(skb)->charged = skb->truesize;
		peer->queued += skb->truesize;
		__skb_queue_head(&peer->queue, skb);
		peer_schedule(peer);
	}
	spin_unlock_irqrestore(&peer->queue.lock, flags);
	return !dead;
}

/**
 * scsiip_peer_kick() - let the peer's work run if it has anything to send
 * @peer: the peer
 *
 * Context: any.
 */
void scsiip_peer_kick(struct scsiip_peer *peer)
{
	unsigned long flags;

	if (skb_queue_empty_lockless(&peer->queue))
		return;

	spin_lock_irqsave(&peer->queue.lock, flags);
	if (!peer->dead && !skb_queue_empty(&peer->queue))
		peer_schedule(peer);
	spin_unlock_irqrestore(&peer->queue.lock, flags);
}

/**
 * scsiip_peer_kick_later() - the same after a moment
 * @peer: the peer
 *
 * Context: any.
 */
void scsiip_peer_kick_later(struct scsiip_peer *peer)
{
	unsigned long flags;

	spin_lock_irqsave(&peer->queue.lock, flags);
	if (!peer->dead)
		mod_timer(&peer->retry, jiffies + RETRY_DELAY);
	spin_unlock_irqrestore(&peer->queue.lock, flags);
}

/**
 * scsiip_peer_purge() - drop and count what is queued
 * @peer: the peer
 *
 * Context: any in which the peer's work does not run at the same time.
 */
void scsiip_peer_purge(struct scsiip_peer *peer)
{
	struct sk_buff_head purged;
	struct sk_buff *skb;
	unsigned long flags;

	__skb_queue_head_init(&purged);
	spin_lock_irqsave(&peer->queue.lock, flags);
	skb_queue_splice_init(&peer->queue, &purged);
	peer->queued = 0;
	spin_unlock_irqrestore(&peer->queue.lock, flags);

	while ((skb = __skb_dequeue(&purged))) {
		scsiip_peer_count(peer, SCSIIP_COUNTER_TX_NO_PATH);
		scsiip_transmit_drop(peer->lladdr, skb,
				     SCSIIP_COUNTER_TX_NO_PATH);
	}
}
