/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bus: endpoints, and the nexuses between them.
 */
#ifndef SCSIIP_BUS_H
#define SCSIIP_BUS_H

#include <linux/bitmap.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <target/target_core_base.h>

#include "scsiip.h"

struct Scsi_Host;

#define BUS_DEFAULT_MAX_ID	16	/* wide SCSI */
#define BUS_LIMIT_MAX_ID	1024
#define BUS_ANY_ID		(-1)

/**
 * struct bus_place - where an endpoint is to be
 * @bus: number of the bus
 * @id: SCSI ID, or %BUS_ANY_ID
 * @max_id: it reaches IDs below this one
 */
struct bus_place {
	unsigned int bus;
	int id;
	unsigned int max_id;
};

/**
 * struct bus_attrib - what LIO's demo-mode attributes say, each 0 or 1
 * @generate_node_acls: admit initiators that have no ACL
 * @cache_dynamic_acls: keep what was generated for them
 * @demo_mode_write_protect: they may only read (disks)
 * @prod_mode_write_protect: nobody may write
 * @demo_mode_login_only: they see no logical unit
 */
struct bus_attrib {
	bool generate_node_acls;
	bool cache_dynamic_acls;
	bool demo_mode_write_protect;
	bool prod_mode_write_protect;
	bool demo_mode_login_only;
};

/**
 * struct bus_endpoint - a WWN: a target port and an initiator port
 * @wwn: the core's
 * @tpg: the core's, its only one
 * @name: the NAA identifier
 * @attrib: read without a lock
 * @node: in the list of all that have a TPG; bus_lock
 * @enabled: is, or is to be, on the bus; bus_lock
 * @wanted: what was asked for; bus_lock
 * @place: what was given, while @enabled; bus_lock
 * @replug: @place has changed since it was put on the bus; bus_lock
 * @units: struct bus_unit, in the order they were linked; bus_lock
 * @shost: the initiator port, while on the bus; changed by the bus work under
 *	bus_lock, stays while there is a nexus
 * @nexuses: of the initiator port; changed under bus_lock and nexus_lock
 * @pending: runs of works of nexuses, with it at either end, that are not
 *	through; bus_lock
 * @refused: the initiator ports, by their ID, that have been told that they
 *	are not admitted; bus_lock
 */
struct bus_endpoint {
	struct se_wwn wwn;
	struct se_portal_group tpg;
	char name[SCSIIP_BUS_NAME_LEN];
	struct bus_attrib attrib;

	struct list_head node;
	bool enabled;
	struct bus_place wanted;
	struct bus_place place;
	bool replug;
	struct list_head units;
	struct Scsi_Host *shost;
	struct list_head nexuses;
	unsigned int pending;
	DECLARE_BITMAP(refused, BUS_LIMIT_MAX_ID);
};

/**
 * struct bus_nexus - an I_T nexus
 * @ref: of the bus, of every scsi_device, and of every run of @work
 * @rcu: task management functions find it under RCU
 * @node: in the list of its initiator
 * @work: makes its scsi_devices what the core maps to the initiator, or ends it
 * @initiator: valid while it is in the list, or @work runs
 * @target: the same
 * @id: of the target; fixed
 * @map: of the LUNs when its scsi_devices were last made to match them
 * @session: NULL once it has ended; changed by @work
 * @closing: takes no commands and no scsi_devices any more; changed under
 *	nexus_lock
 * @ending: @work has been queued to end it; bus_lock
 */
struct bus_nexus {
	struct kref ref;
	struct rcu_head rcu;
	struct list_head node;
	struct work_struct work;
	struct bus_endpoint *initiator;
	struct bus_endpoint *target;
	unsigned int id;
	u64 map;
	struct se_session *session;
	bool closing;
	bool ending;
};

/**
 * struct bus_device - hostdata of a scsi_device; read under RCU
 * @device: what scsiip.ko sees of it
 * @rcu: to free it
 * @nexus: with a reference
 * @mapped: when the LUN was mapped to the initiator: it may be another one now
 */
struct bus_device {
	struct scsiip_bus_device device;
	struct rcu_head rcu;
	struct bus_nexus *nexus;
	u64 mapped;
};

/**
 * struct bus_port - hostdata of an initiator port
 * @host: what scsiip.ko sees of it
 * @endpoint: whose it is
 */
struct bus_port {
	struct scsiip_bus_host host;
	struct bus_endpoint *endpoint;
};

/* bus.c */
extern struct mutex bus_lock;

int bus_init(void);
void bus_exit(void);
void bus_sync(const struct bus_endpoint *endpoint);
void bus_add(struct bus_endpoint *endpoint);
void bus_remove(struct bus_endpoint *endpoint);
int bus_enable(struct bus_endpoint *endpoint, bool enable);
int bus_move(struct bus_endpoint *endpoint, const struct bus_place *wanted);
void bus_link(struct bus_endpoint *endpoint, struct se_lun *lun);
void bus_unlink(struct bus_endpoint *endpoint, struct se_lun *lun);
void bus_close_session(struct se_session *session);
struct bus_nexus *bus_nexus_find(const struct bus_endpoint *initiator,
				 unsigned int id);
u64 bus_nexus_mapped(const struct bus_nexus *nexus, u64 lun);
void bus_nexus_put(struct bus_nexus *nexus);

/* host.c */
int bus_host_init(void);
void bus_host_exit(void);
struct Scsi_Host *bus_host_add(struct bus_endpoint *endpoint);
void bus_host_remove(struct Scsi_Host *shost);

/* the core's operations on commands and task management functions */
int bus_check_stop_free(struct se_cmd *se_cmd);
void bus_release_cmd(struct se_cmd *se_cmd);
int bus_write_pending(struct se_cmd *se_cmd);
int bus_queue_status(struct se_cmd *se_cmd);
void bus_queue_tm_rsp(struct se_cmd *se_cmd);
void bus_aborted_task(struct se_cmd *se_cmd);

#endif
