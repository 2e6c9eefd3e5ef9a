# Two hosts over FCoE, VN2VN: found, refused, every content, outages, tear-down
#
# check: none
# guests: 2
# timeout: 600
#
#	sip0 <- comm unit <- target fcoe initiator -> … the same the other way
#	  eth0 -------------------- eth0
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
FABRIC=fcoe
. "$REPO/tests/interconnects.sh"
between_hosts
