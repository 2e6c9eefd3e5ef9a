// SPDX-License-Identifier: GPL-2.0-only
/*
 * cdb-fuzz [-l LLADDR] SEED COUNT sg DEVICE
 * cdb-fuzz SEED COUNT iscsi PORTAL TARGET INITIATOR
 *
 * Send COUNT random SCSI commands to a logical unit of type 09h: through a
 * /dev/sgN, in pieces of odd lengths at odd addresses, eight at a time; or
 * straight over iSCSI, on four sessions that differ in how data-out goes.
 * LLADDR is the address of the peer that owns the initiator port, if the unit
 * knows one.
 *
 * Most are SEND MESSAGE, right, nearly right or nonsense. docs/wire.md says how
 * each must be answered, and so does the model here; another answer ends the
 * run. In the end a line "COUNTER N" for each counter of ethtool -S that these
 * commands must have moved, and by how much.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <scsi/sg.h>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_TRANSFER	66048	/* docs/wire.md */
#define MAX_DATA	(160 << 10)
#define GUARD		64
#define SG_THREADS	8
#define SESSIONS	4
#define OUTSTANDING	48

enum direction { NONE, OUT, IN };

/* What becomes of a command; those with a counter come first */
enum verdict {
	PACKET, RESERVED, PROTOCOL, TOO_LONG, SHORT_DATA, SHORT_DATAGRAM,
	BAD_HEADER, SPOOFED, BUSY, COUNTERS,
	NO_DATAGRAM = COUNTERS, OPCODE, FIELD, LUN, NO_ROOM,
	VERDICTS,
	/* not said exactly here: either of two */
	PACKET_OR_SPOOFED, NO_DATAGRAM_OR_FIELD,
};

static const struct {
	const char *name;
	uint8_t status, key, asc;	/* ascq is 0 */
} verdicts[VERDICTS] = {
	[PACKET]		= { "rx_packets", 0, 0, 0 },
	[RESERVED]		= { "rx_reserved_bits", 2, 5, 0x24 },
	[PROTOCOL]		= { "rx_unknown_protocol", 2, 5, 0x24 },
	[TOO_LONG]		= { "rx_too_long", 2, 5, 0x24 },
	[SHORT_DATA]		= { "rx_short_data", 2, 5, 0x1a },
	[SHORT_DATAGRAM]	= { "rx_short_datagram", 2, 5, 0x1a },
	[BAD_HEADER]		= { "rx_bad_header", 2, 5, 0x26 },
	[SPOOFED]		= { "rx_spoofed", 2, 5, 0x26 },
	[BUSY]			= { "rx_busy", 8, 0, 0 },
	[NO_DATAGRAM]		= { "no datagram", 0, 0, 0 },
	[OPCODE]		= { "unknown operation code", 2, 5, 0x20 },
	[FIELD]			= { "invalid field", 2, 5, 0x24 },
	[LUN]			= { "no such LUN", 2, 5, 0x25 },
	/* LIO's, of 0 bytes of what it has to write first */
	[NO_ROOM]		= { "no room", 2, 2, 0x08 },
};

struct answer {
	int status;
	uint8_t key, asc, ascq;
	int64_t residual;	/* underflow; less than 0 is none told */
};

struct command {
	struct run *run;
	unsigned long number;
	uint8_t cdb[32];
	unsigned int cdb_len, lun, len;	/* bytes the transport announces */
	enum direction direction;
	bool exact;		/* an ARP or ND packet whose sender is certain */
	bool spoofed;
	uint8_t *data;		/* with room for MAX_DATA, and a guard */
};

struct run {
	pthread_t thread;
	unsigned int number;
	uint64_t random;
	unsigned long commands, sent, done, count[VERDICTS];
	struct command command[OUTSTANDING], *idle[OUTSTANDING];
	unsigned int idles;
	struct iscsi_context *iscsi;
};

static const char *device, *portal, *target, *initiator;
static uint8_t lladdr[6], pool[MAX_DATA * 2];
static bool lladdr_known;

static uint64_t rnd(struct run *run)
{
	uint64_t x = run->random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static unsigned int below(struct run *run, unsigned int n)
{
	return rnd(run) % n;
}

static bool one_in(struct run *run, unsigned int n)
{
	return !below(run, n);
}

static unsigned int one_of(struct run *run, const uint8_t *bytes, size_t n)
{
	return bytes[below(run, n)];
}

#define ONE_OF(run, ...) \
	one_of(run, (const uint8_t[]){ __VA_ARGS__ }, \
	       sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = value >> 8;
	p[1] = value;
}

static uint32_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* --- the model: docs/wire.md, Answers --- */

static bool is_send_message(uint8_t opcode)
{
	return opcode == 0x0a || opcode == 0x2a || opcode == 0xaa;
}

static enum verdict judge_arp(const struct command *command, uint32_t length)
{
	if (length < 28)
		return SHORT_DATAGRAM;
	if (!lladdr_known)
		return PACKET;
	/* unless it is IPv6 that came under the wrong name */
	if (command->exact && command->data[0] >> 4 != 6)
		return command->spoofed ? SPOOFED : PACKET;
	return PACKET_OR_SPOOFED;
}

static enum verdict judge_ip(const struct command *command, uint32_t length,
			     unsigned int version)
{
	const uint8_t *data = command->data;

	if (version != data[0] >> 4)
		return BAD_HEADER;
	if (version == 4) {
		uint32_t header = (data[0] & 15) * 4, total;

		if (length < 20)
			return SHORT_DATAGRAM;
		total = get16(&data[2]);
		if (header < 20 || total < header)
			return BAD_HEADER;
		return total > length ? SHORT_DATAGRAM : PACKET;
	}
	if (length < 40 || get16(&data[4]) + 40 > length)
		return SHORT_DATAGRAM;
	if (!lladdr_known)
		return PACKET;
	if (command->exact)
		return command->spoofed ? SPOOFED : PACKET;
	/* ICMPv6, or what may stand before it */
	return memchr("\x00\x2b\x2c\x33\x3a\x3c", data[6], 6) ?
	       PACKET_OR_SPOOFED : PACKET;
}

static enum verdict judge_message(const struct command *command)
{
	const uint8_t *cdb = command->cdb;
	uint32_t length, reserved = cdb[1] & 0x1f;
	unsigned int type = 0;

	if (cdb[0] == 0x0a) {
		length = cdb[2] << 16 | get16(&cdb[3]);
		reserved |= cdb[5];
	} else if (cdb[0] == 0x2a) {
		length = get16(&cdb[7]);
		reserved |= cdb[2] | cdb[3] | cdb[4] | cdb[6] | cdb[9];
	} else {
		length = get16(&cdb[6]) << 16 | get16(&cdb[8]);
		reserved |= cdb[2] | cdb[3] | cdb[4] | cdb[10] | cdb[11];
	}
	if (cdb[0] != 0x0a) {
		type = cdb[5] & 0x0f;
		reserved |= cdb[5] & 0xf0;
	}

	if (reserved)
		return RESERVED;
	if (type != 0x0 && type != 0x6 && type != 0xd)
		return PROTOCOL;
	if (length > MAX_TRANSFER || command->len > MAX_TRANSFER)
		return TOO_LONG;
	if (length > command->len || (command->len && command->direction != OUT))
		return SHORT_DATA;
	if (!length)
		return NO_DATAGRAM;

	if (type == 0x6)
		return judge_arp(command, length);
	if (cdb[0] == 0x0a)
		return judge_ip(command, length,
				command->data[0] >> 4 == 4 ? 4 : 6);
	return judge_ip(command, length, type == 0x0 ? 4 : 6);
}

/* Allocation length, of what returns data */
static uint32_t allocation_length(const uint8_t *cdb)
{
	switch (cdb[0]) {
	case 0x03: case 0x1a:
		return cdb[4];
	case 0x12:
		return get16(&cdb[3]);
	case 0x5a:
		return get16(&cdb[7]);
	case 0xa0: case 0xa3:
		return get16(&cdb[6]) << 16 | get16(&cdb[8]);
	default:
		return 0;
	}
}

static enum verdict judge(const struct command *command)
{
	const uint8_t *cdb = command->cdb;
	bool data_out = command->direction == OUT && command->len;
	/* LIO refuses what is longer than memory that is not its own */
	bool longer = device && command->len &&
		      allocation_length(cdb) > command->len;

	if (command->lun)
		return LUN;
	if (is_send_message(cdb[0]))
		return judge_message(command);

	switch (cdb[0]) {
	case 0x00:	/* TEST UNIT READY */
		return data_out ? FIELD : NO_DATAGRAM;
	case 0x12:	/* INQUIRY */
		if (cdb[1] & 1 ? !memchr("\x00\x80\x83\xc0", cdb[2], 4) : cdb[2])
			return FIELD;
		return data_out || longer ? FIELD : NO_DATAGRAM;
	case 0xa3:	/* REPORT SUPPORTED OPERATION CODES */
		if ((cdb[1] & 0x1f) != 0x0c || data_out || longer ||
		    (cdb[2] & 7) > 3)
			return FIELD;
		return NO_DATAGRAM_OR_FIELD;
	case 0x7f:	/* longer than a CDB of Linux can be */
		return cdb[7] + 8u > sizeof(command->cdb) ? FIELD : OPCODE;
	case 0x03: case 0x1a: case 0x5a: case 0xa0:
		return data_out || longer ? FIELD : NO_DATAGRAM_OR_FIELD;
	default:
		return OPCODE;
	}
}

static bool is(const struct answer *answer, enum verdict verdict)
{
	return answer->status == verdicts[verdict].status &&
	       (answer->status != 2 ||
		(answer->key == verdicts[verdict].key && !answer->ascq &&
		 answer->asc == verdicts[verdict].asc));
}

static void wrong(const struct command *command, const char *expected,
		  const struct answer *answer)
{
	unsigned int i;

	flockfile(stderr);
	fprintf(stderr, "FAIL: command %lu of run %u, CDB", command->number,
		command->run->number);
	for (i = 0; i < command->cdb_len; i++)
		fprintf(stderr, " %02x", command->cdb[i]);
	fprintf(stderr, ", LUN %u, %u bytes %s", command->lun, command->len,
		command->direction == OUT ? "out" :
		command->direction == IN ? "in" : "");
	for (i = 0; command->direction == OUT && i < command->len && i < 80; i++)
		fprintf(stderr, "%s%02x", i ? "" : ": ", command->data[i]);
	fprintf(stderr, "; expected: %s; answer: status %x, %02x/%02x/%02x, residual %lld\n",
		expected, answer->status, answer->key, answer->asc,
		answer->ascq, (long long)answer->residual);
	exit(1);
}

/* Transfer length by the CDB of a SEND MESSAGE that was taken */
static uint32_t transfer_length(const uint8_t *cdb)
{
	return cdb[0] == 0x0a ? get16(&cdb[3]) | cdb[2] << 16 :
	       cdb[0] == 0x2a ? get16(&cdb[7]) :
	       get16(&cdb[6]) << 16 | get16(&cdb[8]);
}

static void guard(uint8_t *at, size_t len)
{
	memset(at, 0xa5, len);
}

static bool guarded(const uint8_t *at, size_t len)
{
	while (len--)
		if (*at++ != 0xa5)
			return false;
	return true;
}

static void answered(struct command *command, const struct answer *answer)
{
	enum verdict verdict = judge(command);
	struct run *run = command->run;

	if (verdict == PACKET_OR_SPOOFED)
		verdict = is(answer, SPOOFED) ? SPOOFED : PACKET;
	else if (verdict == NO_DATAGRAM_OR_FIELD)
		verdict = is(answer, FIELD) ? FIELD :
			  is(answer, NO_ROOM) &&
			  (!command->len || !allocation_length(command->cdb)) ?
			  NO_ROOM : NO_DATAGRAM;
	if (verdict == PACKET && is(answer, BUSY))
		verdict = BUSY;
	else if (!is(answer, verdict))
		wrong(command, verdicts[verdict].name, answer);

	if (is_send_message(command->cdb[0]) && !answer->status &&
	    answer->residual != command->len - transfer_length(command->cdb))
		wrong(command, "another residual", answer);
	if (answer->residual > command->len)
		wrong(command, "a residual of no more than that", answer);
	if (!guarded(command->data + command->len, GUARD))
		wrong(command, "nothing behind the data", answer);
	run->count[verdict]++;
	run->done++;
}

/* --- commands --- */

/* Lengths around those that matter, and few long ones, which take long */
static unsigned int random_length(struct run *run)
{
	switch (below(run, 64)) {
	case 0:
		return below(run, 3);
	case 1:
		return 65530 + below(run, 60);
	case 2:
		return MAX_TRANSFER - 3 + below(run, 6);
	case 3:
		return below(run, MAX_TRANSFER);
	case 4 ... 7:
		return below(run, 9000);
	case 8 ... 20:
		return 18 + below(run, 30);
	case 21 ... 24:
		return 250 + below(run, 12);	/* copied as a whole, or not */
	default:
		return 28 + below(run, 600);
	}
}

static void make_ipv4(struct run *run, uint8_t *data, unsigned int len)
{
	unsigned int header = 20, i;
	uint32_t sum = 0;

	data[0] = one_in(run, 16) ? 0x40 | below(run, 16) : 0x45;
	put16(&data[2], one_in(run, 32) ? rnd(run) : len);
	if (!one_in(run, 4))
		put16(&data[6], 0);
	data[9] = ONE_OF(run, 1, 2, 4, 6, 17, 41, 47, 50, 132, 255, data[9]);
	if (!one_in(run, 4))
		memcpy(&data[12], "\x0a\x00\x00\x02", 4);
	switch (below(run, 8)) {
	case 0:
		memcpy(&data[16], "\xff\xff\xff\xff", 4);
		break;
	case 1:
		data[16] = 0xe0 | (data[16] & 15);
		break;
	case 2:
		break;
	default:
		memcpy(&data[16], "\x0a\x00\x00\x01", 4);
	}
	if (one_in(run, 4))
		return;
	if ((data[0] & 15) > 5)
		header = (data[0] & 15) * 4;
	put16(&data[10], 0);
	for (i = 0; i < header; i += 2)
		sum += get16(&data[i]);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(&data[10], ~(sum + (sum >> 16)));
}

static void make_ipv6(struct run *run, uint8_t *data, unsigned int len)
{
	data[0] = 0x60 | (data[0] & 15);
	put16(&data[4], one_in(run, 32) ? rnd(run) : len - 40);
	data[6] = ONE_OF(run, 0, 6, 17, 43, 44, 50, 51, 58, 59, 60, data[6]);
	if (!one_in(run, 4))
		memcpy(&data[8], "\xfd\x00\x5c\x51\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	if (!one_in(run, 4))
		memcpy(&data[24], "\xfd\x00\x5c\x51\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	else if (one_in(run, 2))
		data[24] = 0xff;
}

/* Of the sender, or not */
static void put_lladdr(struct command *command, uint8_t *to)
{
	memcpy(to, lladdr, 6);
	command->spoofed = one_in(command->run, 4);
	if (command->spoofed)
		to[below(command->run, 6)] ^= 1 << below(command->run, 8);
}

static void make_arp(struct command *command)
{
	struct run *run = command->run;
	uint8_t *data = command->data;

	memcpy(data, "\x00\x01\x08\x00\x06\x04\x00", 7);
	data[7] = ONE_OF(run, 1, 1, 2, 2, data[7]);
	put_lladdr(command, &data[8]);
	if (!one_in(run, 4))
		memcpy(&data[24], "\x0a\x00\x00\x01", 4);
	command->exact = true;
	if (one_in(run, 8)) {
		data[below(run, 8)] = rnd(run);
		command->exact = false;
	}
}

/* A solicitation or an advertisement with one option; returns its length */
static unsigned int make_neighbour(struct command *command)
{
	struct run *run = command->run;
	uint8_t *data = command->data;
	unsigned int type = 133 + below(run, 4);
	unsigned int fixed = type == 133 ? 8 : type == 134 ? 16 : 24;

	make_ipv6(run, data, 40 + fixed + 8);
	put16(&data[4], fixed + 8);
	data[6] = 58;
	data[7] = 255;
	data[40] = type;
	data[41] = 0;
	data[48] &= 0x7f;	/* no multicast is asked for */
	data[40 + fixed] = ONE_OF(run, 1, 2);
	data[40 + fixed + 1] = 1;
	put_lladdr(command, &data[40 + fixed + 2]);
	command->exact = true;
	return 40 + fixed + 8;
}

static void make_message(struct command *command)
{
	struct run *run = command->run;
	uint8_t *cdb = command->cdb;
	unsigned int type = 0xd, len = random_length(run), length, byte;

	switch (below(run, 16)) {
	case 0 ... 6:
		make_ipv4(run, command->data, len);
		type = 0x0;
		break;
	case 7 ... 10:
		make_ipv6(run, command->data, len);
		break;
	case 11:
		len = make_neighbour(command);
		break;
	case 12 ... 14:
		make_arp(command);
		type = 0x6;
		len = 28;
		break;
	default:
		type = below(run, 16);
	}

	length = len;
	switch (below(run, 40)) {
	case 0:
		length = 0;
		break;
	case 1:
		length = len ? len - 1 : 1;
		break;
	case 2:
		length = len + 1 + below(run, 40);
		break;
	case 3:
		length = random_length(run);
		break;
	case 4:
		length = rnd(run);
		break;
	}
	if (one_in(run, 24))
		type = below(run, 16);

	switch (below(run, 8)) {
	case 0:
		cdb[0] = 0x0a;
		cdb[2] = length >> 16;
		put16(&cdb[3], length);
		command->cdb_len = 6;
		break;
	case 1:
	case 2:
		cdb[0] = 0xaa;
		cdb[5] = type;
		put16(&cdb[6], length >> 16);
		put16(&cdb[8], length);
		command->cdb_len = 12;
		break;
	default:
		cdb[0] = 0x2a;
		cdb[5] = type;
		put16(&cdb[7], length);
		command->cdb_len = 10;
	}
	cdb[1] = rnd(run) & 0xe0;
	if (one_in(run, 12)) {
		byte = 1 + below(run, command->cdb_len - 1);
		cdb[byte] ^= 1 << below(run, 8);
	}

	/* what the transport is told of it */
	command->len = transfer_length(cdb);
	command->direction = OUT;
	switch (below(run, 40)) {
	case 0:
		command->len += 1 + below(run, 100);
		break;
	case 1:
		command->len -= 1;
		break;
	case 2:
		command->len = random_length(run);
		break;
	case 3:
		command->len = 0;
		break;
	case 4:
		command->direction = IN;
		break;
	}
	if (one_in(run, 500))
		command->len = MAX_TRANSFER + below(run, MAX_DATA - MAX_TRANSFER);
	if (command->len > MAX_DATA)
		command->len = MAX_TRANSFER + below(run, 3);
}

/* All the others: what a unit of this type knows, and what it does not */
static void make_other(struct command *command)
{
	static const uint8_t lens[] = { 6, 10, 10, 12, 16, 12, 10, 10 };
	struct run *run = command->run;
	uint8_t *cdb = command->cdb;
	unsigned int length, i;

	for (i = 0; i < 16; i++)
		cdb[i] = one_in(run, 3) ? rnd(run) : 0;
	cdb[0] = one_in(run, 3) ? rnd(run) :
		 ONE_OF(run, 0x00, 0x03, 0x12, 0x12, 0x1a, 0x5a, 0xa0, 0xa3,
			0xa3, 0x5e, 0x5f, 0x08, 0x28, 0xa8, 0x83, 0x84, 0x7f);
	if (is_send_message(cdb[0]))
		cdb[0] = 0xff;
	command->cdb_len = one_in(run, 4) ? 6 + below(run, 11) :
			   lens[cdb[0] >> 5];

	/* LIO tells on the console of much that it refuses: little of that */
	switch (cdb[0]) {
	case 0x03:
		cdb[1] &= one_in(run, 100) ? 0xff : 0xfe;
		break;
	case 0x12:
		cdb[1] = one_in(run, 4) ? rnd(run) : below(run, 2);
		cdb[2] = ONE_OF(run, 0x00, 0x80, 0x83, 0xc0, 0xb0, cdb[2]);
		put16(&cdb[3], one_in(run, 2) ? below(run, 300) : rnd(run));
		break;
	case 0x1a:
	case 0x5a:
		if (!one_in(run, 100))
			put16(&cdb[2], ONE_OF(run, 0x08, 0x0a, 0x1c, 0x3f) << 8);
		break;
	case 0xa0:
	case 0xa3:
		if (!one_in(run, 4))
			cdb[1] = cdb[0] == 0xa3 ? 0x0c : 0;
		cdb[2] = one_in(run, 4) ? rnd(run) : below(run, 4);
		cdb[3] = ONE_OF(run, 0x00, 0x2a, 0xaa, 0xa3, cdb[3]);
		put16(&cdb[6], one_in(run, 8) ? rnd(run) : 0);
		put16(&cdb[8], below(run, 400));
		break;
	case 0x7f:
		/*
		 * The additional CDB length. LIO takes as many bytes as that
		 * says, whether iSCSI has brought them or not.
		 */
		cdb[7] = portal ? below(run, 9) : rnd(run);
		break;
	}
	/* what lies beyond does not go to the unit */
	memset(&cdb[command->cdb_len], 0, sizeof(command->cdb) - command->cdb_len);

	command->direction = below(run, 3);
	if (command->direction != NONE)
		command->len = one_in(run, 8) ? random_length(run) :
						below(run, 512);
	length = allocation_length(cdb);
	if (length > command->len && length <= MAX_DATA && !one_in(run, 400)) {
		command->len = length;
		command->direction = IN;
	}
}

static void make(struct run *run, struct command *command)
{
	uint8_t *data = command->data;

	memset(command, 0, sizeof(*command));
	command->run = run;
	command->number = run->sent++;
	command->data = data;
	memcpy(data, pool + below(run, MAX_DATA), 256);
	if (one_in(run, 4))
		make_other(command);
	else
		make_message(command);
	if (command->len > 256)
		memcpy(data + 256, pool + below(run, MAX_DATA),
		       command->len - 256);
	if (!command->len)
		command->direction = NONE;
	guard(data + command->len, GUARD);
	/* LIO says so of each, on the console */
	if (portal && one_in(run, 2000))
		command->lun = 1 + below(run, 255);
}

/* --- through sg --- */

/* The data in so many pieces of these lengths, at these addresses */
static void split(struct run *run, struct command *command, uint8_t *copy,
		  struct sg_iovec *iov, unsigned int n)
{
	unsigned int i, done = 0, step = one_in(run, 2) ? 4 : 1;
	uint8_t *to = copy + below(run, 64) * step;

	for (i = 0; i < n; i++) {
		unsigned int len = command->len - done;

		if (i < n - 1)
			len = below(run, 1 + len / (n - i) * 2) / step * step;
		if (len > command->len - done)
			len = command->len - done;
		iov[i].iov_base = to;
		iov[i].iov_len = len;
		if (command->direction == OUT)
			memcpy(to, command->data + done, len);
		to += len;
		len = i < n - 1 ? below(run, 64) * step : GUARD;
		guard(to, len);
		to += len;
		done += iov[i].iov_len;
	}
}

/* Is what is between these pieces, and behind them, as it was? */
static bool apart(const struct sg_iovec *iov, unsigned int n)
{
	const uint8_t *end;
	unsigned int i;

	for (i = 0; i < n; i++) {
		end = (uint8_t *)iov[i].iov_base + iov[i].iov_len;
		if (!guarded(end, i < n - 1 ? (uint8_t *)iov[i + 1].iov_base - end :
					      GUARD))
			return false;
	}
	return true;
}

static void *run_sg(void *arg)
{
	struct run *run = arg;
	struct command *command = run->idle[0];
	uint8_t *copy = malloc(MAX_DATA + 65536 + GUARD), sense[96];
	int fd = open(device, O_RDWR);

	if (fd < 0 || !copy)
		err(2, "%s", device);
	while (run->sent < run->commands) {
		struct sg_iovec iov[64];
		struct answer answer = {};
		struct sg_io_hdr io = {
			.interface_id = 'S',
			.dxfer_direction = SG_DXFER_NONE,
			.cmdp = command->cdb,
			.sbp = sense,
			.mx_sb_len = sizeof(sense),
			.timeout = 60000,
			.dxferp = command->data,
		};

		make(run, command);
		io.cmd_len = command->cdb_len;
		io.dxfer_len = command->len;
		if (command->direction != NONE)
			io.dxfer_direction = command->direction == OUT ?
					     SG_DXFER_TO_DEV : SG_DXFER_FROM_DEV;
		if (one_in(run, 2))
			io.flags |= SG_FLAG_DIRECT_IO;
		if (command->len && one_in(run, 2)) {
			io.iovec_count = 1 + below(run, ARRAY_SIZE(iov));
			split(run, command, copy, iov, io.iovec_count);
			io.dxferp = iov;
		}
		if (ioctl(fd, SG_IO, &io) < 0)
			wrong(command, strerror(errno), &answer);
		answer.status = io.host_status ? 0x10000 | io.host_status :
						 io.status;
		if (io.status == 2 && io.sb_len_wr > 13 && sense[0] == 0x70) {
			answer.key = sense[2] & 15;
			answer.asc = sense[12];
			answer.ascq = sense[13];
		}
		answer.residual = io.resid;
		if (!apart(iov, io.iovec_count))
			wrong(command, "nothing between the pieces", &answer);
		answered(command, &answer);
	}
	close(fd);
	free(copy);
	return NULL;
}

/* --- through iSCSI --- */

static void iscsi_answered(struct iscsi_context *iscsi, int status, void *data,
			   void *arg)
{
	struct command *command = arg;
	struct scsi_task *task = data;
	struct run *run = command->run;
	struct answer answer = { .status = status };

	if (status == SCSI_STATUS_CHECK_CONDITION) {
		answer.key = task->sense.key;
		answer.asc = task->sense.ascq >> 8;
		answer.ascq = task->sense.ascq;
	}
	if (task->residual_status == SCSI_RESIDUAL_UNDERFLOW)
		answer.residual = task->residual;
	else if (task->residual_status == SCSI_RESIDUAL_OVERFLOW)
		answer.residual = -(int64_t)task->residual;
	if (status >= SCSI_STATUS_CANCELLED)
		wrong(command, iscsi_get_error(iscsi), &answer);
	answered(command, &answer);
	scsi_free_scsi_task(task);
	run->idle[run->idles++] = command;
}

static void iscsi_send(struct run *run)
{
	static const int directions[] = { [NONE] = SCSI_XFER_NONE,
					  [OUT] = SCSI_XFER_WRITE,
					  [IN] = SCSI_XFER_READ };
	struct command *command = run->idle[--run->idles];
	struct iscsi_data data;
	struct scsi_task *task;

	make(run, command);
	data.data = command->data;
	data.size = command->len;
	task = scsi_create_task(command->cdb_len, command->cdb,
				directions[command->direction], command->len);
	if (!task ||
	    iscsi_scsi_command_async(run->iscsi, command->lun, task,
				     iscsi_answered,
				     command->len ? &data : NULL, command))
		errx(2, "iSCSI: %s", iscsi_get_error(run->iscsi));
}

static void *run_iscsi(void *arg)
{
	struct run *run = arg;
	struct scsi_task *task;
	int tries = 3;

	run->iscsi = iscsi_create_context(initiator);
	if (!run->iscsi)
		errx(2, "iSCSI: no context");
	iscsi_set_noautoreconnect(run->iscsi, 1);
	iscsi_set_targetname(run->iscsi, target);
	iscsi_set_session_type(run->iscsi, ISCSI_SESSION_NORMAL);
	/*
	 * Data-out goes with the command, or when it is asked for. What comes
	 * unasked behind a command that it has refused LIO warns of.
	 */
	iscsi_set_immediate_data(run->iscsi, run->number & 1 ?
				 ISCSI_IMMEDIATE_DATA_NO : ISCSI_IMMEDIATE_DATA_YES);
	iscsi_set_initial_r2t(run->iscsi, run->number ?
			      ISCSI_INITIAL_R2T_YES : ISCSI_INITIAL_R2T_NO);
	iscsi_set_isid_random(run->iscsi, run->number, 0);
	if (iscsi_connect_sync(run->iscsi, portal) ||
	    iscsi_login_sync(run->iscsi))
		errx(2, "iSCSI: %s", iscsi_get_error(run->iscsi));
	do {	/* unit attentions of a new session */
		task = iscsi_testunitready_sync(run->iscsi, 0);
		if (!task || !tries--)
			errx(2, "iSCSI: not ready");
	} while (task->status && (scsi_free_scsi_task(task), true));
	scsi_free_scsi_task(task);

	while (run->done < run->commands) {
		struct pollfd fd = { .fd = iscsi_get_fd(run->iscsi) };

		while (run->idles && run->sent < run->commands)
			iscsi_send(run);
		fd.events = iscsi_which_events(run->iscsi);
		if (poll(&fd, 1, 60000) < 1)
			errx(1, "FAIL: no answer to any of %lu commands of run %u",
			     run->sent - run->done, run->number);
		if (iscsi_service(run->iscsi, fd.revents))
			errx(1, "FAIL: iSCSI: %s", iscsi_get_error(run->iscsi));
	}
	iscsi_logout_sync(run->iscsi);
	iscsi_destroy_context(run->iscsi);
	return NULL;
}

static void usage(void)
{
	errx(2, "cdb-fuzz [-l LLADDR] SEED COUNT sg DEVICE | SEED COUNT iscsi PORTAL TARGET INITIATOR");
}

int main(int argc, char **argv)
{
	unsigned long count, seed, total[VERDICTS] = {};
	unsigned int runs, i, j;
	struct run *run, base = {};
	struct timespec start, end;
	double seconds;
	int opt;

	while ((opt = getopt(argc, argv, "l:")) != -1) {
		if (opt != 'l' ||
		    sscanf(optarg, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &lladdr[0],
			   &lladdr[1], &lladdr[2], &lladdr[3], &lladdr[4],
			   &lladdr[5]) != 6)
			usage();
		lladdr_known = true;
	}
	argv += optind;
	argc -= optind;
	if (argc == 4 && !strcmp(argv[2], "sg")) {
		device = argv[3];
		runs = SG_THREADS;
	} else if (argc == 6 && !strcmp(argv[2], "iscsi")) {
		portal = argv[3];
		target = argv[4];
		initiator = argv[5];
		runs = SESSIONS;
	} else {
		usage();
	}
	seed = strtoul(argv[0], NULL, 0);
	count = strtoul(argv[1], NULL, 0);

	base.random = seed;
	for (i = 0; i < sizeof(pool); i++)
		pool[i] = rnd(&base);
	run = calloc(runs, sizeof(*run));
	if (!run)
		err(2, "memory");
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < runs; i++) {
		run[i].number = i;
		run[i].random = seed * runs + i;
		run[i].commands = count / runs + (i < count % runs);
		for (j = 0; j < (portal ? OUTSTANDING : 1); j++) {
			run[i].idle[run[i].idles++] = &run[i].command[j];
			run[i].command[j].data = malloc(MAX_DATA + GUARD);
			if (!run[i].command[j].data)
				err(2, "memory");
		}
		if (pthread_create(&run[i].thread, NULL,
				   portal ? run_iscsi : run_sg, &run[i]))
			errx(2, "no thread");
	}
	for (i = 0; i < runs; i++) {
		pthread_join(run[i].thread, NULL);
		for (j = 0; j < VERDICTS; j++)
			total[j] += run[i].count[j];
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = end.tv_sec - start.tv_sec +
		  (end.tv_nsec - start.tv_nsec) / 1e9;

	fprintf(stderr, "seed %lu: %lu commands in %.0f s, %.0f a second\n",
		seed, count, seconds, count / seconds);
	for (i = COUNTERS; i < VERDICTS; i++)
		fprintf(stderr, "%-24s %lu\n", verdicts[i].name, total[i]);
	for (i = 0; i < COUNTERS; i++)
		printf("%s %lu\n", verdicts[i].name, total[i]);

	/* a run without them would have proved nothing of them */
	for (i = 0; count >= 5000 && i < VERDICTS; i++)
		if (!total[i] && i != BUSY && (i != SPOOFED || lladdr_known) &&
		    (i != LUN || (portal && count >= 10000)) && i != NO_ROOM)
			errx(1, "FAIL: none of %lu commands: %s", count,
			     verdicts[i].name);
	return 0;
}
