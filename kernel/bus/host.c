// SPDX-License-Identifier: GPL-2.0-only
/*
 * Initiator ports: a Scsi_Host for each endpoint on the bus, and the way of a
 * command from its queue through the target core and back.
 *
 * A SEND MESSAGE to an interface is executed where it is submitted, and hands
 * the sender's datagram over; everything else goes through the core's queue.
 */
#include <linux/blk-mq.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <target/target_core_base.h>
#include <target/target_core_fabric.h>

#include "bus.h"
#include "comm.h"
#include "compat.h"
#include "scsiip.h"

#define BUS_CAN_QUEUE	128
#define BUS_MAX_LUN	16384	/* flat space addressing, SAM-5 section 4.7 */
#define BUS_MAX_CDB	32

/**
 * struct bus_wait - on the stack of who waits for a task management function
 * @done: it has ended
 * @response: of the core
 */
struct bus_wait {
	struct completion done;
	int response;
};

/**
 * struct bus_cmd - a command or a task management function
 * @se_cmd: the core's
 * @scmd: the initiator's, of a command
 * @wait: of a task management function
 * @refused: within queuecommand, where nothing may complete directly
 * @sense: for the core
 */
struct bus_cmd {
	struct se_cmd se_cmd;
	struct scsi_cmnd *scmd;
	struct bus_wait *wait;
	bool refused;
	unsigned char sense[TRANSPORT_SENSE_BUFFER];
};

static struct bus_cmd *to_bus_cmd(struct se_cmd *se_cmd)
{
	return container_of(se_cmd, struct bus_cmd, se_cmd);
}

static struct device *bus_device;

static int bus_slave_alloc(struct scsi_device *sdev)
{
	struct bus_port *port = shost_priv(sdev->host);
	struct bus_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return -ENOMEM;

	device->nexus = bus_nexus_find(port->endpoint, sdev->id);
	if (!device->nexus)
		goto err_device;
	device->mapped = bus_nexus_mapped(device->nexus, sdev->lun);
	if (!device->mapped)
		goto err_nexus;
	strscpy(device->device.target, device->nexus->target->name,
		sizeof(device->device.target));
	WRITE_ONCE(sdev->hostdata, device);
	return 0;

err_nexus:
	bus_nexus_put(device->nexus);
err_device:
	kfree(device);
	return -ENXIO;
}

static void bus_slave_destroy(struct scsi_device *sdev)
{
	struct bus_device *device = sdev->hostdata;

	if (!device)
		return;
	WRITE_ONCE(sdev->hostdata, NULL);
	bus_nexus_put(device->nexus);
	kfree_rcu(device, rcu);
}

static sense_reason_t bus_execute_datagram(struct se_cmd *se_cmd)
{
	struct bus_cmd *cmd = to_bus_cmd(se_cmd);
	struct request *rq = scsi_cmd_to_rq(cmd->scmd);
	sense_reason_t ret;

	cmd->refused = false;
	ret = comm_receive_skb(se_cmd, scsiip_request_skb(rq));
	/* else it may have completed already */
	if (ret)
		cmd->refused = true;
	return ret;
}

/* What the core does with a command of its queue, but here and now. */
static void bus_execute_here(struct se_cmd *se_cmd)
{
	sense_reason_t ret;

	se_cmd->t_state = TRANSPORT_NEW_CMD;
	se_cmd->transport_state |= CMD_T_ACTIVE;
	ret = transport_generic_new_cmd(se_cmd);
	if (ret)
		transport_generic_request_failure(se_cmd, ret);
}

static int bus_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *scmd)
{
	const struct bus_device *device = scmd->device->hostdata;
	const struct bus_nexus *nexus = device->nexus;
	struct request *rq = scsi_cmd_to_rq(scmd);
	struct bus_cmd *cmd = scsi_cmd_priv(scmd);
	struct se_cmd *se_cmd = &cmd->se_cmd;

	memset(cmd, 0, sizeof(*cmd));
	cmd->scmd = scmd;
	cmd->refused = true;
	se_cmd->tag = rq->tag;

	/* the core reads as many bytes as a CDB says that it has */
	if (scsi_command_size(scmd->cmnd) > sizeof(scmd->cmnd)) {
		scsi_build_sense(scmd, 0, ILLEGAL_REQUEST, 0x24, 0);
		scsi_done(scmd);
		return 0;
	}

	if (READ_ONCE(nexus->closing) ||
	    target_init_cmd(se_cmd, nexus->session, cmd->sense,
			    scmd->device->lun, scsi_bufflen(scmd),
			    TCM_SIMPLE_TAG, scmd->sc_data_direction, 0)) {
		set_host_byte(scmd, DID_NO_CONNECT);
		scsi_done(scmd);
		return 0;
	}

	/* refuses the command itself if it does */
	if (target_submit_prep(se_cmd, scmd->cmnd, scsi_sglist(scmd),
			       scsi_sg_count(scmd), NULL, 0, NULL, 0,
			       GFP_ATOMIC))
		return 0;

	if (comm_takes_skb(se_cmd) && scsiip_request_skb(rq)) {
		se_cmd->execute_cmd = bus_execute_datagram;
		bus_execute_here(se_cmd);
		return 0;
	}

	scsiip_request_checksum(rq);
	cmd->refused = false;
	scsiip_target_queue(se_cmd);
	return 0;
}

int bus_check_stop_free(struct se_cmd *se_cmd)
{
	return transport_generic_free_cmd(se_cmd, 0);
}

/*
 * The core is through with a command: only now may it complete. What was not
 * refused at once is completed by a worker of the core, which need not go
 * through the block softirq.
 */
void bus_release_cmd(struct se_cmd *se_cmd)
{
	struct bus_cmd *cmd = to_bus_cmd(se_cmd);

	if (se_cmd->se_cmd_flags & SCF_SCSI_TMR_CDB)
		kfree(cmd);
	else if (cmd->refused)
		scsi_done(cmd->scmd);
	else
		scsi_done_direct(cmd->scmd);
}

/* The data is at hand already. */
int bus_write_pending(struct se_cmd *se_cmd)
{
	target_execute_cmd(se_cmd);
	return 0;
}

int bus_queue_status(struct se_cmd *se_cmd)
{
	struct scsi_cmnd *scmd = to_bus_cmd(se_cmd)->scmd;

	scmd->result = se_cmd->scsi_status;
	if (se_cmd->se_cmd_flags &
	    (SCF_TRANSPORT_TASK_SENSE | SCF_EMULATED_TASK_SENSE)) {
		memcpy(scmd->sense_buffer, se_cmd->sense_buffer,
		       SCSI_SENSE_BUFFERSIZE);
		scmd->result = SAM_STAT_CHECK_CONDITION;
	}
	/* an overflow is not what is missing of the data */
	if (se_cmd->se_cmd_flags & SCF_UNDERFLOW_BIT)
		scsi_set_resid(scmd, se_cmd->residual_count);
	return 0;
}

static void bus_task_management_done(struct bus_cmd *cmd, int response)
{
	cmd->wait->response = response;
	complete(&cmd->wait->done);
}

void bus_queue_tm_rsp(struct se_cmd *se_cmd)
{
	bus_task_management_done(to_bus_cmd(se_cmd),
				 se_cmd->se_tmr_req->response);
}

/*
 * Instead of a status, or of a response: what was aborted has not been done, as
 * far as anybody knows.
 */
void bus_aborted_task(struct se_cmd *se_cmd)
{
	struct bus_cmd *cmd = to_bus_cmd(se_cmd);

	if (se_cmd->se_cmd_flags & SCF_SCSI_TMR_CDB)
		bus_task_management_done(cmd, TMR_FUNCTION_REJECTED);
	else
		cmd->scmd->result = DID_RESET << 16;
}

/*
 * LUN RESET of one logical unit. Only RCU holds the nexus: this may come from an
 * ioctl, while the device is being removed.
 */
static int bus_reset_unit(struct scsi_device *sdev)
{
	const struct bus_device *device;
	struct bus_wait wait;
	struct bus_cmd *cmd;
	int ret = -ENXIO;

	cmd = kzalloc(sizeof(*cmd), GFP_KERNEL);
	if (!cmd)
		return FAILED;

	init_completion(&wait.done);
	cmd->wait = &wait;
	rcu_read_lock();
	device = READ_ONCE(sdev->hostdata);
	if (device && !READ_ONCE(device->nexus->closing))
		ret = target_submit_tmr(&cmd->se_cmd, device->nexus->session,
					cmd->sense, sdev->lun, NULL,
					TMR_LUN_RESET, GFP_ATOMIC, 0, 0);
	rcu_read_unlock();
	if (ret < 0) {
		kfree(cmd);
		return FAILED;
	}

	wait_for_completion(&wait.done);
	return wait.response == TMR_FUNCTION_COMPLETE ? SUCCESS : FAILED;
}

static int bus_device_reset(struct scsi_cmnd *scmd)
{
	return bus_reset_unit(scmd->device);
}

/* The core has no target reset: every logical unit of the target instead. */
static int bus_target_reset(struct scsi_cmnd *scmd)
{
	struct scsi_device *sdev;
	int ret = FAILED;

	shost_for_each_device(sdev, scmd->device->host) {
		if (sdev->id != scmd->device->id)
			continue;
		ret = bus_reset_unit(sdev);
		if (ret != SUCCESS) {
			scsi_device_put(sdev);
			break;
		}
	}
	return ret;
}

/*
 * Nothing is lost on this bus, and the core cannot recall what a backstore has:
 * the mid-layer must not take a command for ended before the core does.
 */
static enum scsiip_timeout_action bus_timed_out(struct scsi_cmnd *scmd)
{
	return SCSIIP_RESET_TIMER;
}

static struct scsi_host_template bus_template = {
	.module				= THIS_MODULE,
	.name				= "scsiip",
	.proc_name			= "scsiip",
	.queuecommand			= bus_queuecommand,
	.change_queue_depth		= scsi_change_queue_depth,
	.slave_alloc			= bus_slave_alloc,
	.slave_destroy			= bus_slave_destroy,
	.eh_timed_out			= bus_timed_out,
	.eh_device_reset_handler	= bus_device_reset,
	.eh_target_reset_handler	= bus_target_reset,
	.can_queue			= BUS_CAN_QUEUE,
	.cmd_per_lun			= BUS_CAN_QUEUE,
	.cmd_size			= sizeof(struct bus_cmd),
	.sg_tablesize			= SG_MAX_SEGMENTS,
	.max_sectors			= 2048,
	/* pages, each by itself: who takes them over takes whole ones */
	.dma_boundary			= PAGE_SIZE - 1,
};

/**
 * bus_host_add() - an endpoint goes on the bus
 * @endpoint: with a place
 *
 * Context: process. Return: its host, or NULL.
 */
struct Scsi_Host *bus_host_add(struct bus_endpoint *endpoint)
{
	struct Scsi_Host *shost = scsi_host_alloc(&bus_template,
						  sizeof(struct bus_port));
	struct bus_port *port;

	if (!shost)
		return NULL;

	port = shost_priv(shost);
	port->endpoint = endpoint;
	port->host.name = endpoint->name;
	INIT_LIST_HEAD(&port->host.node);
	shost->this_id = endpoint->place.id;
	shost->max_id = endpoint->place.max_id;
	shost->max_lun = BUS_MAX_LUN;
	shost->max_cmd_len = BUS_MAX_CDB;
	if (scsi_add_host(shost, bus_device)) {
		scsi_host_put(shost);
		return NULL;
	}
	return shost;
}

/**
 * bus_host_remove() - an endpoint leaves the bus
 * @shost: its host, without any scsi_device
 *
 * Context: process.
 */
void bus_host_remove(struct Scsi_Host *shost)
{
	scsi_remove_host(shost);
	scsi_host_put(shost);
}

int bus_host_init(void)
{
	bus_device = root_device_register("scsiip");
	if (IS_ERR(bus_device))
		return PTR_ERR(bus_device);

	scsiip_bus_register(&bus_template);
	return 0;
}

void bus_host_exit(void)
{
	scsiip_bus_register(NULL);
	root_device_unregister(bus_device);
}
