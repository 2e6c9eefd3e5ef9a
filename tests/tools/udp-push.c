// SPDX-License-Identifier: GPL-2.0-only
/*
 * udp-push ADDRESS PORT < FILE
 *
 * Send the datagrams that FILE has, each behind its length in four bytes, most
 * significant first; for guests without Python.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	static char data[65536];
	uint32_t length;
	int fd;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: udp-push ADDRESS PORT");
	to.sin_port = htons(atoi(argv[2]));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		err(1, "socket");

	while (fread(&length, sizeof(length), 1, stdin) == 1) {
		length = ntohl(length);
		if (length > sizeof(data) || fread(data, 1, length, stdin) != length)
			errx(1, "a datagram of %u bytes is not there", length);
		if (sendto(fd, data, length, 0, (struct sockaddr *)&to,
			   sizeof(to)) != (ssize_t)length)
			err(1, "%u bytes", length);
	}
	return 0;
}
