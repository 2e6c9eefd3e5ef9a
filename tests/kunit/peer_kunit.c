// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/net/peer.c: who a peer is, and what its queue takes.
 */
#include "peer.c"
#include "suite.h"

static const u8 peer_lladdrs[2][ETH_ALEN] = {
	{ 0x02, 0, 0, 0, 0, 1 }, { 0x02, 0, 0, 0, 0, 2 },
};

static const struct scsiip_designator designators[2] = {
	{ .type = 3, .len = 2, .id = { 1, 2 } },
	{ .type = 3, .len = 2, .id = { 1, 3 } },
};

struct peer_fixture {
	struct scsiip_link *link;
	struct scsiip_peer *peers[2];
	struct scsiip_path paths[2];	/* of the first peer */
};

/* Two peers; their tests take RTNL, as those who call the functions do */
static int peer_suite_init(struct kunit *test)
{
	struct peer_fixture *fixture;
	unsigned int i;

	fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fixture);
	fixture->link = netdev_priv(test_link(test, "kunit0", ""));
	test->priv = fixture;
	for (i = 0; i < 2; i++) {
		rtnl_lock();
		fixture->peers[i] = scsiip_peer_create(fixture->link,
						       peer_lladdrs[i],
						       &designators[i], true);
		rtnl_unlock();
		KUNIT_ASSERT_NOT_NULL(test, fixture->peers[i]);
	}
	return 0;
}

static void peer_suite_exit(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;

	if (fixture && fixture->peers[0])
		INIT_LIST_HEAD(&fixture->peers[0]->paths);
	test_tidy(test);
}

static struct scsiip_peer *by_initiator(struct peer_fixture *fixture,
					const char *name)
{
	struct scsiip_peer *peer;

	rcu_read_lock();
	peer = scsiip_peer_by_initiator(fixture->link, name);
	rcu_read_unlock();
	return peer;
}

static int set_initiator(struct scsiip_peer *peer, const char *name)
{
	int ret;

	rtnl_lock();
	ret = scsiip_peer_set_initiator(peer, name);
	rtnl_unlock();
	return ret;
}

static struct scsiip_peer *lookup(struct peer_fixture *fixture, const u8 *lladdr)
{
	struct scsiip_peer *peer;

	rcu_read_lock();
	peer = scsiip_peer_lookup(fixture->link, lladdr);
	rcu_read_unlock();
	return peer;
}

static void test_lookup(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;
	u8 lladdr[ETH_ALEN];
	unsigned int i;

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, lookup(fixture, peer_lladdrs[i]),
				    fixture->peers[i]);
	/* each byte counts */
	for (i = 0; i < ETH_ALEN; i++) {
		ether_addr_copy(lladdr, peer_lladdrs[0]);
		lladdr[i] ^= 0x40;
		KUNIT_EXPECT_NULL(test, lookup(fixture, lladdr));
	}
	KUNIT_EXPECT_EQ(test, fixture->link->peer_count, 2);

	rtnl_lock();
	scsiip_peer_remove(fixture->peers[0]);
	fixture->peers[0] = NULL;
	rtnl_unlock();
	KUNIT_EXPECT_NULL(test, lookup(fixture, peer_lladdrs[0]));
	KUNIT_EXPECT_PTR_EQ(test, lookup(fixture, peer_lladdrs[1]),
			    fixture->peers[1]);
	KUNIT_EXPECT_EQ(test, fixture->link->peer_count, 1);
}

static void test_designator(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;
	struct scsiip_designator other = designators[1];
	struct scsiip_peer *found[4];

	other.type = 2;
	rtnl_lock();
	found[0] = scsiip_peer_by_designator(fixture->link, &designators[0]);
	found[1] = scsiip_peer_by_designator(fixture->link, &designators[1]);
	found[2] = scsiip_peer_by_designator(fixture->link, &other);
	other = designators[1];
	other.len = 1;
	found[3] = scsiip_peer_by_designator(fixture->link, &other);
	rtnl_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found[0], fixture->peers[0]);
	KUNIT_EXPECT_PTR_EQ(test, found[1], fixture->peers[1]);
	KUNIT_EXPECT_NULL(test, found[2]);
	KUNIT_EXPECT_NULL(test, found[3]);
}

static void test_name(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;
	struct scsiip_peer *found[2];

	strscpy(fixture->peers[1]->name, "hostb", SCSIIP_PEER_NAME_LEN);
	rtnl_lock();
	found[0] = scsiip_peer_by_name(fixture->link, "hostb");
	found[1] = scsiip_peer_by_name(fixture->link, "host");
	rtnl_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found[0], fixture->peers[1]);
	KUNIT_EXPECT_NULL(test, found[1]);
}

/* One port is that of one peer */
static void test_initiator(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;
	struct scsiip_peer **peers = fixture->peers;

	KUNIT_EXPECT_NULL(test, by_initiator(fixture, NULL));
	KUNIT_EXPECT_NULL(test, by_initiator(fixture, ""));
	KUNIT_EXPECT_EQ(test, set_initiator(peers[0], "a"), 0);
	KUNIT_EXPECT_EQ(test, set_initiator(peers[0], "a"), 0);
	KUNIT_EXPECT_PTR_EQ(test, by_initiator(fixture, "a"), peers[0]);
	KUNIT_EXPECT_NULL(test, by_initiator(fixture, "A"));
	KUNIT_EXPECT_EQ(test, set_initiator(peers[1], "a"), -EEXIST);
	KUNIT_EXPECT_STREQ(test, peers[1]->initiator, "");

	KUNIT_EXPECT_EQ(test, set_initiator(peers[0], "b"), 0);
	KUNIT_EXPECT_NULL(test, by_initiator(fixture, "a"));
	KUNIT_EXPECT_EQ(test, set_initiator(peers[1], "a"), 0);
	KUNIT_EXPECT_PTR_EQ(test, by_initiator(fixture, "a"), peers[1]);
	KUNIT_EXPECT_PTR_EQ(test, by_initiator(fixture, "b"), peers[0]);

	KUNIT_EXPECT_EQ(test, set_initiator(peers[0], ""), 0);
	KUNIT_EXPECT_NULL(test, by_initiator(fixture, "b"));
	KUNIT_EXPECT_NULL(test, by_initiator(fixture, ""));
}

/* With another address it is the same peer, and still sends from its port */
static void test_update(struct kunit *test)
{
	static const u8 other[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 3 };
	struct peer_fixture *fixture = test->priv;
	struct scsiip_peer *peer = fixture->peers[0];

	KUNIT_EXPECT_EQ(test, set_initiator(peer, "a"), 0);
	rtnl_lock();
	scsiip_peer_update(peer, peer_lladdrs[0], 1500);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, peer->mtu, 1500);
	KUNIT_EXPECT_PTR_EQ(test, lookup(fixture, peer_lladdrs[0]), peer);

	rtnl_lock();
	scsiip_peer_update(peer, other, 9000);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, peer->mtu, 9000);
	KUNIT_EXPECT_PTR_EQ(test, lookup(fixture, other), peer);
	KUNIT_EXPECT_NULL(test, lookup(fixture, peer_lladdrs[0]));
	KUNIT_EXPECT_PTR_EQ(test, by_initiator(fixture, "a"), peer);
}

/* docs/netlink.md: unbound, down, up; and whether it is worth waiting for */
static void test_state(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;
	struct scsiip_peer *peer = fixture->peers[0];
	struct scsiip_path *paths = fixture->paths;
	static const struct {
		enum scsiip_path_state states[2];
		bool stalled[2];
		enum scsiip_peer_state state;
		bool hopeful;
	} cases[] = {
		{ { SCSIIP_PATH_NEW, SCSIIP_PATH_NEW }, {},
		  SCSIIP_PEER_DOWN, false },
		{ { SCSIIP_PATH_UP, SCSIIP_PATH_NEW }, {}, SCSIIP_PEER_UP, true },
		{ { SCSIIP_PATH_TIMEOUT, SCSIIP_PATH_UP }, {},
		  SCSIIP_PEER_UP, true },
		{ { SCSIIP_PATH_TIMEOUT, SCSIIP_PATH_BLOCKED }, {},
		  SCSIIP_PEER_DOWN, false },
		{ { SCSIIP_PATH_UP, SCSIIP_PATH_BLOCKED }, { true },
		  SCSIIP_PEER_UP, false },
		{ { SCSIIP_PATH_UP, SCSIIP_PATH_UP }, { true, false },
		  SCSIIP_PEER_UP, true },
		{ { SCSIIP_PATH_UP, SCSIIP_PATH_UP }, { true, true },
		  SCSIIP_PEER_UP, false },
		{ { SCSIIP_PATH_READ_ONLY, SCSIIP_PATH_MISMATCH }, {},
		  SCSIIP_PEER_DOWN, false },
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, scsiip_peer_state(peer), SCSIIP_PEER_UNBOUND);
	KUNIT_EXPECT_FALSE(test, scsiip_peer_hopeful(peer));
	list_add_tail(&paths[0].peer_node, &peer->paths);
	list_add_tail(&paths[1].peer_node, &peer->paths);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		paths[0].state = cases[i].states[0];
		paths[1].state = cases[i].states[1];
		paths[0].stalled = cases[i].stalled[0];
		paths[1].stalled = cases[i].stalled[1];
		KUNIT_EXPECT_EQ_MSG(test, scsiip_peer_state(peer), cases[i].state,
				    "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, scsiip_peer_hopeful(peer),
				    cases[i].hopeful, "case %u", i);
	}

	KUNIT_EXPECT_FALSE(test, scsiip_peer_alive(peer));
	paths[1].usable = true;
	KUNIT_EXPECT_TRUE(test, scsiip_peer_alive(peer));
}

/* A datagram that weighs as much as @bytes */
static struct sk_buff *make_weight(struct kunit *test, unsigned int bytes)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, 20);
	skb->protocol = htons(ETH_P_IP);
	skb->truesize = bytes;
	return skb;
}

/*
 * 4 MiB, to the byte. The peer's work is kept from running, as its path is not
 * known to be bad, nor to be usable.
 */
static void test_queue(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;
	struct scsiip_peer *peer = fixture->peers[0];
	struct net_device *dev = fixture->link->dev;
	const unsigned int quarter = SCSIIP_QUEUE_BYTES / 4;
	unsigned int i;

	fixture->paths[0].state = SCSIIP_PATH_UP;
	list_add_tail(&fixture->paths[0].peer_node, &peer->paths);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, scsiip_peer_enqueue(peer, make_weight(test, quarter)));
	KUNIT_EXPECT_FALSE(test, scsiip_peer_enqueue(peer, make_weight(test, quarter + 1)));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_QUEUE_FULL));
	KUNIT_EXPECT_TRUE(test, scsiip_peer_enqueue(peer, make_weight(test, quarter)));
	KUNIT_EXPECT_FALSE(test, scsiip_peer_enqueue(peer, make_weight(test, 1)));
	KUNIT_EXPECT_EQ(test, 2, test_counter(dev, SCSIIP_COUNTER_TX_QUEUE_FULL));
	KUNIT_EXPECT_EQ(test, peer->queued, SCSIIP_QUEUE_BYTES);
	/* what comes back is not refused: it has been counted before */
	KUNIT_EXPECT_TRUE(test, scsiip_peer_resend(peer, make_weight(test, 1)));
	KUNIT_EXPECT_EQ(test, skb_queue_len(&peer->queue), 5);

	/* they wait for as long as there is hope, and then they are dropped */
	flush_work(&peer->work);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&peer->queue), 5);
	fixture->paths[0].state = SCSIIP_PATH_BLOCKED;
	scsiip_peer_kick(peer);
	flush_work(&peer->work);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&peer->queue), 0);
	KUNIT_EXPECT_EQ(test, peer->queued, 0);
	KUNIT_EXPECT_EQ(test, 5, test_counter(dev, SCSIIP_COUNTER_TX_NO_PATH));
}

/* Whoever still holds a peer that has gone can send nothing there */
static void test_dead(struct kunit *test)
{
	struct peer_fixture *fixture = test->priv;
	struct scsiip_peer *peer = fixture->peers[0];
	struct sk_buff *skb = make_weight(test, 1000);

	fixture->paths[0].state = SCSIIP_PATH_UP;
	list_add_tail(&fixture->paths[0].peer_node, &peer->paths);
	KUNIT_EXPECT_TRUE(test, scsiip_peer_enqueue(peer, make_weight(test, 1000)));
	INIT_LIST_HEAD(&peer->paths);
	kref_get(&peer->ref);
	rtnl_lock();
	scsiip_peer_remove(peer);
	rtnl_unlock();
	fixture->peers[0] = NULL;

	KUNIT_EXPECT_EQ(test, 1, test_counter(fixture->link->dev,
					      SCSIIP_COUNTER_TX_NO_PATH));
	KUNIT_EXPECT_FALSE(test, scsiip_peer_enqueue(peer, make_weight(test, 1000)));
	KUNIT_EXPECT_FALSE(test, scsiip_peer_resend(peer, skb));
	kfree_skb(skb);
	KUNIT_EXPECT_EQ(test, peer->queued, 0);
	scsiip_peer_kick_later(peer);
	KUNIT_EXPECT_FALSE(test, timer_pending(&peer->retry));
	scsiip_peer_put(peer);
}

static struct kunit_case peer_cases[] = {
	KUNIT_CASE(test_lookup),
	KUNIT_CASE(test_designator),
	KUNIT_CASE(test_name),
	KUNIT_CASE(test_initiator),
	KUNIT_CASE(test_update),
	KUNIT_CASE(test_state),
	KUNIT_CASE(test_queue),
	KUNIT_CASE(test_dead),
	{}
};

static struct kunit_suite peer_suite = {
	.name = "peer",
	.init = peer_suite_init,
	.exit = peer_suite_exit,
	.test_cases = peer_cases,
};

kunit_test_suites(&peer_suite);
