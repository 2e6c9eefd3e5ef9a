// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logical units and the interfaces behind them. All changes are made under
 * RTNL; the data path reads unit->dev under RCU. Unregistering an interface
 * clears the pointer before the network core waits for its RCU readers.
 */
#include <linux/etherdevice.h>
#include <linux/jhash.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

#include "device.h"
#include "path.h"
#include "scsiip.h"
#include "trace.h"
#include "unit.h"

static LIST_HEAD(units);	/* enabled ones; RTNL */

/*
 * An address that survives reboots: locally administered, from the unit
 * serial number. Only one that nobody has set is replaced.
 */
static void derive_address(struct net_device *dev, const char *serial)
{
	u32 len = strlen(serial);
	u8 address[ETH_ALEN];

	if (!len || dev->addr_assign_type == NET_ADDR_SET)
		return;

	put_unaligned_be32(jhash(serial, len, 0x2143), &address[0]);
	put_unaligned_be16(jhash(serial, len, 0x5c51), &address[4]);
	address[0] = (address[0] & 0xfc) | 0x02;

	dev->addr_assign_type = NET_ADDR_PERM;
	if (ether_addr_equal(dev->dev_addr, address))
		return;
	eth_hw_addr_set(dev, address);
	if (dev->reg_state == NETREG_REGISTERED)
		call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
}

/**
 * scsiip_unit_derive_address() - the interface goes up: does it have an address?
 * @link: its private data
 *
 * The serial number may have been written after the unit was enabled. Context:
 * RTNL.
 */
void scsiip_unit_derive_address(struct scsiip_link *link)
{
	if (scsiip_unit_owns(link))
		derive_address(link->dev, link->unit->serial);
}

/**
 * scsiip_unit_owns() - was this interface made by its logical unit?
 * @link: its private data
 *
 * Context: RTNL.
 */
bool scsiip_unit_owns(const struct scsiip_link *link)
{
	return link->unit && link->unit->owned;
}

static int attach(struct scsiip_unit *unit, struct net_device *dev)
{
	struct scsiip_link *link = netdev_priv(dev);

	if (link->unit)
		return -EBUSY;

	if (unit->network[0])
		scsiip_link_set_network(link, unit->network);

	link->unit = unit;
	rcu_assign_pointer(unit->dev, dev);
	return 0;
}

static void detach(struct scsiip_unit *unit)
{
	struct net_device *dev = rtnl_dereference(unit->dev);
	struct scsiip_link *link;

	if (!dev)
		return;

	link = netdev_priv(dev);
	link->unit = NULL;
	unit->owned = false;
	RCU_INIT_POINTER(unit->dev, NULL);
}

/**
 * scsiip_unit_adopt() - an interface has come or has a new name
 * @link: its private data
 *
 * A unit whose interface was deleted waits for one of that name in the same
 * namespace. Context: RTNL.
 */
void scsiip_unit_adopt(struct scsiip_link *link)
{
	struct net_device *dev = link->dev;
	struct scsiip_unit *unit;

	if (link->unit)
		return;

	list_for_each_entry(unit, &units, node) {
		if (rtnl_dereference(unit->dev) ||
		    unit->net_cookie != dev_net(dev)->net_cookie ||
		    strcmp(unit->netdev, dev->name))
			continue;
		if (!attach(unit, dev))
			netdev_info(dev, "logical unit attached again\n");
		return;
	}
}

/**
 * scsiip_unit_abandon() - an interface is being unregistered
 * @link: its private data
 *
 * Context: RTNL; the caller's unregistration waits for RCU readers.
 */
void scsiip_unit_abandon(struct scsiip_link *link)
{
	if (link->unit)
		detach(link->unit);
}

static int enable(struct scsiip_unit *unit, struct net *net)
{
	struct net_device *dev = __dev_get_by_name(net, unit->netdev);
	int ret;

	if (unit->attach) {
		if (!dev)
			return -ENODEV;
		if (!scsiip_is_link(dev))
			return -EINVAL;
		return attach(unit, dev);
	}

	if (dev)
		return -EEXIST;

	dev = scsiip_link_create(net, unit->netdev);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	derive_address(dev, unit->serial);
	ret = attach(unit, dev);
	if (ret) {
		unregister_netdevice(dev);
		return ret;
	}
	unit->owned = true;
	return 0;
}

/**
 * scsiip_unit_enable() - put an interface behind a logical unit
 * @unit: with netdev, network, attach and serial set, and zeroes elsewhere
 *
 * The interface is looked for, or made, in the caller's network namespace.
 *
 * Context: process, no RTNL held.
 * Return: 0; -EINVAL if a name is malformed or the interface is of another
 * kind; -ENODEV if the one to attach to does not exist; -EEXIST if the one to
 * make does; -EBUSY if it is behind another logical unit; -ENOMEM.
 */
int scsiip_unit_enable(struct scsiip_unit *unit)
{
	struct net *net = current->nsproxy->net_ns;
	int ret;

	if (!dev_valid_name(unit->netdev) || strchr(unit->netdev, '%') ||
	    !scsiip_network_valid(unit->network))
		return -EINVAL;

	rtnl_lock();
	ret = enable(unit, net);
	if (!ret) {
		unit->net_cookie = net->net_cookie;
		list_add_tail(&unit->node, &units);
	}
	rtnl_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(scsiip_unit_enable);

/**
 * scsiip_unit_disable() - take the interface away from a logical unit
 * @unit: an enabled one
 *
 * An interface the unit made is deleted. When this returns nobody uses @unit.
 *
 * Context: process, no RTNL held.
 */
void scsiip_unit_disable(struct scsiip_unit *unit)
{
	struct net_device *dev;

	rtnl_lock();
	list_del(&unit->node);
	dev = rtnl_dereference(unit->dev);
	if (dev && unit->owned)
		unregister_netdevice(dev);
	else
		detach(unit);
	rtnl_unlock();
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(scsiip_unit_disable);

/**
 * scsiip_unit_ready() - is there an interface, and is it up?
 * @unit: the logical unit
 *
 * Context: any.
 */
bool scsiip_unit_ready(const struct scsiip_unit *unit)
{
	struct net_device *dev;
	bool ready;

	rcu_read_lock();
	dev = rcu_dereference(unit->dev);
	ready = dev && netif_running(dev);
	rcu_read_unlock();
	return ready;
}
EXPORT_SYMBOL_GPL(scsiip_unit_ready);

/**
 * scsiip_unit_identity() - what the identity page is to say
 * @unit: the logical unit
 * @identity: the result; all zeroes while there is no interface
 *
 * Context: any.
 */
void scsiip_unit_identity(const struct scsiip_unit *unit,
			  struct scsiip_identity *identity)
{
	struct net_device *dev;

	memset(identity, 0, sizeof(*identity));
	rcu_read_lock();
	dev = rcu_dereference(unit->dev);
	if (dev) {
		struct scsiip_link *link = netdev_priv(dev);

		ether_addr_copy(identity->lladdr, dev->dev_addr);
		identity->mtu = READ_ONCE(dev->mtu);
		strscpy(identity->network, link->network,
			sizeof(identity->network));
	}
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scsiip_unit_identity);

/**
 * scsiip_unit_refused() - count a SEND MESSAGE that was refused by its CDB
 * @unit: the logical unit
 * @verdict: why
 *
 * Context: any.
 */
void scsiip_unit_refused(const struct scsiip_unit *unit,
			 enum scsiip_verdict verdict)
{
	struct net_device *dev;

	rcu_read_lock();
	dev = rcu_dereference(unit->dev);
	if (dev) {
		struct scsiip_link *link = netdev_priv(dev);

		trace_scsiip_receive(dev, 0, 0, scsiip_rx_refused(verdict));
		scsiip_count(link->counters, scsiip_rx_refused(verdict));
	}
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scsiip_unit_refused);
