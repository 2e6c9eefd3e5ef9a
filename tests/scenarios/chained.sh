# A remote host's unit on the local bus: iSCSI, pscsi, bus; and the way back
#
# check: none
# guests: 2
# timeout: 400
#
#	hosta						hostb
#	namespace h1
#	  sip1 10.0.0.1					  sip0 10.0.0.2
#	    | unit sip1 ----------- iSCSI ------------> initiator
#	    | behind LUN 0				    |
#	  ==1=========2==  bus 0			    |
#		      | LUN 0: pscsi hostb		    |
#		    initiator <---- iSCSI -------------- unit sip0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
peer=$((3 - HOST))

# at_home CMD…: where this host's interface is
at_home() {
	${netns:+ip netns exec "$netns"} "$@"
}

# device_is STATE
device_is() {
	[ "$(cat "/sys/bus/scsi/devices/$device/scsiip/state")" = "$1" ]
}

# bus_way: the path on the bus of host A
bus_way() {
	echo "/sys/bus/scsi/devices/$(cat "$(bus_tpg 1)/host"):0:1:0/scsiip"
}

way_is() {
	[ "$(cat "$(bus_way)/state")" = "$1" ]
}

iscsi_login_peer() {
	iscsid_start
	barrier targets
	iscsi_login $peer
	wait_until 20 iscsi_device
	device=$(iscsi_device)
	wait_until 20 test -e "/sys/bus/scsi/devices/$device/scsiip"
}

if [ "$HOST" = 1 ]; then
	netns=h1 dev=sip1
	step "a host on the bus, whose unit is there for the other one, too"
	bus_host 1
	bus_endpoint 1 "$(comm_dir sip1)"
	bus_plug 1
	iscsi_target - "$(comm_dir sip1)"
	iscsi_login_peer
	echo none > "/sys/bus/scsi/devices/$device/scsiip/netdev"
	device_is detached || fail "$device is not left alone"

	step "the remote host's unit on the bus, by targetcli"
	mkdir -p /etc/rtslib-fb-target /run/dbus
	dbus-daemon --system --fork
	run make -s -C "$REPO" install-targetcli
	sg=/dev/$(basename "/sys/bus/scsi/devices/$device"/scsi_generic/*)
	run targetcli backstores/pscsi create hostb "$sg"
	run targetcli scsiip/ create "$(bus_wwn 2)"
	run targetcli "scsiip/$(bus_wwn 2)/tpg1/luns" create /backstores/pscsi/hostb
	run targetcli "scsiip/$(bus_wwn 2)/tpg1" set attribute generate_node_acls=1 demo_mode_write_protect=0
	run targetcli ls
	wait_until 20 way_is up
	run cat "$(bus_way)/lladdr"
else
	netns='' dev=sip0
	comm_create sip0 network=lab
	link_up sip0 2
	iscsi_target - "$(comm_dir sip0)"
	iscsi_login_peer
	echo sip0 > "/sys/bus/scsi/devices/$device/scsiip/netdev"
	wait_until 30 device_is up
fi
wait_until 20 link_ready "$dev" $netns
barrier ready 120

step "ping, datagrams and streams, both ways"
for address in "$(lab_ip $peer)" "$(lab_ip6 $peer)"; do
	run at_home ping -c 3 -i 0.2 "$address"
	run at_home ping -c 3 -i 0.2 -s 60000 -M "do" "$address"
done
at_home "$REPO/tests/tools/traffic" udp-answer 7001 &
answer=$!
wait_until 20 listening udp 7001 $netns
barrier answering
at_home "$REPO/tests/tools/traffic" udp-send "$(lab_ip $peer)" 7001 0-31 482-486 \
	1470-1474 4066-4070 8162-8166 65480-65507
barrier datagrams
kill $answer
lab_stream $((24 << 20)) plain "$(lab_ip $peer)" "$netns"
lab_stream $((4 << 20)) sendfile "$(lab_ip $peer)" "$netns"
lab_stream $((4 << 20)) zerocopy "$(lab_ip $peer)" "$netns"
lab_mtu 8000 "$dev" "$netns"
lab_stream $((8 << 20)) plain "$(lab_ip $peer)" "$netns"
lab_mtu 1500 "$dev" "$netns"
lab_stream $((2 << 20)) plain "$(lab_ip $peer)" "$netns"
at_home ethtool -S "$dev" | awk '$2 > 0'
for name in rx_short_datagram rx_bad_header tx_refused tx_uncertain tx_unmappable; do
	assert_eq "$name" 0 "$(counter "$dev" $name $netns)"
done

step "the remote host's interface goes down, and up"
barrier streams
if [ "$HOST" = 1 ]; then
	wait_until 30 way_is not-ready
	barrier down
	wait_until 30 way_is up
	wait_until 20 at_home ping -q -c 1 -W 1 "$(lab_ip 2)"
else
	ip link set sip0 down
	barrier down
	ip link set sip0 up
fi
barrier up

step "its session ends, while its unit is on the bus"
if [ "$HOST" = 1 ]; then
	iscsi_logout 2
	wait_until 30 way_is not-ready
	run targetcli scsiip/ delete "$(bus_wwn 2)"
	run targetcli backstores/pscsi delete hostb
	assert_eq "units on the bus" "" "$(bus_devices 1)"
	barrier gone
	barrier logged-out
	bus_endpoint_delete 1
	iscsid_stop
	iscsi_untarget -
	bus_host_delete 1
	rmdir "$TARGET"/core/pscsi_* 2> /dev/null || :
	bus_unload
else
	barrier gone
	iscsi_logout 1
	barrier logged-out
	iscsid_stop
	iscsi_untarget -
	comm_delete sip0
fi
comm_unload
iscsi_unload
nothing_left
