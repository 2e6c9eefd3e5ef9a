// SPDX-License-Identifier: GPL-2.0-only
/*
 * newlink NAME [KEY=VALUE...]
 *
 * Make, or change, an interface of kind scsiip by a netlink message that no
 * tool would send. Prints the name of the errno, or OK, and the kernel's text.
 *
 * change=1		no NLM_F_CREATE
 * address=HEX		IFLA_ADDRESS, of any length
 * mtu=N		IFLA_MTU
 * network=TEXT		IFLA_SCSIIP_NETWORK, with a terminating NUL
 * raw=TEXT		the same without
 * long=N		the same, N times the letter n and a NUL
 * ttl=N		IFLA_SCSIIP_ARP_NEGATIVE_TTL
 * attr=N		an attribute of that number in IFLA_INFO_DATA
 * netns=PID		IFLA_NET_NS_PID
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/rtnetlink.h>
#include <linux/if_link.h>

#include "uapi/scsiip.h"

static char message[8192];
static struct nlmsghdr *header = (void *)message;

static struct nlattr *attribute(uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)(message + NLMSG_ALIGN(header->nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memcpy((char *)attr + NLA_HDRLEN, data, len);
	header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + NLA_ALIGN(attr->nla_len);
	return attr;
}

static void end_nest(struct nlattr *nest)
{
	nest->nla_len = message + header->nlmsg_len - (char *)nest;
}

/* What goes outside of IFLA_LINKINFO if @outer, inside otherwise. */
static void add(const char *argument, int outer)
{
	const char *value = strchr(argument, '=');
	size_t key, len;
	uint8_t bytes[256];
	char text[4096];
	uint32_t number;

	if (!value)
		errx(2, "%s: not KEY=VALUE", argument);
	key = value++ - argument;
	len = strlen(value);
	number = strtoul(value, NULL, 0);

#define IS(name) (key == strlen(name) && !strncmp(argument, name, key))
	if (outer) {
		if (IS("change")) {
			header->nlmsg_flags &= ~(NLM_F_CREATE | NLM_F_EXCL);
		} else if (IS("mtu")) {
			attribute(IFLA_MTU, &number, 4);
		} else if (IS("netns")) {
			attribute(IFLA_NET_NS_PID, &number, 4);
		} else if (IS("address")) {
			for (len = 0; value[len * 2]; len++)
				sscanf(value + len * 2, "%2hhx", &bytes[len]);
			attribute(IFLA_ADDRESS, bytes, len);
		}
	} else if (IS("network")) {
		attribute(IFLA_SCSIIP_NETWORK, value, len + 1);
	} else if (IS("raw")) {
		attribute(IFLA_SCSIIP_NETWORK, value, len);
	} else if (IS("long")) {
		memset(text, 'n', sizeof(text));
		text[number] = '\0';
		attribute(IFLA_SCSIIP_NETWORK, text, number + 1);
	} else if (IS("ttl")) {
		attribute(IFLA_SCSIIP_ARP_NEGATIVE_TTL, &number, 4);
	} else if (IS("attr")) {
		attribute(number, "x", 2);
	}
}

static void print_text(const struct nlmsghdr *reply, const struct nlmsgerr *error)
{
	const char *attrs = (const char *)(error + 1);
	const char *end = (const char *)reply + reply->nlmsg_len;

	if (!(reply->nlmsg_flags & NLM_F_CAPPED))
		attrs += error->msg.nlmsg_len - sizeof(error->msg);
	while (attrs + NLA_HDRLEN <= end) {
		const struct nlattr *attr = (const void *)attrs;

		if ((attr->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			printf(" %s", attrs + NLA_HDRLEN);
		attrs += NLA_ALIGN(attr->nla_len);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlattr *linkinfo, *data;
	struct ifinfomsg *info;
	struct nlmsgerr *error;
	char reply[8192];
	int fd, one = 1, i;

	if (argc < 2)
		errx(2, "which interface?");

	header->nlmsg_type = RTM_NEWLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	header->nlmsg_len = NLMSG_LENGTH(sizeof(*info));
	info = NLMSG_DATA(header);
	info->ifi_family = AF_UNSPEC;
	attribute(IFLA_IFNAME, argv[1], strlen(argv[1]) + 1);
	for (i = 2; i < argc; i++)
		add(argv[i], 1);
	linkinfo = attribute(IFLA_LINKINFO, "", 0);
	attribute(IFLA_INFO_KIND, "scsiip", 7);
	data = attribute(IFLA_INFO_DATA, "", 0);
	for (i = 2; i < argc; i++)
		add(argv[i], 0);
	end_nest(data);
	end_nest(linkinfo);

	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	if (sendto(fd, message, header->nlmsg_len, 0, (void *)&kernel,
		   sizeof(kernel)) < 0 || recv(fd, reply, sizeof(reply), 0) < 0)
		err(1, "netlink");

	header = (void *)reply;
	error = NLMSG_DATA(header);
	printf("%s", error->error ? strerrorname_np(-error->error) : "OK");
	print_text(header, error);
	putchar('\n');
	return 0;
}
