// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plugin for ip, userspace/ip/link_scsiip.c, in a program that is to it what
 * ip is: it has vxlan_link_util, and the functions that it calls.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ip/link_scsiip.c"

static int parse_nothing(struct link_util *util, int argc, char **argv,
			 struct nlmsghdr *request)
{
	(void)util;
	(void)argc;
	(void)argv;
	(void)request;
	return 0;
}

static int print_nothing(struct nlmsghdr *message, void *arg)
{
	(void)message;
	(void)arg;
	return 0;
}

struct link_util vxlan_link_util;

static const struct link_util real_vxlan = {
	.id = "vxlan",
	.maxattr = 30,
	.parse_opt = parse_nothing,
	.print_opt = print_opt,
	.print_help = print_help,
};

static char said[256];

int print_color_string(int type, int color, const char *key, const char *format,
		       const char *value)
{
	(void)type;
	(void)color;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s=%s ", key, value);
	return strlen(format);
}

int print_color_uint(int type, int color, const char *key, const char *format,
		     unsigned int value)
{
	(void)type;
	(void)color;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s=%u ", key, value);
	return strlen(format);
}

int addattr_l(struct nlmsghdr *request, int size, int type, const void *data, int len)
{
	assert_null(request);
	assert_int_equal(size, 1024);
	if (type == IFLA_SCSIIP_NETWORK) {
		assert_int_equal(len, strlen(data) + 1);
		print_color_string(0, 0, "network", "", data);
	} else {
		assert_int_equal(type, IFLA_SCSIIP_ARP_NEGATIVE_TTL);
		assert_int_equal(len, 4);
		print_color_uint(0, 0, "ttl", "", *(const __u32 *)data);
	}
	return 0;
}

static int parse(int argc, char **argv)
{
	*said = '\0';
	return parse_opt(&scsiip_link_util.util, argc, argv, NULL);
}

static void arguments(void **state)
{
	static char *good[] = { "network", "lab", "arp_negative_ttl", "86400", "network", "" };
	static char *wrong[][2] = {
		{ "network", "a b" },
		{ "network", "0123456789abcdef0123456789abcdef" },
		{ "arp_negative_ttl", "86401" },
		{ "arp_negative_ttl", "" },
		{ "arp_negative_ttl", "-1" },
		{ "arp_negative_ttl", "99999999999999999999" },
		{ "colour", "red" },
		{ "help", "" },
	};
	unsigned int i;

	(void)state;
	assert_int_equal(parse(6, good), 0);
	assert_string_equal(said, "network=lab ttl=86400 network= ");
	assert_int_equal(parse(0, good), 0);
	assert_int_equal(parse(1, good), -1);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(2, wrong[i]), -1);
		assert_string_equal(said, "");
	}
}

static void printing(void **state)
{
	struct {
		struct rtattr header;
		__u32 value;
	} ttl = { { RTA_LENGTH(4), IFLA_SCSIIP_ARP_NEGATIVE_TTL }, 5 };
	struct {
		struct rtattr header;
		char value[4];
	} network = { { RTA_LENGTH(4), IFLA_SCSIIP_NETWORK }, "lab" };
	struct rtattr *attributes[IFLA_SCSIIP_MAX + 1] = { };

	(void)state;
	*said = '\0';
	print_opt(&scsiip_link_util.util, stdout, NULL);
	print_opt(&scsiip_link_util.util, stdout, attributes);
	assert_string_equal(said, "");
	attributes[IFLA_SCSIIP_NETWORK] = &network.header;
	attributes[IFLA_SCSIIP_ARP_NEGATIVE_TTL] = &ttl.header;
	print_opt(&scsiip_link_util.util, stdout, attributes);
	assert_string_equal(said, "network=lab arp_negative_ttl=5 ");
	*network.value = '\0';
	ttl.header.rta_len--;
	*said = '\0';
	print_opt(&scsiip_link_util.util, stdout, attributes);
	assert_string_equal(said, "");
}

/* Another layout: the name stays, and there is nothing for ip to call */
static void another_iproute2(void **state)
{
	struct link_util other;
	unsigned int i;

	(void)state;
	vxlan_link_util = real_vxlan;
	assert_true(layout_is_known());
	for (i = 0; i < 3; i++) {
		other = real_vxlan;
		if (i == 0)
			memmove(&other.maxattr, &other.id, sizeof(other) -
				offsetof(struct link_util, maxattr));
		else if (i == 1)
			other.print_ifla_xstats = print_nothing;
		else
			other.parse_opt = NULL;
		vxlan_link_util = other;
		assert_false(layout_is_known());
	}

	/* this program had no such thing when it was loaded */
	assert_string_equal(scsiip_link_util.util.id, "scsiip");
	assert_null(scsiip_link_util.util.parse_opt);
	assert_null(scsiip_link_util.util.print_opt);
	vxlan_link_util = real_vxlan;
	init();
	assert_ptr_equal(scsiip_link_util.util.parse_opt, parse_opt);
	assert_int_equal(scsiip_link_util.util.maxattr, IFLA_SCSIIP_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),
		cmocka_unit_test(printing),
		cmocka_unit_test(another_iproute2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
