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
	limits_up can_queue=64 "${@:3}"
	for length in 4000 60000; do
		figure "$1_$length" "$METER" spray 10.0.0.1 1 20000 $length 1000000
	done
	assert_ge "tx_$2" 40000 "$(counter sip0 "tx_$2")"
	limits_down
}

comm_load
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
for ((i = 0; i < ROUNDS; i++)); do
	measure direct direct
	measure copy copy dma_alignment=511
	measure segments copy dma_alignment=511 max_segments=12
done
