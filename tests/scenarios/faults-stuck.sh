# A peer whose transport blocks: the others go on, and nothing is held
#
# check: 6.12
# guests: 1
# timeout: 600
# alone: yes
#
#	namespace a	sa 10.0.0.1, made by hand, unit ua
#	namespace b	sb 10.0.0.2, unit sb	a reaches b over iSCSI, through lo
#	namespace c	sc 10.0.0.3, unit sc	all else is tcm_loop
#	namespace d	sd 10.0.0.4, unit sd
#
# Packets to and from port 3260 get lost: what is in flight to b hangs without
# an error, later the session is blocked, and stays so for two minutes.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"

# wwn HOST PEER: of the tcm_loop target through which HOST reaches PEER
wwn() {
	printf 'naa.50014050000000%s%s' "$(printf %x "'$1")" "$(printf %x "'$2")"
}

# in_ns NETNS CMD…
in_ns() {
	ip netns exec "$@"
}

# loop HOST PEER: HOST reaches PEER
loop() {
	loop_target "$(wwn "$1" "$2")" "$(comm_dir "$3")"
	attach "$(loop_device "$(wwn "$1" "$2")")" "$1" "s$1"
}

# The unit answers as soon as its interface is up
a_up() {
	ip netns add a
	ip link add veth-a type veth peer name veth0 netns a
	[ -d /sys/class/net/sa ] || ip link add sa type scsiip
}

a_home() {
	ip link set sa netns a
	ip -n a link set sa up
	ip -n a addr add 10.0.0.1/24 dev sa
	# flows are tracked, as on a host with a firewall
	ip netns exec a tc qdisc add dev sa clsact
	ip netns exec a tc filter add dev sa egress protocol ip matchall action ct
}

setup() {
	local host number=2
	comm_load
	a_up
	comm_create ua netdev=sa
	a_home
	for host in b c d; do
		ip netns add $host
		comm_create s$host
		ip link set s$host netns $host
		ip -n $host link set s$host up
		ip -n $host addr add 10.0.0.$number/24 dev s$host
		number=$((number + 1))
		loop $host a ua
	done
	loop a c sc
	loop a d sd
	iscsi_target - "$(comm_dir sb)"
	iscsid_start
	iscsi_login 1 node.session.timeo.replacement_timeout=120 \
		'node.conn[0].timeo.noop_out_interval=5' \
		'node.conn[0].timeo.noop_out_timeout=10'
	wait_until 20 iscsi_device
	attach "$(iscsi_device)" a sa
	for host in 2 3 4; do
		wait_until 30 in_ns a ping -c 1 -W 1 10.0.0.$host
	done
}

teardown() {
	local host
	traffic_stop
	iscsi_logout 1
	iscsid_stop
	iscsi_untarget -
	for host in b c d; do
		loop_untarget "$(wwn $host a)"
	done
	loop_untarget "$(wwn a c)"
	loop_untarget "$(wwn a d)"
	comm_delete ua
	ip -n a link del sa
	for host in b c d; do
		comm_delete s$host
		ip netns del $host
	done
	ip netns del a
	comm_unload
	rmdir "$TARGET/loopback"
	run rmmod tcm_loop
	iscsi_unload
}

state() {
	cat "/sys/bus/scsi/devices/$b/scsiip/state"
}

state_is() {
	[ "$(state)" = "$1" ]
}

# rates: of streams to c and d, kB/s. At a fraction of what goes at most, which
# depends on who else wants the processors.
rates() {
	in_ns a timeout 60 "$REPO/tests/tools/flood" rate 12 2000 10.0.0.3 7000 10.0.0.4 7000
}

gone() {
	[ ! -e "/sys/class/net/$1" ]
}

# namespace_freed: what began to go before this is through
namespace_freed() {
	ip netns add z
	ip link add veth-z type veth peer name veth0 netns z
	ip netns del z
	wait_until 20 gone veth-z
}

step "a round without faults, for comparison"
setup
iscsi_drop lo	# loads modules that stay
iscsi_pass lo
namespace_freed
teardown
nothing_left
slabs_keep

step "three peers"
setup
b=$(iscsi_device)
lladdr=$(ip -n b -br link show sb | awk '{ print $3 }')
run ip -n a neigh replace 10.0.0.2 lladdr "$lladdr" nud permanent dev sa
ip netns exec b "$REPO/tests/tools/flood" sink 7000 > /tmp/sink &
sink=$!
traffic_in c sink 7000
traffic_in d sink 7000
wait_until 20 in_ns b ss -H -l -n --udp 'sport = :7000'
sleep 1
run in_ns a timeout 60 "$REPO/tests/tools/flood" number 10.0.0.2 7000 0 500
traffic_in a send 10.0.0.2 7000
read -r -a before <<< "$(rates)"

# dropped: datagrams of a that found no path
dropped() {
	counter sa tx_no_path a
}

step "b no longer answers: what waits for it does not wait for that to be sure"
none=$(dropped)
iscsi_drop lo
while state_is up; do
	some=$(dropped)
	sleep 0.2
done
assert_ge "tx_no_path" $((none + 1)) "$some"
wait_until 30 state_is timeout
read -r -a after <<< "$(rates)"
echo "to c and d: ${before[*]} kB/s before, ${after[*]} now"
for i in 0 1; do
	assert_ge "before" 1000 "${before[i]}"
	assert_ge "now" $((before[i] * 80 / 100)) "${after[i]}"
done

step "its transport is blocked"
wait_until 60 state_is blocked
assert_eq "carrier" 1 "$(in_ns a cat /sys/class/net/sa/carrier)"
run in_ns a ping -c 1 -W 5 10.0.0.3
# it neither waits nor fails: what cannot go is dropped
run in_ns a timeout 30 "$REPO/tests/tools/flood" number 10.0.0.2 7000 500 500
traffic_stop
assert_eq "state" blocked "$(state)"
run in_ns a ethtool -S sa
assert_eq "sockets" "" "$(in_ns a ss -H -n -a -t -u | grep -v TIME-WAIT || :)"

step "the namespace goes"
run ip netns del a
wait_until 30 gone veth-a
namespace_freed
blocked() { [ "$(state)" = blocked ]; }
wait_until 20 blocked

step "the transport returns"
iscsi_pass lo
a_up
a_home
for host in c d; do
	attach "$(loop_device "$(wwn a $host)")" a sa
done
attach "$b" a sa
for host in 2 3 4; do
	wait_until 60 in_ns a ping -c 1 -W 1 10.0.0.$host
done
run in_ns a timeout 60 "$REPO/tests/tools/flood" number 10.0.0.2 7000 1000 500
sleep 5
kill $sink
wait $sink || :
cat /tmp/sink
assert_match "all came, none twice" "numbered 1[0-9][0-9][0-9] again 0$" "$(cat /tmp/sink)"

step "nothing is left"
teardown
nothing_left
slabs_compare
