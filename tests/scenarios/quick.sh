# scsiip-quick: up, status and down between two hosts and in one; what goes wrong
#
# check: 6.12
# guests: 2
# timeout: 900
#
#	hosta sip0 10.0.0.1	iSCSI, CHAP both ways	hostb sip0 10.0.0.2
#	  sip1 10.0.1.1 ==+== bus 0 ==+== sip2 10.0.1.2, in namespace blue
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/quick.sh"
peer=$((3 - HOST))
conf=/etc/scsiip

# fails TEXT ARG…: it says TEXT, and all is as before
fails() {
	before
	! quick up "${@:2}" || fail "it succeeds"
	[[ $said == *"$1"* ]] || fail "it does not say '$1'"
	as_before
}

# status_is STATUS [NAME]: of sip0, or that
status_is() {
	local status=0
	quick status "${2:-sip0}" || status=$?
	assert_eq "status" "$1" $status
}

# secrets FILE LINE…
secrets() {
	printf '%s\n' "${@:2}" > "$1"
	chmod 600 "$1"
}

step "what make install leaves"
quick_install
# the modules are where modprobe does not find them
bus_load
iscsid_start
secrets $conf/who "$(iscsi_initiator $peer) in$peer word-in$peer out$HOST word-out$HOST"
secrets $conf/with "$(iqn $peer) in$HOST word-in$HOST out$peer word-out$peer"
cat > $conf/sip0.conf <<END
[Interface]
Address = $(lab_ip "$HOST")/24, $(lab_ip6 "$HOST")/64
MTU = 32000
Network = lab
NegativeTTL = 7
LinkLayerAddress = 02:00:00:00:00:0$HOST
Serial = 5d1c2ee$HOST-0000-4000-8000-000000000000
Route = 10.0.$peer.0/24 via $(lab_ip $peer)
Forwarding = yes

[Export]
Fabric = iscsi
Target = $(iqn "$HOST")
Portal = $(peer_ip "$HOST"):3260
Allow = $(iscsi_initiator $peer)	# and nobody else
Secrets = $conf/who

[Peer]
Name = $(host_name $peer)
Fabric = iscsi
Target = $(iqn $peer)
Portal = $(peer_ip):3260
Secrets = $conf/with
Designator = naa.60014055d1c2ee${peer}00004000800000000
LinkLayerAddress = 02:00:00:00:00:0$peer
Initiator = $(iscsi_initiator $peer)
ARP = 10.0.0.20$peer
END
before
cp /tmp/before /tmp/clean
barrier ready

step "both come up at once, with secrets both ways"
status_is 3
quick up sip0
[[ $said != *word-* ]] || fail "it tells a secret"
wait_until 30 comm_path_is '*' up
wait_until 30 link_ready sip0
barrier up
run ping -c 3 -i 0.2 "$(lab_ip $peer)"
run ping -c 3 -i 0.2 -s 20000 "$(lab_ip6 $peer)"
status_is 0
assert_eq "mtu" 32000 "$(cat /sys/class/net/sip0/mtu)"
assert_eq "forwarding" 1 "$(sysctl -n net.ipv4.conf.sip0.forwarding)"
assert_eq "address" "02:00:00:00:00:0$HOST" "$(cat /sys/class/net/sip0/address)"
scsiip -j peer > /tmp/peers
jq . /tmp/peers
assert_eq "peer" "$(host_name $peer) $(iscsi_initiator $peer) up" \
	"$(jq -r '.[0] | [.name, .initiator, .state] | join(" ")' /tmp/peers)"
assert_eq "negative TTL" 7 "$(scsiip -j link | jq '.[0].arp_negative_ttl')"
assert_match "route" "via $(lab_ip $peer) dev sip0" "$(ip route show 10.0.$peer.0/24)"
assert_match "neighbour" "02:00:00:00:00:0$peer PERMANENT" "$(ip neigh show 10.0.0.20$peer)"
barrier looked

step "again: nothing is to be done"
everything > /tmp/before
up_again sip0
as_before
ip addr del "$(lab_ip "$HOST")/24" dev sip0
status_is 1
[[ $said == *"$(lab_ip "$HOST")/24: MISSING"* ]] || fail "it does not say so"
quick up sip0
status_is 0
barrier again

step "down, of a file that is gone meanwhile"
mv $conf/sip0.conf /tmp
quick down sip0
mv /tmp/sip0.conf $conf
cp /tmp/clean /tmp/before
as_before
! quick down sip0 || fail "it is down already"
barrier down

if [ "$HOST" = 2 ]; then
	step "up, for the other one to fail"
	quick up --no-wait sip0
	barrier target
	barrier failed 400
	wait_until 90 comm_path_is '*' up
	barrier both 300
	run ping -c 3 -i 0.2 "$(lab_ip $peer)"
	barrier over 300
	quick down sip0
	as_before
else
	barrier target
	step "a wrong secret"
	secrets $conf/with "$(iqn $peer) in$HOST wrong-word1234 out$peer word-out$peer"
	fails "cannot log in to $(iqn $peer)" sip0
	[[ $said == *"authorization failure"* ]] || fail "it does not say why"
	step "the target has a wrong one"
	secrets $conf/with "$(iqn $peer) in$HOST word-in$HOST out$peer wrong-word1234"
	fails "cannot log in to $(iqn $peer)" sip0
	step "no secret for that target"
	secrets $conf/with "$(iqn 1) a b"
	fails "has no secret for $(iqn $peer)" sip0
	step "a file of secrets that all may read"
	chmod 644 $conf/with
	fails "sip0.conf:$(grep -n "$conf/with" $conf/sip0.conf | cut -d: -f1): Secrets: others than root" sip0
	secrets $conf/with "$(iqn $peer) in$HOST word-in$HOST out$peer word-out$peer"

	# sed: with one line of sip0.conf changed, to another file
	changed() {
		sed "$1" $conf/sip0.conf > /tmp/sip0.conf
		! cmp -s /tmp/sip0.conf $conf/sip0.conf || fail "nothing changed"
	}
	step "a portal that somebody else has"
	socat TCP-LISTEN:3260,reuseaddr,fork - &
	wait_until 10 listening tcp 3260
	fails "$(peer_ip 1):3260: cannot listen there" sip0
	kill $!
	step "a target that cannot be reached"
	changed "s/$(peer_ip):3260/192.168.7.77:3260/"
	fails "hostb: cannot log in to $(iqn 2) at 192.168.7.77:3260" /tmp/sip0.conf
	step "nobody listens"
	changed "s/$(peer_ip):3260/$(peer_ip):3261/"
	fails "cannot log in" /tmp/sip0.conf
	step "no such target"
	changed "s/^Target = $(iqn 2)/&x/; s/Secrets = .*with//"
	fails "cannot log in to $(iqn 2)x" /tmp/sip0.conf
	step "mistakes in the file"
	changed "s/MTU = 32000/MTU = 3/"
	fails "sip0.conf:3: MTU" /tmp/sip0.conf
	step "a route by way of nobody"
	changed "s/ via 10.0.0.2/ via 172.16.0.1/"
	fails "Nexthop has invalid gateway" /tmp/sip0.conf
	step "names that are taken"
	run ip link add sip0 type dummy
	fails "sip0: there is another interface of that name" sip0
	run ip link del sip0
	comm_create sip0 network=other
	fails "sip0: is there, but not of the network 'lab'" sip0
	comm_delete sip0
	comm_create sip9 network=other
	iscsi_target - "$(comm_dir sip9)"
	fails "$(iqn 1): there is another target of that name" sip0
	iscsi_untarget -
	comm_delete sip9

	step "the disk is full, at once and after some steps"
	for room in 0 300; do
		mount -t tmpfs -o size=16k tmpfs /run/scsiip
		touch /run/scsiip/lock
		# an earlier up that had nothing to do, in all but so much of a page
		[ $room = 0 ] || printf '%.0s: \n' $(seq $(((4096 - room) / 3))) > /run/scsiip/sip0.journal
		head -c 16384 /dev/zero > /run/scsiip/filler 2> /dev/null || :
		fails "cannot write to /run/scsiip/sip0.journal" sip0
		umount /run/scsiip
	done

	step "only root"
	before
	! setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v scsiip-quick)" up sip0 ||
		fail "nobody may do it"
	as_before

	step "the power went: what is left of before does not count"
	quick up sip0
	cp -a /etc/iscsi/nodes /var/lib/scsiip /tmp
	quick down sip0
	as_before
	lost_power() {
		cp -a /tmp/nodes /etc/iscsi
		cp -a /tmp/scsiip /var/lib
	}
	lost_power
	quick up sip0
	quick down sip0
	as_before
	lost_power
	secrets $conf/with "$(iqn $peer) in$HOST wrong-word1234 out$peer word-out$peer"
	! quick up sip0 || fail "it has used the secret of before"
	assert_match "what it says" "authorization failure" "$said"
	as_before
	secrets $conf/with "$(iqn $peer) in$HOST word-in$HOST out$peer word-out$peer"

	step "interrupted: at every step, by ctrl-C"
	before
	quick up sip0
	steps=$(grep -c '^\[#\]' <<< "$said")
	quick down sip0
	as_before
	for ((i = 1; i <= steps; i += 6)); do
		mkfifo /tmp/steps
		# a process group of its own, as a shell makes it for a terminal
		setsid bash -c 'trap - INT; exec scsiip-quick up sip0' 2> /tmp/steps &
		group=$!
		n=0
		while read -r line; do
			echo "$line"
			case $line in
			'[#] '*) n=$((n + 1)) ;;
			esac
			[ $n != $i ] || kill -INT -- -$group
		done < /tmp/steps
		status=0
		wait $group || status=$?
		rm /tmp/steps
		[ $status != 0 ] || quick down sip0
		echo "interrupted at step $i: status $status"
		as_before
	done

	step "killed: down takes away what it has made, and so does up"
	for how in down up; do
		mkfifo /tmp/steps
		scsiip-quick up sip0 2> /tmp/steps &
		group=$!
		while read -r line; do
			[[ $line != *' --login'* ]] || kill -KILL $group
		done < /tmp/steps
		! wait $group || fail "it is not killed"
		rm /tmp/steps
		quick $how sip0
		[ $how = down ] || quick status sip0
		[ $how = down ] || quick down sip0
		as_before
	done
	step "a peer that has come by itself gets its name"
	changed '/^Designator/d; /^Initiator/d'
	quick up /tmp/sip0.conf
	wait_until 60 comm_path_is '*' up
	peers() {
		scsiip -j peer list "${1:-sip0}" | jq -r '.[] | [.static, .name, .initiator, .state] | map(tostring) | join(" ")'
	}
	assert_eq "peer" "false null null up" "$(peers)"
	quick up sip0
	wait_until 60 comm_path_is '*' up
	assert_eq "peer" "true hostb $(iscsi_initiator $peer) up" "$(peers)"
	changed 's/^Name = .*/Name = another/'
	quick up /tmp/sip0.conf
	assert_eq "peer" "true another $(iscsi_initiator $peer) up" "$(peers)"
	quick down sip0
	as_before
	step "and it works still"
	quick up sip0
	barrier failed
	wait_until 60 comm_path_is '*' up
	barrier both 300
	run ping -c 3 -i 0.2 "$(lab_ip $peer)"
	barrier over
	quick down sip0
	as_before

	step "two on a bus, one in a namespace"
	for i in 1 2; do
		cat > $conf/sip$i.conf <<-END
			[Interface]
			Address = 10.0.1.$i/24, fd00:77::$i/64
			Route = fd00:78::/64 via fd00:77::$((3 - i)) metric 20
			Forwarding = yes
			$([ $i = 1 ] || echo "Namespace = blue")
			[Export]
			Fabric = scsiip
			Target = $(bus_wwn $i)
			Bus = 0
			ID = $((4 + i))
			Allow = $(bus_wwn $((3 - i)))
			[Peer]
			Name = the-other
			Fabric = scsiip
			Target = $(bus_wwn $((3 - i)))
		END
	done
	before
	quick up sip1
	quick up sip2
	two_up() {
		[ "$(comm_paths up)" = 2 ]
	}
	wait_until 30 two_up
	run ping -c 3 -i 0.2 -s 60000 10.0.1.2
	quick status sip1
	quick status sip2
	run ping -c 3 -i 0.2 fd00:77::2
	everything > /tmp/up
	for i in 1 2; do
		up_again sip$i
	done
	everything | run diff /tmp/up -
	assert_eq "IDs" "5 6" "$(cat "$(bus_tpg 1)/attrib/id" "$(bus_tpg 2)/attrib/id" | xargs)"

	step "a peer that has come by itself gets its name, on the bus"
	cp $conf/sip1.conf /tmp
	scsiip -j peer list sip1 | jq -r '.[] | "Designator = " + .designator, "LinkLayerAddress = " + .lladdr' >> $conf/sip1.conf
	echo "Initiator = $(bus_wwn 2)" >> $conf/sip1.conf
	quick up sip1
	wait_until 30 two_up
	assert_eq "peer" "true the-other $(bus_wwn 2) up" "$(peers sip1)"
	run ping -c 3 -i 0.2 -s 60000 10.0.1.2
	up_again sip1
	quick status sip1

	step "what status sees"
	run ip link set sip1 down
	status_is 1 sip1
	assert_match "status" "set up: MISSING" "$said"
	assert_match "status" "route fd00:78::/64 via fd00:77::2 metric 20: MISSING" "$said"
	quick up sip1
	wait_until 30 two_up
	status_is 0 sip1
	cp /tmp/sip1.conf $conf

	step "an interface that is gone, and one that is elsewhere"
	sed 's/^Namespace/#/' $conf/sip2.conf > /tmp/sip2.conf
	! quick up /tmp/sip2.conf || fail "it is in blue"
	assert_match "what it says" "sip2: is in a network namespace, of which the file does not know" "$said"
	run ip -n blue link del sip2
	! quick up sip2 || fail "the storage object cannot make it anew"
	assert_match "what it says" "sip2: the interface was deleted, but not its storage object" "$said"
	quick down sip2
	quick up sip2
	wait_until 30 two_up

	step "an export that lacks something"
	bus_unplug 1
	status_is 1 sip1
	quick up sip1
	status_is 0 sip1
	bus_acl_delete 2 "$(bus_wwn 1)"
	quick up sip2
	wait_until 30 two_up
	run ping -c 3 -i 0.2 10.0.1.2

	step "a namespace that was there stays"
	quick down sip2
	run ip netns add blue
	quick up sip2
	quick down sip2
	run ip netns del blue
	quick up sip2

	step "a namespace that two links are in goes with the last one"
	printf '%s\n' "[Interface]" "Address = 10.0.3.1/24" "Namespace = blue" > $conf/sip3.conf
	quick up sip3
	quick down sip2
	quick status sip3
	quick up sip2
	quick down sip3
	quick status sip2

	step "beside targetctl: saved, and restored at boot"
	run make -s -C "$REPO" install-targetcli
	mkdir -p /run/dbus
	dbus-daemon --system --fork
	quick down sip2
	run targetctl save /tmp/saved.json
	quick down sip1
	as_before
	run targetctl restore /tmp/saved.json
	quick up sip1
	quick status sip1
	quick down sip1
	enabled=$(cat "$(bus_tpg 1)/enable")
	assert_eq "what targetctl has made is still there" 1 "$enabled"
	run targetctl clear
	quick up sip1
	quick down sip1
	rmdir "$TARGET"/core/comm_* "$TARGET"/scsiip 2> /dev/null || :
	everything > /tmp/after
	! grep -E "comm|naa|sip" /tmp/after || fail "something is left"
	mkdir -p "$TARGET/scsiip"
fi

step "nothing is left"
barrier end 600
iscsid_stop
bus_unload
run rmmod target_core_comm scsiip
