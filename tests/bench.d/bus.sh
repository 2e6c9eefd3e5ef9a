#!/bin/bash
# Endpoints on one bus: time to a full mesh, and memory
# guests: 1
# SPDX-License-Identifier: GPL-2.0-only
#
#	16, then 64 endpoints, each with an interface; first on a bus each, then
#	all on one
#
. "$REPO/tests/bench.d/lib.sh"

# mesh COUNT
mesh() {
	local i
	bus_mesh "$1"
	figure "endpoint_kb_$1" echo "$ENDPOINT_KB"
	figure "mesh_seconds_$1" echo "$MESH_SECONDS"
	figure "nexus_kb_$1" echo "$NEXUS_KB"
	for ((i = 1; i <= $1; i++)); do
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
