#!/bin/bash
# What the copy costs that a host adapter's limits want
# guests: 1
# SPDX-License-Identifier: GPL-2.0-only
#
#	sip0, network limits -> tests/tools/host/limits.c, which takes what comes where
#	it is, or wants it aligned, or in few segments as well
#
. "$REPO/tests/bench.d/lib.sh"
. "$REPO/tests/tools/scsi.sh"

# measure NAME direct|copy [PARAMETER=VALUE…]: the adapter, and what it comes to
measure() {
	"$TOOLS/newlink" sip0 network=limits
	ip link set sip0 up
	ip addr add 10.0.0.1/24 dev sip0
	insmod "$TOOLS/$(uname -r)/limits.ko" can_queue=64 "${@:3}"
	wait_until 20 comm_units
	wait_until 20 path_is "$(comm_units)" up
	ip neigh replace 10.0.0.2 lladdr 02:00:00:00:21:43 nud permanent dev sip0
	for length in 4000 60000; do
		figure "$1_$length" "$METER" spray 10.0.0.1 1 20000 $length 1000000
	done
	assert_ge "tx_$2" 40000 "$(counter sip0 "tx_$2")"
	rmmod limits
	ip link del sip0
}

comm_load
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
for ((i = 0; i < ROUNDS; i++)); do
	measure direct direct
	measure copy copy dma_alignment=511
	measure segments copy dma_alignment=511 max_segments=12
done
