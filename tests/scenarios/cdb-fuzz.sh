# Random SCSI commands, through sg on the bus and straight over iSCSI
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
# COMMANDS is how many there are each way.
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
fuzz "$SEED" "$COMMANDS" iscsi "$(peer_ip 1):3260" "$(iqn 1)" \
	"$(basename "$acl")"

step "datagrams still go through, and sip2 has said nothing"
assert_eq "datagrams of sip2" 0 "$(statistic 2 tx_packets)"
ip netns exec h2 sh -c 'echo 0 > /proc/sys/net/ipv6/conf/sip2/disable_ipv6'
link_up sip2 2 h2
wait_until 20 ip netns exec h2 ping -q -c 1 -W 1 -s 60000 "$(lab_ip 1)"

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
