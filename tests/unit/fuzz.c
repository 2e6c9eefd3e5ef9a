// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever bytes a host or a logical unit sends: kernel/net/codec.c under
 * libFuzzer, which looks for inputs that take branches no other has taken.
 *
 * The first byte of an input says which function the others are for. None of
 * them is compared with another implementation of itself, tests/unit/codec.c
 * does that: here is what must hold of any answer, whatever it is.
 *
 * fuzz [-runs=N] [-seed=N] [FILE...]; without arguments it is a short run that
 * always does the same.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include <linux/unaligned.h>

#include "codec.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_INPUT	4096	/* libFuzzer's own limit without a corpus */

/* Not assert(), which a -DNDEBUG would make true */
#define must(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: must be: %s\n", __FILE__, \
				__LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* What the sanitizer watches begins where the copy ends. */
static const u8 *ends_here(const void *data, size_t len)
{
	static u8 buf[MAX_INPUT + 16];

	return memcpy(buf + sizeof(buf) - len, data, len);
}

static bool known(u16 ethertype)
{
	return ethertype == 0x0800 || ethertype == 0x0806 ||
	       ethertype == 0x86dd;
}

static enum scsiip_verdict parse(const u8 *cdb, size_t len,
				 struct scsiip_message *msg, u8 before)
{
	memset(msg, before, sizeof(*msg));
	return scsiip_parse_cdb(ends_here(cdb, len), msg);
}

/* Whatever else is in it, up to the limit it is accepted. No more is, which is
 * a length that would not come up often.
 */
static void limited(const u8 *cdb, size_t len, unsigned int at)
{
	struct scsiip_message msg;
	u8 other[12];

	memcpy(other, cdb, len);
	if (at == 7)
		other[6] = 0;
	other[at] = SCSIIP_MAX_TRANSFER >> 16;
	put_unaligned_be16(SCSIIP_MAX_TRANSFER & 0xffff, &other[at + 1]);
	must(parse(other, len, &msg, 0xff) == SCSIIP_ACCEPTED);
	other[at + 2]++;
	must(parse(other, len, &msg, 0xff) == SCSIIP_TOO_LONG);
}

/* What scsiip_parse_cdb() accepts is short enough; of (10) it is what
 * scsiip_send_message_cdb() makes, bit by bit.
 */
static bool fuzz_cdb(const u8 *data, size_t size)
{
	static const u8 opcodes[] = { 0x0a, 0x2a, 0xaa }, lens[] = { 6, 10, 12 };
	struct scsiip_message msg, again;
	enum scsiip_verdict verdict;
	u8 cdb[12] = {}, form, len;

	if (!size)
		return false;
	form = data[0] % ARRAY_SIZE(opcodes);
	len = lens[form];
	memcpy(cdb, data, size < len ? size : len);
	cdb[0] = opcodes[form];

	verdict = parse(cdb, len, &msg, 0x00);
	must(verdict == SCSIIP_ACCEPTED || verdict == SCSIIP_RESERVED ||
	     verdict == SCSIIP_PROTOCOL || verdict == SCSIIP_TOO_LONG);

	/* the same whatever was in the result, and for any LUN */
	must(parse(cdb, len, &again, 0xff) == verdict);
	if (verdict != SCSIIP_RESERVED)
		must(again.length == msg.length);
	cdb[1] ^= 0xe0;
	must(parse(cdb, len, &again, 0xff) == verdict);
	cdb[1] ^= 0xe0;

	if (verdict == SCSIIP_TOO_LONG)
		must(msg.length > SCSIIP_MAX_TRANSFER);
	if (form != 1 && (verdict == SCSIIP_TOO_LONG || verdict == SCSIIP_ACCEPTED))
		limited(cdb, len, form == 0 ? 2 : 7);
	if (verdict != SCSIIP_ACCEPTED)
		return false;

	must(msg.length <= SCSIIP_MAX_TRANSFER);
	must(again.length == msg.length && again.ethertype == msg.ethertype);
	if (form == 0) {
		must(!msg.ethertype);
	} else {
		must(known(msg.ethertype));
		must(scsiip_protocol_type(msg.ethertype) == (cdb[5] & 0xf));
	}
	if (form == 1) {
		u8 made[SCSIIP_CDB_LEN];

		scsiip_send_message_cdb(made, cdb[1] >> 5, msg.ethertype,
					msg.length);
		must(!memcmp(made, cdb, sizeof(made)));
	}
	return true;
}

/* What scsiip_send_message_cdb() makes is accepted, and gives back the same. */
static bool fuzz_message(const u8 *data, size_t size)
{
	struct scsiip_message msg;
	u8 cdb[SCSIIP_CDB_LEN];
	u16 ethertype, length;
	u64 lun;

	if (size < 6)
		return false;
	ethertype = get_unaligned_be16(data);
	length = get_unaligned_be16(data + 2);
	lun = get_unaligned_be16(data + 4);
	must(known(ethertype) == (scsiip_protocol_type(ethertype) >= 0));
	if (!known(ethertype))
		return false;

	scsiip_send_message_cdb(cdb, lun, ethertype, length);
	must(parse(cdb, sizeof(cdb), &msg, 0xff) == SCSIIP_ACCEPTED);
	must(msg.length == length && msg.ethertype == ethertype);
	must(cdb[1] == (lun < 8 ? lun << 5 : 0));
	return true;
}

/* The first bytes of so long a datagram; no more than there are */
static enum scsiip_verdict check(const u8 *head, u32 len, u16 *ethertype,
				 u32 *datagram_len)
{
	u32 seen = len < SCSIIP_CHECK_LEN ? len : SCSIIP_CHECK_LEN;

	return scsiip_datagram_check(ends_here(head, seen), len, ethertype,
				     datagram_len);
}

/* No datagram is longer than the data, and it is the whole datagram that must
 * be there, not a byte less.
 */
static bool fuzz_datagram(const u8 *data, size_t size)
{
	static const u16 types[] = { 0, 0x0800, 0x0806, 0x86dd };
	u8 head[SCSIIP_CHECK_LEN] = {};
	u32 len, own = ~0, again = 0;
	enum scsiip_verdict verdict;
	u16 type, found, found_again;

	if (size < 4)
		return false;
	type = found = found_again = types[data[0] % ARRAY_SIZE(types)];
	len = get_unaligned_be24(data + 1) % (SCSIIP_MAX_TRANSFER + 1);
	data += 4;
	size -= 4;
	memcpy(head, data, size < sizeof(head) ? size : sizeof(head));

	verdict = check(head, len, &found, &own);
	must(verdict == SCSIIP_ACCEPTED || verdict == SCSIIP_SHORT_DATAGRAM ||
	     verdict == SCSIIP_BAD_HEADER);
	must(check(head, len, &found_again, &again) == verdict);
	must(found_again == found && (!type || found == type));
	if (verdict != SCSIIP_ACCEPTED)
		return false;

	must(known(found));
	must(own == again && own <= len);
	must(own >= (found == 0x0800 ? 20 : found == 0x0806 ? 28 : 40));

	must(check(head, own, &found, &again) == SCSIIP_ACCEPTED);
	must(own == again);
	must(check(head, SCSIIP_MAX_TRANSFER, &found, &again) == SCSIIP_ACCEPTED);
	must(own == again);
	must(check(head, own - 1, &found, &again) == SCSIIP_SHORT_DATAGRAM);
	return true;
}

static void must_be_inside(const u8 *part, u32 len, const u8 *data, u32 seen)
{
	if (part)
		must(part >= data && part + len <= data + seen);
}

static size_t offset(const u8 *part, const u8 *data)
{
	return part ? part - data : ~0ul;
}

/* What is told lies within what was seen, and seeing more changes nothing. */
static bool fuzz_neighbour(const u8 *data, size_t size)
{
	struct scsiip_neighbour all, part;
	const u8 *copy;
	u16 ethertype;
	u32 seen;
	int ret, early;

	if (size < 3)
		return false;
	ethertype = data[0] & 1 ? 0x0806 : 0x86dd;
	seen = get_unaligned_be16(data + 1);
	data += 3;
	size -= 3;
	seen = seen < size ? seen : size;

	memset(&all, 0xff, sizeof(all));
	ret = scsiip_neighbour_decode(&all, ethertype, data, size, size);
	must(ret == 0 || ret == -ENOMSG);

	memset(&part, 0x55, sizeof(part));
	copy = ends_here(data, seen);
	early = scsiip_neighbour_decode(&part, ethertype, copy, seen, size);
	if (early == -EAGAIN)
		must(seen < size);
	else
		must(early == ret);
	if (!early) {
		must(part.len == all.len && part.ambiguous == all.ambiguous);
		must(offset(part.owner, copy) == offset(all.owner, data));
		must(offset(part.target, copy) == offset(all.target, data));
		must(offset(part.lladdr, copy) == offset(all.lladdr, data));
		must_be_inside(part.owner, part.len, copy, seen);
		must_be_inside(part.target, part.len, copy, seen);
		must_be_inside(part.lladdr, ETH_ALEN, copy, seen);
	}
	if (ret)
		return false;

	must(all.len == (ethertype == 0x0806 ? 4 : 16));
	must_be_inside(all.owner, all.len, data, size);
	must_be_inside(all.target, all.len, data, size);
	must_be_inside(all.lladdr, ETH_ALEN, data, size);
	must(all.lladdr || !all.ambiguous);
	if (all.lladdr) {
		u8 other[ETH_ALEN];

		must(scsiip_neighbour_is(&all, all.lladdr) == !all.ambiguous);
		memcpy(other, all.lladdr, sizeof(other));
		other[data[0] % ETH_ALEN] ^= 0x10;
		must(!scsiip_neighbour_is(&all, other));
	}
	return true;
}

static bool same(const struct scsiip_identity *a,
		 const struct scsiip_identity *b)
{
	return !memcmp(a->lladdr, b->lladdr, sizeof(a->lladdr)) &&
	       a->mtu == b->mtu && a->features == b->features &&
	       !memcmp(a->network, b->network, sizeof(a->network));
}

/* A page to read: the input, as it is or, what it would take libFuzzer long to
 * hit upon, behind the header of a page that is all there.
 */
static const u8 *make_page(const u8 *data, size_t *size, u8 code,
			   const char *signature)
{
	static u8 buf[MAX_INPUT + 16];
	size_t head = 4 + strlen(signature);
	u8 *page;

	if (!*size || !(data[0] & 1))
		return data;
	data++;
	*size += head - 1;
	page = buf + sizeof(buf) - *size;
	page[0] = 0x09;
	page[1] = code;
	put_unaligned_be16(*size - 4, page + 2);
	memcpy(page + 4, signature, head - 4);
	memcpy(page + head, data, *size - head);
	return page;
}

/* A page that is taken says the same when we say it, and needs all its bytes. */
static bool fuzz_identity(const u8 *data, size_t size)
{
	struct scsiip_identity identity, again;
	static const u32 mtus[] = { 68, 67, 65535, 65536 };	/* taken, not taken */
	u8 page[SCSIIP_IDENTITY_LEN];
	size_t name, mtu;
	u32 own;
	int ret;

	memset(&identity, 0x00, sizeof(identity));
	memset(&again, 0xff, sizeof(again));
	data = make_page(data, &size, SCSIIP_IDENTITY_PAGE, "RFC 2143");
	ret = scsiip_identity_decode(&identity, data, size);
	must(ret == 0 || ret == -EINVAL || ret == -EPROTO);
	must(scsiip_identity_decode(&again, data, size) == ret);
	if (ret)
		return false;

	must(same(&identity, &again));
	must(size >= SCSIIP_IDENTITY_LEN);
	must(identity.mtu >= 68 && identity.mtu <= SCSIIP_MAX_DATAGRAM);
	must(!(identity.lladdr[0] & 1));
	must(scsiip_network_valid(identity.network));

	scsiip_identity_encode(&identity, page);
	must(!scsiip_identity_decode(&again, ends_here(page, sizeof(page)),
				     sizeof(page)));
	must(same(&identity, &again));
	name = strlen(identity.network);
	must(!memcmp(page + 4, data + 4, 8));
	must(!memcmp(page + 14, data + 14, 14 + name + 1));
	for (mtu = 0; mtu < ARRAY_SIZE(mtus); mtu++) {
		put_unaligned_be32(mtus[mtu], page + 20);
		must(scsiip_identity_decode(&again, page, sizeof(page)) ==
		     (mtu % 2 ? -EPROTO : 0));
	}
	must(!scsiip_identity_decode(&again, data, size));

	own = get_unaligned_be16(data + 2) + 4;
	must(own <= size);
	must(!scsiip_identity_decode(&again, ends_here(data, own), own));
	must(same(&identity, &again));
	must(scsiip_identity_decode(&again, ends_here(data, own - 1), own - 1));
	return true;
}

/* An identity that can be is taken as it is. */
static bool fuzz_announcement(const u8 *data, size_t size)
{
	struct scsiip_identity identity = {}, again;
	u8 page[SCSIIP_IDENTITY_LEN];

	if (size < 12)
		return false;
	memcpy(identity.lladdr, data, ETH_ALEN);
	identity.lladdr[0] = (identity.lladdr[0] & ~1) | 2;
	identity.mtu = 68 + get_unaligned_be16(data + 6) % (65535 - 68 + 1);
	identity.features = get_unaligned_be32(data + 8);
	data += 12;
	size -= 12;
	if (size > sizeof(identity.network) - 1)
		size = sizeof(identity.network) - 1;
	memcpy(identity.network, data, size);
	memset(identity.network + strlen(identity.network), 0,
	       sizeof(identity.network) - strlen(identity.network));

	scsiip_identity_encode(&identity, page);
	memset(&again, 0xff, sizeof(again));
	if (!scsiip_network_valid(identity.network)) {
		must(scsiip_identity_decode(&again, page, sizeof(page)) == -EPROTO);
		return false;
	}
	must(!scsiip_identity_decode(&again, page, sizeof(page)));
	must(same(&identity, &again));
	return true;
}

/* A designator is one that stands in the page, which needs all its bytes. */
static bool fuzz_designator(const u8 *data, size_t size)
{
	struct scsiip_designator designator, again;
	bool there = false;
	u32 own, pos;
	int ret;

	memset(&designator, 0x00, sizeof(designator));
	memset(&again, 0xff, sizeof(again));
	data = make_page(data, &size, 0x83, "");
	ret = scsiip_designator_decode(&designator, data, size);
	must(ret == 0 || ret == -EINVAL || ret == -ENOENT);
	must(scsiip_designator_decode(&again, data, size) == ret);
	if (ret)
		return false;

	must(!memcmp(&designator, &again, sizeof(designator)));
	must(scsiip_designator_equal(&designator, &again));
	must(designator.type == 1 || designator.type == 2 ||
	     designator.type == 3 || designator.type == 8);
	must(designator.len && designator.len <= SCSIIP_DESIGNATOR_LEN);
	own = get_unaligned_be16(data + 2) + 4;
	must(own <= size);
	for (pos = 4; !there && pos < own; pos += 4 + data[pos + 3])
		there = (data[pos + 1] & 0x3f) == designator.type &&
			data[pos + 3] == designator.len &&
			!memcmp(data + pos + 4, designator.id, designator.len);
	must(there);

	must(!scsiip_designator_decode(&again, ends_here(data, own), own));
	must(!memcmp(&designator, &again, sizeof(designator)));
	must(scsiip_designator_decode(&again, ends_here(data, own - 1),
				      own - 1) == -EINVAL);
	again = designator;
	again.id[again.len - 1] ^= 1;
	must(!scsiip_designator_equal(&designator, &again));
	return true;
}

static struct {
	const char *name;
	bool (*run)(const u8 *data, size_t size);
	unsigned long inputs, taken;
} fuzzers[] = {
	{ "CDBs", fuzz_cdb, 0, 0 },
	{ "CDBs of our own", fuzz_message, 0, 0 },
	{ "datagrams", fuzz_datagram, 0, 0 },
	{ "ARP and neighbour discovery", fuzz_neighbour, 0, 0 },
	{ "identity pages", fuzz_identity, 0, 0 },
	{ "identity pages of our own", fuzz_announcement, 0, 0 },
	{ "device identification pages", fuzz_designator, 0, 0 },
};

/* A run that has seen none of one kind accepted has proved nothing of it. */
static void report(void)
{
	unsigned int i, none = 0;

	for (i = 0; i < ARRAY_SIZE(fuzzers); i++) {
		printf("%-28s %10lu inputs, %10lu accepted\n", fuzzers[i].name,
		       fuzzers[i].inputs, fuzzers[i].taken);
		none += !fuzzers[i].taken;
	}
	fflush(stdout);
	if (none)
		_exit(1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char *few[] = { NULL, "-runs=1000000", "-seed=2143", NULL };
	int before = personality(0xffffffff);

	/* Of numbers that are compared, libFuzzer makes inputs: with addresses
	 * among them that differ from run to run, a seed would repeat nothing.
	 */
	if (before >= 0 && !(before & ADDR_NO_RANDOMIZE) &&
	    personality(before | ADDR_NO_RANDOMIZE) >= 0)
		execv("/proc/self/exe", *argv);

	if (*argc == 1) {
		few[0] = (*argv)[0];
		*argv = few;
		*argc = ARRAY_SIZE(few) - 1;
	}
	if (*argc > 1 && (*argv)[*argc - 1][0] == '-')	/* no FILE */
		atexit(report);
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int which;

	if (!size || size > MAX_INPUT)
		return 0;
	which = data[0] % ARRAY_SIZE(fuzzers);
	fuzzers[which].inputs++;
	fuzzers[which].taken += fuzzers[which].run(data + 1, size - 1);
	return 0;
}
