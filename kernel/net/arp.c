// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address resolution, RFC 2143 section 4. SCSI has no broadcast: each ARP
 * request and each IPv6 neighbour solicitation costs a command per peer. The
 * kernel's neighbour table remembers who answered; this is about whom to ask,
 * and remembers who did not answer, and where an address was seen last. The
 * policy, with figures: docs/arp.md.
 *
 * An entry is made when a question goes out, negative until it is answered, so
 * that what else asks meanwhile costs nothing. There are no timers: who finds
 * an entry judges its age. Everything is under arp->lock.
 */
#include <linux/etherdevice.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "arp.h"
#include "codec.h"
#include "device.h"
#include "peer.h"
#include "trace.h"

/*
 * The answer of a single peer is waited for that long before all are asked:
 * less than the second that the kernel waits before it asks again.
 */
#define ARP_ANSWER_TIME		(HZ / 2)

/**
 * struct arp_entry - what is known of an IP address
 * @hash: in arp->hash
 * @lru: in arp->lru of @state
 * @id: the younger the higher
 * @len: bytes of @address
 * @address: IPv4 or IPv6
 * @state: negative: all were asked at @since, and no answer has come yet
 * @lladdr: if seen: of the peer it was behind
 * @since: jiffies when that was learnt
 * @asked: if seen: that peer was asked at @asked_at, and has not answered yet
 * @asked_at: jiffies
 */
struct arp_entry {
	struct hlist_node hash;
	struct list_head lru;
	u64 id;
	u8 len;
	u8 address[16];
	enum scsiip_arp_state state;
	u8 lladdr[ETH_ALEN];
	unsigned long since;
	bool asked;
	unsigned long asked_at;
};

/**
 * scsiip_arp_init() - an interface begins to know nothing
 * @arp: zeroes
 */
void scsiip_arp_init(struct scsiip_arp *arp)
{
	unsigned int i;

	spin_lock_init(&arp->lock);
	hash_init(arp->hash);
	for (i = 0; i < SCSIIP_ARP_STATES; i++)
		INIT_LIST_HEAD(&arp->lru[i]);
	arp->seed = get_random_u32();
	arp->negative_ttl = SCSIIP_ARP_NEGATIVE_TTL;
}

static u32 arp_hash(const struct scsiip_arp *arp, const u8 *address, u8 len)
{
	return jhash(address, len, arp->seed);
}

static struct arp_entry *arp_find(struct scsiip_arp *arp, const u8 *address,
				  u8 len)
{
	struct arp_entry *entry;

	hash_for_each_possible(arp->hash, entry, hash,
			       arp_hash(arp, address, len))
		if (entry->len == len && !memcmp(entry->address, address, len))
			return entry;
	return NULL;
}

static void arp_unlist(struct scsiip_arp *arp, struct arp_entry *entry)
{
	list_del(&entry->lru);
	arp->count[entry->state]--;
}

static void arp_delete(struct scsiip_arp *arp, struct arp_entry *entry)
{
	arp_unlist(arp, entry);
	hash_del(&entry->hash);
	kfree(entry);
}

/* Put an entry behind those of its new state, the first of which may have to go. */
static void arp_enlist(struct scsiip_arp *arp, struct arp_entry *entry,
		       enum scsiip_arp_state state)
{
	if (arp->count[state] == SCSIIP_ARP_MAX_ENTRIES)
		arp_delete(arp, list_first_entry(&arp->lru[state],
						 struct arp_entry, lru));
	entry->state = state;
	entry->since = jiffies;
	entry->asked = false;
	list_add_tail(&entry->lru, &arp->lru[state]);
	arp->count[state]++;
}

/* Learn something, unless there is no memory for it. */
static struct arp_entry *arp_learn(struct scsiip_arp *arp, const u8 *address,
				   u8 len, enum scsiip_arp_state state)
{
	struct arp_entry *entry = arp_find(arp, address, len);

	if (entry) {
		arp_unlist(arp, entry);
	} else {
		entry = kzalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
		if (!entry)
			return NULL;
		entry->id = ++arp->last_id;
		entry->len = len;
		memcpy(entry->address, address, len);
		hash_add(arp->hash, &entry->hash, arp_hash(arp, address, len));
	}
	arp_enlist(arp, entry, state);
	return entry;
}

static unsigned long arp_ttl(const struct scsiip_arp *arp)
{
	return READ_ONCE(arp->negative_ttl) * (unsigned long)HZ;
}

static bool arp_expired(const struct scsiip_arp *arp,
			const struct arp_entry *entry)
{
	return entry->state == SCSIIP_ARP_NEGATIVE &&
	       time_after_eq(jiffies, entry->since + arp_ttl(arp));
}

/* The peer that had the address last, if it is still there. */
static struct scsiip_peer *arp_last_peer(const struct scsiip_link *link,
					 const struct arp_entry *entry)
{
	struct scsiip_peer *peer = scsiip_peer_lookup(link, entry->lladdr);

	return peer && scsiip_peer_hopeful(peer) ? peer : NULL;
}

/* What to do with a question for that address. Context: lock, RCU. */
static enum scsiip_arp_way arp_decide(struct scsiip_link *link,
				      struct arp_entry *entry,
				      struct scsiip_peer **peer)
{
	if (!entry || arp_expired(&link->arp, entry))
		return SCSIIP_ARP_TO_ALL;
	if (entry->state == SCSIIP_ARP_NEGATIVE)
		return SCSIIP_ARP_TO_NOBODY;

	if (entry->asked)
		return time_before(jiffies, entry->asked_at + ARP_ANSWER_TIME) ?
			SCSIIP_ARP_TO_NOBODY : SCSIIP_ARP_TO_ALL;

	*peer = arp_last_peer(link, entry);
	return *peer ? SCSIIP_ARP_TO_PEER : SCSIIP_ARP_TO_ALL;
}

/**
 * scsiip_arp_ask() - somebody here asks for an IP address: who is to answer?
 * @link: the interface
 * @neighbour: the question, with an owner and a target, which was to leave by
 *	broadcast or multicast
 * @peer: whom to ask, if the answer is %SCSIIP_ARP_TO_PEER; else NULL
 *
 * Context: RCU, bottom halves disabled.
 */
enum scsiip_arp_way scsiip_arp_ask(struct scsiip_link *link,
				   const struct scsiip_neighbour *neighbour,
				   struct scsiip_peer **peer)
{
	struct scsiip_arp *arp = &link->arp;
	struct arp_entry *entry;
	enum scsiip_arp_way way;

	*peer = NULL;
	spin_lock_bh(&arp->lock);
	entry = arp_find(arp, neighbour->target, neighbour->len);
	way = arp_decide(link, entry, peer);
	if (way == SCSIIP_ARP_TO_PEER) {
		entry->asked = true;
		entry->asked_at = jiffies;
	} else if (way == SCSIIP_ARP_TO_ALL) {
		if (arp_ttl(arp))
			arp_learn(arp, neighbour->target, neighbour->len,
				  SCSIIP_ARP_NEGATIVE);
		else if (entry)
			arp_delete(arp, entry);
	}
	spin_unlock_bh(&arp->lock);
	trace_scsiip_arp(link->dev, neighbour, way, *peer);
	return way;
}

/**
 * scsiip_arp_heard() - an ARP or neighbour discovery packet was received
 * @link: the interface
 * @neighbour: what it says
 * @peer: whom it came from, NULL if that is not known
 *
 * Context: RCU, process or softirq.
 */
void scsiip_arp_heard(struct scsiip_link *link,
		      const struct scsiip_neighbour *neighbour,
		      const struct scsiip_peer *peer)
{
	struct scsiip_arp *arp = &link->arp;
	struct arp_entry *entry;

	if (!neighbour->owner) {
		/* somebody is about to take it */
		if (neighbour->target)
			scsiip_arp_forget(arp, neighbour->target,
					  neighbour->len,
					  BIT(SCSIIP_ARP_NEGATIVE));
		return;
	}

	if (!peer && neighbour->lladdr)
		peer = scsiip_peer_lookup(link, neighbour->lladdr);
	if (!peer) {
		/* it is there, wherever that is */
		scsiip_arp_forget(arp, neighbour->owner, neighbour->len, ~0);
		return;
	}

	spin_lock_bh(&arp->lock);
	entry = arp_learn(arp, neighbour->owner, neighbour->len,
			  SCSIIP_ARP_SEEN);
	if (entry)
		ether_addr_copy(entry->lladdr, peer->lladdr);
	spin_unlock_bh(&arp->lock);
}

/**
 * scsiip_arp_decode() - is this ARP or neighbour discovery?
 * @skb: a datagram, its type in skb->protocol
 * @neighbour: what it says; valid as long as the datagram does not change
 *
 * Context: any. Return: 0, -ENOMSG if it is anything else, -ENOMEM.
 */
int scsiip_arp_decode(struct sk_buff *skb, struct scsiip_neighbour *neighbour)
{
	u16 ethertype = ntohs(skb->protocol);
	int ret;

	ret = scsiip_neighbour_decode(neighbour, ethertype, skb->data,
				      skb_headlen(skb), skb->len);
	if (ret != -EAGAIN)
		return ret;
	if (!pskb_may_pull(skb, skb->len))
		return -ENOMEM;
	return scsiip_neighbour_decode(neighbour, ethertype, skb->data,
				       skb->len, skb->len);
}

static void arp_fill_info(const struct scsiip_arp *arp,
			  const struct arp_entry *entry,
			  struct scsiip_arp_info *info)
{
	unsigned long age = jiffies - entry->since, ttl = arp_ttl(arp);

	memset(info, 0, sizeof(*info));
	info->len = entry->len;
	memcpy(info->address, entry->address, entry->len);
	info->state = entry->state;
	info->age = min_t(u64, jiffies_to_msecs(age), U32_MAX);
	if (entry->state == SCSIIP_ARP_NEGATIVE)
		info->expires = jiffies_to_msecs(ttl - min(age, ttl));
	else
		ether_addr_copy(info->lladdr, entry->lladdr);
}

/* The next entry behind the cursor in its bucket that has not expired. */
static struct arp_entry *arp_next_in_bucket(struct scsiip_arp *arp,
					    const struct scsiip_arp_cursor *cursor)
{
	struct arp_entry *entry;

	hlist_for_each_entry(entry, &arp->hash[cursor->bucket], hash)
		if ((!cursor->id || entry->id < cursor->id) &&
		    !arp_expired(arp, entry))
			return entry;
	return NULL;
}

/**
 * scsiip_arp_next() - walk over all entries
 * @arp: of an interface
 * @cursor: zeroes at first
 * @info: the next one
 *
 * An entry that is there all the time is seen once, whatever else comes and
 * goes between the calls.
 *
 * Context: any but hard interrupt. Return: whether there was one.
 */
bool scsiip_arp_next(struct scsiip_arp *arp, struct scsiip_arp_cursor *cursor,
		     struct scsiip_arp_info *info)
{
	struct arp_entry *entry = NULL;

	spin_lock_bh(&arp->lock);
	while (cursor->bucket < HASH_SIZE(arp->hash)) {
		entry = arp_next_in_bucket(arp, cursor);
		if (entry)
			break;
		cursor->bucket++;
		cursor->id = 0;
	}
	if (entry) {
		cursor->id = entry->id;
		arp_fill_info(arp, entry, info);
	}
	spin_unlock_bh(&arp->lock);
	return entry;
}

/**
 * scsiip_arp_forget() - forget an address
 * @arp: of an interface
 * @address: IPv4 or IPv6
 * @len: bytes of it
 * @states: only in one of these states; a bit for each
 *
 * Context: any but hard interrupt. Return: whether it was known.
 */
bool scsiip_arp_forget(struct scsiip_arp *arp, const u8 *address, u8 len,
		       unsigned int states)
{
	struct arp_entry *entry;
	bool found;

	spin_lock_bh(&arp->lock);
	entry = arp_find(arp, address, len);
	found = entry && BIT(entry->state) & states;
	if (found)
		arp_delete(arp, entry);
	spin_unlock_bh(&arp->lock);
	return found;
}

/**
 * scsiip_arp_flush() - forget all addresses
 * @arp: of an interface
 * @states: only those in one of these states; a bit for each
 *
 * Context: any but hard interrupt.
 */
void scsiip_arp_flush(struct scsiip_arp *arp, unsigned int states)
{
	struct arp_entry *entry, *next;
	unsigned int i;

	spin_lock_bh(&arp->lock);
	for (i = 0; i < SCSIIP_ARP_STATES; i++) {
		if (!(BIT(i) & states))
			continue;
		list_for_each_entry_safe(entry, next, &arp->lru[i], lru)
			arp_delete(arp, entry);
	}
	spin_unlock_bh(&arp->lock);
}
