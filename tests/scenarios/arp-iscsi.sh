# Who is asked for an address over iSCSI, and who is believed
#
# check: 6.12
# guests: 3
# timeout: 240
# memory: 768
#
#	hosta 10.0.0.1 ------- hostb 10.0.0.2
#	          \               /
#	           \             /		each line is two iSCSI sessions
#	            \           /
#	          hostc 10.0.0.3
#
# hosta asks and is told; hostc tells what is not true.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
tracing=/sys/kernel/tracing

neighbour() {
	"$REPO/tests/tools/neighbour" sip0 "$@"
}

genl() {
	"$REPO/tests/tools/genl" "$@"
}

lladdr() {
	cat "$RIG/lladdr.$1"
}

# asked: how many ARP packets have been sent
asked() {
	grep -c 'scsi_dispatch_cmd_start: .* raw=2a 00 00 00 00 06 ' $tracing/trace || :
}

asked_so_many() {
	[ "$(asked)" -ge "$1" ]
}

# asks N CMD…: so many are sent while it runs, and no more
asks() {
	local number=$1
	shift
	echo > $tracing/trace
	"$@"
	wait_until 10 asked_so_many "$number"
	sleep 0.3	# for those that must not come
	assert_eq "asked by $*" "$number" "$(asked)"
}

# header_source: of an echo reply from host 2, as the network core gets it
header_source() {
	tcpdump -i sip0 -Q in -c 1 -e -n 'icmp[0] == 0' > "$RIG/reply" 2> "$RIG/tcpdump" &
	wait_until 20 grep -q 'listening on' "$RIG/tcpdump"
	ping -q -c 2 -i 0.2 10.0.0.2 > /dev/null
	wait $!
	awk '{ print $2 }' "$RIG/reply"
}

# believed LLADDR: is it what this kernel has for host 2?
believed() {
	[[ $(ip neigh show 10.0.0.2 dev sip0) == *"lladdr $1 "* ]]
}

step "three hosts meet"
lab_up
cp /sys/class/net/sip0/address "$RIG/lladdr.$HOST"
mountpoint -q $tracing || mount -t tracefs tracefs $tracing
echo 'opcode == 0x2a' > $tracing/events/scsi/scsi_dispatch_cmd_start/filter
echo 1 > $tracing/events/scsi/scsi_dispatch_cmd_start/enable
barrier addresses
# they have no questions of their own, which hosta would answer
[ "$HOST" = 1 ] || ip neigh replace 10.0.0.1 lladdr "$(lladdr 1)" nud permanent dev sip0
barrier ready

if [ "$HOST" = 1 ]; then
	step "nobody has it"
	suppressed=$(counter sip0 tx_arp_suppressed)
	asks 2 assert_fails ping -q -c 1 -W 5 10.0.0.200
	asks 0 neighbour request owner=10.0.0.1 target=10.0.0.200
	assert_eq "tx_arp_suppressed" 3 $(($(counter sip0 tx_arp_suppressed) - suppressed))
	genl arp-get dump ifname=sip0 | tee "$RIG/entries"
	assert_eq "entry" negative \
		"$(jq -r 'select(.address == "10.0.0.200") | .arp_state' "$RIG/entries")"

	step "seen behind a peer"
	run ping -q -c 1 10.0.0.2
	run ping -q -c 1 10.0.0.3
	for i in 1 2; do
		ip neigh flush dev sip0
		asks 1 ping -q -c 1 10.0.0.2
	done
	assert_eq "tx_arp_directed" 2 "$(counter sip0 tx_arp_directed)"

	step "as long as nobody says whose the initiator ports are, all is believed"
	assert_eq "source" 00:00:00:00:00:00 "$(header_source)"
	believed "$(lladdr 2)" || fail "that is not host 2"
fi
barrier believing
forge=(neighbour reply owner=10.0.0.2 lladdr=02:00:00:00:00:99 to="$(lladdr 1)")
if [ "$HOST" = 3 ]; then
	sleep 1		# the kernel holds on to an answer for that long
	"${forge[@]}"
fi
if [ "$HOST" = 1 ]; then
	wait_until 20 believed 02:00:00:00:00:99
	assert_eq "rx_spoofed" 0 "$(counter sip0 rx_spoofed)"
	ip neigh flush dev sip0
	run ping -q -c 1 10.0.0.2

	step "now somebody does"
	for i in 2 3; do
		genl peer-set ifname=sip0 lladdr="$(lladdr $i)" \
			initiator="$(iscsi_initiator $i)"
	done
	assert_eq "source" "$(lladdr 2)" "$(header_source)"
fi
barrier named
if [ "$HOST" = 3 ]; then
	refused=$(counter sip0 tx_refused)
	sleep 1
	"${forge[@]}"
	refused_so_many() {
		[ $(($(counter sip0 tx_refused) - refused)) = "$1" ]
	}
	wait_until 10 refused_so_many 1
	neighbour reply owner=10.0.0.2 lladdr="$(lladdr 2)" to="$(lladdr 1)"
	wait_until 10 refused_so_many 2
	# what is true is taken
	run ping -q -c 1 10.0.0.1
fi
barrier forged
if [ "$HOST" = 1 ]; then
	assert_eq "rx_spoofed" 2 "$(counter sip0 rx_spoofed)"
	believed "$(lladdr 2)" || fail "who is host 2? $(ip neigh show 10.0.0.2 dev sip0)"
	run ping -q -c 1 10.0.0.2
fi

step "nothing is left"
echo 0 > $tracing/events/scsi/scsi_dispatch_cmd_start/enable
lab_down
