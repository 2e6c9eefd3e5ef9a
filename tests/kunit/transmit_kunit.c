// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/net/transmit.c: what a host adapter gets to see. Datagrams in all kinds
 * of memory go to host adapters with all kinds of limits, and arrive as they
 * are, out of their own memory where the limits allow it.
 */
#include <linux/rtnetlink.h>

#include "transmit.c"
#include "suite.h"

static const u8 peer_lladdr[ETH_ALEN] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

enum memory {
	LINEAR,		/* aligned to four bytes, as the network core has it */
	ODD,		/* at an odd address */
	PAGES,		/* a header, and full pages behind it */
	ONLY_PAGES,	/* nothing but full pages */
	PIECES,		/* 15 odd pieces of pages */
	LARGE,		/* a header, and a piece of a compound page */
	CHAINED,	/* a list of skbs */
	SHARED,		/* pages that others may write to */
	LONG,		/* linear, longer than a page */
	RAGGED,		/* an odd header, and a full page behind it */
	MEMORIES
};

static const char memory_names[MEMORIES][12] = {
	"linear", "odd", "pages", "only pages", "pieces", "large", "chained",
	"shared", "long", "ragged",
};

/* Bytes in the linear part, and those of each fragment, its offset, how many */
static const struct {
	unsigned int head, frag, offset, frags;
} layouts[MEMORIES] = {
	[LINEAR]	= { 200 },
	[ODD]		= { 201 },
	[PAGES]		= { 60, PAGE_SIZE, 0, 4 },
	[ONLY_PAGES]	= { 0, PAGE_SIZE, 0, 5 },
	[PIECES]	= { 60, 333, 77, 15 },
	[LARGE]		= { 60, 30000, 100, 1 },
	[CHAINED]	= { 300 },
	[SHARED]	= { 60, 1024, 0, 1 },
	[LONG]		= { 9000 },
	[RAGGED]	= { 61, PAGE_SIZE, 0, 1 },
};

struct limits_case {
	struct test_limits limits;
	char how[MEMORIES + 1];		/* d: direct, c: copied; by memory */
};

static const struct limits_case limits_cases[] = {
	{ { "none" },						"ddddddcddd" },
	/* tcm_loop */
	{ { "page boundary", .boundary = PAGE_SIZE - 1,
	    .segment_size = PAGE_SIZE },			"ddddddcddd" },
	{ { "boundary of 64 KiB", .boundary = SZ_64K - 1 },	"ddddddcddd" },
	/* SRP and iSER: no gaps */
	{ { "virtual boundary", .virt_boundary = PAGE_SIZE - 1,
	    .segments = 17 },					"ddcdccccdc" },
	{ { "two segments", .segments = 2 },			"ddcccdcddd" },
	{ { "sixteen segments", .segments = 16 },		"ddddddcddd" },
	{ { "fifteen segments", .segments = 15 },		"ddddcdcddd" },
	{ { "five segments", .segments = 5 },			"ddddcdcddd" },
	{ { "hardware, 4 bytes", .alignment = 3,
	    .hardware = true },					"dcddcdcddc" },
	{ { "no hardware, 4 bytes", .alignment = 3 },		"ddddddcddd" },
	{ { "hardware, sectors", .alignment = 511,
	    .hardware = true },					"cccdcccccc" },
	{ { "no hardware, sectors", .alignment = 511 },		"cccdcccccc" },
	{ { "padding to 4 bytes", .pad = 3 },			"dcddcdcddc" },
	{ { "stable writes", .stable_writes = true },		"ddddddccdd" },
};

static void limits_desc(const struct limits_case *param, char *desc)
{
	strscpy(desc, param->limits.name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(limits, limits_cases, limits_desc);

struct transmit_fixture {
	struct net_device *dev;
	struct test_host *host;
	u8 *expected;
};

/* An interface, a host adapter, and a peer behind that */
static struct transmit_fixture *plug(struct kunit *test,
				     const struct test_host *like)
{
	struct transmit_fixture *fixture;
	struct test_host copy = *like;

	fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fixture);
	fixture->expected = kunit_kzalloc(test, SCSIIP_MAX_DATAGRAM, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fixture->expected);

	ether_addr_copy(copy.identity.lladdr, peer_lladdr);
	if (!copy.identity.mtu)
		copy.identity.mtu = SCSIIP_MAX_DATAGRAM;
	strscpy(copy.identity.network, "kunit", SCSIIP_NETWORK_LEN);
	copy.naa = 1;
	fixture->dev = test_link(test, "kunit0", "kunit");
	fixture->host = test_host(test, &copy);
	return fixture;
}

static void put_header(struct sk_buff *skb, u16 protocol)
{
	struct ethhdr *eth = skb_push(skb, ETH_HLEN);

	ether_addr_copy(eth->h_dest, peer_lladdr);
	eth_zero_addr(eth->h_source);
	eth->h_proto = htons(protocol);
}

static void add_frags(struct kunit *test, struct sk_buff *skb,
		      enum memory memory)
{
	unsigned int size = layouts[memory].frag, offset = layouts[memory].offset;
	unsigned int order = get_order(offset + size), i;

	for (i = 0; i < layouts[memory].frags; i++) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

		KUNIT_ASSERT_NOT_NULL(test, page);
		get_random_bytes(page_address(page) + offset, size);
		skb_add_rx_frag(skb, i, page, offset, size, PAGE_SIZE << order);
	}
}

/* A frame whose datagram is in that memory, and @expected is what it says */
static struct sk_buff *make_frame(struct kunit *test, enum memory memory,
				  u8 *expected)
{
	unsigned int len = layouts[memory].head;
	unsigned int room = NET_IP_ALIGN + ETH_HLEN + (memory == ODD);
	struct sk_buff *skb = alloc_skb(room + len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	/* NET_IP_ALIGN is 0 on some machines */
	skb_reserve(skb, 2 + ETH_HLEN + (memory == ODD));
	get_random_bytes(skb_put(skb, len), len);
	add_frags(test, skb, memory);
	if (memory == CHAINED) {
		struct sk_buff *next = alloc_skb(100, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, next);
		get_random_bytes(skb_put(next, 100), 100);
		skb_shinfo(skb)->frag_list = next;
		skb->len += 100;
		skb->data_len += 100;
		skb->truesize += next->truesize;
	}
	if (memory == SHARED)
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, 0, expected, skb->len), 0);
	put_header(skb, ETH_P_IPV6);
	return skb;
}

/* As the stack makes them, frames say who sends them */
static void transmit(struct net_device *dev, struct sk_buff *skb)
{
	skb->dev = dev;
	ether_addr_copy(((struct ethhdr *)skb->data)->h_source, dev->dev_addr);
	local_bh_disable();
	scsiip_start_xmit(skb, dev);
	local_bh_enable();
}

/* Send a frame: its datagram is what the host adapter gets to see, and how */
static void expect_sent(struct kunit *test, struct transmit_fixture *fixture,
			struct sk_buff *skb, char how, const char *what)
{
	unsigned int len = skb->len - ETH_HLEN, before = fixture->host->messages;
	u8 protocol = ntohs(((struct ethhdr *)skb->data)->h_proto) & 0xf;
	unsigned long copied = test_counter(fixture->dev, SCSIIP_COUNTER_TX_COPY);
	unsigned long direct = test_counter(fixture->dev, SCSIIP_COUNTER_TX_DIRECT);
	const struct test_host *host = fixture->host;
	const u8 cdb[SCSIIP_CDB_LEN] = {
		0x2a, [5] = protocol, [7] = len >> 8, [8] = len,
	};

	transmit(fixture->dev, skb);
	KUNIT_ASSERT_TRUE_MSG(test, test_wait(READ_ONCE(host->messages) > before),
			      "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, !memcmp(host->cdb, cdb, sizeof(cdb)),
			      "%s: %*phN", what, SCSIIP_CDB_LEN, host->cdb);
	KUNIT_EXPECT_EQ_MSG(test, host->len, len, "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, !memcmp(host->data, fixture->expected, len),
			      "%s: other bytes", what);
	KUNIT_EXPECT_NULL_MSG(test, host->broken, "%s: %s", what, host->broken);

	copied = test_counter(fixture->dev, SCSIIP_COUNTER_TX_COPY) - copied;
	direct = test_counter(fixture->dev, SCSIIP_COUNTER_TX_DIRECT) - direct;
	KUNIT_EXPECT_EQ_MSG(test, copied, how == 'c', "%s: copied", what);
	KUNIT_EXPECT_EQ_MSG(test, direct, how == 'd', "%s: direct", what);
}

static void test_limits(struct kunit *test)
{
	const struct limits_case *param = test->param_value;
	struct transmit_fixture *fixture =
		plug(test, &(struct test_host){ .limits = param->limits });
	enum memory memory;

	KUNIT_ASSERT_EQ(test, fixture->host->path->state, SCSIIP_PATH_UP);
	for (memory = 0; memory < MEMORIES; memory++)
		expect_sent(test, fixture,
			    make_frame(test, memory, fixture->expected),
			    param->how[memory], memory_names[memory]);
}

/* The longest datagram, in as few segments as a page of memory is large */
static void test_longest(struct kunit *test)
{
	struct transmit_fixture *fixture =
		plug(test, &(struct test_host){
			.limits = { .segments = 4, .virt_boundary = PAGE_SIZE - 1 },
		});
	unsigned int len = fixture->host->path->limit;
	struct sk_buff *skb;

	KUNIT_EXPECT_EQ(test, len, 4 * (PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER) >
			SCSIIP_MAX_DATAGRAM ? SCSIIP_MAX_DATAGRAM : 0);
	skb = alloc_skb_with_frags(2 + ETH_HLEN, len, 0, &(int){ 0 }, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 2 + ETH_HLEN);
	skb->len = len;
	skb->data_len = len;
	get_random_bytes(fixture->expected, len);
	KUNIT_ASSERT_EQ(test, skb_store_bits(skb, 0, fixture->expected, len), 0);
	put_header(skb, ETH_P_IP);
	expect_sent(test, fixture, skb, 'c', "longest");
}

/* What a path is said to carry, by its host adapter */
static void test_path_limit(struct kunit *test)
{
	static const struct {
		struct test_limits limits;
		unsigned int limit;
	} cases[] = {
		{ { "none" }, SCSIIP_MAX_DATAGRAM },
		{ { "sectors", .sectors = 8 }, 4096 },
		{ { "length", .sectors = 16, .segments = 1 }, 8192 },
		{ { "segments", .segments = 2, .segment_size = PAGE_SIZE },
		  2 * PAGE_SIZE },
		/* a chunk of which no part is in another segment */
		{ { "odd segments", .segments = 4, .segment_size = 3 * PAGE_SIZE },
		  8 * PAGE_SIZE },
		{ { "boundary", .segments = 3, .boundary = PAGE_SIZE - 1 },
		  3 * PAGE_SIZE },
		/* no larger pieces than the page allocator has at all times */
		{ { "order", .segments = 1 },
		  PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct test_host *host =
			test_host(test, &(struct test_host){
				.limits = cases[i].limits, .naa = i + 1,
			});

		KUNIT_EXPECT_EQ_MSG(test, host->path->limit, cases[i].limit,
				    "%s", cases[i].limits.name);
	}
}

/* A sum that is left to us is there when the host adapter reads the data */
static void test_checksum(struct kunit *test)
{
	static const struct {
		struct test_limits limits;
		enum memory memory;
		unsigned int start, offset;
		char how;
	} cases[] = {
		{ { "in the head" }, LINEAR, 40, 6, 'd' },
		{ { "of pages" }, PAGES, 40, 16, 'd' },
		{ { "of a chain, in the head" }, CHAINED, 40, 16, 'c' },
		/* filling it in would move the head */
		{ { "behind the head" }, PAGES, 50, 16, 'c' },
		{ { "of a copy", .pad = 3 }, ODD, 33, 2, 'c' },
		{ { "of a copy, across pages", .stable_writes = true }, SHARED,
		  41, 16, 'c' },
		{ { "at the end" }, LINEAR, 190, 8, 'd' },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct transmit_fixture *fixture =
			plug(test, &(struct test_host){ .limits = cases[i].limits });
		struct sk_buff *skb = make_frame(test, cases[i].memory,
						 fixture->expected);
		unsigned int len = skb->len - ETH_HLEN, start = cases[i].start;
		__sum16 *field = (__sum16 *)(fixture->expected + start +
					     cases[i].offset);

		*field = csum_fold(csum_partial(fixture->expected + start,
						len - start, 0)) ?: CSUM_MANGLED_0;
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) + ETH_HLEN + start;
		skb->csum_offset = cases[i].offset;
		expect_sent(test, fixture, skb, cases[i].how,
			    cases[i].limits.name);
		test_tidy(test);
	}
}

/*
 * While a command is still read that was answered with a unit attention, its
 * datagram goes on, over another path: the sum is filled in elsewhere.
 */
static void test_checksum_read(struct kunit *test)
{
	struct transmit_fixture *fixture = plug(test, &(struct test_host){});
	struct sk_buff *skb = make_frame(test, LINEAR, fixture->expected);
	struct sk_buff *tapped = skb_clone(skb, GFP_KERNEL);
	__sum16 *field = (__sum16 *)(fixture->expected + 40 + 6);

	KUNIT_ASSERT_NOT_NULL(test, tapped);
	*field = csum_fold(csum_partial(fixture->expected + 40, 200 - 40, 0)) ?:
		 CSUM_MANGLED_0;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + ETH_HLEN + 40;
	skb->csum_offset = 6;
	expect_sent(test, fixture, skb_get(skb), 'c', "read");
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
	kfree_skb(skb);
	kfree_skb(tapped);
}

/* A sum that does not fit into the datagram is none */
static void test_checksum_outside(struct kunit *test)
{
	struct transmit_fixture *fixture = plug(test, &(struct test_host){});
	struct sk_buff *skb = make_frame(test, LINEAR, fixture->expected);

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + ETH_HLEN + 190;
	skb->csum_offset = 9;
	transmit(fixture->dev, skb);
	KUNIT_EXPECT_TRUE(test, test_wait(test_counter(fixture->dev,
						       SCSIIP_COUNTER_TX_NO_MEMORY)));
	KUNIT_EXPECT_EQ(test, fixture->host->messages, 0);
}

/* What is not for the wire */
static void test_dropped(struct kunit *test)
{
	struct transmit_fixture *fixture =
		plug(test, &(struct test_host){ .identity.mtu = 1500 });
	static const struct {
		u16 protocol;
		unsigned int len;
		u8 last;		/* byte of the address */
		enum scsiip_counter_attr counter;
	} cases[] = {
		{ ETH_P_8021Q, 100, 0x55, SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL },
		{ 0x0500, 100, 0x55, SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL },
		{ ETH_P_IP, 0, 0x55, SCSIIP_COUNTER_TX_TOO_BIG },
		{ ETH_P_IP, 1501, 0x55, SCSIIP_COUNTER_TX_TOO_BIG },
		{ ETH_P_IPV6, 1501, 0x55, SCSIIP_COUNTER_TX_TOO_BIG },
		{ ETH_P_ARP, 1501, 0x55, SCSIIP_COUNTER_TX_TOO_BIG },
		{ ETH_P_IP, 65536, 0x55, SCSIIP_COUNTER_TX_TOO_BIG },
		{ ETH_P_IP, 100, 0x56, SCSIIP_COUNTER_TX_NO_PEER },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sk_buff *skb = alloc_skb(ETH_HLEN + cases[i].len, GFP_KERNEL);
		unsigned long before = test_counter(fixture->dev, cases[i].counter);

		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_reserve(skb, ETH_HLEN);
		skb_put_zero(skb, cases[i].len);
		put_header(skb, cases[i].protocol);
		skb->data[5] = cases[i].last;
		transmit(fixture->dev, skb);
		KUNIT_EXPECT_EQ_MSG(test, before + 1,
				    test_counter(fixture->dev, cases[i].counter),
				    "case %u", i);
	}

	/* not even a header */
	transmit(fixture->dev, alloc_skb(0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 3, test_counter(fixture->dev,
					      SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL));
	KUNIT_EXPECT_EQ(test, fixture->host->messages, 0);
}

/* docs/wire.md, "For an initiator this means" */
struct answer_case {
	const char *name;
	struct test_answer answers[2];
	enum scsiip_counter_attr counter;
	unsigned int messages;
	enum scsiip_path_state state;	/* after a check, what it says */
};

static const struct answer_case answer_cases[] = {
	{ "good", { {} }, SCSIIP_COUNTER_TX_COMPLETED, 1, SCSIIP_PATH_UP },
	{ "busy, and then not",
	  { { .result = SAM_STAT_BUSY } },
	  SCSIIP_COUNTER_TX_COMPLETED, 2, SCSIIP_PATH_UP },
	{ "task set full, and then not",
	  { { .result = SAM_STAT_TASK_SET_FULL } },
	  SCSIIP_COUNTER_TX_COMPLETED, 2, SCSIIP_PATH_UP },
	{ "unit attention",
	  { { .key = UNIT_ATTENTION, .asc = 0x2a, .ascq = 1 } },
	  SCSIIP_COUNTER_TX_COMPLETED, 2, SCSIIP_PATH_UP },
	{ "unit attention twice",
	  { { .key = UNIT_ATTENTION, .asc = 0x2a, .ascq = 1 },
	    { .key = UNIT_ATTENTION, .asc = 0x2a, .ascq = 1 } },
	  SCSIIP_COUNTER_TX_REFUSED, 2, SCSIIP_PATH_UP },
	{ "not ready",
	  { { .key = NOT_READY, .asc = 0x04, .ascq = 0x12 } },
	  SCSIIP_COUNTER_TX_NOT_READY, 1, SCSIIP_PATH_UP },
	{ "invalid field in CDB", { { .key = ILLEGAL_REQUEST, .asc = 0x24 } },
	  SCSIIP_COUNTER_TX_REFUSED, 1, SCSIIP_PATH_UP },
	{ "no such unit", { { .key = ILLEGAL_REQUEST, .asc = 0x25 } },
	  SCSIIP_COUNTER_TX_REFUSED, 1, SCSIIP_PATH_UP },
	{ "write protected", { { .key = DATA_PROTECT, .asc = 0x27 } },
	  SCSIIP_COUNTER_TX_REFUSED, 1, SCSIIP_PATH_READ_ONLY },
	{ "reservation conflict", { { .result = SAM_STAT_RESERVATION_CONFLICT } },
	  SCSIIP_COUNTER_TX_REFUSED, 1, SCSIIP_PATH_UP },
	{ "recovered error", { { .key = RECOVERED_ERROR, .asc = 0x18 } },
	  SCSIIP_COUNTER_TX_COMPLETED, 1, SCSIIP_PATH_UP },
	{ "medium error", { { .key = MEDIUM_ERROR, .asc = 0x11 } },
	  SCSIIP_COUNTER_TX_UNCERTAIN, 1, SCSIIP_PATH_UP },
	{ "aborted command", { { .key = ABORTED_COMMAND } },
	  SCSIIP_COUNTER_TX_UNCERTAIN, 1, SCSIIP_PATH_UP },
	{ "task aborted", { { .result = SAM_STAT_TASK_ABORTED } },
	  SCSIIP_COUNTER_TX_UNCERTAIN, 1, SCSIIP_PATH_UP },
	{ "check condition without sense data",
	  { { .result = SAM_STAT_CHECK_CONDITION } },
	  SCSIIP_COUNTER_TX_UNCERTAIN, 1, SCSIIP_PATH_UP },
	{ "transport error", { { .result = DID_ERROR << 16 } },
	  SCSIIP_COUNTER_TX_UNCERTAIN, 1, SCSIIP_PATH_UP },
	{ "time-out", { { .none = true } },
	  SCSIIP_COUNTER_TX_UNCERTAIN, 1, SCSIIP_PATH_UP },
};

static void answer_desc(const struct answer_case *param, char *desc)
{
	strscpy(desc, param->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(answer, answer_cases, answer_desc);

static void test_answers(struct kunit *test)
{
	const struct answer_case *param = test->param_value;
	struct transmit_fixture *fixture;
	struct test_host like = {};
	const struct scsiip_path *path;
	enum scsiip_counter_attr i;
	bool usable;

	memcpy(like.answers, param->answers, sizeof(param->answers));
	fixture = plug(test, &like);
	/* a path is asked that at first, and when a datagram met with it */
	fixture->host->read_only = param->state == SCSIIP_PATH_READ_ONLY;
	path = fixture->host->path;

	transmit(fixture->dev, make_frame(test, LINEAR, fixture->expected));
	KUNIT_EXPECT_TRUE(test, test_wait(test_counter(fixture->dev,
						       param->counter)));
	KUNIT_EXPECT_TRUE(test, test_wait(!atomic_read(&path->inflight)));
	/* and no more than that becomes of it */
	for (i = SCSIIP_COUNTER_TX_COMPLETED; i < SCSIIP_COUNTERS; i++)
		if (i != SCSIIP_COUNTER_TX_COMPLETED_BYTES &&
		    i != SCSIIP_COUNTER_TX_RESENT && i != SCSIIP_COUNTER_TX_ORPHANED)
			KUNIT_EXPECT_EQ_MSG(test, i == param->counter,
					    test_counter(fixture->dev, i), "%s",
					    scsiip_counter_names[i]);
	KUNIT_EXPECT_EQ(test, fixture->host->messages, param->messages);
	usable = param->state == SCSIIP_PATH_UP;
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(path->usable) == usable &&
					  READ_ONCE(path->state) == param->state));
}

/* Whom it would be sent to again has gone */
static void test_unit_attention_too_late(struct kunit *test)
{
	static const struct test_host like = {
		.answers = { { .key = UNIT_ATTENTION, .asc = 0x2a, .none = true } },
	};
	struct transmit_fixture *fixture = plug(test, &like);
	struct test_host *host = fixture->host;
	struct scsiip_path *path = host->path;

	transmit(fixture->dev, make_frame(test, LINEAR, fixture->expected));
	KUNIT_ASSERT_TRUE(test, test_wait(READ_ONCE(host->messages) == 1));
	rtnl_lock();
	scsiip_path_set_policy(path, SCSIIP_POLICY_NONE, NULL);
	scsiip_path_apply(path);
	rtnl_unlock();
	scsi_done(host->held);
	KUNIT_EXPECT_TRUE(test, test_wait(!atomic_read(&path->inflight)));
	KUNIT_EXPECT_EQ(test, 1, test_counter(fixture->dev, SCSIIP_COUNTER_TX_REFUSED));
	KUNIT_EXPECT_EQ(test, 1, scsiip_counters_read(path->counters,
						      SCSIIP_COUNTER_TX_REFUSED));
	KUNIT_EXPECT_EQ(test, 0, test_counter(fixture->dev, SCSIIP_COUNTER_TX_NO_PATH));
	KUNIT_EXPECT_EQ(test, host->messages, 1);
}

static const u8 broadcast[ETH_ALEN] = { 255, 255, 255, 255, 255, 255 };

/* Some peers on one interface, with addresses that end in 1, 2 and so on */
static void plug_several(struct kunit *test, struct test_host **hosts,
			 unsigned int count)
{
	unsigned int i;

	test_link(test, "kunit0", "kunit");
	for (i = 0; i < count; i++) {
		hosts[i] = test_host(test, &(struct test_host){
			.identity = {
				.lladdr = { 0x02, [5] = i + 1 }, .mtu = 65535,
				.network = "kunit",
			},
			.naa = i + 1,
		});
		KUNIT_ASSERT_EQ(test, hosts[i]->path->state, SCSIIP_PATH_UP);
	}
}

static struct net_device *dev_of(struct test_host *host)
{
	struct net_device *dev;

	rtnl_lock();
	dev = rtnl_dereference(host->path->peer)->link->dev;
	rtnl_unlock();
	return dev;
}

/* How often each host has been sent to, a digit for each */
static unsigned int messages(struct test_host **hosts, unsigned int count)
{
	unsigned int i, all = 0;

	for (i = 0; i < count; i++)
		all = all * 10 + READ_ONCE(hosts[i]->messages);
	return all;
}

static void transmit_to(struct net_device *dev, const u8 *lladdr, u16 protocol,
			const void *data, unsigned int len)
{
	struct sk_buff *skb = alloc_skb(2 + ETH_HLEN + len, GFP_KERNEL);

	if (!skb)
		return;
	skb_reserve(skb, 2 + ETH_HLEN);
	skb_put_data(skb, data, len);
	put_header(skb, protocol);
	ether_addr_copy(skb->data, lladdr);
	transmit(dev, skb);
}

/* To each peer in turn, starting one peer further on each time */
static void test_broadcast(struct kunit *test)
{
	static const u8 data[1000] = { 0x45, 1, 2, 3 };
	unsigned int i, first = 0, last_first = 0;
	struct test_host *hosts[3];
	struct net_device *dev;

	plug_several(test, hosts, 3);
	dev = dev_of(hosts[0]);
	for (i = 1; i <= 4; i++) {
		transmit_to(dev, broadcast, ETH_P_IP, data, sizeof(data));
		KUNIT_EXPECT_TRUE(test, test_wait(messages(hosts, 3) == i * 111));
		KUNIT_EXPECT_TRUE(test, !memcmp(hosts[i % 3]->data, data, sizeof(data)));
		for (first = 0; first < 2; first++)
			if (hosts[first]->turn < hosts[(first + 1) % 3]->turn &&
			    hosts[first]->turn < hosts[(first + 2) % 3]->turn)
				break;
		KUNIT_EXPECT_LT(test, hosts[first]->turn, hosts[(first + 1) % 3]->turn);
		KUNIT_EXPECT_LT(test, hosts[(first + 1) % 3]->turn,
				hosts[(first + 2) % 3]->turn);
		if (i > 1)
			KUNIT_EXPECT_EQ(test, first, (last_first + 1) % 3);
		last_first = first;
	}

	/* but not to whom it is too long for, nor to whom is not there */
	hosts[1]->identity.mtu = 999;
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(hosts[1]->path->identity.mtu) == 999));
	hosts[2]->unready = (struct test_answer){ .key = NOT_READY };
	KUNIT_EXPECT_TRUE(test, test_wait(!READ_ONCE(hosts[2]->path->usable)));
	transmit_to(dev, broadcast, ETH_P_IP, data, sizeof(data));
	KUNIT_EXPECT_TRUE(test, test_wait(test_counter(dev, SCSIIP_COUNTER_TX_NO_PATH) &&
					  messages(hosts, 3) == 544));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_TOO_BIG));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_NO_PATH));
}

/* docs/arp.md: what goes out of a question, an announcement, a probe */
static void test_questions(struct kunit *test)
{
	u8 arp[28] = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 9, 9, 9, 9, 9, 10, 0, 0, 9,
		       [24] = 10, 0, 0, 1 };
	const struct scsiip_neighbour answer = { .len = 4, .owner = &arp[24] };
	struct test_host *hosts[2];
	struct net_device *dev;

	plug_several(test, hosts, 2);
	dev = dev_of(hosts[0]);
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_TRUE(test, test_wait(messages(hosts, 2) == 11));
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_ARP_SUPPRESSED));

	rtnl_lock();
	scsiip_arp_heard(netdev_priv(dev), &answer,
			 rtnl_dereference(hosts[1]->path->peer));
	rtnl_unlock();
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_TRUE(test, test_wait(messages(hosts, 2) == 12));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_ARP_DIRECTED));
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_EQ(test, 2, test_counter(dev, SCSIIP_COUNTER_TX_ARP_SUPPRESSED));

	/* announcements and probes go to all, each time */
	memcpy(&arp[24], &arp[14], 4);
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_TRUE(test, test_wait(messages(hosts, 2) == 23));
	memset(&arp[14], 0, 4);
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_TRUE(test, test_wait(messages(hosts, 2) == 45));
}

/* A question that not all were asked leaves no negative entry behind */
static void test_half_asked(struct kunit *test)
{
	static const u8 arp[28] = {
		0, 1, 8, 0, 6, 4, 0, 1, 2, 9, 9, 9, 9, 9, 10, 0, 0, 9,
		[24] = 10, 0, 0, 1,
	};
	struct net_device *dev = test_link(test, "kunit1", "");
	struct scsiip_peer *peer;
	struct test_host *hosts[2];

	/* nobody */
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_EQ(test, 2, test_counter(dev, SCSIIP_COUNTER_TX_NO_PEER));

	/* the queue of one is full */
	plug_several(test, hosts, 2);
	dev = dev_of(hosts[0]);
	rtnl_lock();
	peer = rtnl_dereference(hosts[1]->path->peer);
	rtnl_unlock();
	peer->queued = SCSIIP_QUEUE_BYTES;
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_QUEUE_FULL));
	peer->queued = 0;
	transmit_to(dev, broadcast, ETH_P_ARP, arp, sizeof(arp));
	KUNIT_EXPECT_TRUE(test, test_wait(messages(hosts, 2) == 21));
	KUNIT_EXPECT_EQ(test, 0, test_counter(dev, SCSIIP_COUNTER_TX_ARP_SUPPRESSED));
}

/* Everything that is BUSY is tried again, and not for ever */
static void test_busy(struct kunit *test)
{
	struct transmit_fixture *fixture =
		plug(test, &(struct test_host){
			.answers = {
				{ .result = SAM_STAT_BUSY }, { .result = SAM_STAT_BUSY },
				{ .result = SAM_STAT_BUSY }, { .result = SAM_STAT_BUSY },
			},
		});

	expect_sent(test, fixture, make_frame(test, LINEAR, fixture->expected), 'd',
		    "busy");
	KUNIT_EXPECT_TRUE(test, test_wait(test_counter(fixture->dev,
						       SCSIIP_COUNTER_TX_COMPLETED)));
	KUNIT_EXPECT_EQ(test, fixture->host->messages, 5);
}

/*
 * Of two paths the first that is up and moves. Not until the path was checked
 * again does a datagram go to one that came to grief.
 */
static void test_path_selection(struct kunit *test)
{
	struct scsiip_path *paths[2];
	struct scsi_device *sdevs[2];
	struct Scsi_Host *shost;
	struct scsiip_peer *peer;
	unsigned int i;

	shost = kunit_kzalloc(test, sizeof(*shost), GFP_KERNEL);
	peer = kunit_kzalloc(test, sizeof(*peer), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, shost);
	KUNIT_ASSERT_NOT_NULL(test, peer);
	shost->shost_state = SHOST_RUNNING;
	INIT_LIST_HEAD(&peer->paths);
	for (i = 0; i < 2; i++) {
		paths[i] = kunit_kzalloc(test, sizeof(*paths[i]), GFP_KERNEL);
		sdevs[i] = kunit_kzalloc(test, sizeof(*sdevs[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, paths[i]);
		KUNIT_ASSERT_NOT_NULL(test, sdevs[i]);
		kref_init(&paths[i]->ref);
		paths[i]->sdev = sdevs[i];
		paths[i]->usable = true;
		sdevs[i]->host = shost;
		sdevs[i]->sdev_state = SDEV_RUNNING;
		list_add_tail(&paths[i]->peer_node, &peer->paths);
	}

	KUNIT_EXPECT_PTR_EQ(test, transmit_path(peer), paths[0]);
	paths[0]->usable = false;
	KUNIT_EXPECT_PTR_EQ(test, transmit_path(peer), paths[1]);
	paths[0]->usable = true;
	paths[0]->stalled = true;
	KUNIT_EXPECT_PTR_EQ(test, transmit_path(peer), paths[1]);
	paths[0]->stalled = false;
	sdevs[0]->sdev_state = SDEV_BLOCK;
	KUNIT_EXPECT_PTR_EQ(test, transmit_path(peer), paths[1]);
	sdevs[0]->sdev_state = SDEV_OFFLINE;
	KUNIT_EXPECT_PTR_EQ(test, transmit_path(peer), paths[1]);
	sdevs[0]->sdev_state = SDEV_RUNNING;
	paths[0]->removed = true;
	KUNIT_EXPECT_PTR_EQ(test, transmit_path(peer), paths[1]);
	paths[0]->removed = false;
	shost->shost_state = SHOST_RECOVERY;
	KUNIT_EXPECT_NULL(test, transmit_path(peer));
	shost->shost_state = SHOST_RUNNING;
	paths[1]->usable = false;
	KUNIT_EXPECT_PTR_EQ(test, transmit_path(peer), paths[0]);
}

/* Whoever made the frame, it says which interface sends it; its copies do not */
static u8 seen_source[ETH_ALEN];

static void see_source(struct sk_buff *skb)
{
	ether_addr_copy(seen_source, eth_hdr(skb)->h_source);
}

static void test_source(struct kunit *test)
{
	static const u8 other_lladdr[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 7 };
	struct transmit_fixture *fixture = plug(test, &(struct test_host){});
	struct sk_buff *skb = make_frame(test, LINEAR, fixture->expected);
	struct sk_buff *copy;
	bool same;

	ether_addr_copy(((struct ethhdr *)skb->data)->h_source, other_lladdr);
	copy = skb_clone(skb, GFP_KERNEL);
	if (!copy)
		kfree_skb(skb);
	KUNIT_ASSERT_NOT_NULL(test, copy);

	skb->destructor = see_source;
	local_bh_disable();
	scsiip_start_xmit(skb, fixture->dev);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, test_wait(fixture->host->messages == 1));
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(seen_source,
						 fixture->dev->dev_addr));
	same = ether_addr_equal(((struct ethhdr *)copy->data)->h_source, other_lladdr);
	/* nor does it matter who else holds it */
	skb_get(copy);
	local_bh_disable();
	scsiip_start_xmit(copy, fixture->dev);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, test_wait(fixture->host->messages == 2));
	same &= ether_addr_equal(((struct ethhdr *)copy->data)->h_source, other_lladdr);
	kfree_skb(copy);
	KUNIT_EXPECT_TRUE(test, same);
}

static struct kunit_case transmit_cases[] = {
	KUNIT_CASE_PARAM(test_limits, limits_gen_params),
	KUNIT_CASE(test_longest),
	KUNIT_CASE(test_path_limit),
	KUNIT_CASE(test_checksum),
	KUNIT_CASE(test_checksum_read),
	KUNIT_CASE(test_checksum_outside),
	KUNIT_CASE(test_dropped),
	KUNIT_CASE_PARAM(test_answers, answer_gen_params),
	KUNIT_CASE(test_unit_attention_too_late),
	KUNIT_CASE(test_broadcast),
	KUNIT_CASE(test_questions),
	KUNIT_CASE(test_half_asked),
	KUNIT_CASE(test_busy),
	KUNIT_CASE(test_path_selection),
	KUNIT_CASE(test_source),
	{}
};

static struct kunit_suite transmit_suite = {
	.name = "transmit",
	.exit = test_tidy,
	.test_cases = transmit_cases,
};

kunit_test_suites(&transmit_suite);
