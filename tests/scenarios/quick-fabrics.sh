# scsiip-quick over iSER, SRP and FCoE: up, status, down between two hosts
#
# check: 6.1
# guests: 2
# timeout: 400
# known: drivers.infiniband.sw.rxe|cut here|Call Trace:|KASAN: .* in rxe_mr_copy|WARNING: .* iscsit_release_cmd
#
# isert may release a command that is still on its connection's list when the
# connection ends (6.12.117); of the rest docs/interconnects.md tells.
#
#	hosta sip0 10.0.0.1 <- iSER, then SRP, then FCoE -> hostb sip0 10.0.0.2
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/quick.sh"
. "$REPO/tests/interconnects.sh"
conf=/etc/scsiip

# link FABRIC: a file for it; the rest of [Export] and [Peer] come of export_FABRIC
# and peer_FABRIC
link() {
	FABRIC=$1
	cat > $conf/sip0.conf <<-END
		[Interface]
		Address = $(lab_ip "$HOST")/24
		Network = lab
		Serial = 5d1c2ee$HOST-0000-4000-8000-000000000000

		[Export]
		Fabric = $1
		Allow = $("$1_initiator" $peer)
		$("export_$1")

		$("peer_$1")
	END
}

export_iser() {
	printf '%s\n' "Target = $(iqn "$HOST")" "Portal = $(peer_ip "$HOST"):3260"
}

peer_iser() {
	printf '%s\n' "[Peer]" "Name = $(host_name $peer)" "Fabric = iser" "Target = $(iqn $peer)" "Portal = $(peer_ip):3260"
}

export_srp() {
	printf '%s\n' "Target = $(srp_port)" "Portal = $(peer_ip "$HOST"):5555"
}

peer_srp() {
	printf '%s\n' "[Peer]" "Name = $(host_name $peer)" "Fabric = srp" \
		"Target = $(srp_guid $peer)" "Portal = $(peer_ip):5555" "Device = rxe0"
}

export_fcoe() {
	printf '%s\n' "Target = $(fcoe_initiator "$HOST")" "Device = eth0"
}

# It comes by itself
peer_fcoe() { :; }

# filters: of what comes in
filters() {
	tc qdisc show dev eth0
	tc filter show dev eth0 ingress
}

# ports_met: host 2 goes on, has filters of its own, and hears host 1's port
# without a pause
ports_met() {
	if [ "$HOST" = 1 ]; then
		filters > /tmp/filters
		"$REPO/tests/tools/fip-again" eth0 > /tmp/again &
		again=$!
		quick up sip0
		wait_until 20 grep -q sending /tmp/again
	else
		run tc qdisc add dev eth0 clsact
		run tc filter add dev eth0 ingress pref 7 protocol ip matchall action ok
		filters > /tmp/filters
	fi
	barrier sending 100
}

quick_install
# the modules of ours are where modprobe does not find them
comm_load
rxe_load eth0
iscsid_start

for fabric in iser srp fcoe; do
	step "$fabric"
	link $fabric
	barrier "$fabric" 100
	before
	quick check sip0
	[ $fabric != fcoe ] || ports_met
	quick up sip0
	wait_until 60 joined
	barrier "$fabric-up" 100
	[ "$fabric/$HOST" != fcoe/1 ] || kill "$again"
	[ $fabric != fcoe ] || assert_eq "filters" "$(< /tmp/filters)" "$(filters)"
	run ping -q -c 2 -i 0.2 "$(lab_ip $peer)"
	run ping -q -c 2 -i 0.2 -s 60000 "$(lab_ip $peer)"
	quick status sip0
	up_again sip0
	barrier "$fabric-seen" 100
	quick down sip0
	barrier "$fabric-down" 100
	as_before
done

assert_eq "targets" '' "$(find "$TARGET" -mindepth 2 -name 'tp*g*_1')"
iscsid_stop
run rmmod ib_iser
run rmmod ib_srp
run rmmod fcoe
