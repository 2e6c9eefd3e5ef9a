// SPDX-License-Identifier: GPL-2.0-only
/*
 * LD_PRELOAD=capacity.so iscsi-test-cu ...
 *
 * libiscsi's test suite wants to know the capacity of a unit before anything
 * else, and gives up on one that has none, as a communications device. This
 * answers that first READ CAPACITY(10) in place of the unit: eight thousand
 * blocks of 512 bytes. All that follows is between the suite and the unit.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#define READ_CAPACITY_10	0x25

struct scsi_task *iscsi_scsi_command_sync(struct iscsi_context *iscsi, int lun,
					  struct scsi_task *task,
					  struct iscsi_data *data)
{
	static const unsigned char capacity[8] = { 0, 0, 0x1f, 0x3f, 0, 0, 2, 0 };
	__typeof__(iscsi_scsi_command_sync) *unit;
	static int told;

	if (told || task->cdb[0] != READ_CAPACITY_10) {
		unit = dlsym(RTLD_NEXT, "iscsi_scsi_command_sync");
		return unit(iscsi, lun, task, data);
	}

	told = 1;
	task->status = SCSI_STATUS_GOOD;
	task->datain.size = sizeof(capacity);
	task->datain.data = malloc(sizeof(capacity));
	if (task->datain.data)
		memcpy(task->datain.data, capacity, sizeof(capacity));
	return task;
}
