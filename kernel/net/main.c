// SPDX-License-Identifier: GPL-2.0-only
/*
 * IP over SCSI (RFC 2143): module init and exit.
 */
#include <linux/module.h>

#include "device.h"
#include "netlink.h"
#include "pages.h"
#include "path.h"
#include "transmit.h"

static int __init scsiip_module_init(void)
{
	int ret;

	ret = scsiip_pages_init();
	if (ret)
		return ret;

	ret = scsiip_transmit_init();
	if (ret)
		goto err_pages;

	ret = scsiip_device_init();
	if (ret)
		goto err_transmit;

	ret = scsiip_path_init();
	if (ret)
		goto err_device;

	ret = scsiip_netlink_init();
	if (ret)
		goto err_path;
	return 0;

err_path:
	scsiip_path_exit();
err_device:
	scsiip_device_exit();
err_transmit:
	scsiip_transmit_exit();
err_pages:
	scsiip_pages_exit();
	return ret;
}

static void __exit scsiip_module_exit(void)
{
	scsiip_netlink_exit();
	scsiip_path_exit();
	scsiip_device_exit();
	scsiip_transmit_exit();
	scsiip_pages_exit();
}

module_init(scsiip_module_init);
module_exit(scsiip_module_exit);

MODULE_DESCRIPTION("IP over SCSI (RFC 2143)");
MODULE_LICENSE("GPL");
