# Applications as they are, over the link and over the network beside it
#
# check: none
# guests: 2
# timeout: 1200
# memory: 2048
# alone: yes
# kernels: [12]
# packages: libopenmpi-dev netpipe-openmpi netpipe-pvm netpipe-tcp nfs-kernel-server nginx-light openmpi-bin pvm wrk
#
#	hosta	10.0.0.1	═══ sip0 over iSCSI ═══	10.0.0.2	hostb
#		192.168.7.1	──── virtio-net, eth0 ───	192.168.7.2
#
# hosta serves, hostb asks: of each network the same. What is measured goes into the
# table at the end, and decides nothing.
#
# SPDX-License-Identifier: GPL-2.0-only
. "$REPO/tests/lib.sh"

# Something of many sizes, which every Debian machine with a compiler has
TREE=/usr/include/linux
# Before the names in /etc/hosts: hosts by their addresses on the link, and beside it
declare -A on=([scsiip]=sip [virtio]=eth) device=([scsiip]=sip0 [virtio]=eth0)

export PVM_ROOT=/usr/lib/pvm3 PVM_RSH=/usr/bin/ssh PVM_ALLOW_ROOT=1

# sums DIRECTORY
sums() {
	(cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# figure NETWORK WHAT VALUE
figure() {
	echo "$1 $2 $3" | tee -a "$RIG/figures"
}

# seconds CMD…
seconds() {
	local begun
	begun=$(date +%s.%N)
	"$@" >&2
	bc <<< "scale=2; ($(date +%s.%N) - $begun) / 1"
}

# over NETWORK CMD…: what is called so, and that it went there: at least a tenth of a
# megabyte, and nothing over the link that was meant for the network beside it
over() {
	local network=$1 before after
	shift
	before=$(carried)
	"$@" "$network"
	after=$(carried)
	if [ "$network" = scsiip ]; then
		assert_ge "bytes over sip0: $*" 100000 $((after - before))
	else
		assert_le "bytes over sip0: $*" 50000 $((after - before))
	fi
}

carried() {
	cat /sys/class/net/sip0/statistics/{tx,rx}_bytes | paste -s -d + | bc
}

names() {
	local n
	for n in 1 2; do
		echo "$(lab_ip $n) sip$n"
		echo "$(peer_ip $n) eth$n"
	done >> /etc/hosts
}

sshd_start() {
	mkdir -p /root/.ssh /run/sshd
	[ "$HOST" = 1 ] || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
	[ "$HOST" = 1 ] || cp /root/.ssh/id_ed25519.pub "$RIG/key"
	barrier key
	install -m 600 "$RIG/key" /root/.ssh/authorized_keys
	printf 'StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n' > /root/.ssh/config
	ssh-keygen -A > /dev/null
	# by a root who knows what he is doing
	/usr/sbin/sshd -o "SetEnv=PVM_ALLOW_ROOT=1 PVM_ROOT=$PVM_ROOT"
}

nfs_serve() {
	mkdir -p /srv/nfs
	mount -t tmpfs -o size=300m tmpfs /srv/nfs
	mkdir /srv/nfs/{scsiip,virtio}
	modprobe nfsd
	mount -t nfsd nfsd /proc/fs/nfsd
	mkdir -p /var/lib/nfs/{v4recovery,rpc_pipefs}
	echo '/srv/nfs *(rw,no_root_squash,no_subtree_check,fsid=0)' > /etc/exports
	rpcbind
	run exportfs -ra
	run rpc.mountd
	run rpc.nfsd -G 10 4
}

nfs() {
	local network=$1 dir=/mnt/$1 how begun
	local -A verify=([write]=0 [read]=1)
	mkdir -p "$dir"
	run mount -t nfs4 -o vers=4.2 "${on[$network]}1:/" "$dir"
	figure "$network" "NFS: a tree written, s" "$(seconds cp -r "$TREE" "$dir/$network/tree")"
	umount "$dir"	# nothing is to come out of a cache
	run mount -t nfs4 -o vers=4.2 "${on[$network]}1:/" "$dir"
	begun=$(date +%s.%N)
	sums "$dir/$network/tree" > /tmp/sums
	figure "$network" "NFS: a tree read, s" "$(bc <<< "scale=2; ($(date +%s.%N) - $begun) / 1")"
	run cmp /tmp/sums /tmp/tree
	for how in write read; do
		fio --name=fio --directory="$dir/$network" --rw=$how --bs=256k --size=64m --direct=1 \
			--ioengine=libaio --iodepth=8 --verify=crc32c --do_verify="${verify[$how]}" \
			--output-format=json --output=/tmp/fio
		jq -e '.jobs[0].error == 0' /tmp/fio > /dev/null || fail "fio: $(cat /tmp/fio)"
		figure "$network" "NFS: fio, $how, MB/s" "$(jq ".jobs[0].$how.bw_bytes / 1e5 | round / 10" /tmp/fio)"
	done
	fio --name=random --directory="$dir/$network" --rw=randrw --bs=16k --size=16m --direct=1 \
		--ioengine=libaio --iodepth=8 --verify=crc32c --output-format=json --output=/tmp/fio
	jq -e '.jobs[0].error == 0' /tmp/fio > /dev/null || fail "fio: $(cat /tmp/fio)"
	run umount "$dir"
}

http_serve() {
	mkdir -p /srv/http /var/log/nginx /var/lib/nginx
	head -c 1000 /dev/urandom > /srv/http/small
	head -c 1000000 /dev/urandom > /srv/http/large
	sha256sum < /srv/http/large > "$RIG/large"
	cat > /tmp/nginx.conf <<-END
		events { }
		http {
			access_log off;
			sendfile on;
			server { listen 80; root /srv/http; }
		}
	END
	run nginx -c /tmp/nginx.conf
}

http() {
	local network=$1 url=http://${on[$1]}1 file
	busybox wget -q -O - "$url/large" | sha256sum | run cmp - "$RIG/large"
	for file in small large; do
		wrk -t 1 -c 8 -d 5s --timeout 30s "$url/$file" | tee /tmp/wrk
		! grep -E 'Socket errors|Non-2xx' /tmp/wrk || fail "wrk has seen errors"
		figure "$network" "HTTP: $file, requests/s" "$(awk '/^Requests\/sec/ { print $2 }' /tmp/wrk)"
	done
}

copy() {
	local network=$1 to=root@${on[$1]}1:/srv/rsync.$1
	figure "$network" "rsync over ssh, s" "$(seconds rsync -a "$TREE/" "$to/")"
	# shellcheck disable=SC2029 # it is meant to
	ssh "${on[$network]}1" "cd /srv/rsync.$network && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum" > /tmp/sums
	run cmp /tmp/sums /tmp/tree
	# a second time, by contents: there is nothing to do
	assert_eq "what rsync finds to do" '' "$(rsync -a -c -i "$TREE/" "$to/")"
}

tcp() {
	local network=$1 to=${on[$1]}1
	ssh "$to" timeout 300 NPtcp -n 30 -l 1 -u 1048576 -p 0 > /tmp/there 2>&1 &
	wait_until 30 ssh "$to" "ss -H -l -n -t | grep -q :5002"
	run NPtcp -h "$to" -n 30 -l 1 -u 1048576 -p 0 -o /tmp/np > /tmp/said 2>&1 || { cat /tmp/said; fail "NPtcp"; }
	wait $!
	np_figures "$network" "NetPIPE, TCP"
}

# np_figures NETWORK WHAT: of /tmp/np, whose lines are bytes, Mbit/s, seconds
np_figures() {
	figure "$1" "$2, 1 byte, us" "$(awk 'NR == 1 { printf "%.1f", $3 * 1e6 }' /tmp/np)"
	figure "$1" "$2, a megabyte, Mbit/s" "$(awk '{ rate = $2 } END { printf "%.1f", rate }' /tmp/np)"
}

mpi() {
	local network=$1
	local mpirun=(mpirun --allow-run-as-root --mca plm_rsh_agent ssh --host "${on[$1]}2,${on[$1]}1"
		--mca mpi_yield_when_idle 1 --mca btl "tcp,self" --mca btl_tcp_if_include "${device[$1]}" --mca oob_tcp_if_include "${device[$1]}")
	run "${mpirun[@]}" -np 2 "$RIG/ring-alltoall" | tee /tmp/said
	figure "$network" "MPI: a hop of a ring, us" "$(awk '/^ring/ { print $2 }' /tmp/said)"
	figure "$network" "MPI: all to all, 4 KB, MB/s" "$(awk '$1 == "alltoall" && $2 == 4096 { print $3 }' /tmp/said)"
	figure "$network" "MPI: all to all, 1 MB, MB/s" "$(awk '$1 == "alltoall" && $2 == 1048576 { print $3 }' /tmp/said)"
	run "${mpirun[@]}" -np 2 NPopenmpi -n 30 -l 1 -u 1048576 -p 0 -o /tmp/np > /tmp/said 2>&1 || { cat /tmp/said; fail "NPopenmpi"; }
	np_figures "$network" "NetPIPE, MPI"
}

pvm_has() {
	echo ps -a | pvm | grep -q "^ *$1 "
}

pvm_gone() {
	! pgrep -x pvmd && ! ssh "$1" pgrep -x pvmd
}

pvm_run() {
	local network=$1 us=${on[$1]}2 them=${on[$1]}1
	printf '%s\n%s ep=/usr/bin\n' "$us" "$them" > /tmp/hosts.pvm
	echo conf | run pvm "-n$us" /tmp/hosts.pvm | tee /tmp/said
	grep -q "^ *$them  *[0-9]" /tmp/said || fail "$them is not in the virtual machine: $(cat /tmp/pvml* || :)"
	ssh "$them" "timeout 200 NPpvm -n 30 -l 1 -u 1048576 -p 0 > /tmp/said 2>&1" &
	# it is the one task that the other looks for
	wait_until 30 pvm_has "$them"
	run timeout 200 NPpvm -h "$them" -n 30 -l 1 -u 1048576 -p 0 -o /tmp/np > /tmp/said 2>&1 || { cat /tmp/said; fail "NPpvm"; }
	wait $!
	np_figures "$network" "NetPIPE, PVM"
	echo halt | pvm > /dev/null 2>&1 || :
	wait_until 20 pvm_gone "$them"
}

lab_up
names
sshd_start
if [ "$HOST" = 1 ]; then
	nfs_serve
	http_serve
	mpicc -O2 -o "$RIG/ring-alltoall" "$REPO/tests/tools/mpi/ring-alltoall.c"
	barrier serving 100
	barrier measured 1000
	nginx -c /tmp/nginx.conf -s stop
	rpc.nfsd 0
else
	barrier serving 100
	sums "$TREE" > /tmp/tree
	for application in tcp nfs http copy mpi pvm_run; do
		for network in scsiip virtio; do
			step "$application: $network"
			over $network $application
		done
	done
	barrier measured 1000
fi
pkill -x sshd
lab_down
