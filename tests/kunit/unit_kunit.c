// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/net/unit.c: which interface is behind a logical unit, by
 * docs/interface.md.
 */
#include <linux/if_arp.h>

#include "unit.c"
#include "suite.h"

static struct scsiip_unit *make_unit(struct kunit *test, const char *netdev,
				     bool attach)
{
	struct scsiip_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, unit);
	strscpy(unit->netdev, netdev, IFNAMSIZ);
	unit->attach = attach;
	unit->serial = "";
	return unit;
}

static void delete_link(struct net_device *dev)
{
	rtnl_lock();
	unregister_netdevice(dev);
	rtnl_unlock();
}

/* "The storage object", its errors */
static void test_enable(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "");
	struct scsiip_unit *unit = make_unit(test, "kunit0", true);
	static const struct {
		const char *netdev, *network;
		bool attach;
		int error;
	} cases[] = {
		{ "", "", true, -EINVAL },
		{ "a b", "", true, -EINVAL },
		{ "a/b", "", false, -EINVAL },
		{ "sip%d", "", false, -EINVAL },
		{ "kunit0", "a b", true, -EINVAL },
		{ "kunit1", "", true, -ENODEV },
		{ "lo", "", true, -EINVAL },
		{ "lo", "", false, -EEXIST },
		{ "kunit0", "", false, -EEXIST },
		{ "kunit0", "", true, -EBUSY },
	};
	unsigned int i;

	strscpy(unit->network, "lab", SCSIIP_NETWORK_LEN);
	KUNIT_ASSERT_EQ(test, scsiip_unit_enable(unit), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsiip_unit *other = make_unit(test, cases[i].netdev,
						      cases[i].attach);

		strscpy(other->network, cases[i].network, SCSIIP_NETWORK_LEN);
		KUNIT_EXPECT_EQ_MSG(test, scsiip_unit_enable(other),
				    cases[i].error, "case %u", i);
		KUNIT_EXPECT_NULL(test, rcu_access_pointer(other->dev));
	}
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(unit->dev), dev);

	/* what was attached stays, under its network name, and is free again */
	scsiip_unit_disable(unit);
	KUNIT_EXPECT_EQ(test, dev->reg_state, NETREG_REGISTERED);
	KUNIT_EXPECT_STREQ(test, ((struct scsiip_link *)netdev_priv(dev))->network, "lab");
	unit = make_unit(test, "kunit0", true);
	KUNIT_EXPECT_EQ(test, scsiip_unit_enable(unit), 0);
	KUNIT_EXPECT_STREQ(test, ((struct scsiip_link *)netdev_priv(dev))->network, "lab");
	scsiip_unit_disable(unit);
}

/* An interface that a unit has made goes with it, and has an address of it */
static void test_made(struct kunit *test)
{
	struct scsiip_unit *unit = make_unit(test, "kunit0", false);
	u8 lladdrs[3][ETH_ALEN];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct net_device *dev;

		unit->serial = i < 2 ? "5d1c2ee2-0000-4000-8000-00000000000a" :
				       "5d1c2ee2-0000-4000-8000-00000000000b";
		KUNIT_ASSERT_EQ(test, scsiip_unit_enable(unit), 0);
		dev = rcu_access_pointer(unit->dev);
		ether_addr_copy(lladdrs[i], dev->dev_addr);
		KUNIT_EXPECT_TRUE(test, is_valid_ether_addr(lladdrs[i]));
		KUNIT_EXPECT_TRUE(test, is_local_ether_addr(lladdrs[i]));
		KUNIT_EXPECT_EQ(test, dev->addr_assign_type, NET_ADDR_PERM);
		KUNIT_EXPECT_FALSE(test, scsiip_unit_ready(unit));
		scsiip_unit_disable(unit);
		KUNIT_EXPECT_NULL(test, rcu_access_pointer(unit->dev));
		KUNIT_EXPECT_NULL(test, dev_get_by_name(&init_net, "kunit0"));
	}
	/* it survives, and is nobody else's */
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(lladdrs[0], lladdrs[1]));
	KUNIT_EXPECT_FALSE(test, ether_addr_equal(lladdrs[0], lladdrs[2]));
}

/* A serial number that comes late counts, an address that was set stays */
static void test_late_serial(struct kunit *test)
{
	struct scsiip_unit *unit = make_unit(test, "kunit0", false);
	struct sockaddr sa = { .sa_family = ARPHRD_ETHER };
	u8 random[ETH_ALEN], derived[ETH_ALEN];
	struct net_device *dev;

	KUNIT_ASSERT_EQ(test, scsiip_unit_enable(unit), 0);
	dev = rcu_access_pointer(unit->dev);
	ether_addr_copy(random, dev->dev_addr);
	unit->serial = "serial";
	rtnl_lock();
	dev_open(dev, NULL);
	rtnl_unlock();
	KUNIT_EXPECT_FALSE(test, ether_addr_equal(dev->dev_addr, random));
	KUNIT_EXPECT_TRUE(test, scsiip_unit_ready(unit));

	ether_addr_copy(derived, dev->dev_addr);
	memcpy(sa.sa_data, (const u8[]){ 2, 1, 2, 3, 4, 5 }, ETH_ALEN);
	unit->serial = "another";
	rtnl_lock();
	dev_close(dev);
	dev_set_mac_address(dev, &sa, NULL);
	dev_open(dev, NULL);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(dev->dev_addr, sa.sa_data));
	scsiip_unit_disable(unit);
}

/* A unit whose interface was deleted waits for one of that name */
static void test_adopt(struct kunit *test)
{
	struct net_device *dev = test_link(test, "kunit0", "lab");
	struct scsiip_unit *unit = make_unit(test, "kunit0", true);
	struct scsiip_unit *second = make_unit(test, "kunit1", true);
	struct scsiip_identity identity;

	KUNIT_ASSERT_EQ(test, scsiip_unit_enable(unit), 0);
	test_link(test, "kunit1", "");
	KUNIT_ASSERT_EQ(test, scsiip_unit_enable(second), 0);
	scsiip_unit_identity(unit, &identity);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(identity.lladdr, dev->dev_addr));
	KUNIT_EXPECT_EQ(test, identity.mtu, SCSIIP_MAX_DATAGRAM);
	KUNIT_EXPECT_EQ(test, identity.features, 0);
	KUNIT_EXPECT_STREQ(test, identity.network, "lab");

	delete_link(dev);
	KUNIT_EXPECT_FALSE(test, scsiip_unit_ready(unit));
	scsiip_unit_identity(unit, &identity);
	KUNIT_EXPECT_NULL(test, memchr_inv(&identity, 0, sizeof(identity)));
	/* nobody counts that */
	scsiip_unit_refused(unit, SCSIIP_RESERVED);

	/* another name is not it, until it is */
	test_link(test, "kunit2", "");
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(unit->dev));
	dev = test_link(test, "kunit0", "");
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(unit->dev), dev);
	KUNIT_EXPECT_TRUE(test, scsiip_unit_ready(unit));

	scsiip_unit_refused(unit, SCSIIP_RESERVED);
	scsiip_unit_refused(unit, SCSIIP_TOO_LONG);
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_RX_RESERVED_BITS));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_RX_TOO_LONG));
	scsiip_unit_disable(second);
	scsiip_unit_disable(unit);
}

static struct kunit_case unit_cases[] = {
	KUNIT_CASE(test_enable),
	KUNIT_CASE(test_made),
	KUNIT_CASE(test_late_serial),
	KUNIT_CASE(test_adopt),
	{}
};

static struct kunit_suite unit_suite = {
	.name = "unit",
	.exit = test_tidy,
	.test_cases = unit_cases,
};

kunit_test_suites(&unit_suite);
