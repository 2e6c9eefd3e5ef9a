# What README.md and docs/bus.md say to type, typed
#
# check: 6.1
# guests: 2
# timeout: 200
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
peer=$((3 - HOST))

# commands FILE AFTER BEFORE: what stands indented there between lines that
# begin so, as typed on host B if this is that
commands() {
	sed -n "/^$2/,/^$3/ s/^    //p" "$REPO/$1" > "$RIG/typed.$HOST"
	if [ "$HOST" = 2 ]; then
		sed -i -E 's/(host|192\.168\.7\.|10\.0\.0\.|0000000a)/\1@/g
			s/host@a/host@B/; s/host@b/hosta/; s/host@B/hostb/
			s/(7|0)\.@1/\1.@two/; s/(7|0)\.@2/\1.1/; s/@two/2/
			s/0a@/0b/' "$RIG/typed.$HOST"
	fi
	# the initiator's name here, modules that are not installed, an end
	sed -i -E 's/iqn\.1993-08\.org\.debian:01:/iqn.2026-11.lab.scsiip:initiator:/
		s/ target_core_comm$//; s/^modprobe -a tcm_scsiip$/bus_load/
		s/^scsiip peer set/wait_until 30 peers_are 1\n&/
		s/^(ip netns exec .*)?ping (.*)/wait_until 30 \1ping -c 1 -W 1 \2/' "$RIG/typed.$HOST"
	grep . "$RIG/typed.$HOST"
}

peers_are() {
	[ "$(scsiip -j peer | jq length)" = "$1" ]
}

step "make install has been there, and Debian's iscsid runs"
mkdir -p /etc/target
comm_load
iscsid_start

run make -s -C "$REPO" install-userspace

step "by scsiip-quick"
commands README.md "\`cat" "and on both"
mkdir -p /etc/scsiip
cp "$RIG/typed.$HOST" /etc/scsiip/sip0.conf
barrier ready
scsiip-quick check sip0
scsiip-quick up sip0
wait_until 30 comm_path_is '*' up
run scsiip-quick status sip0
barrier up
run ping -c 2 -i 0.2 "$(lab_ip $peer)"
barrier pinged-quick
scsiip-quick down sip0
barrier down

step "the target"
commands README.md "Host A is" "When both"
. "$RIG/typed.$HOST"
barrier targets

step "the initiator"
commands README.md "When both" "Do not run"
. "$RIG/typed.$HOST"
assert_eq "paths" 1 "$(comm_paths up)"
run ip addr show sip0
run scsiip link
run scsiip peer
run scsiip lun
run scsiip arp
assert_eq "the name of the peer" "$(host_name $peer)" "$(scsiip -j peer | jq -r '.[].name')"
run ping -c 2 -i 0.2 -s 60000 "$(lab_ip $peer)"
barrier pinged

iscsi_logout "$peer"
iscsid_stop

[ "$HOST" = 1 ] || exit 0
step "the bus"
commands docs/bus.md "## By hand" "## configfs"
. "$RIG/typed.$HOST"
assert_eq "paths" 2 "$(comm_paths up)"
