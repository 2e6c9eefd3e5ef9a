/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of an outgoing datagram: ndo_start_xmit queues it at its peer, the
 * peer's work sends it as a SEND MESSAGE, the completion frees it.
 */
#ifndef SCSIIP_TRANSMIT_H
#define SCSIIP_TRANSMIT_H

#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "uapi/scsiip.h"

struct scsiip_path;

extern struct workqueue_struct *scsiip_wq;	/* the peers' work */

netdev_tx_t scsiip_start_xmit(struct sk_buff *skb, struct net_device *dev);
void scsiip_transmit_drop(const u8 *lladdr, struct sk_buff *skb,
			  enum scsiip_counter_attr reason);
void scsiip_transmit_work(struct work_struct *work);
void scsiip_transmit_orphan(struct scsiip_path *path);
unsigned int scsiip_transmit_limit(const struct scsiip_path *path);
unsigned int scsiip_transmit_alignment(const struct scsiip_path *path);

/* Commands in flight of any kind keep the module from going. */
void scsiip_inflight_get(void);
void scsiip_inflight_put(void);
void scsiip_inflight_wait(void);

int scsiip_transmit_init(void);
void scsiip_transmit_exit(void);

#endif
