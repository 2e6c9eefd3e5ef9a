# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the benchmark's guests share. A figure goes into $RIG/figures as
# "NAME VALUE"; make bench takes the median of each.
. "$REPO/tests/lib.sh"

# shellcheck disable=SC2034 # by those who source this
METER=$REPO/build/meter
ROUNDS=${ROUNDS:-3}

# figure NAME COMMAND…: what the command prints
figure() {
	local name=$1 value
	shift
	value=$("$@")
	printf '%s %s\n' "$name" "$value" | tee -a "$RIG/figures"
}

# bulk ADDRESS [NAMESPACE]: Mbit/s of one TCP stream
bulk() {
	${2:+ip netns exec "$2"} iperf3 -c "$1" -t 4 -O 1 -J | jq '.end.sum_received.bits_per_second / 1e6'
}
