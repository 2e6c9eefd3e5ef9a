# Each answer of the logical unit, command by command and bit by bit
#
# leaks: yes
# check: 6.1 6.12-debug
# guests: 1
# timeout: 300
# smp: 1
#
#	sgio, sg3-utils -> sg -> tcm_loop -> comm unit -> sip0 <- tcpdump
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/tools/scsi.sh"
netdev=sip0
wwn=naa.5001405000000001

# tool STATUS CMD…: one of sg3-utils, which says by its exit status how the
# command ended: 2 not ready, 5 illegal request, 9 unknown operation code
tool() {
	local status=0
	printf '+ %s\n' "${*:2}"
	"${@:2}" > "$RIG/text" 2>&1 || status=$?
	sed 's/^/	/' "$RIG/text"
	assert_eq "exit status of $2" "$1" "$status"
}

# says REGEX: and this was among what it printed
says() {
	assert_match "output" "$1" "$(cat "$RIG/text")"
}

# delivers WHAT CDB DATA SENT HEADER RECEIVED: SENT bytes of data by that CDB
# are a datagram of RECEIVED bytes behind this Ethernet header. $answer is what
# the command ends with, if not good.
delivers() {
	answers "$1" "${answer:-good}" "$2 > $3*$4"
	echo "$5$3$(repeat $(($6 - ${#3} / 2)) 5a)" >> "$RIG/expected"
	delivered=$((${delivered:-0} + 1))
}

# received: the frames tcpdump has seen, in hex, a line each
received() {
	tcpdump -r "$RIG/pcap" -n -t -xx 2> /dev/null |
		sed 's/ //g' | awk -F: '!/^\t0x/ { if (n++) print ""; next }
			{ printf "%s", $2 } END { print "" }'
}

# not_ready: what a unit without a running interface answers
not_ready() {
	answers "TEST UNIT READY" 02/04/12 000000000000
	answers "SEND MESSAGE(6)" 02/04/12 "0a0000006400 > $(ipv4 100)*100"
	answers "SEND MESSAGE(10)" 02/04/12 "2a000000000000006400 > $(ipv4 100)*100"
	answers "SEND MESSAGE(12)" 02/04/12 "aa0000000000000000640000 > $(ipv4 100)*100"
	answers "SEND MESSAGE(10), no data" good 2a000000000000000000
	answers "reserved bits" 05/24/00 "2a010000000000006400 > $(ipv4 100)*100"
	tool 2 sg_turs "$sg"
	tool 0 sg_inq "$sg"
	says 'PDT=9'
}

step "a unit, and this host its initiator"
comm_create sip0 network=lab
ip addr add 10.0.0.1/24 brd + dev sip0
ip link set sip0 up
own=$(tr -d : < /sys/class/net/sip0/address)
loop_target $wwn "$(comm_dir sip0)"
wait_until 20 comm_units
unit=$(comm_units)
wait_until 20 path_is "$unit" own
sg=$(sg_of "$unit")
scsi 000000000000 > /dev/null		# there may be a unit attention
answers "TEST UNIT READY" good 000000000000

tcpdump -i sip0 -Q in -B 32768 -s 262144 -U -w "$RIG/pcap" 2> "$RIG/tcpdump" &
tcpdump=$!
wait_until 20 grep -q 'listening on' "$RIG/tcpdump"
counters_start

step "what it says of itself"
tool 0 sg_inq "$sg"
says 'PDT=9.*Product identification: COMM'
assert_eq "peripheral device type" "good 09" "$(scsi '120000002400 < 36' | cut -c 1-7)"
answers "VPD 00h" "good 09000004008083c0" '120100000800 < 8'
answers "VPD 00h, truncated" "good 0900000400" '120100000500 < 5'
tool 0 sg_vpd -p sn "$sg"
says "$(serial sip0)"
tool 0 sg_vpd -p di "$sg"
says 'NAA,.*vendor id: LIO-ORG'
identity=09c00038$(printf 'RFC 2143' | xxd -p)0100$own
network=00000000$(printf lab | xxd -p)$(repeat 29 00)
answers "VPD C0h" "good ${identity}0000ffff$network" '1201c0003c00 < 60'
answers "VPD C0h, more room" "good resid 195 ${identity}0000ffff$network" \
	'1201c000ff00 < 255'
answers "VPD C0h, truncated" "good $identity" '1201c0001400 < 20'
ip link set sip0 mtu 1500 address 02:11:22:33:44:55
own=021122334455
identity=${identity:0:28}$own
answers "VPD C0h, changed" "good ${identity}000005dc$network" '1201c0003c00 < 60'
ip link set sip0 mtu 65535
refusals "VPD, all others" 05/24/00 < <(
	bytes_but 00 80 83 c0 | sed 's/.*/1201&00ff00 < 255/')
answers "INQUIRY, page without EVPD" 05/24/00 '120080002400 < 36'
answers "INQUIRY, data-out" 05/24/00 '120000002400 > *36'

answers "REPORT LUNS" "good 00000008000000000000000000000000" 'a00000000000000000100000 < 16'
tool 0 sg_luns "$sg"
tool 0 sg_requests "$sg"
tool 0 sg_turs "$sg"
tool 0 sg_modes -6 "$sg"
tool 0 sg_modes "$sg"
tool 0 sg_opcodes "$sg"
says '2a +10'
tool 9 sg_raw "$sg" 16 00 00 00 00 00
tool 9 sg_raw "$sg" 28 00 00 00 00 00 00 00 1c 00
tool 5 sg_raw "$sg" 2a 01 00 00 00 00 00 00 00 00
tool 0 sg_raw "$sg" 2a e0 00 00 00 00 00 00 00 00
counts rx_reserved_bits=1

step "which commands it says it knows"
reports_opcodes
counts

step "a message without data"
refusals "transfer length 0" good <<-END
	0a0000000000
	2a000000000000000000
	2a000000000600000000
	2a000000000d00000000
	2ae00000000000000000
	aa0000000000000000000000
	aa0000000006000000000000
END
refusals "transfer length 0, data" "good resid 100" <<-END
	2a000000000000000000 > $(ipv4 100)*100
	0a0000000000 > $(ipv4 100)*100
	aa000000000d000000000000 > $(ipv6 60)*100
END
counts

step "what it takes"
v4=0a000001 v6=fe800000000000000000000000000001
host4=${own}0000000000000800 host6=${own}00000000000086dd
group=02000000009908 # the source of the ARP packets, then the type
delivers "SEND MESSAGE(6), IPv4" 0a0000006400 "$(ipv4 100)" 100 "$host4" 100
delivers "SEND MESSAGE(6), IPv6" 0a0000006400 "$(ipv6 60)" 100 "$host6" 100
delivers "SEND MESSAGE(10), IPv4" 2a000000000000006400 "$(ipv4 100)" 100 "$host4" 100
delivers "SEND MESSAGE(10), IPv6" 2a000000000d00006400 "$(ipv6 60)" 100 "$host6" 100
delivers "SEND MESSAGE(10), ARP request" 2a000000000600001c00 \
	"$(arp 1 000000000000)" 28 "ffffffffffff${group}06" 28
delivers "SEND MESSAGE(10), directed request" 2a000000000600001c00 \
	"$(arp 1 "$own")" 28 "$own${group}06" 28
delivers "SEND MESSAGE(10), ARP reply" 2a000000000600001c00 \
	"$(arp 2 "$own")" 28 "$own${group}06" 28
delivers "SEND MESSAGE(12), IPv4" aa0000000000000000640000 "$(ipv4 100)" 100 "$host4" 100
delivers "SEND MESSAGE(12), IPv6" aa000000000d000000640000 "$(ipv6 60)" 100 "$host6" 100
delivers "SEND MESSAGE(12), ARP" aa00000000060000001c0000 \
	"$(arp 2 "$own")" 28 "$own${group}06" 28
counts rx_copy=10 rx_packets=10
for lun in 20 40 60 80 a0 c0 e0; do
	delivers "LUN in byte 1: ${lun}h" 2a${lun}0000000000006400 "$(ipv4 100)" 100 "$host4" 100
done
counts rx_copy=7 rx_packets=7

step "whom it is for"
delivers "IPv4, the subnet's broadcast" 2a000000000000001c00 \
	"$(ipv4 28 0a0000ff)" 28 ffffffffffff0000000000000800 28
delivers "IPv4, limited broadcast" 2a000000000000001c00 \
	"$(ipv4 28 ffffffff)" 28 ffffffffffff0000000000000800 28
delivers "IPv4, multicast" 2a000000000000001c00 \
	"$(ipv4 28 e0000001)" 28 01005e0000010000000000000800 28
delivers "IPv6, multicast" 2a000000000d00003000 \
	"$(ipv6 8 ff020000000000000000000000000001)" 48 33330000000100000000000086dd 48
counts rx_copy=4 rx_packets=4

step "how long it is"
delivers "IPv4, shortest" 2a000000000000001400 "$(ipv4 20)" 20 "$host4" 20
delivers "IPv6, shortest" 2a000000000d00002800 "$(ipv6 0)" 40 "$host6" 40
delivers "IPv4, longest" 2a000000000000ffff00 "$(ipv4 65535)" 65535 "$host4" 65535
delivers "IPv6, longest of (10)" 2a000000000d00ffff00 "$(ipv6 65495)" 65535 "$host6" 65535
delivers "IPv6, longest of (12)" aa000000000d000100270000 "$(ipv6 65535)" 65575 "$host6" 65575
delivers "padded by one byte" 2a000000000000002100 "$(ipv4 32)" 33 "$host4" 32
delivers "padded a lot" 2a000000000000ffff00 "$(ipv4 20)" 65535 "$host4" 20
delivers "the most there may be" aa0000000000000102000000 "$(ipv4 65535)" 66048 "$host4" 65535
delivers "IPv6, padded" 2a000000000d00006600 "$(ipv6 60)" 102 "$host6" 100
delivers "ARP, padded to a frame" 2a000000000600002e00 \
	"$(arp 2 "$own")" 46 "$own${group}06" 28
answer="good resid 1" \
delivers "more data than the CDB says" 2a000000000000006400 "$(ipv4 100)" 101 "$host4" 100
counts rx_copy=11 rx_packets=11

step "what it refuses"
refuses_fields
refuses_data
refuses_opcodes
counts

step "overload: the initiator holds the datagram back"
# The network core drops what makes a flow more than half of the last 128
# packets of a processor that is overloaded
echo 1 > /proc/sys/net/core/netdev_max_backlog
echo 1 > /proc/sys/net/core/flow_limit_cpu_bitmap
flood="2a000000000000001c00 > $(ipv4 28)*28"
refusals "64 of a flow" good < <(repeat 64 "$flood\n")
counts rx_copy=64 rx_packets=64
assert_eq "one more" busy "$("$TOOLS/sgio" -t 2 "$sg" "$flood")"
"$TOOLS/sgio" -t 60 "$sg" "$flood" > "$RIG/held" &
held=$!
sleep 1
assert_eq "the answer meanwhile" '' "$(cat "$RIG/held")"
echo 0 > /proc/sys/net/core/flow_limit_cpu_bitmap
wait $held
assert_eq "the answer afterwards" good "$(cat "$RIG/held")"
echo 1000 > /proc/sys/net/core/netdev_max_backlog
repeat 65 "$host4$(ipv4 28)5a5a5a5a5a5a5a5a\n" >> "$RIG/expected"
delivered=$((delivered + 65))
assert_ge "datagrams held back" 2 "$(counters | sed -n 's/^rx_busy //p')"

step "nothing but that reached the interface"
all_packets() {
	[ "$(received | wc -l)" -ge $delivered ]
}
wait_until 20 all_packets
sleep 0.5
kill -INT $tcpdump
wait $tcpdump
received > "$RIG/received"
run cmp "$RIG/expected" "$RIG/received"
assert_eq "rx_packets" $delivered "$(cat /sys/class/net/sip0/statistics/rx_packets)"

step "interface down"
counters_start
ip link set sip0 down
not_ready
counts rx_not_ready=3 rx_reserved_bits=1
answers "VPD C0h" "good ${identity}0000ffff$network" '1201c0003c00 < 60'
wait_until 20 path_is "$unit" not-ready
ip link set sip0 up
answers "TEST UNIT READY" good 000000000000
answers "SEND MESSAGE(10)" good "2a000000000000006400 > $(ipv4 100)*100"
counts rx_copy=1 rx_packets=1
wait_until 20 path_is "$unit" own

step "interface deleted"
ip link delete sip0
not_ready
answers "VPD C0h" "good ${identity:0:28}$(repeat 46 00)" '1201c0003c00 < 60'
wait_until 20 path_is "$unit" not-ready

step "an interface of that name comes back"
ip link add other type scsiip
not_ready
ip link add sip0 type scsiip
not_ready
ip link set sip0 up
counters_start
answers "TEST UNIT READY" good 000000000000
answers "SEND MESSAGE(10)" good "2a000000000000006400 > $(ipv4 100)*100"
counts rx_copy=1 rx_packets=1
assert_eq "network" "good ${network:8}" "good $(scsi '1201c0003c00 < 60' | cut -c 62-)"
wait_until 20 path_is "$unit" own
ip link delete sip0
ip link set other name sip0 up
answers "TEST UNIT READY" good 000000000000

step "nothing is left"
loop_untarget $wwn
comm_delete sip0
ip link delete sip0
comm_unload
