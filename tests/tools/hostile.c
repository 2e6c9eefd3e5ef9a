// SPDX-License-Identifier: GPL-2.0-only
/*
 * hostile UIO [KEY=VALUE...]
 *
 * A logical unit of type 09h that lies: the userspace half of a LIO backstore
 * "user" (linux/target_core_user.h), which is given every command. Without
 * any KEY it is an honest communications device of its own network.
 *
 * identity=	VPD C0h: none, empty, headerless, short, long (FFFFh),
 *		signature, version0, page (of another number), type (of a disk)
 * lladdr=	in it: hex
 * mtu=		in it
 * network=	in it: text; unterminated or unprintable for such ones
 * designator=	VPD 83h: none, empty, truncated, overrun, vendor, zero (length
 *		of each descriptor), target (port's only), changing
 * serial=	behind the NAA designator: a number
 * tur=, vpd=, send=	what TEST UNIT READY, INQUIRY for VPD C0h and SEND MESSAGE
 *		end with, all= of these three:
 *		good, garbage (sense), nosense (CHECK CONDITION without),
 *		attention, busy, full, conflict,
 *		notready, illegal, aborted, protect, hang,
 *		lost (the first one is never answered, all else is good)
 * random=	seed: a few bits, bytes and the lengths of both pages are at
 *		random, others after each SIGUSR1; both are printed, once, in hex
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/target_core_user.h>

static const char *identity = "", *designator = "", *network = "";
static const char *tur = "good", *vpd = "good", *send_message = "good";
static uint64_t lladdr = 0x020000000666;
static uint32_t mtu = 65535, serial = 1;
static unsigned int seed;	/* or 0 */
static volatile sig_atomic_t turn;

struct answer {
	uint8_t status;
	uint8_t sense[TCMU_SENSE_BUFFERSIZE];
	uint8_t data[65536 + 4];
	uint32_t len;
};

static void put(uint8_t *buf, unsigned int bytes, uint64_t value)
{
	while (bytes--) {
		buf[bytes] = value;
		value >>= 8;
	}
}

static void check_condition(struct answer *answer, uint8_t key, uint8_t asc,
			    uint8_t ascq)
{
	answer->status = 0x02;
	memset(answer->sense, 0, sizeof(answer->sense));
	answer->sense[0] = 0x70;
	answer->sense[2] = key;
	answer->sense[7] = 10;
	answer->sense[12] = asc;
	answer->sense[13] = ascq;
}

/* Returns false for an answer that never comes. */
static bool end_with(struct answer *answer, const char *how)
{
	static bool lost;

	if (!strcmp(how, "lost") && !lost) {
		lost = true;
		return false;
	}
	if (!strcmp(how, "hang"))
		return false;

	if (!strcmp(how, "garbage")) {
		answer->status = 0x02;
		memset(answer->sense, 0xff, sizeof(answer->sense));
	} else if (!strcmp(how, "nosense")) {
		answer->status = 0x02;
	} else if (!strcmp(how, "attention")) {
		check_condition(answer, 0x6, 0x29, 0x00);
	} else if (!strcmp(how, "notready")) {
		check_condition(answer, 0x2, 0x04, 0x12);
	} else if (!strcmp(how, "illegal")) {
		check_condition(answer, 0x5, 0x20, 0x00);
	} else if (!strcmp(how, "aborted")) {
		check_condition(answer, 0xb, 0x00, 0x00);
	} else if (!strcmp(how, "protect")) {
		check_condition(answer, 0x7, 0x27, 0x00);
	} else if (!strcmp(how, "busy")) {
		answer->status = 0x08;
	} else if (!strcmp(how, "conflict")) {
		answer->status = 0x18;
	} else if (!strcmp(how, "full")) {
		answer->status = 0x28;
	}
	return true;
}

static void inquiry(struct answer *answer)
{
	uint8_t *data = answer->data;

	data[0] = 0x09;
	data[2] = 6;
	data[3] = 2;
	data[4] = 31;
	memcpy(&data[8], "HOSTILE COMMUNICATIONS  1.0 ", 28);
	answer->len = 36;
}

static void identity_page(struct answer *answer)
{
	uint8_t *data = answer->data;

	data[0] = !strcmp(identity, "type") ? 0x00 : 0x09;
	data[1] = !strcmp(identity, "page") ? 0xc1 : 0xc0;
	put(&data[2], 2, 56);
	memcpy(&data[4], "RFC 2143", 8);
	data[12] = 1;
	put(&data[14], 6, lladdr);
	put(&data[20], 4, mtu);
	strncpy((char *)&data[28], network, 31);
	answer->len = 60;

	if (!strcmp(network, "unterminated"))
		memset(&data[28], 'a', 32);
	else if (!strcmp(network, "unprintable"))
		memcpy(&data[28], "lab\n\033[2J\xff", 9);

	if (!strcmp(identity, "none")) {
		check_condition(answer, 0x5, 0x24, 0x00);
	} else if (!strcmp(identity, "empty")) {
		put(&data[2], 2, 0);
		answer->len = 4;
	} else if (!strcmp(identity, "headerless")) {
		answer->len = 2;
	} else if (!strcmp(identity, "short")) {
		answer->len = 59;
	} else if (!strcmp(identity, "long")) {
		put(&data[2], 2, 0xffff);
		answer->len = 0xffff + 4;
	} else if (!strcmp(identity, "signature")) {
		data[4] = 'r';
	} else if (!strcmp(identity, "version0")) {
		data[12] = 0;
	}
}

/* Appends a designation descriptor. */
static void add_designator(struct answer *answer, uint8_t code_set,
			   uint8_t type, const void *id, uint8_t len)
{
	uint8_t *data = answer->data + answer->len;

	data[0] = code_set;
	data[1] = type;
	data[3] = len;
	memcpy(&data[4], id, len);
	answer->len += 4 + len;
	put(&answer->data[2], 2, answer->len - 4);
}

static void designator_page(struct answer *answer)
{
	uint8_t naa[16] = { 0x60, 0x01, 0x40, 0x5b, 0xad };
	uint8_t *data = answer->data;

	if (!strcmp(designator, "changing"))
		serial++;
	put(&naa[12], 4, serial);
	data[0] = 0x09;
	data[1] = 0x83;
	answer->len = 4;

	if (!strcmp(designator, "none")) {
		check_condition(answer, 0x5, 0x24, 0x00);
	} else if (!strcmp(designator, "empty")) {
		;
	} else if (!strcmp(designator, "vendor")) {
		add_designator(answer, 2, 0, "vendor specific", 15);
		add_designator(answer, 2, 1, "LIO-ORG ", 8);
	} else if (!strcmp(designator, "target")) {
		add_designator(answer, 1, 0x13, naa, sizeof(naa));
		add_designator(answer, 1, 0x23, naa, sizeof(naa));
	} else if (!strcmp(designator, "zero")) {
		while (answer->len < 1024)
			add_designator(answer, 1, 3, naa, 0);
	} else {
		add_designator(answer, 1, 3, naa, sizeof(naa));
		if (!strcmp(designator, "overrun"))
			data[7] = 0xff;
		else if (!strcmp(designator, "truncated"))
			answer->len -= 3;
	}
}

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* The same for the same number. */
static void spoil(struct answer *answer, unsigned int number)
{
	unsigned int state = seed + number * 7919, count;
	uint8_t *data = answer->data;

	for (count = rand_r(&state) % 4; count; count--) {
		unsigned int len = rand_r(&state) % 2 ? 32 : 128;
		unsigned int at = rand_r(&state) % min(len, answer->len);

		switch (rand_r(&state) % 6) {
		case 0:
			data[at] = rand_r(&state);
			break;
		case 1:
			put(&data[2], 2, rand_r(&state) % 128);
			break;
		case 2:
			answer->len = 1 + rand_r(&state) % 128;
			break;
		default:
			data[at] ^= 1 << rand_r(&state) % 8;
		}
	}
}

static void print_page(const struct answer *answer, char end)
{
	uint32_t i;

	for (i = 0; i < answer->len; i++)
		printf("%02x", answer->data[i]);
	putchar(end);
}

/* Those that were asked for last are those of one turn, and said to be. */
static void random_page(struct answer *answer, bool first)
{
	static unsigned int current, printed = -1;

	if (first)
		current = turn;
	spoil(answer, 2 * current + !first);
	if (printed == current)
		return;
	print_page(answer, first ? ' ' : '\n');
	if (!first) {
		printed = current;
		fflush(stdout);
	}
}

static void next_turn(int signal)
{
	(void)signal;
	turn++;
}

/* Returns false if there is to be no answer. */
static bool execute(const uint8_t *cdb, struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	switch (cdb[0]) {
	case 0x00:
		return end_with(answer, tur);
	case 0x12:
		if (!(cdb[1] & 1)) {
			inquiry(answer);
			return true;
		}
		if (cdb[2] == 0xc0) {
			identity_page(answer);
			if (seed)
				random_page(answer, true);
			return end_with(answer, vpd);
		}
		if (cdb[2] != 0x83) {
			check_condition(answer, 0x5, 0x24, 0x00);
			return true;
		}
		designator_page(answer);
		if (seed)
			random_page(answer, false);
		return true;
	case 0x1a:
		answer->data[0] = 3;
		answer->len = 4;
		return true;
	case 0x0a:
	case 0x2a:
	case 0xaa:
		return end_with(answer, send_message);
	default:
		check_condition(answer, 0x5, 0x20, 0x00);
		return true;
	}
}

/* Into @slot, @entry's own or an older one: the kernel goes by the id. */
static void respond(uint8_t *map, struct tcmu_cmd_entry *slot,
		    struct tcmu_cmd_entry *entry, const struct answer *answer)
{
	uint32_t done = 0, i;

	for (i = 0; i < entry->req.iov_cnt && done < answer->len &&
	     answer->status == 0; i++) {
		uint32_t part = entry->req.iov[i].iov_len;

		if (part > answer->len - done)
			part = answer->len - done;
		memcpy(map + (uintptr_t)entry->req.iov[i].iov_base,
		       answer->data + done, part);
		done += part;
	}

	slot->hdr.cmd_id = entry->hdr.cmd_id;
	slot->hdr.uflags = 0;
	slot->rsp.scsi_status = answer->status;
	memcpy(slot->rsp.sense_buffer, answer->sense, sizeof(answer->sense));
	if (answer->len) {
		slot->rsp.read_len = done;
		slot->hdr.uflags |= TCMU_UFLAG_READ_LEN;
	}
}

static void parse(char *argument)
{
	char *value = strchr(argument, '=');

	if (!value)
		errx(2, "%s: not KEY=VALUE", argument);
	*value++ = '\0';
	if (!strcmp(argument, "identity"))
		identity = value;
	else if (!strcmp(argument, "designator"))
		designator = value;
	else if (!strcmp(argument, "network"))
		network = value;
	else if (!strcmp(argument, "lladdr"))
		lladdr = strtoull(value, NULL, 16);
	else if (!strcmp(argument, "mtu"))
		mtu = strtoul(value, NULL, 0);
	else if (!strcmp(argument, "serial"))
		serial = strtoul(value, NULL, 0);
	else if (!strcmp(argument, "random"))
		seed = strtoul(value, NULL, 0);
	else if (!strcmp(argument, "tur"))
		tur = value;
	else if (!strcmp(argument, "vpd"))
		vpd = value;
	else if (!strcmp(argument, "send"))
		send_message = value;
	else if (!strcmp(argument, "all"))
		tur = vpd = send_message = value;
	else
		errx(2, "%s: unknown", argument);
}

static size_t map_size(const char *uio)
{
	char path[128];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/uio/%s/maps/map0/size", uio);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%zx", &size) != 1)
		err(1, "%s", path);
	fclose(file);
	return size;
}

static struct tcmu_cmd_entry *entry_at(struct tcmu_mailbox *mailbox,
				       uint32_t offset)
{
	return (void *)((uint8_t *)mailbox + mailbox->cmdr_off + offset);
}

static uint32_t behind(struct tcmu_mailbox *mailbox, uint32_t offset)
{
	struct tcmu_cmd_entry *entry = entry_at(mailbox, offset);

	return (offset + tcmu_hdr_get_len(entry->hdr.len_op)) %
	       mailbox->cmdr_size;
}

static bool is_command(struct tcmu_mailbox *mailbox, uint32_t offset)
{
	struct tcmu_cmd_entry *entry = entry_at(mailbox, offset);

	return tcmu_hdr_get_op(entry->hdr.len_op) == TCMU_OP_CMD;
}

/*
 * Answer what is in the ring. @next is what has been looked at: where it is
 * ahead of the tail, a command was lost, and each later answer takes the slot
 * of the one before.
 */
static bool answer_all(struct tcmu_mailbox *mailbox, uint32_t *next)
{
	static struct answer answer;
	bool answered = false;

	while (*next != mailbox->cmd_head) {
		struct tcmu_cmd_entry *entry = entry_at(mailbox, *next);
		bool late = mailbox->cmd_tail != *next;
		uint8_t *map = (uint8_t *)mailbox;

		__sync_synchronize();
		if (is_command(mailbox, *next)) {
			if (!execute(map + entry->req.cdb_off, &answer)) {
				/* what comes behind it waits, too */
				if (strcmp(send_message, "lost"))
					break;
				*next = behind(mailbox, *next);
				continue;
			}
			while (!is_command(mailbox, mailbox->cmd_tail))
				mailbox->cmd_tail = behind(mailbox,
							   mailbox->cmd_tail);
			respond(map, entry_at(mailbox, mailbox->cmd_tail),
				entry, &answer);
		} else if (late) {
			*next = behind(mailbox, *next);
			continue;
		}
		*next = behind(mailbox, *next);
		__sync_synchronize();
		mailbox->cmd_tail = behind(mailbox, mailbox->cmd_tail);
		answered = true;
	}
	return answered;
}

int main(int argc, char **argv)
{
	struct tcmu_mailbox *mailbox;
	struct pollfd event = { .events = POLLIN };
	uint8_t *map;
	char path[64];
	uint32_t count, next;
	int i;

	if (argc < 2)
		errx(2, "which UIO device?");
	for (i = 2; i < argc; i++)
		parse(argv[i]);
	signal(SIGUSR1, next_turn);

	snprintf(path, sizeof(path), "/dev/%s", argv[1]);
	event.fd = open(path, O_RDWR);
	if (event.fd < 0)
		err(1, "%s", path);
	map = mmap(NULL, map_size(argv[1]), PROT_READ | PROT_WRITE, MAP_SHARED,
		   event.fd, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	mailbox = (void *)map;

	next = mailbox->cmd_tail;
	for (;;) {
		count = 1;
		if (answer_all(mailbox, &next) &&
		    write(event.fd, &count, 4) != 4)
			err(1, "write");
		if (poll(&event, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			err(1, "poll");
		}
		if (read(event.fd, &count, 4) != 4)
			err(1, "read");
	}
}
