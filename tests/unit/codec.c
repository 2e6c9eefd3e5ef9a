// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wire format, kernel/net/codec.c: what of it docs/wire.md promises.
 *
 * Whatever the codec is given to read ends where the next page cannot be
 * touched; whatever it is given to write is an array that the address
 * sanitizer watches.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/unaligned.h>

#include "codec.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define MAX_INPUT	0x18000
#define FUZZ_ROUNDS	1000000
#define FUZZ_SEED	0x2143

static u8 *input_end;	/* the page from here on cannot be touched */

static int map_input(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	u8 *input;

	(void)state;
	input = mmap(NULL, MAX_INPUT + page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (input == MAP_FAILED)
		return -1;
	input_end = input + MAX_INPUT;
	return mprotect(input_end, page, PROT_NONE);
}

static int unmap_input(void **state)
{
	(void)state;
	return munmap(input_end - MAX_INPUT, MAX_INPUT + sysconf(_SC_PAGESIZE));
}

/* A copy that ends where reading on is a fault */
static u8 *input(const void *data, size_t len)
{
	assert_true(len <= MAX_INPUT);
	return memcpy(input_end - len, data, len);
}

static void dump(const char *what, const u8 *data, size_t len)
{
	size_t i;

	print_error("%s, %zu bytes:", what, len);
	for (i = 0; i < len && i < 96; i++)
		print_error(" %02x", data[i]);
	print_error("%s\n", i < len ? " ..." : "");
}

static u64 random_state;

static u64 random64(void)	/* xorshift64 */
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static u32 random_below(u32 limit)
{
	return (random64() >> 16) % limit;
}

static void random_bytes(u8 *data, size_t len)
{
	while (len--)
		*data++ = random64() >> 32;
}

/* Change up to three bytes, more often than not */
static void mutate(u8 *data, size_t len)
{
	u32 changes = random_below(5);

	while (len && changes-- > 1)
		data[random_below(len)] = random64() >> 32;
}

static int start_fuzz(void **state)
{
	(void)state;
	random_state = FUZZ_SEED;
	return 0;
}

/*
 * SEND MESSAGE, RFC 2143 section 3 and SCSI-2 sections 18.2.4 to 18.2.6
 */
struct form {
	u8 opcode;
	u8 len;			/* of the CDB; the last byte is the control byte */
	u8 length_at;		/* transfer length field */
	u8 length_size;
	bool stream;		/* stream selection in bytes 4 and 5 */
};

static const struct form forms[] = {
	{ 0x0a, 6, 2, 3, false },
	{ 0x2a, 10, 7, 2, true },
	{ 0xaa, 12, 6, 4, true },
};

#define for_each_form(form) \
	for (form = forms; form < forms + ARRAY_SIZE(forms); form++)

static const u8 *make_cdb(u8 cdb[12], const struct form *form, u16 stream,
			  u32 length)
{
	unsigned int i;

	memset(cdb, 0, 12);
	cdb[0] = form->opcode;
	if (form->stream) {
		cdb[4] = stream >> 8;
		cdb[5] = stream;
	}
	for (i = form->length_size; i--; length >>= 8)
		cdb[form->length_at + i] = length;
	return cdb;
}

static bool in_length_field(const struct form *form, unsigned int byte)
{
	return byte >= form->length_at &&
	       byte < form->length_at + form->length_size;
}

static void expect_cdb(const struct form *form, const u8 *cdb,
		       enum scsiip_verdict verdict,
		       struct scsiip_message expected)
{
	struct scsiip_message msg = { 0xdeadbeef, 0xdead };
	enum scsiip_verdict result;

	result = scsiip_parse_cdb(input(cdb, form->len), &msg);
	if (result == verdict &&
	    (verdict == SCSIIP_RESERVED || msg.length == expected.length) &&
	    (verdict == SCSIIP_RESERVED || verdict == SCSIIP_PROTOCOL ||
	     msg.ethertype == expected.ethertype))
		return;

	dump("CDB", cdb, form->len);
	fail_msg("verdict %d, length %u, Ethernet type %04x; wanted %d, %u, %04x",
		 result, msg.length, msg.ethertype, verdict, expected.length,
		 expected.ethertype);
}

static void expect_message(const struct form *form, const u8 *cdb,
			   u32 length, u16 ethertype)
{
	enum scsiip_verdict verdict = length > 66048 ? SCSIIP_TOO_LONG :
						       SCSIIP_ACCEPTED;

	expect_cdb(form, cdb, verdict, (struct scsiip_message)
		   { length, form->stream ? ethertype : 0 });
}

static void expect_refusal(const struct form *form, const u8 *cdb,
			   enum scsiip_verdict verdict, u32 length)
{
	expect_cdb(form, cdb, verdict, (struct scsiip_message){ length, 0 });
}

static void test_cdb_boundary_lengths(void **state)
{
	static const u32 lengths[] = {
		0, 1, 20, 28, 255, 256, 65534, 65535, 65536, 66047, 66048,
		66049, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff,
	};
	const struct form *form;
	unsigned int i;
	u8 cdb[12];

	(void)state;
	assert_int_equal(SCSIIP_MAX_TRANSFER, 66048);
	for_each_form(form)
		for (i = 0; i < ARRAY_SIZE(lengths); i++)
			if (!((u64)lengths[i] >> form->length_size * 8))
				expect_message(form, make_cdb(cdb, form, 0,
							      lengths[i]),
					       lengths[i], 0x0800);
}

static void test_cdb_length_bits(void **state)
{
	const struct form *form;
	unsigned int bit;
	u8 cdb[12];

	(void)state;
	for_each_form(form)
		for (bit = 0; bit < form->length_size * 8u; bit++) {
			make_cdb(cdb, form, 0, 0);
			cdb[form->length_at + form->length_size - 1 - bit / 8] =
				1 << bit % 8;
			expect_message(form, cdb, 1u << bit, 0x0800);
		}
}

static void test_cdb_lun_is_ignored(void **state)
{
	const struct form *form;
	unsigned int lun;
	u8 cdb[12];

	(void)state;
	for_each_form(form)
		for (lun = 0; lun < 8; lun++) {
			make_cdb(cdb, form, 0, 1500);
			cdb[1] = lun << 5;
			expect_message(form, cdb, 1500, 0x0800);
		}
}

static void test_cdb_reserved_bits(void **state)
{
	unsigned int refused, byte, bit;
	const struct form *form;
	u8 cdb[12];

	(void)state;
	for_each_form(form) {
		refused = 0;
		for (byte = 1; byte < form->len; byte++)
			for (bit = 0; bit < 8; bit++) {
				if ((byte == 1 && bit >= 5) ||
				    in_length_field(form, byte) ||
				    (form->stream && byte == 5 && bit < 4))
					continue;
				make_cdb(cdb, form, 0, 1500);
				cdb[byte] |= 1 << bit;
				expect_refusal(form, cdb, SCSIIP_RESERVED, 0);
				refused++;
			}
		/* all bits but those of opcode, LUN, length, protocol type */
		assert_int_equal(refused, form->len * 8 - 8 - 3 -
				 form->length_size * 8 - form->stream * 4);
	}
}

static void test_cdb_control_byte(void **state)
{
	const struct form *form;
	unsigned int control;
	u8 cdb[12];

	(void)state;
	for_each_form(form)
		for (control = 1; control < 256; control++) {
			make_cdb(cdb, form, 0, 1500);
			cdb[form->len - 1] = control;
			expect_refusal(form, cdb, SCSIIP_RESERVED, 0);
		}
}

static u16 ethertype_of(u8 protocol)
{
	return protocol == 0x0 ? 0x0800 : protocol == 0x6 ? 0x0806 :
	       protocol == 0xd ? 0x86dd : 0;
}

static void test_cdb_protocol_types(void **state)
{
	const struct form *form;
	unsigned int stream;
	u8 cdb[12];

	(void)state;
	for_each_form(form) {
		if (!form->stream)
			continue;
		for (stream = 0; stream < 0x10000; stream++) {
			make_cdb(cdb, form, stream, 1500);
			if (stream > 0xf)
				expect_refusal(form, cdb, SCSIIP_RESERVED, 0);
			else if (ethertype_of(stream))
				expect_message(form, cdb, 1500,
					       ethertype_of(stream));
			else
				expect_refusal(form, cdb, SCSIIP_PROTOCOL, 1500);
		}
	}
}

static void test_cdb_zero_length_is_checked(void **state)
{
	const struct form *form;
	u8 cdb[12];

	(void)state;
	for_each_form(form) {
		make_cdb(cdb, form, 0, 0);
		expect_message(form, cdb, 0, 0x0800);
		cdb[1] = 0x01;
		expect_refusal(form, cdb, SCSIIP_RESERVED, 0);
		if (form->stream)
			expect_refusal(form, make_cdb(cdb, form, 1, 0),
				       SCSIIP_PROTOCOL, 0);
	}
}

static void test_cdb_order_of_refusals(void **state)
{
	const struct form *form = &forms[2];
	u8 cdb[12];

	(void)state;
	make_cdb(cdb, form, 1, 0xffffffff);
	expect_refusal(form, cdb, SCSIIP_PROTOCOL, 0xffffffff);
	cdb[11] = 1;
	expect_refusal(form, cdb, SCSIIP_RESERVED, 0);
	make_cdb(cdb, form, 0, 0xffffffff);
	cdb[11] = 1;
	expect_refusal(form, cdb, SCSIIP_RESERVED, 0);
}

static void test_build_byte_for_byte(void **state)
{
	static const struct {
		u64 lun;
		u16 ethertype, length;
		u8 cdb[10];
	} expected[] = {
		{ 0, 0x0800, 28, { 0x2a, 0, 0, 0, 0, 0x0, 0, 0x00, 0x1c, 0 } },
		{ 0, 0x0806, 28, { 0x2a, 0, 0, 0, 0, 0x6, 0, 0x00, 0x1c, 0 } },
		{ 0, 0x86dd, 1280, { 0x2a, 0, 0, 0, 0, 0xd, 0, 0x05, 0x00, 0 } },
		{ 0, 0x0800, 65535, { 0x2a, 0, 0, 0, 0, 0x0, 0, 0xff, 0xff, 0 } },
		{ 0, 0x0800, 0, { 0x2a, 0, 0, 0, 0, 0x0, 0, 0x00, 0x00, 0 } },
		{ 1, 0x0806, 28, { 0x2a, 0x20, 0, 0, 0, 0x6, 0, 0, 0x1c, 0 } },
		{ 3, 0x0806, 28, { 0x2a, 0x60, 0, 0, 0, 0x6, 0, 0, 0x1c, 0 } },
		{ 2, 0x0806, 28, { 0x2a, 0x40, 0, 0, 0, 0x6, 0, 0, 0x1c, 0 } },
		{ 5, 0x86dd, 40, { 0x2a, 0xa0, 0, 0, 0, 0xd, 0, 0, 0x28, 0 } },
		{ 7, 0x0800, 20, { 0x2a, 0xe0, 0, 0, 0, 0x0, 0, 0, 0x14, 0 } },
		{ 8, 0x0800, 20, { 0x2a, 0x00, 0, 0, 0, 0x0, 0, 0, 0x14, 0 } },
		{ 9, 0x0800, 20, { 0x2a, 0x00, 0, 0, 0, 0x0, 0, 0, 0x14, 0 } },
		{ 255, 0x0800, 20, { 0x2a, 0, 0, 0, 0, 0x0, 0, 0, 0x14, 0 } },
		{ 0x4007, 0x0800, 20, { 0x2a, 0, 0, 0, 0, 0, 0, 0, 0x14, 0 } },
		{ 1ull << 32, 0x0800, 20, { 0x2a, 0, 0, 0, 0, 0, 0, 0, 0x14, 0 } },
		{ 1ull << 32 | 5, 0x0800, 20, { 0x2a, 0, 0, 0, 0, 0, 0, 0, 0x14, 0 } },
		{ ~0ull, 0x0800, 20, { 0x2a, 0, 0, 0, 0, 0, 0, 0, 0x14, 0 } },
	};
	unsigned int i;
	u8 cdb[SCSIIP_CDB_LEN];

	(void)state;
	assert_int_equal(SCSIIP_CDB_LEN, 10);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		memset(cdb, 0xff, sizeof(cdb));
		scsiip_send_message_cdb(cdb, expected[i].lun,
					expected[i].ethertype,
					expected[i].length);
		assert_memory_equal(cdb, expected[i].cdb, sizeof(cdb));
	}
}

static void test_build_and_parse(void **state)
{
	static const u16 ethertypes[] = { 0x0800, 0x0806, 0x86dd };
	unsigned int length, i;
	u8 cdb[SCSIIP_CDB_LEN];

	(void)state;
	for (length = 0; length <= 65535; length++)
		for (i = 0; i < ARRAY_SIZE(ethertypes); i++) {
			scsiip_send_message_cdb(cdb, length & 0xf,
						ethertypes[i], length);
			expect_message(&forms[1], cdb, length, ethertypes[i]);
		}
}

static void test_ethertypes(void **state)
{
	unsigned int ethertype;

	(void)state;
	for (ethertype = 0; ethertype < 0x10000; ethertype++)
		assert_int_equal(scsiip_protocol_type(ethertype),
				 ethertype == 0x0800 ? 0x0 :
				 ethertype == 0x0806 ? 0x6 :
				 ethertype == 0x86dd ? 0xd : -EPROTONOSUPPORT);
}

/*
 * Datagrams
 */
#define UNTYPED	0

/* What there is to see of a datagram of @len bytes, and the verdict on it */
static enum scsiip_verdict check(const u8 *head, u32 len, u16 *ethertype,
				 u32 *datagram_len)
{
	u32 seen = len < SCSIIP_CHECK_LEN ? len : SCSIIP_CHECK_LEN;

	*datagram_len = 0xdeadbeef;
	return scsiip_datagram_check(input(head, seen), len, ethertype,
				     datagram_len);
}

static void expect_datagram(const u8 *head, u32 len, u16 ethertype,
			    enum scsiip_verdict verdict, u16 found_type,
			    u32 found_len)
{
	enum scsiip_verdict result;
	u16 result_type = ethertype;
	u32 result_len;

	result = check(head, len, &result_type, &result_len);
	if (result == verdict &&
	    (verdict != SCSIIP_ACCEPTED ||
	     (result_type == found_type && result_len == found_len)))
		return;

	dump("datagram", head, SCSIIP_CHECK_LEN);
	fail_msg("%u bytes as %04x: verdict %d, %04x, %u bytes; wanted %d, %04x, %u",
		 len, ethertype, result, result_type, result_len, verdict,
		 found_type, found_len);
}

static const u8 *make_ipv4(u8 head[SCSIIP_CHECK_LEN], u8 ihl, u16 total_len)
{
	memset(head, 0xee, SCSIIP_CHECK_LEN);
	head[0] = 0x40 | ihl;
	put_unaligned_be16(total_len, &head[2]);
	return head;
}

static const u8 *make_ipv6(u8 head[SCSIIP_CHECK_LEN], u16 payload_len)
{
	memset(head, 0xee, SCSIIP_CHECK_LEN);
	head[0] = 0x6e;
	put_unaligned_be16(payload_len, &head[4]);
	return head;
}

/* The same by its type and without one */
static void expect_ip(const u8 *head, u32 len, enum scsiip_verdict verdict,
		      u32 found_len)
{
	u16 ethertype = head[0] >> 4 == 4 ? 0x0800 : 0x86dd;

	expect_datagram(head, len, ethertype, verdict, ethertype, found_len);
	expect_datagram(head, len, UNTYPED, verdict, ethertype, found_len);
}

static void test_datagram_ipv4_lengths(void **state)
{
	static const u16 totals[] = { 20, 21, 39, 40, 41, 255, 256, 1500, 65535 };
	u8 head[SCSIIP_CHECK_LEN];
	unsigned int i;
	u32 len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(totals); i++) {
		make_ipv4(head, 5, totals[i]);
		for (len = 0; len < 64 && len < totals[i]; len++)
			expect_ip(head, len, SCSIIP_SHORT_DATAGRAM, 0);
		expect_ip(head, totals[i] - 1, SCSIIP_SHORT_DATAGRAM, 0);
		expect_ip(head, totals[i], SCSIIP_ACCEPTED, totals[i]);
		expect_ip(head, totals[i] + 1, SCSIIP_ACCEPTED, totals[i]);
		expect_ip(head, SCSIIP_MAX_TRANSFER, SCSIIP_ACCEPTED, totals[i]);
	}
}

static void test_datagram_ipv4_header_lengths(void **state)
{
	u8 head[SCSIIP_CHECK_LEN];
	unsigned int ihl;

	(void)state;
	for (ihl = 0; ihl < 16; ihl++) {
		enum scsiip_verdict verdict = ihl < 5 ? SCSIIP_BAD_HEADER :
							SCSIIP_ACCEPTED;

		make_ipv4(head, ihl, 60);
		expect_ip(head, 60, verdict, 60);
		/* no longer than its header */
		make_ipv4(head, ihl, ihl * 4);
		expect_ip(head, 60, verdict, ihl * 4);
		make_ipv4(head, ihl, ihl ? ihl * 4 - 1 : 0);
		expect_ip(head, 60, SCSIIP_BAD_HEADER, 0);
		/* whatever the length of the data */
		expect_ip(head, 20, SCSIIP_BAD_HEADER, 0);
	}
	/* a header that is not all there is not looked at */
	for (ihl = 0; ihl < 16; ihl++)
		expect_ip(make_ipv4(head, ihl, 0), 19, SCSIIP_SHORT_DATAGRAM, 0);
	/* total length 0: not what an offload leaves behind */
	expect_ip(make_ipv4(head, 5, 0), 1500, SCSIIP_BAD_HEADER, 0);
	expect_ip(make_ipv4(head, 5, 19), 1500, SCSIIP_BAD_HEADER, 0);
}

static void test_datagram_ipv6_lengths(void **state)
{
	static const u16 payloads[] = { 0, 1, 8, 255, 256, 1240, 65495, 65535 };
	u8 head[SCSIIP_CHECK_LEN];
	unsigned int i;
	u32 len, total;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(payloads); i++) {
		total = payloads[i] + 40;
		make_ipv6(head, payloads[i]);
		for (len = 0; len < 64 && len < total; len++)
			expect_ip(head, len, SCSIIP_SHORT_DATAGRAM, 0);
		expect_ip(head, total - 1, SCSIIP_SHORT_DATAGRAM, 0);
		expect_ip(head, total, SCSIIP_ACCEPTED, total);
		expect_ip(head, total + 1, SCSIIP_ACCEPTED, total);
		expect_ip(head, SCSIIP_MAX_TRANSFER, SCSIIP_ACCEPTED, total);
	}
}

static void test_datagram_arp(void **state)
{
	u8 head[SCSIIP_CHECK_LEN];
	u32 len;

	(void)state;
	memset(head, 0xee, sizeof(head));
	for (len = 0; len < 28; len++)
		expect_datagram(head, len, 0x0806, SCSIIP_SHORT_DATAGRAM, 0, 0);
	for (; len < 64; len++)
		expect_datagram(head, len, 0x0806, SCSIIP_ACCEPTED, 0x0806, 28);
	expect_datagram(head, SCSIIP_MAX_TRANSFER, 0x0806, SCSIIP_ACCEPTED,
			0x0806, 28);
}

static void test_datagram_versions(void **state)
{
	u8 head[SCSIIP_CHECK_LEN];
	unsigned int version;

	(void)state;
	for (version = 0; version < 16; version++) {
		enum scsiip_verdict ipv4 = version == 4 ? SCSIIP_ACCEPTED :
							  SCSIIP_BAD_HEADER;
		enum scsiip_verdict ipv6 = version == 6 ? SCSIIP_ACCEPTED :
							  SCSIIP_BAD_HEADER;

		/* 40 bytes by either header */
		memset(head, 0, sizeof(head));
		head[0] = version << 4 | 5;
		head[3] = 40;
		expect_datagram(head, 40, 0x0800, ipv4, 0x0800, 40);
		expect_datagram(head, 40, 0x86dd, ipv6, 0x86dd, 40);
		if (version != 4 && version != 6)
			expect_datagram(head, 40, UNTYPED, SCSIIP_BAD_HEADER,
					0, 0);
		/* told by the first byte alone */
		if (ipv4)
			expect_datagram(head, 1, 0x0800, ipv4, 0, 0);
		if (ipv6)
			expect_datagram(head, 1, 0x86dd, ipv6, 0, 0);
	}
}

static void test_datagram_empty(void **state)
{
	u8 head[SCSIIP_CHECK_LEN] = {};

	(void)state;
	expect_datagram(head, 0, 0x0800, SCSIIP_SHORT_DATAGRAM, 0, 0);
	expect_datagram(head, 0, 0x0806, SCSIIP_SHORT_DATAGRAM, 0, 0);
	expect_datagram(head, 0, 0x86dd, SCSIIP_SHORT_DATAGRAM, 0, 0);
	expect_datagram(head, 0, UNTYPED, SCSIIP_SHORT_DATAGRAM, 0, 0);
}

/*
 * The identity page
 */
static const struct scsiip_identity lab = {
	{ 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 }, 65535, 0, "lab",
};

static const u8 lab_page[60] = {
	0x09, 0xc0, 0x00, 0x38, 'R', 'F', 'C', ' ',
	'2', '1', '4', '3', 0x01, 0x00, 0x02, 0x11,
	0x22, 0x33, 0x44, 0x55, 0x00, 0x00, 0xff, 0xff,
	0x00, 0x00, 0x00, 0x00, 'l', 'a', 'b', 0x00,
};

#define PAGE_VERSION	12
#define PAGE_LLADDR	14
#define PAGE_MTU	20
#define PAGE_FEATURES	24
#define PAGE_NETWORK	28

static int decode(struct scsiip_identity *identity, const u8 *page, u32 len)
{
	memset(identity, 0xff, sizeof(*identity));
	return scsiip_identity_decode(identity, input(page, len), len);
}

static void expect_decode(const u8 *page, u32 len, int expected)
{
	struct scsiip_identity identity;
	int ret = decode(&identity, page, len);

	if (ret == expected)
		return;
	dump("page", page, len);
	fail_msg("%d, wanted %d", ret, expected);
}

static void expect_same(const struct scsiip_identity *a,
			const struct scsiip_identity *b)
{
	assert_memory_equal(a->lladdr, b->lladdr, ETH_ALEN);
	assert_int_equal(a->mtu, b->mtu);
	assert_int_equal(a->features, b->features);
	assert_string_equal(a->network, b->network);
}

static void test_identity_byte_for_byte(void **state)
{
	struct scsiip_identity identity;
	u8 page[SCSIIP_IDENTITY_LEN];

	(void)state;
	assert_int_equal(SCSIIP_IDENTITY_LEN, 60);
	memset(page, 0xff, sizeof(page));
	scsiip_identity_encode(&lab, page);
	assert_memory_equal(page, lab_page, sizeof(page));

	assert_int_equal(decode(&identity, lab_page, sizeof(lab_page)), 0);
	expect_same(&identity, &lab);
}

/* Paths are compared by what they announce, byte for byte. */
static void test_identity_behind_the_name(void **state)
{
	struct scsiip_identity a, b;
	u8 page[SCSIIP_IDENTITY_LEN];

	(void)state;
	memcpy(page, lab_page, sizeof(page));
	page[PAGE_NETWORK + 5] = 0xaa;
	assert_int_equal(decode(&a, lab_page, sizeof(lab_page)), 0);
	assert_int_equal(decode(&b, page, sizeof(page)), 0);
	assert_memory_equal(a.network, b.network, SCSIIP_NETWORK_LEN);
}

static void test_identity_round_trip(void **state)
{
	static const char name[] = "!~0123456789abcdefghijklmnopqrs";
	struct scsiip_identity identity = lab, result;
	u8 page[SCSIIP_IDENTITY_LEN];
	unsigned int len;

	(void)state;
	identity.mtu = 0x1234;
	identity.features = 0x89abcdef;
	assert_int_equal(strlen(name), 31);
	for (len = 0; len <= 31; len++) {
		memset(identity.network, 0, sizeof(identity.network));
		memcpy(identity.network, name, len);
		scsiip_identity_encode(&identity, page);
		assert_int_equal(get_unaligned_be32(&page[PAGE_MTU]), 0x1234);
		assert_int_equal(get_unaligned_be32(&page[PAGE_FEATURES]),
				 0x89abcdef);
		assert_int_equal(decode(&result, page, sizeof(page)), 0);
		expect_same(&result, &identity);
	}
}

static void test_identity_of_no_interface(void **state)
{
	static const struct scsiip_identity none;
	u8 page[SCSIIP_IDENTITY_LEN];

	(void)state;
	scsiip_identity_encode(&none, page);
	expect_decode(page, sizeof(page), -EPROTO);
}

static void test_identity_truncated(void **state)
{
	u32 len;

	(void)state;
	for (len = 0; len < 60; len++)
		expect_decode(lab_page, len, -EINVAL);
}

static void test_identity_page_length(void **state)
{
	unsigned int page_len;
	u8 page[300] = {};

	(void)state;
	memcpy(page, lab_page, sizeof(lab_page));
	for (page_len = 0; page_len < 0x10000; page_len++) {
		put_unaligned_be16(page_len, &page[2]);
		expect_decode(page, 60, page_len == 56 ? 0 : -EINVAL);
		expect_decode(page, 300, page_len >= 56 && page_len <= 296 ?
					 0 : -EINVAL);
	}
}

static void test_identity_header(void **state)
{
	unsigned int byte, value;
	u8 page[60];

	(void)state;
	/* type and qualifier, page code, signature */
	for (byte = 0; byte < PAGE_VERSION; byte++) {
		if (byte == 2 || byte == 3)
			continue;
		memcpy(page, lab_page, sizeof(page));
		for (value = 0; value < 256; value++) {
			page[byte] = value;
			expect_decode(page, sizeof(page),
				      value == lab_page[byte] ? 0 : -EINVAL);
		}
	}
}

static void test_identity_versions(void **state)
{
	struct scsiip_identity identity;
	unsigned int version;
	u8 page[250];

	(void)state;
	memset(page, 0xee, sizeof(page));
	memcpy(page, lab_page, sizeof(lab_page));
	for (version = 0; version < 256; version++) {
		page[PAGE_VERSION] = version;
		put_unaligned_be16(56, &page[2]);
		expect_decode(page, 60, version ? 0 : -EPROTO);

		/* longer, and with something in the reserved byte */
		put_unaligned_be16(sizeof(page) - 4, &page[2]);
		page[13] = version;
		assert_int_equal(decode(&identity, page, sizeof(page)),
				 version ? 0 : -EPROTO);
		expect_same(&identity, &lab);
	}
}

static void test_identity_addresses(void **state)
{
	static const struct {
		u8 lladdr[ETH_ALEN];
		int expected;
	} addresses[] = {
		{ { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 }, 0 },
		{ { 0x00, 0x00, 0x00, 0x00, 0x00, 0x01 }, 0 },
		{ { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff }, 0 },
		{ { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 }, -EPROTO },
		{ { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 }, -EPROTO },
		{ { 0x33, 0x33, 0x00, 0x00, 0x00, 0x01 }, -EPROTO },
		{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, -EPROTO },
	};
	unsigned int i;
	u8 page[60];

	(void)state;
	memcpy(page, lab_page, sizeof(page));
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		memcpy(&page[PAGE_LLADDR], addresses[i].lladdr, ETH_ALEN);
		expect_decode(page, sizeof(page), addresses[i].expected);
	}
}

static void test_identity_mtu_range(void **state)
{
	static const struct {
		u32 mtu;
		int expected;
	} mtus[] = {
		{ 0, -EPROTO }, { 67, -EPROTO }, { 68, 0 }, { 1500, 0 },
		{ 65535, 0 }, { 65536, -EPROTO }, { 66048, -EPROTO },
		{ 0x05dc0000, -EPROTO }, { 0xffffffff, -EPROTO },
	};
	struct scsiip_identity identity;
	unsigned int i;
	u8 page[60];

	(void)state;
	memcpy(page, lab_page, sizeof(page));
	for (i = 0; i < ARRAY_SIZE(mtus); i++) {
		put_unaligned_be32(mtus[i].mtu, &page[PAGE_MTU]);
		assert_int_equal(decode(&identity, page, sizeof(page)),
				 mtus[i].expected);
		assert_int_equal(identity.mtu, mtus[i].mtu);
	}
}

static void test_identity_features_are_taken(void **state)
{
	struct scsiip_identity identity;
	unsigned int bit;
	u8 page[60];

	(void)state;
	memcpy(page, lab_page, sizeof(page));
	for (bit = 0; bit < 32; bit++) {
		put_unaligned_be32(1u << bit, &page[PAGE_FEATURES]);
		assert_int_equal(decode(&identity, page, sizeof(page)), 0);
		assert_int_equal(identity.features, 1u << bit);
	}
}

static void test_identity_network(void **state)
{
	unsigned int at, value;
	u8 page[60];

	(void)state;
	/* each character, at each place of the longest name */
	for (at = 0; at < 31; at++) {
		memcpy(page, lab_page, sizeof(page));
		memset(&page[PAGE_NETWORK], 'n', 31);
		expect_decode(page, sizeof(page), 0);
		for (value = 1; value < 256; value++) {
			page[PAGE_NETWORK + at] = value;
			expect_decode(page, sizeof(page),
				      value > 0x20 && value < 0x7f ?
				      0 : -EPROTO);
		}
	}

	/* not terminated, and terminated before the end but not there */
	memset(&page[PAGE_NETWORK], 'n', 32);
	expect_decode(page, sizeof(page), -EPROTO);
	page[PAGE_NETWORK + 3] = '\0';
	expect_decode(page, sizeof(page), -EPROTO);
	page[PAGE_NETWORK + 31] = '\0';
	expect_decode(page, sizeof(page), 0);
	memset(&page[PAGE_NETWORK], 0, 32);
	expect_decode(page, sizeof(page), 0);
}

static bool network_valid(const char *name, size_t size)
{
	return scsiip_network_valid((char *)input(name, size));
}

static void test_network_names(void **state)
{
	char name[33];
	int value;

	(void)state;
	assert_true(network_valid("", 1));
	assert_true(network_valid("lab", 4));
	assert_false(network_valid(" lab", 5));
	assert_false(network_valid("lab ", 5));
	assert_false(network_valid("l\nb", 4));

	memset(name, 'n', sizeof(name));
	name[31] = '\0';
	assert_true(network_valid(name, 32));
	name[31] = 'n';
	name[32] = '\0';
	assert_false(network_valid(name, 33));
	/* says so without looking for the end */
	assert_false(network_valid(name, 32));

	for (value = 1; value < 256; value++) {
		name[0] = value;
		name[1] = '\0';
		assert_int_equal(network_valid(name, 2),
				 value > 0x20 && value < 0x7f);
	}
}

/*
 * The device identification page
 */
struct page {
	u8 data[4 + 65535];
	u32 len;
};

static void set_page_length(struct page *page)
{
	put_unaligned_be16(page->len - 4, &page->data[2]);
}

static void begin_page(struct page *page)
{
	page->data[0] = 0x09;
	page->data[1] = 0x83;
	page->len = 4;
	set_page_length(page);
}

/* A descriptor whose designator is @len bytes of @fill */
static void add_raw(struct page *page, u8 byte0, u8 byte1, u8 len, u8 fill)
{
	u8 *descriptor = page->data + page->len;

	descriptor[0] = byte0;
	descriptor[1] = byte1;
	descriptor[2] = 0;
	descriptor[3] = len;
	memset(descriptor + 4, fill, len);
	page->len += 4 + len;
	set_page_length(page);
}

static void add(struct page *page, u8 type, u8 len, u8 fill)
{
	add_raw(page, 0x01, type, len, fill);
}

static int designate_part(struct scsiip_designator *designator,
			  const struct page *page, u32 len)
{
	memset(designator, 0xff, sizeof(*designator));
	return scsiip_designator_decode(designator, input(page->data, len), len);
}

static int designate(struct scsiip_designator *designator,
		     const struct page *page)
{
	return designate_part(designator, page, page->len);
}

static void expect_designator(const struct page *page, u8 type, u8 len, u8 fill)
{
	struct scsiip_designator designator;
	unsigned int i;
	int ret = designate(&designator, page);

	if (ret || designator.type != type || designator.len != len) {
		dump("page", page->data, page->len);
		fail_msg("%d, type %x, %u bytes; wanted type %x, %u bytes", ret,
			 designator.type, designator.len, type, len);
	}
	for (i = 0; i < sizeof(designator.id); i++)
		assert_int_equal(designator.id[i], i < len ? fill : 0);
}

static void expect_no_designator(const struct page *page, int expected)
{
	struct scsiip_designator designator;
	int ret = designate(&designator, page);

	if (ret == expected && (ret != -ENOENT || !designator.type))
		return;
	dump("page", page->data, page->len);
	fail_msg("%d, wanted %d", ret, expected);
}

/* best first */
static const u8 ranking[] = { 0x3, 0x2, 0x8, 0x1 };

static void test_designator_types(void **state)
{
	static struct page page;
	unsigned int type;

	(void)state;
	for (type = 0; type < 16; type++) {
		begin_page(&page);
		add(&page, type, 16, 0xa5);
		if (memchr(ranking, type, sizeof(ranking)))
			expect_designator(&page, type, 16, 0xa5);
		else
			expect_no_designator(&page, -ENOENT);
	}
}

static void test_designator_ranking(void **state)
{
	static struct page page;
	unsigned int a, b;

	(void)state;
	for (a = 0; a < ARRAY_SIZE(ranking); a++)
		for (b = 0; b < ARRAY_SIZE(ranking); b++) {
			/* of two alike the first */
			bool first = a <= b;

			begin_page(&page);
			add(&page, 0x4, 4, 0x44);
			add(&page, ranking[a], a == b ? 16 : 20, 0xaa);
			add(&page, 0x7, 16, 0x77);
			add(&page, ranking[b], 12, 0xbb);
			add(&page, 0x6, 4, 0x66);
			expect_designator(&page, ranking[first ? a : b],
					  !first ? 12 : a == b ? 16 : 20,
					  first ? 0xaa : 0xbb);
		}
}

static void test_designator_vendor_only(void **state)
{
	static const struct {
		u8 len;
		char id[24];
		bool names;
	} vendors[] = {
		{ 1, "L", false },
		{ 8, "LIO-ORG ", false },
		{ 9, "LIO-ORG ", false },	/* LIO without a unit serial */
		{ 9, "LIO-ORG  ", false },
		{ 12, "LIO-ORG   \0 ", false },
		{ 16, "LIO-ORG         ", false },
		{ 8, "LIO-ORGx", false },
		{ 9, "LIO-ORG x", true },
		{ 12, "LIO-ORG    x", true },
		{ 12, "LIO-ORG \0\0\0x", true },
		{ 17, "LIO-ORG COMM:1234", true },
		{ 18, "LIO-ORG COMM:1234", true },
	};
	struct scsiip_designator designator;
	static struct page page;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(vendors); i++) {
		begin_page(&page);
		add(&page, 0x1, vendors[i].len, 0);
		memcpy(page.data + 8, vendors[i].id, vendors[i].len);
		if (!vendors[i].names) {
			expect_no_designator(&page, -ENOENT);
			continue;
		}
		assert_int_equal(designate(&designator, &page), 0);
		assert_int_equal(designator.type, 0x1);
		assert_int_equal(designator.len, vendors[i].len);
		assert_memory_equal(designator.id, vendors[i].id,
				    vendors[i].len);
	}
}

static void test_designator_lengths(void **state)
{
	static struct page page;
	unsigned int len;

	(void)state;
	assert_int_equal(SCSIIP_DESIGNATOR_LEN, 128);
	for (len = 0; len < 256; len++) {
		begin_page(&page);
		add(&page, 0x3, len, 0x60);
		if (len >= 1 && len <= 128)
			expect_designator(&page, 0x3, len, 0x60);
		else
			expect_no_designator(&page, -ENOENT);
		/* passes over it to the one behind */
		add(&page, 0x2, 8, 0x22);
		if (len >= 1 && len <= 128)
			expect_designator(&page, 0x3, len, 0x60);
		else
			expect_designator(&page, 0x2, 8, 0x22);
	}
}

static void test_designator_association(void **state)
{
	static struct page page;
	unsigned int bits;

	(void)state;
	/* PIV, reserved, association: only that of the logical unit will do */
	for (bits = 0; bits < 16; bits++) {
		begin_page(&page);
		add_raw(&page, 0x01, bits << 4 | 0x3, 16, 0x60);
		if (bits & 3)
			expect_no_designator(&page, -ENOENT);
		else
			expect_designator(&page, 0x3, 16, 0x60);
		add(&page, 0x1, 12, 'v');
		if (bits & 3)
			expect_designator(&page, 0x1, 12, 'v');
		else
			expect_designator(&page, 0x3, 16, 0x60);
	}
	/* nor do protocol identifier and code set matter */
	for (bits = 0; bits < 256; bits++) {
		begin_page(&page);
		add_raw(&page, bits, 0x3, 16, 0x60);
		expect_designator(&page, 0x3, 16, 0x60);
	}
}

static void test_designator_overrun(void **state)
{
	static struct page page;
	unsigned int len, i;

	(void)state;
	/* by its length */
	for (len = 1; len < 256; len++) {
		begin_page(&page);
		add(&page, 0x3, 16, 0x60);
		add(&page, 0x2, len, 0x22);
		for (i = 1; i <= len; i++) {
			page.len--;
			set_page_length(&page);
			expect_no_designator(&page, -EINVAL);
		}
		/* by its header */
		for (i = 1; i <= 3; i++) {
			page.len--;
			set_page_length(&page);
			expect_no_designator(&page, -EINVAL);
		}
		page.len--;
		set_page_length(&page);
		expect_designator(&page, 0x3, 16, 0x60);
	}

	/* out of the page, but not out of what was read */
	begin_page(&page);
	add(&page, 0x3, 16, 0x60);
	put_unaligned_be16(page.len - 4 - 1, &page.data[2]);
	expect_no_designator(&page, -EINVAL);

	/* one that will not do must not run over the end either */
	begin_page(&page);
	add_raw(&page, 0x01, 0x13, 16, 0x60);
	page.len--;
	set_page_length(&page);
	expect_no_designator(&page, -EINVAL);
}

static void test_designator_truncated_page(void **state)
{
	struct scsiip_designator designator;
	static struct page page;
	u32 len;

	(void)state;
	begin_page(&page);
	add(&page, 0x3, 16, 0x60);
	add(&page, 0x1, 12, 'v');
	for (len = 0; len < page.len; len++)
		assert_int_equal(designate_part(&designator, &page, len),
				 -EINVAL);
	assert_int_equal(designate_part(&designator, &page, page.len), 0);

	/* what follows the page is none of it */
	page.len += 24;
	memset(page.data + page.len - 24, 0xff, 24);
	expect_designator(&page, 0x3, 16, 0x60);
}

static void test_designator_header(void **state)
{
	static struct page page;
	unsigned int byte, value;

	(void)state;
	for (byte = 0; byte < 2; byte++) {
		begin_page(&page);
		add(&page, 0x3, 16, 0x60);
		for (value = 0; value < 256; value++) {
			page.data[byte] = value;
			if (value == (byte ? 0x83 : 0x09))
				expect_designator(&page, 0x3, 16, 0x60);
			else
				expect_no_designator(&page, -EINVAL);
		}
	}
}

static void test_designator_page_sizes(void **state)
{
	static struct page page;
	unsigned int i;

	(void)state;
	begin_page(&page);
	expect_no_designator(&page, -ENOENT);

	/* the longest that its length can tell, and the last descriptor counts */
	for (i = 0; i < 252; i++)
		add(&page, 0x7, 255, 0x77);
	add(&page, 0x7, 247, 0x77);
	add(&page, 0x3, 12, 0x60);
	assert_int_equal(page.len, 4 + 65535);
	expect_designator(&page, 0x3, 12, 0x60);
}

static void test_designator_of_lio(void **state)
{
	/* as target core has it over iSCSI: NAA, T10 vendor, and the port's */
	static const u8 naa[16] = {
		0x60, 0x01, 0x40, 0x5a, 0x1b, 0x2c, 0x3d, 0x4e,
		0x5f, 0x60, 0x71, 0x82, 0x93, 0xa4, 0xb5, 0xc6,
	};
	struct scsiip_designator designator;
	static struct page page;

	(void)state;
	begin_page(&page);
	add_raw(&page, 0x01, 0x03, 16, 0);
	memcpy(page.data + page.len - 16, naa, 16);
	add_raw(&page, 0x02, 0x01, 50, 'L');
	add_raw(&page, 0x51, 0x94, 4, 1);
	add_raw(&page, 0x51, 0x95, 4, 0);
	add_raw(&page, 0x01, 0x06, 4, 0);
	add_raw(&page, 0x53, 0x98, 36, 'i');
	add_raw(&page, 0x53, 0xa8, 28, 'i');
	assert_int_equal(designate(&designator, &page), 0);
	assert_int_equal(designator.type, 3);
	assert_int_equal(designator.len, 16);
	assert_memory_equal(designator.id, naa, 16);
}

static void test_designator_equal(void **state)
{
	struct scsiip_designator a = { 3, 16, "0123456789abcdef" }, b;
	unsigned int i;

	(void)state;
	b = a;
	assert_true(scsiip_designator_equal(&a, &b));
	/* what is not of the designator does not count */
	b.id[16] = 1;
	b.id[127] = 1;
	assert_true(scsiip_designator_equal(&a, &b));

	for (i = 0; i < 16; i++) {
		b = a;
		b.id[i] ^= 0x80;
		assert_false(scsiip_designator_equal(&a, &b));
	}
	b = a;
	b.type = 2;
	assert_false(scsiip_designator_equal(&a, &b));
	b = a;
	b.len = 15;
	assert_false(scsiip_designator_equal(&a, &b));
	assert_false(scsiip_designator_equal(&b, &a));
	b = a;
	memset(a.id, 'x', sizeof(a.id));
	a.len = 128;
	b = a;
	b.id[127] = 'y';
	assert_false(scsiip_designator_equal(&a, &b));

	/* none is equal to none */
	memset(&a, 0, sizeof(a));
	assert_false(scsiip_designator_equal(&a, &a));
}

/*
 * ARP and neighbour discovery
 */
static const u8 lladdr_a[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
static const u8 lladdr_b[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x56 };
static const u8 ip6_a[16] = { 0xfe, 0x80, [15] = 1 };
static const u8 ip6_b[16] = { 0xfe, 0x80, [15] = 2 };
static const u8 ip6_none[16];

/* From lladdr_a, 10.0.0.1, for 10.0.0.2 */
static const u8 arp_request[28] = {
	0, 1, 8, 0, 6, 4, 0, 1, 0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 10, 0,
	0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2,
};

struct packet {
	u32 len;
	u8 data[0x1000];
};

static int hear(struct scsiip_neighbour *neighbour, u16 ethertype,
		const u8 *data, u32 seen, u32 len)
{
	memset(neighbour, 0xff, sizeof(*neighbour));
	return scsiip_neighbour_decode(neighbour, ethertype, input(data, seen),
				       seen, len);
}

static void append(struct packet *packet, const void *data, u32 len)
{
	assert_true(packet->len + len <= sizeof(packet->data));
	memcpy(packet->data + packet->len, data, len);
	packet->len += len;
	/* payload length */
	put_unaligned_be16(packet->len - 40, &packet->data[4]);
}

static void begin_ipv6(struct packet *packet, u8 next, const u8 *source)
{
	memset(packet, 0, sizeof(*packet));
	packet->len = 40;
	packet->data[0] = 0x60;
	packet->data[6] = next;
	packet->data[7] = 255;
	memcpy(&packet->data[8], source, 16);
	memset(&packet->data[24], 0xff, 16);
}

static void add_message(struct packet *packet, u8 type, u32 fixed,
			const u8 *target)
{
	u8 message[24] = { type };

	if (target)
		memcpy(&message[8], target, 16);
	append(packet, message, fixed);
}

static void add_option(struct packet *packet, u8 type, u8 units,
		       const u8 *lladdr)
{
	static u8 option[255 * 8];

	memset(option, 0xee, sizeof(option));
	option[0] = type;
	option[1] = units;
	memcpy(&option[2], lladdr, 6);
	append(packet, option, units ? units * 8 : 8);
}

static void make_solicitation(struct packet *packet)
{
	begin_ipv6(packet, 58, ip6_a);
	add_message(packet, 135, 24, ip6_b);
	add_option(packet, 1, 1, lladdr_a);
}

static void expect_address(const u8 *found, const u8 *expected, u8 len)
{
	assert_int_equal(!found, !expected);
	if (expected)
		assert_memory_equal(found, expected, len);
}

static void expect_neighbour(const struct packet *packet, const u8 *owner,
			     const u8 *target, const u8 *lladdr)
{
	struct scsiip_neighbour neighbour;
	u32 seen;
	int ret;

	ret = hear(&neighbour, 0x86dd, packet->data, packet->len, packet->len);
	if (ret) {
		dump("packet", packet->data, packet->len);
		fail_msg("%d", ret);
	}
	assert_int_equal(neighbour.len, 16);
	expect_address(neighbour.owner, owner, 16);
	expect_address(neighbour.target, target, 16);
	expect_address(neighbour.lladdr, lladdr, 6);
	assert_false(neighbour.ambiguous);
	assert_int_equal(scsiip_neighbour_is(&neighbour, lladdr_a),
			 lladdr != lladdr_b);

	/* whoever sees less of it must be told that there is more */
	for (seen = 0; seen < packet->len; seen++)
		assert_int_equal(hear(&neighbour, 0x86dd, packet->data, seen,
				      packet->len), -EAGAIN);
}

static void expect_no_neighbour(const struct packet *packet)
{
	struct scsiip_neighbour neighbour;
	int ret = hear(&neighbour, 0x86dd, packet->data, packet->len,
		       packet->len);

	if (ret != -ENOMSG) {
		dump("packet", packet->data, packet->len);
		fail_msg("%d", ret);
	}
}

static void test_arp_request(void **state)
{
	struct scsiip_neighbour neighbour;
	u32 seen;

	(void)state;
	assert_int_equal(hear(&neighbour, 0x0806, arp_request, 28, 28), 0);
	assert_int_equal(neighbour.len, 4);
	expect_address(neighbour.owner, &arp_request[14], 4);
	expect_address(neighbour.target, &arp_request[24], 4);
	expect_address(neighbour.lladdr, lladdr_a, 6);
	assert_true(scsiip_neighbour_is(&neighbour, lladdr_a));
	assert_false(scsiip_neighbour_is(&neighbour, lladdr_b));

	for (seen = 0; seen < 28; seen++) {
		assert_int_equal(hear(&neighbour, 0x0806, arp_request, seen, 28),
				 -EAGAIN);
		assert_int_equal(hear(&neighbour, 0x0806, arp_request, seen,
				      seen), -ENOMSG);
	}
	/* nor is it anything else */
	assert_int_equal(hear(&neighbour, 0x0800, arp_request, 28, 28), -ENOMSG);
	assert_int_equal(hear(&neighbour, 0x86dd, arp_request, 28, 28), -ENOMSG);
}

static void test_arp_kinds(void **state)
{
	struct scsiip_neighbour neighbour;
	u8 packet[28];
	unsigned int op;

	(void)state;
	/* only a request asks */
	for (op = 0; op < 0x10000; op++) {
		memcpy(packet, arp_request, 28);
		put_unaligned_be16(op, &packet[6]);
		assert_int_equal(hear(&neighbour, 0x0806, packet, 28, 28), 0);
		assert_int_equal(!!neighbour.target, op == 1);
		assert_non_null(neighbour.owner);
		assert_non_null(neighbour.lladdr);
	}

	/* an announcement asks for nothing */
	memcpy(packet, arp_request, 28);
	packet[27] = 1;
	assert_int_equal(hear(&neighbour, 0x0806, packet, 28, 28), 0);
	assert_non_null(neighbour.owner);
	assert_null(neighbour.target);

	/* a probe speaks for nobody */
	memcpy(packet, arp_request, 28);
	memset(&packet[14], 0, 4);
	assert_int_equal(hear(&neighbour, 0x0806, packet, 28, 28), 0);
	assert_null(neighbour.owner);
	expect_address(neighbour.target, &arp_request[24], 4);
	assert_false(scsiip_neighbour_is(&neighbour, lladdr_b));
}

static void test_arp_of_other_addresses(void **state)
{
	struct scsiip_neighbour neighbour;
	unsigned int byte, value;
	u8 packet[28];

	(void)state;
	/* protocol type, lengths; the hardware type may be IEEE 802's */
	for (byte = 0; byte < 6; byte++)
		for (value = 0; value < 256; value++) {
			memcpy(packet, arp_request, 28);
			packet[byte] = value;
			assert_int_equal(hear(&neighbour, 0x0806, packet, 28, 28),
					 byte < 2 || value == arp_request[byte] ?
					 0 : -ENOMSG);
		}
}

static void test_neighbour_discovery(void **state)
{
	static struct packet packet;

	(void)state;
	make_solicitation(&packet);
	expect_neighbour(&packet, ip6_a, ip6_b, lladdr_a);

	/* duplicate address detection */
	begin_ipv6(&packet, 58, ip6_none);
	add_message(&packet, 135, 24, ip6_b);
	expect_neighbour(&packet, NULL, ip6_b, NULL);

	/* an advertisement speaks for its target, whoever sends it */
	begin_ipv6(&packet, 58, ip6_a);
	add_message(&packet, 136, 24, ip6_b);
	expect_neighbour(&packet, ip6_b, NULL, NULL);
	add_option(&packet, 2, 1, lladdr_b);
	expect_neighbour(&packet, ip6_b, NULL, lladdr_b);

	begin_ipv6(&packet, 58, ip6_a);
	add_message(&packet, 133, 8, NULL);
	expect_neighbour(&packet, ip6_a, NULL, NULL);
	add_option(&packet, 1, 1, lladdr_a);
	expect_neighbour(&packet, ip6_a, NULL, lladdr_a);

	begin_ipv6(&packet, 58, ip6_a);
	add_message(&packet, 134, 16, NULL);
	add_option(&packet, 5, 1, lladdr_b);	/* MTU */
	add_option(&packet, 3, 4, lladdr_b);	/* prefix */
	add_option(&packet, 1, 1, lladdr_a);
	expect_neighbour(&packet, ip6_a, NULL, lladdr_a);

	/* of a group there is no neighbour */
	begin_ipv6(&packet, 58, ip6_a);
	add_message(&packet, 135, 24, (const u8[16]){ 0xff, 2 });
	expect_no_neighbour(&packet);
}

static void test_neighbour_types(void **state)
{
	static struct packet packet;
	unsigned int type, value;

	(void)state;
	for (type = 0; type < 256; type++) {
		begin_ipv6(&packet, 58, ip6_a);
		add_message(&packet, type, 24, ip6_b);
		if (type == 134)
			packet.len -= 8;
		if (type == 133)
			packet.len -= 16;
		if (type < 133 || type > 136)
			expect_no_neighbour(&packet);
		else
			expect_neighbour(&packet, type == 136 ? ip6_b : ip6_a,
					 type == 135 ? ip6_b : NULL, NULL);
	}

	/* hop limit, code, next header */
	for (value = 0; value < 255; value++) {
		make_solicitation(&packet);
		packet.data[7] = value;
		expect_no_neighbour(&packet);
		make_solicitation(&packet);
		packet.data[41] = value + 1;
		expect_no_neighbour(&packet);
	}
	for (value = 0; value < 256; value++) {
		make_solicitation(&packet);
		packet.data[6] = value;
		if (value != 58)
			expect_no_neighbour(&packet);
	}
}

static void test_neighbour_truncated(void **state)
{
	static struct packet packet;
	u32 len, whole;

	(void)state;
	make_solicitation(&packet);
	whole = packet.len;
	for (len = 0; len < whole; len++) {
		packet.len = len;
		/* without its option it is one, too */
		if (len == 64)
			expect_neighbour(&packet, ip6_a, ip6_b, NULL);
		else
			expect_no_neighbour(&packet);
	}
}

static void test_neighbour_options(void **state)
{
	struct scsiip_neighbour neighbour;
	static struct packet packet;
	unsigned int units;

	(void)state;
	/* said twice is said once */
	make_solicitation(&packet);
	add_option(&packet, 2, 1, lladdr_a);
	add_option(&packet, 1, 1, lladdr_a);
	expect_neighbour(&packet, ip6_a, ip6_b, lladdr_a);

	/* saying different things is saying neither */
	add_option(&packet, 2, 1, lladdr_b);
	assert_int_equal(hear(&neighbour, 0x86dd, packet.data, packet.len,
			      packet.len), 0);
	assert_true(neighbour.ambiguous);
	assert_false(scsiip_neighbour_is(&neighbour, lladdr_a));
	assert_false(scsiip_neighbour_is(&neighbour, lladdr_b));

	/* no length, or more than there is */
	for (units = 0; units < 256; units++) {
		make_solicitation(&packet);
		add_option(&packet, 14, 4, lladdr_b);
		packet.data[73] = units;
		if (units == 4 || units == 0)
			memset(&packet.data[74], 0, 6);
		if (units == 4)
			expect_neighbour(&packet, ip6_a, ip6_b, lladdr_a);
		else if (units == 0 || units > 4)
			expect_no_neighbour(&packet);
	}
	/* a piece of an option */
	for (units = 1; units < 8; units++) {
		make_solicitation(&packet);
		append(&packet, "\1\1abcdef", units);
		expect_no_neighbour(&packet);
	}
}

static void add_header(struct packet *packet, u8 type, u8 next, u8 units)
{
	static u8 header[2048];
	u32 len = (units + 1) * 8;

	if (type == 44)
		len = 8;
	if (type == 51)
		len = (units + 2) * 4;
	memset(header, 0, sizeof(header));
	header[0] = next;
	header[1] = units;
	append(packet, header, len);
}

static void test_neighbour_behind_headers(void **state)
{
	static const u8 types[] = { 0, 43, 44, 51, 60 };
	static struct packet packet;
	unsigned int i, units;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (units = 0; units < 32; units++) {
			begin_ipv6(&packet, types[i], ip6_a);
			add_header(&packet, types[i], 58, units);
			add_message(&packet, 135, 24, ip6_b);
			add_option(&packet, 1, 1, lladdr_b);
			expect_neighbour(&packet, ip6_a, ip6_b, lladdr_b);
		}

	/* all of them, and again */
	begin_ipv6(&packet, types[0], ip6_a);
	for (i = 0; i < 20; i++)
		add_header(&packet, types[i % 5], i == 19 ? 58 :
			   types[(i + 1) % 5], 1);
	add_message(&packet, 136, 24, ip6_b);
	expect_neighbour(&packet, ip6_b, NULL, NULL);

	/* a fragment that is not the first */
	for (i = 3; i < 16; i++) {
		begin_ipv6(&packet, 44, ip6_a);
		add_header(&packet, 44, 58, 0);
		add_message(&packet, 135, 24, ip6_b);
		put_unaligned_be16(1 << i, &packet.data[42]);
		expect_no_neighbour(&packet);
	}
	/* the first one, and its reserved bits */
	for (i = 0; i < 3; i++) {
		put_unaligned_be16(1 << i, &packet.data[42]);
		expect_neighbour(&packet, ip6_a, ip6_b, NULL);
	}

	/* a header that runs over the end */
	begin_ipv6(&packet, 60, ip6_a);
	add_header(&packet, 60, 58, 255);
	packet.len = 40 + 8;
	expect_no_neighbour(&packet);
	packet.len = 40 + 7;
	expect_no_neighbour(&packet);
}

/*
 * Random input: valid, nearly valid, and noise
 */
static void fuzz_cdb(void **state)
{
	const struct form *form;
	unsigned int round, i;
	u8 cdb[12];

	(void)state;
	for (round = 0; round < FUZZ_ROUNDS; round++) {
		u16 ethertype;
		u32 length = 0;
		u8 other = 0;

		form = &forms[random_below(ARRAY_SIZE(forms))];
		make_cdb(cdb, form, random_below(16), random64() >>
			 random_below(64));
		if (random_below(4))
			mutate(cdb + 1, form->len - 1);
		else
			random_bytes(cdb + 1, form->len - 1);

		for (i = 1; i < form->len; i++) {
			if (in_length_field(form, i))
				length = length << 8 | cdb[i];
			else
				other |= cdb[i] & (i == 1 ? 0x1f :
						   form->stream && i == 5 ?
						   0xf0 : 0xff);
		}
		ethertype = ethertype_of(cdb[5]);
		if (other)
			expect_refusal(form, cdb, SCSIIP_RESERVED, 0);
		else if (form->stream && !ethertype)
			expect_refusal(form, cdb, SCSIIP_PROTOCOL, length);
		else
			expect_message(form, cdb, length, ethertype);
	}
}

static void fuzz_datagram(void **state)
{
	static const u16 types[] = { UNTYPED, 0x0800, 0x0806, 0x86dd };
	u8 head[SCSIIP_CHECK_LEN];
	unsigned int round;

	(void)state;
	for (round = 0; round < FUZZ_ROUNDS; round++) {
		u16 type = types[random_below(ARRAY_SIZE(types))], found = type;
		u32 len = random_below(random_below(2) ? 64 : 70000);
		u32 need = 28, own = 28, own_len;
		enum scsiip_verdict verdict;

		random_bytes(head, sizeof(head));
		switch (random_below(4)) {
		case 0:
			make_ipv4(head, 5 + random_below(11), len);
			mutate(head, 6);
			break;
		case 1:
			make_ipv6(head, len - 40);
			mutate(head, 6);
			break;
		case 2:
			head[0] = (random_below(2) ? 0x40 : 0x60) |
				  random_below(16);
			break;
		}

		/* its version, length of header, length */
		if (type != 0x0806 && len) {
			found = head[0] >> 4 == 4 ? 0x0800 :
				head[0] >> 4 == 6 ? 0x86dd : 0;
			need = found == 0x0800 ? 20 : 40;
			own = found == 0x0800 ? head[2] << 8 | head[3] :
						(head[4] << 8 | head[5]) + 40;
		}
		if (!found || (type && type != found))
			verdict = SCSIIP_BAD_HEADER;
		else if (len < need)
			verdict = SCSIIP_SHORT_DATAGRAM;
		else if (found == 0x0800 &&
			 ((head[0] & 0xf) < 5 || own < (head[0] & 0xfu) * 4))
			verdict = SCSIIP_BAD_HEADER;
		else
			verdict = len < own ? SCSIIP_SHORT_DATAGRAM :
					      SCSIIP_ACCEPTED;
		if (!len)
			verdict = SCSIIP_SHORT_DATAGRAM;
		expect_datagram(head, len, type, verdict, found, own);

		/* nobody is told of more bytes than there are */
		if (check(head, len, &type, &own_len) == SCSIIP_ACCEPTED)
			assert_in_range(own_len, 20, len);
	}
}

/* Whatever it is told of lies within what was seen, and is in the right place */
static void check_neighbour(const struct scsiip_neighbour *neighbour,
			    u16 ethertype, const u8 *data, u32 len)
{
	const u8 *from = input_end - len;

	assert_int_equal(neighbour->len, ethertype == 0x0806 ? 4 : 16);
	if (neighbour->owner)
		assert_in_range(neighbour->owner - from, 8,
				len - neighbour->len);
	if (neighbour->target)
		assert_in_range(neighbour->target - from, 24,
				len - neighbour->len);
	if (neighbour->lladdr)
		assert_in_range(neighbour->lladdr - from, 8, len - 6);
	if (neighbour->ambiguous)
		assert_non_null(neighbour->lladdr);
	assert_true(neighbour->owner || neighbour->target ||
		    ethertype == 0x0806 || data[6] != 58 ||
		    data[40] == 133 || data[40] == 134);
}

static void fuzz_neighbour(void **state)
{
	static const u8 types[] = { 0, 43, 44, 51, 60 };
	unsigned int round, taken = 0, unseen = 0;
	static struct packet packet;

	(void)state;
	for (round = 0; round < FUZZ_ROUNDS; round++) {
		u16 ethertype = random_below(4) ? 0x86dd : 0x0806;
		struct scsiip_neighbour neighbour;
		u32 headers = random_below(4), options = random_below(4);
		u32 seen;
		u8 next;
		int ret;

		next = headers ? types[random_below(5)] : 58;
		begin_ipv6(&packet, next, random_below(4) ? ip6_a : ip6_none);
		while (headers--) {
			u8 following = headers ? types[random_below(5)] : 58;

			add_header(&packet, next, following, random_below(3));
			next = following;
		}
		add_message(&packet, 132 + random_below(6),
			    8 + 8 * random_below(3), NULL);
		while (options--)
			add_option(&packet, 1 + random_below(5),
				   1 + random_below(2), lladdr_a);
		if (ethertype == 0x0806)
			memcpy(packet.data, arp_request, sizeof(arp_request));
		mutate(packet.data, packet.len);
		if (!random_below(4))
			packet.len = random_below(packet.len + 1);

		seen = random_below(2) ? packet.len :
					 random_below(packet.len + 1);
		ret = hear(&neighbour, ethertype, packet.data, seen,
			   packet.len);
		if (!ret) {
			taken++;
			check_neighbour(&neighbour, ethertype, packet.data,
					seen);
			continue;
		}
		assert_true(ret == -ENOMSG || ret == -EAGAIN);
		if (ret == -EAGAIN) {
			unseen++;
			assert_true(seen < packet.len);
		}
	}
	assert_in_range(taken, FUZZ_ROUNDS / 20, FUZZ_ROUNDS);
	assert_in_range(unseen, FUZZ_ROUNDS / 20, FUZZ_ROUNDS);
}

static void fuzz_identity(void **state)
{
	unsigned int round, accepted = 0;

	(void)state;
	for (round = 0; round < FUZZ_ROUNDS; round++) {
		u8 page[SCSIIP_IDENTITY_LEN + 40], again[SCSIIP_IDENTITY_LEN];
		u32 len = random_below(8) ? 60 + random_below(41) :
					    random_below(60);
		struct scsiip_identity identity;
		size_t name;
		int ret;

		random_bytes(page, sizeof(page));
		if (random_below(8)) {
			memcpy(page, lab_page, sizeof(lab_page));
			put_unaligned_be16(56 + random_below(20), &page[2]);
			mutate(page, sizeof(lab_page));
		}

		ret = decode(&identity, page, len);
		if (ret) {
			assert_true(ret == -EINVAL || ret == -EPROTO);
			continue;
		}

		/* what was taken says the same when we say it */
		accepted++;
		assert_true(scsiip_network_valid(identity.network));
		scsiip_identity_encode(&identity, again);
		name = strlen(identity.network);
		assert_memory_equal(again, page, 2);
		assert_memory_equal(again + 4, page + 4, 8);
		assert_memory_equal(again + PAGE_LLADDR, page + PAGE_LLADDR,
				    PAGE_NETWORK - PAGE_LLADDR + name + 1);
		assert_true(page[PAGE_VERSION]);
		assert_false(page[PAGE_LLADDR] & 1);
		assert_in_range(identity.mtu, 68, 65535);
		assert_true(get_unaligned_be16(&page[2]) + 4u <= len);
	}
	assert_in_range(accepted, FUZZ_ROUNDS / 20, FUZZ_ROUNDS);
}

static bool vendor_specific(const u8 *id, u8 len)
{
	unsigned int i;

	for (i = 8; i < len; i++)
		if (id[i] != '\0' && id[i] != ' ')
			return true;
	return false;
}

/* The designator that is to be found, by another way of looking for it */
static int find_designator(const struct page *page, const u8 **found)
{
	unsigned int rank, pos, end;

	if (page->len < 4 || page->data[0] != 0x09 || page->data[1] != 0x83)
		return -EINVAL;
	end = 4 + (page->data[2] << 8 | page->data[3]);
	if (end > page->len)
		return -EINVAL;
	for (pos = 4; pos != end; pos += 4 + page->data[pos + 3])
		if (pos + 4 > end || pos + 4 + page->data[pos + 3] > end)
			return -EINVAL;

	for (rank = 0; rank < ARRAY_SIZE(ranking); rank++)
		for (pos = 4; pos != end; pos += 4 + page->data[pos + 3]) {
			u8 len = page->data[pos + 3];

			*found = page->data + pos;
			if ((page->data[pos + 1] & 0x3f) == ranking[rank] &&
			    len && len <= 128 &&
			    (ranking[rank] != 0x1 || vendor_specific(pos + 4 +
							page->data, len)))
				return 0;
		}
	return -ENOENT;
}

static void fuzz_designator(void **state)
{
	static struct page page;
	unsigned int round, seen[3] = {};

	(void)state;
	for (round = 0; round < FUZZ_ROUNDS; round++) {
		u32 descriptors = random_below(5);
		struct scsiip_designator designator;
		const u8 *found = NULL;
		int expected, ret;

		begin_page(&page);
		while (descriptors--)
			add_raw(&page, random64(), random_below(3) ?
				random_below(10) : random64(),
				random_below(random_below(4) ? 24 : 256),
				random64());
		if (random_below(2))
			mutate(page.data, page.len);
		if (!random_below(8))
			page.len = random_below(page.len + 20);

		expected = find_designator(&page, &found);
		ret = designate(&designator, &page);
		if (ret != expected) {
			dump("page", page.data, page.len);
			fail_msg("%d, wanted %d", ret, expected);
		}
		seen[!ret ? 0 : ret == -ENOENT ? 1 : 2]++;
		if (ret)
			continue;
		assert_int_equal(designator.type, found[1] & 0xf);
		assert_int_equal(designator.len, found[3]);
		assert_memory_equal(designator.id, found + 4, found[3]);
	}
	assert_in_range(seen[0], FUZZ_ROUNDS / 20, FUZZ_ROUNDS);
	assert_in_range(seen[1], FUZZ_ROUNDS / 20, FUZZ_ROUNDS);
	assert_in_range(seen[2], FUZZ_ROUNDS / 20, FUZZ_ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cdb_boundary_lengths),
		cmocka_unit_test(test_cdb_length_bits),
		cmocka_unit_test(test_cdb_lun_is_ignored),
		cmocka_unit_test(test_cdb_reserved_bits),
		cmocka_unit_test(test_cdb_control_byte),
		cmocka_unit_test(test_cdb_protocol_types),
		cmocka_unit_test(test_cdb_zero_length_is_checked),
		cmocka_unit_test(test_cdb_order_of_refusals),
		cmocka_unit_test(test_build_byte_for_byte),
		cmocka_unit_test(test_build_and_parse),
		cmocka_unit_test(test_ethertypes),
		cmocka_unit_test(test_datagram_ipv4_lengths),
		cmocka_unit_test(test_datagram_ipv4_header_lengths),
		cmocka_unit_test(test_datagram_ipv6_lengths),
		cmocka_unit_test(test_datagram_arp),
		cmocka_unit_test(test_datagram_versions),
		cmocka_unit_test(test_datagram_empty),
		cmocka_unit_test(test_arp_request),
		cmocka_unit_test(test_arp_kinds),
		cmocka_unit_test(test_arp_of_other_addresses),
		cmocka_unit_test(test_neighbour_discovery),
		cmocka_unit_test(test_neighbour_types),
		cmocka_unit_test(test_neighbour_truncated),
		cmocka_unit_test(test_neighbour_options),
		cmocka_unit_test(test_neighbour_behind_headers),
		cmocka_unit_test(test_identity_byte_for_byte),
		cmocka_unit_test(test_identity_behind_the_name),
		cmocka_unit_test(test_identity_round_trip),
		cmocka_unit_test(test_identity_of_no_interface),
		cmocka_unit_test(test_identity_truncated),
		cmocka_unit_test(test_identity_page_length),
		cmocka_unit_test(test_identity_header),
		cmocka_unit_test(test_identity_versions),
		cmocka_unit_test(test_identity_addresses),
		cmocka_unit_test(test_identity_mtu_range),
		cmocka_unit_test(test_identity_features_are_taken),
		cmocka_unit_test(test_identity_network),
		cmocka_unit_test(test_network_names),
		cmocka_unit_test(test_designator_types),
		cmocka_unit_test(test_designator_ranking),
		cmocka_unit_test(test_designator_vendor_only),
		cmocka_unit_test(test_designator_lengths),
		cmocka_unit_test(test_designator_association),
		cmocka_unit_test(test_designator_overrun),
		cmocka_unit_test(test_designator_truncated_page),
		cmocka_unit_test(test_designator_header),
		cmocka_unit_test(test_designator_page_sizes),
		cmocka_unit_test(test_designator_of_lio),
		cmocka_unit_test(test_designator_equal),
		cmocka_unit_test_setup(fuzz_cdb, start_fuzz),
		cmocka_unit_test_setup(fuzz_datagram, start_fuzz),
		cmocka_unit_test_setup(fuzz_neighbour, start_fuzz),
		cmocka_unit_test_setup(fuzz_identity, start_fuzz),
		cmocka_unit_test_setup(fuzz_designator, start_fuzz),
	};

	return cmocka_run_group_tests_name("codec", tests, map_input,
					   unmap_input);
}
