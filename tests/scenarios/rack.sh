# Three hosts brought up by the Ansible role, rebooted at once; one reinstalled
#
# check: none
# guests: 4
# timeout: 9000
# memory: 768
# init: systemd
# kernels: [12]
# packages: python3-apt
#
#	hosta, hostb, hostc: iSCSI to each other	hostd: ansible, over ssh
#
# Of the packages (make deb) all but the modules, which DKMS would build here for too
# long: tests/packages has it do so.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"

# bare: a host with Debian's packages, and modules of ours
bare() {
	cat > /etc/modprobe.d/scsiip.conf <<-END
		install scsiip insmod $MODULES/net/scsiip.ko
		install target_core_comm modprobe -a target_core_mod scsiip && insmod $MODULES/backstore/target_core_comm.ko
	END
	mkdir -p /root/.ssh /run/sshd
	echo "InitiatorName=$(iscsi_initiator "$HOST")" > /etc/iscsi/initiatorname.iscsi
	systemctl daemon-reload
	python_here /usr/lib/python3.*
	barrier key 300
	install -m 600 "$RIG/key.pub" /root/.ssh/authorized_keys
	ssh-keygen -A
	run systemctl enable --now ssh
}

# python_here DIRECTORY…: in memory. Of Python, what Ansible runs looks up so many files
# that reaching this machine's, through the emulator, is most of what it does.
python_here() {
	local dir
	for dir; do
		mkdir "/mnt/${dir##*/}"
		mount -t tmpfs python "/mnt/${dir##*/}"
		tar -C "$dir" -c --exclude ./test . | tar -C "/mnt/${dir##*/}" -x
		mount --bind "/mnt/${dir##*/}" "$dir"
	done
}

# keep: what is installed and configured is there after a reboot
keep() {
	local file
	for file in $(dpkg -L scsiip-tools python3-rtslib-scsiip) /var/cache/apt/archives/*scsiip*; do
		[ -d "$file" ] || echo "${file#/}"
	done > /tmp/kept
	tar -cf "$RIG/kept.$HOST" -C / etc root/.ssh var/lib/dpkg -T /tmp/kept
}

mesh() {
	[ "$(comm_paths up)" = 2 ] && [ "$(systemctl is-active scsiip-quick@sip0)" = active ]
}

reach_all() {
	local other
	for other in 1 2 3; do
		run ping -q -c 2 -i 0.2 -s 60000 "$(lab_ip $other)"
	done
	run scsiip-quick status sip0
}

# play: what Ansible has changed, on the last lines
play() {
	ANSIBLE_PIPELINING=1 ANSIBLE_TIMEOUT=100 ANSIBLE_SSH_ARGS='-o ControlMaster=auto -o ControlPersist=1h' \
		ansible-playbook -i /root/rack/inventory "$REPO/userspace/ansible/scsiip.yml" | tee /tmp/played
	! grep -E 'unreachable=[1-9]|failed=[1-9]' /tmp/played || fail "the role fails"
}

controller() {
	[ -f "$(echo "$REPO"/build/deb/scsiip-tools_*.deb)" ] || fail "there are no packages: make deb"
	python_here /usr/lib/python3.* /usr/lib/python3
	mkdir -p /root/rack /root/.ssh
	ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
	cp /root/.ssh/id_ed25519.pub "$RIG/key.pub"
	barrier key 300
	cat > /root/rack/inventory <<-END
		[scsiip]
		hosta scsiip_address=10.0.0.1/24 scsiip_portal=192.168.7.1:3260
		hostb scsiip_address=10.0.0.2/24 scsiip_portal=192.168.7.2:3260
		hostc scsiip_address=10.0.0.3/24 scsiip_portal=192.168.7.3:3260

		[scsiip:vars]
		scsiip_packages=["$(echo "$REPO"/build/deb/scsiip-tools_*.deb)", "$(echo "$REPO"/build/deb/python3-rtslib-scsiip_*.deb)"]
		scsiip_chap_password=not-in-a-vault-here
		scsiip_interface={"MTU": 32000}
		ansible_ssh_common_args=-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
		ansible_python_interpreter=/usr/bin/python3
	END
}

case $HOST.$BOOT in
4.1)
	step "the controlling host"
	controller
	barrier bare 300
	step "the rack is brought up"
	play
	grep -q 'hosta .*changed=[1-9]' /tmp/played || fail "nothing was done"
	step "again: nothing changes"
	play
	! grep -E 'changed=[1-9]' /tmp/played || fail "something has changed"
	barrier played 900
	barrier met 600
	barrier back 600
	barrier empty 600
	step "one host is another one"
	play
	grep -E 'hostc .*changed=[1-9]' /tmp/played || fail "hostc is as it was"
	barrier again 900
	barrier met-again 300
	barrier end 300
	barrier stopped 300
	barrier forgotten 300
	barrier there 300
	barrier alone 600
	;;
[123].1)
	bare
	barrier bare 300
	barrier played 900
	wait_until 60 mesh
	reach_all
	step "all three reboot"
	keep
	systemctl reboot
	sleep infinity
	;;
[123].2)
	for name in key bare played; do
		barrier $name
	done
	step "the mesh is there by itself"
	wait_until 200 mesh
	barrier met 600
	reach_all
	barrier back 600
	if [ "$HOST" = 3 ]; then
		rm "$RIG/kept.3"
		systemctl reboot
		sleep infinity
	fi
	python_here /usr/lib/python3.*
	barrier empty 600
	barrier again 900
	wait_until 100 mesh
	barrier met-again 300
	reach_all
	barrier end 300
	run systemctl stop scsiip-quick@sip0
	barrier stopped 300
	if [ "$HOST" = 1 ]; then
		step "what is taken down does not come back with its peers"
		run systemctl start scsiip-quick@sip0
		run systemctl stop scsiip-quick@sip0
		barrier forgotten 300
		barrier there 300
		sleep 30
		assert_eq "sessions" 0 "$(iscsi_sessions)"
		barrier alone 600
	else
		barrier forgotten 300
		run systemctl start scsiip-quick@sip0
		barrier there 300
		barrier alone 600
		run systemctl stop scsiip-quick@sip0
	fi
	assert_eq "targets" '' "$(ls "$TARGET/iscsi" 2> /dev/null || :)"
	assert_eq "units" '' "$(find "$TARGET/core" -name 'comm_*')"
	;;
3.3)
	bare
	barrier empty 600
	barrier again 900
	wait_until 100 mesh
	barrier met-again 300
	reach_all
	barrier end 300
	run systemctl stop scsiip-quick@sip0
	barrier stopped 300
	barrier forgotten 300
	barrier there 300
	barrier alone 600
	;;
esac
