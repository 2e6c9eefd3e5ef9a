// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family: what userspace asks for and is told.
 *
 * Everything runs under RTNL, one message of a dump at a time. The lists have
 * new entries at their tails, with ids that grow: a dump goes on behind the last
 * id it has sent, whatever has come and gone meanwhile. What is there all the
 * time is in it exactly once.
 *
 * Every error has a text. The privileges are checked here and not by flags of
 * the operations, which would refuse without one.
 */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/etherdevice.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "arp.h"
#include "compat.h"
#include "device.h"
#include "netlink.h"
#include "path.h"
#include "peer.h"
#include "scsiip.h"

/* A reply: a peer with some dozens of paths */
#define REPLY_SIZE	(16 * 1024 - 512)

static struct genl_family scsiip_family;
static bool registered;			/* RTNL */

/* Of the sets of interfaces, peers and paths; nl_dump_check_consistent() */
static atomic_t generation = ATOMIC_INIT(1);

/**
 * struct scsiip_cursor - how far a dump is, in ids
 * @only: the interface that was asked for, 0 for all
 * @link: the last interface that was sent, or whose peers are being sent
 * @peer: the last peer that was sent whole
 * @part: the peer of which only some was sent, 0 for none
 * @path: the last path that was sent, of @part or of all
 * @arp: where in @link's entries
 */
struct scsiip_cursor {
	u64 only;
	u64 link;
	union {
		struct {
			u64 peer;
			u64 part;
			u64 path;
		};
		struct scsiip_arp_cursor arp;
	};
};

static struct scsiip_cursor *cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct scsiip_cursor) > sizeof(cb->ctx));
	return (struct scsiip_cursor *)cb->ctx;
}

static int out_of_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "out of memory");
	return -ENOMEM;
}

/* --- what requests say --- */

/* The interface of a request. Context: RTNL. Return: an ERR_PTR for none. */
static struct scsiip_link *request_link(struct net *net, struct nlattr **attrs,
					struct netlink_ext_ack *extack)
{
	const struct nlattr *index = attrs[SCSIIP_A_IFINDEX];
	const struct nlattr *name = attrs[SCSIIP_A_IFNAME];
	struct net_device *dev;

	if (!index && !name) {
		NL_SET_ERR_ATTR_MISS(extack, NULL, SCSIIP_A_IFINDEX);
		NL_SET_ERR_MSG(extack, "interface missing");
		return ERR_PTR(-EINVAL);
	}
	if (index && name) {
		NL_SET_ERR_MSG_ATTR(extack, name,
				    "interface by index or by name, not both");
		return ERR_PTR(-EINVAL);
	}

	dev = index ? __dev_get_by_index(net, nla_get_u32(index)) :
		      __dev_get_by_name(net, nla_data(name));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, index ?: name,
				    "no such interface in this network namespace");
		return ERR_PTR(-ENODEV);
	}
	if (!scsiip_is_link(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, index ?: name,
				    "not an interface of kind scsiip");
		return ERR_PTR(-EINVAL);
	}
	return netdev_priv(dev);
}

static bool request_names_link(struct nlattr **attrs)
{
	return attrs[SCSIIP_A_IFINDEX] || attrs[SCSIIP_A_IFNAME];
}

/* The peer of a request. Context: RTNL. Return: an ERR_PTR for none. */
static struct scsiip_peer *request_peer(struct genl_info *info)
{
	const struct nlattr *lladdr = info->attrs[SCSIIP_A_LLADDR];
	struct scsiip_link *link;
	struct scsiip_peer *peer;

	link = request_link(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(link))
		return ERR_CAST(link);

	if (!lladdr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SCSIIP_A_LLADDR);
		NL_SET_ERR_MSG(info->extack, "link-layer address missing");
		return ERR_PTR(-EINVAL);
	}
	peer = scsiip_peer_lookup(link, nla_data(lladdr));
	if (!peer) {
		NL_SET_ERR_MSG_ATTR(info->extack, lladdr,
				    "the interface has no peer with this link-layer address");
		return ERR_PTR(-ENOENT);
	}
	return peer;
}

/* Who may give an interface access to the host's SCSI devices? */
static bool host_admin(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_NET_ADMIN))
		return true;
	NL_SET_ERR_MSG(extack,
		       "CAP_NET_ADMIN in the initial user namespace needed");
	return false;
}

/* Who may say how things are called in the namespace? */
static bool net_admin(struct sk_buff *skb, const struct net *net,
		      struct netlink_ext_ack *extack)
{
	if (netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN))
		return true;
	NL_SET_ERR_MSG(extack,
		       "CAP_NET_ADMIN over the network namespace needed");
	return false;
}

/* A path that a request names, with a reference. Return: an ERR_PTR for none. */
static struct scsiip_path *request_path(struct genl_info *info)
{
	const struct nlattr *lun = info->attrs[SCSIIP_A_LUN];
	struct scsiip_path *path = scsiip_path_find(nla_data(lun));

	if (path)
		return path;
	NL_SET_ERR_MSG_ATTR(info->extack, lun,
			    "no logical unit of type 09h at this H:C:T:L");
	return ERR_PTR(-ENODEV);
}

/* --- what answers say --- */

static int put_link_key(struct sk_buff *skb, const struct net_device *dev)
{
	if (nla_put_u32(skb, SCSIIP_A_IFINDEX, dev->ifindex) ||
	    nla_put_string(skb, SCSIIP_A_IFNAME, dev->name))
		return -EMSGSIZE;
	return 0;
}

static int put_counters(struct sk_buff *skb,
			const struct scsiip_counters *counters,
			enum scsiip_counter_attr first,
			enum scsiip_counter_attr last)
{
	struct nlattr *nest = nla_nest_start(skb, SCSIIP_A_COUNTERS);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = first; i <= last; i++)
		if (nla_put_u64_64bit(skb, i, scsiip_counters_read(counters, i),
				      SCSIIP_COUNTER_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_designator(struct sk_buff *skb,
			  const struct scsiip_designator *designator)
{
	if (!designator->type)
		return 0;
	if (nla_put_u8(skb, SCSIIP_A_DESIGNATOR_TYPE, designator->type) ||
	    nla_put(skb, SCSIIP_A_DESIGNATOR, designator->len, designator->id))
		return -EMSGSIZE;
	return 0;
}

static int put_serial(struct sk_buff *skb, const struct scsiip_unit *unit)
{
	char serial[256];

	/* somebody may just be writing it */
	strscpy(serial, unit->serial, sizeof(serial));
	return nla_put_string(skb, SCSIIP_A_SERIAL, serial);
}

static int put_link(struct sk_buff *skb, const struct scsiip_link *link)
{
	const struct net_device *dev = link->dev;

	if (put_link_key(skb, dev) ||
	    nla_put(skb, SCSIIP_A_LLADDR, ETH_ALEN, dev->dev_addr) ||
	    nla_put_u32(skb, SCSIIP_A_MTU, dev->mtu) ||
	    nla_put_string(skb, SCSIIP_A_NETWORK, link->network) ||
	    (link->unit && put_serial(skb, link->unit)) ||
	    nla_put_u32(skb, SCSIIP_A_ARP_NEGATIVE_TTL,
			link->arp.negative_ttl) ||
	    nla_put_u32(skb, SCSIIP_A_PEERS, link->peer_count))
		return -EMSGSIZE;
	return put_counters(skb, link->counters, SCSIIP_FIRST_COUNTER,
			    SCSIIP_COUNTER_MAX);
}

static int put_peer_key(struct sk_buff *skb, const struct scsiip_peer *peer)
{
	if (put_link_key(skb, peer->link->dev) ||
	    nla_put(skb, SCSIIP_A_LLADDR, ETH_ALEN, peer->lladdr))
		return -EMSGSIZE;
	return 0;
}

static int put_peer_identity(struct sk_buff *skb,
			     const struct scsiip_peer *peer)
{
	if ((peer->name[0] &&
	     nla_put_string(skb, SCSIIP_A_NAME, peer->name)) ||
	    (peer->initiator[0] &&
	     nla_put_string(skb, SCSIIP_A_INITIATOR, peer->initiator)) ||
	    (peer->is_static && nla_put_flag(skb, SCSIIP_A_STATIC)) ||
	    nla_put_u8(skb, SCSIIP_A_PEER_STATE, scsiip_peer_state(peer)))
		return -EMSGSIZE;
	return put_designator(skb, &peer->designator);
}

static int put_peer(struct sk_buff *skb, const struct scsiip_peer *peer)
{
	if (put_peer_identity(skb, peer) ||
	    nla_put_u32(skb, SCSIIP_A_MTU, peer->mtu) ||
	    nla_put_u32(skb, SCSIIP_A_QUEUED, skb_queue_len_lockless(&peer->queue)) ||
	    nla_put_u32(skb, SCSIIP_A_QUEUED_BYTES, READ_ONCE(peer->queued)))
		return -EMSGSIZE;
	return put_counters(skb, peer->counters, SCSIIP_COUNTER_TX_TOO_BIG,
			    SCSIIP_COUNTER_TX_ORPHANED);
}

static int put_path(struct sk_buff *skb, const struct scsiip_path *path)
{
	if (nla_put_string(skb, SCSIIP_A_LUN, path->name) ||
	    nla_put_u8(skb, SCSIIP_A_PATH_STATE, READ_ONCE(path->state)) ||
	    nla_put_u32(skb, SCSIIP_A_INFLIGHT, atomic_read(&path->inflight)))
		return -EMSGSIZE;
	return put_counters(skb, path->counters, SCSIIP_COUNTER_TX_DIRECT,
			    SCSIIP_COUNTER_TX_ORPHANED);
}

/* Return: -EMSGSIZE if there are paths that did not fit, behind @after. */
static int put_paths(struct sk_buff *skb, const struct scsiip_peer *peer,
		     u64 *after)
{
	struct nlattr *paths, *nest;
	struct scsiip_path *path;
	int ret = 0;

	paths = nla_nest_start(skb, SCSIIP_A_PATHS);
	if (!paths)
		return -EMSGSIZE;

	list_for_each_entry(path, &peer->paths, peer_node) {
		if (path->peer_id <= *after)
			continue;
		nest = nla_nest_start(skb, SCSIIP_A_PATH);
		if (!nest || put_path(skb, path)) {
			nla_nest_cancel(skb, nest);
			ret = -EMSGSIZE;
			break;
		}
		nla_nest_end(skb, nest);
		*after = path->peer_id;
	}
	nla_nest_end(skb, paths);
	return ret;
}

static int put_arp(struct sk_buff *skb, const struct scsiip_link *link,
		   const struct scsiip_arp_info *entry)
{
	if (put_link_key(skb, link->dev) ||
	    nla_put(skb, SCSIIP_A_ADDRESS, entry->len, entry->address) ||
	    nla_put_u8(skb, SCSIIP_A_ARP_STATE, entry->state) ||
	    (entry->state == SCSIIP_ARP_SEEN &&
	     nla_put(skb, SCSIIP_A_LLADDR, ETH_ALEN, entry->lladdr)) ||
	    nla_put_u32(skb, SCSIIP_A_AGE, entry->age) ||
	    (entry->expires &&
	     nla_put_u32(skb, SCSIIP_A_EXPIRES, entry->expires)))
		return -EMSGSIZE;
	return 0;
}

static const char *lun_transport(const struct scsi_device *sdev)
{
	const struct scsi_host_template *template = sdev->host->hostt;

	return template->proc_name ?: template->name;
}

/* The interface: the one it is attached to, or the one that was named for it. */
static int put_lun_link(struct sk_buff *skb, const struct scsiip_path *path,
			const struct net *net)
{
	const struct scsiip_peer *peer = rtnl_dereference(path->peer);

	if (peer && net_eq(dev_net(peer->link->dev), net))
		return put_link_key(skb, peer->link->dev);
	if (!peer && path->policy == SCSIIP_POLICY_NETDEV &&
	    path->net_cookie == net->net_cookie)
		return nla_put_string(skb, SCSIIP_A_IFNAME, path->netdev);
	return 0;
}

static int put_lun_identity(struct sk_buff *skb, const struct scsiip_path *path)
{
	const struct scsiip_identity *identity = &path->identity;
	bool pinned = !is_zero_ether_addr(path->pinned);

	if (pinned && nla_put_flag(skb, SCSIIP_A_PINNED))
		return -EMSGSIZE;
	if ((pinned || !is_zero_ether_addr(identity->lladdr)) &&
	    nla_put(skb, SCSIIP_A_LLADDR, ETH_ALEN,
		    pinned ? path->pinned : identity->lladdr))
		return -EMSGSIZE;
	if (!is_zero_ether_addr(identity->lladdr) &&
	    (nla_put_u32(skb, SCSIIP_A_MTU, identity->mtu) ||
	     nla_put_string(skb, SCSIIP_A_NETWORK, identity->network)))
		return -EMSGSIZE;
	return put_designator(skb, &path->designator);
}

/* Fields of INQUIRY data, padded with blanks. */
static int put_inquiry(struct sk_buff *skb, int type, const char *field,
		       int len)
{
	char text[17] = "";

	memcpy(text, field, len);
	return nla_put_string(skb, type, strim(text));
}

/* Context: paths_lock too, so that @path->sdev stays. */
static int put_lun(struct sk_buff *skb, const struct scsiip_path *path,
		   const struct net *net)
{
	const struct scsi_device *sdev = path->sdev;

	if (nla_put_string(skb, SCSIIP_A_LUN, path->name) ||
	    nla_put_u8(skb, SCSIIP_A_PATH_STATE, path->state) ||
	    nla_put_u8(skb, SCSIIP_A_POLICY, path->policy) ||
	    put_lun_link(skb, path, net) ||
	    put_lun_identity(skb, path) ||
	    nla_put_string(skb, SCSIIP_A_TRANSPORT, lun_transport(sdev)) ||
	    put_inquiry(skb, SCSIIP_A_VENDOR, sdev->vendor, 8) ||
	    put_inquiry(skb, SCSIIP_A_MODEL, sdev->model, 16) ||
	    nla_put_u32(skb, SCSIIP_A_QUEUE_DEPTH, sdev->queue_depth) ||
	    nla_put_u32(skb, SCSIIP_A_INFLIGHT, atomic_read(&path->inflight)) ||
	    nla_put_u32(skb, SCSIIP_A_LIMIT, path->limit))
		return -EMSGSIZE;
	return put_counters(skb, path->counters, SCSIIP_COUNTER_TX_DIRECT,
			    SCSIIP_COUNTER_TX_ORPHANED);
}

/* --- replies --- */

/* Answer with what @fill puts into a message under RTNL. */
static int reply(struct sk_buff *request, struct genl_info *info,
		 int (*fill)(struct sk_buff *skb, struct sk_buff *request,
			     struct genl_info *info))
{
	struct sk_buff *skb = nlmsg_new(REPLY_SIZE, GFP_KERNEL);
	void *header;
	int ret;

	if (!skb)
		return out_of_memory(info->extack);

	header = genlmsg_put_reply(skb, info, &scsiip_family, 0,
				   info->genlhdr->cmd);
	rtnl_lock();
	ret = fill(skb, request, info);
	rtnl_unlock();
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int fill_link(struct sk_buff *skb, struct sk_buff *request,
		     struct genl_info *info)
{
	struct scsiip_link *link = request_link(genl_info_net(info),
						info->attrs, info->extack);

	return IS_ERR(link) ? PTR_ERR(link) : put_link(skb, link);
}

static int link_get(struct sk_buff *skb, struct genl_info *info)
{
	return reply(skb, info, fill_link);
}

static int fill_peer(struct sk_buff *skb, struct sk_buff *request,
		     struct genl_info *info)
{
	struct scsiip_peer *peer = request_peer(info);
	u64 after = 0;
	int ret;

	if (IS_ERR(peer))
		return PTR_ERR(peer);
	ret = put_peer_key(skb, peer) ?: put_peer(skb, peer);
	if (!ret)
		put_paths(skb, peer, &after);
	return ret;
}

static int peer_get(struct sk_buff *skb, struct genl_info *info)
{
	return reply(skb, info, fill_peer);
}

/**
 * struct scsiip_lun_walk - for scsiip_paths_walk()
 * @skb: what the message goes into
 * @net: of the socket
 * @all: who asks may see units that do not belong to @net
 * @name: of the unit that was asked for
 * @cb: of a dump
 */
struct scsiip_lun_walk {
	struct sk_buff *skb;
	const struct net *net;
	bool all;
	const char *name;
	struct netlink_callback *cb;
};

static bool lun_visible(const struct scsiip_lun_walk *walk,
			const struct scsiip_path *path)
{
	const struct scsiip_peer *peer = rtnl_dereference(path->peer);

	return walk->all ||
	       (peer && net_eq(dev_net(peer->link->dev), walk->net));
}

/* Return: 1 if that was the one. */
static int lun_reply(struct scsiip_path *path, void *data)
{
	struct scsiip_lun_walk *walk = data;

	if (strcmp(path->name, walk->name) || !lun_visible(walk, path))
		return 0;
	return put_lun(walk->skb, path, walk->net) ?: 1;
}

static int fill_lun(struct sk_buff *skb, struct sk_buff *request,
		    struct genl_info *info)
{
	const struct nlattr *lun = info->attrs[SCSIIP_A_LUN];
	struct scsiip_lun_walk walk = {
		.skb = skb,
		.net = genl_info_net(info),
		.all = netlink_capable(request, CAP_NET_ADMIN),
		.name = nla_data(lun),
	};
	u64 after = 0;
	int ret;

	ret = scsiip_paths_walk(&after, lun_reply, &walk);
	if (!ret) {
		NL_SET_ERR_MSG_ATTR(info->extack, lun,
				    "no logical unit of type 09h at this H:C:T:L, or not for you to see");
		return -ENODEV;
	}
	return min(ret, 0);
}

static int lun_get(struct sk_buff *skb, struct genl_info *info)
{
	if (!info->attrs[SCSIIP_A_LUN]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SCSIIP_A_LUN);
		NL_SET_ERR_MSG(info->extack, "logical unit missing");
		return -EINVAL;
	}
	return reply(skb, info, fill_lun);
}

/* --- dumps --- */

/* 6.1 has no room for a text here. */
static int dump_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = scsiip_dump_attrs(cb);
	struct scsiip_link *link;

	if (!attrs[SCSIIP_A_IFINDEX] && !attrs[SCSIIP_A_IFNAME])
		return 0;

	rtnl_lock();
	link = request_link(sock_net(cb->skb->sk), attrs, cb->extack);
	if (!IS_ERR(link))
		cursor(cb)->only = link->id;
	rtnl_unlock();
	return PTR_ERR_OR_ZERO(link);
}

static int peer_dump_start(struct netlink_callback *cb)
{
	const struct nlattr *lladdr = scsiip_dump_attrs(cb)[SCSIIP_A_LLADDR];

	if (lladdr) {
		NL_SET_ERR_MSG_ATTR(cb->extack, lladdr,
				    "a dump is of all peers, not of one link-layer address");
		return -EINVAL;
	}
	return dump_start(cb);
}

static int lun_dump_start(struct netlink_callback *cb)
{
	const struct nlattr *lun = scsiip_dump_attrs(cb)[SCSIIP_A_LUN];

	if (lun) {
		NL_SET_ERR_MSG_ATTR(cb->extack, lun,
				    "a dump is of all logical units, not of one");
		return -EINVAL;
	}
	return 0;
}

static bool dump_wants(struct netlink_callback *cb,
		       const struct scsiip_link *link)
{
	u64 only = cursor(cb)->only;

	return (!only || only == link->id) &&
	       net_eq(dev_net(link->dev), sock_net(cb->skb->sk));
}

static void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &scsiip_family,
				   NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

/* A message that is full, or empty because there is no more. */
static int dump_end(const struct sk_buff *skb, int ret)
{
	return skb->len ?: ret;
}

static int link_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct scsiip_link *link)
{
	void *header = dump_put(skb, cb, SCSIIP_CMD_LINK_GET);

	if (!header)
		return -EMSGSIZE;
	if (put_link(skb, link)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int link_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct scsiip_link *link;
	int ret = 0;

	rtnl_lock();
	cb->seq = atomic_read(&generation);
	list_for_each_entry(link, &scsiip_links, node) {
		if (link->id <= cursor(cb)->link || !dump_wants(cb, link))
			continue;
		ret = link_dump_one(skb, cb, link);
		if (ret)
			break;
		cursor(cb)->link = link->id;
	}
	rtnl_unlock();
	return dump_end(skb, ret);
}

/*
 * A peer that does not fit into what is left of a message gets one of its own;
 * if that does not do either, it goes on in the next one.
 */
static int peer_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct scsiip_peer *peer)
{
	struct scsiip_cursor *at = cursor(cb);
	bool begun = at->part == peer->id, alone = !skb->len;
	u64 path = begun ? at->path : 0;
	void *header;
	int ret;

	header = dump_put(skb, cb, SCSIIP_CMD_PEER_GET);
	if (!header)
		return -EMSGSIZE;
	if (put_peer_key(skb, peer) || (!begun && put_peer(skb, peer)))
		goto cancel;
	ret = put_paths(skb, peer, &path);
	if (ret && !alone)
		goto cancel;
	genlmsg_end(skb, header);

	if (ret) {
		at->part = peer->id;
		at->path = path;
	} else {
		at->peer = peer->id;
	}
	return ret;

cancel:
	genlmsg_cancel(skb, header);
	return -EMSGSIZE;
}

static int peer_dump_link(struct sk_buff *skb, struct netlink_callback *cb,
			  const struct scsiip_link *link)
{
	struct scsiip_cursor *at = cursor(cb);
	const struct scsiip_peer *peer;
	int ret;

	if (at->link != link->id) {
		at->link = link->id;
		at->peer = 0;
	}

	list_for_each_entry(peer, &link->peers, node) {
		if (peer->id <= at->peer)
			continue;
		ret = peer_dump_one(skb, cb, peer);
		if (ret)
			return ret;
	}
	return 0;
}

static int peer_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct scsiip_link *link;
	int ret = 0;

	rtnl_lock();
	cb->seq = atomic_read(&generation);
	list_for_each_entry(link, &scsiip_links, node) {
		if (link->id < cursor(cb)->link || !dump_wants(cb, link))
			continue;
		ret = peer_dump_link(skb, cb, link);
		if (ret)
			break;
	}
	rtnl_unlock();
	return dump_end(skb, ret);
}

static int lun_dump_one(struct scsiip_path *path, void *data)
{
	struct scsiip_lun_walk *walk = data;
	void *header;

	if (!lun_visible(walk, path))
		return 0;

	header = dump_put(walk->skb, walk->cb, SCSIIP_CMD_LUN_GET);
	if (!header)
		return -EMSGSIZE;
	if (put_lun(walk->skb, path, walk->net)) {
		genlmsg_cancel(walk->skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(walk->skb, header);
	return 0;
}

static int lun_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct scsiip_lun_walk walk = {
		.skb = skb,
		.net = sock_net(cb->skb->sk),
		.all = netlink_capable(cb->skb, CAP_NET_ADMIN),
		.cb = cb,
	};
	int ret;

	rtnl_lock();
	cb->seq = atomic_read(&generation);
	ret = scsiip_paths_walk(&cursor(cb)->path, lun_dump_one, &walk);
	rtnl_unlock();
	return dump_end(skb, ret);
}

static int arp_dump_link(struct sk_buff *skb, struct netlink_callback *cb,
			 struct scsiip_link *link)
{
	struct scsiip_cursor *at = cursor(cb);
	struct scsiip_arp_cursor next;
	struct scsiip_arp_info entry;
	void *header;

	if (at->link != link->id) {
		at->link = link->id;
		memset(&at->arp, 0, sizeof(at->arp));
	}

	next = at->arp;
	while (scsiip_arp_next(&link->arp, &next, &entry)) {
		header = dump_put(skb, cb, SCSIIP_CMD_ARP_GET);
		if (!header)
			return -EMSGSIZE;
		if (put_arp(skb, link, &entry)) {
			genlmsg_cancel(skb, header);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, header);
		at->arp = next;
	}
	at->arp = next;
	return 0;
}

/* What the data path learns meanwhile makes no dump inconsistent. */
static int arp_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct scsiip_link *link;
	int ret = 0;

	rtnl_lock();
	list_for_each_entry(link, &scsiip_links, node) {
		if (link->id < cursor(cb)->link || !dump_wants(cb, link))
			continue;
		ret = arp_dump_link(skb, cb, link);
		if (ret)
			break;
	}
	rtnl_unlock();
	return dump_end(skb, ret);
}

/* --- LUN_SET --- */

/* Is that what a pinned address may be? Zeroes take it back. */
static bool request_pin_valid(const struct nlattr *lladdr,
			      struct netlink_ext_ack *extack)
{
	if (!lladdr || is_zero_ether_addr(nla_data(lladdr)) ||
	    is_valid_ether_addr(nla_data(lladdr)))
		return true;
	NL_SET_ERR_MSG_ATTR(extack, lladdr,
			    "not a unicast link-layer address");
	return false;
}

static int lun_set_locked(struct genl_info *info)
{
	const struct nlattr *lladdr = info->attrs[SCSIIP_A_LLADDR];
	const struct nlattr *policy = info->attrs[SCSIIP_A_POLICY];
	struct scsiip_link *link = NULL;
	struct scsiip_path *path;

	if (policy && nla_get_u8(policy) == SCSIIP_POLICY_NETDEV) {
		link = request_link(genl_info_net(info), info->attrs,
				    info->extack);
		if (IS_ERR(link))
			return PTR_ERR(link);
	} else if (request_names_link(info->attrs)) {
		NL_SET_ERR_MSG(info->extack,
			       "an interface goes with the policy of that name only");
		return -EINVAL;
	}

	path = request_path(info);
	if (IS_ERR(path))
		return PTR_ERR(path);

	if (lladdr)
		ether_addr_copy(path->pinned, nla_data(lladdr));
	if (policy)
		scsiip_path_set_policy(path, nla_get_u8(policy),
				       link ? link->dev : NULL);
	scsiip_path_apply(path);
	scsiip_path_put(path);
	scsiip_netlink_changed();
	return 0;
}

static int lun_set(struct sk_buff *skb, struct genl_info *info)
{
	int ret;

	if (!host_admin(skb, info->extack))
		return -EPERM;
	if (!info->attrs[SCSIIP_A_LUN]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SCSIIP_A_LUN);
		NL_SET_ERR_MSG(info->extack, "logical unit missing");
		return -EINVAL;
	}
	if (!info->attrs[SCSIIP_A_POLICY] && !info->attrs[SCSIIP_A_LLADDR]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SCSIIP_A_POLICY);
		NL_SET_ERR_MSG(info->extack,
			       "nothing to set: neither policy nor link-layer address");
		return -EINVAL;
	}
	if (!request_pin_valid(info->attrs[SCSIIP_A_LLADDR], info->extack))
		return -EADDRNOTAVAIL;

	rtnl_lock();
	ret = lun_set_locked(info);
	rtnl_unlock();
	return ret;
}

/* --- PEER_ADD, PEER_SET, PEER_DEL --- */

static bool request_peer_name_valid(const struct nlattr *name,
				    struct netlink_ext_ack *extack)
{
	/* the same letters, and as many */
	BUILD_BUG_ON(SCSIIP_PEER_NAME_LEN != SCSIIP_NETWORK_LEN);
	if (!name || scsiip_network_valid(nla_data(name)))
		return true;
	NL_SET_ERR_MSG_ATTR(extack, name,
			    "peer name must be printable ASCII without space");
	return false;
}

static bool request_initiator_valid(const struct nlattr *initiator,
				    struct netlink_ext_ack *extack)
{
	const char *c = initiator ? nla_data(initiator) : "";

	while (isascii(*c) && isgraph(*c))
		c++;
	if (!*c)
		return true;
	NL_SET_ERR_MSG_ATTR(extack, initiator,
			    "initiator name must be printable ASCII without space");
	return false;
}

/* Are name and initiator free on the interface? @peer may have them: NULL. */
static int request_names_free(const struct scsiip_link *link,
			      const struct scsiip_peer *peer,
			      struct genl_info *info)
{
	const struct nlattr *name = info->attrs[SCSIIP_A_NAME];
	const struct nlattr *initiator = info->attrs[SCSIIP_A_INITIATOR];
	const struct scsiip_peer *other;

	other = name && *(const char *)nla_data(name) ?
		scsiip_peer_by_name(link, nla_data(name)) : NULL;
	if (other && other != peer) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "another peer of the interface has this name");
		return -EEXIST;
	}

	other = initiator ?
		scsiip_peer_by_initiator(link, nla_data(initiator)) : NULL;
	if (other && other != peer) {
		NL_SET_ERR_MSG_ATTR(info->extack, initiator,
				    "another peer of the interface has this initiator");
		return -EEXIST;
	}
	return 0;
}

/* Of the logical unit that a new peer is to be; fills in @path if it is there. */
static int request_designator(struct genl_info *info,
			      struct scsiip_designator *designator,
			      struct scsiip_path **path)
{
	const struct nlattr *type = info->attrs[SCSIIP_A_DESIGNATOR_TYPE];
	const struct nlattr *id = info->attrs[SCSIIP_A_DESIGNATOR];

	if (type) {
		designator->type = nla_get_u8(type);
		designator->len = nla_len(id);
		memcpy(designator->id, nla_data(id), designator->len);
		return 0;
	}

	*path = request_path(info);
	if (IS_ERR(*path))
		return PTR_ERR(*path);
	*designator = (*path)->designator;
	if (!designator->type) {
		scsiip_path_put(*path);
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SCSIIP_A_LUN],
				    "the logical unit has not told any designator");
		return -ENODATA;
	}
	return 0;
}

/* May the interface have a peer like that? */
static int peer_add_judge(const struct scsiip_link *link,
			  const struct scsiip_designator *designator,
			  struct genl_info *info)
{
	const struct nlattr *lladdr = info->attrs[SCSIIP_A_LLADDR];

	if (ether_addr_equal(nla_data(lladdr), link->dev->dev_addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, lladdr,
				    "this is the interface's own link-layer address");
		return -EADDRINUSE;
	}
	if (scsiip_peer_lookup(link, nla_data(lladdr))) {
		NL_SET_ERR_MSG_ATTR(info->extack, lladdr,
				    "the interface has a peer with this link-layer address");
		return -EEXIST;
	}
	if (scsiip_peer_by_designator(link, designator)) {
		NL_SET_ERR_MSG(info->extack,
			       "the logical unit is a peer of the interface already");
		return -EEXIST;
	}
	return request_names_free(link, NULL, info);
}

static void peer_set_names(struct scsiip_peer *peer, struct genl_info *info)
{
	const struct nlattr *name = info->attrs[SCSIIP_A_NAME];
	const struct nlattr *initiator = info->attrs[SCSIIP_A_INITIATOR];

	if (name)
		strscpy(peer->name, nla_data(name), sizeof(peer->name));
	if (initiator)
		scsiip_peer_set_initiator(peer, nla_data(initiator));
}

static int peer_add_locked(struct genl_info *info)
{
	struct scsiip_designator designator = {};
	struct scsiip_path *path = NULL;
	struct scsiip_link *link;
	struct scsiip_peer *peer;
	int ret;

	link = request_link(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(link))
		return PTR_ERR(link);
	ret = request_designator(info, &designator, &path);
	if (ret)
		return ret;

	ret = peer_add_judge(link, &designator, info);
	if (ret)
		goto put;
	peer = scsiip_peer_create(link, nla_data(info->attrs[SCSIIP_A_LLADDR]),
				  &designator, true);
	if (!peer) {
		ret = out_of_memory(info->extack);
		goto put;
	}
	peer_set_names(peer, info);
	scsiip_notify_peer(SCSIIP_EVENT_PEER_NEW, peer);

	if (path) {
		scsiip_path_set_policy(path, SCSIIP_POLICY_NETDEV, link->dev);
		scsiip_path_apply(path);
	} else {
		scsiip_paths_claim(&designator);
	}
put:
	if (path)
		scsiip_path_put(path);
	return ret;
}

/* Does the request say one logical unit, in one way? */
static bool request_names_unit(struct genl_info *info)
{
	const struct nlattr *lun = info->attrs[SCSIIP_A_LUN];
	const struct nlattr *type = info->attrs[SCSIIP_A_DESIGNATOR_TYPE];
	const struct nlattr *id = info->attrs[SCSIIP_A_DESIGNATOR];

	if (!type != !id) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     id ? SCSIIP_A_DESIGNATOR_TYPE :
					  SCSIIP_A_DESIGNATOR);
		NL_SET_ERR_MSG(info->extack,
			       "a designator is a type and an identifier");
		return false;
	}
	if (!lun == !id) {
		NL_SET_ERR_MSG(info->extack,
			       "logical unit by H:C:T:L or by designator, one of them");
		return false;
	}
	return true;
}

static int peer_add(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *lladdr = info->attrs[SCSIIP_A_LLADDR];
	int ret;

	if (!host_admin(skb, info->extack))
		return -EPERM;
	if (!lladdr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SCSIIP_A_LLADDR);
		NL_SET_ERR_MSG(info->extack, "link-layer address missing");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(nla_data(lladdr))) {
		NL_SET_ERR_MSG_ATTR(info->extack, lladdr,
				    "not a unicast link-layer address");
		return -EADDRNOTAVAIL;
	}
	if (!request_names_unit(info) ||
	    !request_peer_name_valid(info->attrs[SCSIIP_A_NAME], info->extack) ||
	    !request_initiator_valid(info->attrs[SCSIIP_A_INITIATOR],
				     info->extack))
		return -EINVAL;

	rtnl_lock();
	ret = peer_add_locked(info);
	rtnl_unlock();
	return ret;
}

static int peer_set_locked(struct genl_info *info)
{
	struct scsiip_peer *peer = request_peer(info);
	int ret;

	if (IS_ERR(peer))
		return PTR_ERR(peer);
	ret = request_names_free(peer->link, peer, info);
	if (ret)
		return ret;
	peer_set_names(peer, info);
	scsiip_notify_peer(SCSIIP_EVENT_PEER_CHANGE, peer);
	return 0;
}

/* A name is the namespace's affair; an initiator decides whose a datagram is. */
static int peer_set(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *name = info->attrs[SCSIIP_A_NAME];
	const struct nlattr *initiator = info->attrs[SCSIIP_A_INITIATOR];
	int ret;

	if (!net_admin(skb, genl_info_net(info), info->extack) ||
	    (initiator && !host_admin(skb, info->extack)))
		return -EPERM;
	if (!name && !initiator) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SCSIIP_A_NAME);
		NL_SET_ERR_MSG(info->extack,
			       "nothing to set: neither name nor initiator");
		return -EINVAL;
	}
	if (!request_peer_name_valid(name, info->extack) ||
	    !request_initiator_valid(initiator, info->extack))
		return -EINVAL;

	rtnl_lock();
	ret = peer_set_locked(info);
	rtnl_unlock();
	return ret;
}

static int peer_del(struct sk_buff *skb, struct genl_info *info)
{
	struct scsiip_peer *peer;

	if (!host_admin(skb, info->extack))
		return -EPERM;

	rtnl_lock();
	peer = request_peer(info);
	if (!IS_ERR(peer))
		scsiip_peer_delete(peer);
	rtnl_unlock();
	return PTR_ERR_OR_ZERO(peer);
}

/* --- ARP_DEL --- */

static int arp_del_locked(struct genl_info *info)
{
	const struct nlattr *address = info->attrs[SCSIIP_A_ADDRESS];
	const struct nlattr *state = info->attrs[SCSIIP_A_ARP_STATE];
	unsigned int states = state ? BIT(nla_get_u8(state)) : ~0;
	struct scsiip_link *link;

	link = request_link(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(link))
		return PTR_ERR(link);

	if (!address) {
		scsiip_arp_flush(&link->arp, states);
		return 0;
	}
	if (!scsiip_arp_forget(&link->arp, nla_data(address), nla_len(address),
			       states)) {
		NL_SET_ERR_MSG_ATTR(info->extack, address,
				    "the interface has no such entry for this address");
		return -ENOENT;
	}
	return 0;
}

static int arp_del(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *address = info->attrs[SCSIIP_A_ADDRESS];
	int ret;

	if (!net_admin(skb, genl_info_net(info), info->extack))
		return -EPERM;
	if (address && nla_len(address) != sizeof(struct in_addr) &&
	    nla_len(address) != sizeof(struct in6_addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, address,
				    "an IP address has 4 or 16 bytes");
		return -EINVAL;
	}

	rtnl_lock();
	ret = arp_del_locked(info);
	rtnl_unlock();
	return ret;
}

/* --- events --- */

/**
 * scsiip_netlink_changed() - what a dump is of has changed
 *
 * Context: any.
 */
void scsiip_netlink_changed(void)
{
	atomic_inc(&generation);
}

static int put_event(struct sk_buff *skb, enum scsiip_event event,
		     const struct scsiip_peer *peer,
		     const struct scsiip_path *path)
{
	void *header = genlmsg_put(skb, 0, 0, &scsiip_family, 0,
				   SCSIIP_CMD_EVENT);

	if (!header || nla_put_u8(skb, SCSIIP_A_EVENT, event) ||
	    put_peer_key(skb, peer) || put_peer_identity(skb, peer))
		return -EMSGSIZE;
	if (path && (nla_put_string(skb, SCSIIP_A_LUN, path->name) ||
		     nla_put_u8(skb, SCSIIP_A_PATH_STATE, path->state)))
		return -EMSGSIZE;
	genlmsg_end(skb, header);
	return 0;
}

static void notify(enum scsiip_event event, const struct scsiip_peer *peer,
		   const struct scsiip_path *path)
{
	struct net *net = dev_net(peer->link->dev);
	struct sk_buff *skb;

	scsiip_netlink_changed();
	if (!registered || !genl_has_listeners(&scsiip_family, net, 0))
		return;

	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb || put_event(skb, event, peer, path)) {
		nlmsg_free(skb);
		genl_set_err(&scsiip_family, net, 0, 0, -ENOBUFS);
		return;
	}
	genlmsg_multicast_netns(&scsiip_family, net, skb, 0, 0, GFP_KERNEL);
}

/**
 * scsiip_notify_peer() - tell userspace of a peer
 * @event: what has happened
 * @peer: of an interface
 *
 * Context: RTNL.
 */
void scsiip_notify_peer(enum scsiip_event event, const struct scsiip_peer *peer)
{
	notify(event, peer, NULL);
}

/**
 * scsiip_notify_path() - tell userspace of a path
 * @event: what has happened
 * @path: the path
 * @peer: which it is, or was, a way to
 *
 * Context: RTNL.
 */
void scsiip_notify_path(enum scsiip_event event, const struct scsiip_path *path,
			const struct scsiip_peer *peer)
{
	notify(event, peer, path);
}

/* --- the family --- */

#define STRING(size)	{ .type = NLA_NUL_STRING, .len = (size) - 1 }

static const struct nla_policy link_get_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
};

static const struct nla_policy peer_get_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
	[SCSIIP_A_LLADDR] = NLA_POLICY_ETH_ADDR,
};

static const struct nla_policy lun_get_policy[] = {
	[SCSIIP_A_LUN] = STRING(SCSIIP_LUN_NAME_LEN),
};

static const struct nla_policy lun_set_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
	[SCSIIP_A_LLADDR] = NLA_POLICY_ETH_ADDR,
	[SCSIIP_A_LUN] = STRING(SCSIIP_LUN_NAME_LEN),
	[SCSIIP_A_POLICY] = NLA_POLICY_MAX(NLA_U8, SCSIIP_POLICY_NONE),
};

static const struct nla_policy peer_add_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
	[SCSIIP_A_LLADDR] = NLA_POLICY_ETH_ADDR,
	[SCSIIP_A_NAME] = STRING(SCSIIP_PEER_NAME_LEN),
	[SCSIIP_A_INITIATOR] = STRING(SCSIIP_INITIATOR_LEN),
	[SCSIIP_A_LUN] = STRING(SCSIIP_LUN_NAME_LEN),
	[SCSIIP_A_DESIGNATOR_TYPE] = NLA_POLICY_RANGE(NLA_U8, 1, 15),
	[SCSIIP_A_DESIGNATOR] = NLA_POLICY_RANGE(NLA_BINARY, 1,
						 SCSIIP_DESIGNATOR_LEN),
};

static const struct nla_policy peer_set_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
	[SCSIIP_A_LLADDR] = NLA_POLICY_ETH_ADDR,
	[SCSIIP_A_NAME] = STRING(SCSIIP_PEER_NAME_LEN),
	[SCSIIP_A_INITIATOR] = STRING(SCSIIP_INITIATOR_LEN),
};

static const struct nla_policy peer_del_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
	[SCSIIP_A_LLADDR] = NLA_POLICY_ETH_ADDR,
};

static const struct nla_policy arp_get_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
};

static const struct nla_policy arp_del_policy[] = {
	[SCSIIP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCSIIP_A_IFNAME] = STRING(IFNAMSIZ),
	[SCSIIP_A_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY,
					      sizeof(struct in_addr),
					      sizeof(struct in6_addr)),
	[SCSIIP_A_ARP_STATE] = NLA_POLICY_MAX(NLA_U8, SCSIIP_ARP_SEEN),
};

static const struct genl_ops scsiip_ops[] = {
	{
		.cmd	= SCSIIP_CMD_LINK_GET,
		.doit	= link_get,
		.start	= dump_start,
		.dumpit	= link_dump,
		.policy	= link_get_policy,
		.maxattr = ARRAY_SIZE(link_get_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_PEER_GET,
		.doit	= peer_get,
		.start	= peer_dump_start,
		.dumpit	= peer_dump,
		.policy	= peer_get_policy,
		.maxattr = ARRAY_SIZE(peer_get_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_PEER_ADD,
		.doit	= peer_add,
		.policy	= peer_add_policy,
		.maxattr = ARRAY_SIZE(peer_add_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_PEER_SET,
		.doit	= peer_set,
		.policy	= peer_set_policy,
		.maxattr = ARRAY_SIZE(peer_set_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_PEER_DEL,
		.doit	= peer_del,
		.policy	= peer_del_policy,
		.maxattr = ARRAY_SIZE(peer_del_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_LUN_GET,
		.doit	= lun_get,
		.start	= lun_dump_start,
		.dumpit	= lun_dump,
		.policy	= lun_get_policy,
		.maxattr = ARRAY_SIZE(lun_get_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_LUN_SET,
		.doit	= lun_set,
		.policy	= lun_set_policy,
		.maxattr = ARRAY_SIZE(lun_set_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_ARP_GET,
		.start	= dump_start,
		.dumpit	= arp_dump,
		.policy	= arp_get_policy,
		.maxattr = ARRAY_SIZE(arp_get_policy) - 1,
	},
	{
		.cmd	= SCSIIP_CMD_ARP_DEL,
		.doit	= arp_del,
		.policy	= arp_del_policy,
		.maxattr = ARRAY_SIZE(arp_del_policy) - 1,
	},
};

static const struct genl_multicast_group scsiip_groups[] = {
	{ .name = SCSIIP_GENL_MCGRP_EVENTS },
};

static struct genl_family scsiip_family __ro_after_init = {
	.name		= SCSIIP_GENL_NAME,
	.version	= SCSIIP_GENL_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,		/* they take RTNL */
	.module		= THIS_MODULE,
	.ops		= scsiip_ops,
	.n_ops		= ARRAY_SIZE(scsiip_ops),
	.mcgrps		= scsiip_groups,
	.n_mcgrps	= ARRAY_SIZE(scsiip_groups),
};

static void set_registered(bool value)
{
	rtnl_lock();
	registered = value;
	rtnl_unlock();
}

int __init scsiip_netlink_init(void)
{
	int ret;

	ret = genl_register_family(&scsiip_family);
	if (!ret)
		set_registered(true);
	return ret;
}

/* Its requests are all answered then, and no events come any more. */
void scsiip_netlink_exit(void)
{
	set_registered(false);
	genl_unregister_family(&scsiip_family);
}

MODULE_ALIAS_GENL_FAMILY(SCSIIP_GENL_NAME);
