// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is on which bus, and who reaches whom. The administrator's changes only
 * say how it should be, under bus_lock; one work item makes it so, all of it
 * under bus_lock, and the change waits for that. The work also looks by itself
 * once a second, since the core does not tell when a LUN is mapped to an
 * initiator.
 *
 * Order: configfs -> bus_lock -> scan_mutex -> RTNL; nexus_lock inside all.
 */
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <target/target_core_fabric.h>

#include "bus.h"
#include "comm.h"

DEFINE_MUTEX(bus_lock);			/* guards endpoints */
static LIST_HEAD(endpoints);

static DEFINE_SPINLOCK(nexus_lock);	/* guards nexuses, like bus_lock */
static LIST_HEAD(nexuses);		/* changed under both locks */

static struct workqueue_struct *bus_wq;
static void bus_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(work, bus_work);

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
	list_for_each_entry(nexus, &nexuses, node) {
		if (nexus->initiator == initiator && nexus->id == id &&
		    !nexus->closing) {
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
 * Context: bus_lock, or scan_mutex of the initiator's host. Return: since when,
 * in jiffies; 0 if not.
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

/**
 * bus_close_session() - the core wants a session to end
 * @session: it may have ended already
 *
 * Context: process, no lock held.
 */
void bus_close_session(struct se_session *session)
{
	struct bus_nexus *nexus;

	spin_lock(&nexus_lock);
	list_for_each_entry(nexus, &nexuses, node)
		if (nexus->session == session)
			WRITE_ONCE(nexus->closing, true);
	spin_unlock(&nexus_lock);
	mod_delayed_work(bus_wq, &work, 0);
}

static struct bus_nexus *nexus_open(struct bus_endpoint *initiator,
				    struct bus_endpoint *target)
{
	struct bus_nexus *nexus = kzalloc(sizeof(*nexus), GFP_KERNEL);
	struct se_session *session;

	if (!nexus)
		return NULL;

	kref_init(&nexus->ref);
	nexus->initiator = initiator;
	nexus->target = target;
	nexus->id = target->place.id;
	session = target_setup_session(&target->tpg, 0, 0, TARGET_PROT_NORMAL,
				       initiator->name, nexus, NULL);
	if (IS_ERR(session)) {	/* -EACCES: nobody admits it */
		kfree(nexus);
		return NULL;
	}

	spin_lock(&nexus_lock);
	nexus->session = session;
	list_add_tail(&nexus->node, &nexuses);
	spin_unlock(&nexus_lock);
	return nexus;
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
		if (remove)
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

static void nexus_close(struct bus_nexus *nexus)
{
	struct se_session *session = nexus->session;

	spin_lock(&nexus_lock);
	WRITE_ONCE(nexus->closing, true);
	spin_unlock(&nexus_lock);

	/* what a scan has found with the nexus open is seen */
	nexus_scan_barrier(nexus);
	nexus_remove_devices(nexus, true);
	/* and what others were removing is gone */
	nexus_scan_barrier(nexus);

	target_stop_session(session);
	target_wait_for_sess_cmds(session);

	spin_lock(&nexus_lock);
	nexus->session = NULL;
	list_del(&nexus->node);
	spin_unlock(&nexus_lock);
	target_remove_session(session);
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

	nexus->map = map;
	nexus_remove_devices(nexus, false);
	while ((lun = nexus_next_lun(nexus, lun + 1)) >= 0) {
		struct scsi_device *sdev =
			scsi_device_lookup(shost, 0, nexus->id, lun);

		if (sdev)
			scsi_device_put(sdev);
		else if (scsi_add_device(shost, 0, nexus->id, lun))
			nexus->map = 0;		/* not yet */
	}
}

/* What the administrator did may have taken the ground from under a nexus. */
static bool nexus_stale(const struct bus_nexus *nexus)
{
	/* an ACL that is going waits for the session, which it may have missed */
	return READ_ONCE(nexus->closing) ||
	       list_empty(&nexus->session->se_node_acl->acl_list);
}

static struct bus_nexus *nexus_of(const struct bus_endpoint *initiator,
				  const struct bus_endpoint *target)
{
	struct bus_nexus *nexus;

	list_for_each_entry(nexus, &nexuses, node)
		if (nexus->initiator == initiator && nexus->target == target)
			return nexus;
	return NULL;
}

/* Is this how @initiator reaches @target, and does it? */
static bool bus_reaches(const struct bus_endpoint *initiator,
			const struct bus_endpoint *target)
{
	return initiator != target && initiator->shost && target->shost &&
	       initiator->place.bus == target->place.bus &&
	       target->place.id < initiator->place.max_id;
}

static void bus_leave(struct bus_endpoint *endpoint)
{
	struct bus_nexus *nexus, *next;

	list_for_each_entry_safe(nexus, next, &nexuses, node)
		if (nexus->initiator == endpoint || nexus->target == endpoint)
			nexus_close(nexus);
	bus_host_remove(endpoint->shost);
	endpoint->shost = NULL;
	endpoint->replug = false;
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

static void bus_work(struct work_struct *unused)
{
	struct bus_endpoint *endpoint, *other;
	struct bus_nexus *nexus, *next;
	bool again = false;

	mutex_lock(&bus_lock);
	list_for_each_entry_safe(nexus, next, &nexuses, node)
		if (nexus_stale(nexus))
			nexus_close(nexus);
	list_for_each_entry(endpoint, &endpoints, node)
		if (endpoint->shost && (!endpoint->enabled || endpoint->replug))
			bus_leave(endpoint);

	list_for_each_entry(endpoint, &endpoints, node) {
		if (!endpoint->enabled)
			continue;
		again = true;
		if (endpoint->shost)
			continue;
		endpoint->shost = bus_host_add(endpoint);
		bus_set_unit(endpoint);
	}

	list_for_each_entry(endpoint, &endpoints, node)
		list_for_each_entry(other, &endpoints, node)
			if (bus_reaches(endpoint, other) &&
			    !nexus_of(endpoint, other))
				nexus_open(endpoint, other);
	list_for_each_entry(nexus, &nexuses, node)
		nexus_update(nexus);
	mutex_unlock(&bus_lock);

	if (again)
		queue_delayed_work(bus_wq, &work, HZ);
}

/**
 * bus_sync() - make it so
 *
 * Context: process, no lock held that the work takes.
 */
void bus_sync(void)
{
	mod_delayed_work(bus_wq, &work, 0);
	flush_delayed_work(&work);
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
		endpoint->replug = endpoint->shost;
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
	if (enable && !endpoint->enabled)
		ret = bus_assign(endpoint, &endpoint->wanted);
	if (!ret)
		endpoint->enabled = enable;
	mutex_unlock(&bus_lock);
	if (ret)
		return ret;

	bus_sync();
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
		linked = kzalloc(sizeof(*linked), GFP_KERNEL);
		if (!linked)
			return;	/* no peers: the link itself cannot fail here */
		linked->lun = lun;
		linked->unit = unit;
		mutex_lock(&bus_lock);
		list_add_tail(&linked->node, &endpoint->units);
		bus_set_unit(endpoint);
		mutex_unlock(&bus_lock);
	}
	bus_sync();
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
	return bus_wq ? 0 : -ENOMEM;
}

void bus_exit(void)
{
	cancel_delayed_work_sync(&work);
	destroy_workqueue(bus_wq);
}
