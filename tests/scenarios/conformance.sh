# The conformance suite of libiscsi, and sg3-utils: each row of docs/conformance.md
#
# check: 6.12
# guests: 1
# timeout: 180
#
#	iscsi-test-cu ------------> iSCSI -> comm unit, RAM disk
#	sg3-utils -> iscsi_tcp ---> iSCSI -> the same
#
# The tables that the run would have are left in suite.table and sg.table.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/tools/scsi.sh"
doc=$REPO/docs/conformance.md

# suite NAME: runs the tests on standard input (SUITE.TEST, a line each) on that
# target; what became of them, as "SUITE.TEST VERDICT [WHAT IT SAID]"
suite() {
	sed 's/^/ALL./' > "$RIG/suite.tests"
	LD_PRELOAD=$TOOLS/capacity.so timeout 120 iscsi-test-cu --Verbose-scsi \
		--dataloss --allow-sanitize --test "$RIG/suite.tests" \
		"iscsi://$(peer_ip 1):3260/$(iqn 1):$1/0" > "$RIG/suite.$1" 2>&1 || :
	awk 'function done() {
			if (verdict) print name, verdict, said
			verdict = name = said = "" }
		/^Suite: / { suite = $2 }
		/^  Test: / { done(); name = suite "." $2 }
		# the last one says so without the mark
		name && !verdict && !said && match($0, /\[SKIPPED\] |No .* tests for/) {
			said = substr($0, RSTART + (/SKIPPED/ ? RLENGTH : 0))
			sub(/\.?( Skipping test)?\.? *$/, "", said)
		}
		name && !verdict && match($0, /(^|\.\.\.)(passed|FAILED)( |$)/) {
			verdict = substr($0, RSTART, RLENGTH) !~ /FAILED/ ? said ? "skipped" : "passed" : "failed"
			if (verdict == "failed") said = ""
		}
		# the assertions follow, and on the same line what comes next
		verdict == "failed" && sub(/^ +[0-9]+\. /, "") {
			sub(/    .*/, ""); gsub(/ +/, " ")
			said = said (said ? ", " : "") $0
		}
		END { done() }' "$RIG/suite.$1"
}

# not_run: the tests that the table calls so, as suite has them
not_run() {
	sed -n 's/^| \([A-Za-z0-9]*\) | \(.*\) | \(not run\) | \(.*\) |$/\1|\2|\4/p' "$doc" |
		while IFS='|' read -r suite tests why; do
			[ "$tests" != all ] || tests=$(sed -n "s/^$suite\.//p" "$RIG/tests")
			for test in ${tests//,/ }; do
				echo "$suite.$test not_run $why"
			done
		done
}

# table: of the lines that suite makes, a row for the tests of a suite that
# ended in the same way
table() {
	awk -F '[. ]' 'NR == FNR { key = $1 "." $2; verdict[key] = $3
			sub(/^[^ ]* [^ ]* ?/, ""); why[key] = $0; next }
		{ key = $1 "." $2
		  row = $1 "|" (key in verdict ? verdict[key] : "no verdict") "|" why[key]
		  if (!(row in tests)) { order[++rows] = row; ways[$1]++ }
		  tests[row] = tests[row] (tests[row] ? ", " : "") $2 }
		END { for (i = 1; i <= rows; i++) {
			split(order[i], part, "|")
			sub(/_/, " ", part[2])
			print "| " part[1] " | " (ways[part[1]] == 1 ? "all" : tests[order[i]]) \
				" | " part[2] " |" (part[3] ? " " part[3] : "") " |" } }' - "$RIG/tests"
}

# named STATUS: what sg3-utils end with, by name
named() {
	case $1 in
	0) echo good ;;
	2) echo not ready ;;
	5) echo illegal request ;;
	9) echo no such command ;;
	83) echo not among its pages ;;
	*) echo "status $1" ;;
	esac
}

# sg COMMAND…: on $sg; what it ended with
sg() {
	local status=0
	timeout 60 "$@" "$sg" >> "$RIG/sg.log" 2>&1 || status=$?
	named $status
}

step "a comm unit and a RAM disk"
comm_create sip0 network=lab
link_up sip0 1
iscsi_target comm "$(comm_dir sip0)"
ramdisk_create ram 8
iscsi_target ram "$TARGET/core/rd_mcp_0/ram"

step "iscsi-test-cu"
iscsi-test-cu --list | sed -n 's/^ALL\.\(.*\..*\)/\1/p' > "$RIG/tests"
not_run > "$RIG/not-run"
cut -d ' ' -f 1 "$RIG/not-run" | grep -v -x -F -f - "$RIG/tests" | suite comm > "$RIG/verdicts"
cat "$RIG/verdicts" "$RIG/not-run" | table > "$RIG/suite.table"
cat "$RIG/suite.table"
grep -v ' skipped ' "$RIG/verdicts" | cut -d ' ' -f 1 | suite ram > "$RIG/verdicts.ram"
assert_ge "tests that run on both" 10 "$(wc -l < "$RIG/verdicts.ram")"
echo "of what passes or fails, a RAM disk passes $(grep -c ' passed' "$RIG/verdicts.ram")"
grep -v ' passed' "$RIG/verdicts.ram" || :
# what fails must be LIO's own
while IFS= read -r failure; do
	grep -q -x -F "$failure" "$RIG/verdicts.ram" || fail "only the comm unit: $failure"
done < <(grep ' failed ' "$RIG/verdicts" || :)
run diff <(grep -E '^\| [A-Za-z0-9]+ \| .* \| (passed|skipped|failed|not run) \|' "$doc") \
	"$RIG/suite.table"

step "sg3-utils"
iscsid_start
iscsi_login 1 -- comm
iscsi_login 1 -- ram
wait_until 20 comm_units
wait_until 20 path_is "$(comm_units)" own
comm=$(sg_of "$(comm_units)")
ram=$(lsscsi -g | awk '/RAMDISK/ { print $NF }')
while read -r -a command; do
	sg=$comm answer=$(sg "${command[@]}")
	sg=$ram disk=$(sg "${command[@]}")
	echo "| \`${command[*]}\` | $answer |" >> "$RIG/sg.table"
	echo "| \`${command[*]}\` | $answer | on a RAM disk: $disk"
done <<END
sg_turs
sg_requests
sg_inq
sg_inq -e
sg_inq -e -p 0x00
sg_inq -e -p 0x80
sg_inq -e -p 0x83
sg_inq -e -p 0xc0
sg_inq -e -p 0xb0
sg_inq -e -f -p 0xb0
sg_vpd
sg_vpd -p sn
sg_vpd -p di
sg_vpd -p 0xc0
sg_vpd -f -p bl
sg_luns
sg_luns -s 2
sg_opcodes
sg_opcodes -R
sg_opcodes -o 0x2a
sg_opcodes -o 0x28
sg_opcodes -o 0xa3,0xc
sg_modes
sg_modes -6
sg_modes -a
sg_reset -d
sg_turs -n 5
sg_senddiag -t
sg_logs
sg_persist -i -k
sg_rtpg
sg_ident
sg_timestamp
sg_read_buffer
sg_readcap
sg_sync
sg_start 1
END
run diff <(sed -n "s/^\(| .sg_[^|]* | [^|]* |\).*/\1/p" "$doc") "$RIG/sg.table"

step "nothing is left"
iscsi_logout 1 comm
iscsi_logout 1 ram
iscsid_stop
iscsi_untarget comm
iscsi_untarget ram
ramdisk_delete ram
comm_delete sip0
comm_unload
