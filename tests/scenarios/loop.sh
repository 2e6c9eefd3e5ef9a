# Interfaces of one kernel, in namespaces, over the loopback fabric
#
# check: 6.1
# guests: 1
# timeout: 400
# memory: 1536
#
#	namespace a			      namespace b, c, d
#	sipa 10.0.0.1			      sipb 10.0.0.2, sipc .3, sipd .4
#	  |  |  					  |  |
#	  |  unit sipa <--- a target for each of them -----  |
#	  +------------- a target of its own each ---> unit sipb, sipc, sipd
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
traffic=$REPO/tests/tools/traffic

# unit X: an interface and its unit, to be host X of a, b, c, d
unit() {
	ip netns add "$1"
	comm_create "sip$1" network=lab
	ip link set "sip$1" netns "$1"
	link_up "sip$1" "$(number "$1")" "$1"
}

number() {
	printf '%d\n' $((0x$1 - 9))
}

# wwn FROM TO: of the target through which FROM reaches the unit of TO
wwn() {
	echo "naa.50014050000000$(number "$1")$(number "$2")"
}

# way FROM TO
way() {
	loop_target "$(wwn "$1" "$2")" "$(comm_dir "sip$2")"
	wait_until 20 comm_path "$(loop_device "$(wwn "$1" "$2")")"
}

# way_is FROM TO STATE
way_is() {
	comm_path_is "$(loop_device "$(wwn "$1" "$2")")" "$3"
}

# assign FROM TO: have that way go to the interface of FROM, by its name
assign() {
	local netdev
	netdev=$(comm_path "$(loop_device "$(wwn "$1" "$2")")")/netdev
	wait_until 20 way_is "$1" "$2" ambiguous
	echo "sip$1" | ip netns exec "$1" tee "$netdev"
	assert_eq "$netdev" "sip$1" "$(cat "$netdev")"
	wait_until 20 way_is "$1" "$2" up
}

# connected A X
connected() {
	way_is "$1" "$2" up && way_is "$2" "$1" up &&
		link_ready "sip$1" "$1" && link_ready "sip$2" "$2"
}

# pings FROM TO
pings() {
	local address
	for address in "$(lab_ip "$(number "$2")")" "$(lab_ip6 "$(number "$2")")"; do
		run ip netns exec "$1" ping -q -c 2 -i 0.2 -s 60000 -M "do" "$address"
	done
}

# streams HOW X…: between a and each X, both ways, all at once
streams() {
	local how=$1 x jobs=() job
	shift
	ip netns exec a "$traffic" tcp-receive 7002 $# &
	jobs+=($!)
	wait_until 20 listening tcp 7002 a
	for x; do
		ip netns exec "$x" "$traffic" tcp-receive 7002 1 &
		jobs+=($!)
		wait_until 20 listening tcp 7002 "$x"
	done
	for x; do
		ip netns exec "$x" "$traffic" tcp-send 10.0.0.1 7002 $((8 << 20)) "$how" &
		jobs+=($!)
		ip netns exec a "$traffic" tcp-send "$(lab_ip "$(number "$x")")" \
			7002 $((8 << 20)) "$how" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job"
	done
}

step "two interfaces find each other"
unit a
unit b
way a b
way b a
wait_until 30 connected a b
for device in /sys/bus/scsi/devices/*/scsiip; do
	grep . "$device"/*
done
pings a b
pings b a

step "a unit is no peer of its own interface"
loop_target naa.5001405000000099 "$(comm_dir sipa)"
own=$(loop_device naa.5001405000000099)
wait_until 20 comm_path_is "$own" up
assert_eq "second way to a" sipb "$(cat "$(comm_path "$own")/netdev")"
echo sipa | ip netns exec a tee "$(comm_path "$own")/netdev"
wait_until 20 comm_path_is "$own" own
loop_untarget naa.5001405000000099
pings a b

step "b moves to another namespace while a floods it"
ip netns add elsewhere
ip netns exec a ping -q -f -w 3 10.0.0.2 &
flood=$!
run ip -n b link set sipb netns elsewhere
wait $flood || :
wait_until 20 way_is a b not-ready
assert_match "a has no peer left" NO-CARRIER "$(ip -n a link show sipa)"
link_up sipb 2 elsewhere
wait_until 20 way_is a b up
wait_until 20 link_ready sipb elsewhere
run ip netns exec a ping -c 3 -i 0.2 10.0.0.2
run ip netns exec elsewhere ping -c 3 -i 0.2 -s 60000 10.0.0.1

step "its namespace dies, and sipb comes home"
ip netns del elsewhere
wait_until 20 ip link show sipb
wait_until 20 way_is a b not-ready
run ip link set sipb netns b
link_up sipb 2 b
wait_until 30 connected a b
pings a b

step "an interface takes what is assigned to it by name along"
netdev=$(comm_path "$(loop_device "$(wwn b a)")")/netdev
ip netns exec b tee "$netdev" <<< sipb
ip netns add elsewhere
run ip -n b link set sipb down
run ip -n b link set sipb name sipz
run ip -n b link set sipz netns elsewhere
link_up sipz 2 elsewhere
# another one of its former name is nothing to it
run ip -n b link add sipb type scsiip
wait_until 20 way_is a b up
run ip netns exec elsewhere ping -c 20 -i 0.2 -s 60000 10.0.0.1
assert_eq "assigned to" sipz "$(cat "$netdev")"
run ip -n b link del sipb
run ip -n elsewhere link set sipz down
run ip -n elsewhere link set sipz netns b
run ip -n b link set sipz name sipb
ip netns del elsewhere
link_up sipb 2 b
echo auto > "$netdev"
wait_until 30 connected a b

step "three peers on one interface"
for x in c d; do
	unit $x
	way a $x
	way $x a
	netdev=$(comm_path "$(loop_device "$(wwn a $x)")")/netdev
	# a name means what it means to who writes it
	assert_fails tee "$netdev" <<< sipa
	assign a $x
	assign $x a
	wait_until 30 connected a $x
done
for x in b c d; do
	pings a $x
done

step "a broadcast reaches all three, once"
for x in b c d; do
	ip netns exec $x sysctl -q net.ipv4.icmp_echo_ignore_broadcasts=0
done
answers=$(ip netns exec a ping -b -c 5 -i 0.5 10.0.0.255)
echo "$answers"
for seq in 1 2 3 4; do
	assert_eq "who answers" "10.0.0.2 10.0.0.3 10.0.0.4" \
		"$(echo "$answers" | sed -n "s/.*from \(.*\): icmp_seq=$seq .*/\1/p" | sort | xargs)"
done

step "streams between a and all three at once"
streams plain b c d

step "streams out of pages that are not the kernel's own"
for how in zerocopy sendfile rewrite; do
	streams $how b
done

step "the counters"
for x in a b c d; do
	ip netns exec $x ethtool -S "sip$x" > "/tmp/counters.$x"
	grep -H -v ': 0$' "/tmp/counters.$x"
done
# the pages that this fabric hands over are the sender's own, as they are
assert_fails grep -E '(rx_zero|tx)_copy: [1-9]' /tmp/counters.{a,b,c,d}
assert_fails grep -E '(tx_(unmappable|refused|uncertain|no_memory)|rx_(short|bad|too)).*: [1-9]' \
	/tmp/counters.{a,b,c,d}

step "nothing is left"
for x in b c d; do
	loop_untarget "$(wwn a $x)"
	loop_untarget "$(wwn $x a)"
done
for x in a b c d; do
	comm_delete "sip$x"
	ip netns del $x
done
comm_unload
