# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scenarios that speak SCSI to a logical unit of type 09h: the programs,
# finding units, sending commands, datagrams to put into them, what the
# interface counted.

TOOLS=$REPO/build/tools

# --- units ---

# comm_units: the scsi_devices of type 09h, as H:C:T:L; fails if there are none
comm_units() {
	grep -l -x 9 /sys/bus/scsi/devices/*:*/type 2> /dev/null |
		sed 's|.*/\([^/]*\)/type|\1|' | sort -V
}

# sg_of H:C:T:L: its /dev/sgN
sg_of() {
	echo "/dev/$(ls "/sys/bus/scsi/devices/$1/scsi_generic")"
}

# path_attr H:C:T:L state|netdev|lladdr|network
path_attr() {
	cat "/sys/bus/scsi/devices/$1/scsiip/$2"
}

# path_is H:C:T:L STATE: does the driver say so?
path_is() {
	[ "$(path_attr "$1" state)" = "$2" ]
}

# limits_up PARAMETER=VALUE…: sip0, and 10.0.0.2 behind tests/tools/host/limits.c
limits_up() {
	"$TOOLS/newlink" sip0 network=limits
	ip link set sip0 up
	ip addr add 10.0.0.1/24 dev sip0
	insmod "$TOOLS/$(uname -r)/limits.ko" "$@"
	wait_until 20 comm_units
	wait_until 20 path_is "$(comm_units)" up
	ip neigh replace 10.0.0.2 lladdr 02:00:00:00:21:43 nud permanent dev sip0
}

limits_down() {
	rmmod limits
	ip link del sip0
}

# --- commands; $sg is the unit they go to ---

# scsi COMMAND…: the answers, a line each; see tests/tools/sgio.c
scsi() {
	"$TOOLS/sgio" "$sg" "$@"
}

# answers WHAT EXPECTED COMMAND
answers() {
	printf '> %-44s %s\n' "$1" "${3:0:70}"
	assert_eq "$1" "$2" "$(scsi "$3")"
}

# refusals WHAT EXPECTED: commands on standard input, a line each, all of which
# end so. Sets $sent to how many.
refusals() {
	local commands
	commands=$(cat)
	sent=$(wc -l <<< "$commands")
	printf '> %-44s %s\n' "$1" "$sent commands"
	assert_eq "$1" "$sent $2" \
		"$(scsi <<< "$commands" | uniq -c | sed 's/^ *//')"
}

# hex LENGTH NUMBER: in so many bytes
hex() {
	printf "%0$(($1 * 2))x" "$2"
}

# repeat N TEXT
repeat() {
	[ "$1" = 0 ] || printf "%.0s$2" $(seq "$1")
}

# --- datagrams, in hex; what is left out of them is filled up by sgio ---

# ipv4 TOTAL_LENGTH [DESTINATION]: a header, for UDP
ipv4() {
	echo "4500$(hex 2 "$1")0000400040110000c0000201${2:-0a000001}"
}

# ipv6 PAYLOAD_LENGTH [DESTINATION]
ipv6() {
	echo "60000000$(hex 2 "$1")1140fe800000000000000000000000000002${2:-fe800000000000000000000000000001}"
}

# arp OPERATION TARGET_LLADDR: from 02:00:00:00:00:99, 192.0.2.1, for 10.0.0.1
arp() {
	echo "00010800060400$(hex 1 "$1")020000000099c0000201${2}0a000001"
}

# --- what the interface $netdev counted ---

# counters: those of reception
counters() {
	ethtool -S "$netdev" | sed -n 's/^ *\(rx_[a-z_]*\): /\1 /p'
	echo "rx_packets $(cat "/sys/class/net/$netdev/statistics/rx_packets")"
}

counters_start() {
	counted=$(counters)
}

# counts [NAME=N…]: just these since the last look, in alphabetical order
counts() {
	local now
	now=$(counters)
	assert_eq "counted" "$*" "$(join <(sort <<< "$counted") <(sort <<< "$now") |
		awk '$2 != $3 { printf "%s%s=%d", space, $1, $3 - $2; space = " " }')"
	counted=$now
}

# --- cases that hold on every fabric ---

# one_bit_at_a_time FIRST_BYTE… CDB: the CDB with each bit of these bytes set,
# one at a time. A byte is its number, or number:mask.
one_bit_at_a_time() {
	local cdb=${*: -1} byte mask bit value
	for byte in "${@:1:$#-1}"; do
		[[ $byte = *:* ]] || byte+=:0xff
		mask=${byte#*:} byte=${byte%:*}
		for ((bit = 1; bit < 256; bit <<= 1)); do
			((bit & mask)) || continue
			value=$((0x${cdb:byte * 2:2} | bit))
			echo "${cdb:0:byte * 2}$(hex 1 $value)${cdb:byte * 2 + 2}"
		done
	done
}

# What the unit does not know, by name
NOT_SUPPORTED='080000001c00			# GET MESSAGE(6)
	28000000000000001c00		# GET MESSAGE(10)
	a80000000000000000001c00	# GET MESSAGE(12)
	160000000000			# RESERVE(6)
	170000000000			# RELEASE(6)
	56000000000000000000		# RESERVE(10)
	57000000000000000000		# RELEASE(10)
	5e000000000000002000 < 32	# PERSISTENT RESERVE IN, READ KEYS
	5e020000000000002000 < 32	# REPORT CAPABILITIES
	5f000000000000001800 > *24	# PERSISTENT RESERVE OUT, REGISTER
	5f060000000000001800 > *24	# REGISTER AND IGNORE EXISTING KEY
	83000000000000000000000000200000 > *32	# EXTENDED COPY
	84030000000000000000000000200000 < 32	# RECEIVE COPY RESULTS
	151000000c00 > *12		# MODE SELECT(6)
	55100000000000000c00 > *12	# MODE SELECT(10)
	3b020000000000002000 > *32	# WRITE BUFFER
	3c030000000000000400 < 4	# READ BUFFER
	4c000000000000000000		# LOG SELECT
	4d004000000000002000 < 32	# LOG SENSE
	1d0400000000			# SEND DIAGNOSTIC
	1c0000002000 < 32		# RECEIVE DIAGNOSTIC RESULTS
	25000000000000000000 < 8	# READ CAPACITY(10)
	9e100000000000000000000000200000 < 32	# READ CAPACITY(16)
	8a000000000000000000000000010000 > *512	# WRITE(16)
	89000000000000000000000000010000 > *1024	# COMPARE AND WRITE
	93080000000000000000000000010000 > *512	# WRITE SAME(16)
	42000000000000001800 > *24	# UNMAP
	35000000000000000000		# SYNCHRONIZE CACHE
	a2000000000000002000000000 < 32	# SECURITY PROTOCOL IN
	b5000000000000002000000000 > *32	# SECURITY PROTOCOL OUT
	a40f0000000000002000000000 > *32	# MAINTENANCE OUT
	8c000000000000000000000000200000 < 32	# READ ATTRIBUTE'

# bytes_but HEX…: all other bytes, in hex, a line each
bytes_but() {
	seq 0 255 | xargs printf '%02x\n' | grep -v -x -F "$(printf '%s\n' "$@")"
}

not_whitelisted() {
	bytes_but 00 03 0a 12 1a 2a 5a a0 a3 aa
}

# every_opcode: those that are not supported, in CDBs of each length, without
# data, with data-out and with data-in
every_opcode() {
	local opcode length data
	for opcode in $(not_whitelisted); do
		for length in 6 10 12 16; do
			for data in '' '> *512' '< 512'; do
				printf '%s%0*d %s\n' "$opcode" $((length * 2 - 2)) 0 "$data"
			done
		done
	done
}

# refuses_opcodes: all but the whitelist
refuses_opcodes() {
	refusals "what has a name" 05/20/00 <<< "$NOT_SUPPORTED"
	refusals "what has none" 05/20/00 < <(every_opcode)
}

# refuses_fields: each reserved bit of SEND MESSAGE, each protocol type but
# three
refuses_fields() {
	local protocol data
	data=" > $(ipv4 28)*28"
	refusals "SEND MESSAGE(6), reserved bits" 05/24/00 < <(
		one_bit_at_a_time 1:0x1f 5 0a0000001c00 | sed "s/\$/$data/")
	counts rx_reserved_bits=13
	refusals "SEND MESSAGE(10), reserved bits" 05/24/00 < <(
		one_bit_at_a_time 1:0x1f 2 3 4 5:0xf0 6 9 2a000000000000001c00 |
			sed "s/\$/$data/")
	counts rx_reserved_bits=49
	refusals "SEND MESSAGE(12), reserved bits" 05/24/00 < <(
		one_bit_at_a_time 1:0x1f 2 3 4 5:0xf0 10 11 aa00000000000000001c0000 |
			sed "s/\$/$data/")
	counts rx_reserved_bits=49
	refusals "SEND MESSAGE, protocol types" 05/24/00 < <(
		for protocol in 1 2 3 4 5 7 8 9 a b c e f; do
			echo "2a000000000${protocol}00001c00$data"
			echo "aa000000000${protocol}0000001c0000$data"
		done)
	counts rx_unknown_protocol=26
}

# refuses_data: lengths and headers that cannot be
refuses_data() {
	local v4 v6 version
	v4=$(ipv4 100) v6=$(ipv6 60)

	refusals "a CDB's length above the limit" 05/24/00 <<-END
		0a0001020100 > $v4*100
		0a00ffffff00 > $v4*100
		0a00ffffff00
		aa0000000000000102010000 > $v4*100
		aa0000000000000102010000
		aa0000000000800000000000 > $v4*100
		aa0000000000ffffffff0000 > $v4*100
		aa0000000000ffffffff0000
		aa000000000dffffffff0000 > $v6*100
		aa0000000006ffffffff0000 < 100
	END
	counts rx_too_long="$sent"

	refusals "data above the limit" 05/24/00 <<-END
		0a0000006400 > $v4*66049
		2a000000000000006400 > $v4*66049
		2a000000000000006400 > $v4*131072
		2a000000000000006400 > $v4*262144
		2a000000000000000000 > $v4*66049
		aa0000000000000000640000 > $v4*66049
	END
	counts rx_too_long="$sent"

	refusals "less data than the CDB says" 05/1a/00 <<-END
		0a0000006400 > $v4*99
		0a0000006400
		0a0000006400 < 100
		2a000000000000006400 > $v4*99
		2a000000000000006400 > 45*1
		2a000000000000006400
		2a000000000000006400 < 100
		2a00000000000000ff00 > $v4*100
		2a000000000d00006400 > $v6*99
		2a000000000600001c00 > $(arp 1 000000000000)*27
		2a000000000000ffff00 > $v4*65534
		aa0000000000000000640000 > $v4*99
		aa0000000000000102000000 > $v4*66047
	END
	counts rx_short_data="$sent"

	refusals "less data than the datagram says" 05/1a/00 <<-END
		0a0000006300 > $v4*99
		0a0000006300 > $v6*99
		2a000000000000000100 > 45*1
		2a000000000000001300 > $v4*19
		2a000000000000001400 > $v4*20
		2a000000000000006300 > $v4*99
		2a000000000000006400 > $(ipv4 65535)*100
		2a000000000d00000100 > 60*1
		2a000000000d00002700 > $v6*39
		2a000000000d00002800 > $v6*40
		2a000000000d00006300 > $v6*99
		2a000000000d00006400 > $(ipv6 65535)*100
		2a000000000600000100 > 00*1
		2a000000000600001b00 > $(arp 1 000000000000)*27
		aa0000000000000000630000 > $v4*99
	END
	counts rx_short_datagram="$sent"

	refusals "a header that cannot be" 05/26/00 < <(
		for version in 0 1 2 3 5 7 8 9 a b c d e f; do
			echo "0a0000006400 > ${version}${v4:1}*100"
			echo "2a000000000000006400 > ${version}${v4:1}*100"
			echo "2a000000000d00006400 > ${version}${v6:1}*100"
		done
		for length in 0 1 2 3 4; do
			echo "2a000000000000006400 > 4$length${v4:2}*100"
		done
		echo "2a000000000000006400 > 46$(ipv4 23 | cut -c 3-)*100"
		echo "2a000000000000006400 > 4f$(ipv4 59 | cut -c 3-)*100"
		echo "2a000000000000006400 > $(ipv4 19)*100"
		echo "2a000000000000006400 > $(ipv4 0)*100"
		echo "2a000000000000006400 > $v6*100"
		echo "2a000000000d00006400 > $v4*100")
	counts rx_bad_header="$sent"
}

# reports_opcodes: REPORT SUPPORTED OPERATION CODES, in each of its ways
reports_opcodes() {
	local all='' timed='' opcode option
	local timeouts=000a00000000000000000000 send=2ae00000000f00ffff00
	# operation code, service action, whether there is one, CDB length
	while read -r opcode action has length; do
		all+=${opcode}00${action}000$has$length
		timed+=${opcode}00${action}000$((has | 2))$length$timeouts
	done <<-END
		00 0000 0 0006
		03 0000 0 0006
		0a 0000 0 0006
		12 0000 0 0006
		1a 0000 0 0006
		2a 0000 0 000a
		5a 0000 0 000a
		a0 0000 0 000c
		a3 000c 1 000c
		aa 0000 0 000c
	END
	answers "all" "good 00000050$all" 'a30c00000000000000540000 < 84'
	answers "all, with timeouts" "good 000000c8$timed" 'a30c80000000000000cc0000 < 204'
	answers "all, more room" "good resid 940 00000050$all" 'a30c00000000000004000000 < 1024'
	answers "all, truncated" "good 00000050000000" 'a30c00000000000000070000 < 7'
	answers "all, no room" good a30c00000000000000000000

	answers "SEND MESSAGE(10)" "good 0003000a$send" 'a30c012a00000000000e0000 < 14'
	answers "SEND MESSAGE(10), with timeouts" "good 0083000a$send$timeouts" \
		'a30c812a00000000001a0000 < 26'
	answers "SEND MESSAGE(6)" "good 000300060ae0ffffff00" 'a30c010a00000000000a0000 < 10'
	answers "SEND MESSAGE(12)" "good 0003000caae00000000fffffffff0000" \
		'a30c01aa0000000000100000 < 16'
	answers "by service action, itself" "good 0003000ca31f87ffffffffffffff0000" \
		'a30c02a3000c000000100000 < 16'
	answers "by service action, another" "good 00010000" 'a30c02a3000a000000040000 < 4'
	answers "by service action, has none" 05/24/00 'a30c022a0000000000040000 < 4'
	answers "without, has one" 05/24/00 'a30c01a3000c000000040000 < 4'
	answers "either, has none" "good 0003000a$send" 'a30c032a00000000000e0000 < 14'
	answers "either, another" "good 00010000" 'a30c032a0001000000040000 < 4'
	answers "either, itself" "good 0003000ca31f87ffffffffffffff0000" \
		'a30c03a3000c000000100000 < 16'
	for option in 4 5 6 7; do
		answers "option $option" 05/24/00 "a30c0${option}2a0000000000040000 < 4"
	done
	for option in 01 02 03 81 83; do
		refusals "option $option, not supported" "good 00010000" < <(
			not_whitelisted | sed "s/.*/a30c$option&0000000000040000 < 4/")
	done
	refusals "MAINTENANCE IN, other service actions" 05/24/00 < <(
		for action in {0..31}; do
			[ "$action" = 12 ] || echo "a3$(hex 1 "$action")00000000000000200000 < 32"
		done)
}
