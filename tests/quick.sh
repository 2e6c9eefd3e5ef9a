# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scenarios of scsiip-quick.

# quick_install: what make install leaves, and what a host with open-iscsi has
quick_install() {
	run make -s -C "$REPO" install-userspace O="$REPO/build/userspace"
	mkdir -p /etc/scsiip /etc/iscsi/nodes /run/scsiip
}

# quick ARG…: what it says is in $said, too
quick() {
	local status=0
	printf '+ scsiip-quick %s\n' "$*"
	scsiip-quick "$@" > /tmp/said 2>&1 || status=$?
	cat /tmp/said
	said=$(< /tmp/said)
	return $status
}

# up_again NAME: which does nothing
up_again() {
	quick up "$1"
	assert_eq "what a second up does" '' "$said"
}

# everything: what a link may have changed on this host
everything() {
	# that of a fabric comes when rtslib looks whether there is the fabric
	find "$TARGET" -mindepth 2 \( -type d -o -type l \) ! -name discovery_auth | sort
	ip -o link | sed 's/^[0-9]*: //; s/ qlen.*//'
	# what a router announces on eth0, or enp0s4, comes when it comes
	ip -o addr | sed -E 's/^[0-9]*: //; /^(eth|en)[^ ]* *inet6/d; s/ valid_lft.*//'
	ip route
	ip -6 route | sed -E '/ dev (eth|en)/d'
	ip neigh show nud permanent
	ip netns list
	find /etc/iscsi/nodes -type f | sort
	ls /sys/class/scsi_device
	ls /sys/class/iscsi_session 2> /dev/null || :
	find /run/scsiip /var/lib/scsiip -type f ! -name lock 2> /dev/null || :
}

# as_before: all is as it was when $before was taken
as_before() {
	everything > /tmp/after
	diff /tmp/before /tmp/after || fail "something has changed"
}

before() {
	everything > /tmp/before
}
