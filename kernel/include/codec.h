/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wire format: SEND MESSAGE (RFC 2143 section 3, SCSI-2 section 18.2.4),
 * the identity page (VPD C0h, docs/wire.md) and what is read of the device
 * identification page (VPD 83h, SPC-4 section 7.8.5).
 *
 * Pure functions over byte arrays: no allocation, no locks, any context. The
 * unit tests compile codec.c in userspace.
 */
#ifndef SCSIIP_CODEC_H
#define SCSIIP_CODEC_H

#include <linux/if_ether.h>
#include <linux/types.h>

/* SCSI-2 section 18.2 */
#define SCSIIP_SEND_MESSAGE_6	0x0a
#define SCSIIP_SEND_MESSAGE_10	0x2a
#define SCSIIP_SEND_MESSAGE_12	0xaa
#define SCSIIP_CDB_LEN		10	/* of the SEND MESSAGE we send */

/* The longest datagram, and the longest data-out a logical unit takes. */
#define SCSIIP_MAX_DATAGRAM	65535
#define SCSIIP_MAX_TRANSFER	(65536 + 512)

/**
 * enum scsiip_verdict - what becomes of a SEND MESSAGE
 * @SCSIIP_ACCEPTED: GOOD
 * @SCSIIP_RESERVED: a reserved or control bit of the CDB is set
 * @SCSIIP_PROTOCOL: the protocol type is none of IPv4, ARP and IPv6
 * @SCSIIP_TOO_LONG: CDB or data length above %SCSIIP_MAX_TRANSFER
 * @SCSIIP_SHORT_DATA: less data than the CDB says, or no data-out at all
 * @SCSIIP_SHORT_DATAGRAM: less data than the datagram's header says
 * @SCSIIP_BAD_HEADER: IP version or header length that cannot be
 * @SCSIIP_SPOOFED: ARP or neighbour discovery tells another link-layer address
 *	than that of the peer it came from
 * @SCSIIP_NOT_READY: no interface behind the logical unit, or it is down
 * @SCSIIP_BUSY: no memory, or the receiver is overloaded
 * @SCSIIP_VERDICTS: how many there are
 */
enum scsiip_verdict {
	SCSIIP_ACCEPTED,
	SCSIIP_RESERVED,
	SCSIIP_PROTOCOL,
	SCSIIP_TOO_LONG,
	SCSIIP_SHORT_DATA,
	SCSIIP_SHORT_DATAGRAM,
	SCSIIP_BAD_HEADER,
	SCSIIP_SPOOFED,
	SCSIIP_NOT_READY,
	SCSIIP_BUSY,
	SCSIIP_VERDICTS
};

/**
 * struct scsiip_message - what the CDB of a SEND MESSAGE says
 * @length: transfer length in bytes
 * @ethertype: host byte order; 0 if the CDB has no stream selection, as in
 *	SEND MESSAGE(6)
 */
struct scsiip_message {
	u32 length;
	u16 ethertype;
};

/* As many bytes of a datagram as scsiip_datagram_check() wants to see. */
#define SCSIIP_CHECK_LEN	40

/**
 * struct scsiip_neighbour - what an ARP or neighbour discovery packet says
 * @len: bytes of an IP address: 4 or 16
 * @owner: IP address of the interface it speaks for; NULL if it has none yet
 *	(ARP probe, duplicate address detection)
 * @target: IP address it asks for, or is about to take; NULL if none
 * @lladdr: link-layer address of the interface it speaks for, NULL if it does
 *	not tell
 * @ambiguous: it tells several
 *
 * The pointers are into the packet.
 */
struct scsiip_neighbour {
	u8 len;
	const u8 *owner;
	const u8 *target;
	const u8 *lladdr;
	bool ambiguous;
};

/* Identity page */
#define SCSIIP_IDENTITY_PAGE	0xc0
#define SCSIIP_IDENTITY_LEN	60
#define SCSIIP_IDENTITY_VERSION	1
#define SCSIIP_NETWORK_LEN	32	/* with the terminating NUL */

/**
 * struct scsiip_identity - contents of the identity page
 * @lladdr: link-layer address of the interface behind the logical unit
 * @mtu: longest datagram that interface takes, bytes
 * @features: feature bits, none defined
 * @network: network name, NUL-terminated; empty if it has none
 */
struct scsiip_identity {
	u8 lladdr[ETH_ALEN];
	u32 mtu;
	u32 features;
	char network[SCSIIP_NETWORK_LEN];
};

/* Longest designator kept of a device identification page. */
#define SCSIIP_DESIGNATOR_LEN	128

/**
 * struct scsiip_designator - names a logical unit, on whatever path it is seen
 * @type: designator type, SPC-4 table 598; 0 means none
 * @len: bytes used of @id
 * @id: the designator
 */
struct scsiip_designator {
	u8 type;
	u8 len;
	u8 id[SCSIIP_DESIGNATOR_LEN];
};

int scsiip_protocol_type(u16 ethertype);
void scsiip_send_message_cdb(u8 cdb[SCSIIP_CDB_LEN], u64 lun, u16 ethertype,
			     u16 length);
enum scsiip_verdict scsiip_parse_cdb(const u8 *cdb,
				     struct scsiip_message *msg);
enum scsiip_verdict scsiip_datagram_check(const u8 *data, u32 len,
					  u16 *ethertype, u32 *datagram_len);
int scsiip_neighbour_decode(struct scsiip_neighbour *neighbour, u16 ethertype,
			    const u8 *data, u32 seen, u32 len);
bool scsiip_neighbour_is(const struct scsiip_neighbour *neighbour,
			 const u8 *lladdr);

bool scsiip_network_valid(const char *name);
void scsiip_identity_encode(const struct scsiip_identity *identity,
			    u8 page[SCSIIP_IDENTITY_LEN]);
int scsiip_identity_decode(struct scsiip_identity *identity, const u8 *page,
			   u32 len);
int scsiip_designator_decode(struct scsiip_designator *designator,
			     const u8 *page, u32 len);
bool scsiip_designator_equal(const struct scsiip_designator *a,
			     const struct scsiip_designator *b);

#endif
