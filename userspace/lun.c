// SPDX-License-Identifier: GPL-2.0-only
/*
 * scsiip lun: the communications devices this host sees, attached or not.
 */
#include "commands.h"
#include "names.h"
#include "netlink.h"

static struct replies peers;	/* of the namespace, for their names */

/* The name of the peer it is a path to */
static void show_peer(struct nlattr **attributes)
{
	struct nlattr *index = attributes[SCSIIP_A_IFINDEX];
	struct nlattr *lladdr = attributes[SCSIIP_A_LLADDR];
	struct nlattr *peer[SCSIIP_A_MAX + 1];

	if (index && lladdr &&
	    find_reply(&peers, nla_get_u32(index), nla_data(lladdr), peer))
		show_text("name", "peer", COLOUR_NAME, peer[SCSIIP_A_NAME]);
	else
		out_null("name", "peer");
}

static void show_lun(struct nlmsghdr *message)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1];
	uint8_t cmd;

	if (parse_generic(message, attributes, &cmd))
		return;
	out_record();
	show_text("lun", NULL, COLOUR_NAME, attributes[SCSIIP_A_LUN]);
	show_name("state", NULL, &path_states, attributes[SCSIIP_A_PATH_STATE]);
	show_name("policy", NULL, &policies, attributes[SCSIIP_A_POLICY]);
	show_text("ifname", "interface", COLOUR_NAME, attributes[SCSIIP_A_IFNAME]);
	show_peer(attributes);
	show_lladdr("lladdr", "address", attributes[SCSIIP_A_LLADDR]);
	out_bool("pinned", NULL, attributes[SCSIIP_A_PINNED]);
	out_detail();
	out_quiet();
	show_text("network", NULL, COLOUR_NONE, attributes[SCSIIP_A_NETWORK]);
	show_text("transport", NULL, COLOUR_NONE, attributes[SCSIIP_A_TRANSPORT]);
	show_text("vendor", NULL, COLOUR_NONE, attributes[SCSIIP_A_VENDOR]);
	out_detail();
	show_text("model", NULL, COLOUR_NONE, attributes[SCSIIP_A_MODEL]);
	out_detail();
	show_number("queue_depth", "depth", NULL, attributes[SCSIIP_A_QUEUE_DEPTH]);
	show_number("inflight", "in flight", NULL, attributes[SCSIIP_A_INFLIGHT]);
	out_detail();
	out_quiet();
	show_number("limit", "longest datagram", NULL, attributes[SCSIIP_A_LIMIT]);
	out_detail();
	show_number("mtu", NULL, NULL, attributes[SCSIIP_A_MTU]);
	out_detail();
	show_designator(attributes[SCSIIP_A_DESIGNATOR_TYPE],
			attributes[SCSIIP_A_DESIGNATOR]);
	show_counters(attributes[SCSIIP_A_COUNTERS]);
	out_end();
}

static void show(const struct replies *replies)
{
	struct nlmsghdr *message;

	for_each_reply(message, replies)
		show_lun(message);
}

static enum status list(const struct arguments *arguments)
{
	bool one = given(arguments, ARG_LUN);
	struct nl_msg *request;
	enum status status, shown;

	talk_generic(request_generic(SCSIIP_CMD_PEER_GET, NLM_F_DUMP), &peers);
	status = complain(&peers, "lun list");
	if (peers.error) {
		replies_free(&peers);
		return status;
	}
	request = request_generic(SCSIIP_CMD_LUN_GET, one ? 0 : NLM_F_DUMP);
	if (one)
		request_put_string(request, SCSIIP_A_LUN, arguments->lun);
	shown = list_generic(request, one ? arguments->lun : "lun list",
			     one ? LAYOUT_BLOCKS : LAYOUT_TABLE, show);
	replies_free(&peers);
	return shown ? shown : status;
}

static struct nl_msg *about(const struct arguments *arguments)
{
	struct nl_msg *request = request_generic(SCSIIP_CMD_LUN_SET, 0);

	request_put_string(request, SCSIIP_A_LUN, arguments->lun);
	if (arguments->ifindex)
		request_put_u32(request, SCSIIP_A_IFINDEX, arguments->ifindex);
	if (given(arguments, ARG_PIN) || given(arguments, ARG_LLADDR))
		request_put(request, SCSIIP_A_LLADDR, arguments->lladdr, LLADDR_LEN);
	return request;
}

static enum status set_policy(const struct arguments *arguments,
			      enum scsiip_path_policy policy)
{
	struct nl_msg *request = about(arguments);
	uint8_t value = policy;

	request_put(request, SCSIIP_A_POLICY, &value, sizeof(value));
	return do_generic(request, arguments->lun);
}

static enum status attach(const struct arguments *arguments)
{
	return set_policy(arguments, SCSIIP_POLICY_NETDEV);
}

static enum status detach(const struct arguments *arguments)
{
	return set_policy(arguments, SCSIIP_POLICY_NONE);
}

static enum status automatic(const struct arguments *arguments)
{
	return set_policy(arguments, SCSIIP_POLICY_AUTO);
}

static enum status pin(const struct arguments *arguments)
{
	return do_generic(about(arguments), arguments->lun);
}

static const struct parameter list_parameters[] = {
	{ ARG_LUN, OPTIONAL_WORD },
	{ }
};

static const struct parameter attach_parameters[] = {
	{ ARG_LUN, REQUIRED_WORD },
	{ ARG_DEV, REQUIRED },
	{ ARG_PIN, OPTIONAL },
	{ }
};

static const struct parameter lun_parameters[] = {
	{ ARG_LUN, REQUIRED_WORD },
	{ }
};

static const struct parameter pin_parameters[] = {
	{ ARG_LUN, REQUIRED_WORD },
	{ ARG_PIN, REQUIRED },
	{ }
};

static const struct command commands[] = {
	{ "list", "show", "show communications devices", list_parameters, list },
	{ "attach", NULL, "make it a path of that interface", attach_parameters, attach },
	{ "detach", NULL, "leave it alone", lun_parameters, detach },
	{ "auto", NULL, "let the network name and the bus decide", lun_parameters, automatic },
	{ "pin", NULL, "say the address of one without identity page", pin_parameters, pin },
	{ }
};

const struct object lun_object = { "lun", "communications devices this host sees", commands };
