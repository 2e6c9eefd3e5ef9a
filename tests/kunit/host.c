// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interfaces and the SCSI hosts of the suites.
 */
#include <linux/platform_device.h>
#include <linux/rtnetlink.h>
#include <linux/vmalloc.h>
#include <net/addrconf.h>
#include <net/net_namespace.h>
#include <scsi/scsi.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>
#include <scsi/scsi_host.h>

#include "compat.h"
#include "path.h"
#include "suite.h"

/* of this test */
static LIST_HEAD(hosts);
static char links[4][IFNAMSIZ];

/* The first limit that a scatter list does not keep */
static const char *broken_limit(const struct test_host *host,
				struct scsi_cmnd *scmd)
{
	const struct test_limits *limits = &host->limits;
	unsigned long boundary = limits->boundary ?: U32_MAX;
	unsigned int count = scsi_sg_count(scmd), total = 0, i;
	struct scatterlist *sg;

	if (limits->segments && count > limits->segments)
		return "segments";

	scsi_for_each_sg(scmd, sg, count, i) {
		phys_addr_t begin = sg_phys(sg), end = begin + sg->length;

		total += sg->length;
		if (limits->segment_size && sg->length > limits->segment_size)
			return "segment size";
		if ((begin & ~boundary) != ((end - 1) & ~boundary))
			return "boundary";
		if ((i && begin & limits->virt_boundary) ||
		    (i < count - 1 && end & limits->virt_boundary))
			return "virt boundary";
		if (limits->hardware &&
		    (begin & limits->alignment ||
		     (i < count - 1 && end & limits->alignment)))
			return "alignment";
	}
	if (limits->sectors && total > limits->sectors << SECTOR_SHIFT)
		return "length";
	if (total & limits->pad)
		return "padding";
	return NULL;
}

static bool answer(struct scsi_cmnd *scmd, const struct test_answer *answer)
{
	if (answer->key)
		scsi_build_sense(scmd, 0, answer->key, answer->asc, answer->ascq);
	else
		scmd->result = answer->result;
	return !answer->none;
}

static bool send_message(struct test_host *host, struct scsi_cmnd *scmd)
{
	static const struct test_answer good;
	unsigned int n = host->messages;
	static unsigned int turn;

	host->turn = ++turn;
	memcpy(host->cdb, scmd->cmnd, sizeof(host->cdb));
	host->len = scsi_bufflen(scmd);
	scsi_sg_copy_to_buffer(scmd, host->data, host->len);
	host->broken = broken_limit(host, scmd);
	WRITE_ONCE(host->messages, n + 1);
	return answer(scmd, n < ARRAY_SIZE(host->answers) ? &host->answers[n] :
							   &good);
}

static unsigned int inquiry(const struct test_host *host, const u8 *cdb, u8 *page)
{
	page[0] = TYPE_COMM;
	if (!(cdb[1] & 1)) {
		page[2] = 6;	/* SPC-4 */
		page[4] = 31;
		memset(page + 8, ' ', 28);
		return 36;
	}

	page[1] = cdb[2];
	switch (cdb[2]) {
	case 0x00:
		page[3] = 3;
		page[5] = 0x83;
		page[6] = 0xc0;
		return 7;
	case 0x83:
		if (!host->naa)
			return 0;
		page[3] = 12;
		page[4] = 1;
		page[5] = 3;
		page[7] = 8;
		page[8] = 0x50;
		page[15] = host->naa;
		return 16;
	case 0xc0:
		if (is_zero_ether_addr(host->identity.lladdr))
			return 0;
		scsiip_identity_encode(&host->identity, page);
		return SCSIIP_IDENTITY_LEN;
	default:
		return 0;
	}
}

static int host_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *scmd)
{
	static const struct test_answer illegal = {
		.key = ILLEGAL_REQUEST, .asc = 0x24,
	};
	struct test_host *host = *(struct test_host **)shost_priv(shost);
	u8 page[SCSIIP_IDENTITY_LEN] = {};
	unsigned int len = 0;
	bool done = true;

	scmd->result = 0;
	switch (scmd->cmnd[0]) {
	case TEST_UNIT_READY:
		done = answer(scmd, &host->unready);
		break;
	case SCSIIP_SEND_MESSAGE_10:
		done = send_message(host, scmd);
		break;
	case INQUIRY:
		len = inquiry(host, scmd->cmnd, page);
		break;
	case MODE_SENSE:
		page[0] = 3;
		page[2] = host->read_only ? 0x80 : 0;
		len = 4;
		break;
	}

	if (len) {
		len = min(len, scsi_bufflen(scmd));
		scsi_sg_copy_from_buffer(scmd, page, len);
		scsi_set_resid(scmd, scsi_bufflen(scmd) - len);
	} else if (scmd->cmnd[0] == INQUIRY) {
		answer(scmd, &illegal);
	}
	if (done)
		scsi_done(scmd);
	else
		host->held = scmd;
	return 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
static int host_configure(struct scsi_device *sdev, struct queue_limits *lim)
{
	const struct test_host *host = *(struct test_host **)shost_priv(sdev->host);

	lim->dma_pad_mask = host->limits.pad;
	if (host->limits.stable_writes)
		lim->features |= BLK_FEAT_STABLE_WRITES;
	return 0;
}
#else
static int host_configure(struct scsi_device *sdev)
{
	const struct test_host *host = *(struct test_host **)shost_priv(sdev->host);
	struct request_queue *q = sdev->request_queue;

	blk_queue_update_dma_pad(q, host->limits.pad);
	blk_queue_update_dma_alignment(q, host->limits.alignment);
	/* user-mode Linux has no DMA: by that, hardware could take nothing at all */
	if (host->limits.hardware)
		blk_queue_max_hw_sectors(q, SCSI_DEFAULT_MAX_SECTORS);
	if (host->limits.stable_writes)
		blk_queue_flag_set(QUEUE_FLAG_STABLE_WRITES, q);
	return 0;
}
#endif

/* A command that was not answered is as if it had never been */
static int host_forget(struct scsi_cmnd *scmd)
{
	return SUCCESS;
}

static const struct scsi_host_template template = {
	.module			= THIS_MODULE,
	.name			= "kunit",
	.queuecommand		= host_queuecommand,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	.device_configure	= host_configure,
#else
	.slave_configure	= host_configure,
#endif
	.eh_abort_handler	= host_forget,
	.eh_device_reset_handler = host_forget,
	.this_id		= -1,
	.can_queue		= 8,
	.cmd_per_lun		= 8,
	.sg_tablesize		= SG_MAX_SEGMENTS,
	.max_sectors		= 2048,
	.dma_boundary		= U32_MAX,
};

static int host_add(struct test_host *host)
{
	const struct test_limits *limits = &host->limits;
	struct Scsi_Host *shost;
	int ret;

	host->data = vzalloc(SCSIIP_MAX_TRANSFER);
	if (!host->data)
		return -ENOMEM;
	if (limits->hardware) {
		host->parent = platform_device_register_simple("kunit", PLATFORM_DEVID_AUTO,
							       NULL, 0);
		if (IS_ERR(host->parent))
			return PTR_ERR(host->parent);
	}

	shost = scsi_host_alloc((struct scsi_host_template *)&template,
				sizeof(host));
	if (!shost)
		return -ENOMEM;
	*(struct test_host **)shost_priv(shost) = host;
	if (limits->segments)
		shost->sg_tablesize = limits->segments;
	if (limits->sectors)
		shost->max_sectors = limits->sectors;
	if (limits->segment_size)
		shost->max_segment_size = limits->segment_size;
	if (limits->boundary)
		shost->dma_boundary = limits->boundary;
	shost->virt_boundary_mask = limits->virt_boundary;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	shost->dma_alignment = limits->alignment;
#endif
	ret = scsi_add_host(shost, host->parent ? &host->parent->dev : NULL);
	if (ret) {
		scsi_host_put(shost);
		return ret;
	}
	host->shost = shost;
	host->sdev = __scsi_add_device(shost, 0, 0, 0, NULL);
	if (IS_ERR(host->sdev))
		return PTR_ERR(host->sdev);
	host->path = scsiip_path_find(dev_name(&host->sdev->sdev_gendev));
	return host->path ? 0 : -ENODEV;
}

/**
 * test_host() - plug in a host adapter
 * @test: the test, which ends if that fails, and takes it out at its end
 * @like: what it is to be
 *
 * Return: the host, with a path that has been checked.
 */
struct test_host *test_host(struct kunit *test, const struct test_host *like)
{
	struct test_host *host = kmemdup(like, sizeof(*like), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, host);
	list_add(&host->node, &hosts);
	KUNIT_ASSERT_EQ(test, host_add(host), 0);
	KUNIT_ASSERT_TRUE(test, test_wait(READ_ONCE(host->path->state) !=
					  SCSIIP_PATH_NEW));
	/* whoever has set it is through with what follows from it */
	rtnl_lock();
	rtnl_unlock();
	return host;
}

static void host_remove(struct test_host *host)
{
	if (host->path)
		scsiip_path_put(host->path);
	if (!IS_ERR_OR_NULL(host->sdev))
		scsi_device_put(host->sdev);
	if (host->shost) {
		scsi_remove_host(host->shost);
		scsi_host_put(host->shost);
	}
	if (!IS_ERR_OR_NULL(host->parent))
		platform_device_unregister(host->parent);
	vfree(host->data);
	kfree(host);
}

/**
 * test_link() - make an interface, and have it up
 * @test: the test, which ends if that fails, and deletes it at its end
 * @name: its name
 * @network: its network
 */
struct net_device *test_link(struct kunit *test, const char *name,
			     const char *network)
{
	struct net_device *dev;
	unsigned int i;
	int ret = 0;

	for (i = 0; links[i][0]; i++)
		KUNIT_ASSERT_LT(test, i, ARRAY_SIZE(links) - 1);
	strscpy(links[i], name, IFNAMSIZ);

	rtnl_lock();
	dev = scsiip_link_create(&init_net, name);
	if (!IS_ERR(dev)) {
		scsiip_link_set_network(netdev_priv(dev), network);
		/* nothing is to be sent but what a test sends */
		__in6_dev_get(dev)->cnf.disable_ipv6 = 1;
		ret = dev_open(dev, NULL);
	}
	rtnl_unlock();
	KUNIT_ASSERT_FALSE(test, IS_ERR(dev));
	KUNIT_ASSERT_EQ(test, ret, 0);
	return dev;
}

/**
 * test_tidy() - at the end of a test: take away what it has made
 * @test: the test
 */
void test_tidy(struct kunit *test)
{
	struct test_host *host, *next;
	struct net_device *dev;
	unsigned int i;

	list_for_each_entry_safe(host, next, &hosts, node)
		host_remove(host);
	INIT_LIST_HEAD(&hosts);

	rtnl_lock();
	for (i = 0; i < ARRAY_SIZE(links); i++) {
		dev = links[i][0] ? __dev_get_by_name(&init_net, links[i]) : NULL;
		if (dev)
			unregister_netdevice(dev);
		links[i][0] = '\0';
	}
	rtnl_unlock();
}
