# targetcli: what the plugin is for, typed; saved, cleared and restored
#
# check: 6.12
# guests: 1
# timeout: 400
# memory: 1536
#
#	namespace h1			namespace h2
#	  sip0 10.0.0.1			  sip1 10.0.0.2
#	    | behind LUN 0 of		    |
#	  naa.5001405000000001		  naa.5001405000000002
#	  ==+===============================+=== bus 0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
PATH=${NEWEST:+$NEWEST:}$PATH	# tests/vm/newest-targetcli
saved=/etc/rtslib-fb-target/saveconfig.json
iqn=iqn.2026-11.lab.scsiip:a
serial0=5d1c2ee2-0000-4000-8000-00000000000a
serial1=5d1c2ee2-0000-4000-8000-00000000000b

# cli PATH COMMAND…: as typed
cli() {
	run targetcli "$@"
}

# type_in: the commands on stdin, into one targetcli, which starts where the last
# one was; what it says is in $RIG/text too, without the breaks of long lines
type_in() {
	{ echo "cd /"; cat; } | targetcli 2>&1 | tee "$RIG/said"
	tr -s '\n ' '  ' < "$RIG/said" > "$RIG/text"
}

# said TEXT…
said() {
	local text
	for text; do
		grep -q -F -e "$text" "$RIG/text" || fail "it does not say '$text'"
	done
}

# refused TEXT COMMAND…: it fails, says TEXT, and leaves everything as it was
refused() {
	local before status=0
	before=$(everything)
	printf '> %s\n' "${*:2}"
	targetcli "${@:2}" > "$RIG/text" 2>&1 || status=$?
	cat "$RIG/text"
	assert_eq "status of '${*:2}'" 1 $status
	said "$1"
	assert_eq "configfs and interfaces" "$before" "$(everything)"
}

# everything: the directories and links of configfs, and the interfaces
everything() {
	find "$TARGET" -type d -o -type l
	interfaces
}

interfaces() {
	find /sys/class/net/ -type l -printf '%f\n' | sort
}

# so NAME: the directory of a storage object that targetcli made
so() {
	echo "$TARGET"/core/comm_*/"$1"
}

info() {
	grep -o 'netdev:.*' "$(so "$1")/info"
}

# tree: what targetcli shows, without what depends on the width of a screen
tree() {
	targetcli ls | sed 's/ \.\.* / /'
}

backstores() {
	targetcli ls /backstores 1 | awk '/ o- / { print $2 }' | paste -s -d ' '
}

# config: the saved configuration, with the storage objects in one order
config() {
	jq -S '.storage_objects |= sort_by(.name) | .targets |= sort_by(.wwn)' "$saved"
}

# paths_up N: endpoint N sees one unit, and that is up
paths_up() {
	assert_eq "paths of $1" up \
		"$(cat "/sys/bus/scsi/devices/$(cat "$(bus_tpg "$1")/host")":*/scsiip/state)"
}

# python TEXT: with rtslib
python() {
	/usr/bin/python3 -c "$1"
}

mkdir -p /run/dbus
dbus-daemon --system --fork	# targetcli looks for other backstores there
target_load iscsi_target_mod
mkdir -p "$TARGET/iscsi"	# the first that lists all targets would

step "without the plugin, and with it"
assert_eq "backstores" "block fileio pscsi ramdisk" "$(backstores)"
run make -s -C "$REPO" install-targetcli
assert_eq "backstores" "block comm fileio pscsi ramdisk" "$(backstores)"
before=$(everything)
type_in <<END
backstores/comm create sip0
scsiip/ create
END
said "Cannot load the kernel module target_core_comm" \
	"Cannot load the kernel module tcm_scsiip"
assert_eq "configfs and interfaces" "$before" "$(everything)"
bus_load
cli backstores/comm help create > "$RIG/text"
grep -x 'create name \[netdev\] \[network\] \[wwn\] ' "$RIG/text"

step "a communications device"
cli backstores/comm create name=sip0 network=lab wwn=$serial0
assert_eq "enable" 1 "$(cat "$(so sip0)/enable")"
assert_match "info" '^netdev: sip0  network: lab  .* state: down' "$(info sip0)"
assert_match "serial" "$serial0\$" "$(cat "$(so sip0)/wwn/vpd_unit_serial")"
# not a random one: the serial number was there when the interface was made
assert_eq "addr_assign_type" 0 "$(cat /sys/class/net/sip0/addr_assign_type)"
ip link add sip5 type scsiip
ip link add sip6 type scsiip
type_in <<END
cd backstores/comm
create sip1 wwn=$serial1 network=lab
create name=attached netdev=sip5 network=other
create name=sip6 netdev=sip6
create sip7
delete sip7
/backstores/comm/sip0 info
END
said "Created communications device attached with interface sip5." \
	"link-layer address: $(cat /sys/class/net/sip0/address)" "wwn: $serial0"
assert_match "info" '^netdev: sip1  network: lab ' "$(info sip1)"
assert_match "info" '^netdev: sip5  network: other ' "$(info attached)"
assert_match "info" '^netdev: sip6  network:   ' "$(info sip6)"
[ ! -e /sys/class/net/sip7 ] || fail "sip7 is still there"
[ ! -e "$(so sip7)" ] || fail "and so is its storage object"
ip link add sip8 type scsiip
assert_eq "completions of netdev=" "['sip8 ']" "$(python '
import importlib
from targetcli.ui_root import UIRoot
# configshell or configshell_fb, of which there may be two versions
configshell = importlib.import_module(UIRoot.__mro__[-2].__module__.split(".")[0])
root = UIRoot(configshell.ConfigShell("/tmp/targetcli"), as_root=True)
root.refresh()
comm = root.get_node("/backstores/comm")
print(comm.ui_complete_create({}, "si", "netdev"))' | tail -n 1)"
ip link delete sip8

step "endpoints on the bus"
cli scsiip/ create naa.5001405000000001
cli scsiip/naa.5001405000000001/tpg1/luns create /backstores/comm/sip0
cli scsiip/naa.5001405000000001/tpg1 set attribute bus=0 id=3
cli scsiip/naa.5001405000000001/tpg1/acls create naa.5001405000000002
tpg=$(bus_tpg 1)
assert_eq "enable, bus and ID" "1 0 3" \
	"$(cat "$tpg/enable" "$tpg/attrib/bus" "$tpg/attrib/id" | paste -s -d ' ')"
assert_eq "LUN 0" "$(so sip0)" "$(realpath "$tpg"/lun/lun_0/*-* "$tpg"/lun/lun_0/* | grep /core/comm_)"
[ -d "$tpg/acls/naa.5001405000000002/lun_0" ] || fail "no mapped LUN"
type_in <<END
scsiip/ create naa.5001405000000002
cd scsiip/naa.5001405000000002/tpg1
luns/ create /backstores/comm/sip1
set attribute generate_node_acls=1 demo_mode_write_protect=0
set attribute max_id=32 id=20
/scsiip/naa.5001405000000001/tpg1 set attribute max_id=32
END
assert_eq "ID" 20 "$(cat "$(bus_tpg 2)/attrib/id")"

step "the same unit over iSCSI"
cli iscsi/ create $iqn
cli iscsi/$iqn/tpg1/luns create /backstores/comm/sip0
find "$TARGET/iscsi/$iqn/tpgt_1/lun/lun_0" -type l -exec realpath {} + > "$RIG/text"
assert_eq "LUN 0" "$(so sip0)" "$(cat "$RIG/text")"
cli ls

step "what cannot be"
refused "wwn=1234: not 8-4-4-4-12 hexadecimal digits" backstores/comm create sip9 wwn=1234
refused "wwn=iqn.2026-11.lab.scsiip:b: not naa. and 16" scsiip/ create iqn.2026-11.lab.scsiip:b
before=$(everything)
type_in <<END
cd backstores/comm
create sip9 wwn=$serial0
create sip9 netdev=nobody
create sip9 netdev=eth0
create sip9 netdev=sip5
create sip9 netdev=a:b
create sip0 network=lab
create eth0
create abcdefghijklmnop
create sip9 network=abcdefghijklmnopqrstuvwxyz012345
create sip9 network=a,b
delete sip9
cd /scsiip
create naa.500140500000000
create naa.5001405000000001
naa.5001405000000001/tpg1 set attribute id=32
END
assert_eq "configfs and interfaces" "$before" "$(everything)"
said "wwn=$serial0: storage object comm/sip0 has it" \
	"netdev=nobody: there is no such network interface" \
	"netdev=eth0: not a scsiip network interface" \
	"netdev=sip5: another storage object has it" \
	"netdev=a:b: not the name of a network interface" \
	"Storage object comm/sip0 exists" \
	"name=eth0: there is a network interface of that name" \
	"name=abcdefghijklmnop: longer than 15 characters" \
	"network=abcdefghijklmnopqrstuvwxyz012345: not up to 31" \
	"network=a,b: not up to 31" \
	"No storage object named sip9" \
	"wwn=naa.500140500000000: not naa. and 16" \
	"This Target already exists" \
	"Cannot set attribute id: [Errno 22]"
assert_eq "ID" 3 "$(cat "$tpg/attrib/id")"

step "saved, cleared and restored"
cli saveconfig
config > "$RIG/before"
tree > "$RIG/tree-before"
cli clearconfig confirm=True
assert_eq "storage objects" "" "$(find "$TARGET/core" -path '*/comm_*')"
assert_eq "endpoints" "" "$(find "$TARGET/scsiip" -mindepth 1 -maxdepth 1 -name 'naa.*')"
assert_eq "interfaces" "eth0 lo sip5 sip6" "$(interfaces | paste -s -d ' ')"
cli restoreconfig
tree | diff "$RIG/tree-before" -
cli saveconfig
config | diff "$RIG/before" -
assert_eq "addr_assign_type" 0 "$(cat /sys/class/net/sip0/addr_assign_type)"

step "as at boot: targetctl"
if [ -z "$NEWEST" ]; then
	run targetctl clear
else	# in rtslib 2.2.3 that ends in a TypeError, whatever there is to clear
	cli clearconfig confirm=True
fi
assert_eq "storage objects" "" "$(find "$TARGET/core" -path '*/comm_*')"
targetctl restore > "$RIG/text" 2>&1
assert_eq "targetctl restore" "" "$(cat "$RIG/text")"
tree | diff "$RIG/tree-before" -
cli saveconfig
config | diff "$RIG/before" -

step "both of Debian's module trees"
for tree in rtslib rtslib_fb; do
	python "
import $tree, json
json.dump($tree.RTSRoot().dump(), open('$saved', 'w'))" 2> /dev/null
	config | diff "$RIG/before" -
done

step "an interface of an attached one is missing, and one is not enabled"
ip link delete sip5
mkdir -p "$TARGET/core/comm_99/half"
tree > "$RIG/text"
grep -F 'o- attached [sip5 (interface missing, network other) deactivated]' "$RIG/text"
grep -F 'o- half [half (not enabled) deactivated]' "$RIG/text"
cli saveconfig
assert_eq "half" null "$(jq '.storage_objects[] | select(.name == "half").netdev' $saved)"
config | jq 'del(.storage_objects[] | select(.name == "half"))' | diff "$RIG/before" -
rmdir "$TARGET/core/comm_99/half" "$TARGET"/core/comm_99

step "two hosts on the bus"
for i in 1 2; do
	ip netns add h$i
	ip link set sip$((i - 1)) netns h$i
	ip -n h$i link set lo up
	link_up sip$((i - 1)) $i h$i
done
for i in 1 2; do
	wait_until 30 link_ready sip$((i - 1)) h$i
	paths_up $i
done
run ip netns exec h1 ping -q -c 3 -i 0.2 -s 60000 "$(lab_ip 2)"
run ip netns exec h2 ping -q -c 3 -i 0.2 "$(lab_ip 1)"
type_in <<END
scsiip/ ls
backstores/comm ls
sessions
END
said "sip0 (up, $(ip netns exec h1 cat /sys/class/net/sip0/address), network lab) activated"

step "the daemon"
setsid targetclid > "$RIG/targetclid" 2>&1 &
daemon=$!
wait_until 20 test -S /var/run/targetclid.sock
run targetcli set global auto_use_daemon=true
run targetcli backstores/comm ls | tee "$RIG/text"
grep -q "sip0 (up, " "$RIG/text"
run targetcli --disable-daemon
kill $daemon

step "deleted while exported, and everything else"
cli backstores/comm delete sip0
assert_eq "LUNs of 1" "" "$(find "$tpg/lun" -mindepth 1 -maxdepth 1)"
assert_eq "LUNs of iSCSI" "" "$(find "$TARGET/iscsi/$iqn/tpgt_1/lun" -mindepth 1 -maxdepth 1)"
wait_until 10 test ! -e /sys/bus/scsi/devices/"$(cat "$(bus_tpg 2)/host")":0:3:0

step "made by hand: two in one directory, names that rtslib does not use"
comm_create a
comm_create b
mkdir -p "$TARGET"/scsiip/naa.{6001405000000002,9001405000000001}
cli backstores/comm delete a
[ ! -e "$(comm_dir a)" ] || fail "a is still there"
[ -e "$(comm_dir b)" ] || fail "b is gone, too"
cli scsiip/ ls
cli clearconfig confirm=True
assert_eq "storage objects" "" "$(find "$TARGET/core" -path '*/comm_*')"
rmdir "$TARGET"/scsiip/naa.*
ip link delete sip6
ip netns delete h1
ip netns delete h2
assert_eq "interfaces" "eth0 lo" "$(interfaces | paste -s -d ' ')"

step "removed"
run make -s -C "$REPO" uninstall-targetcli
assert_eq "backstores" "block fileio pscsi ramdisk" "$(backstores)"
python 'import sys; assert "scsiip_targetcli" not in sys.modules'
rmdir "$TARGET/scsiip" "$TARGET"/iscsi
run rmmod tcm_scsiip
run rmmod target_core_comm
run rmmod scsiip
