/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The objects; each has a file of its own.
 */
#ifndef SCSIIP_COMMANDS_H
#define SCSIIP_COMMANDS_H

#include "args.h"
#include "output.h"

extern const struct object link_object, peer_object, lun_object, arp_object,
	monitor_object;

enum status scsiip(int argc, char **argv);

#endif
