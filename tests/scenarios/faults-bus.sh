# Endpoints come, move and go at random, while others talk
#
# check: none
# guests: 1
# timeout: 900
# leaks: yes
# memory: 1536
#
#	namespace h1	h2		namespace h3 … h6
#	  sip1 <------> sip2		  sip3 … sip6: made, linked, plugged in,
#	    |	          |		    |	    moved, unplugged, deleted
#	  ==+=============+=================+==  bus 0, and sometimes bus 1
#
# What comes when is drawn from a seed. So many steps, twice: what the second time
# leaves behind is lost for good.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
seed=2143
steps=$((${BYTES:-0} > 1 << 28 ? 500 : 40))
declare -A made linked plugged

make() {
	bus_host "$1"
	bus_endpoint "$1"
	made[$1]=1 linked[$1]='' plugged[$1]=''
}

link() {
	lun_link "$(bus_tpg "$1")/lun/lun_0" "$(comm_dir "sip$1")"
	linked[$1]=1
}

unlink() {
	lun_unlink "$(bus_tpg "$1")/lun/lun_0"
	linked[$1]=
}

plug() {
	bus_plug "$1"
	plugged[$1]=1
}

unplug() {
	bus_unplug "$1"
	plugged[$1]=
}

delete() {
	bus_endpoint_delete "$1"
	bus_host_delete "$1"
	made[$1]=
}

move() {
	echo "$2" > "$(bus_tpg "$1")/attrib/bus"
}

# An administrator who is faster than the bus
rescan() {
	local host device
	host=$(cat "$(bus_tpg "$1")/host")
	[ "$host" != -1 ] || return 0
	for device in /sys/bus/scsi/devices/"$host":0:*; do
		echo 1 > "$device/delete" 2> /dev/null || :
		break
	done
	echo '- - -' > "/sys/class/scsi_host/host$host/scan"
}

# a_step N: something that can be done with endpoint N
a_step() {
	local n=$1
	if [ -z "${made[$n]:-}" ]; then
		make "$n"
		return
	fi
	case $((RANDOM % 8)) in
	[01]) if [ -n "${linked[$n]}" ]; then unlink "$n"; else link "$n"; fi ;;
	[23]) if [ -n "${plugged[$n]}" ]; then unplug "$n"; else plug "$n"; fi ;;
	4) delete "$n" ;;
	5) move "$n" $((RANDOM % 2)) ;;
	*) rescan "$n" ;;
	esac
}

churn() {
	local i n
	for ((i = 0; i < steps; i++)); do
		a_step $((3 + RANDOM % 4))
		((i % 25)) || still_flowing
	done
}

# settle: everybody is on bus 0, and sees everybody else once
settle() {
	local n
	for n in {3..6}; do
		[ -n "${made[$n]:-}" ] || make "$n"
		[ -n "${linked[$n]}" ] || link "$n"
		[ -n "${plugged[$n]}" ] || plug "$n"
		move "$n" 0
		wait_until 20 link_ready "sip$n" "h$n"
	done
	for n in {1..6}; do
		wait_until 20 mesh_of "$n"
		wait_until 20 ip netns exec "h$n" ping -q -c 1 -W 1 "$(lab_ip $((7 - n)))"
	done
}

# mesh_of N: five ways, and all of them up
mesh_of() {
	local host
	host=$(cat "$(bus_tpg "$1")/host")
	[ "$(cat "/sys/bus/scsi/devices/$host":*/scsiip/state | xargs)" = "up up up up up" ]
}

round() {
	local n
	RANDOM=$seed
	for n in 1 2; do
		make $n
		link $n
		plug $n
	done
	wait_until 20 link_ready sip1 h1
	wait_until 20 link_ready sip2 h2
	traffic_in h1 sink 7000
	traffic_in h2 sink 7000
	traffic_in h1 send "$(lab_ip 2)" 7000
	traffic_in h2 send "$(lab_ip 1)" 7000
	still_flowing
	churn
	still_flowing
	traffic_stop
	settle
	for n in {1..6}; do
		delete "$n"
	done
	assert_eq "scsi_devices" "" "$(ls /sys/bus/scsi/devices)"
}

step "$steps steps, from seed $seed"
bus_load
round

step "once more"
slabs_keep
round
slabs_compare

step "nothing is left"
bus_unload
comm_unload
nothing_left
