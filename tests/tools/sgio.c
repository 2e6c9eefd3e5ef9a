// SPDX-License-Identifier: GPL-2.0-only
/*
 * sgio [-t SECONDS] DEVICE [COMMAND...]
 *
 * Send SCSI commands as they are to a /dev/sgN, say how each ended. Commands
 * are arguments, or lines of standard input, where # begins a comment:
 *
 *	CDB			hex, with or without spaces, of any length
 *	CDB > [DATA][*LENGTH]	with data-out: hex, cut or filled up with 5Ah
 *	CDB < LENGTH		with data-in
 *
 * An answer is a line: good, busy, conflict, full or status-XX; of a CHECK
 * CONDITION key/asc/ascq; host-XX where the transport failed. "resid N"
 * follows where N bytes were not transferred, and the data-in in hex.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <scsi/sg.h>

static unsigned int timeout = 20;

/* Reads hex digits up to something else; returns the number of bytes. */
static size_t parse_hex(char **text, uint8_t *buf, size_t size)
{
	size_t len = 0;
	char *p = *text;

	for (;;) {
		unsigned int byte;

		while (isspace((unsigned char)*p))
			p++;
		if (!isxdigit((unsigned char)*p))
			break;
		if (!isxdigit((unsigned char)p[1]) || len == size)
			errx(2, "bad hex or too long: %s", p);
		sscanf(p, "%2x", &byte);
		buf[len++] = byte;
		p += 2;
	}
	*text = p;
	return len;
}

static size_t parse_length(char *text)
{
	char *end;
	size_t len = strtoul(text, &end, 0);

	while (isspace((unsigned char)*end))
		end++;
	if (*end || len > 64 << 20)
		errx(2, "bad length: %s", text);
	return len;
}

static void print_sense(const uint8_t *sense, size_t len)
{
	if (len > 3 && (sense[0] & 0x7e) == 0x72)
		printf("%02x/%02x/%02x", sense[1] & 0xf, sense[2], sense[3]);
	else if (len > 13 && (sense[0] & 0x7e) == 0x70)
		printf("%02x/%02x/%02x", sense[2] & 0xf, sense[12], sense[13]);
	else
		printf("no-sense");
}

static void print_status(const struct sg_io_hdr *io)
{
	if (io->host_status) {
		printf("host-%02x", io->host_status);
		return;
	}

	switch (io->status) {
	case 0x00:
		printf("good");
		break;
	case 0x02:
		print_sense(io->sbp, io->sb_len_wr);
		break;
	case 0x08:
		printf("busy");
		break;
	case 0x18:
		printf("conflict");
		break;
	case 0x28:
		printf("full");
		break;
	default:
		printf("status-%02x", io->status);
	}
}

static void execute(int fd, char *command)
{
	uint8_t cdb[252], sense[96] = {};
	struct sg_io_hdr io = {
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_NONE,
		.cmdp = cdb,
		.sbp = sense,
		.mx_sb_len = sizeof(sense),
		.timeout = timeout * 1000,
	};
	uint8_t *data = NULL;
	size_t len = 0;
	int i;

	command[strcspn(command, "#\n")] = '\0';
	io.cmd_len = parse_hex(&command, cdb, sizeof(cdb));
	if (!io.cmd_len && !*command)
		return;

	if (*command == '<') {
		len = parse_length(command + 1);
		data = calloc(1, len + 1);
		if (!data)
			err(2, "memory");
		io.dxfer_direction = SG_DXFER_FROM_DEV;
	} else if (*command == '>') {
		char *length = strchr(++command, '*');
		size_t room = strlen(command), given;

		if (length && parse_length(length + 1) > room)
			room = parse_length(length + 1);
		data = malloc(room + 1);
		if (!data)
			err(2, "memory");
		memset(data, 0x5a, room);
		given = parse_hex(&command, data, room);
		len = length ? parse_length(length + 1) : given;
		io.dxfer_direction = SG_DXFER_TO_DEV;
	} else if (*command) {
		errx(2, "not > or <: %s", command);
	}

	io.dxferp = data;
	io.dxfer_len = len;
	if (ioctl(fd, SG_IO, &io) < 0)
		err(2, "SG_IO");

	print_status(&io);
	if (io.resid)
		printf(" resid %d", io.resid);
	if (io.dxfer_direction == SG_DXFER_FROM_DEV && !io.status &&
	    !io.host_status && io.resid >= 0 && (size_t)io.resid < len) {
		putchar(' ');
		for (i = 0; i < (int)len - io.resid; i++)
			printf("%02x", data[i]);
	}
	putchar('\n');
	fflush(stdout);
	free(data);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	int fd, opt;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't')
			return 2;
		timeout = strtoul(optarg, NULL, 0);
	}
	if (optind == argc)
		errx(2, "no device");

	fd = open(argv[optind], O_RDWR);
	if (fd < 0)
		err(2, "%s", argv[optind]);

	if (++optind < argc) {
		while (optind < argc)
			execute(fd, argv[optind++]);
	} else {
		while (getline(&line, &size, stdin) >= 0)
			execute(fd, line);
	}
	free(line);
	return 0;
}
