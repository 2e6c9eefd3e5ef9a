# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scenarios in which things break: traffic that survives it, and what must
# be left when all is over.

# What hangs is told before the guest goes
# shellcheck disable=SC2154 # status
trap 'status=$?; [ $status = 0 ] || echo w > /proc/sysrq-trigger; exit $status' EXIT
echo 1 > /proc/sys/kernel/sysrq

# --- traffic ---

# traffic_from ARG…: tests/tools/flood in the background, until traffic_stop;
# traffic_in NETNS ARG…: the same in a namespace
FLOWS=()
traffic_from() {
	"$REPO/tests/tools/flood" "$@" &
	FLOWS+=($!)
}

traffic_in() {
	ip netns exec "$1" "$REPO/tests/tools/flood" "${@:2}" &
	FLOWS+=($!)
}

traffic_stop() {
	[ ${#FLOWS[@]} != 0 ] || return 0
	kill -KILL "${FLOWS[@]}"
	wait "${FLOWS[@]}" 2> /dev/null || :
	FLOWS=()
}

# still_flowing: what goes to namespace h2's sip2, and not only once
still_flowing() {
	received=$(received)
	wait_until 20 flowing
}

received() {
	ip netns exec h2 cat /sys/class/net/sip2/statistics/rx_packets
}

flowing() {
	[ "$(received)" -gt $((received + 100)) ]
}

# still_sending SECONDS: commands of sip0 complete, and not only one
still_sending() {
	completed=$(counter sip0 tx_completed)
	wait_until "$1" sending
}

sending() {
	[ "$(counter sip0 tx_completed)" -gt $((completed + 100)) ]
}

# --- several hosts in one kernel ---

# attach HCTL NETNS NAME: that device is a way for that interface
attach() {
	local netdev=/sys/bus/scsi/devices/$1/scsiip/netdev
	wait_until 20 [ -e "$netdev" ]
	nsenter --net="/run/netns/$2" sh -c "echo $3 > $netdev"
}

# iscsi_device: the H:C:T:L of the only one that came over iSCSI
iscsi_device() {
	basename "$(compgen -G '/sys/class/iscsi_session/session*/device/target*/*:*:*:0')"
}

# iscsi_drop DEV, iscsi_pass DEV: nothing that goes to a target, or comes from one,
# leaves by that interface
iscsi_drop() {
	tc qdisc add dev "$1" clsact
	tc filter add dev "$1" egress protocol ip u32 match ip dport 3260 0xffff action drop
	tc filter add dev "$1" egress protocol ip u32 match ip sport 3260 0xffff action drop
}

iscsi_pass() {
	tc qdisc del dev "$1" clsact
}

# --- what is left ---

# Every object counts, not only those in full slabs, but none of the file system's.
slab_shrink() {
	echo 3 > /proc/sys/vm/drop_caches
	slab_set shrink 1
}

# slab_set ATTRIBUTE VALUE: of each cache that has it
slab_set() {
	local file
	for file in /sys/kernel/slab/*/"$1"; do
		echo "$2" > "$file" 2> /dev/null || :
	done
}

# slabs: objects in the caches that datagrams, commands, namespaces and
# interfaces come from. In debug kernels each interface keeps up to 128
# references that are given back already (struct ref_tracker), of 32 bytes
slabs() {
	local small='32|'
	[[ $KERNEL != *-debug ]] || small=''
	awk -v "small=$small" \
		'$1 ~ "^(kmalloc-(" small "64|96|128|192|256|512|1k|2k|4k|8k)|skbuff_.*|bio-.*|se_.*|lio_.*|net_namespace|TCP|UDP|TCPv6|UDPv6|sock_inode_cache|scsi_sense_cache|nf_conntrack)$" { print $1, $2 }' /proc/slabinfo
}

# slabs_keep: remember; slabs_compare: no cache may have grown since but by some
# dozens of objects, which the rest of the system accounts for
slabs_keep() {
	# all of the slabs that a processor keeps counts as in use: let it keep but one
	slab_set cpu_partial 0
	slab_shrink
	slabs > /tmp/slabs
}

slabs_grown() {
	slab_shrink
	slabs | awk 'NR == FNR { before[$1] = $2; next }
		$1 in before && $2 > before[$1] * 1.03 + 100 {
			printf "%s from %d to %d\n", $1, before[$1], $2 }' /tmp/slabs -
}

slabs_quiet() {
	[ -z "$(slabs_grown)" ]
}

slabs_compare() {
	local i
	for ((i = 0; i < 20; i++)); do
		! slabs_quiet || return 0
		sleep 0.5
	done
	fail "objects are left: $(slabs_grown | tr '\n' ';')"
}

# iscsi_unload: the modules of initiator and target
iscsi_unload() {
	rmdir "$TARGET/iscsi"
	run rmmod iscsi_target_mod iscsi_tcp libiscsi_tcp libiscsi scsi_transport_iscsi
}

# nothing_left: no module, no cache, no interface, no device of ours
nothing_left() {
	local what
	what=$(lsmod | awk '/scsiip|target_core_comm/')
	[ -z "$what" ] || fail "modules: $what"
	! grep scsiip /proc/slabinfo || fail "a slab cache"
	[ -z "$(ip -o link show type scsiip 2> /dev/null)" ] || fail "an interface"
	! dmesg | grep -E 'Slab cache still has objects|Objects remaining' || fail "objects"
}
