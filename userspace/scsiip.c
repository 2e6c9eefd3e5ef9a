// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options, objects, help, batches.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "netlink.h"
#include "socket.h"

#define MAX_WORDS	64

static const struct object *const objects[] = {
	&link_object,
	&peer_object,
	&lun_object,
	&arp_object,
	&monitor_object,
	NULL
};

/* --- help --- */

static enum status help(FILE *to)
{
	const struct object *const *object;

	fprintf(to, "usage: scsiip [ OPTIONS ] OBJECT [ COMMAND ] [ ARGUMENTS ]\n"
		"       scsiip [ OPTIONS ] -b FILE\n"
		"       scsiip OBJECT help\n"
		"objects:\n");
	for (object = objects; *object; object++)
		fprintf(to, "  %-10s %s\n", (*object)->name, (*object)->summary);
	fprintf(to, "options:\n"
		"  -j[son]      JSON, whose keys stay\n"
		"  -p[retty]    the same, for people\n"
		"  -s[tatistics]  counters too\n"
		"  -o[neline]   each on a line\n"
		"  -c[olor][=always|auto|never]\n"
		"  -n[etns] NETNS  in that network namespace\n"
		"  -b[atch] FILE  commands from a file, or - for standard input\n"
		"  -V[ersion], -h[elp]\n");
	return to == stderr ? STATUS_USAGE : STATUS_OK;
}

static enum status object_help(const struct object *object)
{
	const struct command *command;
	char usage[512];

	for (command = object->commands; command->name; command++) {
		command_usage(usage, sizeof(usage), object, command);
		printf("%s\n\t%s\n", usage, command->summary);
	}
	return STATUS_OK;
}

/* --- a command --- */

static const struct object *find_object(const char *word)
{
	const struct object *const *object;

	for (object = objects; *object; object++)
		if (matches(word, (*object)->name))
			return *object;
	return NULL;
}

static const struct command *find_command(const struct object *object, const char *word)
{
	const struct command *command;

	for (command = object->commands; command->name; command++)
		if (matches(word, command->name) ||
		    (command->alias && matches(word, command->alias)))
			return command;
	return NULL;
}

/* Asked for here, since on 6.1 a dump that fails has no text */
static enum status find_interface(struct arguments *arguments)
{
	struct nl_msg *request = request_generic(SCSIIP_CMD_LINK_GET, 0);
	struct nlattr *attributes[SCSIIP_A_MAX + 1];
	struct nlmsghdr *message;
	struct replies replies;
	enum status status;
	uint8_t cmd;

	request_put_string(request, SCSIIP_A_IFNAME, arguments->dev);
	talk_generic(request, &replies);
	status = complain(&replies, arguments->dev);
	for_each_reply(message, &replies)
		if (!parse_generic(message, attributes, &cmd) &&
		    attributes[SCSIIP_A_IFINDEX])
			arguments->ifindex = nla_get_u32(attributes[SCSIIP_A_IFINDEX]);
	replies_free(&replies);
	if (!status && !arguments->ifindex) {
		error("%s: the kernel does not say which interface that is", arguments->dev);
		status = STATUS_KERNEL;
	}
	return status;
}

static enum status run(int argc, char **argv)
{
	struct arguments arguments;
	const struct command *command;
	const struct object *object;
	enum status status;

	if (matches(argv[0], "help"))
		return help(stdout);
	object = find_object(argv[0]);
	if (!object) {
		error("there is no object \"%s\": try scsiip help", argv[0]);
		return STATUS_USAGE;
	}
	argc--, argv++;
	if (argc && matches(argv[0], "help"))
		return object_help(object);
	command = argc ? find_command(object, argv[0]) : NULL;
	if (command) {
		argc--, argv++;
		if (argc && !strcmp(argv[0], "help"))
			return object_help(object);
	} else {
		command = object->commands;
	}

	status = arguments_parse(&arguments, object, command, argc, argv);
	if (status)
		return status;
	if (arguments.dev) {
		status = find_interface(&arguments);
		if (status)
			return status;
	}
	return command->run(&arguments);
}

/* --- batches --- */

/* Words are separated by blanks, # begins a comment, '…' and "…" make one word.
 * Returns how many, or -1.
 */
static int split(char *line, char **words)
{
	int count = 0;

	for (;;) {
		char *to;

		line += strspn(line, " \t\r\n");
		if (!*line || *line == '#')
			return count;
		if (count == MAX_WORDS)
			return -1;
		to = line;
		words[count++] = to;
		while (*line && !strchr(" \t\r\n", *line)) {
			char quote = *line;

			if (quote != '\'' && quote != '"') {
				*to++ = *line++;
				continue;
			}
			for (line++; *line && *line != quote; )
				*to++ = *line++;
			if (!*line++)
				return -1;
		}
		if (*line)
			line++;
		*to = '\0';
	}
}

static enum status batch(const char *name)
{
	FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;
	enum status status = STATUS_OK;
	char *line = NULL, *words[MAX_WORDS];
	unsigned int number = 0;
	size_t size = 0;
	int count;

	if (!file) {
		error("%s: %s", name, strerror(errno));
		return STATUS_USAGE;
	}
	while (!status && getline(&line, &size, file) >= 0) {
		error_position(name, ++number);
		count = split(line, words);
		if (count < 0) {
			error("too many words, or a quote that does not end");
			status = STATUS_USAGE;
		} else if (count) {
			status = run(count, words);
		}
	}
	error_position(NULL, 0);
	if (!status && ferror(file)) {
		error("%s: cannot be read", name);
		status = STATUS_USAGE;
	}
	free(line);
	if (file != stdin)
		fclose(file);
	return status;
}

/* --- options --- */

static enum status set_colour(const char *when)
{
	if (!*when || !strcmp(when, "=always"))
		options.colour = COLOUR_ALWAYS;
	else if (!strcmp(when, "=auto"))
		options.colour = COLOUR_AUTO;
	else if (!strcmp(when, "=never"))
		options.colour = COLOUR_NEVER;
	else
		return STATUS_USAGE;
	return STATUS_OK;
}

/* An option that is but a switch */
static bool set_switch(const char *option)
{
	static const struct {
		const char *name;
		bool *on;
	} switches[] = {
		{ "json", &options.json },
		{ "pretty", &options.pretty },
		{ "statistics", &options.statistics },
		{ "oneline", &options.oneline },
	};
	unsigned int i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (matches(option, switches[i].name)) {
			*switches[i].on = true;
			return true;
		}
	}
	return false;
}

static enum status enter(const char *netns)
{
	int ret = socket_enter_netns(netns);

	if (!ret)
		return STATUS_OK;
	error("network namespace \"%s\": %s", netns, strerror(-ret));
	return STATUS_KERNEL;
}

enum status scsiip(int argc, char **argv)
{
	const char *netns = NULL, *file = NULL;
	enum status status = STATUS_OK;

	memset(&options, 0, sizeof(options));
	for (argc--, argv++; argc && **argv == '-'; argc--, argv++) {
		const char *option = argv[0] + 1;
		size_t name;

		option += *option == '-';
		name = strcspn(option, "=");
		if (matches(option, "netns") || matches(option, "batch")) {
			if (argc < 2) {
				error("option %s: a value is missing", argv[0]);
				return STATUS_USAGE;
			}
			*(*option == 'n' ? &netns : &file) = argv[1];
			argc--, argv++;
		} else if (name && !strncmp(option, "color", name)) {
			status = set_colour(option + name);
		} else if (matches(option, "Version")) {
			printf("scsiip %s\n", VERSION);
			return STATUS_OK;
		} else if (matches(option, "help")) {
			return help(stdout);
		} else if (!set_switch(option)) {
			status = STATUS_USAGE;
		}
		if (status) {
			error("what is option \"%s\"? Try scsiip help", argv[0]);
			return status;
		}
	}
	if (file ? argc : !argc)
		return help(stderr);
	if (netns)
		status = enter(netns);
	if (!status)
		status = file ? batch(file) : run(argc, argv);
	socket_close();
	return status;
}
