/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UNIT_LINUX_UNALIGNED_H
#define UNIT_LINUX_UNALIGNED_H

#include <linux/types.h>

static inline u16 get_unaligned_be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline u32 get_unaligned_be24(const u8 *p)
{
	return p[0] << 16 | p[1] << 8 | p[2];
}

static inline u32 get_unaligned_be32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static inline void put_unaligned_be16(u16 value, u8 *p)
{
	p[0] = value >> 8;
	p[1] = value;
}

static inline void put_unaligned_be32(u32 value, u8 *p)
{
	put_unaligned_be16(value >> 16, p);
	put_unaligned_be16(value, p + 2);
}

#endif
