# RFC 2143 §5: 64 hosts on buses with gateways, routed by OSPF; a grid; a hypercube
#
# check: none
# guests: 1
# timeout: 3000
# memory: 3072
# alone: yes
# kernels: [12]
#
#	cards: eight buses of eight, one host of each also on a ninth bus
#	grid: each host on the bus of its row and on that of its column
#	cube: each host on a bus with each of its neighbours
#
# A host is a network namespace, hN; what it has on bus B has the address 10.0.B.N.
# A host on two buses or more is a router and runs BIRD.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"

# cards, grid, cube: a line a bus: its number, and who is on it
cards() {
	local bus
	for bus in {1..8}; do
		echo "$bus" $(seq $((8 * bus - 7)) $((8 * bus)))
	done
	echo 9 $(seq 1 8 57)
}

grid() {
	local i
	for i in {1..8}; do
		echo "$i" $(seq $((8 * i - 7)) $((8 * i)))
		echo $((i + 8)) $(seq "$i" 8 64)
	done
}

cube() {
	local i bit bus=0
	for i in {0..63}; do
		for bit in 1 2 4 8 16 32; do
			[ $((i & bit)) = 0 ] || continue
			bus=$((bus + 1))
			echo $bus $((i + 1)) $((i + bit + 1))
		done
	done
}

# distances: of each two hosts, "FROM TO TTL": what is left of 64 when TO's answer
# comes back to an address of FROM, by the fewest routers
distances() {
	awk '{
		for (i = 2; i <= NF; i++) {
			on[$1, $i] = 1; hosts[$i] = 1
		}
		buses[$1] = 1
	}
	END {
		for (from in hosts) {
			# how many routers it takes from a bus to FROM
			split("", far)
			for (b in buses)
				if ((b, from) in on)
					far[b] = 0
			for (more = 1; more; ) {
				more = 0
				for (b in far)
					for (h in hosts)
						if ((b, h) in on)
							for (c in buses)
								if ((c, h) in on && (!(c in far) || far[c] > far[b] + 1)) {
									far[c] = far[b] + 1
									more = 1
								}
			}
			for (to in hosts) {
				best = 99
				for (b in far)
					if ((b, to) in on && far[b] < best)
						best = far[b]
				if (to != from)
					print from, to, 64 - best
			}
		}
	}' "$RIG/topology" | sort -n -k 1,1 -k 2,2
}

# Of each host: its interfaces, and the address of the first. Of each interface: its bus
declare -A ends home
declare -a bus_of
# Who is on more than one
routers=()

bird_start() {
	ip netns exec "h$1" bird -c "/run/bird/$1.conf" -s "/run/bird/$1.ctl" -P "/run/bird/$1.pid"
}

# build TOPOLOGY
build() {
	local bus members host end=0 count paths=0 begun
	local -A gateway=()
	"$1" > "$RIG/topology"
	ends=() home=() routers=()
	while read -r bus members; do
		count=$(wc -w <<< "$members")
		paths=$((paths + count * (count - 1)))
		for host in $members; do
			end=$((end + 1))
			ends[$host]+=" $end"
			bus_of[end]=$bus
			home[$host]=${home[$host]:-10.0.$bus.$host}
		done
	done < "$RIG/topology"
	for host in "${!ends[@]}"; do
		[ "${ends[$host]}" = " ${ends[$host]##* }" ] || routers+=("$host")
	done
	for host in "${routers[@]}"; do
		for end in ${ends[$host]}; do
			gateway[${bus_of[end]}]=$host
		done
	done
	for host in "${!ends[@]}"; do
		ip netns add "h$host"
		ip -n "h$host" link set lo up
		ip netns exec "h$host" sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
		for end in ${ends[$host]}; do
			comm_create "sip$end" network="bus${bus_of[end]}"
			ip link set "sip$end" netns "h$host"
			ip -n "h$host" addr add "10.0.${bus_of[end]}.$host/24" dev "sip$end"
			ip -n "h$host" link set "sip$end" up
			bus_endpoint "$end" "$(comm_dir "sip$end")"
			echo "${bus_of[end]}" > "$(bus_tpg "$end")/attrib/bus"
		done
	done
	begun=$SECONDS
	for end in $(seq ${#bus_of[@]}); do
		bus_plug "$end"
	done
	all_paths() { [ "$(comm_paths up)" = "$paths" ]; }
	wait_until 200 all_paths
	echo "$1: ${#ends[@]} hosts, $(wc -l < "$RIG/topology") buses," \
		"$paths paths up after $((SECONDS - begun)) s"

	mkdir -p /run/bird
	begun=$SECONDS
	for host in "${routers[@]}"; do
		cat > "/run/bird/$host.conf" <<-END
			router id 10.255.0.$host;
			protocol device { scan time 2; }
			protocol direct { ipv4; }
			protocol kernel { ipv4 { export where source = RTS_OSPF; }; }
			protocol ospf v2 {
				ipv4 { import all; export none; };
				area 0 { interface "sip*" { type broadcast; hello 2; dead 30; wait 6; }; };
			}
		END
		bird_start "$host"
	done
	for host in "${!ends[@]}"; do
		[[ " ${routers[*]} " != *" $host "* ]] || continue
		bus=${bus_of[${ends[$host]}]}
		ip -n "h$host" route add default via "10.0.$bus.${gateway[$bus]}"
	done
	wait_until 300 routed "$(wc -l < "$RIG/topology")"
	echo "$1: OSPF has all routes after $((SECONDS - begun)) s"
}

# routed BUSES [BUT]: each router but that one knows the way to so many
routed() {
	local host routes
	for host in "${routers[@]}"; do
		[ "$host" != "${2:-}" ] || continue
		routes=$(ip -n "h$host" route)
		[ "$(grep -c '^10\.' <<< "$routes")" = "$1" ] || return
	done
}

# pings FROM: "FROM TO TTL" of each other host
pings() {
	local to
	# shellcheck disable=SC2016 # it is for that shell
	for to in "${!home[@]}"; do
		[ "$1" = "$to" ] || echo "$to ${home[$to]}"
	done | ip netns exec "h$1" bash -c 'while read -r to address; do
			said=$(ping -n -c 1 -W 20 -I "$2" "$address") || said="ttl=lost "
			said=${said##*ttl=}
			echo "$1 $to ${said%% *}"
		done' - "$1" "${home[$1]}"
}

# any_to_any: what pings tells, of four hosts at a time
any_to_any() {
	local from
	for from in "${!home[@]}"; do
		while [ "$(jobs -pr | wc -l)" -ge 4 ]; do
			wait -n
		done
		pings "$from" > "/tmp/seen.$from" &
	done
	wait
	cat /tmp/seen.* | sort -n -k 1,1 -k 2,2
	rm /tmp/seen.*
}

# draw: what is there, as each host sees it: a bus is an interface and its peers
draw() {
	local host
	echo 'graph scsiip { layout=neato; overlap=false; splines=line; outputorder=edgesfirst;'
	echo 'node [fontname="sans-serif", shape=circle, style=filled, fillcolor=white, fixedsize=true, width=0.45, fontsize=12];'
	for host in "${!ends[@]}"; do
		ip -n "h$host" -j link show type scsiip | jq -r --arg host "$host" '.[] | "own \($host) \(.ifname) \(.address)"'
		"$REPO/build/userspace/scsiip" -n "h$host" -j peer | jq -r --arg host "$host" '.[] | "peer \($host) \(.ifname) \(.lladdr)"'
	done | sort | awk '
		{ seen[$2 " " $3] = seen[$2 " " $3] " " $4 }
		END {
			for (end in seen) {
				split(end, word, " ")
				n = split(seen[end], address, " ")
				# the same set whoever sees it
				for (i = 2; i <= n; i++)
					for (j = i; j > 1 && address[j - 1] > address[j]; j--) {
						t = address[j]; address[j] = address[j - 1]; address[j - 1] = t
					}
				set = ""
				for (i = 1; i <= n; i++)
					set = set address[i]
				if (!(set in bus)) {
					bus[set] = ++buses
					print "b" buses " [label=\"\", shape=point, width=0.12, fillcolor=black];"
				}
				print "h" word[1] " -- b" bus[set] ";"
			}
		}'
	for host in "${routers[@]}"; do
		echo "h$host [fillcolor=lightgrey];"
	done
	echo '}'
}

# show TOPOLOGY: every host reaches every host by the shortest way
show() {
	distances > "$RIG/computed"
	any_to_any > "$RIG/seen"
	run diff "$RIG/computed" "$RIG/seen"
	echo "$1: $(wc -l < "$RIG/seen") pings; routers on the way:" \
		"$(awk '{ n[64 - $3]++ } END { for (i = 0; i in n; i++) printf "%s%d of %d", i ? ", " : "", n[i], i }' "$RIG/seen")"
	draw > "$RIG/$1.dot"
	run dot -Tsvg -o "$RIG/$1.svg" "$RIG/$1.dot"
	assert_eq "interfaces in the picture" ${#bus_of[@]} "$(grep -c ' -- ' "$RIG/$1.dot")"
	assert_eq "buses in the picture" "$(wc -l < "$RIG/topology")" "$(grep -c 'shape=point' "$RIG/$1.dot")"
}

take_down() {
	local host end
	for host in "${routers[@]}"; do
		kill "$(cat "/run/bird/$host.pid")"
	done
	for end in $(seq ${#bus_of[@]}); do
		bus_endpoint_delete "$end"
		comm_delete "sip$end"
	done
	no_bird() { ! pgrep -x bird; }
	wait_until 20 no_bird
	for host in "${!ends[@]}"; do
		ip netns del "h$host"
	done
	bus_of=()
}

knows_8() {
	[ -n "$(ip -n h1 route show 10.0.8.0/24)" ]
}

# The others once more have all other ways: it may have been who spoke for its bus
only_8_is_lost() {
	! knows_8 && routed 8 57
}

bus_load

step "eight cards"
build cards
show cards

step "a gateway dies, and comes back"
run ip netns exec h2 ping -q -c 1 -W 5 10.0.8.58
kill -9 "$(cat /run/bird/57.pid)"
for end in ${ends[57]}; do
	bus_unplug "$end"
done
begun=$SECONDS
wait_until 200 only_8_is_lost
echo "a gateway died: no other has a way to its bus after $((SECONDS - begun)) s"
! ip netns exec h2 ping -q -c 1 -W 1 10.0.8.58 || fail "there is a way"
run ip netns exec h2 ping -q -c 1 -W 5 10.0.7.50
begun=$SECONDS
for end in ${ends[57]}; do
	bus_plug "$end"
done
bird_start 57
wait_until 100 routed 9
wait_until 50 ip netns exec h2 ping -q -c 1 -W 1 10.0.8.58
echo "it came back: hosts behind it answer after $((SECONDS - begun)) s"
take_down

for name in grid cube; do
	step "$name"
	build $name
	show $name
	take_down
done

step "nothing is left"
bus_unload
comm_unload
nothing_left
