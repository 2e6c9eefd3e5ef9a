/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that touches the kernel. The unit tests put something else in its place.
 */
#ifndef SCSIIP_SOCKET_H
#define SCSIIP_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nl_msg;

#define NO_FAMILY	"the kernel has no scsiip: modprobe scsiip"

/* Those of int return 0, or a negative errno */
int socket_family(uint16_t *id);	/* ENOENT: there is none */
int socket_send(int protocol, struct nl_msg *message, uint32_t *seq);
ssize_t socket_receive(int protocol, void *buf, size_t size);
int socket_join_events(void);
int socket_enter_netns(const char *name);
void socket_close(void);

#endif
