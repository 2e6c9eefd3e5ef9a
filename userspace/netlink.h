/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to the kernel and its replies, generic netlink and rtnetlink alike.
 */
#ifndef SCSIIP_NETLINK_H
#define SCSIIP_NETLINK_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "args.h"
#include "output.h"

/**
 * struct replies - what the kernel answered to one request
 * @data: netlink messages, one after another; only those that carry something
 * @len: bytes in use of @data
 * @size: bytes allocated
 * @seq: of the request
 * @done: there is no more to come
 * @interrupted: what a dump listed changed meanwhile
 * @error: 0 or a positive errno
 * @text: what the kernel said about it, or empty
 */
struct replies {
	unsigned char *data;
	size_t len;
	size_t size;
	uint32_t seq;
	bool done;
	bool interrupted;
	int error;
	char text[256];
};

void replies_free(struct replies *replies);
void replies_take(struct replies *replies, const void *buf, size_t len);

/* for_each_reply(message, replies): struct nlmsghdr *message */
#define for_each_reply(message, replies)					\
	for (int left_ = ((message) = (void *)(replies)->data,			\
			  (int)(replies)->len);					\
	     left_ && nlmsg_ok(message, left_);					\
	     (message) = nlmsg_next(message, &left_))

struct nl_msg *request_generic(uint8_t cmd, int flags);
struct nl_msg *request_route(int type, int flags, const void *header, size_t len);
void request_put(struct nl_msg *request, int attribute, const void *data,
		 size_t len);
void request_put_u32(struct nl_msg *request, int attribute, uint32_t value);
void request_put_string(struct nl_msg *request, int attribute, const char *text);

int talk_generic(struct nl_msg *request, struct replies *replies);
int talk_route(struct nl_msg *request, struct replies *replies);

enum status complain(const struct replies *replies, const char *what);
enum status do_generic(struct nl_msg *request, const char *what);
enum status list_generic(struct nl_msg *request, const char *what, enum layout layout,
			 void (*show)(const struct replies *replies));

int parse_generic(struct nlmsghdr *message, struct nlattr **attributes,
		  uint8_t *cmd);
int parse_nest(struct nlattr *nest, struct nlattr **attributes);
bool find_reply(const struct replies *replies, uint32_t ifindex,
		const uint8_t *lladdr, struct nlattr **attributes);

#endif
