/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address resolution (RFC 2143 section 4): who is asked for an IP address.
 */
#ifndef SCSIIP_ARP_H
#define SCSIIP_ARP_H

#include <linux/hashtable.h>
#include <linux/if_ether.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "uapi/scsiip.h"

struct scsiip_link;
struct scsiip_neighbour;
struct scsiip_peer;
struct sk_buff;

#define SCSIIP_ARP_HASH_BITS		8
#define SCSIIP_ARP_STATES		(SCSIIP_ARP_SEEN + 1)
#define SCSIIP_ARP_MAX_ENTRIES		1024	/* of each state */

#define SCSIIP_ARP_NEGATIVE_TTL		20	/* seconds */
#define SCSIIP_ARP_NEGATIVE_TTL_MAX	86400

/**
 * struct scsiip_arp - what an interface knows of IP addresses
 * @lock: guards all but @negative_ttl; taken with bottom halves disabled
 * @hash: entries by address; the youngest of a bucket first
 * @lru: entries by state; the one to go next is first
 * @count: entries in each of @lru
 * @last_id: of the youngest entry
 * @seed: of @hash, so that nobody else can choose a bucket
 * @negative_ttl: seconds; written under RTNL
 */
struct scsiip_arp {
	spinlock_t lock;	/* see above */
	DECLARE_HASHTABLE(hash, SCSIIP_ARP_HASH_BITS);
	struct list_head lru[SCSIIP_ARP_STATES];
	unsigned int count[SCSIIP_ARP_STATES];
	u64 last_id;
	u32 seed;
	u32 negative_ttl;
};

/**
 * enum scsiip_arp_way - where a request goes
 * @SCSIIP_ARP_TO_ALL: to each peer in turn
 * @SCSIIP_ARP_TO_PEER: to the peer that had the address last
 * @SCSIIP_ARP_TO_NOBODY: there is no use in asking now
 */
enum scsiip_arp_way {
	SCSIIP_ARP_TO_ALL,
	SCSIIP_ARP_TO_PEER,
	SCSIIP_ARP_TO_NOBODY,
};

/**
 * struct scsiip_arp_info - an entry, as userspace is told
 * @len: bytes of @address
 * @address: IPv4 or IPv6
 * @state: what is known
 * @lladdr: of the peer it was seen behind; zeroes if negative
 * @age: milliseconds since that is known
 * @expires: milliseconds until it goes by itself; 0 if it does not
 */
struct scsiip_arp_info {
	u8 len;
	u8 address[16];
	enum scsiip_arp_state state;
	u8 lladdr[ETH_ALEN];
	u32 age;
	u32 expires;
};

/**
 * struct scsiip_arp_cursor - where a walk over the entries goes on
 * @bucket: which one
 * @id: of the last entry seen there, 0 at its beginning
 */
struct scsiip_arp_cursor {
	unsigned int bucket;
	u64 id;
};

void scsiip_arp_init(struct scsiip_arp *arp);

int scsiip_arp_decode(struct sk_buff *skb, struct scsiip_neighbour *neighbour);
enum scsiip_arp_way scsiip_arp_ask(struct scsiip_link *link,
				   const struct scsiip_neighbour *neighbour,
				   struct scsiip_peer **peer);
void scsiip_arp_heard(struct scsiip_link *link,
		      const struct scsiip_neighbour *neighbour,
		      const struct scsiip_peer *peer);

bool scsiip_arp_next(struct scsiip_arp *arp, struct scsiip_arp_cursor *cursor,
		     struct scsiip_arp_info *info);
bool scsiip_arp_forget(struct scsiip_arp *arp, const u8 *address, u8 len,
		       unsigned int states);
void scsiip_arp_flush(struct scsiip_arp *arp, unsigned int states);

#endif
