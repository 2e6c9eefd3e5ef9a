/* SPDX-License-Identifier: GPL-2.0-only */
/* As the kernel has them: Latin-1, whatever the sign of char. */
#define isascii(c) ((unsigned char)(c) <= 0x7f)
#define isgraph(c) ((unsigned char)(c) > 0xa0 || \
		    ((unsigned char)(c) > 0x20 && (unsigned char)(c) < 0x7f))
