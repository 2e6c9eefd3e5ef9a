/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic netlink family; uapi/scsiip.h and docs/netlink.md have its
 * commands.
 */
#ifndef SCSIIP_NETLINK_H
#define SCSIIP_NETLINK_H

#include "uapi/scsiip.h"

struct net_device;
struct scsiip_path;
struct scsiip_peer;

void scsiip_netlink_changed(void);
void scsiip_notify_peer(enum scsiip_event event,
			const struct scsiip_peer *peer);
void scsiip_notify_path(enum scsiip_event event, const struct scsiip_path *path,
			const struct scsiip_peer *peer);
int scsiip_netlink_init(void);
void scsiip_netlink_exit(void);

#endif
