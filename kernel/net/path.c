// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths: the upper-level driver that binds to every logical unit of type 09h,
 * the checks that keep a path's state true, and which interface it goes to.
 *
 * probe() and remove() take no RTNL: everything that does happens in the
 * path's work, or in a write to its sysfs attributes. remove() leaves what is
 * in flight to the transport. A tick looks at all paths, because a blocked
 * device tells nobody.
 */
#include <linux/capability.h>
#include <linux/etherdevice.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_driver.h>
#include <scsi/scsi_host.h>

#include "compat.h"
#include "device.h"
#include "netlink.h"
#include "path.h"
#include "peer.h"
#include "scsiip.h"
#include "transmit.h"

#define TICK_INTERVAL	(HZ / 4)
#define CHECK_INTERVAL	(3 * HZ)
#define CHECK_TIMEOUT	(5 * HZ)	/* no sign of life: the path is down */
#define STOP_TIMEOUT	HZ		/* not moving: let go of the senders */

static struct workqueue_struct *path_wq;	/* takes RTNL */

DEFINE_SRCU(scsiip_path_srcu);

static LIST_HEAD(paths);			/* bound ones */
static DEFINE_MUTEX(paths_lock);
static atomic_t generation = ATOMIC_INIT(0);	/* of interface settings */

/* of the hosts on our own bus, while its module is loaded */
static const struct scsi_host_template *bus_template;
static LIST_HEAD(bus_hosts);			/* with a unit; RTNL */

static void path_tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(tick, path_tick);

static const char * const state_names[] = {
	[SCSIIP_PATH_NEW]		= "new",
	[SCSIIP_PATH_UP]		= "up",
	[SCSIIP_PATH_UNATTACHED]	= "unattached",
	[SCSIIP_PATH_AMBIGUOUS]		= "ambiguous",
	[SCSIIP_PATH_DETACHED]		= "detached",
	[SCSIIP_PATH_BLOCKED]		= "blocked",
	[SCSIIP_PATH_TIMEOUT]		= "timeout",
	[SCSIIP_PATH_NOT_READY]		= "not-ready",
	[SCSIIP_PATH_NO_IDENTITY]	= "no-identity",
	[SCSIIP_PATH_NO_DESIGNATOR]	= "no-designator",
	[SCSIIP_PATH_OWN]		= "own",
	[SCSIIP_PATH_DUPLICATE]		= "duplicate",
	[SCSIIP_PATH_READ_ONLY]		= "read-only",
	[SCSIIP_PATH_TOO_SMALL]		= "too-small",
	[SCSIIP_PATH_MISMATCH]		= "mismatch",
};

static void path_release(struct kref *ref)
{
	struct scsiip_path *path = container_of(ref, struct scsiip_path, ref);

	scsiip_counters_put(path->counters);
	kfree(path->check.buf);
	kfree_rcu(path, rcu);
}

/**
 * scsiip_path_get() - take a reference
 * @path: the path
 *
 * Context: any.
 */
void scsiip_path_get(struct scsiip_path *path)
{
	kref_get(&path->ref);
}

/**
 * scsiip_path_put() - drop a reference
 * @path: the path
 *
 * Context: any.
 */
void scsiip_path_put(struct scsiip_path *path)
{
	kref_put(&path->ref, path_release);
}

/**
 * scsiip_path_kick() - let the path's work run
 * @path: the path
 *
 * Scheduled work holds a reference.
 *
 * Context: any.
 */
void scsiip_path_kick(struct scsiip_path *path)
{
	scsiip_path_get(path);
	if (!queue_work(path_wq, &path->work))
		scsiip_path_put(path);
}

/**
 * scsiip_path_suspect() - a datagram came to grief: look at the path at once
 * @path: the path
 *
 * No datagram goes this way until the check says it may.
 *
 * Context: any.
 */
void scsiip_path_suspect(struct scsiip_path *path)
{
	WRITE_ONCE(path->usable, false);
	WRITE_ONCE(path->next_check, jiffies);
	scsiip_path_kick(path);
}

/**
 * scsiip_path_runnable() - does the transport take commands?
 * @path: the path
 *
 * Context: any, on the read side of scsiip_path_srcu.
 */
bool scsiip_path_runnable(const struct scsiip_path *path)
{
	struct scsi_device *sdev = path->sdev;

	return !READ_ONCE(path->removed) &&
	       READ_ONCE(sdev->sdev_state) == SDEV_RUNNING &&
	       !scsi_host_in_recovery(sdev->host);
}

/* Is the path known not to move? Senders should not wait for it then. */
static bool path_stopped(const struct scsiip_path *path)
{
	return path->stopped &&
	       time_after(jiffies, path->stopped_since + STOP_TIMEOUT);
}

/* The interface of a path, under RTNL. */
static struct scsiip_link *path_link(const struct scsiip_path *path)
{
	struct scsiip_peer *peer = rtnl_dereference(path->peer);

	return peer ? peer->link : NULL;
}

/* Has it an identity page that says anything? */
static bool path_identified(const struct scsiip_path *path)
{
	return !is_zero_ether_addr(path->identity.lladdr);
}

/* The address that the administrator has given to the unit, or NULL. */
static const u8 *path_pinned(const struct scsiip_path *path,
			     const struct scsiip_peer *peer)
{
	if (!is_zero_ether_addr(path->pinned))
		return path->pinned;
	return peer && peer->is_static ? peer->lladdr : NULL;
}

/* The address behind the path, NULL if nobody says it. */
static const u8 *path_lladdr(const struct scsiip_path *path,
			     const struct scsiip_peer *peer)
{
	return path_identified(path) ? path->identity.lladdr :
				       path_pinned(path, peer);
}

static void path_set_state(struct scsiip_path *path,
			   enum scsiip_path_state state)
{
	struct scsiip_peer *peer = rtnl_dereference(path->peer);

	if (path->state == state)
		return;

	/* the transmit work looks at it */
	WRITE_ONCE(path->state, state);
	if (!peer)
		return;

	scsiip_notify_path(SCSIIP_EVENT_PATH_STATE, path, peer);
	scsiip_peer_refresh(peer);
	if (net_ratelimit())
		netdev_info(peer->link->dev, "path %s to peer %pM is %s\n",
			    path->name, peer->lladdr, state_names[state]);
}

/* What a peer takes is what all its paths can carry. */
static void path_update_peer(struct scsiip_path *path, struct scsiip_peer *peer)
{
	unsigned int mtu = path_identified(path) ? path->identity.mtu :
						   SCSIIP_MAX_DATAGRAM;
	struct net_device *dev = peer->link->dev;
	struct scsiip_path *other;

	list_for_each_entry(other, &peer->paths, peer_node)
		mtu = min(mtu, other->limit);

	scsiip_peer_update(peer, path_lladdr(path, peer), mtu);
	/* none of them may take IPv6 from all others */
	mtu = max_t(unsigned int, mtu, IPV6_MIN_MTU);
	if (mtu < dev->mtu) {
		netdev_info(dev, "MTU lowered to %u, what peer %pM takes\n",
			    mtu, peer->lladdr);
		dev_set_mtu(dev, mtu);
	}
}

/* Does the interface with that address send from this port of our own bus? */
static bool bus_sends_from(const char *name, const u8 *lladdr)
{
	const struct scsiip_bus_host *host;
	const struct net_device *dev;

	list_for_each_entry(host, &bus_hosts, node) {
		if (strcmp(host->name, name))
			continue;
		dev = rtnl_dereference(host->unit->dev);
		return dev && ether_addr_equal(dev->dev_addr, lladdr);
	}
	return false;
}

static void bus_set_initiator(struct scsiip_peer *peer, const char *name)
{
	if (scsiip_peer_set_initiator(peer, name))
		return;
	peer->initiator_found = true;
	scsiip_notify_peer(SCSIIP_EVENT_PEER_CHANGE, peer);
}

/*
 * On our own bus a port is target and initiator, and we know which interface
 * sends from it: not every one that it presents. Of several ports the first to
 * be seen counts, as long as the interface is behind it, and what the
 * administrator has said before that.
 */
static void path_identify_peer(const struct scsiip_path *path,
			       struct scsiip_peer *peer)
{
	struct scsiip_peer *holder;

	if (!path->bus)
		return;

	holder = scsiip_peer_by_initiator(peer->link, path->target);
	if (bus_sends_from(path->target, peer->lladdr)) {
		if (holder == peer)
			return;
		if (peer->initiator[0] &&
		    (!peer->initiator_found ||
		     bus_sends_from(peer->initiator, peer->lladdr))) {
			WRITE_ONCE(peer->more_initiators, true);
			return;
		}
		if (holder)
			bus_set_initiator(holder, "");
		bus_set_initiator(peer, path->target);
	} else if (holder == peer) {
		bus_set_initiator(peer, "");
	}
}

/* May @path be, or stay, a way to @peer (NULL: a new one) of @link? */
static enum scsiip_path_state path_judge(const struct scsiip_path *path,
					 const struct scsiip_link *link,
					 const struct scsiip_peer *peer)
{
	const u8 *lladdr = path_lladdr(path, peer);
	const u8 *pinned = path_pinned(path, peer);
	const struct scsiip_peer *other;

	if (!lladdr)
		return SCSIIP_PATH_NO_IDENTITY;
	if (pinned && !ether_addr_equal(lladdr, pinned))
		return SCSIIP_PATH_MISMATCH;
	if (peer && peer->is_static && !ether_addr_equal(lladdr, peer->lladdr))
		return SCSIIP_PATH_MISMATCH;
	if (ether_addr_equal(lladdr, link->dev->dev_addr))
		return SCSIIP_PATH_OWN;

	other = scsiip_peer_lookup(link, lladdr);
	if (other && other != peer)
		return SCSIIP_PATH_DUPLICATE;

	/* IPv6 wants 1280, and nothing with less is worth the trouble */
	if (path->limit < 1280)
		return SCSIIP_PATH_TOO_SMALL;
	return SCSIIP_PATH_UP;
}

static enum scsiip_path_state path_attach(struct scsiip_path *path,
					  struct scsiip_link *link)
{
	struct scsiip_peer *peer = scsiip_peer_by_designator(link,
							     &path->designator);
	enum scsiip_path_state state = path_judge(path, link, peer);
	static u64 last_id;

	/* whoever has added the peer wants to see where it differs */
	if (state != SCSIIP_PATH_UP && !(peer && state == SCSIIP_PATH_MISMATCH))
		return state;

	if (!peer) {
		peer = scsiip_peer_create(link, path_lladdr(path, NULL),
					  &path->designator, false);
		if (!peer)
			return SCSIIP_PATH_UNATTACHED;
		scsiip_notify_peer(SCSIIP_EVENT_PEER_NEW, peer);
	}

	/* readers of the list it was in before must be through */
	cond_synchronize_rcu(path->detached);
	path->peer_id = ++last_id;
	WRITE_ONCE(path->state, SCSIIP_PATH_NEW);
	if (path->many_queues)
		WRITE_ONCE(peer->one_cpu, true);
	list_add_tail_rcu(&path->peer_node, &peer->paths);
	rcu_assign_pointer(path->peer, peer);
	scsiip_notify_path(SCSIIP_EVENT_PATH_NEW, path, peer);
	return state;
}

/* Whoever wants it left alone does not care why it would not do. */
static enum scsiip_path_state path_out_of_use(const struct scsiip_path *path,
					      enum scsiip_path_state why)
{
	return READ_ONCE(path->policy) == SCSIIP_POLICY_NONE ?
	       SCSIIP_PATH_DETACHED : why;
}

/**
 * scsiip_path_detach() - take a path from its peer
 * @path: an attached one
 *
 * Context: RTNL.
 */
void scsiip_path_detach(struct scsiip_path *path)
{
	struct scsiip_peer *peer = rtnl_dereference(path->peer);

	WRITE_ONCE(path->usable, false);
	list_del_rcu(&path->peer_node);
	RCU_INIT_POINTER(path->peer, NULL);
	path->detached = get_state_synchronize_rcu();
	path_set_state(path, path_out_of_use(path, SCSIIP_PATH_UNATTACHED));
	/* look for another interface */
	path->generation--;

	scsiip_notify_path(SCSIIP_EVENT_PATH_DEL, path, peer);
	scsiip_peer_refresh(peer);
}

/*
 * The same, and a peer that has no path any more goes, unless the administrator
 * has added it. Context: RTNL.
 */
static void path_leave(struct scsiip_path *path)
{
	struct scsiip_peer *peer = rtnl_dereference(path->peer);
	struct scsiip_link *link;

	if (!peer)
		return;

	link = peer->link;
	scsiip_path_detach(path);
	if (list_empty(&peer->paths) && !peer->is_static)
		scsiip_peer_remove(peer);
	else if (!scsiip_peer_alive(peer))
		scsiip_peer_purge(peer);
	scsiip_link_update_carrier(link);
}

/* The interface an administrator has named. Context: RTNL. */
static struct scsiip_link *link_named(const char *name, u64 net_cookie)
{
	struct scsiip_link *link;

	list_for_each_entry(link, &scsiip_links, node)
		if (dev_net(link->dev)->net_cookie == net_cookie &&
		    !strcmp(link->dev->name, name) &&
		    link->dev->reg_state == NETREG_REGISTERED)
			return link;
	return NULL;
}

/*
 * On our own bus the administrator has said it all: the interface behind the
 * host's own logical unit. Context: RTNL.
 */
static struct scsiip_link *link_on_bus(const struct scsiip_path *path)
{
	struct scsiip_link *link = NULL;
	int idx;

	idx = srcu_read_lock(&scsiip_path_srcu);
	if (!READ_ONCE(path->removed) && path->bus->unit) {
		struct net_device *dev = rtnl_dereference(path->bus->unit->dev);

		if (dev && dev->reg_state == NETREG_REGISTERED)
			link = netdev_priv(dev);
	}
	srcu_read_unlock(&scsiip_path_srcu, idx);
	return link;
}

/*
 * The interface to which the administrator has added the unit as a peer.
 * Context: RTNL.
 */
static enum scsiip_path_state link_claiming(const struct scsiip_path *path,
					    struct scsiip_link **choice)
{
	const struct scsiip_link *present = path_link(path);
	enum scsiip_path_state state = SCSIIP_PATH_UNATTACHED;
	const struct scsiip_peer *peer;
	struct scsiip_link *link;

	list_for_each_entry(link, &scsiip_links, node) {
		peer = scsiip_peer_by_designator(link, &path->designator);
		if (!peer || !peer->is_static ||
		    link->dev->reg_state != NETREG_REGISTERED)
			continue;
		if (link == present || state == SCSIIP_PATH_UNATTACHED) {
			*choice = link;
			state = SCSIIP_PATH_UP;
		} else {
			*choice = NULL;
			state = SCSIIP_PATH_AMBIGUOUS;
		}
		if (link == present)
			break;
	}
	return state;
}

/*
 * The interface a path should go to, or the reason why there is none. By
 * itself a unit becomes a peer only where the administrator gave an interface
 * the network name it announces: a disk array one logs in to must not become a
 * neighbour by showing a type 09h unit. Context: RTNL.
 */
static enum scsiip_path_state path_choose(struct scsiip_path *path,
					  struct scsiip_link **choice)
{
	const struct scsiip_identity *identity = &path->identity;
	struct scsiip_link *present = path_link(path);
	enum scsiip_path_state state;
	struct scsiip_link *link;

	*choice = NULL;
	switch (path->policy) {
	case SCSIIP_POLICY_NONE:
		return SCSIIP_PATH_DETACHED;
	case SCSIIP_POLICY_NETDEV:
		*choice = link_named(path->netdev, path->net_cookie);
		return *choice ? SCSIIP_PATH_UP : SCSIIP_PATH_UNATTACHED;
	default:
		break;
	}

	if (path->bus) {
		*choice = link_on_bus(path);
		return *choice ? SCSIIP_PATH_UP : SCSIIP_PATH_UNATTACHED;
	}

	state = link_claiming(path, choice);
	if (state != SCSIIP_PATH_UNATTACHED)
		return state;

	if (!path_identified(path)) {
		*choice = present;
		if (present)
			return SCSIIP_PATH_UP;
		return path_pinned(path, NULL) ? SCSIIP_PATH_UNATTACHED :
						 SCSIIP_PATH_NO_IDENTITY;
	}

	if (!identity->network[0])
		return SCSIIP_PATH_UNATTACHED;

	if (present && !strcmp(present->network, identity->network)) {
		*choice = present;
		return SCSIIP_PATH_UP;
	}

	list_for_each_entry(link, &scsiip_links, node) {
		if (strcmp(link->network, identity->network) ||
		    link->dev->reg_state != NETREG_REGISTERED)
			continue;
		if (ether_addr_equal(link->dev->dev_addr, identity->lladdr)) {
			if (state == SCSIIP_PATH_UNATTACHED)
				state = SCSIIP_PATH_OWN;
			continue;
		}
		if (*choice) {
			*choice = NULL;
			return SCSIIP_PATH_AMBIGUOUS;
		}
		*choice = link;
		state = SCSIIP_PATH_UP;
	}
	return state;
}

/* Attach, move or keep the path as its identity has it. Context: RTNL. */
static void path_place(struct scsiip_path *path)
{
	struct scsiip_peer *peer = rtnl_dereference(path->peer);
	struct scsiip_link *link;
	enum scsiip_path_state state;
	bool was_usable;

	state = path_choose(path, &link);
	if (peer && (peer->link != link ||
		     !scsiip_designator_equal(&peer->designator,
					      &path->designator))) {
		path_leave(path);
		peer = NULL;
	}

	was_usable = READ_ONCE(path->usable);
	if (state == SCSIIP_PATH_UP)
		state = peer ? path_judge(path, link, peer) :
			       path_attach(path, link);

	path->generation = atomic_read(&generation);
	path_set_state(path, state);
	WRITE_ONCE(path->usable, state == SCSIIP_PATH_UP);
	peer = rtnl_dereference(path->peer);
	if (!peer)
		return;

	if (state == SCSIIP_PATH_UP) {
		path_update_peer(path, peer);
		path_identify_peer(path, peer);
		/* it may have what nobody else had */
		if (!was_usable)
			scsiip_arp_flush(&link->arp, BIT(SCSIIP_ARP_NEGATIVE));
		scsiip_peer_kick(peer);
	}
	scsiip_link_update_carrier(peer->link);
}

/* The path cannot be used; it stays with its peer for when it returns. */
static void path_down(struct scsiip_path *path, enum scsiip_path_state state)
{
	struct scsiip_peer *peer;

	if (path_out_of_use(path, state) == path->state && !path->usable)
		return;

	rtnl_lock();
	WRITE_ONCE(path->usable, false);
	state = path_out_of_use(path, state);
	/* before the queue is purged: it stays empty from then on */
	path_set_state(path, state);
	peer = rtnl_dereference(path->peer);
	if (peer) {
		scsiip_link_update_carrier(peer->link);
		if (!scsiip_peer_alive(peer))
			scsiip_peer_purge(peer);
	}
	path->sound = false;
	rtnl_unlock();
}

/* A check has ended well. RTNL is taken only where something is new. */
static void path_up(struct scsiip_path *path)
{
	struct scsiip_check *check = &path->check;

	WRITE_ONCE(path->last_response, jiffies);
	if (path->state == SCSIIP_PATH_UP && READ_ONCE(path->usable) &&
	    path->generation == atomic_read(&generation) &&
	    scsiip_designator_equal(&path->designator, &check->designator) &&
	    !memcmp(&path->identity, &check->identity, sizeof(check->identity)))
		return;

	rtnl_lock();
	path->identity = check->identity;
	path->designator = check->designator;
	path->sound = true;
	path_place(path);
	rtnl_unlock();
}

static void path_dispose(struct scsiip_path *path)
{
	if (path->disposed)
		return;

	path->disposed = true;
	rtnl_lock();
	path_leave(path);
	rtnl_unlock();

	/* nobody watches it any more; the lock keeps the tick out */
	mutex_lock(&paths_lock);
	scsiip_transmit_orphan(path);
	mutex_unlock(&paths_lock);
	scsiip_path_put(path);		/* of the binding */
}

/*
 * Send the next command of the check, or a first one if it is time. Return:
 * whether a check is over, with its outcome.
 */
static bool path_check(struct scsiip_path *path,
		       enum scsiip_path_state *outcome)
{
	struct scsiip_check *check = &path->check;

	if (check->active) {
		/* pairs with check_end_io() */
		if (smp_load_acquire(&check->busy) ||
		    !scsiip_check_advance(path, outcome))
			return false;
		path->limit = scsiip_transmit_limit(path);
		path->align = scsiip_transmit_alignment(path);
		return true;
	}

	if (scsiip_path_runnable(path) &&
	    time_after_eq(jiffies, READ_ONCE(path->next_check)))
		scsiip_check_start(path);
	return false;
}

/* Has a check been under way for that long, without any sign of life? */
static bool path_silent(const struct scsiip_path *path, unsigned long timeout)
{
	/* pairs with scsiip_check_start() */
	return smp_load_acquire(&path->check.active) &&
	       time_after(jiffies, path->check.started + timeout) &&
	       time_after(jiffies, READ_ONCE(path->last_response) + timeout);
}

/* Is anything in flight, and has not moved for a while? */
static bool path_stuck(struct scsiip_path *path)
{
	bool stuck;

	spin_lock_irq(&path->lock);
	stuck = !list_empty(&path->transmits) &&
		time_after(jiffies, path->last_progress + STOP_TIMEOUT);
	spin_unlock_irq(&path->lock);
	return stuck;
}

static void path_work(struct work_struct *work)
{
	struct scsiip_path *path = container_of(work, struct scsiip_path, work);
	enum scsiip_path_state outcome;
	bool removed, over = false;
	int idx;

	idx = srcu_read_lock(&scsiip_path_srcu);
	removed = READ_ONCE(path->removed);
	if (!removed)
		over = path_check(path, &outcome);
	srcu_read_unlock(&scsiip_path_srcu, idx);

	if (over)
		WRITE_ONCE(path->next_check, jiffies + CHECK_INTERVAL +
			   get_random_u32_below(HZ));

	if (removed)
		path_dispose(path);
	else if (over && outcome == SCSIIP_PATH_UP)
		path_up(path);
	else if (over)
		path_down(path, outcome);
	else if (path_stopped(path))
		path_down(path, SCSIIP_PATH_BLOCKED);
	else if (path_silent(path, CHECK_TIMEOUT))
		path_down(path, SCSIIP_PATH_TIMEOUT);

	scsiip_path_put(path);
}

/* One path, once a tick. Context: paths_lock, which remove() takes. */
static void path_watch(struct scsiip_path *path)
{
	bool runnable = scsiip_path_runnable(path), stopped, stuck, stalled;
	struct scsiip_peer *peer;

	if (runnable) {
		path->stopped = false;
	} else if (!path->stopped) {
		path->stopped_since = jiffies;
		path->stopped = true;
	}

	stopped = path_stopped(path);
	stuck = path_stuck(path);
	if (stuck || stopped)
		scsiip_transmit_orphan(path);

	/* it may be one datagram that got lost: does anything else move? */
	if (stuck && time_after(jiffies, READ_ONCE(path->last_response) +
					 STOP_TIMEOUT))
		WRITE_ONCE(path->next_check, jiffies);
	stalled = stopped || (stuck && path_silent(path, STOP_TIMEOUT));
	WRITE_ONCE(path->stalled, stalled);

	if (path->check.active || stopped ||
	    time_after_eq(jiffies, READ_ONCE(path->next_check)))
		scsiip_path_kick(path);

	/*
	 * A device that was blocked for a moment has nobody else to tell, nor
	 * has the queue of a peer whose path stalls.
	 */
	rcu_read_lock();
	peer = rcu_dereference(path->peer);
	if (peer && (runnable || stalled))
		scsiip_peer_kick(peer);
	rcu_read_unlock();
}

static void path_tick(struct work_struct *work)
{
	struct scsiip_path *path;

	mutex_lock(&paths_lock);
	list_for_each_entry(path, &paths, node)
		path_watch(path);
	if (!list_empty(&paths))
		queue_delayed_work(path_wq, &tick, TICK_INTERVAL);
	mutex_unlock(&paths_lock);
}

static void path_name_netdev(struct scsiip_path *path,
			     const struct net_device *dev)
{
	strscpy(path->netdev, dev->name, sizeof(path->netdev));
	path->net_cookie = dev_net(dev)->net_cookie;
}

/**
 * scsiip_paths_recheck() - the set of interfaces, or their settings, changed
 *
 * Every path is looked at again soon.
 *
 * Context: process, RTNL or not.
 */
void scsiip_paths_recheck(void)
{
	struct scsiip_path *path;

	atomic_inc(&generation);
	mutex_lock(&paths_lock);
	list_for_each_entry(path, &paths, node)
		WRITE_ONCE(path->next_check, jiffies);
	mutex_unlock(&paths_lock);
}

/**
 * scsiip_paths_follow() - an interface has another name, or namespace
 * @link: its
 *
 * What the administrator has attached to it by its name stays with it.
 *
 * Context: RTNL.
 */
void scsiip_paths_follow(const struct scsiip_link *link)
{
	const struct scsiip_peer *peer;
	struct scsiip_path *path;

	list_for_each_entry(peer, &link->peers, node)
		list_for_each_entry(path, &peer->paths, peer_node)
			if (path->policy == SCSIIP_POLICY_NETDEV)
				path_name_netdev(path, link->dev);
}

/**
 * scsiip_paths_claim() - the administrator has added a logical unit as a peer
 * @designator: names it
 *
 * Elsewhere than on our own bus, this takes back that it be left alone.
 *
 * Context: RTNL.
 */
void scsiip_paths_claim(const struct scsiip_designator *designator)
{
	struct scsiip_path *path;

	mutex_lock(&paths_lock);
	list_for_each_entry(path, &paths, node)
		if (!path->bus && path->policy == SCSIIP_POLICY_NONE &&
		    scsiip_designator_equal(&path->designator, designator))
			WRITE_ONCE(path->policy, SCSIIP_POLICY_AUTO);
	mutex_unlock(&paths_lock);
	scsiip_paths_recheck();
}

/**
 * scsiip_bus_register() - hosts of that template are on our own bus
 * @template: the hostdata of its hosts begins with a struct scsiip_bus_host;
 *	NULL when there are none any more
 *
 * Context: process.
 */
void scsiip_bus_register(const struct scsi_host_template *template)
{
	WRITE_ONCE(bus_template, template);
}
EXPORT_SYMBOL_GPL(scsiip_bus_register);

/**
 * scsiip_bus_set_unit() - a host on the bus has another logical unit
 * @host: the host
 * @unit: enabled, and so until the next call; NULL for none, and at the latest
 *	before the host goes
 *
 * Context: process, no RTNL held. When this returns nobody uses the unit that
 * was there before.
 */
void scsiip_bus_set_unit(struct scsiip_bus_host *host, struct scsiip_unit *unit)
{
	rtnl_lock();
	list_del_init(&host->node);
	host->unit = unit;
	if (unit)
		list_add(&host->node, &bus_hosts);
	rtnl_unlock();
	scsiip_paths_recheck();
}
EXPORT_SYMBOL_GPL(scsiip_bus_set_unit);

/**
 * scsiip_path_find() - find a scsi_device of type 09h
 * @name: H:C:T:L
 *
 * Context: process. Return: the path, with a reference, or NULL.
 */
struct scsiip_path *scsiip_path_find(const char *name)
{
	struct scsiip_path *path, *found = NULL;

	mutex_lock(&paths_lock);
	list_for_each_entry(path, &paths, node) {
		if (strcmp(path->name, name))
			continue;
		scsiip_path_get(path);
		found = path;
		break;
	}
	mutex_unlock(&paths_lock);
	return found;
}

/**
 * scsiip_paths_walk() - visit paths in the order they came
 * @after: id of the last one that needs no visit; goes along
 * @visit: called for each; what is not 0 ends the walk, and @after stays where
 *	it was
 * @data: for @visit
 *
 * While a path is visited its scsi_device stays.
 *
 * Context: process; @visit must not take RTNL, which may be held.
 * Return: what @visit said last.
 */
int scsiip_paths_walk(u64 *after,
		      int (*visit)(struct scsiip_path *path, void *data),
		      void *data)
{
	struct scsiip_path *path;
	int ret = 0;

	mutex_lock(&paths_lock);
	list_for_each_entry(path, &paths, node) {
		if (path->id <= *after)
			continue;
		ret = visit(path, data);
		if (ret)
			break;
		*after = path->id;
	}
	mutex_unlock(&paths_lock);
	return ret;
}

/**
 * scsiip_path_set_policy() - the administrator decides where a path goes
 * @path: the path
 * @policy: how
 * @dev: for %SCSIIP_POLICY_NETDEV, one of ours
 *
 * scsiip_path_apply() does what follows from it.
 *
 * Context: RTNL.
 */
void scsiip_path_set_policy(struct scsiip_path *path,
			    enum scsiip_path_policy policy,
			    const struct net_device *dev)
{
	WRITE_ONCE(path->policy, policy);
	if (policy == SCSIIP_POLICY_NETDEV)
		path_name_netdev(path, dev);
}

/**
 * scsiip_path_apply() - policy or pinned address of a path have changed
 * @path: the path
 *
 * Context: RTNL.
 */
void scsiip_path_apply(struct scsiip_path *path)
{
	/* what does not answer is left alone, too */
	if (path->policy == SCSIIP_POLICY_NONE) {
		path_leave(path);
		path_set_state(path, SCSIIP_PATH_DETACHED);
	} else if (path->sound && !READ_ONCE(path->removed)) {
		path_place(path);
	}
	WRITE_ONCE(path->next_check, jiffies);
}

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct scsiip_path *path = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", state_names[READ_ONCE(path->state)]);
}
static DEVICE_ATTR_RO(state);

static ssize_t netdev_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct scsiip_path *path = dev_get_drvdata(dev);
	struct scsiip_link *link;
	ssize_t len;

	rtnl_lock();
	link = path_link(path);
	len = sysfs_emit(buf, "%s\n", link ? link->dev->name : "");
	rtnl_unlock();
	return len;
}

static int path_set_policy(struct scsiip_path *path, const char *name)
{
	if (!strcmp(name, "auto")) {
		scsiip_path_set_policy(path, SCSIIP_POLICY_AUTO, NULL);
	} else if (!strcmp(name, "none")) {
		scsiip_path_set_policy(path, SCSIIP_POLICY_NONE, NULL);
	} else {
		struct net *net = current->nsproxy->net_ns;
		struct net_device *dev = __dev_get_by_name(net, name);

		if (!dev)
			return -ENODEV;
		if (!scsiip_is_link(dev))
			return -EINVAL;
		scsiip_path_set_policy(path, SCSIIP_POLICY_NETDEV, dev);
	}

	scsiip_path_apply(path);
	return 0;
}

static ssize_t netdev_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	struct scsiip_path *path = dev_get_drvdata(dev);
	char name[IFNAMSIZ + 1];	/* and a newline */
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (count >= sizeof(name))
		return -EINVAL;
	strscpy(name, buf, sizeof(name));
	strim(name);

	rtnl_lock();
	ret = path_set_policy(path, name);
	rtnl_unlock();
	return ret ?: count;
}
static DEVICE_ATTR_RW(netdev);

static ssize_t lladdr_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct scsiip_path *path = dev_get_drvdata(dev);
	ssize_t len = 0;

	rtnl_lock();
	if (path_identified(path))
		len = sysfs_emit(buf, "%pM\n", path->identity.lladdr);
	rtnl_unlock();
	return len;
}
static DEVICE_ATTR_RO(lladdr);

static ssize_t network_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct scsiip_path *path = dev_get_drvdata(dev);
	ssize_t len;

	rtnl_lock();
	len = sysfs_emit(buf, "%s\n", path->identity.network);
	rtnl_unlock();
	return len;
}
static DEVICE_ATTR_RO(network);

static struct attribute *path_attributes[] = {
	&dev_attr_state.attr,
	&dev_attr_netdev.attr,
	&dev_attr_lladdr.attr,
	&dev_attr_network.attr,
	NULL,
};

/* /sys/bus/scsi/devices/H:C:T:L/scsiip/, see docs/interface.md */
static const struct attribute_group path_group = {
	.name = "scsiip",
	.attrs = path_attributes,
};

static const struct attribute_group *path_groups[] = {
	&path_group,
	NULL,
};

static void path_on_bus(struct scsiip_path *path, struct scsi_device *sdev)
{
	const struct scsiip_bus_device *device = sdev->hostdata;

	path->bus = shost_priv(sdev->host);
	strscpy(path->target, device->target, sizeof(path->target));
}

static int path_probe(struct device *dev)
{
	struct scsi_device *sdev = to_scsi_device(dev);
	struct scsiip_path *path;
	static u64 last_id;
	int ret = -ENOMEM;

	if (sdev->type != TYPE_COMM)
		return -ENODEV;

	path = kzalloc(sizeof(*path), GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	path->check.buf = kmalloc(SCSIIP_CHECK_BUF, GFP_KERNEL);
	if (!path->check.buf)
		goto err_free;
	path->counters = scsiip_counters_alloc();
	if (!path->counters)
		goto err_buf;

	ret = scsi_autopm_get_device(sdev);
	if (ret)
		goto err_counters;

	kref_init(&path->ref);
	path->sdev = sdev;
	path->many_queues = sdev->host->nr_hw_queues > 1;
	if (sdev->host->hostt == READ_ONCE(bus_template))
		path_on_bus(path, sdev);
	strscpy(path->name, dev_name(dev), sizeof(path->name));
	path->detached = get_state_synchronize_rcu();
	INIT_WORK(&path->work, path_work);
	path->next_check = jiffies;
	path->last_response = jiffies;
	spin_lock_init(&path->lock);
	INIT_LIST_HEAD(&path->transmits);
	dev_set_drvdata(dev, path);

	mutex_lock(&paths_lock);
	path->id = ++last_id;
	list_add_tail(&path->node, &paths);
	mutex_unlock(&paths_lock);
	scsiip_netlink_changed();
	scsiip_path_kick(path);
	queue_delayed_work(path_wq, &tick, TICK_INTERVAL);
	return 0;

err_counters:
	scsiip_counters_put(path->counters);
err_buf:
	kfree(path->check.buf);
err_free:
	kfree(path);
	return ret;
}

static int path_remove(struct device *dev)
{
	struct scsiip_path *path = dev_get_drvdata(dev);

	mutex_lock(&paths_lock);
	list_del(&path->node);
	mutex_unlock(&paths_lock);
	scsiip_netlink_changed();

	/* work that runs already may see @removed and put the binding's one */
	scsiip_path_get(path);
	WRITE_ONCE(path->usable, false);
	WRITE_ONCE(path->removed, true);
	synchronize_srcu(&scsiip_path_srcu);
	scsi_autopm_put_device(path->sdev);
	scsiip_path_kick(path);
	scsiip_path_put(path);
	return 0;
}

static struct scsi_driver scsiip_driver = {
	.gendrv = {
		.name		= "scsiip",
		.owner		= THIS_MODULE,
		.probe		= path_probe,
		.remove		= path_remove,
		.dev_groups	= path_groups,
	},
};

int scsiip_path_init(void)
{
	int ret;

	path_wq = alloc_workqueue("scsiip_path", WQ_UNBOUND, 0);
	if (!path_wq)
		return -ENOMEM;

	ret = scsi_register_driver(&scsiip_driver.gendrv);
	if (ret)
		destroy_workqueue(path_wq);
	return ret;
}

/* Unbinds, and waits for what the transports still have. */
void scsiip_path_exit(void)
{
	scsi_unregister_driver(&scsiip_driver.gendrv);
	cancel_delayed_work_sync(&tick);
	scsiip_inflight_wait();
	destroy_workqueue(path_wq);
}

MODULE_ALIAS_SCSI_DEVICE(TYPE_COMM);
