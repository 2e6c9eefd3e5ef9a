# A host is killed under a transfer, and comes back
#
# check: 6.1
# guests: 2
# timeout: 400
#
#	hosta 10.0.0.1 <--- iSCSI ---> hostb 10.0.0.2, killed
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
peer=$((3 - HOST))

carrier() {
	[ "$(cat /sys/class/net/sip0/carrier)" = "$1" ]
}

# carried COUNT: so many datagrams more than at $count
carried() {
	[ $(($(counter sip0 tx_completed) - count)) -ge "$1" ]
}

not_up() {
	[ "$(comm_paths up)" = 0 ]
}

lab_up
cat /sys/class/net/sip0/address > "$RIG/lladdr.$HOST.$BOOT"
traffic_from sink 7000

if [ "$HOST" = 2 ]; then
	if [ "$BOOT" = 1 ]; then
		step "until it is killed"
		barrier sending
		sleep 5
		sync
		echo b > /proc/sysrq-trigger
		sleep 60
	fi
	step "back again"
	assert_eq "address" "$(cat "$RIG/lladdr.2.1")" "$(cat "$RIG/lladdr.2.2")"
	barrier back 120
	barrier resumed 120
else
	step "a transfer, and the other end goes"
	traffic_from send "$(lab_ip $peer)" 7000
	count=0
	wait_until 30 carried 100
	barrier sending
	wait_until 30 not_up
	grep . /sys/bus/scsi/devices/*/scsiip/state
	wait_until 5 carrier 0

	step "it comes back"
	barrier back 120
	wait_until 60 lab_is_up
	count=$(counter sip0 tx_completed)
	wait_until 60 carried 500
	run ping -c 2 -W 5 "$(lab_ip $peer)"
	assert_match "neighbour" "$(cat "$RIG/lladdr.2.1")" "$(ip neigh show "$(lab_ip $peer)" dev sip0)"
	run ethtool -S sip0
	barrier resumed 120
fi

step "nothing is left"
traffic_stop
lab_down
iscsi_unload
nothing_left
