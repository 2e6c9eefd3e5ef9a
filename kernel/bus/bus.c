// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is on which bus, and who reaches whom. The administrator's changes only
 * say how it should be, under bus_lock; one work item decides what follows, and
 * the change waits until that is done. The work also looks by itself once a
 * second, since the core does not tell when a LUN is mapped to an initiator.
 *
 * Whatever may have to wait for a backstore, scanning, removing devices, ending
 * a session, is done by a work item of the nexus, without bus_lock: a backstore
 * that hangs holds up its own nexuses, and what takes them away.
 *
 * Order: configfs -> bus_lock -> scan_mutex -> RTNL; nexus_lock inside all.
 */
#include <linux/delay.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <target/target_core_fabric.h>

#include "bus.h"
#include "comm.h"

#define BUS_SYNC_TIMEOUT	(10 * HZ)
#define BUS_DRAIN_INTERVAL	10	/* milliseconds */

DEFINE_MUTEX(bus_lock);			/* guards endpoints */
static LIST_HEAD(endpoints);

static DEFINE_SPINLOCK(nexus_lock);	/* guards their nexuses, like bus_lock */

static struct workqueue_struct *bus_wq;
static struct workqueue_struct *nexus_wq;
static void bus_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(bus_task, bus_work);
static void nexus_work(struct work_struct *work);

/* A nexus has become what it should be, or an endpoint has left. */
static DECLARE_WAIT_QUEUE_HEAD(bus_progress);

/* 4032 lines from a bus of 64 to which nobody is admitted help nobody */
static DEFINE_RATELIMIT_STATE(refusals, 10 * HZ, 64);

/* A LUN of an endpoint with an interface behind it */
struct bus_unit {
	struct list_head node;
	const struct se_lun *lun;
	struct scsiip_unit *unit;
};

static void nexus_release(struct kref *ref)
{
	struct bus_nexus *nexus = container_of(ref, struct bus_nexus, ref);

	kfree_rcu(nexus, rcu);
}

/**
 * bus_nexus_put() - drop a reference
 * @nexus: the nexus
 *
 * Context: any.
 */
void bus_nexus_put(struct bus_nexus *nexus)
{
	kref_put(&nexus->ref, nexus_release);
}

/**
 * bus_nexus_find() - the open nexus of an initiator port with a target
 * @initiator: the endpoint
 * @id: SCSI ID of the target
 *
 * Context: any. Return: the nexus with a reference, or NULL.
 */
struct bus_nexus *bus_nexus_find(const struct bus_endpoint *initiator,
				 unsigned int id)
{
	struct bus_nexus *nexus, *found = NULL;

	spin_lock(&nexus_lock);
	list_for_each_entry(nexus, &initiator->nexuses, node) {
		if (nexus->id == id && !nexus->closing) {
			kref_get(&nexus->ref);
			found = nexus;
			break;
		}
	}
	spin_unlock(&nexus_lock);
	return found;
}

/*
 * The smallest LUN from @from on that is mapped to the initiator, or -1.
 * Context: the session cannot end.
 */
static s64 nexus_next_lun(const struct bus_nexus *nexus, u64 from)
{
	struct se_node_acl *acl = nexus->session->se_node_acl;
	struct se_dev_entry *entry;
	s64 next = -1;

	rcu_read_lock();
	hlist_for_each_entry_rcu(entry, &acl->lun_entry_hlist, link)
		if (entry->mapped_lun >= from &&
		    (next < 0 || entry->mapped_lun < next))
			next = entry->mapped_lun;
	rcu_read_unlock();
	return next;
}

/**
 * bus_nexus_mapped() - may the initiator of a nexus use that LUN?
 * @nexus: an open one
 * @lun: the LUN
 *
 * Context: the work of the nexus, or scan_mutex of the initiator's host. Return:
 * since when, in jiffies; 0 if not.
 */
u64 bus_nexus_mapped(const struct bus_nexus *nexus, u64 lun)
{
	struct se_node_acl *acl = nexus->session->se_node_acl;
	struct se_dev_entry *entry;
	u64 mapped = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(entry, &acl->lun_entry_hlist, link)
		if (entry->mapped_lun == lun)
			mapped = entry->creation_time;
	rcu_read_unlock();
	return mapped;
}

static void nexus_mark_closing(struct bus_nexus *nexus)
{
	spin_lock(&nexus_lock);
	WRITE_ONCE(nexus->closing, true);
	spin_unlock(&nexus_lock);
}

/**
 * bus_close_session() - the core wants a session to end
 * @session: it may have ended already
 *
 * Context: process, no lock held.
 */
void bus_close_session(struct se_session *session)
{
	struct bus_endpoint *endpoint;
	struct bus_nexus *nexus;

	mutex_lock(&bus_lock);
	list_for_each_entry(endpoint, &endpoints, node)
		list_for_each_entry(nexus, &endpoint->nexuses, node)
			if (nexus->session == session)
				nexus_mark_closing(nexus);
	mutex_unlock(&bus_lock);
	mod_delayed_work(bus_wq, &bus_task, 0);
}

static void nexus_open(struct bus_endpoint *initiator,
		       struct bus_endpoint *target)
{
	struct bus_nexus *nexus = kzalloc(sizeof(*nexus), GFP_KERNEL);
	struct se_session *session;

	if (!nexus)
		return;

	kref_init(&nexus->ref);
	INIT_WORK(&nexus->work, nexus_work);
	nexus->initiator = initiator;
	nexus->target = target;
	nexus->id = target->place.id;
	session = target_setup_session(&target->tpg, 0, 0, TARGET_PROT_NORMAL,
				       initiator->name, nexus, NULL);
	if (IS_ERR(session)) {
		kfree(nexus);
		return;
	}

	nexus->session = session;
	spin_lock(&nexus_lock);
	list_add_tail(&nexus->node, &initiator->nexuses);
	spin_unlock(&nexus_lock);
}

/*
 * The core refuses new commands for the LUN. Those that are under way must not
 * be waited for with the scan_mutex of the whole host. Not while that waits for
 * a reset: the queue tries what it has again and again, and is always busy.
 * Return: false if the nexus is closing, which removes the device itself.
 */
static bool nexus_drain_device(const struct bus_nexus *nexus,
			       struct scsi_device *sdev)
{
	while (scsi_device_busy(sdev)) {
		if (READ_ONCE(nexus->closing))
			return false;
		msleep(BUS_DRAIN_INTERVAL);
	}
	return true;
}

/* Remove the scsi_devices of a nexus, all or those that are not of its LUNs. */
static void nexus_remove_devices(const struct bus_nexus *nexus, bool all)
{
	const struct bus_device *device;
	struct scsi_device *sdev;

	shost_for_each_device(sdev, nexus->initiator->shost) {
		bool remove;

		rcu_read_lock();
		device = READ_ONCE(sdev->hostdata);
		remove = device && device->nexus == nexus &&
			 (all || device->mapped !=
				 bus_nexus_mapped(nexus, sdev->lun));
		rcu_read_unlock();
		if (!remove)
			continue;
		if (!all && !nexus_drain_device(nexus, sdev)) {
			scsi_device_put(sdev);
			return;
		}
		scsi_remove_device(sdev);
	}
}

/* Wait for who scans, or removes devices, now. */
static void nexus_scan_barrier(const struct bus_nexus *nexus)
{
	struct Scsi_Host *shost = nexus->initiator->shost;

	mutex_lock(&shost->scan_mutex);
	mutex_unlock(&shost->scan_mutex);
}

/* End a nexus that takes nothing any more. */
static void nexus_close(struct bus_nexus *nexus)
{
	struct se_session *session = nexus->session;

	/* first, since it may take long, and then without any lock */
	target_stop_session(session);
	target_wait_for_sess_cmds(session);

	/* what a scan has found with the nexus open is seen */
	nexus_scan_barrier(nexus);
	nexus_remove_devices(nexus, true);
	/* and what others were removing is gone */
	nexus_scan_barrier(nexus);

	WRITE_ONCE(nexus->session, NULL);
	target_remove_session(session);

	mutex_lock(&bus_lock);
	spin_lock(&nexus_lock);
	list_del(&nexus->node);
	spin_unlock(&nexus_lock);
	mutex_unlock(&bus_lock);
	bus_nexus_put(nexus);
}

/* A number for the LUNs that are mapped to the initiator, never 0. */
static u64 nexus_map(const struct bus_nexus *nexus)
{
	struct se_node_acl *acl = nexus->session->se_node_acl;
	struct se_dev_entry *entry;
	u64 map = 1;

	rcu_read_lock();
	hlist_for_each_entry_rcu(entry, &acl->lun_entry_hlist, link)
		map += (1ULL << 32) + jhash_3words(entry->mapped_lun,
						   entry->creation_time,
						   entry->creation_time >> 32,
						   0);
	rcu_read_unlock();
	return map;
}

/* Make the scsi_devices of a nexus what the core maps to the initiator. */
static void nexus_update(struct bus_nexus *nexus)
{
	struct Scsi_Host *shost = nexus->initiator->shost;
	u64 map = nexus_map(nexus);
	s64 lun = -1;

	/* what somebody has deleted by hand stays away */
	if (nexus->map == map)
		return;

	WRITE_ONCE(nexus->map, map);
	nexus_remove_devices(nexus, false);
	while ((lun = nexus_next_lun(nexus, lun + 1)) >= 0) {
		struct scsi_device *sdev =
			scsi_device_lookup(shost, 0, nexus->id, lun);

		if (sdev)
			scsi_device_put(sdev);
		else if (scsi_add_device(shost, 0, nexus->id, lun))
			WRITE_ONCE(nexus->map, 0);	/* not yet */
	}
}

static void nexus_work(struct work_struct *work)
{
	struct bus_nexus *nexus = container_of(work, struct bus_nexus, work);
	bool closing = READ_ONCE(nexus->closing);

	/* it may have been queued once more while it ended the nexus */
	if (closing && nexus->session)
		nexus_close(nexus);
	else if (!closing)
		nexus_update(nexus);

	/* the endpoints may go when this is done */
	mutex_lock(&bus_lock);
	nexus->initiator->pending--;
	nexus->target->pending--;
	mutex_unlock(&bus_lock);
	bus_nexus_put(nexus);
	wake_up_all(&bus_progress);
	if (closing)
		mod_delayed_work(bus_wq, &bus_task, 0);
}

/* Have the work of a nexus run. Context: bus_lock, which it ends with. */
static void nexus_queue(struct bus_nexus *nexus)
{
	if (!queue_work(nexus_wq, &nexus->work))
		return;
	kref_get(&nexus->ref);
	nexus->initiator->pending++;
	nexus->target->pending++;
}

/* It is on the bus, and is not to be, or not at that place. */
static bool bus_leaving(const struct bus_endpoint *endpoint)
{
	return endpoint->shost && (!endpoint->enabled || endpoint->replug);
}

/* What the administrator did may have taken the ground from under a nexus. */
static bool nexus_stale(const struct bus_nexus *nexus)
{
	if (nexus->closing)
		return false;
	return bus_leaving(nexus->initiator) || bus_leaving(nexus->target) ||
	       /* an ACL that is going waits for a session it may have missed */
	       list_empty(&nexus->session->se_node_acl->acl_list);
}

/* The nexus of an initiator port with an ID, be it an end of the last one. */
static struct bus_nexus *nexus_of(const struct bus_endpoint *initiator,
				  unsigned int id)
{
	struct bus_nexus *nexus;

	list_for_each_entry(nexus, &initiator->nexuses, node)
		if (nexus->id == id)
			return nexus;
	return NULL;
}

/* Is this how @initiator reaches @target, and does it? */
static bool bus_reaches(const struct bus_endpoint *initiator,
			const struct bus_endpoint *target)
{
	return initiator != target && initiator->shost && target->shost &&
	       !bus_leaving(initiator) && !bus_leaving(target) &&
	       initiator->place.bus == target->place.bus &&
	       target->place.id < initiator->place.max_id;
}

static bool bus_admits(struct bus_endpoint *target,
		       const struct bus_endpoint *initiator)
{
	return READ_ONCE(target->attrib.generate_node_acls) ||
	       target_tpg_has_node_acl(&target->tpg, initiator->name);
}

/* Open what nexuses a target lacks, and say once whom it does not admit. */
static void bus_admit(struct bus_endpoint *target)
{
	DECLARE_BITMAP(refused, BUS_LIMIT_MAX_ID) = {};
	struct bus_endpoint *initiator;

	list_for_each_entry(initiator, &endpoints, node) {
		if (!bus_reaches(initiator, target) ||
		    nexus_of(initiator, target->place.id))
			continue;

		if (bus_admits(target, initiator)) {
			nexus_open(initiator, target);
			continue;
		}
		__set_bit(initiator->place.id, refused);
		if (!test_bit(initiator->place.id, target->refused) &&
		    __ratelimit(&refusals))
			pr_info("scsiip: %s: initiator port %s is not admitted: it has no ACL\n",
				target->name, initiator->name);
	}
	bitmap_copy(target->refused, refused, BUS_LIMIT_MAX_ID);
}

static bool bus_has_nexus(const struct bus_endpoint *endpoint)
{
	const struct bus_endpoint *initiator;
	const struct bus_nexus *nexus;

	list_for_each_entry(initiator, &endpoints, node)
		list_for_each_entry(nexus, &initiator->nexuses, node)
			if (initiator == endpoint || nexus->target == endpoint)
				return true;
	return false;
}

static void bus_leave(struct bus_endpoint *endpoint)
{
	struct bus_port *port = shost_priv(endpoint->shost);

	scsiip_bus_set_unit(&port->host, NULL);
	bus_host_remove(endpoint->shost);
	WRITE_ONCE(endpoint->shost, NULL);
	WRITE_ONCE(endpoint->replug, false);
	bitmap_zero(endpoint->refused, BUS_LIMIT_MAX_ID);
}

static struct scsiip_unit *bus_first_unit(struct bus_endpoint *endpoint)
{
	struct bus_unit *unit = list_first_entry_or_null(&endpoint->units,
							 struct bus_unit, node);

	return unit ? unit->unit : NULL;
}

static void bus_set_unit(struct bus_endpoint *endpoint)
{
	struct bus_port *port;

	if (!endpoint->shost)
		return;
	port = shost_priv(endpoint->shost);
	scsiip_bus_set_unit(&port->host, bus_first_unit(endpoint));
}

static void bus_enter(struct bus_endpoint *endpoint)
{
	WRITE_ONCE(endpoint->shost, bus_host_add(endpoint));
	bus_set_unit(endpoint);
}

static void bus_close_stale(struct bus_endpoint *initiator)
{
	struct bus_nexus *nexus;

	list_for_each_entry(nexus, &initiator->nexuses, node)
		if (nexus_stale(nexus))
			nexus_mark_closing(nexus);
}

/*
 * A host that waits for a reset takes no commands: a scan would hang, and with
 * it what takes the nexus away.
 */
static void bus_queue_nexuses(struct bus_endpoint *initiator)
{
	struct bus_nexus *nexus;

	list_for_each_entry(nexus, &initiator->nexuses, node) {
		/* once: what waits in its work takes a place in the queue */
		if (nexus->closing && !nexus->ending) {
			nexus->ending = true;
			nexus_queue(nexus);
		} else if (!nexus->closing &&
			   READ_ONCE(nexus->map) != nexus_map(nexus) &&
			   !scsi_host_in_recovery(initiator->shost)) {
			nexus_queue(nexus);
		}
	}
}

static void bus_work(struct work_struct *unused)
{
	struct bus_endpoint *endpoint;
	bool again = false;

	mutex_lock(&bus_lock);
	list_for_each_entry(endpoint, &endpoints, node)
		bus_close_stale(endpoint);

	list_for_each_entry(endpoint, &endpoints, node) {
		if (bus_leaving(endpoint) && !endpoint->pending &&
		    !bus_has_nexus(endpoint))
			bus_leave(endpoint);
		if (endpoint->enabled && !endpoint->shost)
			bus_enter(endpoint);
		again |= endpoint->enabled;
	}

	list_for_each_entry(endpoint, &endpoints, node)
		bus_admit(endpoint);
	list_for_each_entry(endpoint, &endpoints, node)
		bus_queue_nexuses(endpoint);
	mutex_unlock(&bus_lock);

	wake_up_all(&bus_progress);
	if (again)
		queue_delayed_work(bus_wq, &bus_task, HZ);
}

/* Let the bus work run, and wait for what it has begun at @endpoint. */
static void bus_settle(const struct bus_endpoint *endpoint)
{
	flush_delayed_work(&bus_task);
	wait_event_idle_timeout(bus_progress,
				!READ_ONCE(endpoint->pending) &&
				!READ_ONCE(endpoint->replug),
				BUS_SYNC_TIMEOUT);
}

/**
 * bus_sync() - make it so
 * @endpoint: where something has changed
 *
 * Waits until the others see it, too; but where one of them waits for a
 * backstore that hangs, not for ever.
 *
 * Context: process, no lock held that the works take.
 */
void bus_sync(const struct bus_endpoint *endpoint)
{
	mod_delayed_work(bus_wq, &bus_task, 0);
	bus_settle(endpoint);
	/* who was plugged in anew has new nexuses */
	bus_settle(endpoint);
}

static const struct bus_endpoint *bus_id_owner(const struct bus_endpoint *endpoint,
					       unsigned int bus, int id)
{
	const struct bus_endpoint *other;

	list_for_each_entry(other, &endpoints, node)
		if (other != endpoint && other->enabled &&
		    other->place.bus == bus && other->place.id == id)
			return other;
	return NULL;
}

/* Give @endpoint a place on the bus. Context: bus_lock. */
static int bus_assign(struct bus_endpoint *endpoint,
		      const struct bus_place *wanted)
{
	const struct bus_endpoint *owner;
	struct bus_place place = *wanted;

	if (place.id == BUS_ANY_ID) {
		for (place.id = 0; place.id < (int)place.max_id; place.id++)
			if (!bus_id_owner(endpoint, place.bus, place.id))
				break;
		if (place.id == (int)place.max_id) {
			pr_err("scsiip: %s: none of the %u IDs of bus %u is free\n",
			       endpoint->name, place.max_id, place.bus);
			return -EBUSY;
		}
	}

	if (place.id >= (int)place.max_id) {
		pr_err("scsiip: %s: ID %d is not below max_id %u\n",
		       endpoint->name, place.id, place.max_id);
		return -EINVAL;
	}

	owner = bus_id_owner(endpoint, place.bus, place.id);
	if (owner) {
		pr_err("scsiip: %s: ID %d of bus %u belongs to %s\n",
		       endpoint->name, place.id, place.bus, owner->name);
		return -EBUSY;
	}

	endpoint->place = place;
	return 0;
}

/**
 * bus_move() - say where an endpoint is to be
 * @endpoint: the endpoint; plugged in anew by bus_sync() if it is enabled
 * @wanted: the place, its values in range
 *
 * Context: bus_lock. Return: 0; for an enabled one -EBUSY if it is taken,
 * -EINVAL if the ID is not below max_id.
 */
int bus_move(struct bus_endpoint *endpoint, const struct bus_place *wanted)
{
	if (endpoint->enabled) {
		int ret = bus_assign(endpoint, wanted);

		if (ret)
			return ret;
		WRITE_ONCE(endpoint->replug, endpoint->shost);
	}
	endpoint->wanted = *wanted;
	return 0;
}

/**
 * bus_enable() - put an endpoint on its bus, or take it away
 * @endpoint: the endpoint
 * @enable: which of them
 *
 * Context: process, configfs locks only. Return: 0; -EBUSY if its ID, or every
 * ID, is taken; -EINVAL if the ID is not below max_id; -ENOMEM.
 */
int bus_enable(struct bus_endpoint *endpoint, bool enable)
{
	int ret = 0;

	mutex_lock(&bus_lock);
	if (enable && !endpoint->enabled) {
		ret = bus_assign(endpoint, &endpoint->wanted);
		/* it may still be leaving the place it had */
		if (!ret)
			WRITE_ONCE(endpoint->replug, endpoint->shost);
	}
	if (!ret)
		WRITE_ONCE(endpoint->enabled, enable);
	mutex_unlock(&bus_lock);
	if (ret)
		return ret;

	bus_sync(endpoint);
	if (!enable)
		wait_event_idle(bus_progress,
				!READ_ONCE(endpoint->shost) ||
				READ_ONCE(endpoint->enabled));
	mutex_lock(&bus_lock);
	if (enable && !endpoint->shost) {
		endpoint->enabled = false;
		ret = -ENOMEM;
	}
	mutex_unlock(&bus_lock);
	return ret;
}

/**
 * bus_add() - a new endpoint
 * @endpoint: zeroes but for its name
 *
 * Context: process.
 */
void bus_add(struct bus_endpoint *endpoint)
{
	mutex_lock(&bus_lock);
	list_add_tail(&endpoint->node, &endpoints);
	mutex_unlock(&bus_lock);
}

/**
 * bus_remove() - an endpoint goes
 * @endpoint: without a TPG, and so not on the bus
 *
 * Context: process.
 */
void bus_remove(struct bus_endpoint *endpoint)
{
	mutex_lock(&bus_lock);
	list_del(&endpoint->node);
	mutex_unlock(&bus_lock);
}

/**
 * bus_link() - an endpoint has another LUN
 * @endpoint: the endpoint
 * @lun: the LUN
 *
 * Peers appear on the interface behind the first one that has an interface.
 *
 * Context: process, configfs locks only.
 */
void bus_link(struct bus_endpoint *endpoint, struct se_lun *lun)
{
	struct scsiip_unit *unit = comm_unit(rcu_access_pointer(lun->lun_se_dev));
	struct bus_unit *linked;

	if (unit) {
		/* the core takes no error from here, and nobody would see one */
		linked = kzalloc(sizeof(*linked), GFP_KERNEL | __GFP_NOFAIL);
		linked->lun = lun;
		linked->unit = unit;
		mutex_lock(&bus_lock);
		list_add_tail(&linked->node, &endpoint->units);
		bus_set_unit(endpoint);
		mutex_unlock(&bus_lock);
	}
	bus_sync(endpoint);
}

/**
 * bus_unlink() - a LUN of an endpoint goes
 * @endpoint: the endpoint
 * @lun: the LUN
 *
 * Context: process, configfs locks only.
 */
void bus_unlink(struct bus_endpoint *endpoint, struct se_lun *lun)
{
	struct bus_unit *linked, *next;

	mutex_lock(&bus_lock);
	list_for_each_entry_safe(linked, next, &endpoint->units, node) {
		if (linked->lun == lun) {
			list_del(&linked->node);
			bus_set_unit(endpoint);
			kfree(linked);
		}
	}
	mutex_unlock(&bus_lock);
}

int bus_init(void)
{
	bus_wq = alloc_ordered_workqueue("scsiip_bus", 0);
	if (!bus_wq)
		return -ENOMEM;

	nexus_wq = alloc_workqueue("scsiip_nexus", WQ_UNBOUND,
				   WQ_MAX_ACTIVE);
	if (!nexus_wq) {
		destroy_workqueue(bus_wq);
		return -ENOMEM;
	}
	return 0;
}

void bus_exit(void)
{
	destroy_workqueue(nexus_wq);
	cancel_delayed_work_sync(&bus_task);
	destroy_workqueue(bus_wq);
}
