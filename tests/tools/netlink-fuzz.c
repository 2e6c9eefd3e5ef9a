// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink-fuzz SEED COUNT
 *
 * COUNT random and mutated messages to the generic netlink family scsiip. What
 * they are made of is, beside noise, the attributes of the answers: so they
 * name interfaces, peers and logical units that are there. Every message whose
 * outer lengths are right must be answered, by success or by an errno that the
 * family has; anything else ends the program with status 1. Prints how many
 * there were of each.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "uapi/scsiip.h"

#define POOL		512
#define POOL_LEN	256

static const int errors[] = {
	0, EPERM, ENOENT, ENODEV, EEXIST, EINVAL, ERANGE, EOPNOTSUPP, ENODATA,
	EADDRNOTAVAIL, EADDRINUSE,
};

static struct {
	unsigned int len;
	uint8_t attr[POOL_LEN];
} pool[POOL];
static unsigned int pool_used;

static uint8_t message[16384];
static uint8_t answer[65536];
static unsigned int len;		/* of message */
static unsigned long count[sizeof(errors) / sizeof(*errors)];
static unsigned long dumped, unanswerable;
static uint64_t state;
static uint16_t family;
static uint32_t sequence;
static int fd;

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16) % below;
}

static void put(const void *data, unsigned int size)
{
	if (len + size > sizeof(message))
		return;
	memcpy(message + len, data, size);
	len += size;
}

static void put_attr(uint16_t type, const void *data, unsigned int size,
		     unsigned int claimed)
{
	struct nlattr attr = { .nla_type = type, .nla_len = claimed };
	static const uint8_t zero[4];

	put(&attr, sizeof(attr));
	put(data, size);
	put(zero, -size & 3);
}

/* Keep the attributes of an answer for what comes. */
static void learn(const uint8_t *data, unsigned int size)
{
	while (size >= NLA_HDRLEN) {
		const struct nlattr *attr = (const void *)data;
		unsigned int aligned = NLA_ALIGN(attr->nla_len);

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > size)
			errx(1, "an answer with a malformed attribute");
		if (attr->nla_len <= POOL_LEN) {
			unsigned int i = pool_used < POOL ? pool_used++ : rnd(POOL);

			pool[i].len = attr->nla_len;
			memcpy(pool[i].attr, attr, attr->nla_len);
		}
		if (aligned >= size)
			break;
		data += aligned;
		size -= aligned;
	}
}

/* An attribute that was seen, most often as it was. */
static void put_seen(void)
{
	uint8_t value[POOL_LEN];
	unsigned int i = rnd(pool_used), size = pool[i].len - NLA_HDRLEN;
	uint16_t type = ((struct nlattr *)pool[i].attr)->nla_type;

	memcpy(value, pool[i].attr + NLA_HDRLEN, size);
	switch (rnd(8)) {
	case 0:
		if (size)
			value[rnd(size)] ^= 1 << rnd(8);
		break;
	case 1:
		size = rnd(size + 1);
		break;
	case 2:
		type = rnd(SCSIIP_A_MAX + 2);
		break;
	default:
		break;
	}
	put_attr(type, value, size, NLA_HDRLEN + size);
}

static void put_noise(void)
{
	static const unsigned int sizes[] = { 0, 1, 2, 4, 4, 6, 6, 16, 40, 300 };
	unsigned int size = sizes[rnd(10)], i;
	uint16_t type = rnd(SCSIIP_A_MAX + 2);
	uint8_t value[300];

	for (i = 0; i < size; i++)
		value[i] = rnd(3) ? rnd(256) : 0;
	/* a valid link-layer address, a printable name, a small number */
	if (size && !rnd(3))
		value[0] = 2;
	if (!rnd(4)) {
		for (i = 0; i < size; i++)
			value[i] = "0123:abcsip-"[rnd(12)];
		if (size)
			value[size - 1] = 0;
	}
	if (!rnd(16))
		type |= rnd(2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
	if (!rnd(32))
		type = rnd(65536);
	put_attr(type, value, size,
		 rnd(32) ? NLA_HDRLEN + size : rnd(2) ? rnd(65536) : rnd(8));
}

static void put_string(uint16_t type, const char *text)
{
	put_attr(type, text, strlen(text) + 1, NLA_HDRLEN + strlen(text) + 1);
}

/* What makes a request likely to be taken */
static void put_sensible(uint8_t command)
{
	uint8_t lladdr[6] = { rnd(32) ? 2 : rnd(256), 0, 0, 0, 0, rnd(64) };
	uint8_t type = 1 + rnd(3), policy = rnd(3);
	uint8_t id[16] = { rnd(64), 1 };
	char name[32];

	switch (command) {
	case SCSIIP_CMD_PEER_ADD:
		put_attr(SCSIIP_A_DESIGNATOR_TYPE, &type, 1, NLA_HDRLEN + 1);
		put_attr(SCSIIP_A_DESIGNATOR, id, 16, NLA_HDRLEN + 16);
		/* fall through */
	case SCSIIP_CMD_PEER_SET:
		snprintf(name, sizeof(name), "n%u", rnd(32));
		put_string(rnd(2) ? SCSIIP_A_NAME : SCSIIP_A_INITIATOR, name);
		/* fall through */
	case SCSIIP_CMD_PEER_GET:
	case SCSIIP_CMD_PEER_DEL:
		put_attr(SCSIIP_A_LLADDR, lladdr, 6, NLA_HDRLEN + 6);
		/* fall through */
	case SCSIIP_CMD_LINK_GET:
	case SCSIIP_CMD_ARP_GET:
	case SCSIIP_CMD_ARP_DEL:
		put_string(SCSIIP_A_IFNAME, rnd(2) ? "sip1" : "hand");
		break;
	case SCSIIP_CMD_LUN_SET:
		put_attr(SCSIIP_A_POLICY, &policy, 1, NLA_HDRLEN + 1);
		if (!rnd(4))
			put_attr(SCSIIP_A_LLADDR, lladdr, 6, NLA_HDRLEN + 6);
		if (policy == SCSIIP_POLICY_NETDEV)
			put_string(SCSIIP_A_IFNAME, rnd(2) ? "sip1" : "hand");
		/* fall through */
	case SCSIIP_CMD_LUN_GET:
		snprintf(name, sizeof(name), "%u:0:%u:0", rnd(3), rnd(3));
		put_string(SCSIIP_A_LUN, name);
		break;
	}
}

/* Most often one that there is, and a dump where there is one. */
static uint8_t choose(uint16_t *flags)
{
	static const uint8_t commands[] = {
		SCSIIP_CMD_LINK_GET, SCSIIP_CMD_PEER_GET, SCSIIP_CMD_LUN_GET,
		SCSIIP_CMD_ARP_GET, SCSIIP_CMD_PEER_ADD, SCSIIP_CMD_PEER_SET,
		SCSIIP_CMD_PEER_DEL, SCSIIP_CMD_LUN_SET, SCSIIP_CMD_ARP_DEL,
	};
	uint32_t i = rnd(sizeof(commands));

	if (i < 4 ? !rnd(3) || commands[i] == SCSIIP_CMD_ARP_GET : !rnd(64))
		*flags |= NLM_F_DUMP;
	return rnd(32) ? commands[i] : rnd(256);
}

static void compose(void)
{
	struct nlmsghdr header = {
		.nlmsg_type = family,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nlmsg_seq = ++sequence,
	};
	struct genlmsghdr genl = {
		.cmd = choose(&header.nlmsg_flags),
		.version = rnd(8) ? SCSIIP_GENL_VERSION : rnd(256),
		.reserved = rnd(64) ? 0 : rnd(65536),
	};
	unsigned int i, attrs = rnd(7);

	if (!rnd(8))
		header.nlmsg_flags |= rnd(65536) & ~(NLM_F_DUMP | NLM_F_ECHO);

	len = 0;
	put(&header, sizeof(header));
	put(&genl, sizeof(genl));
	if (rnd(3)) {
		put_sensible(genl.cmd);
		attrs = rnd(4) ? 0 : attrs;
	}
	for (i = 0; i < attrs; i++) {
		if (pool_used && rnd(3))
			put_seen();
		else
			put_noise();
	}
	/* a tail that is no attribute */
	if (!rnd(32))
		put("\1\2\3", 1 + rnd(3));
	((struct nlmsghdr *)message)->nlmsg_len = len;
}

static void counted(int error)
{
	unsigned int i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (errors[i] == error) {
			count[i]++;
			return;
		}
	}
	errx(1, "message %u was answered by errno %d (%s)", sequence, error,
	     strerrorname_np(error));
}

/* Return: whether that ends what was asked. */
static int answered(const struct nlmsghdr *header)
{
	if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
		if (header->nlmsg_seq == sequence)
			counted(-*(int *)NLMSG_DATA(header));
		return header->nlmsg_seq == sequence;
	}
	if (header->nlmsg_type != family)
		errx(1, "message %u was answered by type %u", sequence,
		     header->nlmsg_type);
	dumped++;
	learn((uint8_t *)NLMSG_DATA(header) + GENL_HDRLEN,
	      NLMSG_PAYLOAD(header, GENL_HDRLEN));
	return 0;
}

/* All answers to the last message */
static void collect(void)
{
	const struct nlmsghdr *header;
	int size, ended = 0;

	while (!ended) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		if (poll(&ready, 1, 20000) != 1)
			errx(1, "message %u was not answered", sequence);
		size = recv(fd, answer, sizeof(answer), 0);
		if (size < 0)
			err(1, "recv");
		for (header = (void *)answer; NLMSG_OK(header, (unsigned int)size);
		     header = NLMSG_NEXT(header, size))
			ended |= answered(header);
	}
}

/* Lengths that lie: there may be any number of answers to what they cut off. */
static void send_unanswerable(void)
{
	struct nlmsghdr *header = (void *)message;

	switch (rnd(3)) {
	case 0:
		header->nlmsg_len = rnd(2) ? rnd(len) : rnd(65536) << 8;
		break;
	case 1:
		len = NLMSG_HDRLEN + rnd(len - NLMSG_HDRLEN);
		break;
	default:
		header->nlmsg_len = len = NLMSG_HDRLEN + rnd(GENL_HDRLEN);
		break;
	}
	if (send(fd, message, len, 0) < 0)
		err(1, "send");
	unanswerable++;
}

/* A socket of its own, since their answers may come at any time. */
static int genl_socket(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int one = 1, new = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (new < 0 || connect(new, (void *)&kernel, sizeof(kernel)))
		err(1, "socket");
	setsockopt(new, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(new, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return new;
}

static void find_family(void)
{
	struct nlmsghdr header = {
		.nlmsg_type = GENL_ID_CTRL,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	struct genlmsghdr genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	const uint8_t *attr = answer + NLMSG_HDRLEN + GENL_HDRLEN;
	int size;

	put(&header, sizeof(header));
	put(&genl, sizeof(genl));
	put_string(CTRL_ATTR_FAMILY_NAME, SCSIIP_GENL_NAME);
	((struct nlmsghdr *)message)->nlmsg_len = len;
	if (send(fd, message, len, 0) < 0)
		err(1, "send");
	size = recv(fd, answer, sizeof(answer), 0);
	for (; attr < answer + size;
	     attr += NLA_ALIGN(((const struct nlattr *)attr)->nla_len))
		if (((const struct nlattr *)attr)->nla_type == CTRL_ATTR_FAMILY_ID)
			family = *(const uint16_t *)(attr + NLA_HDRLEN);
	if (!family)
		errx(1, "no family " SCSIIP_GENL_NAME);
}

int main(int argc, char **argv)
{
	unsigned long i, messages;

	if (argc != 3)
		errx(2, "SEED COUNT");
	state = 0x9e3779b97f4a7c15ULL ^ strtoul(argv[1], NULL, 0);
	messages = strtoul(argv[2], NULL, 0);

	fd = genl_socket();
	find_family();
	for (i = 0; i < messages; i++) {
		compose();
		if (!rnd(64)) {
			send_unanswerable();
			close(fd);
			fd = genl_socket();
			continue;
		}
		if (send(fd, message, len, 0) < 0)
			err(1, "send");
		collect();
	}

	printf("%lu messages, %lu not to be answered, %lu in answers\n",
	       messages, unanswerable, dumped);
	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		printf("%8lu %s\n", count[i],
		       errors[i] ? strerrorname_np(errors[i]) : "OK");
	return 0;
}
