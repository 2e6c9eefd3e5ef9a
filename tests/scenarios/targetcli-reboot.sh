# targetctl restore on a host that has rebooted brings the link back
#
# check: none
# guests: 1
# timeout: 300
#
#	sip0 10.0.0.1			namespace h2: sip1 10.0.0.2
#	  | behind LUN 0 of		  |
#	naa.5001405000000001		naa.5001405000000002
#	==+===============================+==  bus 0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
PATH=${NEWEST:+$NEWEST:}$PATH	# tests/vm/newest-targetcli
saved=/etc/rtslib-fb-target/saveconfig.json

# cli PATH COMMAND…: as typed
cli() {
	run targetcli "$@"
}

# installed: what make install leaves, the modules where modprobe finds them
installed() {
	run make -s -C "$REPO" install-targetcli
	cat > /etc/modprobe.d/scsiip.conf <<END
install scsiip insmod $MODULES/net/scsiip.ko
install target_core_comm modprobe -a target_core_mod scsiip && insmod $MODULES/backstore/target_core_comm.ko
install tcm_scsiip modprobe target_core_comm && insmod $MODULES/bus/tcm_scsiip.ko
END
	mkdir -p /run/dbus
	dbus-daemon --system --fork
}

# network: as ifupdown or systemd-networkd do it at boot
network() {
	ip netns add h2
	ip link set sip1 netns h2
	link_up sip0 1
	link_up sip1 2 h2
}

both_ready() {
	[ "$(comm_paths up)" = 2 ] && link_ready sip0 && link_ready sip1 h2
}

addresses() {
	cat /sys/class/net/sip0/address
	ip netns exec h2 cat /sys/class/net/sip1/address
}

installed
if [ "$BOOT" = 1 ]; then
	step "two hosts on one bus, made by targetcli and saved"
	for i in 0 1; do
		wwn=naa.500140500000000$((i + 1))
		cli backstores/comm create name=sip$i network=lab
		cli scsiip/ create $wwn
		cli scsiip/$wwn/tpg1/luns create /backstores/comm/sip$i
		cli scsiip/$wwn/tpg1/acls create naa.500140500000000$((2 - i))
		cli scsiip/$wwn/tpg1 set attribute id=$((i + 5))
	done
	network
	wait_until 30 both_ready
	run ping -c 1 "$(lab_ip 2)"
	cli saveconfig
	targetcli ls > "$RIG/tree"
	addresses > "$RIG/addresses"
	cp "$saved" "$RIG"
	sync
	echo b > /proc/sysrq-trigger
	sleep 60
fi

step "rebooted"
assert_eq "modules" "" "$(lsmod | grep -E 'scsiip|target' || :)"
mkdir -p "${saved%/*}"
cp "$RIG/saveconfig.json" "$saved"
unit=/lib/systemd/system/rtslib-fb-targetctl.service
grep -x 'ExecStart=.*/targetctl restore' $unit
while read -r -a command; do
	run "${command[0]##*/}" "${command[@]:1}"
done < <(sed -n 's/^ExecStart=//p' $unit)
network
wait_until 30 both_ready
run ping -c 3 -i 0.2 -s 60000 "$(lab_ip 2)"
addresses | diff "$RIG/addresses" -
assert_eq "IDs" "5 6" "$(cat "$(bus_tpg 1)/attrib/id" "$(bus_tpg 2)/attrib/id" | xargs)"

step "nothing is left"
cli clearconfig confirm=True
ip netns delete h2
rmdir "$TARGET/scsiip"
run rmmod tcm_scsiip target_core_comm scsiip
