// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network interface: rtnetlink operations, statistics, life and death.
 * Everything here runs under RTNL unless it says otherwise.
 */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/sched/isolation.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "device.h"
#include "netlink.h"
#include "path.h"
#include "peer.h"
#include "transmit.h"
#include "uapi/scsiip.h"
#include "unit.h"

#define DRV_NAME "scsiip"

LIST_HEAD(scsiip_links);	/* RTNL */

/*
 * Paths are looked at again only for an interface that may have some. Those
 * that anybody makes in a user namespace of his own have none.
 */
static void link_changed(const struct scsiip_link *link)
{
	if (link->unit || link->network[0] || !list_empty(&link->peers))
		scsiip_paths_recheck();
}

static int scsiip_open(struct net_device *dev)
{
	scsiip_unit_derive_address(netdev_priv(dev));
	link_changed(netdev_priv(dev));
	return 0;
}

/* Wherever it goes up again, the addresses may be others. */
static int scsiip_stop(struct net_device *dev)
{
	struct scsiip_link *link = netdev_priv(dev);

	scsiip_arp_flush(&link->arp, ~0);
	return 0;
}

/* Runs last of all, also when registration failed half-way. */
static void scsiip_destruct(struct net_device *dev)
{
	struct scsiip_link *link = netdev_priv(dev);

	scsiip_arp_flush(&link->arp, ~0);
	if (link->counters)
		scsiip_counters_put(link->counters);
}

/* The interfaces take turns, on the processors that are for such work. */
static int scsiip_next_cpu(void)
{
	const struct cpumask *allowed = housekeeping_cpumask(HK_TYPE_WQ);
	static int last = -1;
	int cpu;

	cpu = cpumask_next_and(last, allowed, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first_and(allowed, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = raw_smp_processor_id();
	last = cpu;
	return cpu;
}

static int scsiip_init(struct net_device *dev)
{
	struct scsiip_link *link = netdev_priv(dev);
	static u64 last_id;

	link->counters = scsiip_counters_alloc();
	if (!link->counters)
		return -ENOMEM;
	link->cpu = scsiip_next_cpu();
	link->id = ++last_id;
	list_add_tail(&link->node, &scsiip_links);
	return 0;
}

static void scsiip_uninit(struct net_device *dev)
{
	struct scsiip_link *link = netdev_priv(dev);
	struct scsiip_peer *peer, *next;

	list_del(&link->node);
	scsiip_unit_abandon(link);
	list_for_each_entry_safe(peer, next, &link->peers, node)
		scsiip_peer_remove(peer);
}

static void scsiip_get_stats64(struct net_device *dev,
			       struct rtnl_link_stats64 *stats)
{
	struct scsiip_link *link = netdev_priv(dev);
	unsigned int i;

	dev_fetch_sw_netstats(stats, dev->tstats);
	for (i = SCSIIP_FIRST_COUNTER; i < SCSIIP_COUNTERS; i++) {
		unsigned long count = scsiip_counters_read(link->counters, i);

		switch (i) {
		case SCSIIP_COUNTER_RX_NOT_READY:
		case SCSIIP_COUNTER_RX_BUSY:
			stats->rx_dropped += count;
			break;
		case SCSIIP_COUNTER_RX_RESERVED_BITS ... SCSIIP_COUNTER_RX_SPOOFED:
			stats->rx_errors += count;
			break;
		case SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL ... SCSIIP_COUNTER_TX_NO_PATH:
			stats->tx_dropped += count;
			break;
		case SCSIIP_COUNTER_TX_UNMAPPABLE:
		case SCSIIP_COUNTER_TX_REFUSED ... SCSIIP_COUNTER_TX_UNCERTAIN:
			stats->tx_errors += count;
			break;
		}
	}
}

static const struct net_device_ops scsiip_netdev_ops = {
	.ndo_init		= scsiip_init,
	.ndo_uninit		= scsiip_uninit,
	.ndo_open		= scsiip_open,
	.ndo_stop		= scsiip_stop,
	.ndo_start_xmit		= scsiip_start_xmit,
	.ndo_get_stats64	= scsiip_get_stats64,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

/**
 * scsiip_is_link() - is this interface of our kind?
 * @dev: any interface
 */
bool scsiip_is_link(const struct net_device *dev)
{
	return dev->netdev_ops == &scsiip_netdev_ops;
}

static void scsiip_get_drvinfo(struct net_device *dev,
			       struct ethtool_drvinfo *info)
{
	strscpy(info->driver, DRV_NAME, sizeof(info->driver));
}

static int scsiip_get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? SCSIIP_COUNTERS - SCSIIP_FIRST_COUNTER :
				     -EOPNOTSUPP;
}

static void scsiip_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	if (set == ETH_SS_STATS)
		memcpy(data, scsiip_counter_names[SCSIIP_FIRST_COUNTER],
		       (SCSIIP_COUNTERS - SCSIIP_FIRST_COUNTER) *
		       ETH_GSTRING_LEN);
}

static void scsiip_get_ethtool_stats(struct net_device *dev,
				     struct ethtool_stats *stats, u64 *data)
{
	struct scsiip_link *link = netdev_priv(dev);
	unsigned int i;

	for (i = SCSIIP_FIRST_COUNTER; i < SCSIIP_COUNTERS; i++)
		*data++ = scsiip_counters_read(link->counters, i);
}

static const struct ethtool_ops scsiip_ethtool_ops = {
	.get_drvinfo		= scsiip_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_sset_count		= scsiip_get_sset_count,
	.get_strings		= scsiip_get_strings,
	.get_ethtool_stats	= scsiip_get_ethtool_stats,
	.get_ts_info		= ethtool_op_get_ts_info,
};

static void scsiip_setup(struct net_device *dev)
{
	struct scsiip_link *link = netdev_priv(dev);
	/*
	 * Without a checksum feature the core takes scatter-gather away, and
	 * it would linearize shared pages to compute one: we do it ourselves,
	 * in process context (transmit.c).
	 */
	const netdev_features_t features = NETIF_F_SG | NETIF_F_FRAGLIST |
					   NETIF_F_HW_CSUM | NETIF_F_HIGHDMA;

	ether_setup(dev);
	link->dev = dev;
	INIT_LIST_HEAD(&link->peers);
	hash_init(link->peer_hash);
	hash_init(link->initiator_hash);
	scsiip_arp_init(&link->arp);

	dev->netdev_ops = &scsiip_netdev_ops;
	dev->ethtool_ops = &scsiip_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = scsiip_destruct;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;

	dev->mtu = SCSIIP_MAX_DATAGRAM;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = SCSIIP_MAX_DATAGRAM;

	/*
	 * The wire has datagrams, not frames: a peer knows one address. What
	 * puts other addresses or tags into frames cannot work.
	 */
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE |
			   IFF_DONT_BRIDGE | IFF_NO_RX_HANDLER;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->features |= features | NETIF_F_VLAN_CHALLENGED;
	dev->hw_features |= features;
	scsiip_set_lltx(dev);

	/* icmp_ndo_send() needs the route a datagram was sent by. */
	netif_keep_dst(dev);
}

static const struct nla_policy scsiip_policy[IFLA_SCSIIP_MAX + 1] = {
	[IFLA_SCSIIP_NETWORK] = { .type = NLA_NUL_STRING,
				  .len = SCSIIP_NETWORK_LEN - 1 },
	[IFLA_SCSIIP_ARP_NEGATIVE_TTL] = { .type = NLA_U32 },
};

static int scsiip_validate(struct nlattr *tb[], struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS]) {
		if (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
					    "link-layer address must have 6 bytes");
			return -EINVAL;
		}
		if (!is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS]))) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
					    "not a unicast link-layer address");
			return -EADDRNOTAVAIL;
		}
	}

	if (data && data[IFLA_SCSIIP_NETWORK]) {
		/* It gives access to the host's SCSI devices. */
		if (!capable(CAP_NET_ADMIN)) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_SCSIIP_NETWORK],
					    "a network needs CAP_NET_ADMIN in the initial user namespace");
			return -EPERM;
		}
		if (!scsiip_network_valid(nla_data(data[IFLA_SCSIIP_NETWORK]))) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_SCSIIP_NETWORK],
					    "network name must be printable ASCII without space");
			return -EINVAL;
		}
	}

	if (data && data[IFLA_SCSIIP_ARP_NEGATIVE_TTL] &&
	    nla_get_u32(data[IFLA_SCSIIP_ARP_NEGATIVE_TTL]) >
	    SCSIIP_ARP_NEGATIVE_TTL_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_SCSIIP_ARP_NEGATIVE_TTL],
				    "negative TTL must be 0 to 86400 seconds");
		return -ERANGE;
	}
	return 0;
}

static void scsiip_set_negative_ttl(struct scsiip_link *link,
				    struct nlattr *data[])
{
	if (data && data[IFLA_SCSIIP_ARP_NEGATIVE_TTL])
		WRITE_ONCE(link->arp.negative_ttl,
			   nla_get_u32(data[IFLA_SCSIIP_ARP_NEGATIVE_TTL]));
}

static int scsiip_changelink(struct net_device *dev, struct nlattr *tb[],
			     struct nlattr *data[],
			     struct netlink_ext_ack *extack)
{
	if (data && data[IFLA_SCSIIP_NETWORK])
		scsiip_link_set_network(netdev_priv(dev),
					nla_data(data[IFLA_SCSIIP_NETWORK]));
	scsiip_set_negative_ttl(netdev_priv(dev), data);
	return 0;
}

static int scsiip_newlink(struct net *src_net, struct net_device *dev,
			  struct nlattr *tb[], struct nlattr *data[],
			  struct netlink_ext_ack *extack)
{
	struct scsiip_link *link = netdev_priv(dev);
	int ret;

	if (!tb[IFLA_ADDRESS])
		eth_hw_addr_random(dev);
	if (data && data[IFLA_SCSIIP_NETWORK])
		strscpy_pad(link->network, nla_data(data[IFLA_SCSIIP_NETWORK]),
			    sizeof(link->network));
	scsiip_set_negative_ttl(link, data);

	netif_carrier_off(dev);
	ret = register_netdevice(dev);
	if (ret)
		return ret;
	link_changed(link);
	return 0;
}

static size_t scsiip_get_size(const struct net_device *dev)
{
	return nla_total_size(SCSIIP_NETWORK_LEN) + nla_total_size(sizeof(u32));
}

static int scsiip_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct scsiip_link *link = netdev_priv(dev);

	return nla_put_string(skb, IFLA_SCSIIP_NETWORK, link->network) ?:
	       nla_put_u32(skb, IFLA_SCSIIP_ARP_NEGATIVE_TTL,
			   link->arp.negative_ttl);
}

struct rtnl_link_ops scsiip_link_ops __read_mostly = {
	.kind		= DRV_NAME,
	.priv_size	= sizeof(struct scsiip_link),
	.setup		= scsiip_setup,
	.maxtype	= IFLA_SCSIIP_MAX,
	.policy		= scsiip_policy,
	.validate	= scsiip_validate,
	.newlink	= scsiip_newlink,
	.changelink	= scsiip_changelink,
	.get_size	= scsiip_get_size,
	.fill_info	= scsiip_fill_info,
};

/**
 * scsiip_link_create() - make an interface on behalf of a logical unit
 * @net: namespace
 * @name: a valid one, not in use
 *
 * Context: RTNL.
 * Return: the registered interface, or an ERR_PTR.
 */
struct net_device *scsiip_link_create(struct net *net, const char *name)
{
	struct nlattr *tb[IFLA_MAX + 1] = {};
	struct net_device *dev;
	int ret;

	dev = rtnl_create_link(net, name, NET_NAME_USER, &scsiip_link_ops, tb,
			       NULL);
	if (IS_ERR(dev))
		return dev;

	eth_hw_addr_random(dev);
	netif_carrier_off(dev);
	ret = register_netdevice(dev);
	if (ret) {
		free_netdev(dev);
		return ERR_PTR(ret);
	}
	rtnl_configure_link(dev, NULL, 0, NULL);
	return dev;
}

/**
 * scsiip_link_set_network() - give an interface another network name
 * @link: its private data
 * @network: a valid one
 *
 * Peers that came by the old name go, those of the new one come by themselves.
 *
 * Context: RTNL.
 */
void scsiip_link_set_network(struct scsiip_link *link, const char *network)
{
	if (!strcmp(link->network, network))
		return;

	strscpy_pad(link->network, network, sizeof(link->network));
	scsiip_paths_recheck();
}

/**
 * scsiip_link_update_carrier() - carrier is on while any path is up
 * @link: private data of an interface
 *
 * Context: RTNL.
 */
void scsiip_link_update_carrier(struct scsiip_link *link)
{
	struct scsiip_peer *peer;

	list_for_each_entry(peer, &link->peers, node) {
		if (scsiip_peer_alive(peer)) {
			netif_carrier_on(link->dev);
			return;
		}
	}
	netif_carrier_off(link->dev);
}

/*
 * It moves to another network namespace: those who listen in the one it leaves
 * see its peers go, those in the other one see them come.
 */
static void link_notify(const struct scsiip_link *link, enum scsiip_event event)
{
	const struct scsiip_peer *peer;

	list_for_each_entry(peer, &link->peers, node)
		scsiip_notify_peer(event, peer);
}

static int scsiip_netdev_event(struct notifier_block *nb, unsigned long event,
			       void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	if (!scsiip_is_link(dev))
		return NOTIFY_DONE;

	switch (event) {
	case NETDEV_REGISTER:
		scsiip_netlink_changed();
		scsiip_paths_follow(netdev_priv(dev));
		link_notify(netdev_priv(dev), SCSIIP_EVENT_PEER_NEW);
		scsiip_unit_adopt(netdev_priv(dev));
		break;
	case NETDEV_CHANGENAME:
		scsiip_netlink_changed();
		scsiip_paths_follow(netdev_priv(dev));
		scsiip_unit_adopt(netdev_priv(dev));
		break;
	case NETDEV_CHANGEADDR:
		/* it may be a peer's now, or was */
		link_changed(netdev_priv(dev));
		break;
	case NETDEV_UNREGISTER:
		scsiip_netlink_changed();
		/* otherwise its peers are removed, one by one */
		if (dev->reg_state == NETREG_REGISTERED)
			link_notify(netdev_priv(dev), SCSIIP_EVENT_PEER_DEL);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block scsiip_notifier = {
	.notifier_call = scsiip_netdev_event,
};

/*
 * A namespace dies: an interface that belongs to a logical unit goes home to
 * the initial one, as hardware does; the others go with the namespace.
 */
static void __net_exit scsiip_net_exit(struct net *net)
{
	struct net_device *dev, *next;

	rtnl_lock();
	for_each_netdev_safe(net, dev, next) {
		if (!scsiip_is_link(dev) || !scsiip_unit_owns(netdev_priv(dev)))
			continue;
		if (dev_change_net_namespace(dev, &init_net, "sip%d"))
			netdev_err(dev, "cannot leave a dying namespace\n");
	}
	rtnl_unlock();
}

static struct pernet_operations scsiip_net_ops = {
	.exit = scsiip_net_exit,
};

int scsiip_device_init(void)
{
	int ret;

	ret = register_pernet_device(&scsiip_net_ops);
	if (ret)
		return ret;

	ret = register_netdevice_notifier(&scsiip_notifier);
	if (ret)
		goto err_pernet;

	ret = rtnl_link_register(&scsiip_link_ops);
	if (ret)
		goto err_notifier;
	return 0;

err_notifier:
	unregister_netdevice_notifier(&scsiip_notifier);
err_pernet:
	unregister_pernet_device(&scsiip_net_ops);
	return ret;
}

void scsiip_device_exit(void)
{
	rtnl_link_unregister(&scsiip_link_ops);
	unregister_netdevice_notifier(&scsiip_notifier);
	unregister_pernet_device(&scsiip_net_ops);
}

MODULE_ALIAS_RTNL_LINK(DRV_NAME);
