# Host adapters with limits: every datagram keeps to them, and arrives whole
#
# check: 6.12-debug
# guests: 1
# timeout: 300
#
#	sip0, network limits -> tests/tools/host/limits.c, which looks at each list
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
. "$REPO/tests/tools/scsi.sh"
lengths=(1 2 3 27 28 29 100 227 228 229 255 256 257 484 511 512 513 1000 1252 1253 1472
	 1473 2049 3999 4000 4067 4068 4069 4096 4097 7777 8164 8192 8193 10007 12260
	 12288 16356 16384 16385 20001 28777 30000 32740 32768 32769 36864 40961 49152
	 50001 57345 61440 61441 65000 65227 65479 65480 65507)
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6

faults=/sys/kernel/debug/fail_page_alloc

# shortage PERCENT: of what our modules want of more than a page
shortage() {
	echo "within scsiip" | "$REPO/tests/tools/nth"
	echo 1 > $faults/min-order
	echo -1 > $faults/times
	echo "$1" > $faults/probability
}

# seen NAME: what the adapter has counted
seen() {
	cat "/sys/module/limits/parameters/$1"
}

# all_seen: what was sent is accounted for: come, or counted as not to be carried
all_seen() {
	[ $(($(seen good) + $(seen bad) + $(counter sip0 tx_unmappable) +
	     $(counter sip0 tx_no_memory))) = "$sent" ]
}

# limits MTU HOW PARAMETER=VALUE…: an adapter with these carries that much; HOW is
# direct if some of it goes from where it is, short if there is a shortage of
# large pieces of memory as well: what has to be copied into them is counted
limits() {
	step "${*:3}"
	limits_up "${@:3}"
	assert_eq "MTU" "$1" "$(cat /sys/class/net/sip0/mtu)"
	[ "$2" != short ] || shortage 100
	sent=$(traffic udp-lengths 10.0.0.2 7000 "${lengths[@]}")
	wait_until 20 all_seen || :
	[ "$2" != short ] || shortage 0
	echo "$sent sent, $(seen good) good, in up to $(seen most_segments) segments," \
		"$(counter sip0 tx_direct) as they were, $(counter sip0 tx_copy) copied"
	assert_eq "bad" 0 "$(seen bad)"
	if [ "$2" = short ]; then
		assert_ge "tx_no_memory" 1 "$(counter sip0 tx_no_memory)"
		assert_eq "sent or not" "$sent" $(($(seen good) + $(counter sip0 tx_no_memory)))
	else
		assert_eq "good" "$sent" "$(seen good)"
	fi
	assert_eq "tx_completed" "$(seen good)" "$(counter sip0 tx_completed)"
	assert_eq "sent" "$(seen good)" $(($(counter sip0 tx_direct) + $(counter sip0 tx_copy)))
	[ "$2" != direct ] || assert_ge "tx_direct" 1 "$(counter sip0 tx_direct)"
	limits_down
}

comm_load
limits 65535 direct can_queue=64
limits 65535 direct can_queue=1
limits 65535 direct dma_boundary=0xfff
limits 65535 direct dma_boundary=0xffff max_segment_size=65536
limits 65535 direct dma_boundary=0xfff max_segments=17
limits 65535 direct max_segments=12
limits 65535 any max_segments=2
limits 32768 any max_segments=1
limits 65535 any virt_boundary_mask=0xfff max_segments=12
limits 65535 any virt_boundary_mask=0xfff
limits 65535 any dma_alignment=511
limits 65535 any dma_alignment=511 max_segments=3 dma_boundary=0xffff
limits 65535 any dma_alignment=7 max_segment_size=4096
limits 32768 any max_segments=8 max_segment_size=6144
limits 32768 any max_segments=4 max_segment_size=12288
limits 8192 direct max_sectors=16
limits 16384 any max_segments=4 dma_boundary=0xfff
[ ! -e $faults/require-start ] || limits 32768 short max_segments=1

step "a queue that takes less than it did"
limits_up
echo 16 > /sys/module/limits/parameters/max_sectors
fit=$(traffic udp-lengths 10.0.0.2 7000 1 4000 8164)
unfit=$(traffic udp-lengths 10.0.0.2 7000 9000 32768 65507)
sent=$((fit + unfit))
wait_until 20 all_seen || :
assert_eq "bad" 0 "$(seen bad)"
assert_eq "good" "$fit" "$(seen good)"
assert_eq "tx_completed" "$fit" "$(counter sip0 tx_completed)"
assert_eq "tx_unmappable" "$unfit" "$(counter sip0 tx_unmappable)"
limits_down

step "nothing is left"
rmdir "$TARGET/core/comm_0" 2> /dev/null || :
run rmmod target_core_comm scsiip
nothing_left
