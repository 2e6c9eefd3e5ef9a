# What an interconnect does to traffic: resets, bad digests, aborts, BUSY, clocks
#
# check: none
# guests: 2
# timeout: 600
# smp: 2
#
#	hosta 10.0.0.1 --- iSCSI, digests ---> hostb 10.0.0.2, answers
#	sip1 10.0.1.1 -> tcm_loop -> TCMU -> tests/tools/hostile
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
. "$REPO/tests/tools/scsi.sh"
peer=$((3 - HOST))
digests=('node.conn[0].iscsi.HeaderDigest=CRC32C' 'node.conn[0].iscsi.DataDigest=CRC32C')

peer_answers() {
	ping -q -c 1 -W 1 "$(lab_ip $peer)"
}

# back: the other host is there
back() {
	wait_until 60 peer_answers
	wait_until 30 path_is "$(iscsi_device)" up
}

# again: datagrams go through, each as it was sent, and the flood goes on. What was
# done to a connection may be noticed a while later, by who is busy.
again() {
	local dropped='' status=2 i
	until [ "$dropped" = "$(sessions_dropped)" ]; do
		back
		dropped=$(sessions_dropped)
		sleep 3
	done
	still_sending 20
	# what a path that stands still for a second drops (tx_no_path) is sent again
	for ((i = 0; status == 2 && i < 5; i++)); do
		status=0
		traffic udp-send "$(lab_ip 2)" 7001 1 1473 40000-40003 65507 || status=$?
	done
	assert_eq "status of udp-send, 2 for no answer" 0 $status
}

# several COMMAND…: it, and again after a second, five times; how often it was
# carried out is in $succeeded
several() {
	local i
	succeeded=0
	for i in {1..5}; do
		! "$@" > /dev/null || succeeded=$((succeeded + 1))
		sleep 1
	done
}

# corrupt dport|sport OFFSET: of what leaves for the target, or from it, the byte
# that far behind the beginning of the IP header is another one, before the TCP
# checksum is computed
corrupt() {
	tc filter add dev eth0 egress protocol ip u32 match ip "$1" 3260 0xffff \
		action pedit munge offset "$2" u8 invert
	sleep 0.2
	tc filter del dev eth0 egress
}

# lun_answers HOW: the unit, or who has taken its place, ends SEND MESSAGE so
lun_answers() {
	[ -z "${hostile:-}" ] || { kill "$hostile"; wait "$hostile" || :; }
	"$TOOLS/hostile" "${uio##*/}" lladdr=020000000600 network=tcmu send="$1" &
	hostile=$!
}

sessions_dropped() {
	dmesg | grep -c 'detected conn error' || :
}

# reset_connection: if one is in use, not one that is just being made; has one more
# ended than $before?
reset_connection() {
	path_is "$(iscsi_device)" up || return 1
	ss -K --tcp dst "$(peer_ip)" and dport = :3260
	sleep 1
	[ "$(sessions_dropped)" -gt "$before" ]
}

step "two hosts meet, with digests"
comm_load
# the first interface sends on processor 0, which stays
ip link add first type scsiip
comm_create sip0 network=lab
link_up sip0 "$HOST"
iscsi_target - "$(comm_dir sip0)"
# LIO forgets a session in a timer, which takes a lock that is not for timers (6.12.117):
# whoever comes back takes it over before that
echo 3600 > "$TARGET/iscsi/$(iqn "$HOST")/tpgt_1/param/DefaultTime2Retain"
iscsid_start
barrier targets
iscsi_login $peer "${digests[@]}" node.session.timeo.replacement_timeout=20 \
	node.session.iscsi.DefaultTime2Retain=3600
wait_until 30 lab_is_up
traffic_from sink 7000
traffic udp-answer 7001 &
FLOWS+=($!)
wait_until 20 listening udp 7001
barrier up

if [ "$HOST" = 1 ]; then
	traffic_from send "$(lab_ip 2)" 7000 tcp
	again

	step "the connection is reset, once a second"
	for _ in {1..4}; do
		before=$(sessions_dropped)
		wait_until 60 reset_connection
	done
	again

	step "digests are wrong"
	tc qdisc add dev eth0 clsact
	# LIO frees a command with wrong immediate data while it is still on the
	# connection's list, of any unit (6.12.117); which debug kernels tell each time
	if [ "$SLOW" = 1 ]; then
		before=$(sessions_dropped)
		several corrupt dport 300
		assert_ge "connections that ended of it" $((before + 1)) "$(sessions_dropped)"
		again
	fi
	# those of the responses to hostb
	barrier digests 400
	several corrupt sport 60
	tc qdisc del dev eth0 clsact
	barrier digests-end
	barrier digests-back 200
	again

	step "task management: logical unit and target resets, at random"
	RANDOM=1
	declare -A resets=([d]=0 [t]=0)
	for _ in {1..16}; do
		kind=d
		[ $((RANDOM % 2)) = 0 ] || kind=t
		# the device may just be gone, with the session
		! timeout 30 sg_reset -$kind "$(sg_of "$(iscsi_device)")" ||
			resets[$kind]=$((resets[$kind] + 1))
		sleep 0.$((RANDOM % 10))
	done
	assert_ge "resets of the unit" 1 "${resets[d]}"
	assert_ge "resets of the target" 1 "${resets[t]}"
	again

	step "the device is offline, and online again"
	echo offline > "/sys/bus/scsi/devices/$(iscsi_device)/state"
	wait_until 20 path_is "$(iscsi_device)" blocked
	assert_fails peer_answers
	echo running > "/sys/bus/scsi/devices/$(iscsi_device)/state"
	again

	step "a queue depth of 1"
	depth=/sys/bus/scsi/devices/$(iscsi_device)/queue_depth
	before=$(cat "$depth")
	echo 1 > "$depth"
	assert_eq "queue depth" 1 "$(cat "$depth")"
	again
	for i in {1..8}; do
		"$REPO/tests/tools/genl" lun-get lun="$(iscsi_device)" | jq .inflight
	done > /tmp/inflight
	assert_eq "the most in flight" 1 "$(sort -n /tmp/inflight | tail -n 1)"
	echo "$before" > "$depth"

	step "a processor goes and comes"
	for i in 1 2 3; do
		echo 0 > /sys/devices/system/cpu/cpu1/online
		again
		echo 1 > /sys/devices/system/cpu/cpu1/online
		sleep 1
	done
	again

	step "nothing that may wait gets a processor: no checks, no datagrams"
	# what the kernel keeps back for them: before 6.12, and since
	kept=(/proc/sys/kernel/sched_rt_runtime_us) none=-1
	if [ -d /sys/kernel/debug/sched/fair_server ]; then
		kept=(/sys/kernel/debug/sched/fair_server/cpu*/runtime) none=0
	fi
	share=$(cat "${kept[0]}")
	tee "${kept[@]}" <<< $none
	hogs=()
	for cpu in 0 1; do
		# by builtins only, since what they started would have to wait; when both
		# are there
		# shellcheck disable=SC2016 # for it to expand
		taskset -c $cpu chrt -f 50 bash -c '
			: > /tmp/hog.$1
			until [ -e /tmp/hog.0 ] && [ -e /tmp/hog.1 ]; do
				read -r -t 0.1 -u "$3"
			done
			begin=$EPOCHSECONDS
			while ((EPOCHSECONDS < begin + 2)); do :; done
			read -r before < "$2"
			while ((EPOCHSECONDS < begin + 7)); do :; done
			read -r after < "$2"
			while ((EPOCHSECONDS < begin + 8)); do :; done
			echo $((after - before)) > /tmp/commands.$1
			' - $cpu "/sys/bus/scsi/devices/$(iscsi_device)/iorequest_cnt" "$NEVER" &
		hogs+=($!)
	done
	wait "${hogs[@]}"
	tee "${kept[@]}" <<< "$share"
	assert_eq "commands sent meanwhile" 0 "$(cat /tmp/commands.1)"
	again

	step "the clock jumps"
	for jump in "1 hour" "-2 hours" "1 hour"; do
		date -s "$(date -d "$jump")"
		again
	done

	step "nobody gets RTNL: checks go on, datagrams do"
	modprobe dummy numdummies=1500 &
	busy=$!
	wait_until 20 [ -d /sys/class/net/dummy0 ]
	# ethtool would wait for it, too
	pings=0
	while wait_until 30 peer_answers && kill -0 $busy 2> /dev/null; do
		pings=$((pings + 1))
	done
	wait $busy
	assert_ge "pings meanwhile" 3 $pings
	again
	rmmod dummy

	step "every command is accounted for"
	traffic_stop
	wait_until 70 accounted sip0
	ethtool -S sip0 | grep 'tx_.* [1-9]'

	step "a receiver that is busy for a while"
	target_load tcm_loop target_core_user
	so=$TARGET/core/user_0/unit
	tpg=$TARGET/loopback/naa.5001405000000001/tpgt_1
	mkdir -p "$so" "$tpg"
	echo naa.6001405000000001 > "$tpg/nexus"
	echo "dev_size=1048576,cmd_ring_size_mb=1,max_data_area_mb=8" > "$so/control"
	echo 1 > "$so/enable"
	uio=$(grep -l -E "^tcm-user/[0-9]+/unit$" /sys/class/uio/*/name)
	uio=${uio%/name}
	"$TOOLS/newlink" sip1 network=tcmu
	ip link set sip1 up
	ip addr add 10.0.1.1/24 dev sip1
	lun_answers good
	lun_link "$tpg/lun/lun_0" "$so"
	wait_until 30 path_is "$(cat "$tpg/address"):0" up
	ip neigh replace 10.0.1.2 lladdr 02:00:00:00:06:00 nud permanent dev sip1
	all_completed() {
		[ "$(counter sip1 tx_completed)" -ge $((before + 200)) ]
	}
	for answer in busy full; do
		step "$answer"
		lun_answers $answer
		before=$(counter sip1 tx_completed)
		run "$REPO/tests/tools/flood" number 10.0.1.2 7000 0 200
		sleep 3
		assert_eq "those that came through" "$before" "$(counter sip1 tx_completed)"
		lun_answers good
		wait_until 30 all_completed
		ethtool -S sip1 | grep 'tx_.* [1-9]'
	done
	assert_eq "given up" 0 "$(counter sip1 tx_busy)"
	assert_eq "lost" 0 "$(counter sip1 tx_uncertain)"
	lun_unlink "$tpg/lun/lun_0"
	kill "$hostile"
	wait "$hostile" || :
	rmdir "$so" "${so%/*}"
	echo NULL > "$tpg/nexus"
	rmdir "$tpg" "${tpg%/*}" "$TARGET/loopback"
	ip link del sip1
else
	barrier digests 400
	before=$(sessions_dropped)
	barrier digests-end
	# its response is behind the wrong ones
	back
	assert_ge "connections that ended of it" $((before + 1)) "$(sessions_dropped)"
	barrier digests-back
fi
barrier over 400
step "nothing is left"
traffic_stop
ip link del first
lab_down
iscsi_unload
nothing_left
