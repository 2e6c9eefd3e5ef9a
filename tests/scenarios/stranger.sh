# A stranger's way: two Debians just installed, and what README.md says to type
#
# check: none
# kernels: 6.1
# guests: 2
# timeout: 3000
# memory: 3072
# init: systemd
# clean: yes
# alone: yes
#
# By "On two machines", from the packages (make deb) to the first ping: Debian's
# archive is reached over this machine's network, DKMS builds the modules, for
# the kernel of linux-headers-amd64.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/typed.sh"
export DEBIAN_FRONTEND=noninteractive
typed=0

# type_all: what commands has found, a line at a time
type_all() {
	local line
	while read -r line <&3; do
		typed=$((typed + 1))
		echo "# $line"
		eval "$line" || { journalctl --no-pager -u scsiip-quick@sip0; fail "$line"; }
	done 3< "$RIG/typed.$HOST"
}

cp "$REPO"/build/deb/*.deb /root || fail "there are no packages: make deb"
cd /root || exit

step "the packages"
commands README.md "Build the packages" "\`cat"
type_all

step "the initiator's name"
typed=$((typed + 1))
cat /etc/iscsi/initiatorname.iscsi
sed -n 's/^InitiatorName=//p' /etc/iscsi/initiatorname.iscsi > "$RIG/initiator.$HOST"
barrier named 2000

step "the file"
typed=$((typed + 1))
commands README.md "\`cat" "and on both"
sed "s/^Allow = .*/Allow = $(< "$RIG/initiator.$((3 - HOST))")/" "$RIG/typed.$HOST" > /etc/scsiip/sip0.conf

step "up"
commands README.md "and on both" "The network name"
type_all
echo "$typed commands"
[ $typed -le 10 ] || fail "more than ten"
barrier end 300
