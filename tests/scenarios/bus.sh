# Eight hosts on one bus inside a kernel, and who reaches whom
#
# check: 6.12-debug
# guests: 1
# timeout: 400
# memory: 1536
#
#	namespace h1		namespace h2	…	namespace h8
#	  sip1 10.0.0.1		  sip2 .2		  sip8 .8
#	    | behind LUN 0 of	    |			    |
#	  naa.5001405000000001	  …02			  …08
#	  ==+=======================+=======================+==  bus 0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
traffic=$REPO/tests/tools/traffic
receivers=()

# endpoint N: a host, plugged in
endpoint() {
	bus_host "$1"
	bus_endpoint "$1" "$(comm_dir "sip$1")"
	bus_plug "$1"
}

attrib() {
	cat "$(bus_tpg "$1")/attrib/$2"
}

# set_attrib N NAME VALUE
set_attrib() {
	echo "$3" > "$(bus_tpg "$1")/attrib/$2"
}

# paths_are N UP: the ways that endpoint N has, all of which are up
paths_are() {
	[ "$(states "$1" | grep -c -x up)" = "$2" ] &&
		[ "$(states "$1" | grep -c .)" = "$2" ]
}

mesh() {
	local i
	for i; do
		paths_are "$i" $(($# - 1)) && link_ready "sip$i" "h$i" || return 1
	done
}

devices() {
	bus_devices "$1" | sort -n | tr '\n' ' ' | sed 's/ $//'
}

# states N: of the ways that endpoint N has
states() {
	local host
	host=$(cat "$(bus_tpg "$1")/host")
	cat "/sys/bus/scsi/devices/$host":*/scsiip/state 2> /dev/null || :
}

# admitted A B, not_admitted A B: is the unit of B there for A?
admitted() {
	[[ " $(devices "$1") " == *" $(attrib "$2" id):0 "* ]]
}

not_admitted() {
	! admitted "$1" "$2"
}

# refusals A B: how often A has said that it does not admit B
refusals() {
	dmesg | grep -c -F "scsiip: $(bus_wwn "$1"): initiator port $(bus_wwn "$2") is not admitted" || :
}

refusals_are() {
	[ "$(refusals "$1" "$2")" = "$3" ]
}

# map A B LUN: what LUN 0 of A is to B
map() {
	local lun
	lun=$(bus_tpg "$1")/acls/$(bus_wwn "$2")/lun_0
	rm "$lun/default"
	ln -s "$(bus_tpg "$1")/lun/lun_$3" "$lun/default"
}

# received_more N: than when asked before
received=0
received_more() {
	local before=$received
	received=$(ip netns exec "h$1" cat "/sys/class/net/sip$1/statistics/rx_packets")
	[ $before != 0 ] && [ "$received" -gt "$before" ]
}

step "eight endpoints, and all see each other"
for i in {1..8}; do
	endpoint "$i"
	assert_eq "ID of $i" $((i - 1)) "$(attrib "$i" id)"
done
wait_until 60 mesh {1..8}
for i in {1..8}; do
	# few at a time, and small: the answers share two buffers of 64 KiB, and may
	# be dropped where that is not enough for all at once
	for j in {1..8}; do
		[ "$i" = "$j" ] || lab_ip "$j"
	done | xargs -P 2 -I {} ip netns exec "h$i" ping -q -c 2 -i 0.2 {} > /tmp/pings
	answer=$(grep -c ' 0% packet loss' /tmp/pings || :)
	[ "$answer" = 7 ] || {
		cat /tmp/pings
		for j in {1..8}; do
			ip netns exec "h$j" ethtool -S "sip$j" | grep -v ' 0$'
		done
	}
	assert_eq "hosts that answer $i" 7 "$answer"
	ip netns exec "h$i" ping -q -c 1 -s 60000 -M "do" "$(lab_ip $((i % 8 + 1)))" > /dev/null
done
assert_eq "devices of 3" "0:0 1:0 3:0 4:0 5:0 6:0 7:0" "$(devices 3)"
assert_eq "sessions of 3" "1 2 4 5 6 7 8" \
	"$(tr -d '\0' < "$(bus_tpg 3)/dynamic_sessions" | sed 's/.*0//' | sort | tr '\n' ' ' | sed 's/ $//')"

step "TCP between every pair, with known contents"
for i in {2..8}; do
	ip netns exec "h$i" "$traffic" tcp-receive 7002 $((i - 1)) > /dev/null &
	receivers+=($!)
	wait_until 20 listening tcp 7002 "h$i"
done
for i in {1..7}; do
	for ((j = i + 1; j <= 8; j++)); do
		ip netns exec "h$i" "$traffic" tcp-send "$(lab_ip $j)" 7002 $((1 << 20)) plain
	done
done
for receiver in "${receivers[@]}"; do
	wait "$receiver"
done
for i in {1..8}; do
	assert_eq "segments out of order at $i" 0 \
		"$(ip netns exec "h$i" nstat -asz TcpExtTCPOFOQueue | awk '$1 == "TcpExtTCPOFOQueue" { print $2 }')"
done

step "datagrams are handed over, not copied"
assert_ge "rx_zero_copy" 112 "$(counter sip8 rx_zero_copy h8)"
assert_eq "rx_copy" 0 "$(counter sip8 rx_copy h8)"

step "LUN and target reset"
reset_device=/dev/$(basename /sys/bus/scsi/devices/"$(cat "$(bus_tpg 1)/host")":0:1:0/scsi_generic/*)
run sg_reset -d "$reset_device"
run sg_reset -t "$reset_device"
wait_until 10 reaches 1 2

step "CDBs that are longer than they can be, and answers longer than their room"
assert_eq "additional CDB length 240" 05/24/00 \
	"$("$REPO/build/tools/sgio" "$reset_device" 7f000000000000f00000000000000000)"
assert_eq "REPORT LUNS without a buffer" good \
	"$("$REPO/build/tools/sgio" "$reset_device" a00000000000000010000000)"

step "the same unit over tcm_loop and iSCSI as well"
host=$(cat "$(bus_tpg 1)/host")
loop_target naa.50014050000000aa "$(comm_dir sip2)"
iscsi_target - "$(comm_dir sip2)"
iscsid_start
iscsi_login 1
loop=$(loop_device naa.50014050000000aa)
iscsi=$(iscsi_device)
echo 1 > "/sys/bus/scsi/devices/$host:0:1:0/delete"
for device in "$loop" "$iscsi"; do
	attach "$device" h1 sip1
	wait_until 20 comm_path_is "$device" up
	wait_until 10 reaches 1 2
	echo none > "/sys/bus/scsi/devices/$device/scsiip/netdev"
done
echo 0 1 0 > "/sys/class/scsi_host/host$host/scan"
iscsi_logout 1
iscsid_stop
iscsi_untarget -
loop_untarget naa.50014050000000aa
wait_until 20 mesh {1..8}
wait_until 10 reaches 1 2

step "IDs: taken, out of range, another"
assert_fails set_attrib 3 id 0
assert_fails set_attrib 3 id 16
assert_fails set_attrib 3 id -2
assert_fails set_attrib 3 id 1x
assert_fails set_attrib 3 bus -1
assert_fails set_attrib 3 max_id 2
assert_fails set_attrib 3 max_id 1025
assert_eq "ID of 3" 2 "$(attrib 3 id)"
mesh {1..8} || fail "a refused change must not change anything"
set_attrib 3 id 12
assert_eq "devices of 1" "1:0 3:0 4:0 5:0 6:0 7:0 12:0" "$(devices 1)"
wait_until 20 mesh {1..8}
wait_until 10 reaches 1 3
assert_fails mkdir "$TARGET/scsiip/naa.500140500000000"
assert_fails mkdir "$TARGET/scsiip/naa.500140500000000g"
assert_fails mkdir "$TARGET/scsiip/naa.500140500000000A"
assert_fails mkdir "$TARGET/scsiip/iqn.2026-11.lab:a"
assert_fails mkdir "$TARGET/scsiip/$(bus_wwn 1)/tpgt_2"
assert_fails mkdir "$(bus_tpg 1)/acls/naa.500140500000000A"

step "two buses do not see each other"
set_attrib 7 bus 1
set_attrib 8 bus 1
assert_eq "IDs on bus 1" "0 1" "$(attrib 7 id) $(attrib 8 id)"
assert_eq "devices of 7" "1:0" "$(devices 7)"
assert_eq "devices of 1" "1:0 3:0 4:0 5:0 12:0" "$(devices 1)"
wait_until 20 mesh 7 8
wait_until 20 mesh {1..6}
wait_until 10 reaches 7 8
assert_fails reaches 1 7
assert_fails reaches 8 2

step "the bus is full, and one that addresses more IDs"
set_attrib 7 bus 0
set_attrib 8 bus 0
for i in {9..16}; do
	bus_endpoint "$i"
	bus_plug "$i"
done
rmdir "$(bus_tpg 9)"
bus_endpoint 9
assert_eq "enable of 9" 0 "$(cat "$(bus_tpg 9)/enable")"
bus_plug 9
assert_eq "devices of 9" 8 "$(bus_devices 9 | wc -l)"
bus_endpoint 17
assert_fails bus_plug 17
assert_eq "enable of 17" 0 "$(cat "$(bus_tpg 17)/enable")"
set_attrib 17 max_id 64
bus_plug 17
assert_eq "ID of 17" 16 "$(attrib 17 id)"
for i in {9..17}; do
	bus_endpoint_delete "$i"
done
wait_until 20 mesh {1..8}

step "without an ACL nobody reaches it, with one who has it does"
bus_unplug 2
set_attrib 2 generate_node_acls 0
bus_plug 2
assert_eq "devices of 1" "2:0 3:0 4:0 5:0 6:0 12:0" "$(devices 1)"
assert_fails reaches 1 2
for i in 1 {3..8}; do
	assert_eq "refusals of $i" 1 "$(refusals 2 "$i")"
done
bus_acl 2 "$(bus_wwn 1)"
wait_until 10 admitted 1 2
wait_until 20 reaches 1 2
assert_match "info" "^Session" "$(cat "$(bus_tpg 2)/acls/$(bus_wwn 1)/info")"
assert_fails admitted 3 2
assert_fails reaches 3 2

step "an ACL without a mapped LUN: a session, but no unit, not even LIO's dummy"
mkdir "$(bus_tpg 2)/acls/$(bus_wwn 3)"
assert_match "info" "^Session" "$(cat "$(bus_tpg 2)/acls/$(bus_wwn 3)/info")"
echo '- - -' > "/sys/class/scsi_host/host$(cat "$(bus_tpg 3)/host")/scan"
assert_fails admitted 3 2
assert_eq "paths of 3" 6 "$(states 3 | grep -c -x up)"
assert_fails reaches 3 2
bus_acl_delete 2 "$(bus_wwn 3)"
wait_until 10 refusals_are 2 3 2

step "the mapped LUN goes under traffic, comes, and is another; the ACL goes"
traffic_in h2 sink 7000
traffic_in h3 sink 7000
traffic_in h1 send "$(lab_ip 2)" 7000
traffic_in h1 send "$(lab_ip 3)" 7000
sleep 1
lun_unlink "$(bus_tpg 2)/acls/$(bus_wwn 1)/lun_0"
wait_until 10 not_admitted 1 2
mkdir "$(bus_tpg 2)/acls/$(bus_wwn 1)/lun_0"
ln -s "$(bus_tpg 2)/lun/lun_0" "$(bus_tpg 2)/acls/$(bus_wwn 1)/lun_0/default"
wait_until 10 admitted 1 2
wait_until 20 reaches 1 2
device=/sys/bus/scsi/devices/$(cat "$(bus_tpg 1)/host"):0:$(attrib 2 id):0
ramdisk_create disk 8
lun_link "$(bus_tpg 2)/lun/lun_1" "$TARGET/core/rd_mcp_0/disk"
map 2 1 1
wait_until 10 grep -q -x 0 "$device/type"
map 2 1 0
wait_until 10 grep -q -x 9 "$device/type"
bus_acl_delete 2 "$(bus_wwn 1)"
assert_fails admitted 1 2
admitted 1 3 || fail "that was another nexus"
wait_until 10 received_more 3
wait_until 10 refusals_are 2 1 2
# seconds have passed, and it has not been said each second
assert_eq "refusals of 4" 1 "$(refusals 2 4)"

step "unlinked, unplugged and deleted under traffic"
set_attrib 2 generate_node_acls 1
wait_until 10 admitted 1 2
wait_until 20 reaches 1 2
lun_unlink "$(bus_tpg 3)/lun/lun_0"
assert_fails admitted 1 3
assert_eq "state of 3" "" "$(states 3 | grep -x up || :)"
lun_link "$(bus_tpg 3)/lun/lun_0" "$(comm_dir sip3)"
wait_until 20 reaches 1 3
bus_unplug 3
assert_fails admitted 1 3
bus_plug 3
wait_until 20 reaches 1 3
bus_endpoint_delete 3
bus_endpoint_delete 1
traffic_stop

step "in the end nothing is left"
for i in {1..8}; do
	[ "$i" = 1 ] || [ "$i" = 3 ] || bus_endpoint_delete "$i"
	bus_host_delete "$i"
done
ramdisk_delete disk
rmdir "$TARGET/core/rd_mcp_0"
bus_unload
comm_unload
nothing_left
