// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the benchmark measures and iperf3 does not.
 *
 *	meter pong PORT				echo bytes over TCP, one connection
 *	meter ping ADDRESS PORT COUNT		microseconds a round trip of 1 byte
 *	meter spray ADDRESS PEERS COUNT LENGTH SNDBUF	microseconds a UDP datagram,
 *		COUNT of them to ADDRESS + 1, ADDRESS + 2, … in turn, until the
 *		last has been completed. A datagram is charged to its socket
 *		until then: with a SNDBUF of 1 each waits for the one before.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		errx(2, "%s: not an IPv4 address", host);
	return a;
}

static void pong(int port)
{
	struct sockaddr_in a = address("0.0.0.0", port);
	int one = 1, l = socket(AF_INET, SOCK_STREAM, 0), s;
	char c;

	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(l, (void *)&a, sizeof(a)) || listen(l, 1))
		err(1, "port %d", port);
	s = accept(l, NULL, NULL);
	if (s < 0)
		err(1, "accept");
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (read(s, &c, 1) == 1)
		if (write(s, &c, 1) != 1)
			err(1, "write");
}

static void ping(const char *host, int port, int count)
{
	struct sockaddr_in a = address(host, port);
	int one = 1, s, i, tries = 0;
	double start = 0;
	char c = 0;

	/* the other end may not be there yet */
	while (s = socket(AF_INET, SOCK_STREAM, 0),
	       connect(s, (void *)&a, sizeof(a))) {
		if (++tries == 50)
			err(1, "connect to %s", host);
		close(s);
		usleep(100000);
	}
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (i = -count / 10; i < count; i++) {
		if (i == 0)
			start = now();
		if (write(s, &c, 1) != 1 || read(s, &c, 1) != 1)
			err(1, "round trip %d", i);
	}
	printf("%.1f\n", (now() - start) / count);
}

static void spray(const char *base, int peers, int count, int length,
		  int sndbuf)
{
	struct sockaddr_in *to = calloc(peers, sizeof(*to));
	int s = socket(AF_INET, SOCK_DGRAM, 0), i, left;
	char *data = calloc(1, length);
	double start = 0;

	if (setsockopt(s, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf)))
		err(1, "SO_SNDBUF");
	for (i = 0; i < peers; i++) {
		to[i] = address(base, 9);
		to[i].sin_addr.s_addr = htonl(ntohl(to[i].sin_addr.s_addr) +
					      i + 1);
	}
	for (i = -peers; i < count; i++) {
		if (i == 0)
			start = now();
		if (sendto(s, data, length, 0, (void *)&to[(i + peers) % peers],
			   sizeof(*to)) != length)
			err(1, "datagram %d", i);
	}
	do {
		if (ioctl(s, SIOCOUTQ, &left))
			err(1, "SIOCOUTQ");
	} while (left && !usleep(100));
	printf("%.2f\n", (now() - start) / count);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "pong"))
		pong(atoi(argv[2]));
	else if (argc == 5 && !strcmp(argv[1], "ping"))
		ping(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (argc == 7 && !strcmp(argv[1], "spray"))
		spray(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]),
		      atoi(argv[6]));
	else
		errx(2, "usage: see the top of meter.c");
	return 0;
}
