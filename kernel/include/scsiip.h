/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What scsiip.ko offers to the module that presents an interface's receive
 * side as a logical unit, and to the bus that joins interfaces of one kernel.
 */
#ifndef SCSIIP_H
#define SCSIIP_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/netdevice.h>

#include "codec.h"

struct request;
struct scatterlist;
struct scsi_host_template;
struct sk_buff;

/**
 * struct scsiip_unit - a logical unit and the interface behind it
 * @netdev: name of the interface; set by the owner before scsiip_unit_enable()
 * @network: network name the interface is to get, empty to leave it as it is;
 *	set by the owner before scsiip_unit_enable()
 * @attach: the interface must exist; otherwise one is made, and goes with the
 *	unit
 * @serial: unit serial number, which the address of a made interface is
 *	derived from; NUL-terminated, may be empty at first
 * @dev: the interface; changed under RTNL, NULL while there is none
 * @owned: the unit made @dev; RTNL
 * @net_cookie: network namespace in which @netdev is looked for; RTNL
 * @node: in the list of enabled units; RTNL
 */
struct scsiip_unit {
	char netdev[IFNAMSIZ];
	char network[SCSIIP_NETWORK_LEN];
	bool attach;
	const char *serial;

	struct net_device __rcu *dev;
	bool owned;
	u64 net_cookie;
	struct list_head node;
};

int scsiip_unit_enable(struct scsiip_unit *unit);
void scsiip_unit_disable(struct scsiip_unit *unit);
bool scsiip_unit_ready(const struct scsiip_unit *unit);
void scsiip_unit_identity(const struct scsiip_unit *unit,
			  struct scsiip_identity *identity);
void scsiip_unit_refused(const struct scsiip_unit *unit,
			 enum scsiip_verdict verdict);
enum scsiip_verdict scsiip_unit_receive(const struct scsiip_unit *unit,
					const char *initiator,
					const struct scsiip_message *msg,
					struct scatterlist *sgl,
					unsigned int nents, bool by_reference);
enum scsiip_verdict scsiip_unit_receive_skb(const struct scsiip_unit *unit,
					    const char *initiator,
					    const struct sk_buff *skb);

#define SCSIIP_BUS_NAME_LEN	24	/* naa. and 16 hexadecimal digits */

/**
 * struct scsiip_bus_host - what hostdata of a host on the bus begins with
 * @name: of the initiator port; fixed
 * @unit: the logical unit behind whose interface the peers on this host's
 *	side of the bus appear, or NULL; RTNL
 * @node: in the list of hosts that have a @unit; RTNL
 */
struct scsiip_bus_host {
	const char *name;
	struct scsiip_unit *unit;
	struct list_head node;
};

/**
 * struct scsiip_bus_device - what hostdata of its scsi_devices begins with
 * @target: name of the target port
 */
struct scsiip_bus_device {
	char target[SCSIIP_BUS_NAME_LEN];
};

void scsiip_bus_register(const struct scsi_host_template *template);
void scsiip_bus_set_unit(struct scsiip_bus_host *host,
			 struct scsiip_unit *unit);
const struct sk_buff *scsiip_request_skb(struct request *rq);
void scsiip_request_checksum(struct request *rq);

#endif
