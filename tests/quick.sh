# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scenarios of scsiip-quick.

# quick ARG…: what it says is in $said, too
# shellcheck disable=SC2034 # for whoever asks
quick() {
	local status=0
	printf '+ scsiip-quick %s\n' "$*"
	scsiip-quick "$@" > /tmp/said 2>&1 || status=$?
	cat /tmp/said
	said=$(< /tmp/said)
	return $status
}

# everything: what a link may have changed on this host
everything() {
	# that of a fabric comes when rtslib looks whether there is the fabric
	find "$TARGET" -mindepth 2 \( -type d -o -type l \) ! -name discovery_auth | sort
	ip -o link | sed 's/^[0-9]*: //; s/ qlen.*//'
	# what a router announces on eth0 comes when it comes
	ip -o addr | sed 's/^[0-9]*: //; /^eth0 *inet6/d; s/ valid_lft.*//'
	ip route
	ip -6 route | sed '/ dev eth0 /d'
	ip neigh show nud permanent
	ip netns list
	find /etc/iscsi/nodes -type f | sort
	ls /sys/class/scsi_device
	ls /sys/class/iscsi_session 2> /dev/null || :
	find /run/scsiip -type f ! -name lock
}

# as_before: all is as it was when $before was taken
as_before() {
	everything > /tmp/after
	diff /tmp/before /tmp/after || fail "something has changed"
}

before() {
	everything > /tmp/before
}
