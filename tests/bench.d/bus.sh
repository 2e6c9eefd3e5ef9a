#!/bin/bash
# Endpoints on one bus: time to a full mesh, and memory
# guests: 1
# SPDX-License-Identifier: GPL-2.0-only
#
#	16, then 64 endpoints, each with an interface; first on a bus each, then
#	all on one
#
. "$REPO/tests/bench.d/lib.sh"

# used: kilobytes
used() {
	echo 3 > /proc/sys/vm/drop_caches
	awk '/^MemAvailable:/ { print -$2 }' /proc/meminfo
}

# mesh COUNT
mesh() {
	local count=$1 i before alone together
	before=$(used)
	for ((i = 1; i <= count; i++)); do
		echo $i > "$(bus_tpg $i)/attrib/bus"
		bus_plug $i
	done
	alone=$(used)
	figure "endpoint_kb_$count" echo $(((alone - before) / count))
	before=$(cut -d ' ' -f 1 /proc/uptime)
	for ((i = 1; i <= count; i++)); do
		echo 0 > "$(bus_tpg $i)/attrib/bus"
	done
	all_up() { [ "$(comm_paths up)" = $((count * (count - 1))) ]; }
	wait_until 300 all_up
	figure "mesh_seconds_$count" bc <<< "$(cut -d ' ' -f 1 /proc/uptime) - $before"
	together=$(used)
	figure "nexus_kb_$count" echo $(((together - alone) / (count * (count - 1))))
	for ((i = 1; i <= count; i++)); do
		bus_unplug $i
	done
}

for ((i = 1; i <= 64; i++)); do
	comm_create sip$i
	ip link set sip$i up
	bus_endpoint $i "$(comm_dir sip$i)"
	echo 64 > "$(bus_tpg $i)/attrib/max_id"
done
mesh 16
mesh 64
