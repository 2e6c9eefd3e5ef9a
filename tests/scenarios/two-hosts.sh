# Two hosts over iSCSI: every kind of datagram, of every length, and streams
#
# guests: 2
# timeout: 600
#
#	hosta				hostb
#	sip0 10.0.0.1			sip0 10.0.0.2
#	     fd00:5c51::1		     fd00:5c51::2
#	  |  |				  |  |
#	  |  comm unit <--- iSCSI ------- initiator
#	initiator ------ iSCSI ---> comm unit
#	  |eth0 192.168.7.1		  |eth0 192.168.7.2
#	  +-------------------------------+
#
# BYTES is how much goes over TCP in plain streams, in both directions together.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
peer=$((3 - HOST))
bytes=${BYTES:-$((256 << 20))}

# datagrams LENGTH…: over IPv4 and IPv6, both ways at once
datagrams() {
	traffic udp-send "$(lab_ip $peer)" 7001 "$@"
	traffic udp-send "$(lab_ip6 $peer)" 7001 "$@"
}

step "two hosts meet"
lab_up
run ip -d link show sip0
assert_match "ip -d link" "mtu 65535 .* scsiip" "$(ip -d link show sip0 | tr '\n' ' ')"
run ethtool -i sip0
assert_match "ethtool -i" "driver: scsiip" "$(ethtool -i sip0)"
run cat "$(comm_dir sip0)/info"
run cat "$(comm_path '*')"/{state,netdev,lladdr,network}
ip -6 -o addr show dev sip0 scope link | awk '{ sub("/.*", "", $4); print $4 }' > "$RIG/link-local.$HOST"
barrier addresses
link_local=$(cat "$RIG/link-local.$peer")%sip0

step "ping"
run ping -c 3 -i 0.2 "$(lab_ip $peer)"
run ping -c 3 -i 0.2 -s 60000 -M "do" "$(lab_ip $peer)"
for address in "$link_local" "$(lab_ip6 $peer)"; do
	run ping -c 3 -i 0.2 "$address"
	run ping -c 3 -i 0.2 -s 60000 -M "do" "$address"
done

# The boundaries are those of the IP packet, 28 or 48 bytes more than what UDP
# carries: of what the receiver copies (256), of sectors, of pages, of the MTU.
step "datagrams of every length class"
traffic udp-answer 7001 &
answer=$!
wait_until 20 listening udp 7001
barrier answering
ranges=(0-31)
for boundary in 256 512 1024 1500 2048 4096 8192 12288 16384 32768 49152 61440; do
	for header in 48 28 0; do
		ranges+=($((boundary - header - 2))-$((boundary - header + 2)))
	done
done
datagrams "${ranges[@]}" 65480-65487
traffic udp-send "$(lab_ip $peer)" 7001 65488-65507
barrier datagrams

step "broadcast and multicast: once, with the right packet type"
casts=(239.1.2.3 255.255.255.255 10.0.0.255 ff15::1234 "$(lab_ip $peer)" "$(lab_ip6 $peer)")
traffic cast-receive sip0 7003 1 239.1.2.3 ff15::1234 > "$RIG/cast.$HOST" &
wait_until 20 listening udp 7003
cp /sys/class/net/sip0/address "$RIG/lladdr.$HOST"
barrier receiving
traffic cast-send sip0 7003 "${casts[@]}" "$(lab_ip $peer)"
wait $!
own=$(cat "$RIG/lladdr.$HOST")
from=$(cat "$RIG/lladdr.$peer")
expected=$(sort << END
broadcast ff:ff:ff:ff:ff:ff 10.0.0.255 from $from
broadcast ff:ff:ff:ff:ff:ff 255.255.255.255 from $from
host $own $(lab_ip "$HOST") from $from
host $own $(lab_ip6 "$HOST") from $from
multicast 01:00:5e:01:02:03 239.1.2.3 from $from
multicast 33:33:00:00:12:34 ff15::1234 from $from
socket 10.0.0.255 from $from
socket 239.1.2.3 from $from
socket 255.255.255.255 from $from
socket $(lab_ip "$HOST") from $from
socket $(lab_ip6 "$HOST") from $from
socket ff15::1234 from $from
END
)
run cat "$RIG/cast.$HOST"
assert_eq "what came" "$expected" "$(sort "$RIG/cast.$HOST")"

step "streams at MTU 65535"
lab_stream $((bytes / 2 - bytes / 16 - bytes / 128)) plain "$(lab_ip $peer)"
lab_stream $((8 << 20)) zerocopy "$(lab_ip $peer)"
lab_stream $((8 << 20)) sendfile "$(lab_ip6 $peer)"
lab_stream $((8 << 20)) rewrite "$(lab_ip $peer)"

step "MTU 8000"
lab_mtu 8000 sip0
datagrams 7940-8010 65000
lab_stream $((bytes / 16)) plain "$(lab_ip6 $peer)"
lab_stream $((2 << 20)) zerocopy "$(lab_ip6 $peer)"
lab_stream $((2 << 20)) sendfile "$(lab_ip $peer)"

step "MTU 1500"
lab_mtu 1500 sip0
datagrams 1440-1500 65000
lab_stream $((bytes / 128)) plain "$(lab_ip $peer)"
lab_stream $((1 << 20)) sendfile "$(lab_ip6 $peer)"
kill $answer

step "an MTU that the peer does not take"
lab_mtu 65535 sip0
lowered() {
	[ "$(cat /sys/class/net/sip0/mtu)" = 2000 ]
}
[ "$HOST" = 1 ] || run ip link set sip0 mtu 2000
wait_until 20 lowered
if [ "$HOST" = 1 ]; then
	assert_match "dmesg" "MTU lowered to 2000" "$(dmesg | tail -n 20)"
	before=$(counter sip0 tx_too_big)
	run ip link set sip0 mtu 65535
	for address in "$(lab_ip 2)" "$(lab_ip6 2)"; do
		run ping -c 1 -s 1900 -M "do" "$address"
		answer=$(ping -c 1 -W 2 -M "do" -s 4000 "$address" 2>&1) &&
			fail "4000 bytes reach $address"
		echo "$answer"
		assert_match "ping" "(Frag needed|Packet too big).*mtu ?= ?2000" "$answer"
		assert_match "route" "mtu 2000" "$(ip route get "$address")"
		# from now on the sender makes fragments
		run ping -c 1 -s 4000 "$address"
	done
	assert_eq "tx_too_big" 2 $(($(counter sip0 tx_too_big) - before))
fi

step "the counters"
run ethtool -S sip0
for name in rx_reserved_bits rx_unknown_protocol rx_too_long rx_short_data \
	rx_short_datagram rx_bad_header rx_not_ready \
	tx_unknown_protocol tx_no_peer tx_queue_full tx_no_memory tx_no_path \
	tx_unmappable tx_resent tx_refused tx_not_ready tx_uncertain; do
	# a path that is not heard of for five seconds is down, as docs/interface.md says;
	# a guest with a debug kernel may stand still for so long
	[ "$SLOW" = 1 ] || [ "$name" != tx_no_path ] || continue
	assert_eq "$name" 0 "$(counter sip0 "$name")"
done
assert_ge "rx_zero_copy" 1000 "$(counter sip0 rx_zero_copy)"
assert_ge "tx_direct" 1000 "$(counter sip0 tx_direct)"

step "data digests: what may change while they are made is copied first"
barrier counted
iscsi_logout $peer
iscsi_login $peer "node.conn[0].iscsi.DataDigest=CRC32C"
wait_until 30 lab_is_up
barrier digests
before=$(counter sip0 tx_copy)
lab_stream $((8 << 20)) sendfile "$(lab_ip $peer)"
lab_stream $((8 << 20)) rewrite "$(lab_ip6 $peer)"
assert_ge "tx_copy" 200 $(($(counter sip0 tx_copy) - before))

step "nothing is left"
lab_down
