# scsiip-quick@.service: links that wait for their peers, each for its own
#
# check: none
# guests: 1
# timeout: 600
# init: systemd
# kernels: [12]
#
#	sip1, sip2	log in over iSCSI to what sip3, sip4 export, once that is there
#	sip5		logs in over SRP to what sip6 exports
#	sip7		never comes up
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
. "$REPO/tests/quick.sh"
. "$REPO/tests/interconnects.sh"
conf=/etc/scsiip
portal=$(peer_ip "$HOST")

# link N, peer_of N, export_of N: the files
link() {
	printf '%s\n' "[Interface]" "Address = 10.0.$1.1/24" "Network = lab$1"
}

peer_of() {
	printf '%s\n' "[Peer]" "Name = number$1" "Fabric = iscsi" "Target = $(iqn "$1")" "Portal = $portal:326$1"
}

export_of() {
	printf '%s\n' "[Export]" "Fabric = iscsi" "Target = $(iqn "$1")" "Portal = $portal:326$1" "Allow = any"
}

# peer_over_srp DEVICE
peer_over_srp() {
	printf '%s\n' "[Peer]" "Name = number6" "Fabric = srp" "Target = $(srp_guid "$HOST")" \
		"Portal = $portal:5555" "Device = $1"
}

# session_with N
session_with() {
	grep -q -x "$(iqn "$1")" /sys/class/iscsi_session/*/targetname 2> /dev/null
}

service() {
	run systemctl "$1" scsiip-quick@"$2"
	assert_eq "$2 after $1" "${3:-active}" "$(systemctl is-active scsiip-quick@"$2" || :)"
}

# settled: systemd has nothing more to do
settled() {
	[ -z "$(systemctl list-jobs --no-legend)" ]
}

timers() {
	systemctl list-units --type timer --no-legend --full 'run-*'
}

no_timers() {
	[ -z "$(timers)" ]
}

step "files"
quick_install
cat > /etc/modprobe.d/scsiip.conf <<-END
	install scsiip insmod $MODULES/net/scsiip.ko
	install target_core_comm modprobe -a target_core_mod scsiip && insmod $MODULES/backstore/target_core_comm.ko
END
echo "InitiatorName=$(iscsi_initiator "$HOST")" > /etc/iscsi/initiatorname.iscsi
run systemctl daemon-reload
comm_load
# udev has given eth0 another name
rxe_load "$(ip -o -4 addr show to "$portal" | awk '{ print $2 }')"
wait_until 10 settled
rdma link
target_load iscsi_target_mod ib_srpt
modprobe -a iscsi_tcp ib_srp
{ link 1; peer_of 3; } > $conf/sip1.conf
{ link 2; peer_of 4; } > $conf/sip2.conf
{ link 3; export_of 3; } > $conf/sip3.conf
{ link 4; export_of 4; } > $conf/sip4.conf
{ link 5; peer_over_srp rxe0; } > $conf/sip5.conf
{
	link 6
	printf '%s\n' "[Export]" "Fabric = srp" "Target = $(srp_port)" "Portal = $portal:5555" \
		"Allow = $(srp_initiator "$HOST")"
} > $conf/sip6.conf
everything > /tmp/clean

step "two that wait"
service start sip1
service start sip2
assert_eq "sessions" 0 "$(iscsi_sessions)"

step "up, by hand, of one that waits: it waits on"
before
! quick up sip1 || fail "nobody has answered"
assert_match "what it says" "cannot log in to $(iqn 3) at $portal:3263: no answer yet" "$said"
as_before
quick up --no-wait sip1

step "one that does not: what the others wait for comes all the same"
service stop sip2 inactive
wait_until 30 settled
quick up sip3
quick up sip4
wait_until 60 session_with 3
sleep 30
! session_with 4 || fail "what is stopped has come back"
up_again sip1

step "a failure of one does not end it for the others"
service start sip2
wait_until 60 session_with 4
service stop sip2 inactive
quick down sip4
service start sip2
{ link 7; peer_of 7; peer_over_srp rxe9; } > $conf/sip7.conf
before
! quick up --no-wait sip7 || fail "there is no rxe9"
assert_match "what it says" "rxe9: there is no such RDMA device" "$said"
as_before
wait_until 30 settled
quick up sip4
wait_until 60 session_with 4

step "all down"
service stop sip1 inactive
service stop sip2 inactive
quick down sip3
quick down sip4
cp /tmp/clean /tmp/before
as_before

step "SRP: asked again, as long as the service is there"
service start sip5
assert_match "what asks again" "scsiip-quick up --no-wait sip5" "$(timers)"
service stop sip5 inactive
wait_until 10 no_timers
as_before
service start sip5
quick up sip6
srp_up() {
	[ -n "$(ls -d /sys/class/srp_remote_ports/port-* 2> /dev/null)" ]
}
wait_until 100 srp_up
wait_until 30 settled
quick status sip5
wait_until 10 no_timers
service stop sip5 inactive
quick down sip6
as_before

step "nothing is left"
rxe_unload
run rmmod target_core_comm
run rmmod scsiip
nothing_left
