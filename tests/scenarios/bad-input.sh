# Settings that cannot be: the right error, and nothing changes
#
# check: 6.1 6.12-debug
# guests: 1
# timeout: 180
# smp: 1
#
#	configfs -> comm units;  sysfs -> a path;  rtnetlink -> interfaces
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/tools/scsi.sh"
wwn=naa.5001405000000001
long15=abcdefghijklmno
name31=abcdefghijklmnopqrstuvwxyz01234

# refused ERRNO FILE TEXT: so is the write of TEXT, in one piece
refused() {
	local status=0
	printf '> %-8s %s <- %q\n' "$1" "${2##*/config/target/core/}" "$3"
	"$TOOLS/put" "$2" "$3" > "$RIG/text" || status=$?
	assert_eq "write of '$3'" "1 $1" "$status $(cat "$RIG/text")"
}

# unit NAME: a storage object that is not enabled
unit() {
	mkdir -p "$(comm_dir "$1")"
}

# info NAME: what its line in info says, without the core's
info() {
	grep -o 'netdev:.*' "$(comm_dir "$1")/info"
}

# link ANSWER NAME [KEY=VALUE…]: an rtnetlink request, and a pattern of errno
# and text of its answer; unless that is OK there must be no such interface
link() {
	local answer
	answer=$("$TOOLS/newlink" "${@:2}")
	printf '> %-40s %s\n' "${*:2}" "$answer"
	# shellcheck disable=SC2053 # a pattern
	[[ $answer = $1 ]] || fail "newlink ${*:2}: expected '$1', got '$answer'"
	[[ $1 = OK || $1 = EEXIST || $* = *change* ]] || [ ! -e "/sys/class/net/$2" ] ||
		fail "but $2 exists"
}


# interfaces: all there are
interfaces() {
	find /sys/class/net/ -type l -printf '%f\n' | sort | paste -s -d ' '
}

comm_load
mkdir -p "$TARGET/core/comm_0"

step "parameters that are not taken"
unit a
control=$(comm_dir a)/control
for text in foo=1 foo netdev= netdev network=lab,foo=1 foo=1,network=lab NETWORK=lab \
	    netdev=a/b netdev=. netdev=.. netdev=a:b 'netdev=a b' netdev=sip%d \
	    "netdev=${long15}p" "network=${name31}5" 'network=a b' $'network=a\tb' \
	    $'network=lab\033' network=lab$'\303\244' "netdev=sip0,network=${name31}5"; do
	refused EINVAL "$control" "$text"
	assert_eq "info" "netdev:   network:   state: not enabled" "$(info a)"
done
run "$TOOLS/put" "$control" "network=$name31"
assert_eq "info" "netdev:   network: $name31  state: not enabled" "$(info a)"
run "$TOOLS/put" "$control" $'netdev=nobody,network=lab\n'
assert_eq "info" "netdev: nobody  network: lab  state: not enabled" "$(info a)"
run "$TOOLS/put" "$control" "network="

step "interfaces that are not to be had"
enable=$(comm_dir a)/enable
refused EINVAL "$enable" 0
refused ENODEV "$enable" 1
for other in lo eth0; do
	echo "netdev=$other" > "$control"
	refused EINVAL "$enable" 1
done
ip netns add elsewhere
ip -n elsewhere link add sip9 type scsiip
echo netdev=sip9 > "$control"
refused ENODEV "$enable" 1
assert_eq "enabled" 0 "$(cat "$enable")"
ip netns delete elsewhere

step "names that cannot be an interface's"
for name in lo eth0; do
	unit $name
	refused EEXIST "$(comm_dir $name)/enable" 1
	assert_eq "info" "netdev:   network:   state: not enabled" "$(info $name)"
	comm_delete $name
done
for name in ${long15}p a:b sip%d; do
	unit "$name"
	refused EINVAL "$(comm_dir "$name")/enable" 1
	assert_eq "info" "netdev:   network:   state: not enabled" "$(info "$name")"
	assert_eq "enabled" 0 "$(cat "$(comm_dir "$name")/enable")"
done
assert_eq "interfaces" "eth0 lo" "$(interfaces)"
ip link add sip1 type scsiip
echo netdev=sip1 > "$(comm_dir ${long15}p)/control"
echo 1 > "$(comm_dir ${long15}p)/enable"
assert_match "info" 'netdev: sip1 .* state: down' "$(info ${long15}p)"

step "an interface that has a unit"
echo netdev=sip1 > "$control"
refused EBUSY "$enable" 1
assert_eq "enabled" 0 "$(cat "$enable")"
for name in ${long15}p a:b sip%d; do
	comm_delete "$name"
done
assert_eq "interfaces" "eth0 lo sip1" "$(interfaces)"
echo 1 > "$enable"
assert_match "info" 'netdev: sip1 .* state: down' "$(info a)"

step "too late"
before=$(info a)
refused EBUSY "$control" network=lab
refused EBUSY "$control" netdev=sip2
refused EEXIST "$enable" 1
assert_eq "info" "$before" "$(info a)"
comm_delete a
ip link delete sip1

step "the netdev of a path"
comm_create sip0
ip link set sip0 up
ip link add $long15 type scsiip
loop_target $wwn "$(comm_dir sip0)"
wait_until 20 comm_units
unit=$(comm_units)
attr=/sys/bus/scsi/devices/$unit/scsiip/netdev
wait_until 20 path_is "$unit" unattached
for text in nobody $'\n' ' ' a/b "${long15}p" 'none none'; do
	refused ENODEV "$attr" "$text"
	assert_eq "netdev" '' "$(cat "$attr")"
done
refused EINVAL "$attr" "${long15}pq"
for text in lo eth0 $'eth0\n'; do
	refused EINVAL "$attr" "$text"
done
path_is "$unit" unattached
status=0
setpriv --bounding-set -net_admin --inh-caps -net_admin \
	"$TOOLS/put" "$attr" $long15 > "$RIG/text" || status=$?
assert_eq "without CAP_NET_ADMIN" "1 EPERM" "$status $(cat "$RIG/text")"
run "$TOOLS/put" "$attr" none
path_is "$unit" detached
run "$TOOLS/put" "$attr" sip0
wait_until 20 path_is "$unit" own
refused ENODEV "$attr" nobody
path_is "$unit" own
for text in $long15 $long15$'\n'; do
	run "$TOOLS/put" "$attr" "$text"
	wait_until 20 path_is "$unit" up
	assert_eq "netdev" $long15 "$(cat "$attr")"
	refused EINVAL "$attr" lo
	assert_eq "netdev" $long15 "$(cat "$attr")"
	run "$TOOLS/put" "$attr" $'none\n'
	path_is "$unit" detached
	assert_eq "netdev" '' "$(cat "$attr")"
done
run "$TOOLS/put" "$attr" auto
wait_until 20 path_is "$unit" unattached
ip link delete $long15

step "rtnetlink"
link OK sip1 network=lab
link OK sip1 change=1 network="$name31"
link OK sip1 change=1 network=
ip link delete sip1
link "EINVAL ?*" sip1 long=32
link "EINVAL ?*" sip1 long=33
link "EINVAL ?*" sip1 long=4000
link "EINVAL ?*" sip1 raw=lab
link "EINVAL ?*" sip1 raw=
link "EINVAL network name must be *" sip1 network='a b'
link "EINVAL network name must be *" sip1 network=$'lab\n'
link "EINVAL network name must be *" sip1 network=$'lab\377'
link "EINVAL link-layer address must *" sip1 address=0200000000
link "EINVAL link-layer address must *" sip1 address=02000000000001
link "EINVAL link-layer address must *" sip1 address=
link "EADDRNOTAVAIL not a unicast *" sip1 address=000000000000
link "EADDRNOTAVAIL not a unicast *" sip1 address=ffffffffffff
link "EADDRNOTAVAIL not a unicast *" sip1 address=030000000001
link "EINVAL mtu less than *" sip1 mtu=67
link "EINVAL mtu less than *" sip1 mtu=0
link "EINVAL mtu greater than *" sip1 mtu=65536
link "EINVAL*" sip1 mtu=4294967295
link "ERANGE negative TTL must be *" sip1 ttl=86401
link "ERANGE negative TTL must be *" sip1 ttl=4294967295
link OK sip1 mtu=68 address=020000000001 ttl=86400
link OK sip1 change=1 ttl=0
link "EINVAL*" sip1 change=1 mtu=67
link "EINVAL*" sip1 change=1 mtu=65536
link "EADDRNOTAVAIL*" sip1 change=1 address=030000000001
link "EINVAL*" sip1 change=1 address=0200000000
link "EINVAL*" sip1 change=1 network='a b'
link "EINVAL*" sip1 change=1 long=32
link "ERANGE*" sip1 change=1 ttl=86401
link EEXIST sip1
assert_eq "mtu and address" "68 02:00:00:00:00:01" \
	"$(cat /sys/class/net/sip1/mtu /sys/class/net/sip1/address | paste -s -d ' ')"
ip link delete sip1

step "a user's own namespaces"
cat > "$RIG/user.sh" <<'END'
. "$REPO/tests/tools/scsi.sh"
"$TOOLS/newlink" sip1
"$TOOLS/newlink" sip2 network=lab
"$TOOLS/newlink" sip3 network=
"$TOOLS/newlink" sip1 change=1 network=lab
"$TOOLS/newlink" sip1 change=1 mtu=1500
ls /proc/sys/net/ipv4/conf
END
chmod 644 "$RIG/user.sh"
setpriv --reuid 65534 --regid 65534 --clear-groups \
	unshare -U -r -n bash -eu "$RIG/user.sh" | tee "$RIG/text"
assert_eq "answers" "$(cat <<END
OK
EPERM a network needs CAP_NET_ADMIN in the initial user namespace
EPERM a network needs CAP_NET_ADMIN in the initial user namespace
EPERM a network needs CAP_NET_ADMIN in the initial user namespace
OK
all
default
lo
sip1
END
)" "$(cat "$RIG/text")"

step "nothing is left"
loop_untarget $wwn
comm_delete sip0
assert_eq "interfaces" "eth0 lo" "$(interfaces)"
comm_unload
