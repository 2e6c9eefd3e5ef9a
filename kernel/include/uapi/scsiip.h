/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What scsiip.ko and userspace agree on: the rtnetlink attributes of
 * interfaces of kind "scsiip", and the generic netlink family of that name.
 * docs/netlink.md has the commands with their errors.
 */
#ifndef _UAPI_SCSIIP_H
#define _UAPI_SCSIIP_H

/**
 * enum scsiip_link_attr - attributes of IFLA_INFO_DATA
 * @IFLA_SCSIIP_UNSPEC: unused
 * @IFLA_SCSIIP_NETWORK: network name, NUL-terminated string, 0 to 31 printable
 *	ASCII characters without space. Logical units that announce this name
 *	become peers of the interface by themselves; the empty name, the
 *	default, attaches nothing. Writing it needs CAP_NET_ADMIN in the
 *	initial user namespace (EPERM), a malformed or too long name is EINVAL.
 * @IFLA_SCSIIP_ARP_NEGATIVE_TTL: u32, seconds for which an IP address that did
 *	not answer is not asked for again, 0 to 86400; 0 never keeps one from
 *	being asked for; 20 by default
 */
enum scsiip_link_attr {
	IFLA_SCSIIP_UNSPEC,
	IFLA_SCSIIP_NETWORK,
	IFLA_SCSIIP_ARP_NEGATIVE_TTL,
	__IFLA_SCSIIP_MAX,
};

#define IFLA_SCSIIP_MAX (__IFLA_SCSIIP_MAX - 1)

#define SCSIIP_GENL_NAME		"scsiip"
#define SCSIIP_GENL_VERSION		1
#define SCSIIP_GENL_MCGRP_EVENTS	"events"

#define SCSIIP_PEER_NAME_LEN		32	/* with the terminating NUL */
#define SCSIIP_INITIATOR_LEN		224	/* with the terminating NUL */
#define SCSIIP_LUN_NAME_LEN		40	/* H:C:T:L, with the NUL */

/**
 * enum scsiip_cmd - commands of the generic netlink family
 * @SCSIIP_CMD_UNSPEC: unused
 * @SCSIIP_CMD_LINK_GET: an interface (by IFINDEX or IFNAME), or all of the
 *	namespace as a dump
 * @SCSIIP_CMD_PEER_GET: a peer (interface and LLADDR), or a dump of all peers
 *	of the namespace, or of the interface that is given. In a dump, a peer
 *	with many paths may go on in the next message: that has the same IFINDEX
 *	and LLADDR, and nothing but more PATHS. A reply has as many paths as fit
 * @SCSIIP_CMD_PEER_ADD: add a static peer: interface, LLADDR, and either LUN
 *	or DESIGNATOR_TYPE with DESIGNATOR; NAME and INITIATOR if wanted
 * @SCSIIP_CMD_PEER_SET: change NAME or INITIATOR of a peer (interface, LLADDR)
 * @SCSIIP_CMD_PEER_DEL: remove a peer (interface, LLADDR); its logical units
 *	are detached, and left alone from then on
 * @SCSIIP_CMD_LUN_GET: a logical unit of type 09h (by LUN), or a dump
 * @SCSIIP_CMD_LUN_SET: what a logical unit is attached to: LUN; POLICY, with an
 *	interface for %SCSIIP_POLICY_NETDEV, or else that stays; LLADDR to pin
 *	the address of a unit without identity page, zeroes to take that back,
 *	or else it stays
 * @SCSIIP_CMD_ARP_GET: a dump of what the interfaces of the namespace, or the
 *	one that is given, know about IP addresses beside the kernel's
 *	neighbour table
 * @SCSIIP_CMD_ARP_DEL: forget the entry of ADDRESS, or all of the interface;
 *	ARP_STATE restricts it to entries of that state
 * @SCSIIP_CMD_EVENT: notification to the multicast group
 */
enum scsiip_cmd {
	SCSIIP_CMD_UNSPEC,
	SCSIIP_CMD_LINK_GET,
	SCSIIP_CMD_PEER_GET,
	SCSIIP_CMD_PEER_ADD,
	SCSIIP_CMD_PEER_SET,
	SCSIIP_CMD_PEER_DEL,
	SCSIIP_CMD_LUN_GET,
	SCSIIP_CMD_LUN_SET,
	SCSIIP_CMD_ARP_GET,
	SCSIIP_CMD_ARP_DEL,
	SCSIIP_CMD_EVENT,
	__SCSIIP_CMD_MAX,
};

#define SCSIIP_CMD_MAX (__SCSIIP_CMD_MAX - 1)

/**
 * enum scsiip_attr - attributes of all commands
 * @SCSIIP_A_UNSPEC: unused
 * @SCSIIP_A_PAD: padding
 * @SCSIIP_A_IFINDEX: u32, of an interface in the namespace of the socket
 * @SCSIIP_A_IFNAME: string, its name; in a request instead of the index
 * @SCSIIP_A_LLADDR: 6 bytes, link-layer address
 * @SCSIIP_A_MTU: u32, bytes: the interface's, or the longest datagram a peer
 *	takes
 * @SCSIIP_A_NETWORK: string, network name; empty for none
 * @SCSIIP_A_SERIAL: string, unit serial number of the logical unit behind the
 *	interface; absent if there is none
 * @SCSIIP_A_ARP_NEGATIVE_TTL: u32, seconds, as IFLA_SCSIIP_ARP_NEGATIVE_TTL
 * @SCSIIP_A_PEERS: u32, how many an interface has
 * @SCSIIP_A_NAME: string, what the administrator calls a peer, up to 31
 *	printable ASCII characters without space; empty takes it away
 * @SCSIIP_A_INITIATOR: string, name of the initiator port that the peer's
 *	commands come from; empty takes it away
 * @SCSIIP_A_STATIC: flag, the peer was added by the administrator
 * @SCSIIP_A_PEER_STATE: u8, enum scsiip_peer_state
 * @SCSIIP_A_DESIGNATOR_TYPE: u8, designator type, SPC-4 table 598
 * @SCSIIP_A_DESIGNATOR: up to 128 bytes, the designator
 * @SCSIIP_A_QUEUED: u32, datagrams in the peer's queue
 * @SCSIIP_A_QUEUED_BYTES: u32, memory they take
 * @SCSIIP_A_PATHS: nest of nested %SCSIIP_A_PATH, each with LUN, PATH_STATE,
 *	INFLIGHT and COUNTERS
 * @SCSIIP_A_PATH: one of them
 * @SCSIIP_A_LUN: string, H:C:T:L of a scsi_device
 * @SCSIIP_A_PATH_STATE: u8, enum scsiip_path_state
 * @SCSIIP_A_POLICY: u8, enum scsiip_path_policy
 * @SCSIIP_A_PINNED: flag, LLADDR was pinned by the administrator
 * @SCSIIP_A_TRANSPORT: string, the driver of the SCSI host
 * @SCSIIP_A_VENDOR: string, INQUIRY vendor identification
 * @SCSIIP_A_MODEL: string, INQUIRY product identification
 * @SCSIIP_A_QUEUE_DEPTH: u32, commands
 * @SCSIIP_A_INFLIGHT: u32, datagrams sent and not completed
 * @SCSIIP_A_LIMIT: u32, longest datagram the queue carries, bytes
 * @SCSIIP_A_COUNTERS: nest of u64, enum scsiip_counter_attr
 * @SCSIIP_A_ADDRESS: 4 or 16 bytes, an IPv4 or IPv6 address
 * @SCSIIP_A_ARP_STATE: u8, enum scsiip_arp_state
 * @SCSIIP_A_AGE: u32, milliseconds since the entry was made or confirmed
 * @SCSIIP_A_EXPIRES: u32, milliseconds until it goes by itself
 * @SCSIIP_A_EVENT: u8, enum scsiip_event
 */
enum scsiip_attr {
	SCSIIP_A_UNSPEC,
	SCSIIP_A_PAD,
	SCSIIP_A_IFINDEX,
	SCSIIP_A_IFNAME,
	SCSIIP_A_LLADDR,
	SCSIIP_A_MTU,
	SCSIIP_A_NETWORK,
	SCSIIP_A_SERIAL,
	SCSIIP_A_ARP_NEGATIVE_TTL,
	SCSIIP_A_PEERS,
	SCSIIP_A_NAME,
	SCSIIP_A_INITIATOR,
	SCSIIP_A_STATIC,
	SCSIIP_A_PEER_STATE,
	SCSIIP_A_DESIGNATOR_TYPE,
	SCSIIP_A_DESIGNATOR,
	SCSIIP_A_QUEUED,
	SCSIIP_A_QUEUED_BYTES,
	SCSIIP_A_PATHS,
	SCSIIP_A_PATH,
	SCSIIP_A_LUN,
	SCSIIP_A_PATH_STATE,
	SCSIIP_A_POLICY,
	SCSIIP_A_PINNED,
	SCSIIP_A_TRANSPORT,
	SCSIIP_A_VENDOR,
	SCSIIP_A_MODEL,
	SCSIIP_A_QUEUE_DEPTH,
	SCSIIP_A_INFLIGHT,
	SCSIIP_A_LIMIT,
	SCSIIP_A_COUNTERS,
	SCSIIP_A_ADDRESS,
	SCSIIP_A_ARP_STATE,
	SCSIIP_A_AGE,
	SCSIIP_A_EXPIRES,
	SCSIIP_A_EVENT,
	__SCSIIP_A_MAX,
};

#define SCSIIP_A_MAX (__SCSIIP_A_MAX - 1)

/**
 * enum scsiip_peer_state - can datagrams go to a peer?
 * @SCSIIP_PEER_UNBOUND: none of its logical units is there
 * @SCSIIP_PEER_DOWN: no path is up
 * @SCSIIP_PEER_UP: at least one is
 */
enum scsiip_peer_state {
	SCSIIP_PEER_UNBOUND,
	SCSIIP_PEER_DOWN,
	SCSIIP_PEER_UP,
};

/**
 * enum scsiip_path_state - what the last look at a path said
 * @SCSIIP_PATH_NEW: not looked at yet
 * @SCSIIP_PATH_UP: attached to a peer, datagrams go this way
 * @SCSIIP_PATH_UNATTACHED: the logical unit answers, but no interface has its
 *	network name
 * @SCSIIP_PATH_AMBIGUOUS: the same, more than one has
 * @SCSIIP_PATH_DETACHED: the administrator wants it left alone
 * @SCSIIP_PATH_BLOCKED: the transport does not take commands
 * @SCSIIP_PATH_TIMEOUT: the logical unit does not answer
 * @SCSIIP_PATH_NOT_READY: TEST UNIT READY says so
 * @SCSIIP_PATH_NO_IDENTITY: no identity page, or a malformed one
 * @SCSIIP_PATH_NO_DESIGNATOR: no device identification page that would do
 * @SCSIIP_PATH_OWN: this is the interface's own address
 * @SCSIIP_PATH_DUPLICATE: another peer has that address
 * @SCSIIP_PATH_READ_ONLY: the logical unit is write-protected for us
 * @SCSIIP_PATH_TOO_SMALL: the queue cannot carry even 1280 bytes
 * @SCSIIP_PATH_MISMATCH: its identity page announces another address than the
 *	administrator has pinned
 */
enum scsiip_path_state {
	SCSIIP_PATH_NEW,
	SCSIIP_PATH_UP,
	SCSIIP_PATH_UNATTACHED,
	SCSIIP_PATH_AMBIGUOUS,
	SCSIIP_PATH_DETACHED,
	SCSIIP_PATH_BLOCKED,
	SCSIIP_PATH_TIMEOUT,
	SCSIIP_PATH_NOT_READY,
	SCSIIP_PATH_NO_IDENTITY,
	SCSIIP_PATH_NO_DESIGNATOR,
	SCSIIP_PATH_OWN,
	SCSIIP_PATH_DUPLICATE,
	SCSIIP_PATH_READ_ONLY,
	SCSIIP_PATH_TOO_SMALL,
	SCSIIP_PATH_MISMATCH,
};

/**
 * enum scsiip_path_policy - which interface a logical unit is attached to
 * @SCSIIP_POLICY_AUTO: the one that docs/interface.md tells by rule
 * @SCSIIP_POLICY_NETDEV: the one that was named
 * @SCSIIP_POLICY_NONE: none
 */
enum scsiip_path_policy {
	SCSIIP_POLICY_AUTO,
	SCSIIP_POLICY_NETDEV,
	SCSIIP_POLICY_NONE,
};

/**
 * enum scsiip_arp_state - what an interface knows about an IP address
 * @SCSIIP_ARP_NEGATIVE: it did not answer, and is not asked for until EXPIRES
 * @SCSIIP_ARP_SEEN: it was last seen behind the peer LLADDR, which is asked
 *	first
 */
enum scsiip_arp_state {
	SCSIIP_ARP_NEGATIVE,
	SCSIIP_ARP_SEEN,
};

/**
 * enum scsiip_event - what has happened
 * @SCSIIP_EVENT_PEER_NEW: a peer has come
 * @SCSIIP_EVENT_PEER_UP: its first path is up
 * @SCSIIP_EVENT_PEER_DOWN: its last path is down
 * @SCSIIP_EVENT_PEER_CHANGE: address, name or initiator have changed
 * @SCSIIP_EVENT_PEER_DEL: a peer has gone
 * @SCSIIP_EVENT_PATH_NEW: a path was attached to a peer
 * @SCSIIP_EVENT_PATH_STATE: it has another state
 * @SCSIIP_EVENT_PATH_DEL: it was detached, or its scsi_device went
 */
enum scsiip_event {
	SCSIIP_EVENT_PEER_NEW,
	SCSIIP_EVENT_PEER_UP,
	SCSIIP_EVENT_PEER_DOWN,
	SCSIIP_EVENT_PEER_CHANGE,
	SCSIIP_EVENT_PEER_DEL,
	SCSIIP_EVENT_PATH_NEW,
	SCSIIP_EVENT_PATH_STATE,
	SCSIIP_EVENT_PATH_DEL,
};

/**
 * enum scsiip_counter_attr - attributes of %SCSIIP_A_COUNTERS, u64 each
 *
 * The names are those of `ethtool -S`. An interface has all of them, a peer
 * those from %SCSIIP_COUNTER_TX_TOO_BIG to %SCSIIP_COUNTER_TX_ORPHANED, a path
 * those from %SCSIIP_COUNTER_TX_DIRECT.
 *
 * @SCSIIP_COUNTER_UNSPEC: unused
 * @SCSIIP_COUNTER_PAD: padding
 * @SCSIIP_COUNTER_RX_RESERVED_BITS: refused: reserved or control bits in the
 *	CDB
 * @SCSIIP_COUNTER_RX_UNKNOWN_PROTOCOL: refused: protocol type in the CDB
 * @SCSIIP_COUNTER_RX_TOO_LONG: refused: length above 66048 bytes
 * @SCSIIP_COUNTER_RX_SHORT_DATA: refused: less data than the CDB says
 * @SCSIIP_COUNTER_RX_SHORT_DATAGRAM: refused: less data than the datagram's
 *	header says
 * @SCSIIP_COUNTER_RX_BAD_HEADER: refused: a header that cannot be
 * @SCSIIP_COUNTER_RX_SPOOFED: refused: ARP or neighbour discovery with another
 *	link-layer address than that of the peer it came from
 * @SCSIIP_COUNTER_RX_NOT_READY: refused: the interface is down
 * @SCSIIP_COUNTER_RX_BUSY: no memory, or the receiver is overloaded; the
 *	initiator sends again
 * @SCSIIP_COUNTER_RX_ZERO_COPY: received, memory taken over
 * @SCSIIP_COUNTER_RX_COPY: received, copied
 * @SCSIIP_COUNTER_TX_ARP_DIRECTED: ARP requests and neighbour solicitations
 *	sent to one peer instead of all
 * @SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL: dropped: not IPv4, IPv6 or ARP
 * @SCSIIP_COUNTER_TX_NO_PEER: dropped: nobody has that address
 * @SCSIIP_COUNTER_TX_ARP_SUPPRESSED: dropped: ARP requests and neighbour
 *	solicitations for an address that has not answered lately
 * @SCSIIP_COUNTER_TX_TOO_BIG: dropped: longer than the peer takes
 * @SCSIIP_COUNTER_TX_QUEUE_FULL: dropped: the peer's queue is full
 * @SCSIIP_COUNTER_TX_NO_MEMORY: dropped: no memory
 * @SCSIIP_COUNTER_TX_NO_PATH: dropped: no path of the peer is up and moves
 * @SCSIIP_COUNTER_TX_UNMAPPABLE: dropped: the host adapter cannot carry it even
 *	copied
 * @SCSIIP_COUNTER_TX_DIRECT: sent out of the datagram's own memory
 * @SCSIIP_COUNTER_TX_COPY: sent out of a copy
 * @SCSIIP_COUNTER_TX_COMPLETED: completed with GOOD
 * @SCSIIP_COUNTER_TX_COMPLETED_BYTES: how long these were together
 * @SCSIIP_COUNTER_TX_RESENT: refused with a unit attention, queued once more
 * @SCSIIP_COUNTER_TX_REFUSED: lost: CHECK CONDITION
 * @SCSIIP_COUNTER_TX_NOT_READY: lost: NOT READY
 * @SCSIIP_COUNTER_TX_BUSY: lost: still BUSY when the mid-layer gave up
 * @SCSIIP_COUNTER_TX_UNCERTAIN: transport error or timeout; may have been
 *	delivered
 * @SCSIIP_COUNTER_TX_ORPHANED: taken from its socket, because the path did not
 *	move
 */
enum scsiip_counter_attr {
	SCSIIP_COUNTER_UNSPEC,
	SCSIIP_COUNTER_PAD,
	SCSIIP_COUNTER_RX_RESERVED_BITS,
	SCSIIP_COUNTER_RX_UNKNOWN_PROTOCOL,
	SCSIIP_COUNTER_RX_TOO_LONG,
	SCSIIP_COUNTER_RX_SHORT_DATA,
	SCSIIP_COUNTER_RX_SHORT_DATAGRAM,
	SCSIIP_COUNTER_RX_BAD_HEADER,
	SCSIIP_COUNTER_RX_SPOOFED,
	SCSIIP_COUNTER_RX_NOT_READY,
	SCSIIP_COUNTER_RX_BUSY,
	SCSIIP_COUNTER_RX_ZERO_COPY,
	SCSIIP_COUNTER_RX_COPY,
	SCSIIP_COUNTER_TX_ARP_DIRECTED,
	SCSIIP_COUNTER_TX_UNKNOWN_PROTOCOL,
	SCSIIP_COUNTER_TX_NO_PEER,
	SCSIIP_COUNTER_TX_ARP_SUPPRESSED,
	SCSIIP_COUNTER_TX_TOO_BIG,
	SCSIIP_COUNTER_TX_QUEUE_FULL,
	SCSIIP_COUNTER_TX_NO_MEMORY,
	SCSIIP_COUNTER_TX_NO_PATH,
	SCSIIP_COUNTER_TX_UNMAPPABLE,
	SCSIIP_COUNTER_TX_DIRECT,
	SCSIIP_COUNTER_TX_COPY,
	SCSIIP_COUNTER_TX_COMPLETED,
	SCSIIP_COUNTER_TX_COMPLETED_BYTES,
	SCSIIP_COUNTER_TX_RESENT,
	SCSIIP_COUNTER_TX_REFUSED,
	SCSIIP_COUNTER_TX_NOT_READY,
	SCSIIP_COUNTER_TX_BUSY,
	SCSIIP_COUNTER_TX_UNCERTAIN,
	SCSIIP_COUNTER_TX_ORPHANED,
	__SCSIIP_COUNTER_MAX,
};

#define SCSIIP_COUNTER_MAX (__SCSIIP_COUNTER_MAX - 1)

#endif
