/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attributes as fields, with the names that uapi/scsiip.h only gives numbers.
 * Each shows null for an attribute that is not there.
 */
#ifndef SCSIIP_NAMES_H
#define SCSIIP_NAMES_H

#include <netlink/attr.h>

#include "output.h"

struct names;
extern const struct names peer_states, path_states, policies, events;

void show_name(const char *key, const char *label, const struct names *names,
	       struct nlattr *attribute);
void show_text(const char *key, const char *label, enum colour colour,
	       struct nlattr *attribute);
void show_number(const char *key, const char *label, const char *unit,
		 struct nlattr *attribute);
void show_lladdr(const char *key, const char *label, struct nlattr *attribute);
void show_designator(struct nlattr *type, struct nlattr *designator);
void show_counters(struct nlattr *counters);

#endif
