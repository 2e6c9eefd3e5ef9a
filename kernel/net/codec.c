// SPDX-License-Identifier: GPL-2.0-only
/*
 * Encoding and decoding of what goes over the wire; see codec.h.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/etherdevice.h>
#include <linux/export.h>
#include <linux/if_ether.h>
#include <linux/string.h>
#include <linux/types.h>

#include "codec.h"
#include "compat.h"

#define PERIPHERAL_COMM		0x09	/* qualifier 0, communications device */
#define VPD_HEADER_LEN		4
#define VPD_DEVICE_ID		0x83

static const u8 identity_signature[8] = "RFC 2143";

/**
 * scsiip_protocol_type() - protocol type of an Ethernet type, RFC 2143 section 3
 * @ethertype: host byte order
 *
 * Return: the low nibble of @ethertype, or -EPROTONOSUPPORT for what this
 * link does not carry.
 */
int scsiip_protocol_type(u16 ethertype)
{
	switch (ethertype) {
	case ETH_P_IP:
	case ETH_P_ARP:
	case ETH_P_IPV6:
		return ethertype & 0xf;
	default:
		return -EPROTONOSUPPORT;
	}
}

static u16 protocol_ethertype(u8 protocol)
{
	switch (protocol) {
	case ETH_P_IP & 0xf:
		return ETH_P_IP;
	case ETH_P_ARP & 0xf:
		return ETH_P_ARP;
	case ETH_P_IPV6 & 0xf:
		return ETH_P_IPV6;
	default:
		return 0;
	}
}

/**
 * scsiip_send_message_cdb() - build a SEND MESSAGE(10)
 * @cdb: where to put it
 * @lun: the logical unit number; SCSI-2 wants it in byte 1 if it fits there
 * @ethertype: of the datagram, host byte order, one that
 *	scsiip_protocol_type() knows
 * @length: of the datagram, bytes
 */
void scsiip_send_message_cdb(u8 cdb[SCSIIP_CDB_LEN], u64 lun, u16 ethertype,
			     u16 length)
{
	memset(cdb, 0, SCSIIP_CDB_LEN);
	cdb[0] = SCSIIP_SEND_MESSAGE_10;
	if (lun < 8)
		cdb[1] = lun << 5;
	cdb[5] = ethertype & 0xf;
	put_unaligned_be16(length, &cdb[7]);
}

/**
 * scsiip_parse_cdb() - read a SEND MESSAGE(6), (10) or (12)
 * @cdb: 6, 10 or 12 bytes, as the operation code has it
 * @msg: the result; @msg->length is valid for every refusal but
 *	%SCSIIP_RESERVED
 *
 * The LUN bits of byte 1 are ignored: SCSI-2 initiators set them, and the
 * transport has already found the logical unit.
 *
 * Return: %SCSIIP_ACCEPTED, %SCSIIP_RESERVED, %SCSIIP_PROTOCOL or
 * %SCSIIP_TOO_LONG.
 */
enum scsiip_verdict scsiip_parse_cdb(const u8 *cdb, struct scsiip_message *msg)
{
	u8 reserved = cdb[1] & 0x1f;
	u16 stream = 0;

	switch (cdb[0]) {
	case SCSIIP_SEND_MESSAGE_6:
		msg->length = get_unaligned_be24(&cdb[2]);
		reserved |= cdb[5];
		break;
	case SCSIIP_SEND_MESSAGE_10:
		stream = get_unaligned_be16(&cdb[4]);
		msg->length = get_unaligned_be16(&cdb[7]);
		reserved |= cdb[2] | cdb[3] | cdb[6] | cdb[9];
		break;
	default:
		stream = get_unaligned_be16(&cdb[4]);
		msg->length = get_unaligned_be32(&cdb[6]);
		reserved |= cdb[2] | cdb[3] | cdb[10] | cdb[11];
		break;
	}

	if (reserved || stream & ~0xf)
		return SCSIIP_RESERVED;

	if (cdb[0] == SCSIIP_SEND_MESSAGE_6) {
		msg->ethertype = 0;
	} else {
		msg->ethertype = protocol_ethertype(stream);
		if (!msg->ethertype)
			return SCSIIP_PROTOCOL;
	}

	return msg->length > SCSIIP_MAX_TRANSFER ? SCSIIP_TOO_LONG :
						   SCSIIP_ACCEPTED;
}
EXPORT_SYMBOL_GPL(scsiip_parse_cdb);

/**
 * scsiip_datagram_check() - does the data hold the datagram it claims to be?
 * @data: the first %SCSIIP_CHECK_LEN bytes of it, or all if it has fewer
 * @len: bytes of data in all
 * @ethertype: what it is, host byte order; 0 to tell IPv4 from IPv6 by the
 *	version nibble, the answer is stored here
 * @datagram_len: length of the datagram by its own header
 *
 * Return: %SCSIIP_ACCEPTED, %SCSIIP_SHORT_DATAGRAM or %SCSIIP_BAD_HEADER.
 */
enum scsiip_verdict scsiip_datagram_check(const u8 *data, u32 len,
					  u16 *ethertype, u32 *datagram_len)
{
	u32 header_len, own_len;
	u8 version;

	if (*ethertype == ETH_P_ARP) {
		*datagram_len = 28;	/* Ethernet and IPv4, RFC 826 */
		return len < 28 ? SCSIIP_SHORT_DATAGRAM : SCSIIP_ACCEPTED;
	}

	if (!len)
		return SCSIIP_SHORT_DATAGRAM;

	version = data[0] >> 4;
	if (!*ethertype) {
		if (version == 4)
			*ethertype = ETH_P_IP;
		else if (version == 6)
			*ethertype = ETH_P_IPV6;
		else
			return SCSIIP_BAD_HEADER;
	}

	if (version != (*ethertype == ETH_P_IP ? 4 : 6))
		return SCSIIP_BAD_HEADER;

	if (version == 4) {
		if (len < 20)
			return SCSIIP_SHORT_DATAGRAM;
		header_len = (data[0] & 0xf) * 4;
		own_len = get_unaligned_be16(&data[2]);
		if (header_len < 20 || own_len < header_len)
			return SCSIIP_BAD_HEADER;
	} else {
		if (len < 40)
			return SCSIIP_SHORT_DATAGRAM;
		own_len = get_unaligned_be16(&data[4]) + 40;
	}

	*datagram_len = own_len;
	return len < own_len ? SCSIIP_SHORT_DATAGRAM : SCSIIP_ACCEPTED;
}

static bool ip_unspecified(const u8 *address, u8 len)
{
	while (len--)
		if (*address++)
			return false;
	return true;
}

/*
 * ARP, RFC 826. Sender and target being the same makes a request an
 * announcement, a sender of zeroes makes it a probe (RFC 5227 section 1.1).
 */
static int arp_decode(struct scsiip_neighbour *neighbour, const u8 *data)
{
	const u8 *sender = &data[14], *target = &data[24];
	bool request = get_unaligned_be16(&data[6]) == 1;

	if (get_unaligned_be16(&data[2]) != ETH_P_IP ||
	    data[4] != ETH_ALEN || data[5] != 4)
		return -ENOMSG;

	neighbour->len = 4;
	neighbour->lladdr = &data[8];
	if (!ip_unspecified(sender, 4))
		neighbour->owner = sender;
	if (request && memcmp(sender, target, 4))
		neighbour->target = target;
	return 0;
}

#define IPV6_HEADER_LEN		40
#define IPV6_HOP_BY_HOP		0
#define IPV6_ROUTING		43
#define IPV6_FRAGMENT		44
#define IPV6_AUTHENTICATION	51
#define IPV6_ICMP		58
#define IPV6_DESTINATION	60

/*
 * Find the ICMPv6 message behind whatever extension headers a host would walk
 * over. Return: its offset, -ENOMSG if there is none, -EAGAIN if more must be
 * seen.
 */
static int icmpv6_offset(const u8 *data, u32 seen, u32 len)
{
	u32 pos = IPV6_HEADER_LEN;
	u8 next;

	if (len < IPV6_HEADER_LEN)
		return -ENOMSG;
	if (seen < IPV6_HEADER_LEN)
		return -EAGAIN;

	next = data[6];
	while (next != IPV6_ICMP) {
		const u8 *header = &data[pos];
		u32 header_len;

		switch (next) {
		case IPV6_HOP_BY_HOP:
		case IPV6_ROUTING:
		case IPV6_FRAGMENT:
		case IPV6_AUTHENTICATION:
		case IPV6_DESTINATION:
			break;
		default:
			return -ENOMSG;
		}

		if (len - pos < 8)
			return -ENOMSG;
		if (seen < pos + 8)
			return -EAGAIN;

		if (next == IPV6_FRAGMENT) {
			/* what is not the first has no message */
			if (get_unaligned_be16(&header[2]) & 0xfff8)
				return -ENOMSG;
			header_len = 8;
		} else if (next == IPV6_AUTHENTICATION) {
			header_len = (header[1] + 2) * 4;
		} else {
			header_len = (header[1] + 1) * 8;
		}
		if (len - pos < header_len)
			return -ENOMSG;

		next = header[0];
		pos += header_len;
	}
	return pos;
}

/* Source and target link-layer address options, RFC 4861 section 4.6.1 */
static int nd_options(struct scsiip_neighbour *neighbour, const u8 *data,
		      u32 len)
{
	u32 option_len;

	for (; len; data += option_len, len -= option_len) {
		if (len < 8)
			return -ENOMSG;
		option_len = data[1] * 8;
		if (!option_len || option_len > len)
			return -ENOMSG;
		if (data[0] != 1 && data[0] != 2)
			continue;
		if (!neighbour->lladdr)
			neighbour->lladdr = &data[2];
		else if (memcmp(neighbour->lladdr, &data[2], ETH_ALEN))
			neighbour->ambiguous = true;
	}
	return 0;
}

/*
 * Neighbour discovery, RFC 4861 section 4. A redirect tells the link-layer
 * address of somebody else, and so is none of it.
 */
static int nd_decode(struct scsiip_neighbour *neighbour, const u8 *data,
		     u32 seen, u32 len)
{
	int pos = icmpv6_offset(data, seen, len);
	const u8 *source = &data[8], *target;
	u32 fixed;

	if (pos < 0)
		return pos;
	if (len - pos < 8)
		return -ENOMSG;
	if (seen < (u32)pos + 8)
		return -EAGAIN;

	switch (data[pos]) {
	case 133:	/* router solicitation */
		fixed = 8;
		break;
	case 134:	/* router advertisement */
		fixed = 16;
		break;
	case 135:	/* neighbour solicitation */
	case 136:	/* neighbour advertisement */
		fixed = 24;
		break;
	default:
		return -ENOMSG;
	}
	/* sections 6.1 and 7.1: a host must ignore all else */
	if (data[7] != 255 || data[pos + 1] || len - pos < fixed)
		return -ENOMSG;
	if (seen < len)
		return -EAGAIN;

	neighbour->len = 16;
	if (!ip_unspecified(source, 16))
		neighbour->owner = source;

	target = &data[pos + 8];
	if (fixed == 24 && target[0] == 0xff)
		return -ENOMSG;
	if (data[pos] == 135)
		neighbour->target = target;
	else if (data[pos] == 136)
		neighbour->owner = target;
	return nd_options(neighbour, &data[pos + fixed], len - pos - fixed);
}

/**
 * scsiip_neighbour_decode() - read an ARP or neighbour discovery packet
 * @neighbour: the result
 * @ethertype: of the datagram, host byte order
 * @data: the datagram
 * @seen: bytes of it at @data
 * @len: bytes of it in all
 *
 * Return: 0; -ENOMSG if it is no such packet, or one that every host ignores;
 * -EAGAIN if it cannot be told before all of it is seen.
 */
int scsiip_neighbour_decode(struct scsiip_neighbour *neighbour, u16 ethertype,
			    const u8 *data, u32 seen, u32 len)
{
	memset(neighbour, 0, sizeof(*neighbour));
	switch (ethertype) {
	case ETH_P_ARP:
		if (len < 28)
			return -ENOMSG;
		return seen < 28 ? -EAGAIN : arp_decode(neighbour, data);
	case ETH_P_IPV6:
		return nd_decode(neighbour, data, seen, len);
	default:
		return -ENOMSG;
	}
}

/**
 * scsiip_neighbour_is() - may that link-layer address have sent it?
 * @neighbour: what scsiip_neighbour_decode() found
 * @lladdr: the address
 *
 * Return: false if the packet tells any other.
 */
bool scsiip_neighbour_is(const struct scsiip_neighbour *neighbour,
			 const u8 *lladdr)
{
	return !neighbour->lladdr ||
	       (!neighbour->ambiguous &&
		!memcmp(neighbour->lladdr, lladdr, ETH_ALEN));
}

/**
 * scsiip_network_valid() - is this a network name?
 * @name: NUL-terminated
 *
 * Return: true for up to 31 printable ASCII characters without space, and for
 * the empty name, which stands for no network.
 */
bool scsiip_network_valid(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (i >= SCSIIP_NETWORK_LEN - 1 || !isascii(name[i]) ||
		    !isgraph(name[i]))
			return false;
	return true;
}
EXPORT_SYMBOL_GPL(scsiip_network_valid);

/**
 * scsiip_identity_encode() - build the identity page
 * @identity: its contents
 * @page: the page, header included
 */
void scsiip_identity_encode(const struct scsiip_identity *identity,
			    u8 page[SCSIIP_IDENTITY_LEN])
{
	memset(page, 0, SCSIIP_IDENTITY_LEN);
	page[0] = PERIPHERAL_COMM;
	page[1] = SCSIIP_IDENTITY_PAGE;
	put_unaligned_be16(SCSIIP_IDENTITY_LEN - VPD_HEADER_LEN, &page[2]);
	memcpy(&page[4], identity_signature, sizeof(identity_signature));
	page[12] = SCSIIP_IDENTITY_VERSION;
	memcpy(&page[14], identity->lladdr, ETH_ALEN);
	put_unaligned_be32(identity->mtu, &page[20]);
	put_unaligned_be32(identity->features, &page[24]);
	memcpy(&page[28], identity->network, strlen(identity->network));
}
EXPORT_SYMBOL_GPL(scsiip_identity_encode);

/* Length of a VPD page by its header, 0 if it is not that page of ours. */
static u32 vpd_page_len(const u8 *page, u32 len, u8 code)
{
	u32 page_len;

	if (len < VPD_HEADER_LEN || page[0] != PERIPHERAL_COMM ||
	    page[1] != code)
		return 0;

	page_len = get_unaligned_be16(&page[2]) + VPD_HEADER_LEN;
	return page_len > len ? 0 : page_len;
}

/**
 * scsiip_identity_decode() - read an identity page
 * @identity: its contents
 * @page: what the logical unit returned
 * @len: how much of it
 *
 * A later version of the page may be longer, never different in what version
 * 1 defines.
 *
 * Return: 0, -EINVAL if this is no identity page, -EPROTO if it is one with
 * contents that cannot be: version 0, an address that is no unicast address,
 * an MTU out of range, a malformed network name.
 */
int scsiip_identity_decode(struct scsiip_identity *identity, const u8 *page,
			   u32 len)
{
	size_t used;

	if (vpd_page_len(page, len, SCSIIP_IDENTITY_PAGE) < SCSIIP_IDENTITY_LEN ||
	    memcmp(&page[4], identity_signature, sizeof(identity_signature)))
		return -EINVAL;

	memcpy(identity->lladdr, &page[14], ETH_ALEN);
	identity->mtu = get_unaligned_be32(&page[20]);
	identity->features = get_unaligned_be32(&page[24]);
	memcpy(identity->network, &page[28], SCSIIP_NETWORK_LEN);

	if (page[12] < SCSIIP_IDENTITY_VERSION ||
	    !is_valid_ether_addr(identity->lladdr) ||
	    identity->mtu < ETH_MIN_MTU || identity->mtu > SCSIIP_MAX_DATAGRAM ||
	    identity->network[SCSIIP_NETWORK_LEN - 1] ||
	    !scsiip_network_valid(identity->network))
		return -EPROTO;

	/* what is behind the name is not part of it, nor of a comparison */
	used = strlen(identity->network);
	memset(identity->network + used, 0, SCSIIP_NETWORK_LEN - used);
	return 0;
}

/* T10 vendor identification, and behind it nothing but padding? */
static bool vendor_only(const u8 *id, u8 len)
{
	while (len > 8 && (!id[len - 1] || id[len - 1] == ' '))
		len--;
	return len <= 8;
}

/* How well a designator names a logical unit; 0 is not at all. */
static int designator_rank(u8 type, const u8 *id, u8 len)
{
	switch (type) {
	case 0x3:	/* NAA */
		return 4;
	case 0x2:	/* EUI-64 based */
		return 3;
	case 0x8:	/* SCSI name string */
		return 2;
	case 0x1:	/* T10 vendor ID; LIO's without a serial is the same for all */
		return vendor_only(id, len) ? 0 : 1;
	default:
		return 0;
	}
}

/**
 * scsiip_designator_decode() - find what names the logical unit best
 * @designator: the result
 * @page: device identification page (VPD 83h) as the logical unit returned it
 * @len: how much of it
 *
 * Only designators associated with the logical unit count.
 *
 * Return: 0, -EINVAL if this is no device identification page or its
 * descriptors run over its end, -ENOENT if none of them will do.
 */
int scsiip_designator_decode(struct scsiip_designator *designator,
			     const u8 *page, u32 len)
{
	u32 end = vpd_page_len(page, len, VPD_DEVICE_ID);
	u32 pos = VPD_HEADER_LEN;
	int best = 0;

	if (!end)
		return -EINVAL;

	memset(designator, 0, sizeof(*designator));
	while (pos < end) {
		const u8 *descriptor = &page[pos];
		u8 id_len;
		int rank;

		if (end - pos < 4 || end - pos - 4 < descriptor[3])
			return -EINVAL;

		id_len = descriptor[3];
		pos += 4 + id_len;
		if (descriptor[1] & 0x30 || !id_len ||
		    id_len > SCSIIP_DESIGNATOR_LEN)
			continue;

		rank = designator_rank(descriptor[1] & 0xf, descriptor + 4,
				       id_len);
		if (rank <= best)
			continue;

		best = rank;
		memset(designator, 0, sizeof(*designator));
		designator->type = descriptor[1] & 0xf;
		designator->len = id_len;
		memcpy(designator->id, descriptor + 4, id_len);
	}
	return best ? 0 : -ENOENT;
}

/**
 * scsiip_designator_equal() - do two designators name the same logical unit?
 * @a: one
 * @b: the other
 */
bool scsiip_designator_equal(const struct scsiip_designator *a,
			     const struct scsiip_designator *b)
{
	return a->type && a->type == b->type && a->len == b->len &&
	       !memcmp(a->id, b->id, a->len);
}
