/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network interface (rtnetlink kind "scsiip").
 */
#ifndef SCSIIP_DEVICE_H
#define SCSIIP_DEVICE_H

#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/netdevice.h>

#include "arp.h"
#include "codec.h"
#include "counters.h"

#define SCSIIP_PEER_HASH_BITS	8

struct scsiip_unit;

/**
 * struct scsiip_link - private data of an interface
 * @dev: the interface
 * @node: in the list of all interfaces, in the order they came; RTNL
 * @id: grows along that list; fixed
 * @unit: logical unit whose receive side this is, or NULL; RTNL
 * @peers: in the order they came; RTNL to change, RCU to read
 * @peer_hash: the same by link-layer address
 * @initiator_hash: those whose initiator port is known, by its name
 * @peer_count: how many
 * @fanout: which peer the next broadcast starts at
 * @arp: what it knows of IP addresses
 * @network: network name; RTNL
 * @cpu: where its peers' work runs: the interfaces take turns, like the
 *	interrupts of network cards. Several processors would wake each other
 *	up for each datagram to another peer
 * @counters: this interface's
 */
struct scsiip_link {
	struct net_device *dev;
	struct list_head node;
	u64 id;
	struct scsiip_unit *unit;
	struct list_head peers;
	DECLARE_HASHTABLE(peer_hash, SCSIIP_PEER_HASH_BITS);
	DECLARE_HASHTABLE(initiator_hash, SCSIIP_PEER_HASH_BITS);
	unsigned int peer_count;
	atomic_t fanout;
	struct scsiip_arp arp;
	char network[SCSIIP_NETWORK_LEN];
	int cpu;
	struct scsiip_counters *counters;
};

extern struct rtnl_link_ops scsiip_link_ops;
extern struct list_head scsiip_links;

bool scsiip_is_link(const struct net_device *dev);
struct net_device *scsiip_link_create(struct net *net, const char *name);
void scsiip_link_set_network(struct scsiip_link *link, const char *network);
void scsiip_link_update_carrier(struct scsiip_link *link);
int scsiip_device_init(void);
void scsiip_device_exit(void);

#endif
