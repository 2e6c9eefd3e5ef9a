// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/net/arp.c: each row and each line of docs/arp.md that tells whom a
 * question goes to.
 */
#include <linux/rtnetlink.h>

#include "arp.c"
#include "suite.h"

static const u8 lladdrs[2][ETH_ALEN] = {
	{ 0x02, 0, 0, 0, 0, 1 }, { 0x02, 0, 0, 0, 0, 2 },
};

/* IPv4 addresses, and with the length of 16 IPv6 ones */
static const u8 owner[16] = { 10, 0, 0, 1, [15] = 1 };
static const u8 target[16] = { 10, 0, 0, 2, [15] = 2 };

struct arp_fixture {
	struct scsiip_link *link;
	struct scsiip_peer *peers[2];
	struct scsiip_path paths[2];
	u8 len;
};

static const u8 address_lengths[] = { 4, 16 };

static void length_desc(const u8 *len, char *desc)
{
	sprintf(desc, "IPv%c", *len == 4 ? '4' : '6');
}

KUNIT_ARRAY_PARAM(length, address_lengths, length_desc);

/* An interface with two peers, each of which has a path that is up */
static int arp_suite_init(struct kunit *test)
{
	struct arp_fixture *fixture;
	unsigned int i;

	fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fixture);
	test->priv = fixture;
	fixture->link = netdev_priv(test_link(test, "kunit0", ""));
	for (i = 0; i < 2; i++) {
		const struct scsiip_designator designator = {
			.type = 3, .len = 1, .id = { i },
		};

		rtnl_lock();
		fixture->peers[i] = scsiip_peer_create(fixture->link, lladdrs[i],
						       &designator, true);
		rtnl_unlock();
		KUNIT_ASSERT_NOT_NULL(test, fixture->peers[i]);
		fixture->paths[i].state = SCSIIP_PATH_UP;
		list_add(&fixture->paths[i].peer_node,
			 &fixture->peers[i]->paths);
	}
	return 0;
}

static void arp_suite_exit(struct kunit *test)
{
	struct arp_fixture *fixture = test->priv;
	unsigned int i;

	for (i = 0; fixture && i < 2; i++)
		if (fixture->peers[i])
			INIT_LIST_HEAD(&fixture->peers[i]->paths);
	test_tidy(test);
}

static struct arp_fixture *arp_fixture(struct kunit *test)
{
	struct arp_fixture *fixture = test->priv;

	fixture->len = *(const u8 *)test->param_value;
	return fixture;
}

static enum scsiip_arp_way ask(struct arp_fixture *fixture, const u8 *address,
			       struct scsiip_peer **peer)
{
	const struct scsiip_neighbour question = {
		.len = fixture->len, .owner = owner, .target = address,
	};
	enum scsiip_arp_way way;

	rcu_read_lock();
	way = scsiip_arp_ask(fixture->link, &question, peer);
	rcu_read_unlock();
	return way;
}

static void hear(struct arp_fixture *fixture, const u8 *from, const u8 *about,
		 const u8 *lladdr, const struct scsiip_peer *peer)
{
	const struct scsiip_neighbour neighbour = {
		.len = fixture->len, .owner = from, .target = about,
		.lladdr = lladdr,
	};

	rcu_read_lock();
	scsiip_arp_heard(fixture->link, &neighbour, peer);
	rcu_read_unlock();
}

#define expect_way(test, fixture, way) do {				\
	struct scsiip_peer *__peer;					\
									\
	KUNIT_EXPECT_EQ(test, ask(fixture, target, &__peer), way);	\
	KUNIT_EXPECT_NULL(test, __peer);				\
} while (0)

#define expect_directed(test, fixture, to) do {				\
	struct scsiip_peer *__peer;					\
									\
	KUNIT_EXPECT_EQ(test, ask(fixture, target, &__peer),		\
			SCSIIP_ARP_TO_PEER);				\
	KUNIT_EXPECT_PTR_EQ(test, __peer, to);				\
} while (0)

/* The first question goes to all, others to nobody until it is 20 s old */
static void test_negative(struct kunit *test)
{
	struct arp_fixture *fixture = arp_fixture(test);
	struct scsiip_peer *peer;
	unsigned int i;
	u8 other[16];

	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	for (i = 0; i < 3; i++)
		expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
	test_sleep(19900);
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
	test_sleep(200);
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);

	/* it is about that address only, in every byte */
	for (i = 0; i < fixture->len; i++) {
		memcpy(other, target, sizeof(other));
		other[i] ^= 0x80;
		KUNIT_EXPECT_EQ(test, ask(fixture, other, &peer),
				SCSIIP_ARP_TO_ALL);
	}
}

/* An IPv4 address is not an IPv6 address that begins with the same bytes */
static void test_families(struct kunit *test)
{
	struct arp_fixture *fixture = test->priv;

	fixture->len = 4;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	fixture->len = 16;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	fixture->len = 4;
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
}

static const u32 ttls[] = { 0, 1, 20, SCSIIP_ARP_NEGATIVE_TTL_MAX };

static void ttl_desc(const u32 *ttl, char *desc)
{
	sprintf(desc, "%u s", *ttl);
}

KUNIT_ARRAY_PARAM(ttl, ttls, ttl_desc);

static void test_ttl(struct kunit *test)
{
	struct arp_fixture *fixture = test->priv;
	u32 ttl = *(const u32 *)test->param_value;
	struct arp_entry *entry;

	fixture->len = 4;
	fixture->link->arp.negative_ttl = ttl;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	entry = arp_find(&fixture->link->arp, target, 4);
	if (!ttl) {
		KUNIT_EXPECT_NULL(test, entry);
		expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(test, entry);
	/* a day is too long even for a clock that can be turned */
	entry->since = jiffies - (ttl * HZ - 1);
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
	entry->since = jiffies - ttl * HZ;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
}

/* "A new value is good for the entries that are there" */
static void test_ttl_changes(struct kunit *test)
{
	struct arp_fixture *fixture = test->priv;

	fixture->len = 4;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	test_sleep(5000);
	fixture->link->arp.negative_ttl = 6;
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
	fixture->link->arp.negative_ttl = 5;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	/* and with 0 a question leaves none behind */
	fixture->link->arp.negative_ttl = 0;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	fixture->link->arp.negative_ttl = 20;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
}

/* What ends a negative entry, and what does not */
static void test_negative_ends(struct kunit *test)
{
	struct arp_fixture *fixture = arp_fixture(test);
	static const u8 stranger[ETH_ALEN] = { 0x02, 9 };

	/* a packet from that address, from wherever */
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	hear(fixture, target, NULL, stranger, NULL);
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	hear(fixture, target, owner, NULL, NULL);
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	/* a probe for it */
	hear(fixture, NULL, target, lladdrs[0], NULL);
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);

	/* a question for it by somebody else, or a probe that asks for nothing */
	hear(fixture, owner, target, lladdrs[0], NULL);
	hear(fixture, NULL, NULL, lladdrs[0], NULL);
	hear(fixture, NULL, owner, lladdrs[0], NULL);
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);

	/* another link-layer address of a peer, or the interface goes down */
	rtnl_lock();
	scsiip_peer_update(fixture->peers[0], (const u8[]){ 2, 0, 0, 0, 0, 3 },
			   1500);
	rtnl_unlock();
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	rtnl_lock();
	dev_close(fixture->link->dev);
	rtnl_unlock();
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
}

/* Who was seen is asked first, and alone for half a second */
static void test_directed(struct kunit *test)
{
	struct arp_fixture *fixture = arp_fixture(test);

	/* by its initiator port, by the address it tells, by both */
	hear(fixture, target, NULL, lladdrs[0], fixture->peers[1]);
	expect_directed(test, fixture, fixture->peers[1]);
	hear(fixture, target, NULL, lladdrs[0], NULL);
	expect_directed(test, fixture, fixture->peers[0]);

	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
	test_sleep(400);
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
	test_sleep(200);
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	/* as any question that went to all */
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);

	/* an answer makes it one that was seen again, and does not expire */
	hear(fixture, target, owner, lladdrs[1], NULL);
	test_sleep(100000);
	expect_directed(test, fixture, fixture->peers[1]);
	/* probes of others do not take that away */
	hear(fixture, NULL, target, lladdrs[0], NULL);
	test_sleep(400);
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
}

/* A peer that cannot answer is not the one to ask */
static void test_directed_to_nobody(struct kunit *test)
{
	struct arp_fixture *fixture = arp_fixture(test);

	hear(fixture, target, NULL, lladdrs[0], NULL);
	fixture->paths[0].stalled = true;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	fixture->paths[0].stalled = false;

	hear(fixture, target, NULL, lladdrs[0], NULL);
	fixture->paths[0].state = SCSIIP_PATH_TIMEOUT;
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	fixture->paths[0].state = SCSIIP_PATH_UP;

	hear(fixture, target, NULL, lladdrs[0], NULL);
	INIT_LIST_HEAD(&fixture->peers[0]->paths);
	rtnl_lock();
	scsiip_peer_remove(fixture->peers[0]);
	fixture->peers[0] = NULL;
	rtnl_unlock();
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
}

/* 1024 of each state, those last used */
static void test_bounds(struct kunit *test)
{
	struct arp_fixture *fixture = test->priv;
	struct scsiip_arp *arp = &fixture->link->arp;
	unsigned int i, seen = 0, negative = 0;
	struct scsiip_arp_cursor cursor = {};
	struct scsiip_arp_info info;
	struct scsiip_peer *peer;
	u8 address[4] = { 10, 1 };

	fixture->len = 4;
	hear(fixture, target, NULL, lladdrs[0], NULL);
	for (i = 0; i < 1025; i++) {
		put_unaligned_be16(i, &address[2]);
		KUNIT_ASSERT_EQ(test, ask(fixture, address, &peer),
				SCSIIP_ARP_TO_ALL);
	}
	KUNIT_EXPECT_EQ(test, arp->count[SCSIIP_ARP_NEGATIVE], 1024);
	KUNIT_EXPECT_EQ(test, arp->count[SCSIIP_ARP_SEEN], 1);
	/* the scan has displaced its own first, and nothing that was seen */
	KUNIT_EXPECT_EQ(test, ask(fixture, address, &peer), SCSIIP_ARP_TO_NOBODY);
	put_unaligned_be16(1, &address[2]);
	KUNIT_EXPECT_EQ(test, ask(fixture, address, &peer), SCSIIP_ARP_TO_NOBODY);
	put_unaligned_be16(0, &address[2]);
	KUNIT_EXPECT_EQ(test, ask(fixture, address, &peer), SCSIIP_ARP_TO_ALL);
	expect_directed(test, fixture, fixture->peers[0]);

	address[1] = 2;
	for (i = 0; i < 1024; i++) {
		put_unaligned_be16(i, &address[2]);
		hear(fixture, address, NULL, lladdrs[1], NULL);
	}
	while (scsiip_arp_next(arp, &cursor, &info)) {
		if (info.state == SCSIIP_ARP_SEEN)
			seen++;
		else
			negative++;
		if (info.state == SCSIIP_ARP_SEEN)
			KUNIT_EXPECT_TRUE(test, ether_addr_equal(info.lladdr, lladdrs[1]));
	}
	KUNIT_EXPECT_EQ(test, seen, 1024);
	KUNIT_EXPECT_EQ(test, negative, 1024);
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
}

/* What userspace is told of an entry: ages, and when it goes by itself */
static void test_walk(struct kunit *test)
{
	struct arp_fixture *fixture = arp_fixture(test);
	struct scsiip_arp *arp = &fixture->link->arp;
	struct scsiip_arp_cursor cursor = {};
	struct scsiip_arp_info info;

	KUNIT_EXPECT_FALSE(test, scsiip_arp_next(arp, &cursor, &info));
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	test_sleep(15000);
	memset(&cursor, 0, sizeof(cursor));
	KUNIT_ASSERT_TRUE(test, scsiip_arp_next(arp, &cursor, &info));
	KUNIT_EXPECT_EQ(test, info.state, SCSIIP_ARP_NEGATIVE);
	KUNIT_EXPECT_EQ(test, info.len, fixture->len);
	KUNIT_EXPECT_TRUE(test, !memcmp(info.address, target, fixture->len));
	KUNIT_EXPECT_TRUE(test, is_zero_ether_addr(info.lladdr));
	KUNIT_EXPECT_GE(test, info.age, 15000);
	KUNIT_EXPECT_EQ(test, info.age + info.expires, 20000);
	KUNIT_EXPECT_FALSE(test, scsiip_arp_next(arp, &cursor, &info));

	/* one that has expired is not there any more */
	test_sleep(5000);
	memset(&cursor, 0, sizeof(cursor));
	KUNIT_EXPECT_FALSE(test, scsiip_arp_next(arp, &cursor, &info));

	hear(fixture, target, NULL, lladdrs[0], NULL);
	memset(&cursor, 0, sizeof(cursor));
	KUNIT_ASSERT_TRUE(test, scsiip_arp_next(arp, &cursor, &info));
	KUNIT_EXPECT_EQ(test, info.state, SCSIIP_ARP_SEEN);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(info.lladdr, lladdrs[0]));
	KUNIT_EXPECT_EQ(test, info.expires, 0);
}

static void test_forget(struct kunit *test)
{
	struct arp_fixture *fixture = arp_fixture(test);
	struct scsiip_arp *arp = &fixture->link->arp;

	KUNIT_EXPECT_FALSE(test, scsiip_arp_forget(arp, target, fixture->len, ~0));
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
	KUNIT_EXPECT_FALSE(test, scsiip_arp_forget(arp, target, fixture->len,
						   BIT(SCSIIP_ARP_SEEN)));
	KUNIT_EXPECT_TRUE(test, scsiip_arp_forget(arp, target, fixture->len,
						  BIT(SCSIIP_ARP_NEGATIVE)));
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);

	hear(fixture, owner, NULL, lladdrs[0], NULL);
	scsiip_arp_flush(arp, BIT(SCSIIP_ARP_SEEN));
	expect_way(test, fixture, SCSIIP_ARP_TO_NOBODY);
	KUNIT_EXPECT_EQ(test, arp->count[SCSIIP_ARP_SEEN], 0);
	scsiip_arp_flush(arp, BIT(SCSIIP_ARP_NEGATIVE));
	expect_way(test, fixture, SCSIIP_ARP_TO_ALL);
}

static struct kunit_case arp_cases[] = {
	KUNIT_CASE_PARAM(test_negative, length_gen_params),
	KUNIT_CASE(test_families),
	KUNIT_CASE_PARAM(test_ttl, ttl_gen_params),
	KUNIT_CASE(test_ttl_changes),
	KUNIT_CASE_PARAM(test_negative_ends, length_gen_params),
	KUNIT_CASE_PARAM(test_directed, length_gen_params),
	KUNIT_CASE_PARAM(test_directed_to_nobody, length_gen_params),
	KUNIT_CASE(test_bounds),
	KUNIT_CASE_PARAM(test_walk, length_gen_params),
	KUNIT_CASE_PARAM(test_forget, length_gen_params),
	{}
};

static struct kunit_suite arp_suite = {
	.name = "arp",
	.init = arp_suite_init,
	.exit = arp_suite_exit,
	.test_cases = arp_cases,
};

kunit_test_suites(&arp_suite);
