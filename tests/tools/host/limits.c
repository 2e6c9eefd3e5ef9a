// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host adapter with limits, for tests/scenarios/limits.sh: one unit of type
 * 09h, of the network "limits" and the address 02:00:00:00:21:43. Of each SEND
 * MESSAGE it looks whether its scatter list keeps to what the parameters say,
 * and whether it is a whole datagram with right checksums: all are IPv4 and UDP.
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_proto.h>

#include "compat.h"

#define SEND_MESSAGE	0x2a

/* What the queue gets; 0 leaves it to the SCSI core. */
#define LIMIT(type, name)				\
	static type name;				\
	module_param(name, type, 0444)

LIMIT(ulong, dma_boundary);
LIMIT(ulong, virt_boundary_mask);
LIMIT(uint, max_segments);
LIMIT(uint, max_segment_size);
LIMIT(uint, dma_alignment);
LIMIT(uint, can_queue);
static uint max_sectors;	/* a parameter as well, below */

/* What has come. */
static uint good, bad, most_segments;
module_param(good, uint, 0444);
module_param(bad, uint, 0444);
module_param(most_segments, uint, 0444);

static struct Scsi_Host *host;
static struct device *parent;
static DEFINE_SPINLOCK(lock);	/* guards what follows, and the counts */
static u8 datagram[65536];

/* The queue gets another limit than it had when the unit was found. */
static int set_max_sectors(const char *value, const struct kernel_param *param)
{
	int ret = param_set_uint(value, param);
	struct scsi_device *sdev;

	if (!ret && host)
		shost_for_each_device(sdev, host)
			sdev->request_queue->limits.max_hw_sectors = max_sectors;
	return ret;
}

static const struct kernel_param_ops max_sectors_ops = {
	.set	= set_max_sectors,
	.get	= param_get_uint,
};
module_param_cb(max_sectors, &max_sectors_ops, &max_sectors, 0644);

static const char *wrong_segment(struct scatterlist *sg, bool first,
				 bool last)
{
	u64 start = sg_phys(sg), end = start + sg->length - 1;

	if (!sg->length)
		return "an empty segment";
	if (max_segment_size && sg->length > max_segment_size)
		return "max_segment_size";
	if (dma_boundary && (start ^ end) & ~(u64)dma_boundary)
		return "dma_boundary";
	if (!first && start & virt_boundary_mask)
		return "virt_boundary_mask, start";
	if (!last && (end + 1) & virt_boundary_mask)
		return "virt_boundary_mask, end";
	if (start & dma_alignment)
		return "dma_alignment, start";
	if (!last && sg->length & dma_alignment)
		return "dma_alignment, length";
	return NULL;
}

static const char *wrong_list(struct scsi_cmnd *scmd)
{
	unsigned int count = scsi_sg_count(scmd), total = 0, i;
	struct scatterlist *sg;

	most_segments = max(most_segments, count);
	if (max_segments && count > max_segments)
		return "max_segments";
	scsi_for_each_sg(scmd, sg, count, i) {
		const char *wrong = wrong_segment(sg, !i, i == count - 1);

		if (wrong)
			return wrong;
		total += sg->length;
	}
	if (total != scsi_bufflen(scmd))
		return "length of the list";
	if (max_sectors && total > max_sectors << SECTOR_SHIFT)
		return "max_sectors";
	return NULL;
}

static const char *wrong_datagram(struct scsi_cmnd *scmd)
{
	const struct iphdr *ip = (const struct iphdr *)datagram;
	u32 len = scsi_bufflen(scmd), udp_len;
	const struct udphdr *udp;

	if (len > sizeof(datagram) || len < sizeof(*ip) + sizeof(*udp))
		return "length";
	if (get_unaligned_be16(&scmd->cmnd[7]) != len)
		return "length in the CDB";
	if (scsi_sg_copy_to_buffer(scmd, datagram, len) != len)
		return "less data than it says";
	if (ip->version != 4 || ip->ihl != 5 || ip->protocol != IPPROTO_UDP ||
	    ntohs(ip->tot_len) != len || ip_is_fragment(ip))
		return "IP header";
	if (ip_fast_csum(ip, ip->ihl))
		return "IP checksum";
	udp = (const struct udphdr *)(ip + 1);
	udp_len = len - sizeof(*ip);
	if (ntohs(udp->len) != udp_len)
		return "UDP length";
	if (!udp->check ||
	    csum_tcpudp_magic(ip->saddr, ip->daddr, udp_len, IPPROTO_UDP,
			      csum_partial(udp, udp_len, 0)))
		return "UDP checksum";
	return NULL;
}

static void send_message(struct scsi_cmnd *scmd)
{
	const char *wrong;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	wrong = wrong_list(scmd) ?: wrong_datagram(scmd);
	if (wrong)
		bad++;
	else
		good++;
	spin_unlock_irqrestore(&lock, flags);
	if (wrong && bad < 10)
		shost_printk(KERN_ERR, host, "%s: %u bytes in %u segments\n",
			     wrong, scsi_bufflen(scmd), scsi_sg_count(scmd));
}

static void data_in(struct scsi_cmnd *scmd, const void *data, unsigned int len)
{
	unsigned int bytes = min(len, scsi_bufflen(scmd));

	scsi_sg_copy_from_buffer(scmd, (void *)data, bytes);
	scsi_set_resid(scmd, scsi_bufflen(scmd) - bytes);
}

static void refuse(struct scsi_cmnd *scmd, u8 asc)
{
	scsi_build_sense(scmd, 0, ILLEGAL_REQUEST, asc, 0);
}

static void inquiry(struct scsi_cmnd *scmd)
{
	static const u8 standard[36] = "\x09\0\x06\x02\x1f\0\0\0"
		"TEST    LIMITS          1.0";
	static const u8 pages[] = { 9, 0x00, 0, 4, 0x00, 0x80, 0x83, 0xc0 };
	static const u8 serial[] = { 9, 0x80, 0, 4, '2', '1', '4', '3' };
	static const u8 designation[] = { 9, 0x83, 0, 20, 1, 3, 0, 16, 0x60, 1,
		0x40, 0x52, 0x14, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	static const u8 identity[60] = { 9, 0xc0, 0, 56,
		'R', 'F', 'C', ' ', '2', '1', '4', '3', 1, 0,
		2, 0, 0, 0, 0x21, 0x43, 0, 0, 0xff, 0xff, 0, 0, 0, 0,
		'l', 'i', 'm', 'i', 't', 's' };

	if (!(scmd->cmnd[1] & 1))
		data_in(scmd, standard, sizeof(standard));
	else if (scmd->cmnd[2] == 0x00)
		data_in(scmd, pages, sizeof(pages));
	else if (scmd->cmnd[2] == 0x80)
		data_in(scmd, serial, sizeof(serial));
	else if (scmd->cmnd[2] == 0x83)
		data_in(scmd, designation, sizeof(designation));
	else if (scmd->cmnd[2] == 0xc0)
		data_in(scmd, identity, sizeof(identity));
	else
		refuse(scmd, 0x24);
}

static int queue(struct Scsi_Host *shost, struct scsi_cmnd *scmd)
{
	static const u8 luns[16] = { 0, 0, 0, 8 };
	static const u8 mode[4] = { 3 };

	scmd->result = 0;
	switch (scmd->cmnd[0]) {
	case TEST_UNIT_READY:
		break;
	case INQUIRY:
		inquiry(scmd);
		break;
	case REPORT_LUNS:
		data_in(scmd, luns, sizeof(luns));
		break;
	case MODE_SENSE:
		data_in(scmd, mode, sizeof(mode));
		break;
	case SEND_MESSAGE:
		send_message(scmd);
		break;
	default:
		refuse(scmd, 0x20);
		break;
	}
	scsi_done(scmd);
	return 0;
}

static int align(struct scsi_device *sdev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	if (dma_alignment)
		blk_queue_update_dma_alignment(sdev->request_queue,
					       dma_alignment);
#endif
	return 0;
}

static struct scsi_host_template template = {
	.module		= THIS_MODULE,
	.name		= "limits",
	.proc_name	= "limits",
	.queuecommand	= queue,
	.slave_configure = align,
	.this_id	= -1,
};

static int __init limits_init(void)
{
	int ret = -ENOMEM;

	template.can_queue = can_queue ?: 64;
	template.cmd_per_lun = template.can_queue;
	template.sg_tablesize = max_segments ?: SG_MAX_SEGMENTS;
	template.dma_boundary = dma_boundary;
	template.virt_boundary_mask = virt_boundary_mask;
	template.max_segment_size = max_segment_size;
	template.max_sectors = max_sectors;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	template.dma_alignment = dma_alignment;
#endif
	parent = root_device_register("limits");
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	host = scsi_host_alloc(&template, 0);
	if (!host)
		goto err_parent;
	host->max_id = 1;
	host->max_lun = 1;
	ret = scsi_add_host(host, parent);
	if (ret)
		goto err_host;
	scsi_scan_host(host);
	return 0;

err_host:
	scsi_host_put(host);
err_parent:
	root_device_unregister(parent);
	return ret;
}

static void __exit limits_exit(void)
{
	scsi_remove_host(host);
	scsi_host_put(host);
	root_device_unregister(parent);
}

module_init(limits_init);
module_exit(limits_exit);

MODULE_DESCRIPTION("Test host adapter with limits");
MODULE_LICENSE("GPL");
