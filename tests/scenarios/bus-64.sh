# 64 endpoints on one bus, then 16: time to a full mesh, memory, and nothing left
#
# check: none
# guests: 1
# timeout: 600
# memory: 1536
#
#	namespace h1			namespace h64
#	  sip1	   sip2	   …	sip63	  sip64
#	  ==1========2==…=========63========64==  bus 0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"

# mesh COUNT: every endpoint sees every other one, and the last reaches the first
mesh() {
	local i
	bus_mesh "$1"
	echo "$1 endpoints: full mesh after $MESH_SECONDS s," \
		"$ENDPOINT_KB KB an endpoint, $NEXUS_KB KB a nexus"
	for ((i = 1; i <= $1; i++)); do
		assert_eq "units that $i sees" $(($1 - 1)) "$(bus_devices $i | wc -l)"
		assert_eq "sessions of $i" $(($1 - 1)) \
			"$(tr '\0' '\n' < "$(bus_tpg $i)/dynamic_sessions" | grep -c naa)"
	done
	ip -n last addr add "$(lab_ip "$1")/24" dev "sip$1"
	wait_until 20 ip netns exec last ping -q -c 1 -W 1 -s 60000 "$(lab_ip 1)"
	for ((i = 1; i <= $1; i++)); do
		bus_unplug $i
	done
	ip -n last addr flush dev "sip$1"
	assert_eq "scsi_devices" "" "$(ls /sys/bus/scsi/devices)"
}

# to find 63 devices for each of 64 takes a debug kernel longer than its watchdog waits
all=64
[ "$SLOW" = 1 ] || all=24

step "$all communications devices"
ip netns add h1
ip netns add last
for ((i = 1; i <= all; i++)); do
	comm_create sip$i
	case $i in
	1) ip link set sip$i netns h1 ;;
	16 | "$all") ip link set sip$i netns last ;;
	*) ip link set sip$i up ;;
	esac
	bus_endpoint $i "$(comm_dir sip$i)"
done
link_up sip1 1 h1
ip -n last link set sip16 up
ip -n last link set sip$all up

step "$all endpoints"
for ((i = 1; i <= all; i++)); do
	echo $all > "$(bus_tpg $i)/attrib/max_id"
done
mesh $all

step "16 endpoints, and no nexus leaves anything behind"
for ((i = 1; i <= all; i++)); do
	echo 16 > "$(bus_tpg $i)/attrib/max_id"
done
mesh 16
slabs_keep
for _ in 1 2 3; do
	mesh 16
done
slabs_compare

step "nothing is left"
for ((i = 1; i <= all; i++)); do
	bus_endpoint_delete $i
	comm_delete sip$i
done
ip netns delete h1
ip netns delete last
bus_unload
comm_unload
nothing_left
