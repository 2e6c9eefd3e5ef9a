/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UNIT_LINUX_ETHERDEVICE_H
#define UNIT_LINUX_ETHERDEVICE_H

#include <linux/types.h>

/* neither a group address nor all zeroes */
static inline bool is_valid_ether_addr(const u8 *addr)
{
	return !(addr[0] & 1) &&
	       (addr[0] | addr[1] | addr[2] | addr[3] | addr[4] | addr[5]);
}

#endif
