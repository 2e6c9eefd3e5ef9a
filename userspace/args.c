// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words to values, and back.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "output.h"

#define NETWORK_LEN	32	/* with the NUL */

/* --- values --- */

bool parse_number(const char *word, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	if (!*word)
		return false;
	for (; *word; word++) {
		if (!isdigit((unsigned char)*word))
			return false;
		if (value > (UINT64_MAX - (*word - '0')) / 10)
			return false;
		value = value * 10 + (*word - '0');
	}
	*number = value;
	return value <= max;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two digits to a byte */
static bool hex_byte(const char *word, uint8_t *byte)
{
	int high = hex_digit(word[0]);
	int low = high < 0 ? -1 : hex_digit(word[1]);

	if (low < 0)
		return false;
	*byte = high << 4 | low;
	return true;
}

bool parse_lladdr(const char *word, uint8_t *lladdr)
{
	int i;

	for (i = 0; i < LLADDR_LEN; i++, word += 2) {
		if (i && *word++ != ':')
			return false;
		if (!hex_byte(word, &lladdr[i]))
			return false;
	}
	return !*word;
}

bool parse_lun(const char *word, char *lun)
{
	char part[SCSIIP_LUN_NAME_LEN];
	uint64_t number[4];
	size_t len;
	int i;

	for (i = 0; i < 4; i++) {
		if (i && *word++ != ':')
			return false;
		len = strcspn(word, ":");
		if (len >= sizeof(part))
			return false;
		memcpy(part, word, len);
		part[len] = '\0';
		if (!parse_number(part, i < 3 ? UINT32_MAX : INT64_MAX, &number[i]))
			return false;
		word += len;
	}
	if (*word)
		return false;
	return snprintf(lun, SCSIIP_LUN_NAME_LEN,
			"%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64, number[0],
			number[1], number[2], number[3]) < SCSIIP_LUN_NAME_LEN;
}

static const struct designator_form {
	const char *prefix;
	enum designator_type type;
	bool text;
} designator_forms[] = {
	{ "naa.", DESIGNATOR_NAA, false },
	{ "eui.", DESIGNATOR_EUI, false },
	{ "t10.", DESIGNATOR_T10, true },
	{ "name.", DESIGNATOR_NAME, true },
	{ }
};

/* A binary one is hexadecimal; in a text, %XX stands for what is no graphic
 * character, so that it is one word for a shell
 */
bool parse_designator(const char *word, struct designator *designator)
{
	const struct designator_form *form = designator_forms;

	while (form->prefix && strncasecmp(word, form->prefix, strlen(form->prefix)))
		form++;
	if (!form->prefix)
		return false;

	designator->type = form->type;
	designator->len = 0;
	for (word += strlen(form->prefix); *word; designator->len++) {
		uint8_t *byte = &designator->data[designator->len];

		if (designator->len == DESIGNATOR_MAX)
			return false;
		if (form->text && *word != '%') {
			if (!isgraph((unsigned char)*word))
				return false;
			*byte = *word++;
			continue;
		}
		word += form->text;
		if (!hex_byte(word, byte))
			return false;
		word += 2;
	}
	return designator->len;
}

const char *format_lladdr(const uint8_t *lladdr, char *buf, size_t size)
{
	snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x", lladdr[0], lladdr[1],
		 lladdr[2], lladdr[3], lladdr[4], lladdr[5]);
	return buf;
}

const char *format_designator(const struct designator *designator, char *buf,
			      size_t size)
{
	const struct designator_form *form = designator_forms;
	size_t len;
	int i;

	while (form->prefix && form->type != designator->type)
		form++;
	if (form->prefix)
		len = snprintf(buf, size, "%s", form->prefix);
	else
		len = snprintf(buf, size, "%u.", designator->type);
	for (i = 0; i < designator->len && len + 4 < size; i++) {
		uint8_t byte = designator->data[i];

		if (form->text && byte != '%' && byte < 0x7f && isgraph(byte))
			len += snprintf(buf + len, size - len, "%c", byte);
		else
			len += snprintf(buf + len, size - len,
					form->text ? "%%%02x" : "%02x", byte);
	}
	return buf;
}

/* Printable ASCII without space, shorter than that */
static bool is_name(const char *word, size_t size)
{
	size_t len = 0;

	for (; word[len]; len++)
		if (word[len] < '!' || word[len] > '~')
			return false;
	return len < size;
}

/* --- arguments --- */

static bool set_dev(struct arguments *arguments, const char *word)
{
	arguments->dev = word;
	return *word && strlen(word) < IFNAMSIZ && !strpbrk(word, "/ ");
}

static bool set_lladdr(struct arguments *arguments, const char *word)
{
	return parse_lladdr(word, arguments->lladdr);
}

static bool set_pin(struct arguments *arguments, const char *word)
{
	if (strcmp(word, "none"))
		return set_lladdr(arguments, word);
	memset(arguments->lladdr, 0, LLADDR_LEN);
	return true;
}

static bool set_lun(struct arguments *arguments, const char *word)
{
	return parse_lun(word, arguments->lun);
}

static bool set_unit(struct arguments *arguments, const char *word)
{
	if (set_lun(arguments, word))
		return true;
	*arguments->lun = '\0';
	return parse_designator(word, &arguments->designator);
}

static bool set_name(struct arguments *arguments, const char *word)
{
	arguments->name = word;
	return is_name(word, SCSIIP_PEER_NAME_LEN);
}

static bool set_initiator(struct arguments *arguments, const char *word)
{
	arguments->initiator = word;
	return is_name(word, SCSIIP_INITIATOR_LEN);
}

static bool set_network(struct arguments *arguments, const char *word)
{
	arguments->network = word;
	return is_name(word, NETWORK_LEN);
}

static bool set_ttl(struct arguments *arguments, const char *word)
{
	uint64_t number;

	if (!parse_number(word, TTL_MAX, &number))
		return false;
	arguments->ttl = number;
	return true;
}

static bool set_address(struct arguments *arguments, const char *word)
{
	arguments->family = strchr(word, ':') ? AF_INET6 : AF_INET;
	return inet_pton(arguments->family, word, arguments->address) == 1;
}

static const struct kind {
	const char *keyword;
	const char *value;	/* NULL: the keyword is all */
	const char *is;		/* what a wrong value is not */
	bool (*set)(struct arguments *arguments, const char *word);
} kinds[] = {
	[ARG_DEV] = { "dev", "DEVICE", "an interface name", set_dev },
	[ARG_LLADDR] = { "lladdr", "LLADDR",
			 "a link-layer address, xx:xx:xx:xx:xx:xx", set_lladdr },
	[ARG_PIN] = { "lladdr", "{ LLADDR | none }",
		      "a link-layer address, xx:xx:xx:xx:xx:xx, nor none", set_pin },
	[ARG_LUN] = { "lun", "H:C:T:L", "a logical unit, H:C:T:L", set_lun },
	[ARG_UNIT] = { "lun", "{ H:C:T:L | DESIGNATOR }",
		       "a logical unit, H:C:T:L, naa.HEX, eui.HEX or t10.TEXT",
		       set_unit },
	[ARG_NAME] = { "name", "NAME",
		       "up to 31 printable characters without space", set_name },
	[ARG_INITIATOR] = { "initiator", "PORT",
			    "an initiator port name, up to 223 printable characters",
			    set_initiator },
	[ARG_NETWORK] = { "network", "NETWORK",
			  "up to 31 printable characters without space",
			  set_network },
	[ARG_TTL] = { "arp_negative_ttl", "SECONDS",
		      "a number of seconds, 0 to 86400", set_ttl },
	[ARG_ADDRESS] = { "address", "ADDRESS", "an IPv4 or IPv6 address",
			  set_address },
	[ARG_NEGATIVE] = { "negative", NULL, NULL, NULL },
};

/* Is word an abbreviation of keyword, or all of it? */
bool matches(const char *word, const char *keyword)
{
	return *word && !strncmp(word, keyword, strlen(word));
}

static const struct parameter *find_keyword(const struct parameter *parameters,
					    const char *word)
{
	const struct parameter *parameter;

	for (parameter = parameters; parameter->argument; parameter++)
		if (!strcmp(word, kinds[parameter->argument].keyword))
			return parameter;
	for (parameter = parameters; parameter->argument; parameter++)
		if (matches(word, kinds[parameter->argument].keyword))
			return parameter;
	return NULL;
}

/* The parameter whose keyword was left out */
static const struct parameter *find_word(const struct parameter *parameters)
{
	while (parameters->argument && parameters->need < OPTIONAL_WORD)
		parameters++;
	return parameters->argument ? parameters : NULL;
}

static bool is_required(const struct parameter *parameter)
{
	return parameter->need == REQUIRED || parameter->need == REQUIRED_WORD;
}

void command_usage(char *buf, size_t size, const struct object *object,
		   const struct command *command)
{
	const struct parameter *parameter;
	size_t len;

	len = snprintf(buf, size, "scsiip %s %s", object->name, command->name);
	for (parameter = command->parameters; parameter->argument; parameter++) {
		const struct kind *kind = &kinds[parameter->argument];
		bool word = parameter->need >= OPTIONAL_WORD;
		bool required = is_required(parameter);

		if (len >= size)
			return;
		len += snprintf(buf + len, size - len, " %s%s%s%s%s%s%s",
				required ? "" : "[ ", word ? "[ " : "", kind->keyword,
				word ? " ]" : "", kind->value ? " " : "",
				kind->value ?: "", required ? "" : " ]");
	}
}

static enum status wrong(const struct object *object,
			 const struct command *command, const char *what,
			 const char *word)
{
	char usage[512];

	command_usage(usage, sizeof(usage), object, command);
	error("%s %s: %s \"%s\"", object->name, command->name, what, word);
	fprintf(stderr, "usage: %s\n", usage);
	return STATUS_USAGE;
}

static enum status parse_value(struct arguments *arguments,
			       const struct object *object,
			       const struct command *command,
			       const struct kind *kind, const char *word)
{
	if (!word)
		return wrong(object, command, "a value is missing after", kind->keyword);
	if (kind->set(arguments, word))
		return STATUS_OK;
	error("%s %s: %s: \"%s\" is not %s", object->name, command->name,
	      kind->keyword, word, kind->is);
	return STATUS_USAGE;
}

enum status arguments_parse(struct arguments *arguments,
			    const struct object *object,
			    const struct command *command, int argc, char **argv)
{
	const struct parameter *parameter;
	enum status status;

	memset(arguments, 0, sizeof(*arguments));
	for (; argc > 0; argc--, argv++) {
		const struct kind *kind;
		const char *value = argv[0];
		bool keyword = true;

		parameter = find_keyword(command->parameters, *argv);
		if (!parameter) {
			parameter = find_word(command->parameters);
			keyword = false;
		}
		if (!parameter || (!keyword && given(arguments, parameter->argument)))
			return wrong(object, command, "what is", *argv);
		kind = &kinds[parameter->argument];
		if (given(arguments, parameter->argument))
			return wrong(object, command, "more than one", kind->keyword);
		arguments->given |= 1u << parameter->argument;
		if (!kind->value)
			continue;

		if (keyword) {
			value = argc > 1 ? argv[1] : NULL;
			argc--, argv++;
		}
		status = parse_value(arguments, object, command, kind, value);
		if (status)
			return status;
	}
	for (parameter = command->parameters; parameter->argument; parameter++)
		if (is_required(parameter) && !given(arguments, parameter->argument))
			return wrong(object, command, "missing",
				     kinds[parameter->argument].keyword);
	return STATUS_OK;
}
