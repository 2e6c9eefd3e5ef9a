/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths: the scsi_devices of type 09h this host has, each a way to a peer's
 * logical unit.
 */
#ifndef SCSIIP_PATH_H
#define SCSIIP_PATH_H

#include <linux/atomic.h>
#include <linux/blk_types.h>
#include <linux/if.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/workqueue.h>

#include "codec.h"
#include "counters.h"
#include "scsiip.h"
#include "uapi/scsiip.h"

struct scsi_cmnd;
struct scsi_device;
struct scsi_sense_hdr;
struct scsiip_link;
struct scsiip_peer;

#define SCSIIP_CHECK_BUF	1024

/* Steps of the path check, in order. */
enum scsiip_check_step {
	SCSIIP_CHECK_TEST_UNIT_READY,
	SCSIIP_CHECK_IDENTITY,
	SCSIIP_CHECK_DESIGNATOR,
	SCSIIP_CHECK_WRITE_PROTECT,
	SCSIIP_CHECK_STEPS
};

/**
 * struct scsiip_check - the path check: one command after another
 * @active: a check is going on
 * @busy: a command is under way; set by the path's work, cleared by the
 *	completion
 * @step: which
 * @tries: how often this step was sent, for unit attentions
 * @started: jiffies when the check began
 * @result: of the step: 0, -EAGAIN after a unit attention, -ENODEV if the
 *	logical unit is not ready, -EOPNOTSUPP after an illegal request, -EIO
 * @len: bytes in @buf
 * @buf: data-in; belongs to the device while @busy
 * @identity: seen by this check; zeroes if the logical unit has none
 * @designator: seen by this check
 */
struct scsiip_check {
	bool active;
	bool busy;
	enum scsiip_check_step step;
	unsigned int tries;
	unsigned long started;
	int result;
	unsigned int len;
	u8 *buf;
	struct scsiip_identity identity;
	struct scsiip_designator designator;
};

/**
 * struct scsiip_path - a scsi_device of type 09h
 * @ref: held by the driver binding, by scheduled work and by every command in
 *	flight
 * @rcu: the transmit work finds paths under RCU
 * @sdev: valid until @removed, see scsiip_path_srcu; a reference would pin
 *	neither the host's module nor its template, which releasing the last
 *	one reads
 * @many_queues: its host has one for each processor
 * @bus: of @sdev's host, if that is on our own bus; valid like @sdev
 * @target: name of the target port, if @bus
 * @name: of @sdev, for messages
 * @node: in the list of all paths, under its mutex
 * @id: grows along that list; fixed
 * @peer_node: in peer->paths
 * @peer_id: grows along that list; RTNL
 * @peer: RTNL to change, RCU to read; NULL while unattached
 * @detached: RCU state after which @peer_node may be used again
 * @state: written by @work or under RTNL
 * @sound: the last check ended well; RTNL
 * @usable: datagrams may be sent; read without a lock
 * @limit: longest datagram the queue carries, bytes
 * @align: mask of what its memory must be aligned to
 * @removed: the driver was unbound
 * @disposed: @work has seen @removed
 * @work: the check and what follows from it, in sequence
 * @policy: RTNL
 * @netdev: for %SCSIIP_POLICY_NETDEV; RTNL
 * @net_cookie: namespace of @netdev; RTNL
 * @pinned: address that the administrator says it has, or zeroes; RTNL
 * @check: the path check; belongs to @work
 * @identity: what the last complete check saw, zeroes for none; RTNL
 * @designator: what the last complete check saw; RTNL
 * @generation: of the interfaces' settings when that was acted on
 * @next_check: jiffies
 * @last_response: jiffies of the last sign of life
 * @last_progress: jiffies when last a datagram was sent or completed
 * @stopped: the transport takes no commands since @stopped_since
 * @stopped_since: jiffies
 * @stalled: nothing has moved for a while, though something should have:
 *	datagrams neither go this way nor wait for it; written by the tick
 * @read_only: a datagram was refused with DATA PROTECT
 * @counters: what became of datagrams sent this way
 * @inflight: datagrams sent and not completed
 * @lock: guards @transmits; taken in hard interrupt context
 * @transmits: struct scsiip_transmit in flight
 */
struct scsiip_path {
	struct kref ref;
	struct rcu_head rcu;
	struct scsi_device *sdev;
	bool many_queues;
	const struct scsiip_bus_host *bus;
	char target[SCSIIP_BUS_NAME_LEN];
	char name[SCSIIP_LUN_NAME_LEN];
	struct list_head node;
	u64 id;
	struct list_head peer_node;
	u64 peer_id;
	struct scsiip_peer __rcu *peer;
	unsigned long detached;
	enum scsiip_path_state state;
	bool sound;
	bool usable;
	unsigned int limit;
	unsigned int align;
	bool removed;
	bool disposed;
	struct work_struct work;

	enum scsiip_path_policy policy;
	char netdev[IFNAMSIZ];
	u64 net_cookie;
	u8 pinned[ETH_ALEN];

	struct scsiip_check check;
	struct scsiip_identity identity;
	struct scsiip_designator designator;
	unsigned int generation;
	unsigned long next_check;
	unsigned long last_response;
	unsigned long last_progress;
	bool stopped;
	unsigned long stopped_since;
	bool stalled;
	bool read_only;

	struct scsiip_counters *counters;
	atomic_t inflight;
	spinlock_t lock;	/* guards transmits */
	struct list_head transmits;
};

/*
 * Whoever touches path->sdev does it on the read side, after a look at
 * path->removed, and takes no RTNL there: remove() waits for him.
 */
extern struct srcu_struct scsiip_path_srcu;

void scsiip_path_get(struct scsiip_path *path);
void scsiip_path_put(struct scsiip_path *path);
void scsiip_path_kick(struct scsiip_path *path);
void scsiip_path_suspect(struct scsiip_path *path);
bool scsiip_path_runnable(const struct scsiip_path *path);
void scsiip_path_detach(struct scsiip_path *path);
struct scsiip_path *scsiip_path_find(const char *name);
void scsiip_path_set_policy(struct scsiip_path *path,
			    enum scsiip_path_policy policy,
			    const struct net_device *dev);
void scsiip_path_apply(struct scsiip_path *path);
int scsiip_paths_walk(u64 *after,
		      int (*visit)(struct scsiip_path *path, void *data),
		      void *data);
void scsiip_paths_follow(const struct scsiip_link *link);
void scsiip_paths_recheck(void);
void scsiip_paths_claim(const struct scsiip_designator *designator);
int scsiip_path_init(void);
void scsiip_path_exit(void);

/* check.c */
int scsiip_scsi_status(struct scsi_cmnd *scmd, blk_status_t status,
		       struct scsi_sense_hdr *sense);
void scsiip_check_start(struct scsiip_path *path);
bool scsiip_check_advance(struct scsiip_path *path,
			  enum scsiip_path_state *outcome);

#endif
