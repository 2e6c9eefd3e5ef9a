/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What target_core_comm.ko offers to a fabric inside the same kernel.
 */
#ifndef SCSIIP_COMM_H
#define SCSIIP_COMM_H

#include <target/target_core_base.h>

struct sk_buff;
struct scsiip_unit;

struct scsiip_unit *comm_unit(struct se_device *se_dev);
bool comm_takes_skb(const struct se_cmd *cmd);
sense_reason_t comm_receive_skb(struct se_cmd *cmd, const struct sk_buff *skb);

#endif
