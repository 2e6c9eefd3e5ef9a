/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between the supported kernels (Debian's 6.1 and 6.12), and
 * nothing else.
 */
#ifndef SCSIIP_COMPAT_H
#define SCSIIP_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#ifdef __KERNEL__
#include <net/page_pool/helpers.h>
#endif
#else
#include <asm/unaligned.h>
#ifdef __KERNEL__
#include <net/page_pool.h>
#endif
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define scsiip_exec_cmd_ops exec_cmd_ops
#else
#define scsiip_exec_cmd_ops sbc_ops
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
/* of a fabric whose default_submit_type says so */
#define scsiip_target_queue(cmd)	target_submit(cmd)
#define SCSIIP_QUEUE_SUBMIT		.default_submit_type = TARGET_QUEUE_SUBMIT,
#else
#define scsiip_target_queue(cmd)	target_queue_submission(cmd)
#define SCSIIP_QUEUE_SUBMIT
#endif

#ifdef __KERNEL__
#include <linux/blkdev.h>
#include <linux/dma-mapping.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define scsiip_timeout_action	scsi_timeout_action
#define SCSIIP_RESET_TIMER	SCSI_EH_RESET_TIMER
#else
#define scsiip_timeout_action	blk_eh_timer_return
#define SCSIIP_RESET_TIMER	BLK_EH_RESET_TIMER
#endif

/* A datagram is dropped, in any context. */
static inline void scsiip_free_skb(struct sk_buff *skb,
				   enum skb_drop_reason reason)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev_kfree_skb_any_reason(skb, reason);
#else
	if (in_hardirq() || irqs_disabled())
		dev_kfree_skb_irq(skb);
	else
		kfree_skb_reason(skb, reason);
#endif
}

/* The attributes of a request for a dump */
static inline struct nlattr **scsiip_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

static inline void scsiip_set_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/*
 * A host that asks for no alignment at all, as iscsi_tcp does, gets that of a
 * sector from 6.12's block layer, which takes 0 for not set.
 */
static inline unsigned int scsiip_dma_alignment(struct request_queue *q)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	const struct scsi_device *sdev = q->queuedata;

	if (!sdev->host->dma_alignment &&
	    queue_dma_alignment(q) == SECTOR_SIZE - 1)
		return dma_get_cache_alignment() - 1;
#endif
	return queue_dma_alignment(q);
}

static inline unsigned int scsiip_dma_pad_mask(struct request_queue *q)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return q->limits.dma_pad_mask;
#else
	return q->dma_pad_mask;
#endif
}

static inline bool scsiip_stable_writes(struct request_queue *q)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return q->limits.features & BLK_FEAT_STABLE_WRITES;
#else
	return blk_queue_stable_writes(q);
#endif
}
#endif

#endif
