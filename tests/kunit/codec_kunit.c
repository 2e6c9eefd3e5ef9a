// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/net/codec.c in the kernel: what tests/unit/codec.c cannot tell, where
 * headers of ours stand in for the kernel's. Does it agree with the packets that
 * this kernel makes itself?
 */
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/arp.h>
#include <net/ipv6.h>

#include "codec.c"
#include "suite.h"

static const u8 sender[ETH_ALEN] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

/* isgraph() of the kernel takes Latin-1 letters, too */
static void test_network_names(struct kunit *test)
{
	char name[2] = {};
	unsigned int c;

	for (c = 1; c < 256; c++) {
		name[0] = c;
		KUNIT_EXPECT_EQ_MSG(test, scsiip_network_valid(name),
				    c >= 0x21 && c <= 0x7e, "%02x", c);
	}
}

static void test_arp(struct kunit *test)
{
	static const struct {
		int type;
		const char *owner, *target;
		bool has_owner, has_target;
	} cases[] = {
		{ ARPOP_REQUEST, "10.0.0.1", "10.0.0.2", true, true },
		{ ARPOP_REQUEST, "10.0.0.1", "10.0.0.1", true, false },
		{ ARPOP_REQUEST, "0.0.0.0", "10.0.0.2", false, true },
		{ ARPOP_REPLY, "10.0.0.1", "10.0.0.2", true, false },
	};
	struct net_device *dev = test_link(test, "kunit0", "");
	struct scsiip_neighbour neighbour;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__be32 owner = in_aton(cases[i].owner);
		__be32 target = in_aton(cases[i].target);
		struct sk_buff *skb = arp_create(cases[i].type, ETH_P_ARP, target,
						 dev, owner, NULL, sender, NULL);
		u16 ethertype = ETH_P_ARP;
		u32 len;

		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_pull(skb, skb_network_offset(skb));
		KUNIT_EXPECT_EQ(test, scsiip_datagram_check(skb->data, skb->len,
							    &ethertype, &len),
				SCSIIP_ACCEPTED);
		KUNIT_EXPECT_EQ(test, len, arp_hdr_len(dev));
		KUNIT_EXPECT_EQ(test, scsiip_neighbour_decode(&neighbour, ETH_P_ARP,
							      skb->data, skb->len,
							      skb->len), 0);
		KUNIT_EXPECT_EQ(test, !!neighbour.owner, cases[i].has_owner);
		KUNIT_EXPECT_EQ(test, !!neighbour.target, cases[i].has_target);
		if (neighbour.owner)
			KUNIT_EXPECT_TRUE(test, !memcmp(neighbour.owner, &owner, 4));
		if (neighbour.target)
			KUNIT_EXPECT_TRUE(test, !memcmp(neighbour.target, &target, 4));
		KUNIT_EXPECT_TRUE(test, scsiip_neighbour_is(&neighbour, sender));
		kfree_skb(skb);
	}
}

/* Lengths where the kernel's own structures have them */
static void test_headers(struct kunit *test)
{
	struct iphdr ip = { .version = 4, .ihl = 6, .tot_len = htons(1234) };
	struct ipv6hdr ip6 = { .version = 6, .payload_len = htons(1234) };
	u8 head[SCSIIP_CHECK_LEN] = {};
	u16 ethertype = 0;
	u32 len;

	memcpy(head, &ip, sizeof(ip));
	KUNIT_EXPECT_EQ(test, scsiip_datagram_check(head, 2000, &ethertype, &len),
			SCSIIP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ethertype, ETH_P_IP);
	KUNIT_EXPECT_EQ(test, len, 1234);
	memcpy(head, &ip6, sizeof(ip6));
	ethertype = 0;
	KUNIT_EXPECT_EQ(test, scsiip_datagram_check(head, 2000, &ethertype, &len),
			SCSIIP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ethertype, ETH_P_IPV6);
	KUNIT_EXPECT_EQ(test, len, sizeof(ip6) + 1234);
}

static struct kunit_case codec_cases[] = {
	KUNIT_CASE(test_network_names),
	KUNIT_CASE(test_arp),
	KUNIT_CASE(test_headers),
	{}
};

static struct kunit_suite codec_suite = {
	.name = "codec",
	.exit = test_tidy,
	.test_cases = codec_cases,
};

kunit_test_suites(&codec_suite);
