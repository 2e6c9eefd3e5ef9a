# The wire over iSCSI: what we send, what is refused, who is not admitted
#
# check: 6.12
# guests: 2
# timeout: 600
#
#	hosta			hostb
#	sip0 <- comm unit <-----  sip0, sgio, iscsi-raw	<- tcpdump on eth0
#	  |	iscsi target 	  |
#	  +--------> comm unit ---+
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/tools/scsi.sh"
netdev=sip0
tpg=$TARGET/iscsi/$(iqn 1)/tpgt_1
acl_tpg=$TARGET/iscsi/$(iqn 1):acl/tpgt_1
hostb=iqn.2026-11.lab.scsiip:initiator:hostb

# raw EXPECTED [COMMAND…]: the last answer to these by hosta's target, on a
# connection of their own; see tests/tools/iscsi-raw. $target and $initiator may
# name others.
raw() {
	local answer
	answer=$("$REPO/tests/tools/iscsi-raw" "$(peer_ip 1)" "${target:-$(iqn 1)}" \
		"${initiator:-$hostb}" "${@:2}")
	printf '> %s: %s\n' "${*:2}" "${answer//$'\n'/, }"
	assert_eq "answer" "$1" "${answer##*$'\n'}"
}

# messages: the SEND MESSAGE commands this host has sent to hosta's target: CDB,
# expected data transfer length, data-out
messages() {
	tshark -r "$RIG/eth0.pcap" -T fields -e tcp.seq -e tcp.payload \
		-Y "ip.dst == $(peer_ip 1) && tcp.dstport == 3260 && tcp.len > 0" 2> /dev/null |
		"$REPO/tests/tools/iscsi-messages"
}

# datagrams: what they should have been, but for the LUN: what sip0 has sent
datagrams() {
	local frame length
	tcpdump -r "$RIG/sip0.pcap" -n -t -xx 2> /dev/null | sed 's/ //g' |
		awk -F: '!/^\t0x/ { if (n++) print ""; next } { printf "%s", $2 } END { print "" }' |
		while read -r frame; do
			length=$((${#frame} / 2 - 14))
			printf '2a..0000000%s00%04x00 %d %s\n' "${frame:27:1}" $length \
				$length "${frame:28}"
		done
}

# capture INTERFACE FILTER…: what it sends, until captured
capture() {
	tcpdump -i "$1" -Q out -B 32768 -s 262144 -U -w "$RIG/$1.pcap" "${@:2}" \
		2> "$RIG/tcpdump.$1" &
	captures+=($!)
	wait_until 20 grep -q 'listening on' "$RIG/tcpdump.$1"
}

captured() {
	sleep 1
	kill -INT "${captures[@]}"
	wait "${captures[@]}"
}

# path_of LUN, use LUN AUTO|NONE: a path of hostb to hosta's unit
path_of() {
	comm_units | grep ":$1$"
}

use() {
	echo "$2" > "/sys/bus/scsi/devices/$(path_of "$1")/scsiip/netdev"
	[ "$2" = none ] || wait_until 20 path_is "$(path_of "$1")" up
}

# hosta_counts NAME, NAME-end [COUNTER=N…]: what it counts between these two
hosta_counts() {
	if [ "$HOST" = 2 ]; then
		barrier "$1" 200
	elif [[ $1 != *-end ]]; then
		counters_start
		barrier "$1" 200
	else
		barrier "$1" 200
		counts "${@:2}"
	fi
}

step "a network, and hosta's unit by three LUNs"
comm_create sip0 network=lab
echo 0 > /proc/sys/net/ipv6/conf/sip0/router_solicitations
iscsi_target - "$(comm_dir sip0)"
if [ "$HOST" = 1 ]; then
	lun_link "$tpg/lun/lun_5" "$(comm_dir sip0)"
	lun_link "$tpg/lun/lun_9" "$(comm_dir sip0)"
fi
iscsid_start
barrier targets
link_up sip0 "$HOST"
captures=()
if [ "$HOST" = 2 ]; then
	capture eth0 tcp dst port 3260
	capture sip0
fi
iscsi_login "$((3 - HOST))"
all_up() {
	[ "$(comm_paths up)" = $((HOST == 1 ? 1 : 3)) ] && link_ready sip0
}
wait_until 40 all_up
barrier up

step "what goes over the wire"
if [ "$HOST" = 2 ]; then
	use 5 none
	use 9 none
	for size in 0 1 2 3 1472 8972 60000; do
		run ping -q -c 1 -W 5 -s $size "$(lab_ip 1)"
		run ping -q -c 1 -W 5 -s $size "$(lab_ip6 1)"
	done
	use 5 auto
	use 0 none
	run ping -q -c 1 -W 5 -s 105 "$(lab_ip 1)"
	use 9 auto
	use 5 none
	run ping -q -c 1 -W 5 -s 109 "$(lab_ip 1)"
	use 9 none
	captured
	messages | sed 's/^2a../2a../' | sort > "$RIG/messages"
	datagrams | sort > "$RIG/datagrams"
	run diff "$RIG/datagrams" "$RIG/messages"
	cut -c 1-76 "$RIG/messages"
	for protocol in 0 6 d; do
		grep -q "^2a\.\.0000000${protocol}00" "$RIG/messages" ||
			fail "no message of protocol type ${protocol}h"
	done
	assert_ge "messages" 18 "$(wc -l < "$RIG/messages")"
	messages > "$RIG/messages"
	tshark -X "lua_script:$REPO/userspace/wireshark/scsiip.lua" -r "$RIG/eth0.pcap" -Y scsiip \
		-T fields -e scsiip.length 2> /dev/null | tr , '\n' > "$RIG/dissected"
	run diff <(cut -d ' ' -f 2 "$RIG/messages") "$RIG/dissected"
	# byte 1 is LUN << 5 where that fits
	assert_eq "CDB, LUN 0" 2a00000000000005dc00 \
		"$(grep ' 1500 45' "$RIG/messages" | cut -d ' ' -f 1)"
	assert_eq "CDB, LUN 5" 2aa00000000000008500 \
		"$(grep ' 133 45' "$RIG/messages" | cut -d ' ' -f 1)"
	assert_eq "CDB, LUN 9" 2a000000000000008900 \
		"$(grep ' 137 45' "$RIG/messages" | cut -d ' ' -f 1)"
fi
barrier captured 120
# from here on hosta is silent
[ "$HOST" = 2 ] || echo none > "/sys/bus/scsi/devices/$(comm_units)/scsiip/netdev"

step "what is taken"
v4=$(ipv4 28) v6=$(ipv6 8)
[ "$HOST" = 1 ] || sg=$(sg_of "$(path_of 0)")
hosta_counts taken
if [ "$HOST" = 2 ]; then
	answers "SEND MESSAGE(6), IPv4" good "0a0000001c00 > $v4*28"
	answers "SEND MESSAGE(6), IPv6" good "0a0000003000 > $v6*48"
	answers "SEND MESSAGE(10), IPv4" good "2a000000000000001c00 > $v4*28"
	answers "SEND MESSAGE(10), IPv6" good "2ae00000000d00003000 > $v6*48"
	answers "SEND MESSAGE(10), ARP" good "2a000000000600001c00 > $(arp 2 020000000001)*28"
	answers "SEND MESSAGE(12), IPv4" good "aa00000000000000001c0000 > $v4*28"
	answers "SEND MESSAGE(12), longest" good "aa0000000000000102000000 > $(ipv4 65535)*66048"
	answers "padded" good "2a00000000000000ff00 > $v4*255"
	answers "more data than the CDB says" "good resid 1" "2a000000000000001c00 > $v4*29"
	refusals "transfer length 0" good <<-END
		0a0000000000
		2a000000000000000000
		2a000000000d00000000
		aa0000000006000000000000
	END
	answers "transfer length 0, data" "good resid 100" "2a000000000000000000 > $v4*100"
fi
hosta_counts taken-end rx_copy=8 rx_packets=9 rx_zero_copy=1

step "what is refused"
hosta_counts refused
if [ "$HOST" = 2 ]; then
	eval 'counts() { :; }'		# hosta does
	refuses_fields
	refuses_data
	refuses_opcodes
	reports_opcodes
fi
hosta_counts refused-end rx_bad_header=53 rx_reserved_bits=111 rx_short_data=13 \
	rx_short_datagram=15 rx_too_long=16 rx_unknown_protocol=26

step "lengths that no initiator of ours can send"
hosta_counts lengths
if [ "$HOST" = 2 ]; then
	send100=2a000000000000006400
	data100=$(ipv4 100)$(repeat 80 5a)
	raw good 000000000000,0,-
	raw good $send100,100,w,"$data100"
	raw r2t $send100,100,w
	raw r2t $send100,200,w,"$data100"
	# what is aborted is not received, and the session goes on
	raw tmf-00 $send100,100,w abort,"$data100"
	raw good $send100,100,w abort,"$data100" 000000000000,0,-
	raw "good under 100" $send100,200,w,"$data100$data100"
	raw 05/1a/00 2a00000000000000c800,100,w,"$data100"
	raw 05/1a/00 $send100,99,w,"${data100:2}"
	raw 05/1a/00 $send100,0,-
	raw 05/1a/00 $send100,100,r
	raw 05/24/00 $send100,66049,w
	raw 05/24/00 $send100,0x100000,w,"$data100"
	raw 05/24/00 $send100,0xffffffff,w,"$data100"
	raw 05/24/00 $send100,0xffffffff,w
	raw 05/24/00 $send100,0xffffffff,r
	raw 05/24/00 aa0000000000ffffffff0000,0xffffffff,w,"$data100"
	raw 05/24/00 aa0000000000ffffffff0000,0xffffffff,w
	raw 05/24/00 aa0000000000ffffffff0000,100,w,"$data100"
	raw 05/24/00 0a00ffffff00,0xffffff,w,"$data100"
	raw 05/24/00 2a000000000000000000,0xffffffff,w
	# neither do other commands have memory for it
	raw 05/20/00 280000000000ffff00,0xffffffff,r
	raw 05/20/00 83000000000000000000ffffffff0000,0xffffffff,w
	raw 05/24/00 000000000000,0xffffffff,w
	raw 05/24/00 120000002400,0xffffffff,w
	raw "good under 4294967235" 1201c0ffff00,0xffffffff,r
	raw "good under 4294967211" a30c00000000ffffffff0000,0xffffffff,r
	raw "good under 4294967263" a00000000000ffffffff0000,0xffffffff,r
	raw "good under 4294967277" 030000001200,0xffffffff,r
	# nothing to return is no reason to end the session
	raw "good under 100" 000000000000,100,r 1a003f000000,100,r 000000000000,100,r
	raw "good under 100" 1201c0000000,100,r
fi
hosta_counts lengths-end rx_copy=2 rx_packets=2 rx_short_data=4 rx_too_long=10

step "an initiator that no ACL admits"
if [ "$HOST" = 1 ]; then
	iscsi_target acl "$(comm_dir sip0)"
	echo 0 > "$acl_tpg/attrib/generate_node_acls"
fi
hosta_counts acl
if [ "$HOST" = 2 ]; then
	iscsi_logout 1
	assert_eq "paths" '' "$(comm_units || :)"
	assert_fails iscsi_login 1 -- acl
	target=$(iqn 1):acl raw login-0202 000000000000,0,-
fi
barrier no-acl 120

step "an ACL without a mapped LUN"
if [ "$HOST" = 1 ]; then
	mkdir "$acl_tpg/acls/$hostb"
fi
barrier acl-made
if [ "$HOST" = 2 ]; then
	iscsi_login 1 -- acl
	sleep 2
	assert_eq "paths" '' "$(comm_units || :)"
	iscsi_logout 1 acl
	# LUN 0 is a dummy of the target core's
	target=$(iqn 1):acl
	raw good 000000000000,0,-
	raw good 2a000000000000000000,0,-
	raw 07/27/00 2a000000000000001c00,28,w,"$v4$(repeat 8 5a)"
	initiator=$hostb-x raw login-0202 000000000000,0,-
fi
hosta_counts acl-end

step "a mapped LUN that is write-protected"
if [ "$HOST" = 1 ]; then
	lun_link "$acl_tpg/acls/$hostb/lun_0" "$acl_tpg/lun/lun_0"
	echo 1 > "$acl_tpg/acls/$hostb/lun_0/write_protect"
fi
hosta_counts protected
if [ "$HOST" = 2 ]; then
	iscsi_login 1 -- acl
	wait_until 20 comm_units
	unit=$(comm_units)
	wait_until 20 path_is "$unit" read-only
	assert_eq "netdev" '' "$(path_attr "$unit" netdev)"
	assert_eq "carrier" 0 "$(cat /sys/class/net/sip0/carrier)"
	sg=$(sg_of "$unit")
	answers "SEND MESSAGE(10)" 07/27/00 "2a000000000000001c00 > $v4*28"
fi
hosta_counts protected-end

step "no longer, and again"
if [ "$HOST" = 1 ]; then
	echo 0 > "$acl_tpg/acls/$hostb/lun_0/write_protect"
	echo auto > "/sys/bus/scsi/devices/$(comm_units)/scsiip/netdev"
	wait_until 20 path_is "$(comm_units)" up
fi
barrier writable
if [ "$HOST" = 2 ]; then
	wait_until 20 path_is "$unit" up
	run ping -q -c 2 -i 0.2 -W 5 "$(lab_ip 1)"
fi
barrier written
[ "$HOST" = 2 ] || echo 1 > "$acl_tpg/acls/$hostb/lun_0/write_protect"
barrier protected-again
if [ "$HOST" = 2 ]; then
	ping -q -c 2 -i 0.2 -W 1 "$(lab_ip 1)" || :
	wait_until 20 path_is "$unit" read-only
	assert_eq "carrier" 0 "$(cat /sys/class/net/sip0/carrier)"
fi
barrier refused-again

step "the mapping goes"
if [ "$HOST" = 1 ]; then
	echo 0 > "$acl_tpg/acls/$hostb/lun_0/write_protect"
	barrier writable-again
	barrier up-again
	lun_unlink "$acl_tpg/acls/$hostb/lun_0"
else
	barrier writable-again
	wait_until 20 path_is "$unit" up
	barrier up-again
	# the dummy is ready, but it is not hosta
	wait_until 20 path_is "$unit" no-identity
	assert_eq "carrier" 0 "$(cat /sys/class/net/sip0/carrier)"
fi

step "nothing is left"
barrier unmapped
if [ "$HOST" = 1 ]; then
	iscsi_logout 2
else
	iscsi_logout 1 acl
fi
iscsid_stop
barrier logged-out
if [ "$HOST" = 1 ]; then
	rmdir "$acl_tpg/acls/$hostb"
	iscsi_untarget acl
	lun_unlink "$tpg/lun/lun_5"
	lun_unlink "$tpg/lun/lun_9"
fi
iscsi_untarget -
comm_delete sip0
comm_unload
