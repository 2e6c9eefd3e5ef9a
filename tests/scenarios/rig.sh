# The rig itself: two guests meet, ping, and log in to each other over iSCSI
#
# check: 6.1
# guests: 2
# timeout: 120
#
#	hosta			hostb
#	iscsi target  <------->	iscsi initiator
#	iscsi initiator <----->	iscsi target
#	  |eth0 192.168.7.1	  |eth0 192.168.7.2
#	  +-----------------------+
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
peer=$((3 - HOST))

disks() {
	lsscsi | grep -c RAMDISK
}

step "the network, with the largest frames"
barrier up
run ping -c 2 -i 0.2 "$(peer_ip)"
run ping -c 2 -i 0.2 -M "do" -s 8972 "$(peer_ip)"

step "a target on each host"
ramdisk_create ram 4
iscsi_target - "$TARGET/core/rd_mcp_0/ram"
barrier targets

step "each an initiator of the other"
iscsid_start
iscsi_login "$peer" node.session.timeo.replacement_timeout=5
wait_until 20 disks
lsscsi
assert_eq "disks of the peer" 1 "$(disks)"
assert_eq "iSCSI sessions" 1 "$(iscsi_sessions)"
disk=$(lsscsi | awk '/RAMDISK/ { print $NF }')
run dd if=/dev/urandom of="$RIG/data.$HOST" bs=64k count=16 status=none
run dd if="$RIG/data.$HOST" of="$disk" bs=64k oflag=direct status=none
run cmp -n $((16 * 65536)) "$RIG/data.$HOST" "$disk"

step "a disk on the host itself"
loop_target naa.5001405000000001 "$TARGET/core/rd_mcp_0/ram"
both_disks() {
	[ "$(disks)" = 2 ]
}
wait_until 20 both_disks
loop_untarget naa.5001405000000001
barrier written

step "nothing is left"
iscsi_logout "$peer"
assert_eq "iSCSI sessions" 0 "$(iscsi_sessions)"
iscsid_stop
barrier loggedout
iscsi_untarget -
ramdisk_delete ram
assert_eq "storage objects" 0 "$(find "$TARGET"/core -mindepth 2 -maxdepth 2 -name ram | wc -l)"
