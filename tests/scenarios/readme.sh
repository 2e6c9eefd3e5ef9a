# What README.md and docs/bus.md say to type, typed
#
# check: 6.1
# guests: 2
# timeout: 200
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/typed.sh"
peer=$((3 - HOST))

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
