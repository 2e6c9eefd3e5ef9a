// SPDX-License-Identifier: GPL-2.0-only
/*
 * scsiip link: interfaces. Their settings are rtnetlink's, as for `ip link`.
 */
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "commands.h"
#include "names.h"
#include "netlink.h"

/* What rtnetlink says of it */
static void show_state(struct nlattr *index)
{
	struct ifinfomsg header = { .ifi_index = index ? nla_get_u32(index) : 0 };
	struct nlmsghdr *message;
	struct replies replies;
	unsigned int flags = 0;
	bool found = false;

	talk_route(request_route(RTM_GETLINK, 0, &header, sizeof(header)), &replies);
	for_each_reply(message, &replies) {
		if (message->nlmsg_type != RTM_NEWLINK ||
		    !nlmsg_valid_hdr(message, sizeof(header)))
			continue;
		flags = ((struct ifinfomsg *)nlmsg_data(message))->ifi_flags;
		found = true;
	}
	replies_free(&replies);
	if (!found)
		out_null("state", NULL);
	else if (!(flags & IFF_UP))
		out_text("state", NULL, COLOUR_BAD, "down");
	else if (!(flags & IFF_RUNNING))
		out_text("state", NULL, COLOUR_BAD, "no-carrier");
	else
		out_text("state", NULL, COLOUR_GOOD, "up");
}

static void show_link(struct nlmsghdr *message)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1];
	uint8_t cmd;

	if (parse_generic(message, attributes, &cmd))
		return;
	out_record();
	show_text("ifname", "interface", COLOUR_NAME, attributes[SCSIIP_A_IFNAME]);
	show_state(attributes[SCSIIP_A_IFINDEX]);
	show_lladdr("lladdr", "address", attributes[SCSIIP_A_LLADDR]);
	show_number("mtu", NULL, NULL, attributes[SCSIIP_A_MTU]);
	show_text("network", NULL, COLOUR_NONE, attributes[SCSIIP_A_NETWORK]);
	show_text("serial", "unit serial number", COLOUR_NONE, attributes[SCSIIP_A_SERIAL]);
	show_number("arp_negative_ttl", NULL, "s", attributes[SCSIIP_A_ARP_NEGATIVE_TTL]);
	show_number("peers", NULL, NULL, attributes[SCSIIP_A_PEERS]);
	show_counters(attributes[SCSIIP_A_COUNTERS]);
	out_end();
}

static void show(const struct replies *replies)
{
	struct nlmsghdr *message;

	for_each_reply(message, replies)
		show_link(message);
}

static enum status list(const struct arguments *arguments)
{
	struct nl_msg *request;

	request = request_generic(SCSIIP_CMD_LINK_GET,
				  arguments->ifindex ? 0 : NLM_F_DUMP);
	if (arguments->ifindex)
		request_put_u32(request, SCSIIP_A_IFINDEX, arguments->ifindex);
	return list_generic(request, arguments->dev ?: "link list", LAYOUT_BLOCKS, show);
}

static enum status set(const struct arguments *arguments)
{
	struct ifinfomsg header = { .ifi_index = arguments->ifindex };
	struct nlattr *info, *data;
	struct replies replies;
	struct nl_msg *request;
	enum status status;

	if (!given(arguments, ARG_NETWORK) && !given(arguments, ARG_TTL)) {
		error("link set: give network, arp_negative_ttl or both");
		return STATUS_USAGE;
	}
	request = request_route(RTM_NEWLINK, 0, &header, sizeof(header));
	info = nla_nest_start(request, IFLA_LINKINFO);
	request_put_string(request, IFLA_INFO_KIND, "scsiip");
	data = nla_nest_start(request, IFLA_INFO_DATA);
	if (given(arguments, ARG_NETWORK))
		request_put_string(request, IFLA_SCSIIP_NETWORK, arguments->network);
	if (given(arguments, ARG_TTL))
		request_put_u32(request, IFLA_SCSIIP_ARP_NEGATIVE_TTL, arguments->ttl);
	nla_nest_end(request, data);
	nla_nest_end(request, info);

	talk_route(request, &replies);
	status = complain(&replies, arguments->dev);
	replies_free(&replies);
	return status;
}

static const struct parameter list_parameters[] = {
	{ ARG_DEV, OPTIONAL_WORD },
	{ }
};

static const struct parameter set_parameters[] = {
	{ ARG_DEV, REQUIRED_WORD },
	{ ARG_NETWORK, OPTIONAL },
	{ ARG_TTL, OPTIONAL },
	{ }
};

static const struct command commands[] = {
	{ "list", "show", "show interfaces", list_parameters, list },
	{ "set", NULL, "set the network name, and how long silence is remembered",
	  set_parameters, set },
	{ }
};

const struct object link_object = { "link", "interfaces", commands };
