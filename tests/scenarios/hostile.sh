# A target that lies, stalls or talks nonsense becomes no peer, nor harms one
#
# check: 6.1
# guests: 1
# timeout: 600
#
#	sipa -> tcm_loop -> unit of sipb	(sipb in a namespace of its own)
#	sipb -> tcm_loop -> unit of sipa
#	sipa -> tcm_loop -> TCMU -> tests/tools/hostile, again and again
#
# SEED: of the pages at random
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/tools/scsi.sh"
unit_a=naa.5001405000000001 unit_b=naa.5001405000000002
liars=naa.5001405000000003
SEED=${SEED:-1}
declare -A state_of=() lun_of=() path_of=() pid_of=()

# loop_create WWN: a loopback target for hostile units
loop_create() {
	mkdir -p "$TARGET/loopback/$1/tpgt_1"
	echo "naa.6${1#naa.5}" > "$TARGET/loopback/$1/tpgt_1/nexus"
}

loop_delete() {
	echo NULL > "$TARGET/loopback/$1/tpgt_1/nexus"
	rmdir "$TARGET/loopback/$1/tpgt_1" "$TARGET/loopback/$1"
}

# hostile WWN NAME STATE [KEY=VALUE…]: a unit that lies like this, and a regex
# of the state its path should get
hostile() {
	local tpg=$TARGET/loopback/$1/tpgt_1 name=$2 so=$TARGET/core/user_0/$2 uio
	local lun=${#lun_of[@]}
	mkdir -p "$so"
	echo "dev_size=1048576,cmd_ring_size_mb=1,max_data_area_mb=2" > "$so/control"
	echo 15 > "$so/attrib/cmd_time_out"
	echo 1 > "$so/enable"
	uio=$(grep -l -E "^tcm-user/[0-9]+/$name$" /sys/class/uio/*/name)
	uio=${uio%/name}
	"$TOOLS/hostile" "${uio##*/}" lladdr="0200000006$(hex 1 "$lun")" serial="$lun" "${@:4}" &
	pid_of[$name]=$!
	lun_of[$name]=$tpg/lun/lun_$lun
	lun_link "${lun_of[$name]}" "$so"
	path_of[$name]=$(< "$tpg/address"):$lun state_of[$name]=$3
}

# retire NAME: that unit goes, whatever it is doing
retire() {
	lun_unlink "${lun_of[$1]}"
	kill "${pid_of[$1]}"
	wait "${pid_of[$1]}" || :
	rmdir "$TARGET/core/user_0/$1"
	unset "state_of[$1]"
}

# right_within SECONDS COMMAND…: wait for it, which says what is wrong until then
right_within() {
	local wrong='' end
	end=$(deadline "$1")
	until "${@:2}"; do
		[ $SECONDS -lt "$end" ] || fail "$wrong"
		pause 0.1
	done
}

# judged: every unit has the state it should have
judged() {
	local name
	right_within 40 all_judged
	for name in "${!state_of[@]}"; do
		printf '> %-24s %s\n' "$name" "${state_of[$name]}"
	done
}

all_judged() {
	local name state
	for name in "${!state_of[@]}"; do
		read -r state < "/sys/bus/scsi/devices/${path_of[$name]}/scsiip/state"
		wrong="$name: expected ${state_of[$name]}, got $state"
		[[ $state =~ ^(${state_of[$name]})$ ]] || return 1
	done
}

# alone NAME…: none of these is a peer
alone() {
	local name netdev
	for name; do
		read -r netdev < "/sys/bus/scsi/devices/${path_of[$name]}/scsiip/netdev"
		assert_eq "netdev of $name" '' "$netdev"
	done
}

# is_identity PAGE: is that, in hex, what docs/wire.md calls an identity page? Its
# network
is_identity() {
	local page=$1 length=$((0x0${1:4:4} + 4))
	[[ $page = 09c0* && $length -ge 60 && $length -le $((${#page} / 2)) ]] &&
		[[ ${page:8:16} = 5246432032313433 && ${page:24:2} != 00 ]] &&
		[[ ${page:28:12} != 000000000000 && ${page:29:1} = [02468ace] ]] &&
		[ $((0x${page:40:8})) -ge 68 ] && [ $((0x${page:40:8})) -le 65535 ] &&
		[[ ${page:56:62} =~ ^((2[1-9a-f]|[3-6].|7[0-9a-e])*)(00.*)?$ ]] &&
		[[ ${page:118:2} = 00 ]] && printf -v network '%b' "${BASH_REMATCH[1]//??/\\x&}"
}

# as_told NAME: has it told its pages, and did the driver make of them what they say?
as_told() {
	local dir=/sys/bus/scsi/devices/${path_of[$1]}/scsiip pages page network lladdr told
	mapfile -t pages < "$RIG/pages.$1"
	[ ${#pages[@]} -gt "$turn" ] || return
	page=${pages[-1]% *}
	read -r state < "$dir/state"
	wrong="$1: $state, of $page"
	is_identity "$page" || { [ "$state" = no-identity ]; return; }
	case $state in
	no-designator) ;;
	up | duplicate | unattached)
		read -r lladdr < "$dir/lladdr"
		read -r told < "$dir/network"
		[ "${lladdr//:/}" = "${page:28:12}" ] && [ "$told" = "$network" ] || return
		[ "$state" != up ] || [ "$network" = lab ]
		;;
	*) return 1 ;;
	esac
}

# pings: the good peer answers
pings() {
	run ip netns exec b ping -q -c 3 -i 0.2 -W 5 -s "${1:-1000}" 10.0.0.1
	run ping -q -c 3 -i 0.2 -W 5 -s "${1:-1000}" 10.0.0.2
}

step "an interface, and those that are no peers for it"
target_load tcm_loop target_core_user
comm_create sipa network=lab
ip link set sipa up
ip addr add 10.0.0.1/24 dev sipa
loop_create $liars
while read -r name state keys; do
	# shellcheck disable=SC2086 # words
	hostile $liars $name $state network=lab $keys
done <<END
no-c0h			no-identity	identity=none
c0h-of-0-bytes		no-identity	identity=empty
c0h-without-header	no-identity	identity=headerless
c0h-short		no-identity	identity=short
c0h-of-64-kib		no-identity	identity=long
c0h-signature		no-identity	identity=signature
c0h-version-0		no-identity	identity=version0
c0h-is-c1h		no-identity	identity=page
c0h-of-a-disk		no-identity	identity=type
c0h-not-ready		not-ready	vpd=notready
c0h-illegal		no-identity	vpd=illegal
c0h-garbage		timeout		vpd=garbage
c0h-attention		timeout		vpd=attention
lladdr-zero		no-identity	lladdr=000000000000
lladdr-multicast	no-identity	lladdr=030000000001
lladdr-broadcast	no-identity	lladdr=ffffffffffff
lladdr-own		own		lladdr=$(tr -d : < /sys/class/net/sipa/address)
mtu-0			no-identity	mtu=0
mtu-67			no-identity	mtu=67
mtu-65536		no-identity	mtu=65536
mtu-4-gib		no-identity	mtu=0xffffffff
network-none		unattached	network=
network-nobodys		unattached	network=nobodys
network-unterminated	no-identity	network=unterminated
network-unprintable	no-identity	network=unprintable
83h-none		no-designator	designator=none
83h-empty		no-designator	designator=empty
83h-truncated		no-designator	designator=truncated
83h-overrun		no-designator	designator=overrun
83h-vendor		no-designator	designator=vendor
83h-zero-lengths	no-designator	designator=zero
83h-of-the-port		no-designator	designator=target
tur-not-ready		not-ready	tur=notready
tur-illegal		not-ready	tur=illegal
tur-garbage		timeout		tur=garbage
tur-attention		timeout		tur=attention
tur-conflict		timeout		tur=conflict
tur-aborted		timeout		tur=aborted
tur-protect		timeout		tur=protect
END
step "they are judged"
judged
alone "${!state_of[@]}"
assert_eq "carrier" 0 "$(cat /sys/class/net/sipa/carrier)"
assert_eq "datagrams sent" 0 "$(counter sipa tx_completed)"

step "a good peer beside them"
comm_create sipb network=other
ip netns add b
ip link set sipb netns b
ip -n b link set sipb up
ip -n b addr add 10.0.0.2/24 dev sipb
loop_target $unit_a "$(comm_dir sipa)"
loop_target $unit_b "$(comm_dir sipb)"
path_a=$(cat "$TARGET/loopback/$unit_a/tpgt_1/address"):0
path_b=$(cat "$TARGET/loopback/$unit_b/tpgt_1/address"):0
wait_until 20 path_is "$path_a" own
wait_until 20 path_is "$path_b" own
nsenter --net=/run/netns/b "$TOOLS/put" "/sys/bus/scsi/devices/$path_a/scsiip/netdev" sipb
"$TOOLS/put" "/sys/bus/scsi/devices/$path_b/scsiip/netdev" sipa
wait_until 20 path_is "$path_a" up
wait_until 20 path_is "$path_b" up
pings
pings 60000
judged

step "pages at random, seed $SEED"
names=()
for i in {0..9}; do
	names+=("random-$i")
	hostile $liars "random-$i" . network=lab random=$((SEED + i * 1000000)) > "$RIG/pages.random-$i"
done
declare -A seen=()
for turn in {0..29}; do
	for name in "${names[@]}"; do
		right_within 30 as_told "$name"
		seen[$state]=$((${seen[$state]:-0} + 1))
	done
	for name in "${names[@]}"; do
		kill -USR1 "${pid_of[$name]}"
		echo auto > "/sys/bus/scsi/devices/${path_of[$name]}/scsiip/netdev"
	done
done
for state in "${!seen[@]}"; do
	echo "> $state: ${seen[$state]}"
done
assert_ge "identities" 50 "${seen[up]:-0}"
assert_ge "of other networks" 1 "${seen[unattached]:-0}"
assert_ge "without a designator" 10 "${seen[no-designator]:-0}"
assert_ge "no identities" 50 "${seen[no-identity]:-0}"
for name in "${names[@]}"; do
	retire "$name"
done
pings

step "some that pass for a peer, until they are used"
while read -r name state keys; do
	# shellcheck disable=SC2086 # words
	hostile $liars $name $state network=lab $keys
done <<END
duplicate		duplicate	lladdr=$(ip -n b -j link show sipb | jq -r '.[0].address' | tr -d :)
honest			up
send-illegal		up		send=illegal
send-garbage		up		send=garbage
send-attention		up		send=attention
send-not-ready		up		send=notready
send-protect		up		send=protect
send-conflict		up		send=conflict
send-busy		up		send=busy
send-full		up		send=full
send-aborted		up		send=aborted
83h-changing		up		designator=changing
END
judged
assert_eq "netdev of an honest one" sipa "$(path_attr "${path_of[honest]}" netdev)"
unused=100
for name in honest send-illegal send-garbage send-attention send-not-ready \
	    send-protect send-conflict send-busy send-full send-aborted 83h-changing; do
	unused=$((unused + 1))
	ip neigh replace 10.0.0.$unused dev sipa nud permanent \
		lladdr "$(path_attr "${path_of[$name]}" lladdr)"
	ping -q -c 20 -i 0.01 -W 1 10.0.0.$unused > /dev/null || :
done
pings
ethtool -S sipa | grep 'tx_.* [1-9]'
assert_ge "datagrams refused" 40 "$(counter sipa tx_refused)"
assert_ge "datagrams sent again" 20 "$(counter sipa tx_resent)"
assert_ge "datagrams with an uncertain fate" 20 "$(counter sipa tx_uncertain)"
assert_ge "datagrams to one that is not ready" 1 "$(counter sipa tx_not_ready)"
pings 60000

names=(tur-hangs c0h-hangs tur-no-sense c0h-no-sense tur-busy tur-full c0h-busy)
step "some that do not answer, each behind a host adapter of its own"
stuck=10
while read -r name state keys; do
	loop_create naa.50014050000000$stuck
	# shellcheck disable=SC2086 # words
	hostile naa.50014050000000$stuck $name "$state" network=lab $keys
	stuck=$((stuck + 1))
done <<END
tur-hangs		timeout|not-ready	tur=hang
c0h-hangs		timeout|not-ready	vpd=hang
send-hangs		up	send=hang
send-lost		up	send=lost
tur-no-sense		not-ready	tur=nosense
c0h-no-sense		no-identity|timeout|not-ready	vpd=nosense
tur-busy		timeout	tur=busy
tur-full		timeout	tur=full
c0h-busy		timeout	vpd=busy
END
# until the first multicast
was_up() {
	dmesg | grep -q "path $1 to peer .* is up"
}
wait_until 30 was_up "${path_of[send-hangs]}"
wait_until 30 path_is "${path_of[send-lost]}" up
ip neigh replace 10.0.0.98 dev sipa nud permanent \
	lladdr "$(path_attr "${path_of[send-lost]}" lladdr)"
# one datagram is never heard of again; that is no reason to keep the others
before=$(counter sipa tx_no_path)
ping -q -c 6 -i 1 -W 1 10.0.0.98 > /dev/null || :
assert_eq "tx_no_path" "$before" "$(counter sipa tx_no_path)"
assert_eq "state" up "$(path_attr "${path_of[send-lost]}" state)"
ip neigh replace 10.0.0.99 dev sipa nud permanent \
	lladdr "$(path_attr "${path_of[send-hangs]}" lladdr)"
ping -q -c 3 -i 0.01 -W 1 10.0.0.99 > /dev/null || :
# TCMU gives up after 15 s
state_of[send-hangs]='timeout|not-ready'
wait_until 30 path_is "${path_of[send-hangs]}" timeout
pings
judged
alone "${names[@]}"
assert_ge "datagrams let go" 1 "$(counter sipa tx_orphaned)"
pings 60000

step "a type 09h unit of a disk array"
if modprobe -n scsi_debug 2> /dev/null; then
	units=$(comm_units | wc -l)
	modprobe scsi_debug ptype=9 max_luns=2
	both_seen() {
		[ "$(comm_units | wc -l)" = $((units + 2)) ]
	}
	wait_until 30 both_seen
	for unit in $(comm_units | tail -n 2); do
		wait_until 30 path_is "$unit" no-identity
		assert_eq "netdev" '' "$(path_attr "$unit" netdev)"
	done
	run rmmod scsi_debug
fi

step "they go"
names=("${!state_of[@]}")
for name in "${names[@]}"; do
	retire "$name"
done
pings
for wwn in "$TARGET"/loopback/naa.50014050000000{03,1?}; do
	loop_delete "${wwn##*/}"
done

step "nothing is left"
loop_untarget $unit_a
loop_untarget $unit_b
assert_eq "units" '' "$(comm_units || :)"
assert_eq "carrier" 0 "$(cat /sys/class/net/sipa/carrier)"
comm_delete sipb
comm_delete sipa
ip netns delete b
rmdir "$TARGET/core/user_0"
comm_unload
