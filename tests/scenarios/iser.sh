# Two hosts over iSER over soft-RoCE: found, refused, every content, outages, tear-down
#
# check: none
# guests: 2
# timeout: 600
# known: drivers.infiniband.sw.rxe|cut here|Call Trace:|KASAN: .* in rxe_mr_copy|WARNING: .* iscsit_release_cmd
#
#	sip0 <- comm unit <- target iser initiator -> … the same the other way
#	  eth0 -------------------- eth0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
FABRIC=iser
. "$REPO/tests/interconnects.sh"
between_hosts
