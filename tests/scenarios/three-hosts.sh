# Three hosts over iSCSI, each connected with each other
#
# check: 6.1
# guests: 3
# timeout: 240
# memory: 768
#
#	hosta 10.0.0.1 ------- hostb 10.0.0.2
#	          \               /
#	           \             /		each line is two iSCSI sessions
#	            \           /
#	          hostc 10.0.0.3
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"

step "three hosts meet"
lab_up
grep . /sys/bus/scsi/devices/*/scsiip/{netdev,lladdr,state}
cp /sys/class/net/sip0/address "$RIG/lladdr.$HOST"
barrier addresses

step "every pair"
for other in $(others); do
	run ping -c 3 -i 0.2 "$(lab_ip "$other")"
	run ping -c 2 -i 0.2 -s 60000 -M "do" "$(lab_ip "$other")"
	run ping -c 3 -i 0.2 "$(lab_ip6 "$other")"
	neighbour=$(ip neigh show "$(lab_ip "$other")" dev sip0)
	assert_match "neighbour" "lladdr $(cat "$RIG/lladdr.$other") " "$neighbour"
done
barrier pinged

step "broadcast and multicast reach both others, once each"
traffic cast-receive sip0 7003 2 239.1.2.3 ff15::1234 > "$RIG/cast.$HOST" &
wait_until 20 listening udp 7003
barrier receiving
traffic cast-send sip0 7003 10.0.0.255 239.1.2.3 ff15::1234 255.255.255.255
wait $!
expected=$(for other in $(others); do
	from=$(cat "$RIG/lladdr.$other")
	echo "broadcast ff:ff:ff:ff:ff:ff 10.0.0.255 from $from"
	echo "multicast 01:00:5e:01:02:03 239.1.2.3 from $from"
	echo "multicast 33:33:00:00:12:34 ff15::1234 from $from"
	echo "socket 10.0.0.255 from $from"
	echo "socket 239.1.2.3 from $from"
	echo "socket ff15::1234 from $from"
done | sort)
run cat "$RIG/cast.$HOST"
assert_eq "what came" "$expected" "$(sort "$RIG/cast.$HOST")"
barrier cast

step "what goes to one host goes to no other"
received=$(($(counter sip0 rx_copy) + $(counter sip0 rx_zero_copy)))
barrier counted
[ "$HOST" != 1 ] || run ping -f -c 100 "$(lab_ip 2)"
barrier flooded
now=$(($(counter sip0 rx_copy) + $(counter sip0 rx_zero_copy)))
case $HOST in
1 | 2) assert_ge "datagrams received" $((received + 100)) "$now" ;;
3) assert_le "datagrams received" $((received + 20)) "$now" ;;
esac

step "streams between all of them at once"
traffic tcp-receive 7002 2 &
server=$!
wait_until 20 listening tcp 7002
barrier listening
senders=()
for other in $(others); do
	traffic tcp-send "$(lab_ip "$other")" 7002 $((4 << 20)) &
	senders+=($!)
done
for sender in "${senders[@]}" $server; do
	wait "$sender"
done

step "the counters"
run ethtool -S sip0
for name in rx_not_ready tx_no_peer tx_too_big tx_queue_full tx_no_path tx_refused tx_uncertain; do
	assert_eq "$name" 0 "$(counter sip0 "$name")"
done

step "nothing is left"
lab_down
