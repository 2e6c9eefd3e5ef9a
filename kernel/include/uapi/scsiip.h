/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * rtnetlink attributes of interfaces of kind "scsiip", inside IFLA_INFO_DATA.
 */
#ifndef _UAPI_SCSIIP_H
#define _UAPI_SCSIIP_H

/**
 * enum scsiip_link_attr - attributes of IFLA_INFO_DATA
 * @IFLA_SCSIIP_UNSPEC: unused
 * @IFLA_SCSIIP_NETWORK: network name, NUL-terminated string, 0 to 31 printable
 *	ASCII characters without space. Logical units that announce this name
 *	become peers of the interface by themselves; the empty name, the
 *	default, attaches nothing. Writing it needs CAP_NET_ADMIN in the
 *	initial user namespace (EPERM), a malformed or too long name is EINVAL.
 */
enum scsiip_link_attr {
	IFLA_SCSIIP_UNSPEC,
	IFLA_SCSIIP_NETWORK,
	__IFLA_SCSIIP_MAX,
};

#define IFLA_SCSIIP_MAX (__IFLA_SCSIIP_MAX - 1)

#endif
