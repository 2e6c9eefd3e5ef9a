// SPDX-License-Identifier: GPL-2.0-only
/*
 * The settings of an interface of kind scsiip, for iproute2's ip, which loads
 * this as link_scsiip.so: `ip link … type scsiip [ network NAME ]
 * [ arp_negative_ttl SECONDS ]`, and `ip -d link show`.
 *
 * iproute2 promises no interface to plugins. What is used of it has been the
 * same since its version 5.1; should that change, init() finds out and this
 * does nothing any more, so that ip shows such an interface as it would without.
 */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/scsiip.h"

#define REQUEST_SIZE	1024
#define NETWORK_LEN	32
#define TTL_MAX		86400

/* iproute2, ip/ip_common.h */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *util, int argc, char **argv,
			 struct nlmsghdr *request);
	void (*print_opt)(struct link_util *util, FILE *file, struct rtattr **attributes);
	void (*print_xstats)(struct link_util *util, FILE *file, struct rtattr *xstats);
	void (*print_help)(struct link_util *util, int argc, char **argv, FILE *file);
	int (*parse_ifla_xstats)(struct link_util *util, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *message, void *arg);
};

/* iproute2, include/json_print.h and color.h */
#define PRINT_ANY	4
#define COLOR_NONE	6

int print_color_string(int type, int color, const char *key, const char *format,
		       const char *value);
int print_color_uint(int type, int color, const char *key, const char *format,
		     unsigned int value);

/* iproute2, include/libnetlink.h */
int addattr_l(struct nlmsghdr *request, int size, int type, const void *data, int len);

static void usage(FILE *file)
{
	fprintf(file,
		"Usage: ... scsiip [ network NAME ] [ arp_negative_ttl SECONDS ]\n"
		"\n"
		"Where:	NAME    := up to 31 printable characters, '' for none\n"
		"	SECONDS := 0 to 86400, 0 to ask again at once\n");
}

static bool is_network(const char *word)
{
	size_t len = 0;

	for (; word[len]; len++)
		if (word[len] < '!' || word[len] > '~')
			return false;
	return len < NETWORK_LEN;
}

static bool parse_ttl(const char *word, unsigned int *ttl)
{
	size_t len = strspn(word, "0123456789");

	if (!len || len > 5 || word[len])
		return false;
	*ttl = strtoul(word, NULL, 10);
	return *ttl <= TTL_MAX;
}

static int wrong(const char *keyword, const char *word)
{
	fprintf(stderr, "scsiip: %s: \"%s\" will not do\n", keyword, word);
	usage(stderr);
	return -1;
}

static int parse_opt(struct link_util *util, int argc, char **argv,
		     struct nlmsghdr *request)
{
	(void)util;
	for (; argc > 0; argc -= 2, argv += 2) {
		unsigned int ttl;

		if (!strcmp(*argv, "help")) {
			usage(stdout);
			return -1;
		}
		if (strcmp(*argv, "network") && strcmp(*argv, "arp_negative_ttl")) {
			fprintf(stderr, "scsiip: what is \"%s\"?\n", *argv);
			usage(stderr);
			return -1;
		}
		if (argc < 2) {
			fprintf(stderr, "scsiip: a value is missing after %s\n", *argv);
			return -1;
		}
		if (**argv == 'n') {
			if (!is_network(argv[1]))
				return wrong(argv[0], argv[1]);
			addattr_l(request, REQUEST_SIZE, IFLA_SCSIIP_NETWORK, argv[1],
				  strlen(argv[1]) + 1);
		} else {
			if (!parse_ttl(argv[1], &ttl))
				return wrong(argv[0], argv[1]);
			addattr_l(request, REQUEST_SIZE, IFLA_SCSIIP_ARP_NEGATIVE_TTL, &ttl,
				  sizeof(ttl));
		}
	}
	return 0;
}

static void print_opt(struct link_util *util, FILE *file, struct rtattr **attributes)
{
	const struct rtattr *attribute;

	(void)util;
	(void)file;
	if (!attributes)
		return;
	attribute = attributes[IFLA_SCSIIP_NETWORK];
	if (attribute && RTA_PAYLOAD(attribute) && *(char *)RTA_DATA(attribute))
		print_color_string(PRINT_ANY, COLOR_NONE, "network", "network %s ",
				   RTA_DATA(attribute));
	attribute = attributes[IFLA_SCSIIP_ARP_NEGATIVE_TTL];
	if (attribute && RTA_PAYLOAD(attribute) >= sizeof(__u32))
		print_color_uint(PRINT_ANY, COLOR_NONE, "arp_negative_ttl",
				 "arp_negative_ttl %u ", *(__u32 *)RTA_DATA(attribute));
}

static void print_help(struct link_util *util, int argc, char **argv, FILE *file)
{
	(void)util;
	(void)argc;
	(void)argv;
	usage(file);
}

/* What ip looks up. Room behind it, for one that has grown. */
union {
	struct link_util util;
	void *room[32];
} scsiip_link_util = {
	.util = { .id = "scsiip" },
};

/* Is what ip has of its own, vxlan, what we think it is? */
static bool layout_is_known(void)
{
	struct link_util *vxlan = dlsym(RTLD_DEFAULT, "vxlan_link_util");
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	if (!dlsym(RTLD_DEFAULT, "addattr_l") ||
	    !dlsym(RTLD_DEFAULT, "print_color_string") ||
	    !dlsym(RTLD_DEFAULT, "print_color_uint"))
		return false;
	return vxlan && dladdr1(vxlan, &info, (void **)&symbol, RTLD_DL_SYMENT) &&
		symbol && symbol->st_size == sizeof(*vxlan) &&
		vxlan->id && !strcmp(vxlan->id, "vxlan") && vxlan->maxattr > 0 &&
		vxlan->parse_opt && vxlan->print_opt && vxlan->print_help &&
		!vxlan->print_xstats && !vxlan->parse_ifla_xstats &&
		!vxlan->print_ifla_xstats;
}

__attribute__((constructor)) static void init(void)
{
	if (!layout_is_known())
		return;
	scsiip_link_util.util.maxattr = IFLA_SCSIIP_MAX;
	scsiip_link_util.util.parse_opt = parse_opt;
	scsiip_link_util.util.print_opt = print_opt;
	scsiip_link_util.util.print_help = print_help;
}
