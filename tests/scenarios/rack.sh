# Three hosts brought up by the Ansible role, rebooted at once; one reinstalled
#
# check: none
# guests: 4
# timeout: 3000
# memory: 768
# init: systemd
#
#	hosta, hostb, hostc: iSCSI to each other	hostd: ansible, over ssh
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"

# bare: a host with Debian's packages and ours
bare() {
	run make -s -C "$REPO" install-userspace
	cat > /etc/modprobe.d/scsiip.conf <<-END
		install scsiip insmod $MODULES/net/scsiip.ko
		install target_core_comm modprobe -a target_core_mod scsiip && insmod $MODULES/backstore/target_core_comm.ko
	END
	mkdir -p /etc/scsiip /root/.ssh /run/sshd
	echo "InitiatorName=$(iscsi_initiator "$HOST")" > /etc/iscsi/initiatorname.iscsi
	systemctl daemon-reload
	barrier key 300
	install -m 600 "$RIG/key.pub" /root/.ssh/authorized_keys
	ssh-keygen -A
	run systemctl enable --now ssh
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
	ANSIBLE_PIPELINING=1 ANSIBLE_TIMEOUT=100 ansible-playbook -i /root/rack/inventory "$REPO/userspace/ansible/scsiip.yml" | tee /tmp/played
	! grep -E 'unreachable=[1-9]|failed=[1-9]' /tmp/played || fail "the role fails"
}

controller() {
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
	barrier back 600
	barrier empty 600
	step "one host is another one"
	play
	grep -E 'hostc .*changed=[1-9]' /tmp/played || fail "hostc is as it was"
	barrier again 900
	barrier end 300
	;;
[123].1)
	bare
	barrier bare 300
	barrier played 900
	wait_until 60 mesh
	reach_all
	step "all three reboot"
	tar -cf "$RIG/kept.$HOST" -C / etc usr/local root/.ssh
	systemctl reboot
	sleep infinity
	;;
[123].2)
	for name in key bare played; do
		barrier $name
	done
	step "the mesh is there by itself"
	wait_until 200 mesh
	reach_all
	barrier back 600
	if [ "$HOST" = 3 ]; then
		rm "$RIG/kept.3"
		systemctl reboot
		sleep infinity
	fi
	barrier empty 600
	barrier again 900
	wait_until 100 mesh
	reach_all
	barrier end 300
	run systemctl stop scsiip-quick@sip0
	assert_eq "targets" '' "$(ls "$TARGET/iscsi" 2> /dev/null || :)"
	assert_eq "units" '' "$(find "$TARGET/core" -name 'comm_*')"
	;;
3.3)
	bare
	barrier empty 600
	barrier again 900
	wait_until 100 mesh
	reach_all
	barrier end 300
	run systemctl stop scsiip-quick@sip0
	;;
esac
