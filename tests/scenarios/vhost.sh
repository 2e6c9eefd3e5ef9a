# A guest in a guest reaches its host over vhost-scsi: one way, every content
#
# check: none
# guests: 1
# timeout: 600
# memory: 1536
# alone: yes
# kernels: [12]
#
#	a guest in this one			this one
#	sip0 10.0.0.1 -> virtio_scsi ---------> vhost_scsi -> comm unit -> sip0 10.0.0.2
#
# The way back, GET MESSAGE, is not there yet: nobody answers.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"
. "$REPO/tests/faults.sh"
. "$REPO/tests/quick.sh"
. "$REPO/tests/vm/complaints"
wwn=naa.5001405000000001
lengths=(0-31 226-230 482-486 1470-1476 4066-4070 8162-8166 32738-32742 49122-49126 65500-65507)
mtus=(65535 8000 1500)

# initramfs: what the guest in it runs from
initramfs() {
	local root=/tmp/root program library n=100
	mkdir -p $root/{bin,dev,lib/modules,lib64,proc,sys}
	cp /bin/busybox $root/bin
	for program in newlink udp-push; do
		cp "$REPO/build/tools/$program" $root/bin
		ldd "$REPO/build/tools/$program" | grep -o '/[^ ]*' | while read -r library; do
			install -D "$library" "$root$library"
		done
	done
	modprobe -a --show-depends virtio_pci virtio_scsi | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
			while read -r library; do
		n=$((n + 1))
		xzcat -f "$library" > "$root/lib/modules/$n-$(basename "$library" .xz)"
	done
	cp "$MODULES/net/scsiip.ko" $root/lib/modules/999-scsiip.ko
	"$REPO/tests/tools/traffic" udp-file $root/datagrams "${lengths[@]}"
	cat > $root/init <<-END
		#!/bin/busybox sh
		/bin/busybox --install -s /bin
		mount -t proc proc /proc
		mount -t sysfs sysfs /sys
		mount -t devtmpfs dev /dev
		for module in /lib/modules/*; do
			insmod \$module
		done
		newlink sip0 network=lab
		ip link set sip0 up
		ip addr add $(lab_ip 1)/24 dev sip0
		cd /sys/bus/scsi/devices
		until [ "\$(cat */scsiip/state)" = up ]; do
			sleep 0.2
		done
		arp -i sip0 -s $(lab_ip 2) \$(cat */scsiip/lladdr)
		for mtu in ${mtus[*]}; do
			ip link set sip0 mtu \$mtu
			udp-push $(lab_ip 2) 7001 < /datagrams
		done
		echo "all is sent"
		sleep 3600
	END
	chmod +x $root/init
	(cd $root && find . | cpio --quiet -o -H newc)
}

nested_ok() {
	! grep -a -E "$complaint" "$RIG/console.nested" | grep -a -v -E "$harmless"
}

step "a target for the guest"
quick_install
# the modules of ours are where modprobe does not find them
comm_load
target_load vhost_scsi
cat > /etc/scsiip/sip0.conf <<-END
	[Interface]
	Address = $(lab_ip 2)/24
	Network = lab

	[Export]
	Fabric = vhost
	Target = $wwn
	Allow = naa.5001405000000002
END
before
quick check sip0
quick up sip0
quick status sip0
up_again sip0
all=()
for _ in "${mtus[@]}"; do
	all+=("${lengths[@]}")
done
traffic udp-take 7001 "${all[@]}" &
taker=$!
wait_until 20 listening udp 7001

step "the guest"
initramfs > /tmp/initramfs
ulimit -l unlimited
"$("$REPO/tests/vm/qemu")" -M q35 -accel tcg -cpu max,erms=off,fsrm=off -m 192 -nodefaults \
	-no-user-config -display none \
	-kernel "$REPO/build/kernels/$KERNEL/boot/vmlinux" -initrd /tmp/initramfs \
	-append "console=ttyS0 loglevel=5 panic=0 oops=panic no_timer_check no5lvl mitigations=off" \
	-serial "file:$RIG/console.nested" -device "vhost-scsi-pci,wwpn=$wwn" &
nested=$!
taken() {
	! kill -0 $taker || ! nested_ok
}
wait_until 500 taken
tail -n 5 "$RIG/console.nested"
nested_ok || fail "the kernel of the guest complains"
wait $taker
kill $nested
wait $nested || :

step "whose pages they were"
ethtool -S sip0 | grep ' [1-9]'
assert_eq "rx_zero_copy" 0 "$(counter sip0 rx_zero_copy)"

step "nothing is left"
quick down sip0
as_before
run rmmod vhost_scsi target_core_comm
run rmmod scsiip
nothing_left
