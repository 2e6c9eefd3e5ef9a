# Generic netlink: strictness, privileges, dumps under change, events, peers
#
# check: 6.1
# guests: 1
# timeout: 400
# memory: 1536
#
#	namespace h1		namespace h2		the initial one
#	  sip1			  sip2			  sip0
#	    | behind LUN 0 of	    |			    | tcm_loop
#	  naa.5001405000000001	  …02			  unit of sip2, 24 times
#	  ==+=======================+==  bus 0		  TCMU: no identity page
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/tools/scsi.sh"
genl=$REPO/tests/tools/genl
listeners=()

# on N CMD…: in namespace hN
on() {
	ip netns exec "h$1" "${@:2}"
}

# listen N: to the events of namespace hN
listen() {
	on "$1" "$genl" listen "/tmp/events.$1" &
	listeners+=($!)
	wait_until 20 grep -q listening "/tmp/events.$1"
	echo 1 > "/tmp/told.$1"
}

# news N: the events in namespace hN that were not yet told, in words
news() {
	tail -n "+$(($(< "/tmp/told.$1") + 1))" "/tmp/events.$1" |
		jq -r '[.event, .ifname, .name // .lladdr, .lun // empty, .path_state // .peer_state] | join(" ")'
}

# told N REGEX: they come to match it
told() {
	local end
	end=$(deadline 20)
	until [[ $(news "$1") =~ $2 ]]; do
		[ $SECONDS -lt "$end" ] || fail "events of $1: expected '$2', got '$(news "$1")'"
		sleep 0.2
	done
	wc -l < "/tmp/events.$1" > "/tmp/told.$1"
}

# peer N LLADDR FIELD: of the interface sipN
peer() {
	on "$1" "$genl" peer-get "ifname=sip$1" "lladdr=$2" | jq -r "$3"
}

peer_is() {
	[ "$(peer "$1" "$2" .peer_state)" = "$3" ]
}

# unbound IFNAME LLADDR: of the initial namespace
unbound() {
	"$genl" peer-get "ifname=$1" "lladdr=$2" | jq -e '.peer_state == "unbound"'
}

# naa NAME: the designator that LIO makes of the unit serial number
naa() {
	local digits
	digits=$(serial "$1" | tr -d -)
	echo "6001405${digits:0:25}"
}

step "two hosts on a bus, not yet plugged in"
for i in 1 2; do
	bus_host $i
	bus_endpoint $i "$(comm_dir sip$i)"
	listen $i
done
lladdr1=$(on 1 cat /sys/class/net/sip1/address)
lladdr2=$(on 2 cat /sys/class/net/sip2/address)
on 1 "$genl" link-get ifname=sip1 |
	jq -e ".lladdr == \"$lladdr1\" and .mtu == 65535 and .peers == 0 and .network == \"\" and
	       .arp_negative_ttl == 20 and .serial == \"$(serial sip1)\""
assert_eq "names of the counters" \
	"$(on 1 ethtool -S sip1 | awk 'NR > 1 { print $1 }' | tr -d :)" \
	"$(on 1 "$genl" link-get ifname=sip1 | jq -r '.counters | keys_unsorted[]')"

step "what is malformed, missing or unknown"
here=ifname=sip1 unit="designator_type=3 designator=00"
on 1 "$genl" expect << END
link-get => EINVAL interface missing [missing ifindex]
link-get $here ifindex=2 => EINVAL interface by index or by name, not both
link-get ifname=sip2 => ENODEV no such interface in this network namespace
link-get ifindex=2147483647 => ENODEV no such interface in this network namespace
link-get ifindex=0 => ERANGE integer out of range
peer-get ifname=lo lladdr=020000000001 => EINVAL not an interface of kind scsiip
link-get raw=3: => EINVAL Attribute failed policy validation
link-get raw=2:0300 => EINVAL
link-get raw=2:030000000000 => EINVAL
link-get ifname=0123456789abcdef => EINVAL Attribute failed policy validation
link-get raw=3:73697031 => EINVAL
peer-get $here lladdr=020000000001 raw=1: => EINVAL Unsupported attribute
link-get $here mtu=1500 => EINVAL Unknown attribute type
link-get $here raw=16383:00 => EINVAL Unknown attribute type
link-get $here reserved=1 => EINVAL genlmsghdr.reserved field is not 0
peer-get $here => EINVAL link-layer address missing [missing lladdr]
peer-get $here lladdr=0200000000 => ERANGE
peer-get $here lladdr=02000000000102 => ERANGE
peer-get $here lladdr=020000000001 => ENOENT the interface has no peer with this link-layer address
peer-get dump lladdr=020000000001 => EINVAL
peer-get dump ifname=sip2 => ENODEV
lun-get dump lun=0:0:0:0 => EINVAL
lun-get => EINVAL logical unit missing [missing lun]
lun-get lun=99:0:0:0 => ENODEV no logical unit of type 09h at this H:C:T:L
lun-set policy=auto => EINVAL logical unit missing [missing lun]
lun-set lun=99:0:0:0 => EINVAL nothing to set: neither policy nor link-layer address
lun-set lun=99:0:0:0 policy=none => ENODEV no logical unit of type 09h at this H:C:T:L
lun-set lun=99:0:0:0 policy=3 => ERANGE integer out of range
lun-set lun=99:0:0:0 policy=netdev => EINVAL interface missing
lun-set lun=99:0:0:0 policy=auto $here => EINVAL an interface goes with the policy
lun-set lun=99:0:0:0 lladdr=010000000001 => EADDRNOTAVAIL not a unicast
peer-add $here $unit => EINVAL link-layer address missing
peer-add $here $unit lladdr=000000000000 => EADDRNOTAVAIL not a unicast
peer-add $here $unit lladdr=$lladdr1 => EADDRINUSE this is the interface's own
peer-add $here lladdr=020000000001 => EINVAL logical unit by H:C:T:L or by designator
peer-add $here lladdr=020000000001 $unit lun=1:0:0:0 => EINVAL logical unit by H:C:T:L or by designator
peer-add $here lladdr=020000000001 designator=00 => EINVAL a designator is a type and an identifier
peer-add $here lladdr=020000000001 lun=99:0:0:0 => ENODEV no logical unit of type 09h
peer-add $here lladdr=020000000001 designator_type=3 designator=$(hex 129 0) => ERANGE
peer-add $here lladdr=020000000001 designator_type=0 designator=00 => ERANGE
peer-add $here $unit lladdr=020000000001 name=a%20b => EINVAL peer name must be printable
peer-add $here $unit lladdr=020000000001 name=12345678901234567890123456789012 => EINVAL Attribute failed policy validation
peer-add $here $unit lladdr=020000000001 initiator=a%20b => EINVAL initiator name must be printable
peer-set $here lladdr=020000000001 => EINVAL nothing to set: neither name nor initiator
peer-set $here lladdr=020000000001 name=x => ENOENT
peer-del $here lladdr=020000000001 => ENOENT
arp-del $here address=10.0.0.2 => ENOENT the interface has no such entry
arp-del $here raw=31:0000000000 => EINVAL an IP address has 4 or 16 bytes
arp-del $here arp_state=2 => ERANGE
42 => ENOTSUP
arp-get $here => ENOTSUP
peer-add dump => ENOTSUP
END

step "a peer whose unit is not there yet"
on 1 "$genl" peer-add $here "lladdr=$lladdr2" designator_type=3 "designator=$(naa sip2)" name=hostb
peer_is 1 "$lladdr2" unbound
on 1 "$genl" expect << END
peer-add $here $unit lladdr=$lladdr2 => EEXIST the interface has a peer with this
peer-add $here lladdr=020000000001 designator_type=3 designator=$(naa sip2) => EEXIST the logical unit is a peer
peer-add $here $unit lladdr=020000000001 name=hostb => EEXIST another peer of the interface has this name
END
told 1 '^peer_new sip1 hostb unbound$'
for i in 1 2; do
	bus_plug $i
done
wait_until 20 peer_is 1 "$lladdr2" up
wait_until 20 peer_is 2 "$lladdr1" up
lun2=$(peer 1 "$lladdr2" '.paths[0].lun')
told 1 "^path_new sip1 hostb $lun2 new
path_state sip1 hostb $lun2 up
peer_up sip1 hostb up
peer_change sip1 hostb up$"
told 2 "^peer_new sip2 $lladdr1 unbound
path_new sip2 $lladdr1 .* new
path_state sip2 $lladdr1 .* up
peer_up sip2 $lladdr1 up
peer_change sip2 $lladdr1 up$"
run on 1 ping -q -c 3 -i 0.2 -s 60000 "$(lab_ip 2)"
peer 1 "$lladdr2" '.counters.tx_completed, .counters.tx_completed_bytes, .paths[0].counters.tx_completed' > /tmp/counted
cat /tmp/counted
assert_ge "bytes that the peer counted" 180000 "$(sed -n 2p /tmp/counted)"
assert_ge "what the only path counted" "$(sed -n 1p /tmp/counted)" "$(sed -n 3p /tmp/counted)"

step "it goes and returns, and is named anew"
bus_unplug 2
wait_until 20 peer_is 1 "$lladdr2" unbound
told 1 "^path_del sip1 hostb $lun2 unattached
peer_down sip1 hostb unbound$"
on 1 "$genl" peer-set $here "lladdr=$lladdr2" name=bee initiator=iqn.x,i,0x1
assert_eq "initiator" iqn.x,i,0x1 "$(peer 1 "$lladdr2" .initiator)"
on 1 "$genl" peer-set $here "lladdr=$lladdr2" initiator=
bus_plug 2
wait_until 20 peer_is 1 "$lladdr2" up
assert_eq "name" bee "$(peer 1 "$lladdr2" .name)"
lun2=$(peer 1 "$lladdr2" '.paths[0].lun')
told 1 "^peer_change sip1 bee unbound
peer_change sip1 bee unbound
path_new sip1 bee $lun2 new
path_state sip1 bee $lun2 up
peer_up sip1 bee up
peer_change sip1 bee up$"

step "deleted, its unit is left alone until told otherwise"
on 1 "$genl" peer-del $here "lladdr=$lladdr2"
told 1 "^path_del sip1 bee $lun2 detached
peer_down sip1 bee unbound
peer_del sip1 bee unbound$"
assert_eq "state of its path" "detached none" \
	"$("$genl" lun-get "lun=$lun2" | jq -r '"\(.path_state) \(.policy)"')"
on 1 "$genl" lun-set "lun=$lun2" policy=auto
wait_until 20 peer_is 1 "$lladdr2" up
assert_eq "static" null "$(peer 1 "$lladdr2" .static)"

step "a pin that what the unit announces does not agree with"
on 1 "$genl" expect << END
lun-set lun=$lun2 lladdr=020000000077 => []
lun-get lun=$lun2 => "path_state": "mismatch" & "lladdr": "02:00:00:00:00:77" & "pinned": true
peer-get $here lladdr=$lladdr2 => "peer_state": "down"
END
assert_fails on 1 ping -q -c 1 -W 1 "$(lab_ip 2)"
on 1 "$genl" expect << END
lun-set lun=$lun2 lladdr=$lladdr2 => []
peer-get $here lladdr=$lladdr2 => "peer_state": "up"
lun-set lun=$lun2 lladdr=000000000000 => []
peer-del $here lladdr=$lladdr2 => []
peer-add $here lladdr=020000000077 lun=$lun2 => []
peer-get $here lladdr=020000000077 => "peer_state": "down" & "path_state": "mismatch"
peer-del $here lladdr=020000000077 => []
lun-get lun=$lun2 => "path_state": "detached", "policy": "none"
peer-add $here lladdr=$lladdr2 lun=$lun2 => []
peer-get $here lladdr=$lladdr2 => "peer_state": "up"
lun-get lun=$lun2 => "policy": "netdev" & "ifname": "sip1"
END

step "tracepoints, and why the kernel thinks a datagram was dropped"
trace=/sys/kernel/debug/tracing
# shellcheck disable=SC2086 # words
on 1 "$genl" peer-add $here $unit lladdr=020000000098
ip -n h1 neigh add 10.0.0.98 lladdr 02:00:00:00:00:98 dev sip1
ip -n h1 neigh add 10.0.0.99 lladdr 02:00:00:00:00:99 dev sip1
for event in scsiip skb/kfree_skb; do
	echo 1 > $trace/events/$event/enable
done
on 1 ping -q -c 1 "$(lab_ip 2)"
assert_fails on 1 ping -q -c 1 -W 1 10.0.0.98
assert_fails on 1 ping -q -c 1 -W 1 10.0.0.99
for event in scsiip skb/kfree_skb; do
	echo 0 > $trace/events/$event/enable
done
grep -E 'scsiip_|DEV_READY' $trace/trace | tee /tmp/trace
for line in "scsiip_submit: peer=$lladdr2 path=$lun2 protocol=0800 len=84 what=tx_direct" \
	    "scsiip_complete: peer=$lladdr2 path=$lun2 protocol=0800 len=84 what=tx_completed" \
	    "scsiip_receive: dev=sip2 protocol=0800 len=84 what=rx_zero_copy" \
	    "scsiip_drop: lladdr=02:00:00:00:00:98 protocol=0800 len=84 reason=tx_no_path" \
	    "reason: DEV_READY" \
	    "scsiip_drop: lladdr=02:00:00:00:00:99 protocol=0800 len=84 reason=tx_no_peer"; do
	grep -q "$line" /tmp/trace || fail "not traced: $line"
done
on 1 "$genl" peer-del $here lladdr=020000000098

step "a unit without identity page, by a pin and by a peer that is added"
target_load tcm_loop target_core_user
run modprobe uio
comm_create sip0
loop=$TARGET/loopback/naa.5001405000000003/tpgt_1
so=$TARGET/core/user_0/silent
mkdir -p "$loop" "$so"
echo naa.6001405000000003 > "$loop/nexus"
echo "dev_size=1048576,cmd_ring_size_mb=1,max_data_area_mb=2" > "$so/control"
echo 1 > "$so/enable"
uio=$(grep -l -E "^tcm-user/[0-9]+/silent$" /sys/class/uio/*/name)
uio=${uio%/name}
"$TOOLS/hostile" "${uio##*/}" lladdr=020000000600 serial=1 identity=none &
hostile=$!
lun_link "$loop/lun/lun_0" "$so"
silent=$(< "$loop/address"):0
wait_until 30 path_is "$silent" no-identity
"$genl" lun-get "lun=$silent" | jq -e '.designator and (.lladdr | not)'
"$genl" lun-set "lun=$silent" policy=netdev ifname=sip0
path_is "$silent" no-identity
"$genl" lun-set "lun=$silent" lladdr=020000000600
wait_until 20 path_is "$silent" up
"$genl" lun-get "lun=$silent" | jq -e '.ifname == "sip0" and .pinned and .lladdr == "02:00:00:00:06:00"'
"$genl" peer-get ifname=sip0 lladdr=020000000600 | jq -e '.peer_state == "up" and .mtu == 65535'
"$genl" lun-set "lun=$silent" lladdr=000000000000 policy=auto
wait_until 20 path_is "$silent" no-identity
"$genl" peer-del ifname=sip0 lladdr=020000000600
# shellcheck disable=SC2046 # words
"$genl" peer-add ifname=sip0 lladdr=020000000601 name=silent $("$genl" lun-get "lun=$silent" |
	jq -r '"designator_type=\(.designator_type) designator=\(.designator)"')
wait_until 20 path_is "$silent" up
"$genl" peer-get ifname=sip0 lladdr=020000000601 |
	jq -e '.static and .name == "silent" and .peer_state == "up"'
lun_unlink "$loop/lun/lun_0"
kill $hostile
wait $hostile || :
rmdir "$so"
echo NULL > "$loop/nexus"
rmdir "$loop" "$(dirname "$loop")"
wait_until 20 unbound sip0 020000000601
"$genl" peer-del ifname=sip0 lladdr=020000000601

step "who may do what"
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
assert_eq "units that nobody sees" "$lun2" \
	"$(on 1 "${as_nobody[@]}" "$genl" lun-get dump | jq -r .lun)"
assert_ge "units that root sees" 2 "$(on 1 "$genl" lun-get dump | wc -l)"
initial="EPERM CAP_NET_ADMIN in the initial user namespace needed"
over="EPERM CAP_NET_ADMIN over the network namespace needed"
hidden="ENODEV no logical unit of type 09h at this H:C:T:L, or not for you to see"
on 1 "${as_nobody[@]}" "$genl" expect << END
link-get dump => "ifname": "sip1"
peer-get dump => $lladdr2
lun-get lun=$lun2 => "ifname": "sip1"
lun-get lun=99:0:0:0 => $hidden
lun-set lun=$lun2 policy=none => $initial
peer-add $here $unit lladdr=020000000001 => $initial
peer-del $here lladdr=$lladdr2 => $initial
peer-set $here lladdr=$lladdr2 name=x => $over
arp-del $here => $over
END
unshare -U -r -n bash -c "ip link add sipx type scsiip && $genl expect" << END
link-get dump => "ifname": "sipx"
lun-get dump => []
lun-get lun=$lun2 => $hidden
lun-set lun=$lun2 policy=netdev ifname=sipx => $initial
peer-add ifname=sipx $unit lladdr=020000000001 => $initial
peer-del ifname=sipx lladdr=020000000001 => $initial
peer-set ifname=sipx lladdr=020000000001 initiator=x => $initial
peer-set ifname=sipx lladdr=020000000001 name=x => ENOENT the interface has no peer with this
arp-del ifname=sipx => []
END

step "a peer with more paths than a message holds"
# of one that was added there any path to its unit becomes a way
on 1 "$genl" expect << END
peer-del $here lladdr=$lladdr2 => []
lun-set lun=$lun2 policy=auto => []
END
loop=$TARGET/loopback/naa.5001405000000004/tpgt_1
mkdir -p "$loop"
echo naa.6001405000000004 > "$loop/nexus"
for i in {0..23}; do
	lun_link "$loop/lun/lun_$i" "$(comm_dir sip2)"
done
"$genl" peer-add ifname=sip0 "lladdr=$lladdr2" designator_type=3 "designator=$(naa sip2)"
for i in {0..23}; do
	wait_until 20 path_is "$(< "$loop/address"):$i" up
done
"$genl" peer-get dump ifname=sip0 size=4096 > /tmp/parts
assert_ge "messages for one peer" 2 "$(wc -l < /tmp/parts)"
assert_eq "addresses in them" "$lladdr2" "$(jq -r .lladdr /tmp/parts | uniq)"
assert_eq "messages with a state" 1 "$(jq -r '.peer_state // empty' /tmp/parts | wc -l)"
assert_eq "paths" "$(for i in {0..23}; do echo "$(< "$loop/address"):$i"; done)" \
	"$(jq -r '.paths[].lun' /tmp/parts | sort -V)"
assert_eq "messages of 32 KiB" 1 "$("$genl" peer-get dump ifname=sip0 | wc -l)"
assert_eq "paths in a reply" 24 "$("$genl" peer-get ifname=sip0 "lladdr=$lladdr2" | jq '.paths | length')"
for i in {0..23}; do
	lun_unlink "$loop/lun/lun_$i"
done
echo NULL > "$loop/nexus"
rmdir "$loop" "$(dirname "$loop")"

step "1,024 peers, while others come and go and some are renamed"
ip link add many type scsiip
run "$genl" add many 1024
assert_eq "peers" 1024 "$("$genl" peer-get dump ifname=many | jq -r .lladdr | sort -u | wc -l)"
run "$genl" churn many 1024 8

step "a dump whose interface moves or goes away in the middle"
"$genl" meanwhile many ip link set many netns h1 | tee /tmp/meanwhile
came() {
	[ "$(grep -c '"peer_new", .*"many"' /tmp/events.1)" -ge 1024 ]
}
wait_until 20 came
on 1 "$genl" meanwhile many ip link del many | tee -a /tmp/meanwhile
# one message was ready by then
assert_eq "dumps that have ended well" 2 \
	"$(grep -c -E '^[0-9]+ before, [0-9]{1,2} after, end 0$' /tmp/meanwhile)"
"$genl" peer-get dump > /dev/null

step "sockets and half of a dump outlive interfaces, namespaces and the family"
ip netns add gone
ip -n gone link add sipg type scsiip
ip netns exec gone "$genl" add sipg 64
ip netns exec gone "$genl" listen /tmp/events.gone &
listeners+=($!)
wait_until 20 grep -q listening /tmp/events.gone
ip netns del gone
for i in 1 2; do
	bus_endpoint_delete $i
	bus_host_delete $i
done
comm_delete sip0
bus_unload
rmdir "$TARGET"/core/user_0 "$TARGET"/loopback
comm_unload
kill "${listeners[@]}"
assert_fails "$genl" link-get dump
