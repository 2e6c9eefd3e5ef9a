# Interfaces, units, namespaces and devices that go away under traffic
#
# check: 6.12
# guests: 1
# timeout: 600
# leaks: yes
#
#	namespace a			namespace b
#	ha 10.0.0.1, made by hand	ob 10.0.0.2, made by its unit
#	  |  |				  |  |
#	  |  unit ua <--- tcm_loop -----  |  |
#	  +-------------- tcm_loop ---> unit ob
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"

wwn_a=naa.5001405000000001 wwn_b=naa.5001405000000002

# home NETNS NAME ADDRESS: the interface is here; it goes there, and up
home() {
	ip link set "$2" netns "$1"
	ip -n "$1" link set "$2" up
	ip -n "$1" addr add "$3/24" dev "$2"
}

a_up() {
	comm_create ua netdev=ha,network=lab
	loop_target $wwn_a "$(comm_dir ua)"
}

b_up() {
	comm_create ob network=lab
	home b ob 10.0.0.2
	loop_target $wwn_b "$(comm_dir ob)"
}

setup() {
	ip netns add a
	ip netns add b
	comm_load
	ip link add ha type scsiip
	a_up
	home a ha 10.0.0.1
	b_up
}

teardown() {
	traffic_stop
	loop_untarget $wwn_a
	loop_untarget $wwn_b
	comm_delete ua
	comm_delete ob
	assert_fails ip -n b link show ob
	ip -n a link del ha
	ip netns del a
	ip netns del b
	comm_unload
	rmdir "$TARGET/loopback"
	run rmmod tcm_loop
}

flowing() {
	ip netns exec a ping -c 1 -W 1 10.0.0.2 && ip netns exec b ping -c 1 -W 1 10.0.0.1
}

# carried COUNT: so many datagrams have left a
carried() {
	[ "$(counter ha tx_completed a)" -gt "$1" ]
}

traffic_start() {
	traffic_in a sink 7000
	traffic_in b sink 7000
	traffic_in a send 10.0.0.2 7000
	traffic_in b send 10.0.0.1 7000
}

# paths STATE COUNT
paths() {
	[ "$(comm_paths "$1")" = "$2" ]
}

info() {
	grep -q "state: $2" "$(comm_dir "$1")/info"
}

# devices: the H:C:T:L of every communications device
devices() {
	local dir
	for dir in /sys/bus/scsi/drivers/scsiip/*:*; do
		basename "$dir"
	done
}

# link_replaced UNIT NETNS NAME ADDRESS: that unit's interface goes, and another
# of the name takes its place
link_replaced() {
	run ip -n "$2" link del "$3"
	assert_match "$1" "interface missing" "$(cat "$(comm_dir "$1")/info")"
	wait_until 20 paths not-ready 1
	run ip link add "$3" type scsiip
	wait_until 5 info "$1" down
	home "$2" "$3" "$4"
	wait_until 20 flowing
}

churn() {
	local device host

	step "an interface made by hand is deleted"
	link_replaced ua a ha 10.0.0.1

	step "an interface made by its unit is deleted"
	link_replaced ob b ob 10.0.0.2

	step "the driver is unbound from its devices, and bound again"
	for device in $(devices); do
		run sh -c "echo $device > /sys/bus/scsi/drivers/scsiip/unbind"
		run sh -c "echo $device > /sys/bus/scsi/drivers/scsiip/bind"
	done
	wait_until 20 flowing

	step "devices are deleted, and found again"
	for device in $(devices); do
		host=${device%%:*}
		run sh -c "echo 1 > /sys/bus/scsi/devices/$device/delete"
		run sh -c "echo 0 1 - > /sys/class/scsi_host/host$host/scan"
	done
	wait_until 20 flowing

	step "a LUN is unlinked, its storage object deleted"
	run loop_untarget $wwn_b
	run comm_delete ob
	run ip -n b link del ob		# the unit has not made this one
	b_up
	wait_until 20 flowing

	step "a namespace goes, and the interface made by hand with it"
	traffic_stop
	run ip netns del a
	wait_until 10 info ua "interface missing"
	ip link add ha type scsiip
	ip netns add a
	home a ha 10.0.0.1
	wait_until 20 flowing

	step "a namespace goes, and the unit's interface comes home"
	traffic_start
	wait_until 10 flowing
	traffic_stop
	run ip netns del b
	wait_until 10 ip link show ob
	info ob "interface missing" && fail "ob is not behind its unit"
	ip netns add b
	home b ob 10.0.0.2
	wait_until 20 flowing
}

# When the last reference to a scsi_device goes, the low-level driver's module
# must still be there.
churn_transport() {
	local busy
	step "a transport's module goes while nobody gets RTNL"
	modprobe dummy numdummies=1500 &	# holds it for some seconds
	busy=$!
	wait_until 20 [ -d /sys/class/net/dummy0 ]
	loop_untarget $wwn_a
	loop_untarget $wwn_b
	rmdir "$TARGET/loopback"
	run rmmod tcm_loop
	wait $busy
	rmmod dummy
	loop_target $wwn_a "$(comm_dir ua)"
	loop_target $wwn_b "$(comm_dir ob)"
	wait_until 20 flowing
}

for round in 1 2; do
	step "round $round"
	setup
	wait_until 20 flowing
	traffic_start
	wait_until 20 carried 500
	churn
	[ $round != 1 ] || churn_transport
	teardown
	nothing_left
	[ $round != 1 ] || slabs_keep
done
slabs_compare
