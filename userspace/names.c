// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of states, events and counters, and how attributes are shown.
 */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "names.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct names {
	unsigned int count;
	struct {
		const char *name;
		enum colour colour;
	} of[SCSIIP_PATH_MISMATCH + 1];	/* the longest */
};

const struct names peer_states = { SCSIIP_PEER_UP + 1, {
	[SCSIIP_PEER_UNBOUND] = { "unbound", COLOUR_BAD },
	[SCSIIP_PEER_DOWN] = { "down", COLOUR_BAD },
	[SCSIIP_PEER_UP] = { "up", COLOUR_GOOD },
} };

const struct names path_states = { SCSIIP_PATH_MISMATCH + 1, {
	[SCSIIP_PATH_NEW] = { "new", COLOUR_NONE },
	[SCSIIP_PATH_UP] = { "up", COLOUR_GOOD },
	[SCSIIP_PATH_UNATTACHED] = { "unattached", COLOUR_NONE },
	[SCSIIP_PATH_AMBIGUOUS] = { "ambiguous", COLOUR_BAD },
	[SCSIIP_PATH_DETACHED] = { "detached", COLOUR_NONE },
	[SCSIIP_PATH_BLOCKED] = { "blocked", COLOUR_BAD },
	[SCSIIP_PATH_TIMEOUT] = { "timeout", COLOUR_BAD },
	[SCSIIP_PATH_NOT_READY] = { "not-ready", COLOUR_BAD },
	[SCSIIP_PATH_NO_IDENTITY] = { "no-identity", COLOUR_BAD },
	[SCSIIP_PATH_NO_DESIGNATOR] = { "no-designator", COLOUR_BAD },
	[SCSIIP_PATH_OWN] = { "own", COLOUR_NONE },
	[SCSIIP_PATH_DUPLICATE] = { "duplicate", COLOUR_BAD },
	[SCSIIP_PATH_READ_ONLY] = { "read-only", COLOUR_BAD },
	[SCSIIP_PATH_TOO_SMALL] = { "too-small", COLOUR_BAD },
	[SCSIIP_PATH_MISMATCH] = { "mismatch", COLOUR_BAD },
} };

const struct names policies = { SCSIIP_POLICY_NONE + 1, {
	[SCSIIP_POLICY_AUTO] = { "auto", COLOUR_NONE },
	[SCSIIP_POLICY_NETDEV] = { "attach", COLOUR_NONE },
	[SCSIIP_POLICY_NONE] = { "detach", COLOUR_NONE },
} };

const struct names events = { SCSIIP_EVENT_PATH_DEL + 1, {
	[SCSIIP_EVENT_PEER_NEW] = { "peer-new", COLOUR_NAME },
	[SCSIIP_EVENT_PEER_UP] = { "peer-up", COLOUR_GOOD },
	[SCSIIP_EVENT_PEER_DOWN] = { "peer-down", COLOUR_BAD },
	[SCSIIP_EVENT_PEER_CHANGE] = { "peer-change", COLOUR_NAME },
	[SCSIIP_EVENT_PEER_DEL] = { "peer-del", COLOUR_BAD },
	[SCSIIP_EVENT_PATH_NEW] = { "path-new", COLOUR_NAME },
	[SCSIIP_EVENT_PATH_STATE] = { "path-state", COLOUR_NAME },
	[SCSIIP_EVENT_PATH_DEL] = { "path-del", COLOUR_BAD },
} };

/* Those of ethtool -S */
static const char *const counter_names[SCSIIP_COUNTER_MAX + 1] = {
	[SCSIIP_COUNTER_RX_RESERVED_BITS] = "rx_reserved_bits",
	[SCSIIP_COUNTER_RX_UNKNOWN_PROTOCOL] = "rx_unknown_protocol",
	[SCSIIP_COUNTER_RX_TOO_LONG] = "rx_too_long",
	[SCSIIP_COUNTER_RX_SHORT_DATA] = "rx_short_data",
	[SCSIIP_COUNTER_RX_SHORT_DATAGRAM] = "rx_short_datagram",
	[SCSIIP_COUNTER_RX_BAD_HEADER] = "rx_bad_header",
	[SCSIIP_COUNTER_RX_NOT_READY] = "rx_not_ready",
	[SCSIIP_COUNTER_RX_BUSY] = "rx_busy",
	[SCSIIP_COUNTER_RX_SPOOFED] = "rx_spoofed",
	[SCSIIP_COUNTER_RX_ZERO_COPY] = "rx_zero_copy",
	[SCSIIP_COUNTER_RX_COPY] = "rx_copy",
	[SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL] = "tx_unknown_protocol",
	[SCSIIP_COUNTER_TX_NO_PEER] = "tx_no_peer",
	[SCSIIP_COUNTER_TX_ARP_SUPPRESSED] = "tx_arp_suppressed",
	[SCSIIP_COUNTER_TX_ARP_DIRECTED] = "tx_arp_directed",
	[SCSIIP_COUNTER_TX_TOO_BIG] = "tx_too_big",
	[SCSIIP_COUNTER_TX_QUEUE_FULL] = "tx_queue_full",
	[SCSIIP_COUNTER_TX_NO_MEMORY] = "tx_no_memory",
	[SCSIIP_COUNTER_TX_NO_PATH] = "tx_no_path",
	[SCSIIP_COUNTER_TX_UNMAPPABLE] = "tx_unmappable",
	[SCSIIP_COUNTER_TX_DIRECT] = "tx_direct",
	[SCSIIP_COUNTER_TX_COPY] = "tx_copy",
	[SCSIIP_COUNTER_TX_COMPLETED] = "tx_completed",
	[SCSIIP_COUNTER_TX_COMPLETED_BYTES] = "tx_completed_bytes",
	[SCSIIP_COUNTER_TX_RESENT] = "tx_resent",
	[SCSIIP_COUNTER_TX_REFUSED] = "tx_refused",
	[SCSIIP_COUNTER_TX_NOT_READY] = "tx_not_ready",
	[SCSIIP_COUNTER_TX_BUSY] = "tx_busy",
	[SCSIIP_COUNTER_TX_UNCERTAIN] = "tx_uncertain",
	[SCSIIP_COUNTER_TX_ORPHANED] = "tx_orphaned",
};

/* A number that a newer kernel has a name for is shown as that */
void show_name(const char *key, const char *label, const struct names *names,
	       struct nlattr *attribute)
{
	char number[8];
	uint8_t value;

	if (!attribute) {
		out_null(key, label);
		return;
	}
	value = nla_get_u8(attribute);
	if (value < names->count) {
		out_text(key, label, names->of[value].colour, names->of[value].name);
		return;
	}
	snprintf(number, sizeof(number), "%u", value);
	out_text(key, label, COLOUR_NONE, number);
}

/* Absent and empty are the same: the kernel sends either */
void show_text(const char *key, const char *label, enum colour colour,
	       struct nlattr *attribute)
{
	const char *text = attribute ? nla_get_string(attribute) : "";

	out_text(key, label, colour, *text ? text : NULL);
}

void show_number(const char *key, const char *label, const char *unit,
		 struct nlattr *attribute)
{
	if (attribute)
		out_number(key, label, unit, nla_get_u32(attribute));
	else
		out_null(key, label);
}

void show_lladdr(const char *key, const char *label, struct nlattr *attribute)
{
	char buf[24];

	out_text(key, label, COLOUR_LLADDR, !attribute ? NULL :
		 format_lladdr(nla_data(attribute), buf, sizeof(buf)));
}

void show_designator(struct nlattr *type, struct nlattr *id)
{
	struct designator designator;
	char buf[DESIGNATOR_TEXT];

	if (!type || !id) {
		out_null("designator", NULL);
		return;
	}
	designator.type = nla_get_u8(type);
	designator.len = nla_len(id);
	memcpy(designator.data, nla_data(id), designator.len);
	out_text("designator", NULL, COLOUR_NONE,
		 format_designator(&designator, buf, sizeof(buf)));
}

void show_counters(struct nlattr *counters)
{
	struct nlattr *attributes[SCSIIP_COUNTER_MAX + 1];
	unsigned int i;

	if (!options.statistics)
		return;
	if (!counters || nla_parse_nested(attributes, SCSIIP_COUNTER_MAX, counters, NULL)) {
		out_null("statistics", NULL);
		return;
	}
	out_nest("statistics", NULL);
	for (i = 0; i < COUNT(counter_names); i++) {
		if (!counter_names[i] || !attributes[i])
			continue;
		out_number(counter_names[i], NULL, NULL, nla_get_u64(attributes[i]));
		out_quiet();
	}
	out_end();
}
