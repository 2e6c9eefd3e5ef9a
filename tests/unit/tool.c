// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tool scsiip without a kernel: words to values and back, the forms of its
 * output, what requests come of which words, and what it makes of replies, those
 * of a hostile kernel included.
 *
 * Stands in for userspace/socket.c: a kernel that answers what a test wants.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "netlink.h"
#include "socket.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define SEED		0x2143
#define ROUNDS		100000
#define FAMILY		1024	/* above all of rtnetlink's */
#define DATAGRAM	4096
#define QUEUE		16

/* --- chance --- */

static uint64_t random_state = SEED;

static uint32_t chance(uint32_t limit)	/* xorshift64 */
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 16) % limit;
}

/* --- the kernel --- */

static struct {
	struct nlmsghdr request;	/* the last one */
	struct genlmsghdr generic;
	unsigned char attributes[1024];
	int attributes_len;
	unsigned int requests;
	bool absent;

	/* Fills the queue in answer to the request, in addition to an end */
	void (*answer)(void);
	unsigned char queue[QUEUE][DATAGRAM];
	int len[QUEUE];
	int head;
	int tail;
} kernel;

int socket_family(uint16_t *id)
{
	*id = FAMILY;
	return kernel.absent ? -ENOENT : 0;
}

int socket_join_events(void)
{
	kernel.head = kernel.tail = 0;
	if (kernel.answer)
		kernel.answer();
	return 0;
}

int socket_enter_netns(const char *name)
{
	return strcmp(name, "there") ? -ENOENT : 0;
}

void socket_close(void)
{
}

ssize_t socket_receive(int protocol, void *buf, size_t size)
{
	int len;

	(void)protocol;
	if (kernel.head == kernel.tail)
		return -ECONNRESET;	/* nothing waits for ever here */
	len = kernel.len[kernel.head];
	if (len < 0) {
		kernel.head++;
		return len;
	}
	assert_true((size_t)len <= size);
	memcpy(buf, kernel.queue[kernel.head++], len);
	return len;
}

static void send_datagram(const void *data, int len)
{
	assert_true(kernel.tail < QUEUE && len <= DATAGRAM);
	memcpy(kernel.queue[kernel.tail], data, len);
	kernel.len[kernel.tail++] = len;
}

static void send_message(struct nl_msg *message)
{
	nlmsg_hdr(message)->nlmsg_seq = kernel.request.nlmsg_seq;
	send_datagram(nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
	nlmsg_free(message);
}

static struct nl_msg *new_message(uint8_t cmd)
{
	struct nl_msg *message = nlmsg_alloc();

	assert_non_null(genlmsg_put(message, 0, 1, FAMILY, 0, 0, cmd, 1));
	return message;
}

/* The end of a request, with a text if there is one */
static void send_end(int error, const char *text)
{
	bool dump = (kernel.request.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP && !error;
	struct nlmsgerr nlerr = { .error = error, .msg = kernel.request };
	struct nl_msg *message;

	message = nlmsg_alloc_simple(dump ? NLMSG_DONE : NLMSG_ERROR,
				     NLM_F_CAPPED | (text ? NLM_F_ACK_TLVS : 0));
	if (dump)
		nlmsg_append(message, &error, sizeof(error), NLMSG_ALIGNTO);
	else
		nlmsg_append(message, &nlerr, sizeof(nlerr), NLMSG_ALIGNTO);
	if (text)
		nla_put_string(message, NLMSGERR_ATTR_MSG, text);
	send_message(message);
}

int socket_send(int protocol, struct nl_msg *message, uint32_t *seq)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	int fixed = protocol == NETLINK_GENERIC ? (int)GENL_HDRLEN : 0;

	*seq = ++kernel.requests;
	header->nlmsg_seq = *seq;
	kernel.request = *header;
	kernel.attributes_len = 0;
	if (fixed) {
		memcpy(&kernel.generic, nlmsg_data(header), sizeof(kernel.generic));
		kernel.attributes_len = nlmsg_attrlen(header, fixed);
		assert_true(kernel.attributes_len <= (int)sizeof(kernel.attributes));
		memcpy(kernel.attributes, nlmsg_attrdata(header, fixed),
		       kernel.attributes_len);
	}
	kernel.head = kernel.tail = 0;
	if (kernel.answer)
		kernel.answer();
	else
		send_end(0, NULL);
	return 0;
}

/* What the last request said */
static struct nlattr *requested(int attribute)
{
	return nla_find((void *)kernel.attributes, kernel.attributes_len, attribute);
}

/* --- running the tool --- */

static char *output, *messages;

static enum status run(int argc, char **argv)
{
	FILE *real_stdout = stdout, *real_stderr = stderr;
	size_t output_size, messages_size;
	enum status status;

	free(output);
	free(messages);
	stdout = open_memstream(&output, &output_size);
	stderr = open_memstream(&messages, &messages_size);
	status = scsiip(argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = real_stdout;
	stderr = real_stderr;
	return status;
}

/* A line as typed, blanks between the words */
static enum status type(const char *line)
{
	char *words[64] = { "scsiip" }, *copy = strdup(line), *word, *rest = NULL;
	enum status status;
	int count = 1;

	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	status = run(count, words);
	free(copy);
	return status;
}

/* --- values --- */

static void numbers(void **state)
{
	uint64_t number;

	(void)state;
	assert_true(parse_number("0", 0, &number) && number == 0);
	assert_true(parse_number("86400", 86400, &number) && number == 86400);
	assert_true(parse_number("18446744073709551615", UINT64_MAX, &number));
	assert_true(number == UINT64_MAX);
	assert_false(parse_number("18446744073709551616", UINT64_MAX, &number));
	assert_false(parse_number("86401", 86400, &number));
	assert_false(parse_number("", 10, &number));
	assert_false(parse_number("-1", 10, &number));
	assert_false(parse_number("+1", 10, &number));
	assert_false(parse_number(" 1", 10, &number));
	assert_false(parse_number("1 ", 10, &number));
	assert_false(parse_number("0x1", 10, &number));
}

static void link_layer_addresses(void **state)
{
	static const char *const wrong[] = {
		"", "02", "02:00:00:00:00", "02:00:00:00:00:0", "02:00:00:00:00:0g",
		"02:00:00:00:00:001", "02:00:00:00:00:01:", "02-00-00-00-00-01",
		" 02:00:00:00:00:01", "2:0:0:0:0:1",
	};
	uint8_t lladdr[LLADDR_LEN];
	char text[24];
	unsigned int i;

	(void)state;
	assert_true(parse_lladdr("02:aB:cD:00:fF:01", lladdr));
	assert_string_equal(format_lladdr(lladdr, text, sizeof(text)), "02:ab:cd:00:ff:01");
	for (i = 0; i < COUNT(wrong); i++)
		assert_false(parse_lladdr(wrong[i], lladdr));
}

static void luns(void **state)
{
	static const char *const wrong[] = {
		"", ":::", "1:2:3", "1:2:3:", "1:2:3:4:", "1:2:3:4:5", "1:2:-3:4", "1:2:3:x",
		"4294967296:0:0:0", "1 :2:3:4", "1:2:3:9999999999999999999999",
		"4294967295:4294967295:4294967295:9223372036854775807",
	};
	char lun[SCSIIP_LUN_NAME_LEN];
	unsigned int i;

	(void)state;
	assert_true(parse_lun("03:0:1:00", lun));
	assert_string_equal(lun, "3:0:1:0");
	for (i = 0; i < COUNT(wrong); i++)
		assert_false(parse_lun(wrong[i], lun));
}

static void designators(void **state)
{
	static const char *const same[] = {
		"naa.6001405fb310817dd7140918eb085c96", "eui.0123456789abcdef",
		"t10.LIO-ORG%20%20sip0", "name.iqn.2026-11.lab:a,t,0x0001", "t10.%25%00%ff",
	};
	static const char *const wrong[] = {
		"", "naa.", "naa.6", "naa.6g", "naa", "t10.", "t10.%2", "t10.a b", "t10.%zz",
		"uuid.00", "6001405fb310817dd7140918eb085c96",
	};
	char text[DESIGNATOR_TEXT], longest[2 * DESIGNATOR_MAX + 8] = "naa.";
	struct designator designator;
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT(same); i++) {
		assert_true(parse_designator(same[i], &designator));
		assert_string_equal(format_designator(&designator, text, sizeof(text)), same[i]);
	}
	for (i = 0; i < COUNT(wrong); i++)
		assert_false(parse_designator(wrong[i], &designator));

	memset(longest + 4, 'a', 2 * DESIGNATOR_MAX);
	assert_true(parse_designator(longest, &designator));
	assert_int_equal(designator.len, DESIGNATOR_MAX);
	assert_string_equal(format_designator(&designator, text, sizeof(text)), longest);
	memset(longest + 4, 'a', 2 * DESIGNATOR_MAX + 2);
	assert_false(parse_designator(longest, &designator));

	designator.type = DESIGNATOR_T10;
	designator.len = DESIGNATOR_MAX;
	memset(designator.data, 1, sizeof(designator.data));
	format_designator(&designator, text, sizeof(text));
	assert_int_equal(strlen(text), 4 + 3 * DESIGNATOR_MAX);
}

/* --- words --- */

static void answer_interface(void)
{
	struct nl_msg *message;

	if (kernel.generic.cmd == SCSIIP_CMD_LINK_GET) {
		message = new_message(SCSIIP_CMD_LINK_GET);
		nla_put_u32(message, SCSIIP_A_IFINDEX, 7);
		nla_put_string(message, SCSIIP_A_IFNAME, "sip0");
		send_message(message);
	}
	send_end(0, NULL);
}

static void requests(void **state)
{
	static const uint8_t lladdr[LLADDR_LEN] = { 2, 0, 0, 0, 0, 0xb };

	(void)state;
	kernel.answer = answer_interface;
	assert_int_equal(type("peer add dev sip0 lladdr 02:00:00:00:00:0b lun 3:0:1:0 name b "
			      "initiator naa.5"), STATUS_OK);
	assert_int_equal(kernel.generic.cmd, SCSIIP_CMD_PEER_ADD);
	assert_int_equal(nla_get_u32(requested(SCSIIP_A_IFINDEX)), 7);
	assert_memory_equal(nla_data(requested(SCSIIP_A_LLADDR)), lladdr, LLADDR_LEN);
	assert_string_equal(nla_get_string(requested(SCSIIP_A_LUN)), "3:0:1:0");
	assert_string_equal(nla_get_string(requested(SCSIIP_A_NAME)), "b");
	assert_string_equal(nla_get_string(requested(SCSIIP_A_INITIATOR)), "naa.5");
	assert_null(requested(SCSIIP_A_DESIGNATOR));

	/* abbreviated, in another order */
	assert_int_equal(type("p a lu naa.60 ll 02:00:00:00:00:0b d sip0"), STATUS_OK);
	assert_int_equal(kernel.generic.cmd, SCSIIP_CMD_PEER_ADD);
	assert_int_equal(nla_get_u8(requested(SCSIIP_A_DESIGNATOR_TYPE)), DESIGNATOR_NAA);
	assert_int_equal(nla_len(requested(SCSIIP_A_DESIGNATOR)), 1);
	assert_null(requested(SCSIIP_A_LUN));
	assert_null(requested(SCSIIP_A_NAME));

	assert_int_equal(type("peer set dev sip0 lladdr 02:00:00:00:00:0b name x"), STATUS_OK);
	assert_int_equal(kernel.generic.cmd, SCSIIP_CMD_PEER_SET);
	assert_int_equal(type("peer delete dev sip0 lladdr 02:00:00:00:00:0b"), STATUS_OK);
	assert_int_equal(kernel.generic.cmd, SCSIIP_CMD_PEER_DEL);

	assert_int_equal(type("lun attach 3:0:1:0 dev sip0 lladdr 02:00:00:00:00:0b"), STATUS_OK);
	assert_int_equal(kernel.generic.cmd, SCSIIP_CMD_LUN_SET);
	assert_int_equal(nla_get_u8(requested(SCSIIP_A_POLICY)), SCSIIP_POLICY_NETDEV);
	assert_int_equal(nla_get_u32(requested(SCSIIP_A_IFINDEX)), 7);
	assert_memory_equal(nla_data(requested(SCSIIP_A_LLADDR)), lladdr, LLADDR_LEN);
	assert_int_equal(type("lun detach lun 3:0:1:0"), STATUS_OK);
	assert_int_equal(nla_get_u8(requested(SCSIIP_A_POLICY)), SCSIIP_POLICY_NONE);
	assert_int_equal(type("lun auto 3:0:1:0"), STATUS_OK);
	assert_int_equal(nla_get_u8(requested(SCSIIP_A_POLICY)), SCSIIP_POLICY_AUTO);
	assert_int_equal(type("lun pin 3:0:1:0 lladdr none"), STATUS_OK);
	assert_null(requested(SCSIIP_A_POLICY));
	assert_memory_equal(nla_data(requested(SCSIIP_A_LLADDR)), "\0\0\0\0\0\0", LLADDR_LEN);

	assert_int_equal(type("link set sip0 network lab arp_negative_ttl 0"), STATUS_OK);
	assert_int_equal(kernel.request.nlmsg_type, RTM_NEWLINK);
	assert_int_equal(type("arp add 10.0.0.2 lladdr 02:00:00:00:00:0b dev sip0"), STATUS_OK);
	assert_int_equal(kernel.request.nlmsg_type, RTM_NEWNEIGH);
	assert_int_equal(type("arp del fd00::2 dev sip0"), STATUS_OK);
	assert_int_equal(kernel.request.nlmsg_type, RTM_DELNEIGH);
	assert_int_equal(type("-n there link"), STATUS_OK);
	assert_int_equal(type("--netns there --json peer"), STATUS_OK);
	assert_string_equal(output, "[]\n");
}

/* Status 1, nothing asked of the kernel, and the message names the word */
static void wrong_words(void **state)
{
	static const struct {
		const char *line;
		const char *named;
	} wrong[] = {
		{ "", "usage" },
		{ "nonsense", "nonsense" },
		{ "-q link", "-q" },
		{ "-n", "-n" },
		{ "-b", "-b" },
		{ "-c=maybe link", "-c=maybe" },
		{ "-b x link", "usage" },
		{ "link set", "\"dev\"" },
		{ "link set dev", "dev" },
		{ "link set dev sip0 network 0123456789abcdef0123456789abcdef", "network" },
		{ "link set sip0 arp_negative_ttl 86401", "86401" },
		{ "link set sip0 arp_negative_ttl x", "arp_negative_ttl" },
		{ "link show sip0 sip1", "sip1" },
		{ "link show dev sip0 dev sip1", "dev" },
		{ "link show 0123456789abcdef", "0123456789abcdef" },
		{ "peer add lladdr 02:00:00:00:00:01 lun 1:2:3:4", "dev" },
		{ "peer add dev sip0 lun 1:2:3:4", "lladdr" },
		{ "peer add dev sip0 lladdr 02:00:00:00:00:01", "lun" },
		{ "peer add dev sip0 lladdr x lun 1:2:3:4", "\"x\"" },
		{ "peer add dev sip0 lladdr 02:00:00:00:00:01 lun naa.x", "naa.x" },
		{ "peer set dev sip0 lladdr 02:00:00:00:00:01 colour red", "colour" },
		{ "peer show lladdr 02:00:00:00:00:01", "dev" },
		{ "lun attach 1:2:3:4", "dev" },
		{ "lun attach 1:2:3 dev sip0", "1:2:3" },
		{ "lun detach", "lun" },
		{ "lun pin 1:2:3:4", "lladdr" },
		{ "arp add 10.0.0.256 lladdr 02:00:00:00:00:01 dev sip0", "10.0.0.256" },
		{ "arp add 10.0.0.2 dev sip0", "lladdr" },
		{ "arp add fd00::g lladdr 02:00:00:00:00:01 dev sip0", "fd00::g" },
		{ "arp flush positive", "positive" },
		{ "monitor sip0 peers", "\"peers\"" },
	};
	unsigned int i, before;

	(void)state;
	for (i = 0; i < COUNT(wrong); i++) {
		before = kernel.requests;
		kernel.answer = answer_interface;
		if (type(wrong[i].line) == STATUS_USAGE && strstr(messages, wrong[i].named) &&
		    !*output && kernel.requests == before)
			continue;
		fail_msg("\"%s\": %s", wrong[i].line, messages);
	}
}

/* What only the command knows to be too little */
static void nothing_to_do(void **state)
{
	(void)state;
	kernel.answer = answer_interface;
	assert_int_equal(type("link set sip0"), STATUS_USAGE);
	assert_int_equal(kernel.generic.cmd, SCSIIP_CMD_LINK_GET);
	assert_int_equal(type("peer set dev sip0 lladdr 02:00:00:00:00:01"), STATUS_USAGE);
	assert_int_equal(kernel.generic.cmd, SCSIIP_CMD_LINK_GET);
}

static void help(void **state)
{
	static const char *const lines[] = {
		"help", "-h", "--help", "link help", "peer help", "lun help", "arp help",
		"monitor help", "peer add help", "-V",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++) {
		assert_int_equal(type(lines[i]), STATUS_OK);
		assert_true(*output && !*messages);
	}
}

static enum status type_batch(const char *lines)
{
	char name[] = "/tmp/scsiip-batch-XXXXXX", line[64];
	FILE *file = fdopen(mkstemp(name), "w");
	enum status status;

	fputs(lines, file);
	fclose(file);
	snprintf(line, sizeof(line), "-b %s", name);
	status = type(line);
	remove(name);
	return status;
}

static void batches(void **state)
{
	unsigned int before = kernel.requests;

	(void)state;
	kernel.answer = answer_interface;
	assert_int_equal(type_batch("# two\n\nlink set sip0 network 'lab'  # that\n"
				    "peer set dev sip0 lladdr 02:00:00:00:00:01 name \"\"\n"),
			 STATUS_OK);
	assert_int_equal(kernel.requests, before + 4);
	assert_string_equal(nla_get_string(requested(SCSIIP_A_NAME)), "");

	assert_int_equal(type_batch("lun\n\nlun detach 1:2:3\nlun\n"), STATUS_USAGE);
	assert_non_null(strstr(messages, ":3: lun detach: lun: \"1:2:3\""));
	assert_int_equal(type_batch("lun 'x\n"), STATUS_USAGE);
	assert_non_null(strstr(messages, ":1:"));
	assert_int_equal(type("-b /nonexistent"), STATUS_USAGE);
}

/* --- replies --- */

static void answer_text(void)
{
	send_end(-EINVAL, "no way");
}

static void answer_errno(void)
{
	send_end(-EPERM, NULL);
}

/* A dump that begins well and ends in an error */
static void answer_late(void)
{
	int error = -EIO;
	struct nl_msg *message = nlmsg_alloc_simple(NLMSG_DONE, NLM_F_MULTI);

	nlmsg_append(message, &error, sizeof(error), NLMSG_ALIGNTO);
	send_message(message);
}

static unsigned int interruptions;

static void answer_interrupted(void)
{
	struct nl_msg *message = new_message(SCSIIP_CMD_LINK_GET);

	nla_put_string(message, SCSIIP_A_IFNAME, interruptions ? "old" : "new");
	if (interruptions) {
		interruptions--;
		nlmsg_hdr(message)->nlmsg_flags |= NLM_F_DUMP_INTR;
	}
	send_message(message);
	send_end(0, NULL);
}

/* There was no memory for an answer, and later there is nothing */
static void answer_lost(void)
{
	kernel.len[kernel.tail++] = -ENOBUFS;
}

/* LUNs can be listed, peers cannot */
static void answer_no_peers(void)
{
	send_end(kernel.generic.cmd == SCSIIP_CMD_PEER_GET ? -EPERM : 0, NULL);
}

static void refusals(void **state)
{
	(void)state;
	kernel.answer = answer_text;
	assert_int_equal(type("lun detach 1:2:3:4"), STATUS_KERNEL);
	assert_string_equal(messages, "scsiip: 1:2:3:4: no way\n");
	assert_int_equal(type("-j link"), STATUS_KERNEL);
	assert_string_equal(output, "");
	kernel.answer = answer_errno;
	assert_int_equal(type("peer"), STATUS_KERNEL);
	assert_non_null(strstr(messages, "root"));
	kernel.answer = answer_late;
	assert_int_equal(type("peer"), STATUS_KERNEL);
	assert_string_equal(output, "");

	kernel.answer = answer_lost;
	assert_int_equal(type("lun detach 1:2:3:4"), STATUS_KERNEL);
	assert_non_null(strstr(messages, strerror(ENOBUFS)));
	kernel.answer = answer_no_peers;
	assert_int_equal(type("lun"), STATUS_KERNEL);
	assert_non_null(strstr(messages, "lun list"));

	kernel.absent = true;
	assert_int_equal(type("arp"), STATUS_KERNEL);
	assert_non_null(strstr(messages, "modprobe scsiip"));
	assert_int_equal(type("monitor"), STATUS_KERNEL);
	assert_non_null(strstr(messages, "modprobe scsiip"));
	kernel.absent = false;
	assert_int_equal(type("-n nowhere link"), STATUS_KERNEL);
	assert_non_null(strstr(messages, "nowhere"));
}

static void interrupted_dumps(void **state)
{
	(void)state;
	kernel.answer = answer_interrupted;
	interruptions = 3;
	assert_int_equal(type("-o link"), STATUS_OK);
	assert_string_equal(output, "ifname new\n");
	assert_string_equal(messages, "");
	interruptions = 1000;
	assert_int_equal(type("-o link"), STATUS_KERNEL);
	assert_string_equal(output, "ifname old\n");
	assert_non_null(strstr(messages, "kept changing"));
}

/* A peer whose paths come in three messages, and another one */
static void answer_peers(void)
{
	static const char *const luns[] = { "1:0:0:0", "1:0:0:1", "1:0:0:2", "2:0:0:0" };
	unsigned int i;

	for (i = 0; i < COUNT(luns) && kernel.generic.cmd == SCSIIP_CMD_PEER_GET; i++) {
		struct nl_msg *message = new_message(SCSIIP_CMD_PEER_GET);
		struct nlattr *paths, *path;
		bool second = i == 3;

		nla_put_u32(message, SCSIIP_A_IFINDEX, 7);
		nla_put(message, SCSIIP_A_LLADDR, LLADDR_LEN,
			second ? "\2\0\0\0\0\2" : "\2\0\0\0\0\1");
		if (!i || second) {
			nla_put_string(message, SCSIIP_A_NAME, second ? "\"\t\xff" : "a");
			nla_put_u8(message, SCSIIP_A_PEER_STATE, SCSIIP_PEER_UP);
			nla_put_u8(message, SCSIIP_A_DESIGNATOR_TYPE, DESIGNATOR_NAA);
			nla_put(message, SCSIIP_A_DESIGNATOR, 2, "\x60\x01");
		}
		paths = nla_nest_start(message, SCSIIP_A_PATHS);
		path = nla_nest_start(message, SCSIIP_A_PATH);
		nla_put_string(message, SCSIIP_A_LUN, luns[i]);
		nla_put_u8(message, SCSIIP_A_PATH_STATE, SCSIIP_PATH_UP);
		nla_put_u32(message, SCSIIP_A_INFLIGHT, i);
		nla_nest_end(message, path);
		nla_nest_end(message, paths);
		send_message(message);
	}
	send_end(0, NULL);
}

static void peers(void **state)
{
	(void)state;
	kernel.answer = answer_peers;
	assert_int_equal(type("peer"), STATUS_OK);
	assert_string_equal(output,
		"peer: 02:00:00:00:00:01\n"
		"  name: a\n"
		"  state: up\n"
		"  designator: naa.6001\n"
		"  path: 1:0:0:0\n"
		"    state: up\n"
		"  path: 1:0:0:1\n"
		"    state: up\n"
		"    in flight: 1\n"
		"  path: 1:0:0:2\n"
		"    state: up\n"
		"    in flight: 2\n"
		"\n"
		"peer: 02:00:00:00:00:02\n"
		"  name: \"\\x09\\xff\n"
		"  state: up\n"
		"  designator: naa.6001\n"
		"  path: 2:0:0:0\n"
		"    state: up\n"
		"    in flight: 3\n");
	assert_int_equal(type("-j peer"), STATUS_OK);
	assert_non_null(strstr(output, "{\"lun\":\"1:0:0:2\",\"state\":\"up\",\"inflight\":2}]},{"));
	assert_non_null(strstr(output, "\"name\":\"\\\"\\u0009\\u00ff\","));
}

static void put_entry(uint8_t host, unsigned int nud, bool lladdr)
{
	struct ndmsg header = { .ndm_family = AF_INET, .ndm_ifindex = 7, .ndm_state = nud };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWNEIGH, NLM_F_MULTI);
	uint8_t address[] = { 10, 0, 0, host };

	nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO);
	nla_put(message, NDA_DST, sizeof(address), address);
	if (lladdr)
		nla_put(message, NDA_LLADDR, LLADDR_LEN, "\2\0\0\0\0\1");
	send_message(message);
}

static void put_known(uint8_t host, enum scsiip_arp_state state, uint32_t age)
{
	struct nl_msg *message = new_message(SCSIIP_CMD_ARP_GET);
	uint8_t address[] = { 10, 0, 0, host };

	nla_put_u32(message, SCSIIP_A_IFINDEX, 7);
	nla_put(message, SCSIIP_A_ADDRESS, sizeof(address), address);
	nla_put_u8(message, SCSIIP_A_ARP_STATE, state);
	nla_put_u32(message, SCSIIP_A_AGE, age);
	if (state == SCSIIP_ARP_NEGATIVE)
		nla_put_u32(message, SCSIIP_A_EXPIRES, 20000 - age);
	else
		nla_put(message, SCSIIP_A_LLADDR, LLADDR_LEN, "\2\0\0\0\0\1");
	send_message(message);
}

static void answer_arp(void)
{
	if (kernel.request.nlmsg_type == RTM_GETNEIGH) {
		put_entry(9, NUD_PERMANENT, true);
		put_entry(2, NUD_REACHABLE, true);
		put_entry(3, NUD_FAILED, false);
		put_entry(4, NUD_INCOMPLETE, false);
		put_entry(5, NUD_NOARP, true);
		put_entry(6, NUD_STALE, true);
	} else if (kernel.request.nlmsg_type == FAMILY) {
		switch (kernel.generic.cmd) {
		case SCSIIP_CMD_LINK_GET:
			answer_interface();
			return;
		case SCSIIP_CMD_PEER_GET:
			answer_peers();
			return;
		case SCSIIP_CMD_ARP_GET:
			put_known(2, SCSIIP_ARP_SEEN, 100);
			put_known(3, SCSIIP_ARP_NEGATIVE, 3000);
			put_known(7, SCSIIP_ARP_NEGATIVE, 15000);
			put_known(8, SCSIIP_ARP_SEEN, 70000);
			put_known(9, SCSIIP_ARP_NEGATIVE, 100);
			break;
		}
	}
	send_end(0, NULL);
}

/* One table out of two: each address once, and what is surer goes before */
static void addresses(void **state)
{
	(void)state;
	kernel.answer = answer_arp;
	assert_int_equal(type("arp"), STATUS_OK);
	assert_string_equal(output,
"ADDRESS   INTERFACE  LLADDR             PEER  STATE       AGE    EXPIRES  ORIGIN\n"
"10.0.0.2  sip0       02:00:00:00:00:01  a     reachable   0.0s   -        both\n"
"10.0.0.3  sip0       -                  -     negative    3.0s   17s      both\n"
"10.0.0.4  sip0       -                  -     incomplete  0.0s   -        neighbour\n"
"10.0.0.6  sip0       02:00:00:00:00:01  a     stale       0.0s   -        neighbour\n"
"10.0.0.7  sip0       -                  -     negative    15s    5.0s     scsiip\n"
"10.0.0.8  sip0       02:00:00:00:00:01  a     seen        1m10s  -        scsiip\n"
"10.0.0.9  sip0       02:00:00:00:00:01  a     static      0.0s   -        both\n");
}

static void answer_counters(void)
{
	struct nl_msg *message = new_message(SCSIIP_CMD_LINK_GET);
	struct nlattr *counters = nla_nest_start(message, SCSIIP_A_COUNTERS);
	unsigned int i;

	for (i = SCSIIP_COUNTER_PAD + 1; i <= SCSIIP_COUNTER_MAX; i++)
		nla_put_u64(message, i, 1000 + i);
	nla_nest_end(message, counters);
	send_message(message);
	send_end(0, NULL);
}

/* Every counter of uapi/scsiip.h has a name */
static void counters(void **state)
{
	char value[8];
	unsigned int i;

	(void)state;
	kernel.answer = answer_counters;
	assert_int_equal(type("-j -s link"), STATUS_OK);
	for (i = SCSIIP_COUNTER_PAD + 1; i <= SCSIIP_COUNTER_MAX; i++) {
		snprintf(value, sizeof(value), ":%u", 1000 + i);
		if (!strstr(output, value))
			fail_msg("counter %u has no name", i);
	}
}

/* --- the forms of output --- */

static char *flushed(bool json, bool pretty, bool oneline, enum colour_mode colour)
{
	static char text[4096];
	FILE *real = stdout;

	memset(&options, 0, sizeof(options));
	options.json = json;
	options.pretty = pretty;
	options.oneline = oneline;
	options.colour = colour;
	memset(text, 0, sizeof(text));
	stdout = fmemopen(text, sizeof(text), "w");
	out_flush();
	fclose(stdout);
	stdout = real;
	return text;
}

static void fill(enum layout layout)
{
	out_list(layout);
	out_record();
	out_text("first", NULL, COLOUR_NAME, "one");
	out_number("the_size", "the size", "bytes", 5);
	out_null("nothing", NULL);
	out_bool("really", "is so", true);
	out_detail();
	out_millis("age_ms", "age", 65000);
	out_end();
	out_record();
	out_text("first", NULL, COLOUR_NONE, "another");
	out_number("the_size", "the size", "bytes", 123456);
	out_text("nothing", NULL, COLOUR_NONE, "");
	out_bool("really", "is so", false);
	out_detail();
	out_millis("age_ms", "age", 1234);
	out_end();
}

static void forms(void **state)
{
	(void)state;
	fill(LAYOUT_BLOCKS);
	assert_string_equal(flushed(false, false, false, COLOUR_NEVER),
		"first: one\n  the size: 5 bytes\n  is so: yes\n  age: 1m5s\n\n"
		"first: another\n  the size: 123456 bytes\n  nothing: \"\"\n  is so: no\n"
		"  age: 1.2s\n");
	fill(LAYOUT_TABLE);
	assert_string_equal(flushed(false, false, false, COLOUR_NEVER),
		"FIRST    THE SIZE      NOTHING  AGE\n"
		"one      5 bytes       -        1m5s\n"
		"another  123456 bytes  \"\"       1.2s\n");
	fill(LAYOUT_TABLE);
	assert_string_equal(flushed(false, false, true, COLOUR_NEVER),
		"first one the_size 5 really yes age_ms 65000\n"
		"first another the_size 123456 nothing \"\" really no age_ms 1234\n");
	fill(LAYOUT_TABLE);
	assert_string_equal(flushed(true, false, true, COLOUR_ALWAYS),
		"[{\"first\":\"one\",\"the_size\":5,\"nothing\":null,\"really\":true,\"age_ms\":65000},"
		"{\"first\":\"another\",\"the_size\":123456,\"nothing\":\"\",\"really\":false,"
		"\"age_ms\":1234}]\n");
	fill(LAYOUT_BLOCKS);
	assert_non_null(strstr(flushed(false, false, false, COLOUR_ALWAYS), "\033[1;36mone\033[0m\n"));
	out_list(LAYOUT_TABLE);
	assert_string_equal(flushed(false, false, false, COLOUR_NEVER), "");
	out_list(LAYOUT_BLOCKS);
	assert_string_equal(flushed(true, true, false, COLOUR_NEVER), "[]\n");
}

/* --- hostility --- */

/* A JSON value from here on; NULL if it is none */
static const char *json_value(const char *c, int depth);

static const char *json_string(const char *c)
{
	if (*c++ != '"')
		return NULL;
	for (; *c != '"'; c++) {
		if (*c < ' ' || *c > '~')
			return NULL;
		if (*c == '\\') {
			c++;
			if (*c == 'u')
				c += strspn(c + 1, "0123456789abcdef") >= 4 ? 4 : 0;
			else if (*c != '"' && *c != '\\')
				return NULL;
		}
	}
	return c + 1;
}

static const char *json_members(const char *c, char end, int depth)
{
	if (*c == end)
		return c + 1;
	for (;;) {
		if (end == '}') {
			c = json_string(c);
			if (!c || *c++ != ':')
				return NULL;
		}
		c = json_value(c, depth + 1);
		if (!c || *c == end)
			return c ? c + 1 : NULL;
		if (*c++ != ',')
			return NULL;
	}
}

static const char *json_value(const char *c, int depth)
{
	size_t len;

	if (depth > 8)
		return NULL;
	if (*c == '{')
		return json_members(c + 1, '}', depth);
	if (*c == '[')
		return json_members(c + 1, ']', depth);
	if (*c == '"')
		return json_string(c);
	if (!strncmp(c, "null", 4) || !strncmp(c, "true", 4))
		return c + 4;
	if (!strncmp(c, "false", 5))
		return c + 5;
	len = strspn(c, "0123456789");
	return len ? c + len : NULL;
}

static void check_json(void)
{
	const char *c = output;

	while (*c) {
		c = json_value(c, 0);
		if (!c || *c++ != '\n')
			fail_msg("not JSON: %s", output);
	}
}

/* No device writes to the terminal */
static void check_text(void)
{
	const char *c;

	for (c = output; *c; c++)
		if (*c != '\n' && (*c < ' ' || *c > '~'))
			fail_msg("not text: %s", output);
}

/* Something that attribute might carry */
static void put_random(struct nl_msg *message, int attribute)
{
	unsigned char data[160];
	unsigned int len, i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = chance(4) ? 'a' + chance(26) : chance(256);
	switch (chance(8)) {
	case 0:
		len = 1;
		data[0] = chance(18);
		break;
	case 1:
	case 2:
		len = 4;
		break;
	case 3:
		len = 6;
		break;
	case 4:
		len = 16;
		break;
	default:
		len = chance(sizeof(data));
		if (len)
			data[len - 1] = '\0';
	}
	nla_put(message, attribute, len, data);
}

static void put_plausible(struct nl_msg *message, int attribute)
{
	struct nlattr *nest, *path;
	int i;

	switch (attribute) {
	case SCSIIP_A_LLADDR:
		nla_put(message, attribute, LLADDR_LEN, "\2\0\0\0\0\1");
		return;
	case SCSIIP_A_ADDRESS:
		nla_put(message, attribute, chance(2) ? 4 : 16, "\12\0\0\1abcdefghijkl");
		return;
	case SCSIIP_A_STATIC:
	case SCSIIP_A_PINNED:
		nla_put_flag(message, attribute);
		return;
	case SCSIIP_A_IFNAME:
	case SCSIIP_A_NETWORK:
	case SCSIIP_A_SERIAL:
	case SCSIIP_A_NAME:
	case SCSIIP_A_INITIATOR:
	case SCSIIP_A_LUN:
	case SCSIIP_A_TRANSPORT:
	case SCSIIP_A_VENDOR:
	case SCSIIP_A_MODEL:
		nla_put_string(message, attribute, chance(2) ? "sip0" : "\033[2J\"\\");
		return;
	case SCSIIP_A_PEER_STATE:
	case SCSIIP_A_PATH_STATE:
	case SCSIIP_A_POLICY:
	case SCSIIP_A_ARP_STATE:
	case SCSIIP_A_EVENT:
	case SCSIIP_A_DESIGNATOR_TYPE:
		nla_put_u8(message, attribute, chance(chance(8) ? 4 : 256));
		return;
	case SCSIIP_A_DESIGNATOR:
		nla_put(message, attribute, chance(16), "\x60\x01 %abcdefghijkl");
		return;
	case SCSIIP_A_COUNTERS:
		nest = nla_nest_start(message, attribute);
		for (i = 0; i < 8; i++)
			nla_put_u64(message, chance(SCSIIP_COUNTER_MAX + 3), chance(3));
		nla_nest_end(message, nest);
		return;
	case SCSIIP_A_PATHS:
		nest = nla_nest_start(message, attribute);
		for (i = chance(3); i; i--) {
			path = nla_nest_start(message, SCSIIP_A_PATH);
			put_plausible(message, SCSIIP_A_LUN);
			put_plausible(message, SCSIIP_A_PATH_STATE);
			put_plausible(message, SCSIIP_A_COUNTERS);
			nla_nest_end(message, path);
		}
		nla_nest_end(message, nest);
		return;
	default:
		nla_put_u32(message, attribute, chance(2) ? 7 : chance(UINT32_MAX));
	}
}

static void put_neighbour(struct nl_msg *message)
{
	struct ndmsg header = {
		.ndm_family = AF_INET,
		.ndm_ifindex = 7,
		.ndm_state = 1 << chance(8),
	};
	struct nda_cacheinfo info = { .ndm_confirmed = chance(100000) };

	nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO);
	nla_put(message, NDA_DST, chance(8) ? 4 : chance(20), "\12\0\0\1abcdefghijklmnop");
	if (chance(4))
		nla_put(message, NDA_LLADDR, chance(8) ? LLADDR_LEN : chance(20),
			"\2\0\0\0\0\1abcdefghijklmn");
	if (chance(4))
		nla_put(message, NDA_CACHEINFO, sizeof(info), &info);
}

/* Every other run, so that what is behind a good reply gets its share */
static bool tame;

static struct nl_msg *hostile_message(void)
{
	bool route = kernel.request.nlmsg_type == RTM_GETNEIGH;
	struct nl_msg *message;
	int attribute;

	if (route) {
		message = nlmsg_alloc_simple(RTM_NEWNEIGH, NLM_F_MULTI);
		put_neighbour(message);
		return message;
	}
	message = new_message(tame || chance(4) ? kernel.generic.cmd : SCSIIP_CMD_EVENT);
	for (attribute = 1; attribute <= SCSIIP_A_MAX + 2; attribute++) {
		if (!chance(3))
			continue;
		if (tame || chance(32))
			put_plausible(message, attribute);
		else
			put_random(message, attribute);
	}
	return message;
}

/* What was to be a datagram, with bytes changed or cut off */
static void spoil(int datagram)
{
	unsigned char *data = kernel.queue[datagram];
	int len = kernel.len[datagram], i;

	switch (chance(4)) {
	case 0:
		kernel.len[datagram] = chance(len + 1);
		break;
	case 1:
		for (i = 1 + chance(8); i; i--)
			data[chance(len)] = chance(256);
		break;
	case 2:		/* a length field, or near one */
		i = 4 * chance(len / 4);
		data[i] = chance(2) ? chance(8) : 255;
		data[i + 1] = chance(3) ? 0 : 255;
		break;
	}
}

static void answer_hostile(void)
{
	int i, count = chance(4);

	for (i = 0; i < count; i++) {
		struct nl_msg *message = hostile_message();

		if (!tame && !chance(32))
			nlmsg_hdr(message)->nlmsg_flags |= NLM_F_DUMP_INTR;
		send_message(message);
	}
	if (tame || chance(8))
		send_end(tame || chance(4) ? 0 : -(int)chance(200), chance(2) ? "\033]0;no\a" : NULL);
	for (i = 0; i < kernel.tail && !tame && !chance(2); i++)
		spoil(i);
}

static void hostile_replies(void **state)
{
	static const char *const lines[] = {
		"-s link", "-j -s link", "peer", "-s -o peer", "-j -s peer", "lun", "-s lun",
		"-j lun", "lun 1:2:3:4", "arp", "-j arp", "-o arp", "arp flush", "monitor",
		"-j monitor", "arp del 10.0.0.1 dev sip0", "-j -p -s peer dev sip0",
	};
	unsigned int i;

	(void)state;
	kernel.answer = answer_hostile;
	for (i = 0; i < ROUNDS; i++) {
		const char *line = lines[chance(COUNT(lines))];
		enum status status;

		tame = chance(2);
		status = type(line);
		assert_true(status == STATUS_OK || status == STATUS_KERNEL);
		if (!strstr(line, "-j"))
			check_text();
		else if (!strstr(line, "-p"))
			check_json();
	}
}

static void random_arguments(void **state)
{
	static char *const words[] = {
		"link", "peer", "lun", "arp", "monitor", "list", "show", "set", "add", "del",
		"attach", "detach", "auto", "pin", "flush", "negative", "help", "dev", "sip0",
		"lladdr", "02:00:00:00:00:01", "none", "1:2:3:4", "naa.60", "t10.%20x", "name",
		"hostb", "initiator", "network", "lab", "arp_negative_ttl", "20", "address",
		"10.0.0.2", "fd00::2", "-j", "-p", "-s", "-o", "-c", "-c=auto", "-n", "there",
		"-b", "/dev/null", "-V", "-h", "--", "-", "", "=", "%", "\xff\xfe", "#",
		"18446744073709551616",
	};
	static char random_word[300];
	char *argv[24] = { "scsiip" };
	int argc, i, j;

	(void)state;
	kernel.answer = answer_hostile;
	for (i = 0; i < ROUNDS; i++) {
		enum status status;

		tame = chance(2);
		argc = 1 + chance(COUNT(argv) - 1);
		for (j = 1; j < argc; j++)
			argv[j] = words[chance(COUNT(words))];
		if (!chance(4)) {
			for (j = chance(sizeof(random_word) - 1); j; j--)
				random_word[j - 1] = 1 + chance(255);
			argv[chance(argc)] = random_word;
		}
		status = run(argc, argv);
		assert_in_range(status, STATUS_OK, STATUS_KERNEL);
		memset(random_word, 0, sizeof(random_word));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(link_layer_addresses),
		cmocka_unit_test(luns),
		cmocka_unit_test(designators),
		cmocka_unit_test(requests),
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(help),
		cmocka_unit_test(batches),
		cmocka_unit_test(refusals),
		cmocka_unit_test(interrupted_dumps),
		cmocka_unit_test(peers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(counters),
		cmocka_unit_test(forms),
		cmocka_unit_test(hostile_replies),
		cmocka_unit_test(random_arguments),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	free(output);
	free(messages);
	return ret;
}
