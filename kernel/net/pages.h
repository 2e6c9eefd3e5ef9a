/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages for what has to be copied, recycled: the kernel clears what it
 * allocates, which costs as much as the copy.
 */
#ifndef SCSIIP_PAGES_H
#define SCSIIP_PAGES_H

struct sk_buff;

struct sk_buff *scsiip_alloc_skb(unsigned int head, unsigned int data);
int scsiip_pages_init(void);
void scsiip_pages_exit(void);

#endif
