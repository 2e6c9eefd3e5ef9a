# Who is asked for an address, on a bus of sixteen, and by how many commands
#
# check: none
# guests: 1
# timeout: 400
# memory: 1536
#
#	namespace h1		namespace h2	…	namespace h16
#	  sip1 10.0.0.1		  sip2 .2		  sip16 .16
#	    | behind LUN 0 of	    |			    |
#	  naa.5001405000000001	  …02			  …10
#	  ==+=======================+=======================+==  bus 0
#
# h1 asks; the SCSI mid-layer's tracepoint says whom. Host N has SCSI ID N - 1.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/tools/scsi.sh"
tracing=/sys/kernel/tracing
everybody=$(seq 15 | xargs)

# in_host N CMD…
in_host() {
	ip netns exec "h$1" "${@:2}"
}

# neighbour N KIND KEY=VALUE…: host N sends that packet
neighbour() {
	in_host "$1" "$REPO/tests/tools/neighbour" "sip$1" "${@:2}"
}

lladdr() {
	in_host "$1" cat "/sys/class/net/sip$1/address"
}

# address N: of host N, or of nobody, in the family of now
address() {
	case $family in
	IPv4) lab_ip "$1" ;;
	IPv6) lab_ip6 "$1" ;;
	esac
}

# ask N: h1's question for the address of host N
ask() {
	neighbour 1 "$question" owner="$(address 1)" target="$(address "$1")"
}

# tell N M KEY=VALUE…: N says that it has the address of M
tell() {
	neighbour "$1" "$answer" owner="$(address "$2")" "${@:3}"
}

# ping_once N: h1 does, after three seconds in vain if there is no N
ping_once() {
	in_host 1 ping -q -c 1 -W 5 "$(address "$1")"
}

ping_lost() {
	assert_fails ping_once "$1"
}

# ttl SECONDS: of the negative entries of h1
ttl() {
	assert_eq "negative TTL $1" OK \
		"$(in_host 1 "$TOOLS/newlink" sip1 change=1 ttl="$1")"
}

# asked: the SCSI IDs that h1 has sent questions to, in that order
asked() {
	sed -n "s/.*scsi_dispatch_cmd_start: host_no=$host .*id=\([0-9]*\) .*raw=$message.*/\1/p" \
		$tracing/trace | xargs
}

sorted() {
	tr ' ' '\n' <<< "$1" | sort -n | xargs
}

asked_so_many() {
	[ "$(asked | wc -w)" -ge "$1" ]
}

# asks IDS CMD…: these get a question while CMD runs, in any order, and no more
asks() {
	local ids=$1
	shift
	echo > $tracing/trace
	"$@"
	wait_until 10 asked_so_many "$(wc -w <<< "$ids")"
	sleep 0.3	# for those that must not come
	order=$(asked)
	echo "asked: ${order:-nobody}"
	assert_eq "asked by $*" "$ids" "$(sorted "$order")"
}

# counts NAME N [HOST]: how much has been counted since the last look
declare -A last
counts() {
	local who=${3:-1} now
	now=$(counter "sip$who" "$1" "h$who")
	assert_eq "$1 of h$who" "$2" $((now - ${last[$1.$who]:-0}))
	last[$1.$who]=$now
}

# counted NAME [HOST]: the last look is now
counted() {
	last[$1.${2:-1}]=$(counter "sip${2:-1}" "$1" "h${2:-1}")
}

# neighbour_of N: what h1's kernel has for the address of host N
neighbour_of() {
	ip -n h1 neigh show "$(address "$1")" dev sip1
}

# know_h1: h5 has no questions of its own, which h1 would answer
know_h1() {
	ip -n h5 neigh replace "$(address 1)" lladdr "$(lladdr 1)" nud permanent dev sip5
}

all_up() {
	[ "$(comm_paths up)" = 240 ]
}

all_ready() {
	local i
	for i in {1..16}; do
		link_ready "sip$i" "h$i" || return 1
	done
}

step "sixteen hosts, at first without IPv6"
for i in {1..16}; do
	bus_host "$i"
	in_host "$i" sysctl -q -w "net.ipv6.conf.sip$i.disable_ipv6=1"
	bus_endpoint "$i" "$(comm_dir "sip$i")"
done
for i in {1..16}; do
	bus_plug "$i"
done
host=$(cat "$(bus_tpg 1)/host")
wait_until 90 all_up
mountpoint -q $tracing || mount -t tracefs tracefs $tracing
echo 'opcode == 0x2a' > $tracing/events/scsi/scsi_dispatch_cmd_start/filter
echo 1 > $tracing/events/scsi/scsi_dispatch_cmd_start/enable

# what is the same for both families
policy() {
	step "$family: nobody has it: one question to each, though the kernel asks three times"
	ttl 600
	counted tx_completed
	counted tx_arp_suppressed
	asks "$everybody" ping_lost 200
	# with IPv6 there is more to send
	[ $family = IPv6 ] || counts tx_completed 15
	counts tx_arp_suppressed 2
	asks "" ask 200
	counts tx_arp_suppressed 1

	step "$family: another peer is the first each time"
	# Each peer has its own worker, so that one or the other may be late: the
	# order holds for most questions, and for none if it did not move.
	asks "$everybody" ask 201
	before=$order in_order=0
	for i in {202..208}; do
		asks "$everybody" ask "$i"
		case $family in
		IPv4) moved="${before#* } ${before%% *}" ;;
		# what else is multicast with IPv6 moves it on, too
		IPv6) moved="${before#* } ${before% *}" ;;
		esac
		[[ " $moved " != *" $order "* ]] || in_order=$((in_order + 1))
		before=$order
	done
	assert_ge "questions in order" 2 $in_order

	step "$family: once more when its time is over"
	asks "$everybody" ask 209
	asks "" ask 209
	ttl 1
	echo > $tracing/trace
	wait_until 10 asks_again 209
	assert_eq "asked" "$everybody" "$(sorted "$(asked)")"

	step "$family: seen behind a peer: that one alone is asked"
	ttl 600
	know_h1
	asks "$everybody" ping_once 5
	counted tx_arp_directed
	for i in 1 2; do
		ip -n h1 neigh flush dev sip1
		asks 4 ping_once 5
	done
	counts tx_arp_directed 2

	step "$family: it does not answer: all are asked, once"
	ip -n h1 neigh flush dev sip1
	ip -n h5 addr del "$(address 5)/$prefix" dev sip5
	asks "$(sorted "4 $everybody")" ping_lost 5
	asks "" ask 5
	counts tx_arp_directed 1

	step "$family: its answer, whenever it comes, ends that"
	ip -n h5 addr add "$(address 5)/$prefix" dev sip5 "${nodad[@]}"
	know_h1
	tell 5 5
	ip -n h1 neigh flush dev sip1
	asks 4 ping_once 5

	step "$family: who claims another's link-layer address is refused"
	counted rx_spoofed
	counted tx_refused 3
	forged=$(lladdr 5) third=$(lladdr 3)
	tell 3 5 lladdr=02:00:00:00:00:99 to="$(lladdr 1)"
	wait_until 10 refused 3 1
	tell 3 5 lladdr="$forged" to="$(lladdr 1)"
	wait_until 10 refused 3 2
	counts rx_spoofed 2
	counts tx_refused 2 3
	assert_match "neighbour" "lladdr $forged " "$(neighbour_of 5)"
	ip -n h1 neigh flush dev sip1
	asks 4 ping_once 5

	step "$family: and so is who has it: no peer, and no other says so"
	bus_unplug 3
	wait_until 10 test ! -e "/sys/bus/scsi/devices/$host:0:2:0"
	run ip -n h3 link set sip3 address "$forged"
	bus_plug 3
	wait_until 20 comm_path_is "$host:0:2:0" duplicate
	# with IPv6 it has something to say by itself, too
	counted rx_spoofed
	tell 3 5 to="$(lladdr 1)"
	wait_until 10 spoofed 1
	tell 3 5 lladdr=02:00:00:00:00:99 from=02:00:00:00:00:99 to="$(lladdr 1)"
	wait_until 10 spoofed 2
	assert_match "neighbour" "lladdr $forged " "$(neighbour_of 5)"
	bus_unplug 3
	run ip -n h3 link set sip3 address "$third"
	bus_plug 3
	wait_until 20 all_up

	step "$family: an announcement ends a negative entry, and so does a probe"
	asks "$everybody" ask 210
	asks "" ask 210
	tell 7 210
	asks 6 ask 210
	asks "$everybody" ask 211
	neighbour 7 "$question" target="$(address 211)"
	asks "$everybody" ask 211
	asks "" ask 211

	step "$family: a peer that comes up may have it"
	bus_unplug 16
	bus_plug 16
	wait_until 20 all_up
	asks "$everybody" ask 211

	step "$family: what wants no answer goes to all, and leaves no trace"
	for i in 1 2; do
		asks "$everybody" neighbour 1 "$question" target="$(address 220)"
	done
	asks "$everybody" ask 220

	step "$family: without negative entries each question goes to all"
	ttl 0
	counted tx_arp_suppressed
	for i in 1 2; do
		asks "$everybody" ask 200
	done
	counts tx_arp_suppressed 0
}

# asks_again N: another question, which may be too early
asks_again() {
	ask "$1"
	sleep 0.3
	asked_so_many 1
}

# spoofed N: h1 has refused that many since the last look, or more
spoofed() {
	[ $(($(counter sip1 rx_spoofed h1) - ${last[rx_spoofed.1]})) -ge "$1" ]
}

# refused N M: host N has been refused M times since the last look
refused() {
	[ $(($(counter "sip$1" tx_refused "h$1") - ${last[tx_refused.$1]})) = "$2" ]
}

family=IPv4 prefix=24 nodad=() question=request answer=reply
message='2a 00 00 00 00 06 00 00 1c 00'
policy

step "IPv4: an announcement goes to all each time"
for i in 1 2; do
	asks "$everybody" neighbour 1 request owner=10.0.0.1
done

step "IPv4: what is known is shown, and forgotten"
ttl 600
asks "$everybody" ask 230
entry() {
	in_host 1 "$REPO/tests/tools/genl" arp-get dump ifname=sip1 |
		jq -r "select(.address == \"$1\") | [.arp_state, (.lladdr // \"-\"), ((.expires // 0) > 500000)] | join(\" \")"
}
assert_eq "entry of nobody" "negative - true" "$(entry 10.0.0.230)"
assert_eq "entry of h5" "seen $(lladdr 5) false" "$(entry 10.0.0.5)"
in_host 1 "$REPO/tests/tools/genl" arp-del ifname=sip1 address=10.0.0.230
assert_eq "entry of nobody" "" "$(entry 10.0.0.230)"
asks "$everybody" ask 230
in_host 1 "$REPO/tests/tools/genl" arp-del ifname=sip1 arp_state=negative
asks "$everybody" ask 230
assert_eq "entry of h5" "seen $(lladdr 5) false" "$(entry 10.0.0.5)"
in_host 1 "$REPO/tests/tools/genl" arp-del ifname=sip1
assert_eq "all entries" "" "$(in_host 1 "$REPO/tests/tools/genl" arp-get dump ifname=sip1)"

step "IPv6"
for i in {1..16}; do
	in_host "$i" sysctl -q -w "net.ipv6.conf.sip$i.disable_ipv6=0"
	ip -n "h$i" -6 addr add "$(lab_ip6 "$i")/64" dev "sip$i"
done
wait_until 30 all_ready
family=IPv6 prefix=64 nodad=(nodad) question=solicit answer=advertise
# a neighbour solicitation with its option
message='2a 00 00 00 00 0d 00 00 48 00'
policy

step "nothing is left"
echo 0 > $tracing/events/scsi/scsi_dispatch_cmd_start/enable
for i in {1..16}; do
	bus_endpoint_delete "$i"
	bus_host_delete "$i"
done
bus_unload
comm_unload
