// SPDX-License-Identifier: GPL-2.0-only
/*
 * The path check: TEST UNIT READY, the identity page and the device
 * identification page, and MODE SENSE where a write-protected unit must be
 * told. Asynchronous: a synchronous command to a blocked device waits for
 * ever. Runs in the path's work; only check_end_io() is elsewhere.
 */
#include <linux/blk-mq.h>
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>

#include "compat.h"
#include "path.h"
#include "transmit.h"

#define CHECK_COMMAND_TIMEOUT	(30 * HZ)
#define CHECK_TRIES		5

/**
 * scsiip_scsi_status() - how a command ended
 * @scmd: the command
 * @status: what the block layer says
 * @sense: sense data, where the status is CHECK CONDITION; zeroes otherwise
 *
 * Context: any.
 * Return: a SAM status, or -EIO if none came or its sense data is missing.
 */
int scsiip_scsi_status(struct scsi_cmnd *scmd, blk_status_t status,
		       struct scsi_sense_hdr *sense)
{
	memset(sense, 0, sizeof(*sense));
	if (host_byte(scmd->result) != DID_OK ||
	    (status != BLK_STS_OK && !scmd->result))
		return -EIO;

	if ((scmd->result & 0xff) == SAM_STAT_CHECK_CONDITION &&
	    !scsi_normalize_sense(scmd->sense_buffer, SCSI_SENSE_BUFFERSIZE,
				  sense))
		return -EIO;
	return scmd->result & 0xff;
}

static int check_result(struct scsi_cmnd *scmd, blk_status_t status)
{
	struct scsi_sense_hdr sense;

	switch (scsiip_scsi_status(scmd, status, &sense)) {
	case SAM_STAT_GOOD:
		return 0;
	case SAM_STAT_CHECK_CONDITION:
		break;
	default:
		return -EIO;
	}

	switch (sense.sense_key) {
	case UNIT_ATTENTION:
		return -EAGAIN;
	case NOT_READY:
		return -ENODEV;
	case ILLEGAL_REQUEST:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

/* Context: any. */
static enum rq_end_io_ret check_end_io(struct request *rq, blk_status_t status)
{
	struct scsiip_path *path = rq->end_io_data;
	struct scsiip_check *check = &path->check;
	struct scsi_cmnd *scmd = blk_mq_rq_to_pdu(rq);

	rcu_read_lock();
	check->result = check_result(scmd, status);
	check->len = SCSIIP_CHECK_BUF;
	if (scmd->resid_len <= SCSIIP_CHECK_BUF)
		check->len -= scmd->resid_len;
	/* pairs with the path's work, which reads the result after the flag */
	smp_store_release(&check->busy, false);

	scsiip_path_kick(path);
	scsiip_path_put(path);
	scsiip_inflight_put();
	rcu_read_unlock();
	return RQ_END_IO_FREE;
}

static unsigned int check_cdb(struct scsi_cmnd *scmd,
			      enum scsiip_check_step step)
{
	u8 *cdb = scmd->cmnd;

	scmd->cmd_len = 6;
	switch (step) {
	case SCSIIP_CHECK_IDENTITY:
	case SCSIIP_CHECK_DESIGNATOR:
		cdb[0] = INQUIRY;
		cdb[1] = 1;
		cdb[2] = step == SCSIIP_CHECK_IDENTITY ? SCSIIP_IDENTITY_PAGE :
							 0x83;
		put_unaligned_be16(SCSIIP_CHECK_BUF, &cdb[3]);
		return SCSIIP_CHECK_BUF;
	case SCSIIP_CHECK_WRITE_PROTECT:
		cdb[0] = MODE_SENSE;
		cdb[1] = 8;		/* no block descriptors */
		cdb[2] = 0x3f;		/* all pages */
		cdb[4] = 0xff;
		return 0xff;
	default:
		cdb[0] = TEST_UNIT_READY;
		return 0;
	}
}

/* Send a step; if the queue has no room now, the next tick tries again. */
static void check_send(struct scsiip_path *path)
{
	struct request_queue *q = path->sdev->request_queue;
	struct scsiip_check *check = &path->check;
	struct scsi_cmnd *scmd;
	struct request *rq;
	unsigned int len;

	check->result = -EIO;
	rq = scsi_alloc_request(q, REQ_OP_DRV_IN, BLK_MQ_REQ_NOWAIT);
	if (IS_ERR(rq)) {
		if (PTR_ERR(rq) == -EAGAIN || PTR_ERR(rq) == -EWOULDBLOCK)
			check->result = -EBUSY;
		return;
	}

	scmd = blk_mq_rq_to_pdu(rq);
	memset(scmd->cmnd, 0, sizeof(scmd->cmnd));
	len = check_cdb(scmd, check->step);
	memset(check->buf, 0, SCSIIP_CHECK_BUF);
	if (len && blk_rq_map_kern(q, rq, check->buf, len, GFP_NOIO)) {
		blk_mq_free_request(rq);
		check->result = -EBUSY;
		return;
	}

	scmd->allowed = 0;
	rq->timeout = CHECK_COMMAND_TIMEOUT;
	rq->rq_flags |= RQF_QUIET;
	rq->end_io = check_end_io;
	rq->end_io_data = path;

	scsiip_path_get(path);
	scsiip_inflight_get();
	check->busy = true;
	blk_execute_rq_nowait(rq, false);
}

/**
 * scsiip_check_start() - begin a check
 * @path: no check is active on it
 */
void scsiip_check_start(struct scsiip_path *path)
{
	struct scsiip_check *check = &path->check;

	check->step = SCSIIP_CHECK_TEST_UNIT_READY;
	check->tries = 0;
	check->started = jiffies;
	/* the tick looks at both */
	smp_store_release(&check->active, true);
	check_send(path);
}

/* What the result of a step says, %SCSIIP_PATH_UP to go on. */
static enum scsiip_path_state check_evaluate(struct scsiip_path *path)
{
	struct scsiip_check *check = &path->check;

	if (check->result == -ENODEV)
		return SCSIIP_PATH_NOT_READY;
	if (check->result && check->result != -EOPNOTSUPP)
		return SCSIIP_PATH_TIMEOUT;

	switch (check->step) {
	case SCSIIP_CHECK_TEST_UNIT_READY:
		return check->result ? SCSIIP_PATH_NOT_READY : SCSIIP_PATH_UP;
	case SCSIIP_CHECK_IDENTITY:
		/* the administrator may have said what is missing here */
		if (check->result ||
		    scsiip_identity_decode(&check->identity, check->buf,
					   check->len))
			memset(&check->identity, 0, sizeof(check->identity));
		return SCSIIP_PATH_UP;
	case SCSIIP_CHECK_DESIGNATOR:
		if (!check->result &&
		    !scsiip_designator_decode(&check->designator, check->buf,
					      check->len))
			return SCSIIP_PATH_UP;
		return is_zero_ether_addr(check->identity.lladdr) ?
			SCSIIP_PATH_NO_IDENTITY : SCSIIP_PATH_NO_DESIGNATOR;
	default:
		path->read_only = !check->result && check->buf[2] & 0x80;
		return path->read_only ? SCSIIP_PATH_READ_ONLY :
					 SCSIIP_PATH_UP;
	}
}

/**
 * scsiip_check_advance() - a step has ended: what next?
 * @path: with an active check and no command under way
 * @outcome: of the check, if it is over; %SCSIIP_PATH_UP if nothing is wrong
 *
 * Return: whether it is over.
 */
bool scsiip_check_advance(struct scsiip_path *path,
			  enum scsiip_path_state *outcome)
{
	struct scsiip_check *check = &path->check;

	if (check->result == -EBUSY ||
	    (check->result == -EAGAIN && ++check->tries < CHECK_TRIES)) {
		check_send(path);
		return false;
	}

	*outcome = check_evaluate(path);
	if (*outcome == SCSIIP_PATH_UP) {
		check->step++;
		check->tries = 0;
		/* a mapped LUN may be read-only: ask once, and while it is */
		if (check->step == SCSIIP_CHECK_WRITE_PROTECT &&
		    rcu_access_pointer(path->peer) && !path->read_only)
			check->step++;
		if (check->step < SCSIIP_CHECK_STEPS) {
			check_send(path);
			return false;
		}
	}
	check->active = false;
	return true;
}
