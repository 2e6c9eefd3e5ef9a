#!/bin/bash
# Two hosts: beside virtio-net, and beside raw writes to the same session
# guests: 2
# SPDX-License-Identifier: GPL-2.0-only
#
#	hosta		sip0 10.0.0.1 ═══ $FABRIC ═══ 10.0.0.2 sip0	hostb
#			sdX: LUN 1 of the same session, a ramdisk that forgets
#			eth0 192.168.7.1 ──────────── 192.168.7.2 eth0
#
. "$REPO/tests/bench.d/lib.sh"
. "$REPO/tests/interconnects.sh"

# Writes as long as the datagrams of the bulk transfer, as many at a time as
# TCP lets the interface have in flight (tcp_limit_output_bytes, 1 MiB)
raw_writes() {
	fio --name=raw --filename="$1" --rw=write --bs=64k --iodepth=16 --direct=1 \
		--ioengine=libaio --time_based --runtime=4 --ramp_time=1 --size=64m \
		--output-format=json 2> /dev/null |
		sed -n '/^{/,$p' | jq '.jobs[0].write.bw_bytes * 8 / 1e6'
}

target_load
mkdir -p "$TARGET/core/rd_mcp_0/bench"
echo rd_nullio=1 > "$TARGET/core/rd_mcp_0/bench/control"
ramdisk_create bench 64
if [ "$FABRIC" = iscsi ]; then
	lab_up
	lun_link "$TARGET/iscsi/$(iqn "$HOST")/tpgt_1/lun/lun_1" "$TARGET/core/rd_mcp_0/bench"
else
	comm_create sip0 network=lab
	link_up sip0 "$HOST"
	fabric_load
	fabric_export "$(comm_dir sip0)" "$TARGET/core/rd_mcp_0/bench"
	fabric_admit
	barrier exported
	fabric_join
	wait_until 60 joined
fi
barrier disk

if [ "$HOST" = 2 ]; then
	iperf3 -s -D
	# nothing here may wake up while host 1 measures
	for ((i = 0; i < 2 * ROUNDS; i++)); do
		timeout 300 "$METER" pong 7777 > /dev/null
	done
	barrier measured 300
else
	modprobe sd_mod
	for host in /sys/class/scsi_host/host*/scan; do
		echo - - - > "$host"
	done
	disk_there() { lsscsi | grep -q RAMDISK; }
	wait_until 20 disk_there
	disk=$(lsscsi | awk '/RAMDISK/ { print $NF }')
	for ((i = 0; i < ROUNDS; i++)); do
		figure "${FABRIC}_bulk" bulk "$(lab_ip 2)"
		figure "${FABRIC}_virtio_bulk" bulk "$(peer_ip 2)"
		figure "${FABRIC}_raw_writes" raw_writes "$disk"
		figure "${FABRIC}_rr" "$METER" ping "$(lab_ip 2)" 7777 1000
		figure "${FABRIC}_virtio_rr" "$METER" ping "$(peer_ip 2)" 7777 1000
	done
	barrier measured 300
fi
