# 200,000 random and mutated messages against the generic netlink family
#
# check: 6.12
# guests: 1
# timeout: 400
# memory: 1536
#
#	namespace h1		namespace h2		namespace h3
#	  sip1, hand		  sip2			  sip3
#	    |			    |			    |
#	  ==+=======================+=======================+==  bus 0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
. "$REPO/tests/tools/scsi.sh"
genl=$REPO/tests/tools/genl
SEED=${SEED:-1}

# up: the mesh is whole again, whatever was attached, pinned and deleted
up() {
	[ "$(comm_paths up)" = 6 ]
}

hosts() {
	for i in 1 2 3; do
		bus_host $i
		bus_endpoint $i "$(comm_dir sip$i)"
		bus_plug $i
	done
	ip -n h1 link add hand type scsiip
	wait_until 20 up
}

hosts_delete() {
	for i in 1 2 3; do
		bus_endpoint_delete $i
		bus_host_delete $i
	done
}

# fuzz SEED COUNT [CMD…]: in h1
fuzz() {
	run ip netns exec h1 "${@:3}" "$TOOLS/netlink-fuzz" "$1" "$2"
}

step "something to be confused, and those who listen"
hosts
ip netns exec h1 "$genl" listen /tmp/events &
listener=$!
wait_until 20 grep -q listening /tmp/events

step "by root, twice at once, seeds $SEED and $((SEED + 1))"
fuzz "$SEED" 90000 > /tmp/fuzz &
first=$!
fuzz $((SEED + 1)) 90000
wait $first
cat /tmp/fuzz

step "by nobody, and by root of another user namespace"
fuzz $((SEED + 2)) 10000 setpriv --reuid=65534 --regid=65534 --clear-groups
fuzz $((SEED + 3)) 10000 unshare -U -r

step "all that it did can be undone"
kill -0 $listener
assert_ge "events" 1000 "$(wc -l < /tmp/events)"
ip -n h1 link del hand
{
	ip netns exec h1 "$genl" peer-get dump ifname=sip1 |
		jq -r 'select(.static) | "peer-del ifname=sip1 lladdr=\(.lladdr) => []"'
	for lun in $(comm_units); do
		echo "lun-set lun=$lun policy=auto lladdr=000000000000 => []"
	done
} > /tmp/undo
ip netns exec h1 "$genl" expect < /tmp/undo
wait_until 30 up
run ip netns exec h1 ping -q -c 3 -i 0.2 -s 60000 "$(lab_ip 2)"

step "nothing is left"
kill $listener
hosts_delete
bus_unload
comm_unload
nothing_left
