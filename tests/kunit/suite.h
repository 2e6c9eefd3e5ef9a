/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites share: interfaces, and SCSI hosts with a logical unit of type
 * 09h behind them that answers what it is told to.
 */
#ifndef SCSIIP_SUITE_H
#define SCSIIP_SUITE_H

#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <scsi/scsi_cmnd.h>

#include "codec.h"
#include "device.h"

struct scsiip_path;

/**
 * struct test_limits - what a host adapter can do; 0 is the kernel's default
 * @name: of the case
 * @hardware: a device with a DMA mask is above it
 */
struct test_limits {
	const char *name;
	unsigned int segments;
	unsigned int sectors;
	unsigned int segment_size;
	unsigned long boundary;
	unsigned long virt_boundary;
	unsigned int alignment;
	unsigned int pad;
	bool stable_writes;
	bool hardware;
};

/* The answer to a command: a result, sense data if it has a key; none yet, if ever */
struct test_answer {
	int result;
	u8 key;
	u8 asc;
	u8 ascq;
	bool none;
};

/**
 * struct test_host - a host adapter with one logical unit, LUN 0
 * @identity: of its page C0h, which it has if there is an address in it
 * @naa: the last byte of its designator, which it has if that is not 0
 * @read_only: MODE SENSE says so
 * @unready: the answer to TEST UNIT READY
 * @answers: those to SEND MESSAGE, in their order, then GOOD
 * @messages: SEND MESSAGE so far
 * @turn: when the last one came, among those of all hosts
 * @cdb: of the last one
 * @len: bytes of @data, what the last one had
 * @broken: the limit that its scatter list did not keep; NULL
 * @held: the last command that was not answered
 */
struct test_host {
	struct test_limits limits;
	struct scsiip_identity identity;
	u8 naa;
	bool read_only;
	struct test_answer unready;
	struct test_answer answers[4];

	unsigned int messages;
	unsigned int turn;
	u8 cdb[SCSIIP_CDB_LEN];
	unsigned int len;
	u8 *data;
	const char *broken;
	struct scsi_cmnd *held;

	struct list_head node;
	struct platform_device *parent;
	struct Scsi_Host *shost;
	struct scsi_device *sdev;
	struct scsiip_path *path;
};

/* To the millisecond, which msleep() is not */
static inline void test_sleep(unsigned int ms)
{
	ktime_t time = ms_to_ktime(ms);

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout(&time, HRTIMER_MODE_REL);
}

/* Wait: it takes no time, where the clock is not the machine's */
#define test_wait(condition) ({						\
	unsigned int __i;						\
	for (__i = 0; __i < 10000 && !(condition); __i++)		\
		test_sleep(10);						\
	condition;							\
})

struct net_device *test_link(struct kunit *test, const char *name,
			     const char *network);
struct test_host *test_host(struct kunit *test, const struct test_host *like);
void test_tidy(struct kunit *test);

static inline unsigned long test_counter(const struct net_device *dev,
					 enum scsiip_counter_attr which)
{
	const struct scsiip_link *link = netdev_priv(dev);

	return scsiip_counters_read(link->counters, which);
}

#endif
