// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and replies. libnl 3.7 shows neither the text that comes with an
 * error nor the error that ends a dump, so replies are taken apart here.
 */
#include <err.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "socket.h"

#define RECEIVE_SIZE	(64 * 1024)
#define DUMP_TRIES	10

/* --- replies --- */

void replies_free(struct replies *replies)
{
	free(replies->data);
	memset(replies, 0, sizeof(*replies));
}

static void keep(struct replies *replies, const struct nlmsghdr *message)
{
	size_t len = NLMSG_ALIGN(message->nlmsg_len);

	if (replies->size - replies->len < len) {
		replies->size = 2 * replies->size + len;
		replies->data = realloc(replies->data, replies->size);
		if (!replies->data)
			err(STATUS_KERNEL, "out of memory");
	}
	memset(replies->data + replies->len + message->nlmsg_len, 0,
	       len - message->nlmsg_len);
	memcpy(replies->data + replies->len, message, message->nlmsg_len);
	replies->len += len;
}

/* The end of a request: an error number, and attributes after len bytes */
static void finish(struct replies *replies, const struct nlmsghdr *message,
		   size_t len)
{
	size_t payload = message->nlmsg_len - NLMSG_HDRLEN;
	const unsigned char *data = NLMSG_DATA(message);
	struct nlattr *text;
	int error = 0;

	replies->done = true;
	if (payload >= sizeof(error))
		memcpy(&error, data, sizeof(error));
	if (error > 0 || error == INT32_MIN)
		error = -EBADMSG;
	replies->error = -error;
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS) || payload <= len)
		return;
	text = nla_find((void *)(data + len), payload - len, NLMSGERR_ATTR_MSG);
	if (text)
		nla_strlcpy(replies->text, text, sizeof(replies->text));
}

static void take_error(struct replies *replies, const struct nlmsghdr *message)
{
	const struct nlmsgerr *nlerr = NLMSG_DATA(message);
	size_t len = sizeof(*nlerr);

	if (message->nlmsg_len < NLMSG_LENGTH(len)) {
		replies->done = true;
		replies->error = EBADMSG;
		return;
	}
	if (!(message->nlmsg_flags & NLM_F_CAPPED) &&
	    nlerr->msg.nlmsg_len > sizeof(nlerr->msg))
		len += NLMSG_ALIGN(nlerr->msg.nlmsg_len - sizeof(nlerr->msg));
	finish(replies, message, len);
}

/**
 * replies_take - what one datagram of the kernel brings
 * @replies: where to; its seq says which messages are meant
 * @buf: the datagram, aligned as a netlink message
 * @len: of @buf
 */
void replies_take(struct replies *replies, const void *buf, size_t len)
{
	struct nlmsghdr *message = (void *)buf;
	int left = len;

	for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != replies->seq)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			replies->interrupted = true;
		switch (message->nlmsg_type) {
		case NLMSG_NOOP:
			break;
		case NLMSG_ERROR:
			take_error(replies, message);
			break;
		case NLMSG_DONE:
			finish(replies, message, NLMSG_ALIGN(sizeof(int)));
			break;
		case NLMSG_OVERRUN:
			replies->interrupted = true;
			break;
		default:
			keep(replies, message);
		}
		if (replies->done)
			return;
	}
}

/* --- requests --- */

static struct nl_msg *check(struct nl_msg *request)
{
	if (!request)
		errx(STATUS_KERNEL, "out of memory");
	return request;
}

/* The family's number is filled in when it is sent */
struct nl_msg *request_generic(uint8_t cmd, int flags)
{
	struct nl_msg *request = check(nlmsg_alloc());

	if (!genlmsg_put(request, NL_AUTO_PORT, NL_AUTO_SEQ, 0, 0,
			 NLM_F_REQUEST | NLM_F_ACK | flags, cmd, SCSIIP_GENL_VERSION))
		errx(STATUS_KERNEL, "out of memory");
	return request;
}

struct nl_msg *request_route(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *request;

	request = check(nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_ACK | flags));
	if (nlmsg_append(request, (void *)header, len, NLMSG_ALIGNTO))
		errx(STATUS_KERNEL, "out of memory");
	return request;
}

void request_put(struct nl_msg *request, int attribute, const void *data, size_t len)
{
	if (nla_put(request, attribute, len, data))
		errx(STATUS_KERNEL, "out of memory");
}

void request_put_u32(struct nl_msg *request, int attribute, uint32_t value)
{
	request_put(request, attribute, &value, sizeof(value));
}

void request_put_string(struct nl_msg *request, int attribute, const char *text)
{
	request_put(request, attribute, text, strlen(text) + 1);
}

static bool is_dump(struct nl_msg *request)
{
	return (nlmsg_hdr(request)->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/* Part of a dump that is lost is read again; what a request led to is not known. */
static void receive(int protocol, bool dump, struct replies *replies)
{
	static char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len;

	while (!replies->done) {
		len = socket_receive(protocol, buf, sizeof(buf));
		if (len == -EINTR)
			continue;
		if (len == -ENOBUFS && dump) {
			replies->interrupted = true;
			continue;
		}
		if (len < 0) {
			replies->error = -len;
			return;
		}
		replies_take(replies, buf, len);
	}
}

/* Frees the request. A dump that something came in between of is read again. */
static int talk(int protocol, struct nl_msg *request, struct replies *replies)
{
	int tries = is_dump(request) ? DUMP_TRIES : 1;
	int ret;

	memset(replies, 0, sizeof(*replies));
	do {
		replies_free(replies);
		nlmsg_hdr(request)->nlmsg_seq = NL_AUTO_SEQ;
		ret = socket_send(protocol, request, &replies->seq);
		if (ret)
			replies->error = -ret;
		else
			receive(protocol, is_dump(request), replies);
	} while (replies->interrupted && !replies->error && --tries);
	if (replies->interrupted)
		error("the list kept changing while it was read: something may lack, or be twice");
	nlmsg_free(request);
	return -replies->error;
}

int talk_route(struct nl_msg *request, struct replies *replies)
{
	return talk(NETLINK_ROUTE, request, replies);
}

int talk_generic(struct nl_msg *request, struct replies *replies)
{
	int ret;

	ret = socket_family(&nlmsg_hdr(request)->nlmsg_type);
	if (ret) {
		nlmsg_free(request);
		memset(replies, 0, sizeof(*replies));
		replies->error = -ret;
		if (ret == -ENOENT)
			strcpy(replies->text, NO_FAMILY);
		return ret;
	}
	return talk(NETLINK_GENERIC, request, replies);
}

enum status complain(const struct replies *replies, const char *what)
{
	const char *why = "";

	if (!replies->error)
		return replies->interrupted ? STATUS_KERNEL : STATUS_OK;
	if (!*replies->text && (replies->error == EPERM || replies->error == EACCES))
		why = " (are you root?)";
	else if (!*replies->text && replies->error == ENODEV)
		why = " (the interface has gone)";
	error("%s: %s%s", what,
	      *replies->text ? replies->text : strerror(replies->error), why);
	return STATUS_KERNEL;
}

/* A request that is not answered but with success or an error */
enum status do_generic(struct nl_msg *request, const char *what)
{
	struct replies replies;
	enum status status;

	talk_generic(request, &replies);
	status = complain(&replies, what);
	replies_free(&replies);
	return status;
}

/* What show() makes of the replies, unless there was an error among them */
enum status list_generic(struct nl_msg *request, const char *what, enum layout layout,
			 void (*show)(const struct replies *replies))
{
	struct replies replies;
	enum status status;

	talk_generic(request, &replies);
	status = complain(&replies, what);
	if (!replies.error) {
		out_list(layout);
		show(&replies);
		out_flush();
	}
	replies_free(&replies);
	return status;
}

/* --- attributes --- */

static const struct nla_policy policy[SCSIIP_A_MAX + 1] = {
	[SCSIIP_A_IFINDEX] = { .type = NLA_U32 },
	[SCSIIP_A_IFNAME] = { .type = NLA_STRING },
	[SCSIIP_A_LLADDR] = { .minlen = LLADDR_LEN, .maxlen = LLADDR_LEN },
	[SCSIIP_A_MTU] = { .type = NLA_U32 },
	[SCSIIP_A_NETWORK] = { .type = NLA_STRING },
	[SCSIIP_A_SERIAL] = { .type = NLA_STRING },
	[SCSIIP_A_ARP_NEGATIVE_TTL] = { .type = NLA_U32 },
	[SCSIIP_A_PEERS] = { .type = NLA_U32 },
	[SCSIIP_A_NAME] = { .type = NLA_STRING },
	[SCSIIP_A_INITIATOR] = { .type = NLA_STRING },
	[SCSIIP_A_STATIC] = { .type = NLA_FLAG },
	[SCSIIP_A_PEER_STATE] = { .type = NLA_U8 },
	[SCSIIP_A_DESIGNATOR_TYPE] = { .type = NLA_U8 },
	[SCSIIP_A_DESIGNATOR] = { .maxlen = DESIGNATOR_MAX },
	[SCSIIP_A_QUEUED] = { .type = NLA_U32 },
	[SCSIIP_A_QUEUED_BYTES] = { .type = NLA_U32 },
	[SCSIIP_A_PATHS] = { .type = NLA_NESTED },
	[SCSIIP_A_PATH] = { .type = NLA_NESTED },
	[SCSIIP_A_LUN] = { .type = NLA_STRING },
	[SCSIIP_A_PATH_STATE] = { .type = NLA_U8 },
	[SCSIIP_A_POLICY] = { .type = NLA_U8 },
	[SCSIIP_A_PINNED] = { .type = NLA_FLAG },
	[SCSIIP_A_TRANSPORT] = { .type = NLA_STRING },
	[SCSIIP_A_VENDOR] = { .type = NLA_STRING },
	[SCSIIP_A_MODEL] = { .type = NLA_STRING },
	[SCSIIP_A_QUEUE_DEPTH] = { .type = NLA_U32 },
	[SCSIIP_A_INFLIGHT] = { .type = NLA_U32 },
	[SCSIIP_A_LIMIT] = { .type = NLA_U32 },
	[SCSIIP_A_COUNTERS] = { .type = NLA_NESTED },
	[SCSIIP_A_ADDRESS] = { .minlen = 4, .maxlen = 16 },
	[SCSIIP_A_ARP_STATE] = { .type = NLA_U8 },
	[SCSIIP_A_AGE] = { .type = NLA_U32 },
	[SCSIIP_A_EXPIRES] = { .type = NLA_U32 },
	[SCSIIP_A_EVENT] = { .type = NLA_U8 },
};

/* attributes: SCSIIP_A_MAX + 1 of them. Negative: what the kernel sent is not
 * what uapi/scsiip.h says
 */
int parse_generic(struct nlmsghdr *message, struct nlattr **attributes, uint8_t *cmd)
{
	const struct genlmsghdr *header = nlmsg_data(message);

	if (!nlmsg_valid_hdr(message, GENL_HDRLEN))
		return -EBADMSG;
	*cmd = header->cmd;
	return nlmsg_parse(message, GENL_HDRLEN, attributes, SCSIIP_A_MAX, policy);
}

int parse_nest(struct nlattr *nest, struct nlattr **attributes)
{
	return nla_parse_nested(attributes, SCSIIP_A_MAX, nest, policy);
}

/* The attributes of the message about that interface, and that peer if any */
bool find_reply(const struct replies *replies, uint32_t ifindex,
		const uint8_t *lladdr, struct nlattr **attributes)
{
	struct nlmsghdr *message;
	uint8_t cmd;

	for_each_reply(message, replies) {
		if (parse_generic(message, attributes, &cmd) ||
		    !attributes[SCSIIP_A_IFINDEX] ||
		    nla_get_u32(attributes[SCSIIP_A_IFINDEX]) != ifindex)
			continue;
		if (!lladdr || (attributes[SCSIIP_A_LLADDR] &&
				!memcmp(nla_data(attributes[SCSIIP_A_LLADDR]), lladdr,
					LLADDR_LEN)))
			return true;
	}
	return false;
}
