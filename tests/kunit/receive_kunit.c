// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/net/receive.c: what of a SEND MESSAGE's data the network stack gets to
 * see, by the tables of docs/wire.md ("Answers") and docs/interface.md.
 */
#include "receive.c"
#include "suite.h"

#define INITIATOR "iqn.2026-11.lab.scsiip:kunit"

static const u8 known_lladdr[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 0x0a };
static const u8 other_lladdr[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 0x0b };
static const u8 zero_lladdr[ETH_ALEN];

/* The interface of a unit, with a peer whose initiator port is known */
struct receive_fixture {
	struct scsiip_unit unit;
	struct net_device *dev;
	struct in_ifaddr ifa;
	struct packet_type tap;
	u8 *data;			/* room for the longest data-out */

	/* the last datagram the network core has seen */
	unsigned int seen;
	unsigned int len;
	u8 *bytes;
	struct ethhdr eth;
	u16 protocol;
	u8 pkt_type;
	struct page *frag;
	bool good_sum;

	/* of an skb whose checksum is to be filled in */
	u32 csum_start;

	/* wanted: somebody who reads it later; what data-out was in is used again */
	bool late;
	struct sk_buff *held;
};

static int receive_tap(struct sk_buff *skb, struct net_device *dev,
		       struct packet_type *pt, struct net_device *orig_dev)
{
	struct receive_fixture *fixture = pt->af_packet_priv;

	/* an interface that is up says something itself */
	if (skb->pkt_type == PACKET_OUTGOING)
		goto out;
	fixture->seen++;
	fixture->len = skb->len;
	if (skb_copy_bits(skb, 0, fixture->bytes, skb->len))
		fixture->len = 0;
	fixture->eth = *eth_hdr(skb);
	fixture->protocol = ntohs(skb->protocol);
	fixture->pkt_type = skb->pkt_type;
	fixture->frag = skb_shinfo(skb)->nr_frags ?
			skb_frag_page(&skb_shinfo(skb)->frags[0]) : NULL;
	fixture->good_sum = skb->ip_summed == CHECKSUM_NONE ||
			    (skb->ip_summed == CHECKSUM_COMPLETE &&
			     csum_fold(skb->csum) ==
			     csum_fold(skb_checksum(skb, 0, skb->len, 0)));
	if (fixture->late && !fixture->held) {
		fixture->held = skb;
		return NET_RX_SUCCESS;
	}
out:
	kfree_skb(skb);
	return NET_RX_SUCCESS;
}

static int receive_suite_init(struct kunit *test)
{
	static const struct scsiip_designator designator = { .type = 3, .len = 1 };
	struct receive_fixture *fixture;
	struct scsiip_peer *peer;
	int ret = -ENOMEM;

	fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fixture);
	fixture->data = kunit_kzalloc(test, SCSIIP_MAX_TRANSFER, GFP_KERNEL);
	fixture->bytes = kunit_kzalloc(test, SCSIIP_MAX_TRANSFER, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fixture->data);
	KUNIT_ASSERT_NOT_NULL(test, fixture->bytes);

	fixture->dev = test_link(test, "kunit0", "");
	strscpy(fixture->unit.netdev, "kunit0", IFNAMSIZ);
	fixture->unit.attach = true;
	fixture->unit.serial = "";
	KUNIT_ASSERT_EQ(test, scsiip_unit_enable(&fixture->unit), 0);
	test->priv = fixture;

	rtnl_lock();
	peer = scsiip_peer_create(netdev_priv(fixture->dev), known_lladdr,
				  &designator, true);
	if (peer)
		ret = scsiip_peer_set_initiator(peer, INITIATOR);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, ret, 0);

	fixture->tap.type = htons(ETH_P_ALL);
	fixture->tap.dev = fixture->dev;
	fixture->tap.func = receive_tap;
	fixture->tap.af_packet_priv = fixture;
	dev_add_pack(&fixture->tap);
	return 0;
}

static void receive_suite_exit(struct kunit *test)
{
	struct receive_fixture *fixture = test->priv;

	if (fixture) {
		if (fixture->tap.func)
			dev_remove_pack(&fixture->tap);
		kfree_skb(fixture->held);
		scsiip_unit_disable(&fixture->unit);
	}
	test_tidy(test);
}

/* The memory that data-out is in */
enum list {
	SMALL,		/* one entry of kmalloc()ed memory */
	OWN_PAGES,	/* one page each, full but the last */
	ODD_PARTS,	/* one page each, 1001 bytes in its middle */
	TWO_PAGES,	/* entries of two pages each */
	LISTS
};

#define LIST_PAGES 34

static unsigned int make_list(struct kunit *test, enum list list,
			      struct scatterlist *sgl, const u8 *data, u32 len)
{
	static const struct {
		u32 size, offset, order;
	} layouts[LISTS] = {
		[OWN_PAGES]	= { PAGE_SIZE, 0, 0 },
		[ODD_PARTS]	= { 1001, 77, 0 },
		[TWO_PAGES]	= { 2 * PAGE_SIZE, 0, 1 },
	};
	u32 size = layouts[list].size, offset = layouts[list].offset, done, part;
	unsigned int n = 0;

	sg_init_table(sgl, LIST_PAGES);
	if (list == SMALL) {
		u8 *copy = kunit_kzalloc(test, len, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, copy);
		memcpy(copy, data, len);
		sg_set_buf(&sgl[n++], copy, len);
		sg_mark_end(&sgl[0]);
		return 1;
	}

	for (done = 0; done < len; done += part) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP,
						layouts[list].order);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_ASSERT_LT(test, n, LIST_PAGES);
		part = min(size, len - done);
		memcpy(page_address(page) + offset, data + done, part);
		sg_set_page(&sgl[n++], page, part, offset);
	}
	sg_mark_end(&sgl[n - 1]);
	return n;
}

static void free_list(enum list list, struct scatterlist *sgl, unsigned int nents)
{
	unsigned int i;

	for (i = 0; i < nents && list != SMALL; i++)
		put_page(sg_page(&sgl[i]));
}

static enum scsiip_verdict deliver(struct kunit *test, enum list list,
				   const char *initiator, u16 ethertype, u32 len,
				   bool by_reference)
{
	const struct scsiip_message msg = { .length = len, .ethertype = ethertype };
	struct receive_fixture *fixture = test->priv;
	static struct scatterlist sgl[LIST_PAGES];
	enum scsiip_verdict verdict;
	unsigned int nents, i;

	nents = make_list(test, list, sgl, fixture->data, len);
	verdict = scsiip_unit_receive(&fixture->unit, initiator, &msg, sgl, nents,
				      by_reference);
	for (i = 0; i < nents && fixture->late; i++)
		memset(sg_virt(&sgl[i]), 0xff, sgl[i].length);
	free_list(list, sgl, nents);
	return verdict;
}

static u8 *make_ipv4(struct receive_fixture *fixture, u16 len, u32 daddr)
{
	get_random_bytes(fixture->data, SCSIIP_MAX_TRANSFER);
	fixture->data[0] = 0x45;
	put_unaligned_be16(len, &fixture->data[2]);
	put_unaligned_be32(daddr, &fixture->data[16]);
	return fixture->data;
}

static u8 *make_ipv6(struct receive_fixture *fixture, u16 payload)
{
	get_random_bytes(fixture->data, SCSIIP_MAX_TRANSFER);
	fixture->data[0] = 0x60;
	put_unaligned_be16(payload, &fixture->data[4]);
	fixture->data[6] = 59;		/* no next header */
	fixture->data[24] = 0xfe;
	return fixture->data;
}

static void make_arp(struct receive_fixture *fixture, u16 op, const u8 *sender,
		     const u8 *target)
{
	static const u8 head[] = { 0, 1, 8, 0, 6, 4, 0 };
	u8 *data = fixture->data;

	memset(data, 0, 28);
	memcpy(data, head, sizeof(head));
	data[7] = op;
	memcpy(&data[8], sender, ETH_ALEN);
	put_unaligned_be32(0x0a000001, &data[14]);
	memcpy(&data[18], target, ETH_ALEN);
	put_unaligned_be32(0x0a000002, &data[24]);
}

/* Every length class in every kind of memory, copied or taken over */
struct memory_case {
	const char *name;
	enum list list;
	bool by_reference;
	u32 transfer;			/* data-out may be longer than the datagram */
	u16 len;
	bool taken_over;
};

static const struct memory_case memory_cases[] = {
	{ "shortest", SMALL, false, 20, 20 },
	{ "head only", SMALL, false, RECEIVE_HEAD, RECEIVE_HEAD },
	{ "head and a byte", SMALL, false, RECEIVE_HEAD + 1, RECEIVE_HEAD + 1 },
	{ "slab memory is not taken over", SMALL, true, 1500, 1500 },
	{ "pages", OWN_PAGES, false, 60000, 60000 },
	{ "pages taken over", OWN_PAGES, true, 60000, 60000, true },
	{ "longest", OWN_PAGES, false, 65535, 65535 },
	{ "longest taken over", OWN_PAGES, true, 65535, 65535, true },
	{ "padded", OWN_PAGES, false, 65536 + 512, 40000 },
	{ "padded, taken over", OWN_PAGES, true, 65536 + 512, 40000, true },
	{ "what fits into the head is copied", OWN_PAGES, true, 4096, RECEIVE_HEAD },
	{ "a byte more is not", OWN_PAGES, true, 4096, RECEIVE_HEAD + 1, true },
	{ "odd parts", ODD_PARTS, false, 9000, 9000 },
	{ "odd parts taken over", ODD_PARTS, true, 9000, 9000, true },
	{ "17 pieces", ODD_PARTS, true, 17 * 1001, 17 * 1001, true },
	{ "18 pieces are copied", ODD_PARTS, true, 18 * 1001, 18 * 1001 },
	{ "entries of several pages are copied", TWO_PAGES, true, 20000, 20000 },
	{ "entries of several pages", TWO_PAGES, false, 65535, 65535 },
};

static void memory_desc(const struct memory_case *param, char *desc)
{
	strscpy(desc, param->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(memory, memory_cases, memory_desc);

static void test_memory(struct kunit *test)
{
	const struct memory_case *param = test->param_value;
	struct receive_fixture *fixture = test->priv;

	make_ipv4(fixture, param->len, 0x0a000001);
	/* a fabric may use again at once what it does not give away */
	fixture->late = !param->taken_over;
	KUNIT_ASSERT_EQ(test, deliver(test, param->list, NULL, ETH_P_IP,
				      param->transfer, param->by_reference),
			SCSIIP_ACCEPTED);
	KUNIT_ASSERT_EQ(test, fixture->seen, 1);
	KUNIT_EXPECT_EQ(test, fixture->len, param->len);
	KUNIT_EXPECT_TRUE(test, !memcmp(fixture->bytes, fixture->data, param->len));
	KUNIT_EXPECT_TRUE(test, fixture->good_sum);
	if (fixture->held) {
		KUNIT_ASSERT_EQ(test, 0, skb_copy_bits(fixture->held, 0, fixture->bytes,
						       param->len));
		KUNIT_EXPECT_TRUE(test, !memcmp(fixture->bytes, fixture->data, param->len));
	}
	KUNIT_EXPECT_EQ(test, !param->taken_over, !!fixture->held);
	KUNIT_EXPECT_EQ(test, param->taken_over,
			test_counter(fixture->dev, SCSIIP_COUNTER_RX_ZERO_COPY));
	KUNIT_EXPECT_EQ(test, !param->taken_over,
			test_counter(fixture->dev, SCSIIP_COUNTER_RX_COPY));
}

/* The rows of docs/wire.md that the data decides; each refusal is counted */
struct refusal_case {
	const char *name;
	u16 ethertype;
	u32 transfer;
	u8 head[8];
	struct {
		enum scsiip_verdict verdict;
		enum scsiip_counter_attr counter;
	} answer;
};

#define COPIED	{ SCSIIP_ACCEPTED, SCSIIP_COUNTER_RX_COPY }
#define SHORT	{ SCSIIP_SHORT_DATAGRAM, SCSIIP_COUNTER_RX_SHORT_DATAGRAM }
#define BAD	{ SCSIIP_BAD_HEADER, SCSIIP_COUNTER_RX_BAD_HEADER }

static const struct refusal_case refusal_cases[] = {
	{ "IPv4 header", ETH_P_IP, 20, { 0x45, 0, 0, 20 }, COPIED },
	{ "no room for it", ETH_P_IP, 19, { 0x45, 0, 0, 19 }, SHORT },
	{ "one byte", ETH_P_IP, 1, { 0x45 }, SHORT },
	{ "version before length", ETH_P_IP, 1, { 0x65 }, BAD },
	{ "IPv4 longer than sent", ETH_P_IP, 1499, { 0x45, 0, 1500 >> 8, 1500 & 255 },
	  SHORT },
	{ "IPv4 header too short", ETH_P_IP, 20, { 0x44, 0, 0, 20 }, BAD },
	{ "IPv4 length below its header's", ETH_P_IP, 24, { 0x46, 0, 0, 23 }, BAD },
	{ "IPv6 as IPv4", ETH_P_IP, 40, { 0x60 }, BAD },
	{ "IPv4 as IPv6", ETH_P_IPV6, 40, { 0x45, 0, 0, 40 }, BAD },
	{ "neither", 0, 40, { 0x55, 0, 0, 40 }, BAD },
	{ "IPv6 header", ETH_P_IPV6, 40, { 0x60 }, COPIED },
	{ "no room for that", ETH_P_IPV6, 39, { 0x60 }, SHORT },
	{ "IPv6 longer than sent", ETH_P_IPV6, 49, { 0x60, 0, 0, 0, 0, 10 }, SHORT },
	{ "IPv6 as long as sent", ETH_P_IPV6, 50, { 0x60, 0, 0, 0, 0, 10 }, COPIED },
	{ "(6) with IPv4", 0, 20, { 0x45, 0, 0, 20 }, COPIED },
	{ "(6) with IPv6", 0, 40, { 0x60 }, COPIED },
	{ "ARP", ETH_P_ARP, 28, {}, COPIED },
	{ "no room for ARP", ETH_P_ARP, 27, {}, SHORT },
};

static void refusal_desc(const struct refusal_case *param, char *desc)
{
	strscpy(desc, param->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusal, refusal_cases, refusal_desc);

static void test_refusals(struct kunit *test)
{
	const struct refusal_case *param = test->param_value;
	struct receive_fixture *fixture = test->priv;
	enum scsiip_counter_attr i;

	memcpy(fixture->data, param->head, sizeof(param->head));
	KUNIT_EXPECT_EQ(test, deliver(test, OWN_PAGES, NULL, param->ethertype,
				      param->transfer, false), param->answer.verdict);
	KUNIT_EXPECT_EQ(test, fixture->seen, param->answer.verdict == SCSIIP_ACCEPTED);
	for (i = SCSIIP_FIRST_COUNTER; i <= SCSIIP_COUNTER_RX_COPY; i++)
		KUNIT_EXPECT_EQ_MSG(test, i == param->answer.counter,
				    test_counter(fixture->dev, i), "%s",
				    scsiip_counter_names[i]);
}

/* The wire has no Ethernet header: what is made up, of what */
static void expect_header(struct kunit *test, const char *initiator, u16 ethertype,
			  u32 len, u8 pkt_type, const u8 *dest, const u8 *source)
{
	struct receive_fixture *fixture = test->priv;
	unsigned int seen = fixture->seen;

	KUNIT_EXPECT_EQ(test, deliver(test, SMALL, initiator, ethertype, len, false),
			SCSIIP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, fixture->seen, seen + 1);
	KUNIT_EXPECT_EQ(test, fixture->pkt_type, pkt_type);
	KUNIT_EXPECT_TRUE_MSG(test, ether_addr_equal(fixture->eth.h_dest, dest),
			      "%pM", fixture->eth.h_dest);
	KUNIT_EXPECT_TRUE_MSG(test, ether_addr_equal(fixture->eth.h_source, source),
			      "%pM", fixture->eth.h_source);
	if (ethertype)
		KUNIT_EXPECT_EQ(test, fixture->protocol, ethertype);
}

/* An address of the interface, as far as the code under test looks at it */
static void set_address(struct receive_fixture *fixture, u8 prefixlen)
{
	struct in_device *in_dev;

	rtnl_lock();
	in_dev = __in_dev_get_rtnl(fixture->dev);
	fixture->ifa.ifa_address = htonl(0x0a000001);
	fixture->ifa.ifa_mask = inet_make_mask(prefixlen);
	fixture->ifa.ifa_prefixlen = prefixlen;
	rcu_assign_pointer(in_dev->ifa_list, prefixlen ? &fixture->ifa : NULL);
	rtnl_unlock();
	synchronize_rcu();
}

static void test_headers_ipv4(struct kunit *test)
{
	static const u8 multicast[ETH_ALEN] = { 1, 0, 0x5e, 0x7f, 1, 2 };
	static const u8 broadcast[ETH_ALEN] = { 255, 255, 255, 255, 255, 255 };
	struct receive_fixture *fixture = test->priv;
	const u8 *own = fixture->dev->dev_addr;
	static const struct {
		u32 daddr;
		u8 pkt_type;
	} cases[] = {
		{ 0x0a000001, PACKET_HOST },
		{ 0x0a0000ff, PACKET_BROADCAST },	/* of our own network */
		{ 0x0a0001ff, PACKET_HOST },		/* of another */
		{ 0xffffffff, PACKET_BROADCAST },
		{ 0xe0ff0102, PACKET_MULTICAST },
		{ 0xdfff0102, PACKET_HOST },		/* just not multicast */
	};
	unsigned int i;

	set_address(fixture, 24);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const u8 *dest = own;

		if (cases[i].pkt_type == PACKET_BROADCAST)
			dest = broadcast;
		else if (cases[i].pkt_type == PACKET_MULTICAST)
			dest = multicast;
		make_ipv4(fixture, 20, cases[i].daddr);
		expect_header(test, NULL, ETH_P_IP, 20, cases[i].pkt_type, dest,
			      zero_lladdr);
		expect_header(test, INITIATOR, ETH_P_IP, 20, cases[i].pkt_type,
			      dest, known_lladdr);
		/* not known is not known */
		expect_header(test, INITIATOR "x", ETH_P_IP, 20,
			      cases[i].pkt_type, dest, zero_lladdr);
		expect_header(test, "", 0, 20, cases[i].pkt_type, dest,
			      zero_lladdr);
	}

	/* of a network of two there is no broadcast, RFC 3021 */
	set_address(fixture, 31);
	make_ipv4(fixture, 20, 0x0a000001);
	expect_header(test, NULL, ETH_P_IP, 20, PACKET_HOST, own, zero_lladdr);
	set_address(fixture, 0);
}

static void test_headers_ipv6(struct kunit *test)
{
	static const u8 multicast[ETH_ALEN] = { 0x33, 0x33, 1, 2, 3, 4 };
	struct receive_fixture *fixture = test->priv;
	u8 *data = make_ipv6(fixture, 0);

	expect_header(test, NULL, ETH_P_IPV6, 40, PACKET_HOST,
		      fixture->dev->dev_addr, zero_lladdr);
	data[24] = 0xff;
	put_unaligned_be32(0x01020304, &data[36]);
	expect_header(test, INITIATOR, ETH_P_IPV6, 40, PACKET_MULTICAST, multicast,
		      known_lladdr);
}

static void test_headers_arp(struct kunit *test)
{
	static const u8 broadcast[ETH_ALEN] = { 255, 255, 255, 255, 255, 255 };
	struct receive_fixture *fixture = test->priv;
	const u8 *own = fixture->dev->dev_addr;

	/* a question to all, one to us, an answer */
	make_arp(fixture, ARPOP_REQUEST, other_lladdr, zero_lladdr);
	expect_header(test, NULL, ETH_P_ARP, 28, PACKET_BROADCAST, broadcast,
		      other_lladdr);
	make_arp(fixture, ARPOP_REQUEST, other_lladdr, own);
	expect_header(test, NULL, ETH_P_ARP, 28, PACKET_HOST, own, other_lladdr);
	make_arp(fixture, ARPOP_REPLY, other_lladdr, zero_lladdr);
	expect_header(test, NULL, ETH_P_ARP, 28, PACKET_HOST, own, other_lladdr);
}

/* docs/arp.md, "What a packet may say" */
static void test_spoofed(struct kunit *test)
{
	struct receive_fixture *fixture = test->priv;
	struct scsiip_link *link = netdev_priv(fixture->dev);

	make_arp(fixture, ARPOP_REPLY, other_lladdr, zero_lladdr);
	KUNIT_EXPECT_EQ(test, deliver(test, SMALL, INITIATOR, ETH_P_ARP, 28, false),
			SCSIIP_SPOOFED);
	KUNIT_EXPECT_EQ(test, fixture->seen, 0);
	KUNIT_EXPECT_EQ(test, link->arp.count[SCSIIP_ARP_SEEN], 0);
	KUNIT_EXPECT_EQ(test, 1, test_counter(fixture->dev,
					      SCSIIP_COUNTER_RX_SPOOFED));

	make_arp(fixture, ARPOP_REPLY, known_lladdr, zero_lladdr);
	KUNIT_EXPECT_EQ(test, deliver(test, SMALL, INITIATOR, ETH_P_ARP, 28, false),
			SCSIIP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, link->arp.count[SCSIIP_ARP_SEEN], 1);
	KUNIT_EXPECT_EQ(test, fixture->seen, 1);
}

/* A neighbour solicitation whose option is where it must be looked for */
static void test_spoofed_ipv6(struct kunit *test)
{
	struct receive_fixture *fixture = test->priv;
	u8 *data = make_ipv6(fixture, 1200);

	/* a destination options header, as long as it can be read past the head */
	memset(data + 6, 0, 1240 - 6);
	data[6] = 60;
	data[7] = 255;
	data[8] = 0xfe;
	data[40] = 58;
	data[41] = 1200 / 8 - 4 - 1;
	data[1240 - 32] = 135;
	data[1240 - 24] = 0xfe;
	data[1240 - 8] = 1;
	data[1240 - 7] = 1;
	memcpy(&data[1240 - 6], other_lladdr, ETH_ALEN);
	KUNIT_EXPECT_EQ(test, deliver(test, OWN_PAGES, INITIATOR, ETH_P_IPV6, 1240,
				      true), SCSIIP_SPOOFED);
	KUNIT_EXPECT_EQ(test, deliver(test, OWN_PAGES, INITIATOR, ETH_P_IPV6, 1240,
				      false), SCSIIP_SPOOFED);
	memcpy(&data[1240 - 6], known_lladdr, ETH_ALEN);
	KUNIT_EXPECT_EQ(test, deliver(test, OWN_PAGES, INITIATOR, ETH_P_IPV6, 1240,
				      true), SCSIIP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, fixture->seen, 1);
	KUNIT_EXPECT_TRUE(test, !memcmp(fixture->bytes, data, 1240));
}

/* Down, and gone */
static void test_not_ready(struct kunit *test)
{
	struct receive_fixture *fixture = test->priv;

	make_ipv4(fixture, 100, 0x0a000001);
	rtnl_lock();
	dev_close(fixture->dev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, deliver(test, SMALL, NULL, ETH_P_IP, 100, false),
			SCSIIP_NOT_READY);
	KUNIT_EXPECT_EQ(test, 1, test_counter(fixture->dev,
					      SCSIIP_COUNTER_RX_NOT_READY));
	KUNIT_EXPECT_FALSE(test, scsiip_unit_ready(&fixture->unit));

	dev_remove_pack(&fixture->tap);
	fixture->tap.func = NULL;
	rtnl_lock();
	unregister_netdevice(fixture->dev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, deliver(test, SMALL, NULL, ETH_P_IP, 100, false),
			SCSIIP_NOT_READY);
	KUNIT_EXPECT_EQ(test, fixture->seen, 0);
}

/* A receiver that is overloaded says so */
static void test_busy(struct kunit *test)
{
	const struct scsiip_message msg = { .length = 20, .ethertype = ETH_P_IP };
	struct receive_fixture *fixture = test->priv;
	struct scatterlist sgl;
	unsigned int i;

	make_ipv4(fixture, 20, 0x0a000001);
	sg_init_one(&sgl, fixture->data, 20);
	local_bh_disable();
	for (i = 0; i < 100000; i++)
		if (scsiip_unit_receive(&fixture->unit, NULL, &msg, &sgl, 1,
					false) == SCSIIP_BUSY)
			break;
	local_bh_enable();
	KUNIT_EXPECT_LT(test, i, 100000);
	KUNIT_EXPECT_EQ(test, 1, test_counter(fixture->dev, SCSIIP_COUNTER_RX_BUSY));
	KUNIT_EXPECT_EQ(test, i, test_counter(fixture->dev, SCSIIP_COUNTER_RX_COPY));
	KUNIT_EXPECT_TRUE(test, test_wait(READ_ONCE(fixture->seen) == i));
}

/* What another interface of this kernel sends, as its datagram is */
static struct sk_buff *make_skb(struct kunit *test, const u8 *data, u32 len,
				u16 ethertype, const u8 *dest)
{
	struct sk_buff *skb = alloc_skb_with_frags(2 + ETH_HLEN,
						   len, 0, &(int){ 0 }, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->len = len;
	skb->data_len = len;
	skb_reserve(skb, 2 + ETH_HLEN);
	KUNIT_ASSERT_EQ(test, skb_store_bits(skb, 0, data, len), 0);
	KUNIT_ASSERT_TRUE(test, !!__pskb_pull_tail(skb, 0));
	skb_push(skb, ETH_HLEN);
	skb_reset_mac_header(skb);
	ether_addr_copy(eth_hdr(skb)->h_dest, dest);
	ether_addr_copy(eth_hdr(skb)->h_source, known_lladdr);
	eth_hdr(skb)->h_proto = htons(ethertype);
	skb->protocol = htons(ethertype);
	skb_pull(skb, ETH_HLEN);
	return skb;
}

static enum scsiip_verdict deliver_skb_of(struct kunit *test, const u8 *source,
					  const char *initiator, u16 ethertype,
					  u32 len, const u8 *dest, u8 ip_summed)
{
	struct receive_fixture *fixture = test->priv;
	struct sk_buff *skb = make_skb(test, fixture->data, len, ethertype, dest);
	enum scsiip_verdict verdict;

	ether_addr_copy(eth_hdr(skb)->h_source, source);
	skb->ip_summed = ip_summed;
	if (ip_summed == CHECKSUM_PARTIAL) {
		/* as packet sockets have it: the field is in the head */
		KUNIT_ASSERT_TRUE(test, pskb_may_pull(skb, fixture->csum_start +
						      sizeof(struct udphdr)));
		skb->csum_start = skb_headroom(skb) + fixture->csum_start;
		skb->csum_offset = offsetof(struct udphdr, check);
	}
	skb->priority = 7;
	skb->mark = 7;
	verdict = scsiip_unit_receive_skb(&fixture->unit, initiator, skb);
	/* it stays the sender's */
	KUNIT_EXPECT_EQ(test, skb->len, len);
	KUNIT_EXPECT_EQ(test, skb->mark, 7);
	kfree_skb(skb);
	return verdict;
}

static enum scsiip_verdict deliver_skb(struct kunit *test, const char *initiator,
				       u16 ethertype, u32 len, const u8 *dest,
				       u8 ip_summed)
{
	return deliver_skb_of(test, known_lladdr, initiator, ethertype, len,
			      dest, ip_summed);
}

/* A checksum that is to be filled in, of bytes that are not the datagram's. */
static void test_partial_skb(struct kunit *test)
{
	struct receive_fixture *fixture = test->priv;
	const u8 *own = fixture->dev->dev_addr;
	static const struct {
		u32 start;
		enum scsiip_verdict verdict;
	} cases[] = {
		{ 0, SCSIIP_ACCEPTED },
		{ 28 - 8, SCSIIP_ACCEPTED },
		{ 28 - 7, SCSIIP_BAD_HEADER },
		{ 28, SCSIIP_BAD_HEADER },
		{ 100, SCSIIP_BAD_HEADER },
		{ 1990, SCSIIP_BAD_HEADER },
	};
	unsigned int i;

	make_ipv4(fixture, 28, 0x0a000001);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture->csum_start = cases[i].start;
		KUNIT_EXPECT_EQ_MSG(test, cases[i].verdict,
				    deliver_skb(test, INITIATOR, ETH_P_IP, 2000,
						own, CHECKSUM_PARTIAL),
				    "start %u", cases[i].start);
	}
	KUNIT_EXPECT_EQ(test, 4, test_counter(fixture->dev,
					      SCSIIP_COUNTER_RX_BAD_HEADER));

	/* nothing to cut off: where it is was checked by who sent it */
	make_ipv4(fixture, 2000, 0x0a000001);
	KUNIT_EXPECT_EQ(test, SCSIIP_ACCEPTED,
			deliver_skb(test, INITIATOR, ETH_P_IP, 2000, own,
				    CHECKSUM_PARTIAL));
}

/* In this kernel it is known which address a datagram comes from. */
static void test_spoofed_skb(struct kunit *test)
{
	struct receive_fixture *fixture = test->priv;
	struct scsiip_link *link = netdev_priv(fixture->dev);
	const u8 *own = fixture->dev->dev_addr;
	static const struct {
		const u8 *source, *told;	/* NULL: our own */
		const char *initiator;
		enum scsiip_verdict verdict, more;
	} cases[] = {
		/* a port that is no peer's tells of itself, and of nobody else */
		{ other_lladdr, other_lladdr, "b",
		  SCSIIP_ACCEPTED, SCSIIP_ACCEPTED },
		{ other_lladdr, known_lladdr, "b",
		  SCSIIP_SPOOFED, SCSIIP_SPOOFED },
		{ other_lladdr, other_lladdr, NULL,
		  SCSIIP_ACCEPTED, SCSIIP_ACCEPTED },
		/* who has a peer's address, or ours, is none */
		{ known_lladdr, known_lladdr, "b",
		  SCSIIP_SPOOFED, SCSIIP_ACCEPTED },
		{ NULL, NULL, "b", SCSIIP_SPOOFED, SCSIIP_SPOOFED },
		/* of a peer its port says what it may tell */
		{ known_lladdr, known_lladdr, INITIATOR,
		  SCSIIP_ACCEPTED, SCSIIP_ACCEPTED },
		{ known_lladdr, other_lladdr, INITIATOR,
		  SCSIIP_SPOOFED, SCSIIP_SPOOFED },
	};
	struct scsiip_peer *peer;
	unsigned int i, more;

	rtnl_lock();
	peer = scsiip_peer_lookup(link, known_lladdr);
	rtnl_unlock();
	for (more = 0; more < 2; more++) {
		WRITE_ONCE(peer->more_initiators, more);
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			const u8 *told = cases[i].told ?: own;
			const u8 *source = cases[i].source ?: own;
			enum scsiip_verdict verdict = cases[i].verdict;

			if (more)
				verdict = cases[i].more;
			make_arp(fixture, ARPOP_REPLY, told, own);
			KUNIT_EXPECT_EQ(test, verdict,
					deliver_skb_of(test, source, cases[i].initiator,
						       ETH_P_ARP, 28, own, 0));
		}
	}
}

static void test_skb(struct kunit *test)
{
	struct receive_fixture *fixture = test->priv;
	const u8 *own = fixture->dev->dev_addr;
	struct net_device *dev = fixture->dev;

	make_ipv4(fixture, 60000, 0x0a000001);
	KUNIT_EXPECT_EQ(test, deliver_skb(test, INITIATOR, ETH_P_IP, 60000, own, 0),
			SCSIIP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, fixture->seen, 1);
	KUNIT_EXPECT_EQ(test, fixture->len, 60000);
	KUNIT_EXPECT_TRUE(test, !memcmp(fixture->bytes, fixture->data, 60000));
	KUNIT_EXPECT_EQ(test, fixture->pkt_type, PACKET_HOST);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(fixture->eth.h_source,
						 known_lladdr));
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_RX_ZERO_COPY));

	/* trimmed; the unit is the address; a sum that a NIC made is not ours */
	KUNIT_EXPECT_EQ(test, deliver_skb(test, INITIATOR, ETH_P_IP, 60001,
					  other_lladdr, CHECKSUM_COMPLETE),
			SCSIIP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, fixture->len, 60000);
	KUNIT_EXPECT_EQ(test, fixture->pkt_type, PACKET_HOST);
	KUNIT_EXPECT_TRUE(test, fixture->good_sum);

	KUNIT_EXPECT_EQ(test, deliver_skb(test, INITIATOR, ETH_P_IP, 59999, own, 0),
			SCSIIP_SHORT_DATAGRAM);
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_RX_SHORT_DATAGRAM));
	fixture->data[0] = 0x65;
	KUNIT_EXPECT_EQ(test, deliver_skb(test, INITIATOR, ETH_P_IP, 60000, own, 0),
			SCSIIP_BAD_HEADER);
	make_arp(fixture, ARPOP_REPLY, other_lladdr, own);
	KUNIT_EXPECT_EQ(test, deliver_skb(test, INITIATOR, ETH_P_ARP, 28, own, 0),
			SCSIIP_SPOOFED);
	KUNIT_EXPECT_EQ(test, fixture->seen, 2);

	rtnl_lock();
	dev_close(dev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, deliver_skb(test, NULL, ETH_P_ARP, 28, own, 0),
			SCSIIP_NOT_READY);
	KUNIT_EXPECT_EQ(test, 1, test_counter(dev, SCSIIP_COUNTER_RX_NOT_READY));
}

static struct kunit_case receive_cases[] = {
	KUNIT_CASE_PARAM(test_memory, memory_gen_params),
	KUNIT_CASE_PARAM(test_refusals, refusal_gen_params),
	KUNIT_CASE(test_headers_ipv4),
	KUNIT_CASE(test_headers_ipv6),
	KUNIT_CASE(test_headers_arp),
	KUNIT_CASE(test_spoofed),
	KUNIT_CASE(test_spoofed_ipv6),
	KUNIT_CASE(test_not_ready),
	KUNIT_CASE(test_busy),
	KUNIT_CASE(test_skb),
	KUNIT_CASE(test_partial_skb),
	KUNIT_CASE(test_spoofed_skb),
	{}
};

static struct kunit_suite receive_suite = {
	.name = "receive",
	.init = receive_suite_init,
	.exit = receive_suite_exit,
	.test_cases = receive_cases,
};

kunit_test_suites(&receive_suite);
