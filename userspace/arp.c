// SPDX-License-Identifier: GPL-2.0-only
/*
 * scsiip arp: what is known about IP addresses, by the kernel's neighbour table
 * and by the interface beside it, in one table.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/route/neighbour.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "names.h"
#include "netlink.h"

#define NUD_SHOWN	(NUD_INCOMPLETE | NUD_REACHABLE | NUD_STALE | NUD_DELAY | \
			 NUD_PROBE | NUD_FAILED | NUD_PERMANENT)
#define NUD_KNOWN	(NUD_SHOWN & ~(NUD_INCOMPLETE | NUD_FAILED))

/**
 * struct entry - an address, on an interface
 * @ifindex: of the interface
 * @family: of @address
 * @address: IPv4 or IPv6, zeroes behind it
 * @lladdr: of the peer, if @has_lladdr
 * @has_lladdr: there is one
 * @nud: NUD_… of the neighbour table, 0: it is not in there
 * @known: the interface knows it
 * @negative: @known, as one that does not answer
 * @has_expires: the latter goes by itself
 * @age: milliseconds
 * @expires: milliseconds
 */
struct entry {
	uint32_t ifindex;
	int family;
	uint8_t address[16];
	uint8_t lladdr[LLADDR_LEN];
	bool has_lladdr;
	unsigned int nud;
	bool known;
	bool negative;
	bool has_expires;
	uint64_t age;
	uint64_t expires;
};

/**
 * struct table - all of them, and what there is to say about them
 * @entries: sorted by interface and address, once each
 * @count: of @entries
 * @links: the interfaces
 * @peers: the peers
 */
struct table {
	struct entry *entries;
	size_t count;
	struct replies links;
	struct replies peers;
};

static struct entry *add_entry(struct table *table)
{
	struct entry *entry;

	table->entries = reallocarray(table->entries, table->count + 1, sizeof(*entry));
	if (!table->entries)
		err(STATUS_KERNEL, "out of memory");
	entry = &table->entries[table->count++];
	memset(entry, 0, sizeof(*entry));
	return entry;
}

static bool set_entry_address(struct entry *entry, struct nlattr *attribute)
{
	size_t len = attribute ? nla_len(attribute) : 0;

	if (len != 4 && len != 16)
		return false;
	entry->family = len == 4 ? AF_INET : AF_INET6;
	memcpy(entry->address, nla_data(attribute), len);
	return true;
}

static void set_entry_lladdr(struct entry *entry, struct nlattr *attribute)
{
	if (!attribute || nla_len(attribute) != LLADDR_LEN)
		return;
	memcpy(entry->lladdr, nla_data(attribute), LLADDR_LEN);
	entry->has_lladdr = true;
}

/* --- reading --- */

static bool is_ours(const struct table *table, uint32_t ifindex)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1];

	return find_reply(&table->links, ifindex, NULL, attributes);
}

static void read_neighbour(struct table *table, struct nlmsghdr *message,
			   const struct arguments *arguments)
{
	struct nlattr *attributes[NDA_MAX + 1], *info;
	struct nda_cacheinfo cache;
	struct entry found = { };
	struct ndmsg *header;

	if (message->nlmsg_type != RTM_NEWNEIGH ||
	    nlmsg_parse(message, sizeof(*header), attributes, NDA_MAX, NULL))
		return;
	header = nlmsg_data(message);
	found.ifindex = header->ndm_ifindex;
	found.nud = header->ndm_state & NUD_SHOWN;
	if (!found.nud || (header->ndm_flags & NTF_PROXY) ||
	    !is_ours(table, found.ifindex) ||
	    (arguments->ifindex && arguments->ifindex != found.ifindex) ||
	    !set_entry_address(&found, attributes[NDA_DST]))
		return;
	set_entry_lladdr(&found, attributes[NDA_LLADDR]);
	info = attributes[NDA_CACHEINFO];
	if (info && nla_len(info) >= (int)sizeof(cache)) {
		memcpy(&cache, nla_data(info), sizeof(cache));
		found.age = (found.nud & NUD_KNOWN) ? cache.ndm_confirmed : cache.ndm_updated;
		found.age = found.age * 1000 / sysconf(_SC_CLK_TCK);
	}
	*add_entry(table) = found;
}

static struct entry *find_entry(struct table *table, const struct entry *like)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		struct entry *entry = &table->entries[i];

		if (entry->ifindex == like->ifindex && entry->family == like->family &&
		    !memcmp(entry->address, like->address, sizeof(entry->address)))
			return entry;
	}
	return NULL;
}

/* What the neighbour table is sure of goes before what the interface knows */
static void read_known(struct table *table, struct nlmsghdr *message)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1];
	struct entry found = { .known = true }, *entry;
	uint8_t cmd;

	if (parse_generic(message, attributes, &cmd) || !attributes[SCSIIP_A_IFINDEX] ||
	    !attributes[SCSIIP_A_ARP_STATE] ||
	    !set_entry_address(&found, attributes[SCSIIP_A_ADDRESS]))
		return;
	found.ifindex = nla_get_u32(attributes[SCSIIP_A_IFINDEX]);
	found.negative = nla_get_u8(attributes[SCSIIP_A_ARP_STATE]) == SCSIIP_ARP_NEGATIVE;
	set_entry_lladdr(&found, attributes[SCSIIP_A_LLADDR]);
	if (attributes[SCSIIP_A_AGE])
		found.age = nla_get_u32(attributes[SCSIIP_A_AGE]);
	if (attributes[SCSIIP_A_EXPIRES]) {
		found.has_expires = true;
		found.expires = nla_get_u32(attributes[SCSIIP_A_EXPIRES]);
	}

	entry = find_entry(table, &found);
	if (!entry)
		entry = add_entry(table);
	else if (entry->nud & NUD_KNOWN)
		found = *entry;
	else
		found.nud = entry->nud;
	*entry = found;
	entry->known = true;
}

static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (a->family != b->family)
		return a->family == AF_INET ? -1 : 1;
	return memcmp(a->address, b->address, sizeof(a->address));
}

static void table_free(struct table *table)
{
	replies_free(&table->links);
	replies_free(&table->peers);
	free(table->entries);
}

/* Of the interface that was given, or of all */
static enum status table_read(struct table *table, const struct arguments *arguments)
{
	struct ndmsg header = { .ndm_family = AF_UNSPEC };
	struct replies replies = { };
	struct nl_msg *request;
	struct nlmsghdr *message;
	enum status status;

	memset(table, 0, sizeof(*table));
	talk_generic(request_generic(SCSIIP_CMD_LINK_GET, NLM_F_DUMP), &table->links);
	status = complain(&table->links, "arp");
	if (!status) {
		talk_generic(request_generic(SCSIIP_CMD_PEER_GET, NLM_F_DUMP), &table->peers);
		status = complain(&table->peers, "arp");
	}
	if (!status) {
		request = request_route(RTM_GETNEIGH, NLM_F_DUMP, &header, sizeof(header));
		talk_route(request, &replies);
		status = complain(&replies, "arp: neighbour table");
		for_each_reply(message, &replies)
			read_neighbour(table, message, arguments);
		replies_free(&replies);
	}
	if (!status) {
		request = request_generic(SCSIIP_CMD_ARP_GET, NLM_F_DUMP);
		if (arguments->ifindex)
			request_put_u32(request, SCSIIP_A_IFINDEX, arguments->ifindex);
		talk_generic(request, &replies);
		status = complain(&replies, "arp");
		for_each_reply(message, &replies)
			read_known(table, message);
		replies_free(&replies);
	}
	if (table->count)
		qsort(table->entries, table->count, sizeof(*table->entries), compare);
	return status;
}

/* --- showing --- */

static void show_state(const struct entry *entry)
{
	static const struct {
		unsigned int nud;
		const char *name;
		enum colour colour;
	} states[] = {
		{ NUD_PERMANENT, "static", COLOUR_GOOD },
		{ NUD_REACHABLE, "reachable", COLOUR_GOOD },
		{ NUD_STALE, "stale", COLOUR_NONE },
		{ NUD_DELAY, "delay", COLOUR_NONE },
		{ NUD_PROBE, "probe", COLOUR_NONE },
		{ NUD_INCOMPLETE, "incomplete", COLOUR_BAD },
		{ NUD_FAILED, "failed", COLOUR_BAD },
	};
	const char *name = entry->negative ? "negative" : "seen";
	enum colour colour = entry->negative ? COLOUR_BAD : COLOUR_NONE;
	unsigned int i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if ((entry->nud & states[i].nud) &&
		    !(entry->negative && !(entry->nud & NUD_KNOWN))) {
			name = states[i].name;
			colour = states[i].colour;
			break;
		}
	}
	out_text("state", NULL, colour, name);
}

static const char *origin(const struct entry *entry)
{
	if (!entry->known)
		return "neighbour";
	return entry->nud ? "both" : "scsiip";
}

static void show(const struct table *table, const struct entry *entry)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1] = { };
	char address[INET6_ADDRSTRLEN], lladdr[24];

	out_record();
	inet_ntop(entry->family, entry->address, address, sizeof(address));
	out_text("address", NULL, COLOUR_ADDRESS, address);
	find_reply(&table->links, entry->ifindex, NULL, attributes);
	show_text("ifname", "interface", COLOUR_NAME, attributes[SCSIIP_A_IFNAME]);
	out_text("lladdr", NULL, COLOUR_LLADDR, entry->has_lladdr ?
		 format_lladdr(entry->lladdr, lladdr, sizeof(lladdr)) : NULL);
	if (entry->has_lladdr &&
	    find_reply(&table->peers, entry->ifindex, entry->lladdr, attributes))
		show_text("name", "peer", COLOUR_NAME, attributes[SCSIIP_A_NAME]);
	else
		out_null("name", "peer");
	show_state(entry);
	out_millis("age_ms", "age", entry->age);
	if (entry->has_expires)
		out_millis("expires_ms", "expires", entry->expires);
	else
		out_null("expires_ms", "expires");
	out_text("origin", NULL, COLOUR_NONE, origin(entry));
	out_end();
}

static enum status list(const struct arguments *arguments)
{
	struct table table;
	enum status status;
	size_t i;

	status = table_read(&table, arguments);
	out_list(LAYOUT_TABLE);
	for (i = 0; i < table.count; i++)
		show(&table, &table.entries[i]);
	if (!status)
		out_flush();
	table_free(&table);
	return status;
}

/* --- changing --- */

/* A neighbour for libnl; NULL for no link-layer address */
static struct rtnl_neigh *neighbour(uint32_t ifindex, int family,
				    const uint8_t *address, const uint8_t *lladdr)
{
	struct rtnl_neigh *neigh = rtnl_neigh_alloc();
	struct nl_addr *dst = nl_addr_build(family, address, family == AF_INET ? 4 : 16);

	if (!neigh || !dst)
		errx(STATUS_KERNEL, "out of memory");
	rtnl_neigh_set_ifindex(neigh, ifindex);
	rtnl_neigh_set_dst(neigh, dst);
	nl_addr_put(dst);
	if (lladdr) {
		struct nl_addr *ll = nl_addr_build(AF_LLC, lladdr, LLADDR_LEN);

		if (!ll)
			errx(STATUS_KERNEL, "out of memory");
		rtnl_neigh_set_lladdr(neigh, ll);
		nl_addr_put(ll);
		rtnl_neigh_set_state(neigh, NUD_PERMANENT);
	}
	return neigh;
}

/* Negative errno */
static int forget_neighbour(uint32_t ifindex, int family, const uint8_t *address,
			    struct replies *replies)
{
	struct rtnl_neigh *neigh = neighbour(ifindex, family, address, NULL);
	struct nl_msg *request;

	if (rtnl_neigh_build_delete_request(neigh, NLM_F_ACK, &request))
		errx(STATUS_KERNEL, "out of memory");
	rtnl_neigh_put(neigh);
	return talk_route(request, replies);
}

static size_t address_len(const struct arguments *arguments)
{
	return arguments->family == AF_INET ? 4 : 16;
}

/* What the interface knows of the address that was given */
static int forget_known(const struct arguments *arguments, struct replies *replies)
{
	struct nl_msg *request = request_generic(SCSIIP_CMD_ARP_DEL, 0);

	request_put_u32(request, SCSIIP_A_IFINDEX, arguments->ifindex);
	request_put(request, SCSIIP_A_ADDRESS, arguments->address, address_len(arguments));
	return talk_generic(request, replies);
}

/* What is said of it now is true, whatever was known */
static enum status add(const struct arguments *arguments)
{
	struct rtnl_neigh *neigh;
	struct replies replies;
	struct nl_msg *request;
	enum status status;

	if (forget_known(arguments, &replies) == -ENOENT && replies.seq)
		replies.error = 0;
	status = complain(&replies, "arp add");
	replies_free(&replies);
	if (status)
		return status;

	neigh = neighbour(arguments->ifindex, arguments->family, arguments->address,
			  arguments->lladdr);
	if (rtnl_neigh_build_add_request(neigh, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
					 &request))
		errx(STATUS_KERNEL, "out of memory");
	rtnl_neigh_put(neigh);
	talk_route(request, &replies);
	status = complain(&replies, "arp add");
	replies_free(&replies);
	return status;
}

/* It is enough that one of the two had it */
static enum status del(const struct arguments *arguments)
{
	struct replies known, replies;
	enum status status;
	bool found;

	found = !forget_known(arguments, &known);
	if (known.error == ENOENT && known.seq)
		known.error = 0;
	status = complain(&known, "arp del");
	replies_free(&known);
	if (status)
		return status;
	if (forget_neighbour(arguments->ifindex, arguments->family, arguments->address,
			     &replies) == -ENOENT) {
		strcpy(replies.text, "there is no such entry");
		if (found)
			replies.error = 0;
	}
	status = complain(&replies, "arp del");
	replies_free(&replies);
	return status;
}

static enum status flush_known(uint32_t ifindex, bool negative)
{
	struct nl_msg *request = request_generic(SCSIIP_CMD_ARP_DEL, 0);
	uint8_t state = SCSIIP_ARP_NEGATIVE;

	request_put_u32(request, SCSIIP_A_IFINDEX, ifindex);
	if (negative)
		request_put(request, SCSIIP_A_ARP_STATE, &state, sizeof(state));
	return do_generic(request, "arp flush");
}

static enum status flush_interfaces(const struct table *table,
				    const struct arguments *arguments)
{
	struct nlattr *attributes[SCSIIP_A_MAX + 1];
	enum status status = STATUS_OK;
	struct nlmsghdr *message;
	uint32_t ifindex;
	uint8_t cmd;

	for_each_reply(message, &table->links) {
		if (parse_generic(message, attributes, &cmd) ||
		    !attributes[SCSIIP_A_IFINDEX])
			continue;
		ifindex = nla_get_u32(attributes[SCSIIP_A_IFINDEX]);
		if (!arguments->ifindex || arguments->ifindex == ifindex)
			status = flush_known(ifindex, given(arguments, ARG_NEGATIVE));
		if (status)
			break;
	}
	return status;
}

/* Static entries are the administrator's, and stay */
static enum status flush(const struct arguments *arguments)
{
	unsigned int nud = NUD_SHOWN & ~NUD_PERMANENT;
	struct replies replies;
	struct table table;
	enum status status;
	size_t i;

	if (given(arguments, ARG_NEGATIVE))
		nud &= ~NUD_KNOWN;
	status = table_read(&table, arguments);
	if (!status)
		status = flush_interfaces(&table, arguments);
	for (i = 0; i < table.count && !status; i++) {
		const struct entry *entry = &table.entries[i];

		if (!(entry->nud & nud))
			continue;
		/* it may have gone by itself */
		if (forget_neighbour(entry->ifindex, entry->family, entry->address,
				     &replies) == -ENOENT)
			replies.error = 0;
		status = complain(&replies, "arp flush");
		replies_free(&replies);
	}
	table_free(&table);
	return status;
}

static const struct parameter list_parameters[] = {
	{ ARG_DEV, OPTIONAL_WORD },
	{ }
};

static const struct parameter add_parameters[] = {
	{ ARG_ADDRESS, REQUIRED_WORD },
	{ ARG_LLADDR, REQUIRED },
	{ ARG_DEV, REQUIRED },
	{ }
};

static const struct parameter del_parameters[] = {
	{ ARG_ADDRESS, REQUIRED_WORD },
	{ ARG_DEV, REQUIRED },
	{ }
};

static const struct parameter flush_parameters[] = {
	{ ARG_NEGATIVE, OPTIONAL },
	{ ARG_DEV, OPTIONAL },
	{ }
};

static const struct command commands[] = {
	{ "list", "show", "show addresses and the peers behind them", list_parameters, list },
	{ "add", "replace", "add a static entry", add_parameters, add },
	{ "del", "delete", "forget an address", del_parameters, del },
	{ "flush", NULL, "forget all but static entries, or those that did not answer",
	  flush_parameters, flush },
	{ }
};

const struct object arp_object = { "arp", "IP addresses and the peers behind them", commands };
