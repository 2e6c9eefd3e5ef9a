# What is pulled from under the traffic between two hosts over iSCSI
#
# check: 6.1
# guests: 2
# timeout: 600
# leaks: yes
#
#	hosta 10.0.0.1 <--- iSCSI ---> hostb 10.0.0.2
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
peer=$((3 - HOST))
lun=$TARGET/iscsi/$(iqn "$HOST")/tpgt_1/lun/lun_0

flowing() {
	ping -c 1 -W 1 "$(lab_ip $peer)"
}

not_up() {
	[ "$(comm_paths up)" = 0 ]
}

# device: its H:C:T:L
device() {
	basename "$(compgen -G '/sys/bus/scsi/drivers/scsiip/*:*')"
}

step "two hosts meet"
lab_up
traffic_from sink 7000
sleep 1
barrier sinks
traffic_from send "$(lab_ip $peer)" 7000
sleep 3

if [ "$HOST" = 1 ]; then
	step "the driver is unbound, and bound again"
	device=$(device)
	echo "$device" > /sys/bus/scsi/drivers/scsiip/unbind
	assert_fails flowing
	echo "$device" > /sys/bus/scsi/drivers/scsiip/bind
	wait_until 30 flowing

	step "the device is deleted, and found again"
	echo 1 > "/sys/bus/scsi/devices/$device/delete"
	assert_eq "devices" 0 "$(comm_paths '.*')"
	run iscsiadm -m session --rescan
	wait_until 30 flowing

	step "the session is logged out"
	iscsi_logout 2
	assert_eq "paths" 0 "$(comm_paths '.*')"
	assert_eq "carrier" 0 "$(cat /sys/class/net/sip0/carrier)"
	iscsi_login 2
	wait_until 30 flowing
fi
barrier devices 200

step "the logical unit that the other sends to is unlinked"
if [ "$HOST" = 2 ]; then
	run lun_unlink "$lun"
	barrier unlinked
	sleep 3
	run lun_link "$lun" "$(comm_dir sip0)"
	barrier linked
else
	barrier unlinked
	wait_until 20 not_up
	barrier linked
	wait_until 30 flowing
fi
barrier units 60

if [ "$HOST" = 1 ]; then
	step "the module goes with commands in flight"
	traffic_stop
	echo 0 > "$TARGET/iscsi/$(iqn 1)/tpgt_1/enable"
	lun_unlink "$lun"
	comm_delete sip0
	rmdir "$TARGET/core/comm_0"
	run rmmod target_core_comm
	ip link add sip1 type scsiip
	link_up sip1 1
	echo sip1 > "/sys/bus/scsi/devices/$(device)/scsiip/netdev"
	lladdr=$(cat "/sys/bus/scsi/devices/$(device)/scsiip/lladdr")
	run ip neigh replace "$(lab_ip 2)" lladdr "$lladdr" nud permanent dev sip1
	traffic_from send "$(lab_ip 2)" 7000 udp
	carried() {
		[ "$(counter sip1 tx_completed)" -gt 100 ]
	}
	wait_until 20 carried
	run rmmod scsiip
	assert_fails ip link show sip1
	traffic_stop

	step "and returns"
	comm_create sip0 network=lab
	link_up sip0 1
	lun_link "$lun" "$(comm_dir sip0)"
	echo 1 > "$TARGET/iscsi/$(iqn 1)/tpgt_1/enable"
	wait_until 60 lab_is_up
	wait_until 60 flowing
fi
barrier modules 200

step "nothing is left"
traffic_stop
lab_down
iscsi_unload
nothing_left
