# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scenarios between two hosts over interconnects other than iSCSI over TCP.
# $FABRIC is srp, iser or fcoe; each has, below,
#
#	load, unload	the modules, and what is under them
#	tpg		the directory of this host's target portal group
#	initiator N	what host N is called as an initiator
#	export		the group, and what it takes to be found, for nobody
#	open		… it answers
#	join		this host logs in to the other's target, or is refused
#	leave		it logs out
#	shut		the target takes no more commands
peer=$((3 - HOST))

fabric_load() { "${FABRIC}_load"; }
fabric_tpg() { "${FABRIC}_tpg"; }
fabric_join() { "${FABRIC}_join"; }
fabric_leave() { "${FABRIC}_leave"; }
fabric_shut() { "${FABRIC}_shut"; }
fabric_unload() { "${FABRIC}_unload"; }

# fabric_export SO_DIR…: a target with these as LUN 0, 1, …, for nobody
fabric_export() {
	local so lun=0
	"${FABRIC}_export"
	for so in "$@"; do
		lun_link "$(fabric_tpg)/lun/lun_$lun" "$so"
		lun=$((lun + 1))
	done
	"${FABRIC}_open"
}

# fabric_admit: the other host, to all of them
fabric_admit() {
	local lun acl
	acl=$(fabric_tpg)/acls/$("${FABRIC}_initiator" $peer)
	mkdir "$acl"
	for lun in "$(fabric_tpg)"/lun/lun_*; do
		mkdir "$acl/${lun##*/}"
		ln -s "$lun" "$acl/${lun##*/}/default"
	done
}

fabric_unexport() {
	local tpg
	tpg=$(fabric_tpg)
	fabric_shut
	tpg_delete "$tpg"
	rmdir "${tpg%/*/*}"
}

# --- RDMA over Ethernet, in software ---

# rxe_load DEVICE
rxe_load() {
	modprobe -a rdma_rxe ib_uverbs rdma_cm rdma_ucm
	run rdma link add rxe0 type rxe netdev "$1"
}

rxe_unload() {
	run rdma link del rxe0
	modprobe -r rdma_rxe rdma_ucm
}

# --- SRP ---

# srp_guid N: that of host N's HCA, which is that of its target as well
srp_guid() {
	echo "505400fffe00070$1"
}

srp_load() {
	rxe_load eth0
	target_load ib_srpt
	modprobe ib_srp
}

# srp_port: as configfs has it
srp_port() {
	echo "0x$(sed 's/://g' /sys/class/infiniband/rxe0/ports/1/gids/0)"
}

srp_tpg() {
	echo "$TARGET/srpt/$(srp_port)/tpg_1"
}

srp_initiator() {
	echo "0x0000000000000000$(srp_guid "$1")"
}

srp_export() {
	mkdir -p "$TARGET/srpt"
	mkdir -p "$(srp_tpg)"
}

srp_open() {
	echo 5555 > "$TARGET/srpt/discovery_auth/rdma_cm_port"
	echo 1 > "$(srp_tpg)/enable"
}

srp_join() {
	local guid
	guid=$(srp_guid $peer)
	echo "id_ext=$guid,ioc_guid=$guid,dest=$(peer_ip):5555,sg_tablesize=32" \
		> /sys/class/infiniband_srp/srp-rxe0-1/add_target || return
	# what the network below has swallowed is not aborted one by one, five
	# seconds each
	echo 5 | tee /sys/class/srp_host/host*/device/scsi_host/host*/eh_deadline > /dev/null
}

srp_leave() {
	local port
	for port in /sys/class/srp_remote_ports/port-*; do
		echo 1 > "$port/delete"
	done
	wait_until 20 srp_left
}

srp_left() {
	! compgen -G '/sys/class/srp_host/host*'
}

srp_shut() {
	echo 0 > "$(srp_tpg)/enable"
}

srp_unload() {
	run rmmod ib_srp
	run rmmod ib_srpt
	rxe_unload
}

# --- iSER ---

iser_load() {
	rxe_load eth0
	target_load iscsi_target_mod ib_isert
	modprobe ib_iser
	iscsid_start
}

iser_tpg() {
	echo "$TARGET/iscsi/$(iqn "$HOST")/tpgt_1"
}

iser_initiator() { iscsi_initiator "$1"; }

iser_export() {
	mkdir -p "$TARGET/iscsi" "$(iser_tpg)/np/$(peer_ip "$HOST"):3260"
	echo 1 > "$(iser_tpg)/np/$(peer_ip "$HOST"):3260/iser"
	echo 0 > "$(iser_tpg)/attrib/authentication"
	# as in faults-transport.sh: no session is forgotten in a timer
	echo 3600 > "$(iser_tpg)/param/DefaultTime2Retain"
}

iser_open() {
	echo 1 > "$(iser_tpg)/enable"
}

iser_join() {
	iscsi_login $peer iface.transport_name=iser node.session.iscsi.DefaultTime2Retain=3600
}

iser_leave() {
	iscsi_logout $peer
}

iser_shut() {
	echo 0 > "$(iser_tpg)/enable"
}

iser_unload() {
	iscsid_stop
	run rmmod ib_iser
	run rmmod ib_isert iscsi_target_mod
	modprobe -r iscsi_tcp
	rxe_unload
}

# --- FCoE between two nodes without a switch (VN2VN) ---

fcoe_load() {
	target_load tcm_fc
	modprobe fcoe
}

fcoe_tpg() {
	echo "$TARGET/fc/$(fcoe_initiator "$HOST")/tpgt_1"
}

# A port is both
fcoe_initiator() {
	echo "20:00:52:54:00:00:07:0$1"
}

fcoe_export() {
	mkdir -p "$TARGET/fc"
	mkdir -p "$(fcoe_tpg)"
}

fcoe_open() { :; }

# The ports find each other by themselves. Who was refused is not asked again.
# What a port hears before it is set up, libfcoe falls over (fcoe_ctlr_vn_recv)
fcoe_join() {
	fcoe_leave
	eth0_cut
	echo eth0 > /sys/module/libfcoe/parameters/create_vn2vn
	eth0_mend
}

fcoe_leave() {
	! compgen -G '/sys/class/fc_host/host*' > /dev/null ||
		echo eth0 > /sys/module/libfcoe/parameters/destroy
}

# The group has no enable
fcoe_shut() {
	local lun
	for lun in "$(fcoe_tpg)"/acls/*/lun_*; do
		[ ! -d "$lun" ] || lun_unlink "$lun"
	done
}

fcoe_unload() {
	run rmmod fcoe
	run rmmod tcm_fc
	modprobe -r libfcoe libfc
}

# --- the network below ---

# eth0_cut, eth0_mend: nothing comes in. What goes out is lost at the other end:
# dropped here, it would be an error of sending, after which rxe gives a queue pair up
eth0_cut() {
	tc qdisc add dev eth0 clsact
	tc filter add dev eth0 ingress matchall action drop
}

eth0_mend() {
	tc qdisc del dev eth0 clsact
}

# --- what all of them have to carry ---

joined() {
	[ "$(comm_paths up)" = 1 ] && link_ready sip0
}

not_up() {
	[ "$(comm_paths up)" = 0 ]
}

# still: none does for a second
still() {
	sent=$(counter sip0 tx_completed)
	sleep 1
	[ "$(counter sip0 tx_completed)" = "$sent" ]
}

# contents LENGTH…: datagrams of these lengths, and a stream, of which the other
# host knows every byte; both ways at once
contents() {
	traffic udp-send "$(lab_ip $peer)" 7001 "$@"
	lab_stream $((8 << 20)) plain "$(lab_ip $peer)"
}

# between_hosts: the whole of it
between_hosts() {
	local answer name numbered
	step "two hosts, a target on each"
	comm_create sip0 network=lab
	link_up sip0 "$HOST"
	fabric_load
	fabric_export "$(comm_dir sip0)"
	barrier exported

	step "who is not admitted does not get in"
	! fabric_join || sleep 6
	assert_eq "paths" 0 "$(comm_paths '.*')"
	barrier refused

	step "who is does, and finds the other"
	fabric_admit
	barrier admitted
	fabric_join
	wait_until 60 joined
	barrier joined
	run lsscsi -t
	run ping -c 3 -i 0.2 "$(lab_ip $peer)"
	run ping -c 3 -i 0.2 -s 60000 -M "do" "$(lab_ip $peer)"

	step "contents"
	traffic udp-answer 7001 &
	answer=$!
	wait_until 20 listening udp 7001
	barrier answering
	contents 0-31 226-230 482-486 1470-1476 4066-4070 8162-8166 32738-32742 49122-49126 65500-65507
	lab_mtu 8000 sip0
	contents 7940-7976 20000 65000
	lab_mtu 1500 sip0
	contents 1440-1476 4000
	lab_mtu 65535 sip0
	kill $answer
	run "$REPO/build/userspace/scsiip" -s peer
	for name in tx_unmappable tx_refused rx_bad_header rx_short_data; do
		assert_eq "$name" 0 "$(counter sip0 $name)"
	done
	# FCoE gives up what a debug kernel takes seconds for
	if [ "$FABRIC" != fcoe ] || [ "$SLOW" = 1 ]; then
		assert_eq tx_uncertain 0 "$(counter sip0 tx_uncertain)"
	fi
	ethtool -S sip0 | grep ' [1-9]'
	assert_ge "tx_direct" 1 "$(counter sip0 tx_direct)"
	assert_ge "tx_copy" 1 "$(counter sip0 tx_copy)"
	# who brings its own pages uses them again
	if [ "$FABRIC" = srp ]; then
		assert_eq "rx_zero_copy" 0 "$(counter sip0 rx_zero_copy)"
	else
		assert_ge "rx_zero_copy" 100 "$(counter sip0 rx_zero_copy)"
	fi
	barrier contents

	step "the network below is away for twelve seconds"
	traffic_from sink 7000
	wait_until 20 listening tcp 7000
	"$REPO/tests/tools/flood" sink 7003 > /tmp/sink &
	numbered=$!
	wait_until 20 listening udp 7003
	barrier sinks
	traffic_from send "$(lab_ip $peer)" 7000 tcp
	still_sending 60
	barrier flows
	# tcm_fc waits for ever for write data that got lost, and libfcoe forgets who
	# has not been heard for twenty seconds, with what is under way
	if [ "$FABRIC" = fcoe ]; then
		tc qdisc add dev sip0 clsact
		tc filter add dev sip0 egress matchall action drop
		wait_until 20 still
		barrier still
	fi
	# First the answers of one host get lost: what it has sent then has come, which
	# it cannot know, and is not to be sent again. TCP leaves room for it.
	if [ "$HOST" = 1 ]; then
		kill -STOP "${FLOWS[@]}"
		wait_until 20 still
	fi
	if [ "$FABRIC" = fcoe ] || [ "$HOST" = 1 ]; then
		eth0_cut
	fi
	barrier cut
	if [ "$HOST" = 1 ]; then
		"$REPO/tests/tools/flood" number "$(lab_ip $peer)" 7003 0 1000
		kill -CONT "${FLOWS[@]}"
	fi
	wait_until 30 not_up
	barrier seen
	[ "$FABRIC" = fcoe ] || [ "$HOST" = 1 ] || eth0_cut
	sleep 12
	eth0_mend
	barrier mended
	[ "$FABRIC" != fcoe ] || sleep 20
	wait_until 180 joined
	barrier rejoined 200
	[ "$FABRIC" != fcoe ] || tc qdisc del dev sip0 clsact
	still_sending 60
	"$REPO/tests/tools/flood" number "$(lab_ip $peer)" 7003 1000 100
	still_sending 60
	barrier recovered 200
	kill $numbered
	wait $numbered || :
	run cat /tmp/sink
	assert_match "none came twice" "numbered [1-9][0-9]* again 0$" "$(cat /tmp/sink)"
	[ "$FABRIC" = fcoe ] || [ "$HOST" = 1 ] ||
		assert_ge "numbered, also of those without an answer" 101 \
			"$(sed -n 's/.* numbered \([0-9]*\) .*/\1/p' /tmp/sink)"

	step "a target goes under traffic"
	if [ "$HOST" = 2 ]; then
		fabric_shut
	else
		wait_until 60 not_up
	fi
	barrier gone 120
	traffic_stop

	step "nothing is left"
	barrier leaving
	fabric_leave
	barrier left
	fabric_unexport
	comm_delete sip0
	comm_unload
	fabric_unload
	nothing_left
}
