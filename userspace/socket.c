// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink sockets, one a protocol, opened when first needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"
#include "uapi/scsiip.h"

#define NETNS_DIR	"/run/netns"
#define EVENT_BUFFER	(1024 * 1024)

static struct nl_sock *sockets[MAX_LINKS];

static struct nl_sock *open_socket(int protocol)
{
	struct nl_sock *sock = sockets[protocol];
	int on = 1;

	if (sock)
		return sock;
	sock = nl_socket_alloc();
	if (!sock)
		return NULL;
	if (nl_connect(sock, protocol)) {
		nl_socket_free(sock);
		return NULL;
	}
	nl_socket_disable_seq_check(sock);	/* libnl does not see all that comes */
	/* texts with errors, without the request they are about */
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	sockets[protocol] = sock;
	return sock;
}

int socket_family(uint16_t *id)
{
	struct nl_sock *sock = open_socket(NETLINK_GENERIC);
	int family;

	if (!sock)
		return -EPROTONOSUPPORT;
	family = genl_ctrl_resolve(sock, SCSIIP_GENL_NAME);
	if (family < 0)
		return -ENOENT;
	*id = family;
	return 0;
}

int socket_send(int protocol, struct nl_msg *message, uint32_t *seq)
{
	struct nl_sock *sock = open_socket(protocol);
	int ret;

	if (!sock)
		return -EPROTONOSUPPORT;
	nl_complete_msg(sock, message);
	*seq = nlmsg_hdr(message)->nlmsg_seq;
	ret = nl_send(sock, message);
	return ret < 0 ? -EIO : 0;
}

/* Only the kernel is listened to. Longer messages than asked for do not exist,
 * the kernel makes dumps no longer than the buffers it was shown.
 */
ssize_t socket_receive(int protocol, void *buf, size_t size)
{
	struct nl_sock *sock = open_socket(protocol);
	struct sockaddr_nl from = { };
	socklen_t from_len;
	ssize_t len;

	if (!sock)
		return -EPROTONOSUPPORT;
	do {
		from_len = sizeof(from);
		len = recvfrom(nl_socket_get_fd(sock), buf, size, MSG_TRUNC,
			       (struct sockaddr *)&from, &from_len);
	} while (len >= 0 && from.nl_pid);
	if (len < 0)
		return -errno;
	return (size_t)len > size ? -EMSGSIZE : len;
}

int socket_join_events(void)
{
	struct nl_sock *sock = open_socket(NETLINK_GENERIC);
	int group;

	if (!sock)
		return -EPROTONOSUPPORT;
	group = genl_ctrl_resolve_grp(sock, SCSIIP_GENL_NAME, SCSIIP_GENL_MCGRP_EVENTS);
	if (group < 0)
		return -ENOENT;
	nl_socket_set_buffer_size(sock, EVENT_BUFFER, 0);
	return nl_socket_add_membership(sock, group) ? -EPERM : 0;
}

int socket_enter_netns(const char *name)
{
	char path[PATH_MAX];
	int fd, ret;

	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = setns(fd, CLONE_NEWNET) ? -errno : 0;
	close(fd);
	return ret;
}

void socket_close(void)
{
	int protocol;

	for (protocol = 0; protocol < MAX_LINKS; protocol++) {
		nl_socket_free(sockets[protocol]);
		sockets[protocol] = NULL;
	}
}
