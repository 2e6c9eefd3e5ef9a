# The tool scsiip: every command and option, its errors, ip and its plugin
#
# check: 6.12
# guests: 1
# timeout: 300
#
#	namespace h1		namespace h2		h3		h4
#	  sip1 10.0.0.1		  sip2 .2		  sip3 .3	  sip4 .4
#	    |      |		    |      |		   |		    |
#	  ==+======|================+======|===============+== bus 0	  iSCSI
#	  =========+=======================+================== bus 1	    |
#						sip0 in the initial namespace
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
valid=$REPO/tests/tools/valid-json
traffic=$REPO/tests/tools/traffic
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

# says STATUS REGEX CMD…: how it ends, and what it says; all of that in $said
said=
says() {
	local status=$1 regex=$2 got=0
	shift 2
	printf '+ %s\n' "$*"
	said=$("$@" 2>&1) || got=$?
	printf '%s\n' "$said"
	assert_eq "status of $*" "$status" "$got"
	assert_match "$*" "$regex" "$said"
}

# json OBJECT FILTER ARGUMENT…: what scsiip -j says of that object is in $json, to
# be compared with the schema in the end; $said is what jq makes of it
documents=0
mkdir /tmp/json
json() {
	local object=$1 filter=$2
	shift 2
	printf '+ scsiip -j %s | jq %s\n' "$*" "'$filter'"
	json=/tmp/json/$((++documents)).$object
	scsiip -j "$@" > "$json" || { rm "$json"; return 1; }
	said=$(jq -r "$filter" "$json")
}

# json_is OBJECT FILTER EXPECTED ARGUMENT…
json_is() {
	local object=$1 filter=$2 expected=$3
	shift 3
	json "$object" "$filter" "$@" && [ "$said" = "$expected" ]
}

# lladdr N: of sipN
lladdr() {
	ip -n "h$1" -j link show "sip$1" | jq -r '.[].address'
}

# bus_link N M BUS: endpoint M, on that bus, is another way to the unit of host N
bus_link() {
	bus_endpoint "$2" "$(comm_dir "sip$1")"
	echo "$3" > "$(bus_tpg "$2")/attrib/bus"
	bus_plug "$2"
}

# --- without the module ---

step "make install"
run make -s -C "$REPO/userspace" O="$REPO/build/userspace" PREFIX=/usr install
assert_eq "where it is" /usr/sbin/scsiip "$(command -v scsiip)"
man --warnings -l /usr/share/man/man8/scsiip.8 2>&1 > /dev/null | tee /tmp/warnings
assert_eq "warnings of man" "" "$(cat /tmp/warnings)"
says 0 'scsiip [0-9]' scsiip -V

step "the module is not there"
for object in link peer lun arp monitor "link show sip0" "-j link" "arp flush"; do
	# shellcheck disable=SC2086 # words
	says 2 'modprobe scsiip' scsiip $object
done
says 2 'Unknown device type' ip link add sip0 type scsiip

step "help, and wrong words"
says 0 'objects:' scsiip help
for object in link peer lun arp monitor; do
	says 0 "scsiip $object" scsiip "$object" help
done
says 1 'no object "nonsense"' scsiip nonsense
says 1 'H:C:T:L' scsiip lun attach 1:2:3 dev sip0
says 1 'missing "lladdr"' scsiip peer add dev sip0 lun 1:2:3:4
says 1 'option "-q"' scsiip -q
says 2 'namespace "nowhere"' scsiip -n nowhere link

# --- with it ---

step "three hosts, two of which have two paths to each other, and a fourth"
for i in 1 2 3 4; do
	bus_host "$i"
	[ "$i" = 4 ] || bus_link "$i" "$i" 0
done
bus_link 1 11 1
bus_link 2 12 1
wait_until 30 json_is peer 'map(.paths | length) | sort | join(" ")' "1 2" -n h1 peer
wait_until 30 json_is peer 'map(.state) | join(" ")' "up up" -n h1 peer
for i in 1 2 3; do
	wait_until 30 link_ready "sip$i" "h$i"
done
run ip netns exec h1 ping -q -c 2 -i 0.2 "$(lab_ip 2)"

step "link"
says 0 "interface: sip1.*state: up.*address: $(lladdr 1).*mtu: 65535.*peers: 2" scsiip -n h1 link
says 0 "^ifname sip1 state up lladdr $(lladdr 1) mtu 65535" scsiip -n h1 -o link show dev sip1
says 0 'tx_completed: [1-9]' scsiip -n h1 -s l sip1
json link '.[0].statistics.tx_completed' -n h1 -s link
assert_ge "tx_completed" 2 "$said"
assert_eq "serial" "$(serial sip1)" "$(jq -r '.[].serial' "$json")"
json link length link
assert_eq "interfaces in the initial namespace" 0 "$said"
says 0 $'"mtu": 65535,\n' scsiip -n h1 -j -p link
says 0 $'\033\\[1;36msip1' scsiip -n h1 -c link
says 0 $'^interface: sip1\n' scsiip -n h1 -c=auto link
NO_COLOR=1 says 0 $'^interface: sip1\n' scsiip -n h1 link
# a terminal gets colours, unless it does not want them
script -q -c "scsiip -n h1 link" /dev/null < /dev/null > /tmp/terminal
assert_match "on a terminal" $'\033\\[1;36msip1' "$(cat /tmp/terminal)"
NO_COLOR=1 script -q -c "scsiip -n h1 link" /dev/null < /dev/null > /tmp/terminal
assert_match "on one that wants none" 'interface: sip1' "$(cat /tmp/terminal)"
script -q -c "scsiip -n h1 -c=never link" /dev/null < /dev/null > /tmp/terminal
assert_match "never" 'interface: sip1' "$(cat /tmp/terminal)"

step "settings, by ip and by the tool"
says 0 '' ip link add sip0 type scsiip network lab arp_negative_ttl 5
says 0 'scsiip network lab arp_negative_ttl 5 ' ip -d link show sip0
assert_eq "ip -j" '{"network":"lab","arp_negative_ttl":5}' \
	"$(ip -d -j link show sip0 | jq -c '.[].linkinfo.info_data')"
says 0 '' ip link set sip0 type scsiip arp_negative_ttl 7
json link '.[0] | "\(.network) \(.arp_negative_ttl)"' link show sip0
assert_eq "set by ip" "lab 7" "$said"
says 0 '' scsiip link set sip0 arp 0 n other
says 0 'scsiip network other arp_negative_ttl 0 ' ip -d link show sip0
says 0 '' scsiip link set dev sip0 network ''
says 0 'scsiip arp_negative_ttl 0 ' ip -d link show sip0
says 1 'arp_negative_ttl: "86401"' ip link set sip0 type scsiip arp_negative_ttl 86401
says 1 'network: "a b"' ip link set sip0 type scsiip network "a b"
says 1 'what is "colour"' ip link set sip0 type scsiip colour red
says 1 'network NAME' ip link add type scsiip help
says 1 'arp_negative_ttl: "86401"' scsiip link set sip0 arp_negative_ttl 86401

step "peer"
two=$(lladdr 2)
three=$(lladdr 3)
says 0 "peer: $two.*interface: sip1.*state: up.*path: .*path: " scsiip -n h1 peer
says 0 '' scsiip -n h1 peer set dev sip1 lladdr "$two" name hostb
says 0 "^peer: $two"$'\n  name: hostb' scsiip -n h1 p s sip1 ll "$two"
says 0 "lladdr $two name hostb ifname sip1 state up" scsiip -n h1 -o peer
says 2 'another peer of the interface has this name' \
	scsiip -n h1 peer set dev sip1 lladdr "$three" name hostb
json peer '.[] | select(.name == "hostb") | .paths | length' -n h1 -s peer dev sip1
assert_eq "paths of hostb" 2 "$said"
says 2 'no peer with this link-layer address' \
	scsiip -n h1 peer del dev sip1 lladdr 02:00:00:00:00:99
says 2 'own link-layer address' scsiip -n h1 peer add dev sip1 lladdr "$(lladdr 1)" lun naa.60
json peer length peer
assert_eq "peers of the initial namespace" 0 "$said"

step "lun"
json lun '.[] | select(.name == "hostb") | .lun' -n h1 lun
luns=$said
assert_eq "units of hostb" 2 "$(wc -w <<< "$luns")"
lun=$(head -n 1 <<< "$luns")
says 0 "LUN .*STATE .*$lun +up +auto +sip1 +hostb +$two" scsiip -n h1 lun
says 0 "^lun: $lun.*vendor: LIO-ORG.*model: COMM" scsiip lun "$lun"
says 0 "tx_direct" scsiip -n h1 -s lun show "$lun"
says 2 'no logical unit of type 09h' scsiip lun 99:0:0:0
says 0 '' scsiip lun detach "$lun"
json_is lun '.[0] | "\(.state) \(.policy) \(.ifname)"' "detached detach null" lun "$lun"
says 0 '' scsiip -n h1 lun attach "$lun" dev sip1
wait_until 10 json_is lun '.[0] | "\(.state) \(.policy) \(.ifname)"' "up attach sip1" -n h1 lun "$lun"
says 0 '' scsiip lun pin "$lun" lladdr 02:00:00:00:00:77
wait_until 10 json_is lun '.[0] | "\(.state) \(.pinned)"' "mismatch true" lun "$lun"
says 0 '' scsiip lun pin "$lun" lladdr none
says 0 '' scsiip lun auto "$lun"
wait_until 10 json_is lun '.[0] | "\(.state) \(.policy) \(.pinned)"' "up auto false" lun "$lun"

step "arp, and ip neigh"
run ip netns exec h1 ping -q -c 1 "$(lab_ip 2)"
assert_fails ip netns exec h1 ping -q -c 1 -W 4 "$(lab_ip 99)"
says 0 "$(lab_ip 2) +sip1 +$two +hostb +(reachable|stale|delay|probe) " scsiip -n h1 arp
json arp ".[] | select(.address == \"$(lab_ip 99)\") | .state" -n h1 arp
assert_eq "who did not answer" negative "$said"
assert_eq "there is an end to it" 1 \
	"$(jq 'map(select(.state == "negative" and .expires_ms > 0 and .expires_ms <= 20000)) | length' "$json")"
says 0 '' scsiip -n h1 arp add "$(lab_ip 50)" lladdr "$two" dev sip1
says 0 '' scsiip -n h1 arp add fd00:5c51::50 ll "$three" dev sip1
says 0 "$(lab_ip 50) dev sip1 lladdr $two PERMANENT" ip -n h1 neigh show nud permanent
says 0 "fd00:5c51::50 .*PERMANENT" ip -n h1 neigh
run ip -n h1 neigh add "$(lab_ip 51)" dev sip1 lladdr "$three" nud permanent
says 0 "$(lab_ip 51) +sip1 +$three +- +static" scsiip -n h1 arp dev sip1
says 0 '' scsiip -n h1 arp del "$(lab_ip 50)" dev sip1
assert_eq "deleted here, gone there" "" "$(ip -n h1 neigh show "$(lab_ip 50)" dev sip1)"
run ip -n h1 neigh del "$(lab_ip 51)" dev sip1
json arp "map(select(.address == \"$(lab_ip 51)\")) | length" -n h1 arp
assert_eq "deleted there, gone here" 0 "$said"
says 2 'no such entry' scsiip -n h1 arp del "$(lab_ip 50)" dev sip1
says 0 '' scsiip -n h1 arp flush negative
json_is arp "map(.state) | contains([\"negative\"])" false -n h1 arp
assert_match "the others stay" "$(lab_ip 2)" "$(scsiip -n h1 arp)"
# A host heard just after the flush (a router solicitation will do) is known again, rightly.
flush_leaves_static() {
	scsiip -n h1 arp flush dev sip1 &&
		json_is arp 'map(.state) | unique | join(" ")' static -n h1 arp
}
wait_until 30 flush_leaves_static
says 0 '' scsiip -n h1 arp del fd00:5c51::50 dev sip1

step "monitor: a bus endpoint goes and returns"
scsiip -n h1 -j monitor > /tmp/json/h1.monitor &
monitors=($!)
scsiip -n h1 monitor dev sip1 > /tmp/events &
monitors+=($!)

# events NAMESPACE NAME LLADDR: how many were told
events() {
	jq -s "map(select(.event == \"$2\" and .lladdr == \"$3\")) | length" "/tmp/json/$1.monitor"
}

# event NAMESPACE NAME LLADDR [TIMES]: was it told, that often?
event() {
	[ "$(events "$1" "$2" "$3")" -ge "${4:-1}" ]
}

# monitored: something happens until the monitors tell
monitored() {
	scsiip -n h1 peer set dev sip1 lladdr "$three" name c
	grep -q peer-change /tmp/events && grep -q peer-change /tmp/json/h1.monitor
}
wait_until 10 monitored
bus_unplug 3
wait_until 20 event h1 path-del "$three"
wait_until 20 event h1 peer-down "$three"
bus_plug 3
wait_until 20 event h1 path-new "$three"
wait_until 20 event h1 path-state "$three"
wait_until 20 event h1 peer-up "$three"
assert_match "for people" "peer-up sip1 $three" "$(cat /tmp/events)"
kill "${monitors[@]}"
cat /tmp/events

step "a peer behind a unit that is not there yet, then over iSCSI"
four=$(lladdr 4)
designator=$(grep -l . "$(comm_dir sip4)/wwn/vpd_unit_serial" | xargs cat |
	sed 's/.*: //; s/-//g; s/^/naa.6001405/' | cut -c 1-36)
says 0 '' scsiip peer add dev sip0 lladdr "$four" lun "$designator" name hostd
says 0 "peer: $four"$'\n  name: hostd\n.*state: unbound\n  static: yes' scsiip peer
run ip link set sip0 up
scsiip -j monitor sip0 > /tmp/json/init.monitor &
monitor=$!
iscsi_target - "$(comm_dir sip4)"
iscsid_start
iscsi_login "$HOST"
wait_until 30 json_is peer '.[].state' up peer
json lun '.[] | select(.transport == "iscsi_tcp") | "\(.lun) \(.ifname) \(.name)"' lun
assert_match "the unit" ' sip0 hostd$' "$said"

step "monitor: its session drops, and comes back"
wait_until 10 event init peer-up "$four"
tpg=$TARGET/iscsi/$(iqn "$HOST")/tpgt_1
echo 0 > "$tpg/enable"
wait_until 30 event init peer-down "$four"
says 0 "state: down.*state: blocked" scsiip peer
echo 1 > "$tpg/enable"
wait_until 60 event init peer-up "$four" 2
assert_ge "changes of the path" 2 "$(events init path-state "$four")"
says 0 "state: up.*path: [0-9:]+"$'\n    state: up' scsiip peer
kill $monitor
says 0 '' scsiip peer del dev sip0 lladdr "$four"
json peer length peer
assert_eq "peers of sip0" 0 "$said"
iscsi_logout "$HOST"
iscsid_stop
iscsi_untarget -

step "two paths, one is pulled under a stream"
# sent LUN: bytes that went that way to hostb
sent() {
	scsiip -n h1 -j -s peer dev sip1 | jq ".[] | select(.name == \"hostb\") | .paths[] |
		select(.lun == \"$1\") | .statistics.tx_completed_bytes"
}
# goes_by: the way that a megabyte of the stream has taken
goes_by() {
	way=$(scsiip -n h1 -j -s peer dev sip1 | jq -r '.[] | select(.name == "hostb") | .paths[] |
		select(.statistics.tx_completed_bytes > 1000000) | .lun')
	[ -n "$way" ]
}
for lun in $luns; do
	assert_le "sent so far" 100000 "$(sent "$lun")"
done
# some seconds' worth, on any machine
run tc -n h1 qdisc add dev sip1 root tbf rate 24mbit burst 256kb latency 1s
ip netns exec h2 "$traffic" tcp-receive 7002 1 > /dev/null &
receiver=$!
wait_until 20 listening tcp 7002 h2
ip netns exec h1 "$traffic" tcp-send "$(lab_ip 2)" 7002 $((24 << 20)) plain &
sender=$!
wait_until 60 goes_by
other=$(grep -v -x "$way" <<< "$luns")
assert_le "sent by the other path" 100000 "$(sent "$other")"
# the endpoint whose bus that way is on: 2 or 12
pulled=2
[ "${way%%:*}" = "$(cat "$(bus_tpg 1)/host")" ] || pulled=12
bus_unplug $pulled
says 0 "name: hostb.*path: $other"$'\n    state: up' scsiip -n h1 -s peer show sip1 lladdr "$two"
wait $sender
wait $receiver
json peer '.[] | select(.name == "hostb") | "\(.state) \(.paths | map(.lun) | join(" "))"' -n h1 -s peer
assert_eq "what is left" "up $other" "$said"
assert_ge "sent by the other path" 1000000 "$(sent "$other")"
run tc -n h1 qdisc del dev sip1 root
bus_plug $pulled
wait_until 20 json_is peer '.[] | select(.name == "hostb") | .paths | length' 2 -n h1 peer

step "batches"
cat > /tmp/batch <<'END'
# a comment
link set sip0 network 'lab'  # and another

peer set dev sip0 lladdr 02:00:00:00:00:99 name nobody
link set sip0 network never
END
says 2 '^scsiip: /tmp/batch:4: peer set: .*no peer' scsiip -b /tmp/batch
says 1 '^scsiip: /tmp: cannot be read' scsiip -b /tmp
json link '.[].network' link
assert_eq "up to there" lab "$said"
says 1 '^scsiip: -:1: link set: network' scsiip -b - <<< 'link set sip0 network "a b"'
says 0 'interface: sip1' scsiip -n h1 -b - <<< link

step "completion"
# completes EXPECTED WORD…
completes() {
	local expected=$1 COMP_LINE COMP_POINT COMP_WORDS COMP_CWORD COMPREPLY=()
	shift
	COMP_LINE="$*" COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	COMP_POINT=${#COMP_LINE}
	_scsiip || :
	assert_match "completion of: $*" "$expected" "${COMPREPLY[*]}"
}
# it was not written for errors to be fatal
set +eu
trap - ERR
. /usr/share/bash-completion/bash_completion
. /usr/share/bash-completion/completions/scsiip
completes '^link peer lun arp monitor help$' scsiip ''
completes '^peer$' scsiip pe
completes 'list add set del' scsiip peer ''
completes '-netns' scsiip -n
completes 'sip1' scsiip -n h1 link show dev ''
completes '^sip0$' scsiip link set si
completes 'network arp_negative_ttl' scsiip link set sip0 ''
completes "$(head -n 1 <<< "$luns")" scsiip lun attach ''
completes "$two" scsiip -n h1 peer del dev sip1 lladdr ''
completes 'lladdr dev' scsiip arp add "$(lab_ip 9)" ''
run ip netns exec h1 ping -q -c 1 "$(lab_ip 2)"
completes "$(lab_ip 2)" scsiip -n h1 arp del ''
set -eu
trap 'on_error $? "$BASH_COMMAND"' ERR

step "unprivileged"
for object in link peer lun arp; do
	says 0 '' "${nobody[@]}" scsiip "$object"
done
says 2 'CAP_NET_ADMIN' "${nobody[@]}" scsiip lun detach "$lun"
says 2 'CAP_NET_ADMIN' "${nobody[@]}" scsiip peer add dev sip0 lladdr 02:00:00:00:00:99 lun naa.60
says 2 'CAP_NET_ADMIN' "${nobody[@]}" scsiip arp flush
says 2 'not permitted' "${nobody[@]}" scsiip link set sip0 network x
says 2 'CAP_NET_ADMIN' "${nobody[@]}" scsiip arp add 10.0.0.9 lladdr 02:00:00:00:00:99 dev sip0
says 2 'not permitted' "${nobody[@]}" scsiip -n h1 link
# root, but only there
says 0 '^$' unshare -r -n scsiip lun
says 2 'CAP_NET_ADMIN in the initial user namespace' unshare -r -n sh -c \
	"ip link add sip9 type scsiip && scsiip lun attach $lun dev sip9"
says 2 'CAP_NET_ADMIN in the initial user namespace' unshare -r -n sh -c \
	'ip link add sip9 type scsiip && scsiip link set sip9 network lab'

step "the wrong namespace, the wrong interface, and one that has gone"
says 2 'sip1: no such interface in this network namespace' scsiip peer dev sip1
says 2 'sip1: no such interface' scsiip -n h2 link set sip1 network x
says 2 'lo: not an interface of kind scsiip' scsiip arp dev lo
says 2 'lo: not an interface of kind scsiip' scsiip lun attach "$lun" dev lo
run ip link del sip0
says 2 'sip0: no such interface' scsiip link show sip0
says 2 'sip0: no such interface' scsiip monitor sip0

step "all the JSON"
"$valid" /tmp/json/*

step "nothing is left"
for i in 11 12 1 2 3; do
	bus_unplug "$i"
	bus_endpoint_delete "$i"
done
for i in 1 2 3 4; do
	bus_host_delete "$i"
done
bus_unload
comm_unload
run make -s -C "$REPO/userspace" O="$REPO/build/userspace" PREFIX=/usr uninstall
assert_fails test -e /usr/sbin/scsiip
