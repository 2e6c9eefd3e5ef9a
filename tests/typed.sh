# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scenarios that type what the documentation says to type.

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
		s/^scsiip-quick status/wait_until 60 &/
		s/^(ip netns exec .*)?ping (.*)/wait_until 30 \1ping -c 1 -W 1 \2/' "$RIG/typed.$HOST"
	grep . "$RIG/typed.$HOST"
}
