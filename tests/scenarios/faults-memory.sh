# No memory: for each allocation of each command, and at random under traffic
#
# check: none
# guests: 1
# timeout: 900
# memory: 1536
# kernels: 12-debug
# leaks: yes
# known: ref_tracker: memory allocation failure|Call Trace:
#
#	sip1		sip2		sip3			namespaces, under traffic
#	  ==1=============2===============3==  bus 0
#
# A cache that cannot be made dumps its stack (kmem_cache_create), without a warning.
# Only the stacks of our modules see the failures under traffic: the guest lives. Of
# these the SCSI core does not survive one: scsi_alloc_sdev() without a budget map puts
# devices that it has not yet initialized (6.12.117).
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
# nothing is to happen by itself
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
so=$TARGET/core/comm_0/sip1
wwn=$TARGET/scsiip/$(bus_wwn 1)
tpg=$(bus_tpg 1)
acl=$tpg/acls/$(bus_wwn 2)
serial=$(serial sip1)

nth() {
	"$REPO/tests/tools/nth"
}

# faults PERCENT: of the allocations of our modules, and whom they call, fail
faults() {
	local dir
	nth <<-END
		within scsiip target_core_comm tcm_scsiip
		not scsi_realloc_sdev_budget_map
	END
	for dir in /sys/kernel/debug/{failslab,fail_page_alloc}; do
		echo "$1" > "$dir/probability"
		echo -1 > "$dir/times"
	done
}

# endpoint N: a host on the bus
endpoint() {
	bus_host "$1"
	bus_endpoint "$1" "$(comm_dir "sip$1")"
	bus_plug "$1"
}

# meet: each of the three has two peers; who lacks one is plugged in anew, since
# the driver core does not try a probe again
meet() {
	local round i
	for round in 1 2 3; do
		for i in {1..40}; do
			! bus_mesh_is_up 3 || return 0
			sleep 1
		done
		for i in 1 2 3; do
			bus_unplug $i
			bus_plug $i
		done
	done
	return 1
}

# streams: of known contents, from 1 to 2 and from 3 to 1
streams() {
	ip netns exec h2 "$REPO/tests/tools/traffic" tcp-receive 7001 1 &
	local first=$!
	ip netns exec h1 "$REPO/tests/tools/traffic" tcp-receive 7001 1 &
	local second=$!
	wait_until 20 listening tcp 7001 h2
	wait_until 20 listening tcp 7001 h1
	# a question or an answer that is lost is not asked for again so soon: docs/arp.md
	wait_until 100 reaches 1 2
	wait_until 100 reaches 3 1
	ip netns exec h1 "$REPO/tests/tools/traffic" tcp-send "$(lab_ip 2)" 7001 "$1" &
	local third=$!
	ip netns exec h3 "$REPO/tests/tools/traffic" tcp-send "$(lab_ip 1)" 7001 "$1"
	wait $third
	wait $first
	wait $second
}

# refused: datagrams that the three have not received or sent for want of memory
refused() {
	local i sum=0
	for i in 1 2 3; do
		sum=$((sum + $(counter sip$i rx_busy h$i) + $(counter sip$i tx_no_memory h$i)))
	done
	echo $sum
}

target_load
step "interfaces"
insmod "$MODULES/net/scsiip.ko"
nth <<END
both link sip0 network=lab ttl=5 mtu=1500 address=020000000001 / unlink-link sip0
plain link sip0 address=020000000001
sweep link sip0 change=1 network=lab ; link sip0 change=1 ttl=3 / link sip0 change=1 network= ttl=20
sweep link sip0 change=1 mtu=1500 / link sip0 change=1 mtu=65535
both link sip0 change=1 name=sipx / link sipx change=1 name=sip0
both link sip0 change=1 up=1 / link sip0 change=1 up=0
read genl link-get dump
read genl link-get ifname=sip0
plain unlink-link sip0
END

step "communications devices"
insmod "$MODULES/backstore/target_core_comm.ko"
mkdir -p "${so%/*}"
nth <<END
both mkdir $so / rmdir $so
plain mkdir $so
sweep put $so/control network=lab / rmdir $so ; mkdir $so
plain put $so/wwn/vpd_unit_serial $serial
sweep put $so/enable 1 / rmdir $so ; mkdir $so ; put $so/wwn/vpd_unit_serial $serial
plain put $so/enable 1
END
derived=$(tr -d : < /sys/class/net/sip1/address)
nth <<END
both unlink-link sip1 / link sip1 address=$derived
plain unlink-link sip1
plain rmdir $so
plain mkdir $so
plain put $so/wwn/vpd_unit_serial $serial
plain put $so/enable 1
sweep rmdir $so / mkdir $so ; put $so/wwn/vpd_unit_serial $serial ; put $so/enable 1
plain rmdir $so
END

step "endpoints on the bus"
bus_load
nth <<END
both mkdir $wwn / rmdir $wwn
plain mkdir $wwn
both mkdir $tpg / rmdir $tpg
plain mkdir $tpg
both mkdir $tpg/lun/lun_0 / rmdir $tpg/lun/lun_0
plain mkdir $tpg/lun/lun_0
both put $tpg/enable 1 / put $tpg/enable 0
sweep put $tpg/attrib/max_id 64 / put $tpg/attrib/max_id 16
sweep put $tpg/attrib/generate_node_acls 1 / put $tpg/attrib/generate_node_acls 0
plain put $tpg/attrib/generate_node_acls 1
END
comm_create sip1
comm_create sip2
ip link set sip1 up
ip link set sip2 up
bus_plug 1
bus_endpoint 2 "$(comm_dir sip2)"
bus_plug 2
nth <<END
# LIO tells nobody when it has no memory to map a LUN for who is already there
not core_tpg_add_node_to_devs
both symlink $so $tpg/lun/lun_0/sip1 / unlink $tpg/lun/lun_0/sip1
not nobody
plain symlink $so $tpg/lun/lun_0/sip1
END
wait_until 20 bus_mesh_is_up 2
nth <<END
sweep put $tpg/attrib/id 9 / put $tpg/attrib/id -1
sweep put $tpg/attrib/bus 1 / put $tpg/attrib/bus 0
END

step "peers and units"
lladdr=$(cat /sys/class/net/sip2/address)
unit=$(cat "$(bus_tpg 1)/host"):0:$(cat "$(bus_tpg 2)/attrib/id"):0
netdev=/sys/bus/scsi/devices/$unit/scsiip/netdev
driver=/sys/bus/scsi/drivers/scsiip
nth <<END
read genl peer-get dump
read genl lun-get dump
read genl arp-get dump
read genl peer-get ifname=sip1 lladdr=$lladdr
read genl lun-get lun=$unit
both genl peer-add ifname=sip1 lladdr=020000000009 designator_type=3 designator=00 name=x / genl peer-del ifname=sip1 lladdr=020000000009
both genl peer-set ifname=sip1 lladdr=$lladdr name=x / genl peer-set ifname=sip1 lladdr=$lladdr name=
both genl peer-set ifname=sip1 lladdr=$lladdr initiator=x / genl peer-set ifname=sip1 lladdr=$lladdr initiator=$(bus_wwn 2)
sweep genl lun-set lun=$unit lladdr=020000000055 / genl lun-set lun=$unit lladdr=000000000000
both genl lun-set lun=$unit policy=netdev ifname=sip1 / genl lun-set lun=$unit policy=auto
both genl lun-set lun=$unit policy=none / genl lun-set lun=$unit policy=auto
both put $netdev none / put $netdev auto
within scsiip
both put $driver/unbind $unit / put $driver/bind $unit
within nobody
END

step "access control lists"
bus_unplug 1
echo 0 > "$tpg/attrib/generate_node_acls"
nth <<END
both mkdir $acl / rmdir $acl
plain mkdir $acl
both mkdir $acl/lun_0 / rmdir $acl/lun_0
plain mkdir $acl/lun_0
both symlink $tpg/lun/lun_0 $acl/lun_0/default / unlink $acl/lun_0/default
END
bus_endpoint_delete 1
bus_endpoint_delete 2
comm_delete sip1
comm_delete sip2

step "modules"
rmdir "$TARGET/scsiip" "$TARGET/core/comm_0"
rmmod tcm_scsiip target_core_comm scsiip
nth <<END
within do_one_initcall
# the kernel loses the name of a cache that it cannot show in sysfs
not sysfs_slab_add
both insmod $MODULES/net/scsiip.ko / rmmod scsiip
plain insmod $MODULES/net/scsiip.ko
both insmod $MODULES/backstore/target_core_comm.ko / rmmod target_core_comm
plain insmod $MODULES/backstore/target_core_comm.ko
both insmod $MODULES/bus/tcm_scsiip.ko / rmmod tcm_scsiip
within nobody
END

step "at random, under traffic"
for i in 1 2 3; do
	endpoint $i
done
meet
faults 3
streams $((4 << 20))
before=$(refused)
assert_ge "refused for want of memory" 1 "$before"

step "at random, while endpoints come and go"
traffic_in h2 sink 7000
traffic_in h1 send "$(lab_ip 2)" 7000
for i in {1..8}; do
	bus_unplug 3 || :
	ip -n h3 link set sip3 down
	bus_plug 3 || :
	ip -n h3 link set sip3 up
	ip netns exec h2 "$REPO/tests/tools/genl" peer-get dump > /dev/null || :
done
faults 0
assert_ge "refused for want of memory" $((before + 1)) "$(refused)"

step "and all is well"
meet
still_flowing
traffic_stop
streams $((4 << 20))

step "nothing is left"
for i in 1 2 3; do
	bus_endpoint_delete $i
	bus_host_delete $i
done
bus_unload
comm_unload
nothing_left
