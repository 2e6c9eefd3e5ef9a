# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What scenarios are written with. The rig (tests/vm/boot) runs a scenario as
# root in each guest, with bash -eu, and sets
#
#	HOST	1, 2, …: which guest this is	HOSTS	how many there are
#	BOOT	1, 2, …: which boot of it	KERNEL	6.1, 6.12, or -debug
#	REPO	the checkout			MODULES	the modules built for this kernel
#	RIG	a directory all guests share
set -euE -o pipefail

# where: the line of the scenario that this function was called for
where() {
	local i
	for ((i = 1; i < ${#BASH_SOURCE[@]} - 1; i++)); do
		[ "${BASH_SOURCE[i]}" = "${BASH_SOURCE[0]}" ] || break
	done
	echo "${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}"
}

# on_error STATUS COMMAND: name what ended the scenario
on_error() {
	trap - ERR
	echo "FAIL: $(where): status $1: $2"
}

# errtrace (-E) above: in functions too
trap 'on_error $? "$BASH_COMMAND"' ERR

TARGET=/sys/kernel/config/target
# How much longer than in a stock kernel things may take
SLOW=1
[[ $KERNEL != *-debug ]] || SLOW=8

# --- saying, running, expecting ---

# step TEXT: a headline in the log
step() {
	printf '[%s host%s] == %s\n' "$(cut -d' ' -f1 /proc/uptime)" "$HOST" "$*"
}

# run CMD…: show a command, then run it
run() {
	printf '+ %s\n' "$*"
	"$@"
}

# fail TEXT: end the scenario
fail() {
	trap - ERR
	printf 'FAIL: %s: %s\n' "$(where)" "$*"
	exit 1
}

# assert_eq WHAT EXPECTED ACTUAL
assert_eq() {
	[ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# assert_ge WHAT LEAST ACTUAL, assert_le WHAT MOST ACTUAL: whole numbers
assert_ge() {
	[ "$3" -ge "$2" ] || fail "$1: expected at least $2, got '$3'"
}

assert_le() {
	[ "$3" -le "$2" ] || fail "$1: expected at most $2, got '$3'"
}

# assert_match WHAT REGEX ACTUAL
assert_match() {
	[[ $3 =~ $2 ]] || fail "$1: expected a match of '$2', got '$3'"
}

# assert_fails CMD…: it must not succeed; its output is shown
assert_fails() {
	printf '+ ! %s\n' "$*"
	! "$@" || fail "expected to fail, but succeeded: $*"
}

# deadline SECONDS: when, by the clock of SECONDS, something that takes less than
# that on an idle machine has failed on any
deadline() {
	echo $((SECONDS + 4 * SLOW * $1))
}

# pause SECONDS: as sleep, but without a process, of which an emulated processor has
# a good deal to do
exec {NEVER}<> <(:)
pause() {
	read -r -t "$1" -u "$NEVER" || :
}

# wait_until SECONDS CMD…: until CMD succeeds; SECONDS as for deadline
wait_until() {
	local end
	end=$(deadline "$1")
	until "${@:2}" > /dev/null 2>&1; do
		[ $SECONDS -lt "$end" ] || fail "not by the deadline, $1 s: ${*:2}"
		pause 0.2
	done
}

# --- the other guests ---

# peer_ip [N]: the eth0 address of host N, by default of the other one of two
peer_ip() {
	echo "192.168.7.${1:-$((3 - HOST))}"
}

# host_name N: hosta, hostb, …
host_name() {
	local letters=abcdefghijklmnopqrstuvwxyz
	echo "host${letters:$1 - 1:1}"
}

# barrier NAME [SECONDS]: all guests meet here. A name is good for one meeting;
# a guest that has rebooted walks through those it has been at before.
barrier() {
	local end i missing naps=0
	end=$(deadline "${2:-60}")
	: > "$RIG/barrier/$1.$HOST"
	for ((i = 1; i <= HOSTS; i++)); do
		until [ -e "$RIG/barrier/$1.$i" ]; do
			missing="barrier $1: $(host_name $i)"
			[ ! -s "$RIG/exit.$i" ] || fail "$missing has ended"
			[ $SECONDS -lt "$end" ] || fail "$missing did not come"
			# each look is a dozen requests to the emulator
			pause $((naps++ < 30 ? 0 : 1)).1
		done
	done
}

# --- LIO, by configfs ---

# lun_link LUN_DIR SO_DIR
lun_link() {
	mkdir -p "$1"
	ln -s "$2" "$1/$(basename "$2")"
}

# lun_unlink LUN_DIR
lun_unlink() {
	find "$1" -maxdepth 1 -type l -delete
	rmdir "$1"
}

# tpg_delete TPG: whatever it has, and its target
tpg_delete() {
	local dir
	for dir in "$1"/acls/*/lun_* "$1"/acls/* "$1"/lun/lun_* "$1"/np/*; do
		[ -d "$dir" ] || continue
		case $dir in
		*/lun_*) lun_unlink "$dir" ;;
		*) rmdir "$dir" ;;
		esac
	done
	rmdir "$1" "${1%/*}"
}

# target_load MODULE…: the target core, then these
target_load() {
	if [ ! -d /sys/module/target_core_mod ]; then
		mkdir -p /etc/target	# its database directory; it complains without
		modprobe target_core_mod
	fi
	[ $# = 0 ] || modprobe -a "$@"
}

# ramdisk_create NAME MEGABYTES, ramdisk_delete NAME: the stock backstore
# rd_mcp; its storage object is $TARGET/core/rd_mcp_0/NAME
ramdisk_create() {
	target_load
	mkdir -p "$TARGET/core/rd_mcp_0/$1"
	echo "rd_pages=$(($2 * 256))" > "$TARGET/core/rd_mcp_0/$1/control"
	serial "$1" > "$TARGET/core/rd_mcp_0/$1/wwn/vpd_unit_serial"
	echo 1 > "$TARGET/core/rd_mcp_0/$1/enable"
}

ramdisk_delete() {
	rmdir "$TARGET/core/rd_mcp_0/$1"
}

# serial NAME: a unit serial number, always the same for NAME on this host
serial() {
	local hash
	hash=$(echo "$(host_name "$HOST") $1" | md5sum)
	echo "${hash:0:8}-${hash:8:4}-4${hash:13:3}-8${hash:17:3}-${hash:20:12}"
}

# --- the project's modules ---

# comm_load: the network interface and the comm backstore, once
comm_load() {
	target_load
	[ -d /sys/module/scsiip ] || run insmod "$MODULES/net/scsiip.ko"
	[ -d /sys/module/target_core_comm ] ||
		run insmod "$MODULES/backstore/target_core_comm.ko"
}

comm_unload() {
	rmdir "$TARGET/core/comm_0"
	run rmmod target_core_comm
	run rmmod scsiip
}

# comm_create NAME [CONTROL]: an enabled communications device; CONTROL as
# netdev=sip0,network=lab. Its storage object is what comm_dir NAME prints.
comm_create() {
	local so
	so=$(comm_dir "$1")
	comm_load
	mkdir -p "$so"
	[ $# = 1 ] || echo "$2" > "$so/control"
	serial "$1" > "$so/wwn/vpd_unit_serial"
	echo 1 > "$so/enable"
}

comm_delete() {
	rmdir "$(comm_dir "$1")"
}

comm_dir() {
	echo "$TARGET/core/comm_0/$1"
}

# comm_paths STATE: how many communications devices this host sees in that state
comm_paths() {
	{ grep -s -l -x "$1" /sys/bus/scsi/devices/*/scsiip/state || :; } | wc -l
}

# comm_path H:C:T:L: what the driver shows of a device; * will do for the only one
comm_path() {
	compgen -G "/sys/bus/scsi/devices/$1/scsiip"
}

# comm_path_is H:C:T:L STATE
comm_path_is() {
	[ "$(cat "$(comm_path "$1")/state")" = "$2" ]
}

# counter NAME COUNTER [NAMESPACE]: of an interface, as ethtool -S has it
counter() {
	${3:+ip netns exec "$3"} ethtool -S "$1" | awk -v name="$2:" '$1 == name { print $2 }'
}

# accounted NAME [NAMESPACE]: has each command that was sent ended, in one way?
accounted() {
	${2:+ip netns exec "$2"} ethtool -S "$1" | awk '
		/tx_(direct|copy):/ { open += $2 }
		/tx_(completed|resent|refused|not_ready|busy|uncertain):/ { open -= $2 }
		END { exit open != 0 }'
}

# link_up NAME N [NAMESPACE]: the interface goes up, with the addresses of host N
link_up() {
	local ip=(ip ${3:+-n "$3"})
	"${ip[@]}" link set "$1" up
	"${ip[@]}" addr add "$(lab_ip "$2")/24" brd + dev "$1"
	"${ip[@]}" -6 addr add "$(lab_ip6 "$2")/64" dev "$1"
}

# lab_ip N, lab_ip6 N: the addresses that host N has on the network of the test
lab_ip() {
	echo "10.0.0.$1"
}

lab_ip6() {
	echo "fd00:5c51::$1"
}

# link_ready NAME [NAMESPACE]: has it carrier, and all its addresses?
link_ready() {
	local ip=(ip ${2:+-n "$2"})
	"${ip[@]}" link show dev "$1" | grep -q LOWER_UP &&
		"${ip[@]}" -6 addr show dev "$1" scope link | grep -q inet6 &&
		[ -z "$("${ip[@]}" -6 addr show dev "$1" tentative)" ]
}

# reaches A B: does namespace hA have an answer from host B of the lab?
reaches() {
	ip netns exec "h$1" ping -q -c 1 -W 1 "$(lab_ip "$2")" > /dev/null
}

# others: the numbers of all other hosts
others() {
	local i
	for ((i = 1; i <= HOSTS; i++)); do
		[ "$i" = "$HOST" ] || echo "$i"
	done
}

# lab_up, lab_down: one network of all hosts. sip0 on each, its logical unit
# exported over iSCSI, a login to every other host.
lab_up() {
	local other
	comm_create sip0 network=lab
	link_up sip0 "$HOST"
	iscsi_target - "$(comm_dir sip0)"
	iscsid_start
	barrier lab-targets
	for other in $(others); do
		iscsi_login "$other"
	done
	wait_until 30 lab_is_up
	barrier lab-up
}

lab_is_up() {
	[ "$(comm_paths up)" = $((HOSTS - 1)) ] && link_ready sip0
}

lab_down() {
	local other
	barrier lab-done
	for other in $(others); do
		iscsi_logout "$other"
	done
	iscsid_stop
	barrier lab-logged-out
	iscsi_untarget -
	comm_delete sip0
	comm_unload
}

# --- traffic with known contents: tests/tools/traffic says what there is ---

traffic() {
	"$REPO/tests/tools/traffic" "$@"
}

# lab_stream BYTES HOW ADDRESS [NAMESPACE]: between two hosts, both ways at once
LAB_STREAMS=0
lab_stream() {
	local tool=(${4:+ip netns exec "$4"} "$REPO/tests/tools/traffic")
	LAB_STREAMS=$((LAB_STREAMS + 1))
	"${tool[@]}" tcp-receive 7002 1 &
	wait_until 20 listening tcp 7002 ${4:+"$4"}
	barrier "lab-stream-$LAB_STREAMS" 120
	"${tool[@]}" tcp-send "$3" 7002 "$1" "$2"
	wait $!
}

# lab_mtu BYTES NAME [NAMESPACE]: of two hosts' interfaces, each its own; datagrams
# of that length go both ways when this is done
lab_mtu() {
	barrier "lab-before-$1"
	run ip ${3:+-n "$3"} link set "$2" mtu "$1"
	barrier "lab-mtu-$1"
	wait_until 20 lab_mtu_agreed "$1" ${3:+"$3"}
	barrier "lab-agreed-$1"
}

# A path MTU learned in between would stay for ten minutes.
lab_mtu_agreed() {
	local in=(${2:+ip netns exec "$2"}) other=$((3 - HOST))
	"${in[@]}" ip route flush cache
	"${in[@]}" ip -6 route flush cache
	"${in[@]}" ping -c 1 -W 1 -M "do" -s $(($1 - 28)) "$(lab_ip $other)" &&
		"${in[@]}" ping -c 1 -W 1 -M "do" -s $(($1 - 48)) "$(lab_ip6 $other)"
}

# listening tcp|udp PORT [NAMESPACE]
listening() {
	ss -H -l -n ${3:+-N "$3"} "--$1" "sport = :$2" | grep -q .
}

# --- fabric: iSCSI ---

iqn() {
	echo "iqn.2026-11.lab.scsiip:$(host_name "$1")"
}

# iscsi_target NAME SO_DIR: this host's target, enabled, open to anyone. NAME
# follows its host's iqn unless it is -, which is what iscsi_login expects.
iscsi_target() {
	local tpg
	tpg=$TARGET/iscsi/$(iscsi_name "$1")/tpgt_1
	target_load iscsi_target_mod
	mkdir -p "$TARGET/iscsi" "$tpg/np/$(peer_ip "$HOST"):3260"
	echo 0 > "$tpg/attrib/authentication"
	echo 1 > "$tpg/attrib/generate_node_acls"
	echo 1 > "$tpg/attrib/cache_dynamic_acls"
	echo 0 > "$tpg/attrib/demo_mode_write_protect"
	# a datagram of any length goes out with its command
	echo No > "$tpg/param/InitialR2T"
	echo Yes > "$tpg/param/ImmediateData"
	echo 262144 > "$tpg/param/FirstBurstLength"
	echo 262144 > "$tpg/param/MaxRecvDataSegmentLength"
	lun_link "$tpg/lun/lun_0" "$2"
	echo 1 > "$tpg/enable"
}

iscsi_untarget() {
	local wwn tpg
	wwn=$TARGET/iscsi/$(iscsi_name "$1")
	tpg=$wwn/tpgt_1
	echo 0 > "$tpg/enable"
	lun_unlink "$tpg/lun/lun_0"
	rmdir "$tpg"/np/* "$tpg" "$wwn"
}

iscsi_name() {
	if [ "$1" = - ]; then
		iqn "$HOST"
	else
		echo "$(iqn "$HOST"):$1"
	fi
}

# iscsi_initiator N: what host N is called as an initiator
iscsi_initiator() {
	echo "iqn.2026-11.lab.scsiip:initiator:$(host_name "$1")"
}

# iscsid_start, iscsid_stop: the initiator's daemon, with this host's own name
iscsid_start() {
	modprobe iscsi_tcp
	mkdir -p /run/lock/iscsi /etc/iscsi
	echo "InitiatorName=$(iscsi_initiator "$HOST")" > /etc/iscsi/initiatorname.iscsi
	setsid iscsid -f > "$RIG/iscsid.$HOST" 2>&1 &
	wait_until 20 grep -q ISCSIADM_ABSTRACT_NAMESPACE /proc/net/unix
}

iscsid_stop() {
	pkill -x iscsid || :
}

# iscsi_login PEER [SETTING=VALUE…] [-- NAME]: log in to host PEER's target;
# settings as node.session.timeo.replacement_timeout=5
iscsi_login() {
	local peer=$1 name settings=() node
	shift
	name=$(iqn "$peer")
	while [ $# -gt 0 ]; do
		if [ "$1" = -- ]; then
			name=$name:$2
			break
		fi
		settings+=("$1")
		shift
	done
	node=(iscsiadm -m node -T "$name" -p "$(peer_ip "$peer"):3260")
	"${node[@]}" -o new > /dev/null
	local setting
	for setting in "${settings[@]}"; do
		"${node[@]}" -o update -n "${setting%%=*}" -v "${setting#*=}"
	done
	run "${node[@]}" --login
}

# iscsi_logout PEER [NAME]
iscsi_logout() {
	local name file
	name=$(iqn "$1")${2:+:$2}
	# A target whose last unit goes is idle, and its power management about to
	# notice, when it goes itself: stable kernels of 2026 warn that this is
	# waited for from a workqueue of the wrong kind (check_flush_dependency).
	for file in /sys/class/iscsi_session/session*/device/target*/power/control; do
		[ ! -f "$file" ] || echo on > "$file"
	done
	run iscsiadm -m node -T "$name" -p "$(peer_ip "$1"):3260" --logout
	iscsiadm -m node -T "$name" -p "$(peer_ip "$1"):3260" -o delete
}

# iscsi_sessions: how many this host has, as initiator
iscsi_sessions() {
	find /sys/class/iscsi_session -mindepth 1 2> /dev/null | wc -l
}

# --- fabric: loopback, this host to itself ---

# loop_target WWN SO_DIR: WWN as naa.5001405000000001; the unit comes up as a
# scsi_device of this host
loop_target() {
	local tpg=$TARGET/loopback/$1/tpgt_1
	target_load tcm_loop
	mkdir -p "$TARGET/loopback" "$tpg"
	# the nexus first: the unit is scanned when it is linked
	echo "naa.6${1#naa.5}" > "$tpg/nexus"
	lun_link "$tpg/lun/lun_0" "$2"
}

# loop_device WWN: H:C:T:L of that unit
loop_device() {
	echo "$(cat "$TARGET/loopback/$1/tpgt_1/address"):0"
}

loop_untarget() {
	local tpg=$TARGET/loopback/$1/tpgt_1
	lun_unlink "$tpg/lun/lun_0"
	echo NULL > "$tpg/nexus"
	rmdir "$tpg" "$TARGET/loopback/$1"
}

# --- fabric: scsiip, a bus inside this kernel ---

bus_load() {
	comm_load
	[ -d /sys/module/tcm_scsiip ] || run insmod "$MODULES/bus/tcm_scsiip.ko"
	mkdir -p "$TARGET/scsiip"
}

bus_unload() {
	rmdir "$TARGET/scsiip"
	run rmmod tcm_scsiip
}

# bus_wwn N: the name of endpoint N
bus_wwn() {
	printf 'naa.5001405000000%03x\n' "$1"
}

# bus_tpg N: its directory
bus_tpg() {
	echo "$TARGET/scsiip/$(bus_wwn "$1")/tpgt_1"
}

# bus_host N: namespace hN with the interface sipN, up, and its unit
bus_host() {
	ip netns add "h$1"
	comm_create "sip$1"
	ip link set "sip$1" netns "h$1"
	ip -n "h$1" link set lo up
	link_up "sip$1" "$1" "h$1"
}

bus_host_delete() {
	comm_delete "sip$1"
	ip netns del "h$1"
}

# bus_endpoint N [SO_DIR]: open to anyone, with that as LUN 0, not yet enabled
bus_endpoint() {
	local tpg
	tpg=$(bus_tpg "$1")
	bus_load
	mkdir -p "$tpg"
	echo 1 > "$tpg/attrib/generate_node_acls"
	[ $# = 1 ] || lun_link "$tpg/lun/lun_0" "$2"
}

bus_plug() {
	echo 1 > "$(bus_tpg "$1")/enable"
}

bus_unplug() {
	echo 0 > "$(bus_tpg "$1")/enable"
}

# bus_endpoint_delete N: whatever it has
bus_endpoint_delete() {
	tpg_delete "$(bus_tpg "$1")"
}

# bus_acl N WWN: endpoint N admits that one to its LUN 0, as LUN 0
bus_acl() {
	local acl
	acl=$(bus_tpg "$1")/acls/$2
	mkdir -p "$acl/lun_0"
	ln -s "$(bus_tpg "$1")/lun/lun_0" "$acl/lun_0/default"
}

bus_acl_delete() {
	local acl lun
	acl=$(bus_tpg "$1")/acls/$2
	for lun in "$acl"/lun_*; do
		[ ! -d "$lun" ] || lun_unlink "$lun"
	done
	rmdir "$acl"
}

# bus_devices N: the scsi_devices that endpoint N sees, as ID:LUN
bus_devices() {
	local host
	host=$(cat "$(bus_tpg "$1")/host")
	for device in "/sys/bus/scsi/devices/$host":0:*; do
		[ -e "$device" ] || continue
		device=${device##*/}
		echo "${device#"$host":0:}"
	done
}

# memory_used: of this host, in kilobytes, from an origin of its own
memory_used() {
	echo 3 > /proc/sys/vm/drop_caches
	awk '/^MemAvailable:/ { print -$2 }' /proc/meminfo
}

# bus_mesh COUNT: plugs the endpoints 1 to COUNT in, each with an interface that
# is up, first on a bus each, then on one, and waits until all see each other.
# Sets what that took:
ENDPOINT_KB=0 NEXUS_KB=0 MESH_SECONDS=0
bus_mesh() {
	local i before alone
	before=$(memory_used)
	for ((i = 1; i <= $1; i++)); do
		echo $i > "$(bus_tpg $i)/attrib/bus"
		bus_plug $i
	done
	alone=$(memory_used)
	ENDPOINT_KB=$(((alone - before) / $1))
	before=$(cut -d ' ' -f 1 /proc/uptime)
	for ((i = 1; i <= $1; i++)); do
		echo 0 > "$(bus_tpg $i)/attrib/bus"
	done
	wait_until 300 bus_mesh_is_up "$1"
	MESH_SECONDS=$(bc <<< "$(cut -d ' ' -f 1 /proc/uptime) - $before")
	NEXUS_KB=$((($(memory_used) - alone) / ($1 * ($1 - 1))))
}

bus_mesh_is_up() {
	[ "$(comm_paths up)" = $(($1 * ($1 - 1))) ]
}
