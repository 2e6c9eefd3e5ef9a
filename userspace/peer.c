// SPDX-License-Identifier: GPL-2.0-only
/*
 * scsiip peer: the other hosts of an interface, and the paths to them.
 */
#include <string.h>

#include "commands.h"
#include "names.h"
#include "netlink.h"

/* --- showing --- */

static void show_path(struct nlattr *path)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1];

	if (nla_type(path) != SCSIIP_A_PATH || parse_nest(path, attributes))
		return;
	out_record();
	show_text("lun", "path", COLOUR_NAME, attributes[SCSIIP_A_LUN]);
	show_name("state", NULL, &path_states, attributes[SCSIIP_A_PATH_STATE]);
	show_number("inflight", "in flight", NULL, attributes[SCSIIP_A_INFLIGHT]);
	out_quiet();
	show_counters(attributes[SCSIIP_A_COUNTERS]);
	out_end();
}

static void show_paths(struct nlattr *paths)
{
	struct nlattr *path;
	int left;

	if (paths)
		nla_for_each_nested(path, paths, left)
			show_path(path);
}

static bool same(const struct nlattr *a, const struct nlattr *b)
{
	return a && b && nla_len(a) == nla_len(b) &&
		!memcmp(nla_data(a), nla_data(b), nla_len(a));
}

/* A message that has nothing but more paths of the peer before it */
static bool goes_on(struct nlattr **peer, struct nlattr **next)
{
	return same(peer[SCSIIP_A_IFINDEX], next[SCSIIP_A_IFINDEX]) &&
		same(peer[SCSIIP_A_LLADDR], next[SCSIIP_A_LLADDR]) &&
		!next[SCSIIP_A_PEER_STATE];
}

static void show_peer(struct nlattr **attributes)
{
	out_record();
	show_lladdr("lladdr", "peer", attributes[SCSIIP_A_LLADDR]);
	show_text("name", NULL, COLOUR_NAME, attributes[SCSIIP_A_NAME]);
	show_text("ifname", "interface", COLOUR_NAME, attributes[SCSIIP_A_IFNAME]);
	show_name("state", NULL, &peer_states, attributes[SCSIIP_A_PEER_STATE]);
	out_bool("static", NULL, attributes[SCSIIP_A_STATIC]);
	out_quiet();
	show_number("mtu", NULL, NULL, attributes[SCSIIP_A_MTU]);
	show_designator(attributes[SCSIIP_A_DESIGNATOR_TYPE],
			attributes[SCSIIP_A_DESIGNATOR]);
	show_text("initiator", NULL, COLOUR_NONE, attributes[SCSIIP_A_INITIATOR]);
	show_number("queued", NULL, "datagrams", attributes[SCSIIP_A_QUEUED]);
	out_quiet();
	show_number("queued_bytes", "queued bytes", NULL, attributes[SCSIIP_A_QUEUED_BYTES]);
	out_quiet();
	show_counters(attributes[SCSIIP_A_COUNTERS]);
	out_records("paths");
	show_paths(attributes[SCSIIP_A_PATHS]);
}

static void end_peer(void)
{
	out_end();
	out_end();
}

static void show(const struct replies *replies)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1], *peer[SCSIIP_A_MAX + 1];
	struct nlmsghdr *message;
	bool open = false;
	uint8_t cmd;

	for_each_reply(message, replies) {
		if (parse_generic(message, attributes, &cmd))
			continue;
		if (open && goes_on(peer, attributes)) {
			show_paths(attributes[SCSIIP_A_PATHS]);
			continue;
		}
		if (open)
			end_peer();
		memcpy(peer, attributes, sizeof(peer));
		show_peer(peer);
		open = true;
	}
	if (open)
		end_peer();
}

static enum status list(const struct arguments *arguments)
{
	bool one = given(arguments, ARG_LLADDR);
	struct nl_msg *request;

	if (one && !arguments->ifindex) {
		error("peer list: lladdr needs dev");
		return STATUS_USAGE;
	}
	request = request_generic(SCSIIP_CMD_PEER_GET, one ? 0 : NLM_F_DUMP);
	if (arguments->ifindex)
		request_put_u32(request, SCSIIP_A_IFINDEX, arguments->ifindex);
	if (one)
		request_put(request, SCSIIP_A_LLADDR, arguments->lladdr, LLADDR_LEN);
	return list_generic(request, "peer list", LAYOUT_BLOCKS, show);
}

/* --- changing --- */

/* A request about that peer, with what was given of it */
static struct nl_msg *about(uint8_t cmd, const struct arguments *arguments)
{
	struct nl_msg *request = request_generic(cmd, 0);

	request_put_u32(request, SCSIIP_A_IFINDEX, arguments->ifindex);
	request_put(request, SCSIIP_A_LLADDR, arguments->lladdr, LLADDR_LEN);
	if (given(arguments, ARG_NAME))
		request_put_string(request, SCSIIP_A_NAME, arguments->name);
	if (given(arguments, ARG_INITIATOR))
		request_put_string(request, SCSIIP_A_INITIATOR, arguments->initiator);
	return request;
}

static enum status add(const struct arguments *arguments)
{
	const struct designator *designator = &arguments->designator;
	struct nl_msg *request = about(SCSIIP_CMD_PEER_ADD, arguments);

	if (*arguments->lun) {
		request_put_string(request, SCSIIP_A_LUN, arguments->lun);
	} else {
		request_put(request, SCSIIP_A_DESIGNATOR_TYPE, &designator->type, 1);
		request_put(request, SCSIIP_A_DESIGNATOR, designator->data, designator->len);
	}
	return do_generic(request, "peer add");
}

static enum status set(const struct arguments *arguments)
{
	if (!given(arguments, ARG_NAME) && !given(arguments, ARG_INITIATOR)) {
		error("peer set: give name, initiator or both");
		return STATUS_USAGE;
	}
	return do_generic(about(SCSIIP_CMD_PEER_SET, arguments), "peer set");
}

static enum status del(const struct arguments *arguments)
{
	return do_generic(about(SCSIIP_CMD_PEER_DEL, arguments), "peer del");
}

static const struct parameter list_parameters[] = {
	{ ARG_DEV, OPTIONAL_WORD },
	{ ARG_LLADDR, OPTIONAL },
	{ }
};

static const struct parameter add_parameters[] = {
	{ ARG_DEV, REQUIRED },
	{ ARG_LLADDR, REQUIRED },
	{ ARG_UNIT, REQUIRED },
	{ ARG_NAME, OPTIONAL },
	{ ARG_INITIATOR, OPTIONAL },
	{ }
};

static const struct parameter set_parameters[] = {
	{ ARG_DEV, REQUIRED },
	{ ARG_LLADDR, REQUIRED },
	{ ARG_NAME, OPTIONAL },
	{ ARG_INITIATOR, OPTIONAL },
	{ }
};

static const struct parameter del_parameters[] = {
	{ ARG_DEV, REQUIRED },
	{ ARG_LLADDR, REQUIRED },
	{ }
};

static const struct command commands[] = {
	{ "list", "show", "show peers and their paths", list_parameters, list },
	{ "add", NULL, "add a peer behind a logical unit, which need not be there yet",
	  add_parameters, add },
	{ "set", NULL, "give a peer a name, or name its initiator port; '' takes it away",
	  set_parameters, set },
	{ "del", "delete", "remove a peer and leave its logical units alone",
	  del_parameters, del },
	{ }
};

const struct object peer_object = { "peer", "other hosts, and the paths to them", commands };
