# Random SCSI commands, through sg on the bus and straight over iSCSI; and frames
#
# check: 6.12
# guests: 1
# timeout: 1800
# smp: 2
#
#	namespace h1		namespace h2
#	  sip1 <- iSCSI, four	  sip2, which says nothing by itself
#	    |	sessions	    |
#	  ==+=======================+==  bus 0
#				    ^
#			 /dev/sgN of h1's unit, eight commands at once
#
# Every datagram that sip1 has counted must be one that the fuzzer was told it
# had delivered, and every refusal one that it was answered, each by its name.
# COMMANDS is how many there are each way. Then h2 sends random frames, a fifth as
# many, as a packet socket may, which h1 forwards to where nobody fills in checksums.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
. "$REPO/tests/tools/scsi.sh"
SEED=${SEED:-1}
COMMANDS=${COMMANDS:-$((50000 / SLOW))}
unit=

statistic() {
	ip netns exec "h$1" cat "/sys/class/net/sip$1/statistics/$2"
}

# counted: what may move by a SEND MESSAGE, sorted
counted() {
	{
		ip netns exec h1 ethtool -S sip1 | sed -n 's/^ *\(rx_[a-z_]*\): /\1 /p'
		echo "rx_packets $(statistic 1 rx_packets)"
		echo "rx_errors $(statistic 1 rx_errors)"
	} | sort
}

# fuzz ARG…: what the fuzzer was told, and what has been counted, are the same
fuzz() {
	counted > /tmp/before
	printf '+ %s\n' "cdb-fuzz $*"
	"$TOOLS/cdb-fuzz" "$@" > /tmp/told
	counted > /tmp/after
	join /tmp/before /tmp/after | awk '{ print $1, $3 - $2 }' > /tmp/moved
	# of what was told: the sum of refusals; two ways to take a datagram
	awk -v packets="$(awk '$1 == "rx_copy" || $1 == "rx_zero_copy" { n += $2 } END { print n }' /tmp/moved)" '
		{ print }
		$1 != "rx_packets" && $1 != "rx_busy" { errors += $2 }
		END { print "rx_errors", errors; print "rx_not_ready", 0; print "taken", packets }' \
		/tmp/told | sort > /tmp/expected
	{
		grep -v -E '^rx_(zero_)?copy ' /tmp/moved
		echo "taken $(awk '$1 == "rx_packets" { print $2 }' /tmp/told)"
	} | sort > /tmp/found
	cat /tmp/found
	# on the bus the mid-layer sends again what was answered with BUSY
	[ "$unit" = "" ] || sed -i '/^rx_busy /d' /tmp/expected /tmp/found
	diff /tmp/expected /tmp/found || fail "told (<) is not what was counted (>)"
}

step "a receiver, and a sender that says nothing by itself"
bus_host 1
ip netns add h2
comm_create sip2
ip link set sip2 netns h2
ip netns exec h2 sh -c 'echo 1 > /proc/sys/net/ipv6/conf/sip2/disable_ipv6'
ip -n h2 link set sip2 up
for i in 1 2; do
	bus_endpoint $i "$(comm_dir sip$i)"
	bus_plug $i
done
up() {
	[ "$(comm_paths up)" = 2 ] && link_ready sip1 h1
}
wait_until 20 up
echo 1 > /sys/module/sg/parameters/allow_dio

step "$COMMANDS commands through sg, seed $SEED"
unit=$(cat "$(bus_tpg 2)/host"):0:0:0
fuzz -l "$(path_attr "$(cat "$(bus_tpg 1)/host"):0:1:0" lladdr)" \
	"$SEED" "$COMMANDS" sg "$(sg_of "$unit")"

step "$COMMANDS commands over iSCSI, seed $SEED"
unit=
iscsi_target - "$(comm_dir sip1)"
tpg=$TARGET/iscsi/$(iqn 1)/tpgt_1
acl=$tpg/acls/iqn.2026-11.lab.scsiip:fuzz
mkdir -p "$acl/lun_0"
ln -s "$tpg/lun/lun_0" "$acl/lun_0/"
echo 0 > "$acl/lun_0/write_protect"
echo 0 > "$acl/attrib/authentication"
# libiscsi's answer to a ping may have a number that is in the past
echo 0 > "$acl/attrib/nopin_timeout"
# nor is a slow machine a fault of the initiator's
echo 60 > "$acl/attrib/dataout_timeout"
fuzz "$SEED" "$COMMANDS" iscsi "$(peer_ip 1):3260" "$(iqn 1)" \
	"$(basename "$acl")"

step "datagrams still go through, and sip2 has said nothing"
assert_eq "datagrams of sip2" 0 "$(statistic 2 tx_packets)"
ip netns exec h2 sh -c 'echo 0 > /proc/sys/net/ipv6/conf/sip2/disable_ipv6'
link_up sip2 2 h2
wait_until 20 ip netns exec h2 ping -q -c 1 -W 1 -s 60000 "$(lab_ip 1)"

step "$((COMMANDS / 5)) frames of a packet socket, forwarded, seed $SEED"
ip -n h1 link add out mtu 9000 type dummy
ip netns exec h1 ethtool -K out tx off
ip -n h1 link set out up
ip -n h1 addr add 10.8.0.1/24 dev out
ip -n h1 -6 addr add fd00:8::1/64 dev out nodad
ip netns exec h1 sh -c 'echo 1 | tee /proc/sys/net/ipv[46]/conf/all/forwarding'
# of_frames: what the sender counted, and the receiver, as far as both do; and what
# was forwarded
of_frames() {
	echo "$(counter sip2 tx_completed h2)" "$(statistic 1 rx_packets)" \
		"$(counter sip2 tx_refused h2)" "$(statistic 1 rx_errors)" \
		"$(ip netns exec h1 cat /sys/class/net/out/statistics/tx_packets)"
}
settled() {
	local was
	was=$(of_frames)
	sleep 1
	accounted sip2 h2 && [ "$(of_frames)" = "$was" ]
}
read -r -a before <<< "$(of_frames)"
taken=$(ip netns exec h2 "$REPO/tests/tools/frames" "$SEED" $((COMMANDS / 5)) sip2 \
	"$(path_attr "$(cat "$(bus_tpg 2)/host"):0:0:0" lladdr)" \
	"$(lab_ip 2)" 10.8.0.2 "$(lab_ip6 2)" fd00:8::2)
wait_until 60 settled
read -r -a after <<< "$(of_frames)"
assert_eq "delivered" $((after[0] - before[0])) $((after[1] - before[1]))
assert_eq "refused" $((after[2] - before[2])) $((after[3] - before[3]))
assert_ge "refused" $((COMMANDS / 100)) $((after[2] - before[2]))
assert_ge "forwarded" $((COMMANDS / 50)) $((after[4] - before[4]))
echo "taken $taken, delivered $((after[0] - before[0])), refused $((after[2] - before[2])), forwarded $((after[4] - before[4]))"

step "nothing is left"
lun_unlink "$acl/lun_0"
rmdir "$acl"
iscsi_untarget -
rmdir "$TARGET/iscsi"
for i in 1 2; do
	bus_endpoint_delete $i
	bus_host_delete $i
done
bus_unload
comm_unload
nothing_left
