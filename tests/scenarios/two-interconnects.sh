# Two hosts that share iSCSI and FCoE: one peer, two paths, each pulled under a stream
#
# check: none
# guests: 2
# timeout: 400
#
#	sip0 <- comm unit <- target: iscsi, fcoe	initiators -> … the same the other way
#	  eth0 ------------------------------------ eth0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
FABRIC=fcoe
. "$REPO/tests/interconnects.sh"

# path_of DRIVER: the directory of the path through that host adapter's driver
path_of() {
	local host
	host=$(grep -l -x "$1" /sys/class/scsi_host/host*/proc_name |
		sed 's|.*/host\([0-9]*\)/.*|\1|')
	compgen -G "/sys/bus/scsi/devices/$host:*/scsiip"
}

path_is() {
	[ "$(cat "$(path_of "$1")/state")" = "$2" ]
}

path_down() {
	! path_of "$1" || ! path_is "$1" up
}

# completed DRIVER: datagrams that went that way
completed() {
	local unit
	unit=$(path_of "$1")
	"$REPO/build/userspace/scsiip" -s -j peer |
		jq --arg lun "$(basename "${unit%/scsiip}")" '.[0].paths[] | select(.lun == $lun) | .statistics.tx_completed'
}

both_up() {
	[ "$(comm_paths up)" = 2 ] && link_ready sip0
}

# stream_begins NAME DRIVER: both ways, and by way of that path; stream_ends when every
# byte is there, and right
stream_begins() {
	local before
	before=$(completed "$2")
	traffic tcp-receive 7002 1 &
	receiver=$!
	wait_until 20 listening tcp 7002
	barrier "listening-$1"
	traffic tcp-send "$(lab_ip $peer)" 7002 $((96 << 20)) plain &
	sender=$!
	still_sending 60
	assert_ge "datagrams by way of $2" $((before + 10)) "$(completed "$2")"
	barrier "streams-$1"
}

stream_ends() {
	wait $sender
	wait $receiver
	barrier "streamed-$1" 200
}

step "one peer, two paths"
comm_create sip0 network=lab
link_up sip0 "$HOST"
fabric_load
fabric_export "$(comm_dir sip0)"
fabric_admit
iscsi_target - "$(comm_dir sip0)"
iscsid_start
barrier exported
iscsi_login $peer node.session.timeo.replacement_timeout=5
fabric_join
wait_until 60 both_up
barrier joined
run lsscsi -t
run "$REPO/build/userspace/scsiip" peer
assert_eq "peers" 1 "$("$REPO/build/userspace/scsiip" -j peer | jq length)"
assert_eq "its paths" 2 "$("$REPO/build/userspace/scsiip" -j peer | jq '.[0].paths | length')"

step "iSCSI goes away under a stream, and comes back"
stream_begins iscsi iscsi_tcp
[ "$HOST" != 1 ] || iscsi_drop eth0
wait_until 40 path_down iscsi_tcp
stream_ends iscsi
assert_eq "paths that are up" 1 "$(comm_paths up)"
barrier seen
[ "$HOST" != 1 ] || iscsi_pass eth0
wait_until 60 both_up
barrier back

step "FCoE goes away under a stream"
# the path that was attached first carries it all
echo none > "$(path_of iscsi_tcp)/netdev"
echo auto > "$(path_of iscsi_tcp)/netdev"
wait_until 20 both_up
barrier fcoe-first
stream_begins fcoe fcoe
fabric_shut
wait_until 40 path_down fcoe
stream_ends fcoe
wait_until 20 path_is iscsi_tcp up
run "$REPO/build/userspace/scsiip" -s peer

step "nothing is left"
barrier leaving
iscsi_logout $peer
iscsid_stop
fabric_leave
barrier left
iscsi_untarget -
fabric_unexport
comm_delete sip0
comm_unload
fabric_unload
iscsi_unload
nothing_left
