/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects, their commands, and the arguments of these. A command lists its
 * parameters in a table; parsing, usage and messages follow from that.
 */
#ifndef SCSIIP_ARGS_H
#define SCSIIP_ARGS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/scsiip.h"

/* What a command, and the program, ends with */
enum status {
	STATUS_OK,
	STATUS_USAGE,		/* wrong arguments */
	STATUS_KERNEL,		/* the kernel said no, or was not there */
};

#define LLADDR_LEN	6
#define DESIGNATOR_MAX	128
#define DESIGNATOR_TEXT	(8 + 3 * DESIGNATOR_MAX)	/* naa., or %20 a byte */
#define TTL_MAX		86400

/* The values of the designator type field that we know to write */
enum designator_type {
	DESIGNATOR_T10 = 1,
	DESIGNATOR_EUI = 2,
	DESIGNATOR_NAA = 3,
	DESIGNATOR_NAME = 8,
};

struct designator {
	uint8_t type;
	uint8_t len;
	uint8_t data[DESIGNATOR_MAX];
};

enum argument {
	ARG_END,
	ARG_DEV,
	ARG_LLADDR,
	ARG_PIN,		/* a link-layer address or none */
	ARG_LUN,
	ARG_UNIT,		/* H:C:T:L or a designator */
	ARG_NAME,
	ARG_INITIATOR,
	ARG_NETWORK,
	ARG_TTL,
	ARG_ADDRESS,
	ARG_NEGATIVE,
};

enum need {
	OPTIONAL,
	REQUIRED,
	/* The keyword may be left out: */
	OPTIONAL_WORD,
	REQUIRED_WORD,
};

struct parameter {
	enum argument argument;
	enum need need;
};

/**
 * struct arguments - what was given
 * @given: bit (1 << enum argument) for each
 * @dev: name of the interface
 * @ifindex: its index; 0 if none was given
 * @lladdr: of ARG_LLADDR; of ARG_PIN, where zeros stand for none
 * @lun: H:C:T:L
 * @designator: of ARG_UNIT, if @lun is empty
 * @name: of a peer
 * @initiator: port name
 * @network: name
 * @ttl: seconds
 * @family: of @address
 * @address: IPv4 or IPv6
 */
struct arguments {
	unsigned int given;
	const char *dev;
	unsigned int ifindex;
	uint8_t lladdr[LLADDR_LEN];
	char lun[SCSIIP_LUN_NAME_LEN];
	struct designator designator;
	const char *name;
	const char *initiator;
	const char *network;
	uint32_t ttl;
	int family;
	uint8_t address[16];
};

static inline bool given(const struct arguments *arguments, enum argument which)
{
	return arguments->given & (1u << which);
}

struct command {
	const char *name;
	const char *alias;
	const char *summary;
	const struct parameter *parameters;
	enum status (*run)(const struct arguments *arguments);
};

/* The first command is what an object does when it is told none */
struct object {
	const char *name;
	const char *summary;
	const struct command *commands;
};

bool matches(const char *word, const char *keyword);
enum status arguments_parse(struct arguments *arguments,
			    const struct object *object,
			    const struct command *command, int argc,
			    char **argv);
void command_usage(char *buf, size_t size, const struct object *object,
		   const struct command *command);

bool parse_number(const char *word, uint64_t max, uint64_t *number);
bool parse_lladdr(const char *word, uint8_t *lladdr);
bool parse_lun(const char *word, char *lun);
bool parse_designator(const char *word, struct designator *designator);
const char *format_lladdr(const uint8_t *lladdr, char *buf, size_t size);
const char *format_designator(const struct designator *designator, char *buf,
			      size_t size);

#endif
