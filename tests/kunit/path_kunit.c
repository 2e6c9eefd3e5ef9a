// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/net/path.c and check.c: what becomes of a logical unit of type 09h, by
 * the tables of docs/interface.md.
 */
#include "path.c"
#include "suite.h"

#define LLADDR(last)	{ 0x02, 0, 0, 0, 0, last }

static const u8 lladdr_1[ETH_ALEN] = LLADDR(1);
static const u8 lladdr_7[ETH_ALEN] = LLADDR(7);

static struct test_host lab(u8 last)
{
	return (struct test_host){
		.identity = {
			.lladdr = LLADDR(last), .mtu = 65535, .network = "lab",
		},
		.naa = last,
	};
}

static bool becomes(const struct test_host *host, enum scsiip_path_state state)
{
	bool is = test_wait(READ_ONCE(host->path->state) == state);

	/* whoever has set it is through with what follows from it */
	rtnl_lock();
	rtnl_unlock();
	return is;
}

/* And does it keep that state over some checks? */
static bool stays(const struct test_host *host, enum scsiip_path_state state)
{
	test_sleep(10000);
	return READ_ONCE(host->path->state) == state;
}

/* The peer of a path; it stays for as long as nobody does anything */
static const struct scsiip_peer *peer_of(const struct test_host *host)
{
	const struct scsiip_peer *peer;

	rtnl_lock();
	peer = rtnl_dereference(host->path->peer);
	rtnl_unlock();
	return peer;
}

static const struct net_device *dev_of(const struct test_host *host)
{
	const struct scsiip_peer *peer = peer_of(host);

	return peer ? peer->link->dev : NULL;
}

static void set_policy(struct test_host *host, enum scsiip_path_policy policy,
		       const struct net_device *dev)
{
	rtnl_lock();
	scsiip_path_set_policy(host->path, policy, dev);
	scsiip_path_apply(host->path);
	rtnl_unlock();
}

static struct scsiip_peer *add_peer(struct kunit *test, struct net_device *dev,
				    u8 last, const struct test_host *host)
{
	struct scsiip_peer *peer;

	rtnl_lock();
	peer = scsiip_peer_create(netdev_priv(dev), (const u8[])LLADDR(last),
				  &host->path->designator, true);
	if (peer)
		scsiip_paths_claim(&peer->designator);
	rtnl_unlock();
	KUNIT_ASSERT_NOT_NULL(test, peer);
	return peer;
}

/* What a unit says of itself, to a host with one interface on network lab */
struct state_case {
	const char *name;
	struct test_host host;
	enum scsiip_path_state state;
};

#define IDENTITY(net)	{ LLADDR(1), .mtu = 65535, .network = (net) }

static const struct state_case state_cases[] = {
	{ "our network", { .identity = IDENTITY("lab"), .naa = 1 },
	  SCSIIP_PATH_UP },
	{ "another network", { .identity = IDENTITY("la"), .naa = 1 },
	  SCSIIP_PATH_UNATTACHED },
	{ "no network", { .identity = IDENTITY(""), .naa = 1 },
	  SCSIIP_PATH_UNATTACHED },
	{ "no identity", { .naa = 1 }, SCSIIP_PATH_NO_IDENTITY },
	{ "malformed identity",
	  { .identity = { LLADDR(1), .mtu = 67, .network = "lab" }, .naa = 1 },
	  SCSIIP_PATH_NO_IDENTITY },
	{ "no designator", { .identity = IDENTITY("lab") },
	  SCSIIP_PATH_NO_DESIGNATOR },
	{ "neither", {}, SCSIIP_PATH_NO_IDENTITY },
	{ "write-protected",
	  { .identity = IDENTITY("lab"), .naa = 1, .read_only = true },
	  SCSIIP_PATH_READ_ONLY },
	{ "offline",
	  { .identity = IDENTITY("lab"), .naa = 1,
	    .unready = { .key = NOT_READY, .asc = 4, .ascq = 0x12 } },
	  SCSIIP_PATH_NOT_READY },
	{ "not admitted",
	  { .identity = IDENTITY("lab"), .naa = 1,
	    .unready = { .key = ILLEGAL_REQUEST, .asc = 0x25 } },
	  SCSIIP_PATH_NOT_READY },
	{ "hardware error",
	  { .identity = IDENTITY("lab"), .naa = 1,
	    .unready = { .key = HARDWARE_ERROR } }, SCSIIP_PATH_TIMEOUT },
	{ "unit attentions without end",
	  { .identity = IDENTITY("lab"), .naa = 1,
	    .unready = { .key = UNIT_ATTENTION, .asc = 0x2a } },
	  SCSIIP_PATH_TIMEOUT },
	{ "transport error",
	  { .identity = IDENTITY("lab"), .naa = 1,
	    .unready = { .result = DID_ERROR << 16 } }, SCSIIP_PATH_TIMEOUT },
	{ "no answer",
	  { .identity = IDENTITY("lab"), .naa = 1, .unready = { .none = true } },
	  SCSIIP_PATH_TIMEOUT },
};

static void state_desc(const struct state_case *param, char *desc)
{
	strscpy(desc, param->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(state, state_cases, state_desc);

static void test_states(struct kunit *test)
{
	const struct state_case *param = test->param_value;
	struct net_device *dev = test_link(test, "kunit0", "lab");
	const struct test_host *host = test_host(test, &param->host);

	KUNIT_EXPECT_EQ(test, host->path->state, param->state);
	KUNIT_EXPECT_EQ(test, host->path->usable, param->state == SCSIIP_PATH_UP);
	KUNIT_EXPECT_EQ(test, netif_carrier_ok(dev), param->state == SCSIIP_PATH_UP);
	/* that it is write-protected is told only of what would be a peer */
	KUNIT_EXPECT_EQ(test, !!peer_of(host), param->state == SCSIIP_PATH_UP);
}

/* What follows when it says another thing, and when that is taken back */
static void test_comes_and_goes(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct test_host like = lab(1), *host = test_host(test, &like);
	const struct scsiip_peer *peer = peer_of(host);
	unsigned long since;

	KUNIT_ASSERT_NOT_NULL(test, peer);
	host->unready = (struct test_answer){ .key = NOT_READY, .asc = 4, .ascq = 0x12 };
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_NOT_READY));
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(dev));
	KUNIT_EXPECT_PTR_EQ(test, peer_of(host), peer);
	host->unready.key = 0;
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(dev));

	/* the transport blocks: known within two seconds, and of this clock */
	since = jiffies;
	scsi_device_set_state(host->sdev, SDEV_BLOCK);
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_BLOCKED));
	KUNIT_EXPECT_LE(test, jiffies - since, 2 * HZ);
	KUNIT_EXPECT_TRUE(test, host->path->stalled);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(dev));
	scsi_device_set_state(host->sdev, SDEV_RUNNING);
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_FALSE(test, host->path->stalled);

	/* another address is the same peer, another designator is not */
	host->identity.lladdr[5] = 2;
	KUNIT_EXPECT_TRUE(test, test_wait(ether_addr_equal(peer_of(host)->lladdr,
							   host->identity.lladdr)));
	KUNIT_EXPECT_PTR_EQ(test, peer_of(host), peer);
	host->naa = 2;
	KUNIT_EXPECT_TRUE(test, test_wait(peer_of(host)->designator.id[7] == 2));
	KUNIT_EXPECT_EQ(test, ((struct scsiip_link *)netdev_priv(dev))->peer_count, 1);

	/* another network is none of ours */
	strscpy(host->identity.network, "other", SCSIIP_NETWORK_LEN);
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UNATTACHED));
	KUNIT_EXPECT_EQ(test, ((struct scsiip_link *)netdev_priv(dev))->peer_count, 0);
	rtnl_lock();
	scsiip_link_set_network(netdev_priv(dev), "other");
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
}

/* What the peer takes, its paths carry: the MTU is lowered, and not below 1280 */
static void test_mtu(struct kunit *test)
{
	static const struct {
		u32 mtu;
		unsigned int sectors, peer, dev;
	} cases[] = {
		{ 65535, 0, 65535, 65535 },
		{ 65535, 16, 8192, 8192 },
		{ 9000, 16, 8192, 8192 },
		{ 8000, 16, 8000, 8000 },
		{ 1280, 0, 1280, 1280 },
		{ 1279, 0, 1279, 1280 },
		{ 68, 0, 68, 1280 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct net_device *dev = test_link(test, "kunit0", "lab");
		struct test_host like = lab(1), *host;

		like.identity.mtu = cases[i].mtu;
		like.limits.sectors = cases[i].sectors;
		host = test_host(test, &like);
		KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_UP);
		KUNIT_EXPECT_EQ(test, peer_of(host)->mtu, cases[i].peer);
		KUNIT_EXPECT_EQ(test, dev->mtu, cases[i].dev);
		test_tidy(test);
	}
}

/* Two interfaces on the unit's network */
static void test_two_interfaces(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct test_host like = lab(1), *host, *own;

	host = test_host(test, &like);
	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), dev);
	/* it stays where it is */
	test_link(test, "kunit1", "lab");
	KUNIT_EXPECT_TRUE(test, stays(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), dev);

	like = lab(2);
	KUNIT_EXPECT_EQ(test, test_host(test, &like)->path->state,
			SCSIIP_PATH_AMBIGUOUS);
	/* the unit of the one is a peer of the other */
	like = lab(3);
	ether_addr_copy(like.identity.lladdr, dev->dev_addr);
	own = test_host(test, &like);
	KUNIT_EXPECT_EQ(test, own->path->state, SCSIIP_PATH_UP);
	KUNIT_EXPECT_STREQ(test, dev_of(own)->name, "kunit1");
}

static void test_own(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct test_host like = lab(1), *host;

	ether_addr_copy(like.identity.lladdr, dev->dev_addr);
	host = test_host(test, &like);
	KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_OWN);
	/* not even if the administrator wants it */
	set_policy(host, SCSIIP_POLICY_NETDEV, dev);
	KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_OWN);
	KUNIT_EXPECT_NULL(test, peer_of(host));
}

/* Units with one designator are one peer; another with its address is none */
static void test_two_paths(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct scsiip_link *link = netdev_priv(dev);
	struct test_host like = lab(1), *hosts[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		like.naa = i < 2 ? 1 : 2;
		hosts[i] = test_host(test, &like);
	}
	KUNIT_EXPECT_EQ(test, link->peer_count, 1);
	KUNIT_EXPECT_NOT_NULL(test, peer_of(hosts[0]));
	KUNIT_EXPECT_PTR_EQ(test, peer_of(hosts[0]), peer_of(hosts[1]));
	KUNIT_EXPECT_EQ(test, hosts[2]->path->state, SCSIIP_PATH_DUPLICATE);

	/* the peer is up for as long as one of them is */
	hosts[0]->unready = (struct test_answer){ .key = NOT_READY };
	KUNIT_EXPECT_TRUE(test, becomes(hosts[0], SCSIIP_PATH_NOT_READY));
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(dev));
	KUNIT_EXPECT_TRUE(test, peer_of(hosts[0])->up);
	hosts[1]->unready = (struct test_answer){ .key = NOT_READY };
	KUNIT_EXPECT_TRUE(test, becomes(hosts[1], SCSIIP_PATH_NOT_READY));
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(dev));
	KUNIT_EXPECT_FALSE(test, peer_of(hosts[0])->up);

	/* with its last path a peer goes, and its address is free */
	set_policy(hosts[0], SCSIIP_POLICY_NONE, NULL);
	KUNIT_EXPECT_EQ(test, link->peer_count, 1);
	set_policy(hosts[1], SCSIIP_POLICY_NONE, NULL);
	KUNIT_EXPECT_TRUE(test, becomes(hosts[2], SCSIIP_PATH_UP));
	KUNIT_EXPECT_EQ(test, link->peer_count, 1);
	/* what does not answer is left alone, too, which needs no RTNL */
	rtnl_lock();
	KUNIT_EXPECT_TRUE(test, stays(hosts[0], SCSIIP_PATH_DETACHED));
	KUNIT_EXPECT_EQ(test, work_busy(&hosts[0]->path->work), 0);
	rtnl_unlock();
}

static void test_policies(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct net_device *other = test_link(test, "kunit1", "other");
	struct test_host like = lab(1), *host = test_host(test, &like);

	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), dev);
	set_policy(host, SCSIIP_POLICY_NETDEV, other);
	KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_UP);
	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), other);
	KUNIT_EXPECT_TRUE(test, test_wait(!netif_carrier_ok(dev)));

	set_policy(host, SCSIIP_POLICY_NONE, NULL);
	KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_DETACHED);
	KUNIT_EXPECT_NULL(test, dev_of(host));
	KUNIT_EXPECT_TRUE(test, stays(host, SCSIIP_PATH_DETACHED));
	set_policy(host, SCSIIP_POLICY_AUTO, NULL);
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), dev);

	/* the one that was named has gone: no other will do, but one of its name */
	set_policy(host, SCSIIP_POLICY_NETDEV, other);
	rtnl_lock();
	unregister_netdevice(other);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UNATTACHED));
	KUNIT_EXPECT_NULL(test, dev_of(host));
	other = test_link(test, "kunit1", "");
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), other);
}

/* A unit without a page of ours goes where its address was pinned */
static void test_pinned(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct test_host *host = test_host(test, &(struct test_host){ .naa = 1 });

	set_policy(host, SCSIIP_POLICY_NETDEV, dev);
	KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_NO_IDENTITY);
	memcpy(host->path->pinned, lladdr_7, ETH_ALEN);
	set_policy(host, SCSIIP_POLICY_NETDEV, dev);
	/* if that is the first it hears of it, the next check says so */
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_EQ(test, peer_of(host)->lladdr[5], 7);

	/* now it has one, and it says something else */
	host->identity = (struct scsiip_identity)IDENTITY("lab");
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_MISMATCH));
	host->identity.lladdr[5] = 7;
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
}

/*
 * What waits for a path of PEER that does not move just now, when HOST goes: an
 * added peer stays, and has nobody who looks after its queue any more
 */
static void left_alone(struct kunit *test, struct test_host *host, struct scsiip_peer *peer)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	unsigned int waited;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, 20);
	skb->protocol = htons(ETH_P_IP);
	rtnl_lock();
	WRITE_ONCE(host->path->usable, false);
	scsiip_peer_enqueue(peer, skb);
	flush_work(&peer->work);
	waited = skb_queue_len(&peer->queue);
	scsiip_path_set_policy(host->path, SCSIIP_POLICY_NONE, NULL);
	scsiip_path_apply(host->path);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, waited, 1);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&peer->queue), 0);
}

/* A peer that was added has the first say */
static void test_static(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct net_device *other = test_link(test, "kunit1", "");
	struct scsiip_link *link = netdev_priv(other);
	struct test_host like = lab(1), *host = test_host(test, &like);
	struct scsiip_peer *peer;

	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), dev);
	peer = add_peer(test, other, 1, host);
	KUNIT_EXPECT_TRUE(test, test_wait(peer_of(host) == peer));
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));

	/* whoever added it sees where it differs */
	host->identity.lladdr[5] = 2;
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_MISMATCH));
	KUNIT_EXPECT_PTR_EQ(test, peer_of(host), peer);
	host->identity.lladdr[5] = 1;
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));

	/* without any path it stays; by being added it comes back */
	left_alone(test, host, peer);
	KUNIT_EXPECT_TRUE(test, stays(host, SCSIIP_PATH_DETACHED));
	KUNIT_EXPECT_EQ(test, link->peer_count, 1);
	rtnl_lock();
	scsiip_paths_claim(&peer->designator);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_PTR_EQ(test, peer_of(host), peer);

	/* two that claim it: it stays where it is, and has no place if it is new */
	add_peer(test, dev, 1, host);
	KUNIT_EXPECT_TRUE(test, stays(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_PTR_EQ(test, peer_of(host), peer);
	like = lab(1);
	KUNIT_EXPECT_EQ(test, test_host(test, &like)->path->state,
			SCSIIP_PATH_AMBIGUOUS);

	/* one that is deleted leaves its units alone */
	rtnl_lock();
	scsiip_peer_delete(peer);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_DETACHED);
	KUNIT_EXPECT_EQ(test, link->peer_count, 0);
}

/* No host adapter with pages of 4 KiB is that small */
static void test_too_small(struct kunit *test)
{
	struct scsiip_link *link = netdev_priv(test_link(test, "kunit0", "lab"));
	struct scsiip_path path = { .identity = IDENTITY("lab") };
	enum scsiip_path_state states[2];

	rtnl_lock();
	path.limit = 1279;
	states[0] = path_judge(&path, link, NULL);
	path.limit = 1280;
	states[1] = path_judge(&path, link, NULL);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, states[0], SCSIIP_PATH_TOO_SMALL);
	KUNIT_EXPECT_EQ(test, states[1], SCSIIP_PATH_UP);
}

static void set_address(struct kunit *test, struct net_device *dev, u8 last)
{
	struct sockaddr_storage addr = { .ss_family = dev->type };
	u8 lladdr[ETH_ALEN] = LLADDR(last);
	int ret;

	memcpy(((struct sockaddr *)&addr)->sa_data, lladdr, ETH_ALEN);
	rtnl_lock();
	ret = dev_set_mac_address(dev, (void *)&addr, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, ret, 0);
}

/* Our address becomes that of a peer, and is another again */
static void test_own_address(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct test_host like = lab(1), *host = test_host(test, &like);

	KUNIT_ASSERT_EQ(test, host->path->state, SCSIIP_PATH_UP);
	set_address(test, dev, 1);
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_OWN));
	set_address(test, dev, 7);
	KUNIT_EXPECT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
}

/* rechecked: does it have all paths looked at, to be taken down and set up again? */
static bool rechecked(struct net_device *dev)
{
	int before = atomic_read(&generation);
	bool is;

	rtnl_lock();
	dev_close(dev);
	is = dev_open(dev, NULL) || atomic_read(&generation) != before;
	rtnl_unlock();
	return is;
}

/* What may have no peer is anybody's, in a namespace of his own */
static void test_recheck(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "");
	struct net_device *lab_dev = test_link(test, "kunit1", "lab");
	struct test_host like = lab(1), *host = test_host(test, &like);

	KUNIT_EXPECT_FALSE(test, rechecked(dev));
	KUNIT_EXPECT_TRUE(test, rechecked(lab_dev));
	set_policy(host, SCSIIP_POLICY_NETDEV, dev);
	KUNIT_ASSERT_TRUE(test, becomes(host, SCSIIP_PATH_UP));
	KUNIT_EXPECT_PTR_EQ(test, dev_of(host), (const struct net_device *)dev);
	KUNIT_EXPECT_TRUE(test, rechecked(dev));
}

static unsigned int released;

static void release(struct sk_buff *skb)
{
	released++;
}

static void send(struct net_device *dev, struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(ETH_HLEN + 40, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, ETH_HLEN + 40);
	memcpy(skb->data, lladdr_1, ETH_ALEN);
	((struct ethhdr *)skb->data)->h_proto = htons(ETH_P_IPV6);
	skb->destructor = release;
	local_bh_disable();
	scsiip_start_xmit(skb, dev);
	local_bh_enable();
}

/* What does not move for a second lets go of its sender; the rest goes on */
static void test_orphan(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct test_host like = lab(1), *host;

	like.answers[0].none = true;
	host = test_host(test, &like);
	released = 0;
	send(dev, test);
	KUNIT_EXPECT_TRUE(test, test_wait(host->messages == 1));
	test_sleep(900);
	KUNIT_EXPECT_EQ(test, released, 0);
	KUNIT_EXPECT_TRUE(test, test_wait(released == 1));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_ORPHANED));
	/* it was that datagram only: the path answers its checks */
	KUNIT_EXPECT_EQ(test, host->path->state, SCSIIP_PATH_UP);
	send(dev, test);
	KUNIT_EXPECT_TRUE(test, test_wait(released == 2));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_COMPLETED));

	/* the other one is never sent again */
	KUNIT_EXPECT_TRUE(test, test_wait(test_counter(dev, SCSIIP_COUNTER_TX_UNCERTAIN)));
	KUNIT_EXPECT_EQ(test, host->messages, 2);
}

/* Nothing moves, no check is answered: datagrams take another path, or none */
static void test_stalled(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct test_host like = lab(1), *stuck, *other;

	like.answers[0].none = true;
	stuck = test_host(test, &like);
	stuck->unready.none = true;
	released = 0;
	send(dev, test);
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(stuck->path->stalled)));
	KUNIT_EXPECT_EQ(test, stuck->path->state, SCSIIP_PATH_UP);
	send(dev, test);
	KUNIT_EXPECT_TRUE(test, test_wait(released == 2));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_TX_NO_PATH));

	like.answers[0].none = false;
	other = test_host(test, &like);
	KUNIT_ASSERT_EQ(test, other->path->state, SCSIIP_PATH_UP);
	send(dev, test);
	KUNIT_EXPECT_TRUE(test, test_wait(released == 3));
	KUNIT_EXPECT_EQ(test, other->messages, 1);
	KUNIT_EXPECT_EQ(test, stuck->messages, 1);
	stuck->unready.none = false;
	KUNIT_EXPECT_TRUE(test, becomes(stuck, SCSIIP_PATH_UP));
}

static struct kunit_case path_cases[] = {
	KUNIT_CASE_PARAM(test_states, state_gen_params),
	KUNIT_CASE(test_comes_and_goes),
	KUNIT_CASE(test_mtu),
	KUNIT_CASE(test_two_interfaces),
	KUNIT_CASE(test_own),
	KUNIT_CASE(test_two_paths),
	KUNIT_CASE(test_policies),
	KUNIT_CASE(test_pinned),
	KUNIT_CASE(test_static),
	KUNIT_CASE(test_too_small),
	KUNIT_CASE(test_own_address),
	KUNIT_CASE(test_recheck),
	KUNIT_CASE(test_orphan),
	KUNIT_CASE(test_stalled),
	{}
};

static struct kunit_suite path_suite = {
	.name = "path",
	.exit = test_tidy,
	.test_cases = path_cases,
};

kunit_test_suites(&path_suite);
