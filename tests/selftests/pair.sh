# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the programs whose own script has them talk to themselves: namespaces left
# and right, joined by a pair of the MTU that is the first argument.
set -eu
for name in left right; do
	ip netns add $name
done
ip link add veth0 netns left type veth peer name veth0 netns right
number=1
for name in left right; do
	ip -n $name link set veth0 mtu "$1" up
	ip -n $name addr add 10.9.0.$number/24 dev veth0
	ip -n $name addr add fd09::$number/64 dev veth0 nodad
	number=$((number + 1))
done
