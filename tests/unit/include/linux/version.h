/* SPDX-License-Identifier: GPL-2.0-only */
/* Whatever kernel the host's headers are of, compat.h is to choose one way. */
#define KERNEL_VERSION(major, minor, patch) \
	(((major) << 16) + ((minor) << 8) + (patch))
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 12, 0)
