# A logical unit whose backstore hangs: who waits for it, and who does not
#
# check: 6.12
# guests: 1
# timeout: 300
# memory: 1536
#
#	namespace h1	h2	h3	  a ramdisk behind dm-linear, suspended
#	  sip1 <----> sip2    sip3		 | LUN 0, for 5 and 6 only
#	  ==1===========2=======3================4=========5=========6==  bus 0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
slow=$TARGET/core/iblock_0/slow
write="2a 00 00 00 00 00 00 00 08 00 > *4096"
jobs=()
# the target core's workers do, for as long as the disk does
echo 240 > /proc/sys/kernel/hung_task_timeout_secs

disk_create() {
	modprobe -a brd dm_mod target_core_iblock
	dmsetup create slow --noudevsync --table "0 16384 linear /dev/ram0 0"
	mkdir -p "$slow"
	serial slow > "$slow/wwn/vpd_unit_serial"
	echo "udev_path=/dev/$(dmsetup info -c --noheadings -o blkdevname slow)" > "$slow/control"
	echo 1 > "$slow/enable"
}

disk_hang() {
	dmsetup suspend --noudevsync --nolockfs slow
}

disk_go_on() {
	dmsetup resume --noudevsync slow
}

# slow_device N: the disk as 5 or 6 sees it
slow_device() {
	echo "/sys/bus/scsi/devices/$(cat "$(bus_tpg "$1")/host"):0:$(cat "$(bus_tpg 4)/attrib/id"):0"
}

slow_sg() {
	echo "/dev/$(basename "$1"/scsi_generic/*)"
}

# job CMD…: in the background; its output and status are in /tmp/job.N
job() {
	local number=${#jobs[@]}
	{ status=0; "$@" > "/tmp/job.$number" 2>&1 || status=$?; echo "status $status" >> "/tmp/job.$number"; } &
	jobs+=($!)
}

jobs_wait() {
	local pid
	for pid in "${jobs[@]}"; do
		kill -0 "$pid" || fail "it did not wait"
	done
}

jobs_end() {
	wait "${jobs[@]}"
	head -n 5 /tmp/job.*
	jobs=()
}

# job_said N: without the status
job_said() {
	sed '$d' "/tmp/job.$1"
}

job_status() {
	sed -n '$s/^status //p' "/tmp/job.$1"
}

# in_flight DEVICE: a command is
in_flight() {
	[ "$(cat "$1/device_busy")" -gt 0 ]
}

# resets: of logical units that have marked what they abort, and wait for it
resets() {
	dmesg | grep -c 'LUN_RESET: ITT' || :
}

resets_reached() {
	[ "$(resets)" -ge "$1" ]
}

# timed_out DEVICE N: commands have, or one so often
timed_out() {
	[ $(($(cat "$1/iotmo_cnt"))) -ge "$2" ]
}

# write_and_reset N: a write of 5, and while it is under way a LUN RESET of N
write_and_reset() {
	local count
	count=$(resets)
	device=$(slow_device 5)
	sg=$(slow_sg "$device")
	disk_hang
	job "$REPO/build/tools/sgio" -t 300 "$sg" "$write"
	wait_until 10 in_flight "$device"
	job sg_reset -d "$(slow_sg "$(slow_device "$1")")"
	wait_until 20 resets_reached $((count + 1))
}

# others_go_on: 1, 2 and 3 notice nothing
others_go_on() {
	wait_until 20 reaches 1 3
	bus_unplug 3
	bus_plug 3
	wait_until 20 reaches 1 3
	lun_unlink "$(bus_tpg 3)/lun/lun_0"
	assert_fails reaches 1 3
	lun_link "$(bus_tpg 3)/lun/lun_0" "$(comm_dir sip3)"
	wait_until 20 reaches 1 3
	bus_acl 2 "$(bus_wwn 9)"
	bus_acl_delete 2 "$(bus_wwn 9)"
	echo 7 > "$(bus_tpg 3)/attrib/id"
	wait_until 20 reaches 3 1
	echo -1 > "$(bus_tpg 3)/attrib/id"
	wait_until 20 reaches 3 1
	still_flowing
}

# plugged N: it sees the disk, and that takes commands
plugged() {
	device=$(slow_device "$1")
	[ -e "$device" ] && "$REPO/build/tools/sgio" "$(slow_sg "$device")" "00 00 00 00 00 00" | grep -q good
}

step "three hosts, a disk, and who uses it"
for i in 1 2 3; do
	bus_host $i
	bus_endpoint $i "$(comm_dir sip$i)"
	bus_plug $i
done
disk_create
bus_endpoint 4 "$slow"
echo 0 > "$(bus_tpg 4)/attrib/generate_node_acls"
bus_plug 4
for i in 5 6; do
	bus_endpoint $i
	bus_plug $i
	bus_acl 4 "$(bus_wwn $i)"
	wait_until 20 plugged $i
done
for i in 1 2 3; do
	wait_until 20 link_ready sip$i h$i
done
traffic_in h2 sink 7000
traffic_in h1 send "$(lab_ip 2)" 7000
still_flowing
echo 'func core_tmr_drain_state_list +p' > /sys/kernel/debug/dynamic_debug/control

step "a write that is aborted by a LUN reset has not been done"
write_and_reset 5
others_go_on
jobs_wait
disk_go_on
jobs_end
assert_eq "the write" host-08 "$(job_said 0)"
assert_eq "sg_reset" 0 "$(job_status 1)"
wait_until 20 plugged 5

step "nor by one of another initiator"
write_and_reset 6
jobs_wait
disk_go_on
jobs_end
assert_eq "the write" status-40 "$(job_said 0)"
assert_eq "sg_reset" 0 "$(job_status 1)"
wait_until 20 plugged 5
wait_until 20 plugged 6

step "what takes longer than it may is waited for"
device=$(slow_device 5)
count=$(($(cat "$device/iotmo_cnt")))
disk_hang
job "$REPO/build/tools/sgio" -t 1 "$(slow_sg "$device")" "$write"
wait_until 20 timed_out "$device" $((count + 2))
jobs_wait
disk_go_on
jobs_end
assert_eq "the write" good "$(job_said 0)"

step "nothing is left"
traffic_stop
for i in {1..6}; do
	bus_endpoint_delete "$i"
done
for i in 1 2 3; do
	bus_host_delete $i
done
rmdir "$slow" "${slow%/*}"
dmsetup remove --noudevsync slow
bus_unload
comm_unload
nothing_left
