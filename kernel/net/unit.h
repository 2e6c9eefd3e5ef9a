/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scsiip.ko's own side of struct scsiip_unit.
 */
#ifndef SCSIIP_UNIT_H
#define SCSIIP_UNIT_H

struct scsiip_link;

void scsiip_unit_adopt(struct scsiip_link *link);
void scsiip_unit_abandon(struct scsiip_link *link);
bool scsiip_unit_owns(const struct scsiip_link *link);
void scsiip_unit_derive_address(struct scsiip_link *link);

#endif
