#!/bin/bash
# One kernel: tcm_loop and the scsiip bus beside veth, and many peers
# guests: 1
# SPDX-License-Identifier: GPL-2.0-only
#
#	namespace a			namespace b
#	  sa 10.0.0.1 ═══ tcm_loop ═══ sb 10.0.0.2
#	  ba 10.2.0.1 ═══ the bus ════ bb 10.2.0.2
#	  va 10.1.0.1 ────── veth ──── vb 10.1.0.2	the same MTU
#
. "$REPO/tests/bench.d/lib.sh"

in_a() { ip netns exec a "$@"; }
in_b() { ip netns exec b "$@"; }

# ping_pong ADDRESS
ping_pong() {
	in_b timeout 100 "$METER" pong 7777 > /dev/null &
	in_a "$METER" ping "$1" 7777 2000
	wait $!
}

ip netns add a
ip netns add b
for side in a b; do
	comm_create s$side network=lab
	ip link set s$side netns $side
	ip -n $side link set lo up
	ip -n $side link set s$side up
done
ip -n a addr add 10.0.0.1/24 dev sa
ip -n b addr add 10.0.0.2/24 dev sb
loop_target naa.5001405000000001 "$(comm_dir sa)"
loop_target naa.5001405000000002 "$(comm_dir sb)"
n=1
for side in a b; do
	comm_create b$side
	ip link set b$side netns $side
	ip -n $side link set b$side up
	ip -n $side addr add 10.2.0.$n/24 dev b$side
	bus_endpoint $n "$(comm_dir b$side)"
	bus_plug $n
	n=$((n + 1))
done
both_up() { [ "$(comm_paths up)" = 4 ]; }
wait_until 20 both_up

ip -n a link add va mtu 65535 type veth peer vb mtu 65535 netns b
ip -n a link set va up
ip -n b link set vb up
ip -n a addr add 10.1.0.1/24 dev va
ip -n b addr add 10.1.0.2/24 dev vb
in_b iperf3 -s -D
sleep 1

for ((i = 0; i < ROUNDS; i++)); do
	figure loop_bulk bulk 10.0.0.2 a
	figure veth_bulk bulk 10.1.0.2 a
	figure bus_bulk bulk 10.2.0.2 a
	figure loop_rr ping_pong 10.0.0.2
	figure bus_rr ping_pong 10.2.0.2
	figure veth_rr ping_pong 10.1.0.2
done
pkill iperf3

step "many peers on one interface, all of them in this kernel"
# a new logical unit is a unit attention for all others of its target: targets
# of a few each
targets=16 units=16
ip link add many type scsiip
ip link set many up
ip addr add 10.9.255.254/16 dev many
for ((i = 1; i <= targets * units; i++)); do
	if (((i - 1) % units == 0)); then
		wwn=50014050000001$(printf %02x $((i / units)))
		tpg=$TARGET/loopback/naa.$wwn/tpgt_1
		mkdir -p "$tpg"
		echo "naa.6${wwn#5}" > "$tpg/nexus"
	fi
	comm_create p$i
	ip link set p$i up
	lun_link "$tpg/lun/lun_$((i % units))" "$(comm_dir p$i)"
done
found() { compgen -G '/sys/bus/scsi/devices/*/scsiip' | wc -l; }
all_found() { [ "$(found)" = $((targets * units + 4)) ]; }
all_up() { [ "$(comm_paths up)" = $((targets * units + 4)) ]; }
wait_until 60 all_found
i=0
for path in /sys/bus/scsi/devices/*/scsiip; do
	[ -z "$(cat "$path/netdev")" ] || continue
	echo many > "$path/netdev"
done
wait_until 60 all_up
for path in /sys/bus/scsi/devices/*/scsiip; do
	[ "$(cat "$path/netdev")" = many ] || continue
	i=$((i + 1))
	ip neigh add 10.9.$((i >> 8)).$((i & 255)) lladdr "$(cat "$path/lladdr")" dev many nud permanent
done
for ((i = 0; i < ROUNDS; i++)); do
	for n in 1 16 256; do
		figure peers_$n "$METER" spray 10.9.0.0 $n 4096 4000 1
		figure stream_peers_$n "$METER" spray 10.9.0.0 $n 4096 4000 1000000
	done
done
