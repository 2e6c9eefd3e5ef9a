// SPDX-License-Identifier: GPL-2.0-only
/*
 * scsiip monitor: peers and paths coming and going. Ends when its output does.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "names.h"
#include "netlink.h"
#include "socket.h"

#define RECEIVE_SIZE	(64 * 1024)

static void show_time(void)
{
	char text[32];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%FT%T", &tm);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), ".%03ldZ",
		 now.tv_nsec / 1000000);
	out_text("time", "", COLOUR_NONE, text);
}

static void show(struct nlmsghdr *message, unsigned int ifindex)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1];
	struct nlattr *index;
	uint8_t cmd;

	if (parse_generic(message, attributes, &cmd) || cmd != SCSIIP_CMD_EVENT)
		return;
	index = attributes[SCSIIP_A_IFINDEX];
	if (ifindex && (!index || nla_get_u32(index) != ifindex))
		return;
	out_single();
	out_record();
	show_time();
	show_name("event", "", &events, attributes[SCSIIP_A_EVENT]);
	show_text("ifname", "", COLOUR_NAME, attributes[SCSIIP_A_IFNAME]);
	show_lladdr("lladdr", "", attributes[SCSIIP_A_LLADDR]);
	show_text("name", "", COLOUR_NAME, attributes[SCSIIP_A_NAME]);
	show_name("peer_state", "peer", &peer_states, attributes[SCSIIP_A_PEER_STATE]);
	show_text("lun", "path", COLOUR_NAME, attributes[SCSIIP_A_LUN]);
	show_name("path_state", "", &path_states, attributes[SCSIIP_A_PATH_STATE]);
	out_end();
	out_flush();
}

static enum status watch(const struct arguments *arguments)
{
	static char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint16_t family;
	int ret;

	ret = socket_family(&family);
	if (!ret)
		ret = socket_join_events();
	if (ret == -ENOENT) {
		error("monitor: " NO_FAMILY);
		return STATUS_KERNEL;
	}
	if (ret) {
		error("monitor: %s", strerror(-ret));
		return STATUS_KERNEL;
	}
	while (!ferror(stdout)) {
		ssize_t len = socket_receive(NETLINK_GENERIC, buf, sizeof(buf));
		struct nlmsghdr *message = (void *)buf;
		int left = len;

		if (len == -EINTR)
			continue;
		if (len == -ENOBUFS) {
			error("monitor: events were lost");
			continue;
		}
		if (len < 0) {
			error("monitor: %s", strerror(-len));
			return STATUS_KERNEL;
		}
		for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left))
			if (message->nlmsg_type == family)
				show(message, arguments->ifindex);
	}
	return STATUS_OK;
}

static const struct parameter parameters[] = {
	{ ARG_DEV, OPTIONAL_WORD },
	{ }
};

static const struct command commands[] = {
	{ "show", NULL, "show events as they come", parameters, watch },
	{ }
};

const struct object monitor_object = { "monitor", "peers and paths coming and going", commands };
