#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the kernel that is to crash: sets the machine up, puts it to work, lets
# crash-agent save the truth and crash it. What fails here is said on the
# console, and the rest goes on: another kernel may lack a module or a feature.

# option NAME: the value of NAME=value on the kernel command line
option()
{
	# shellcheck disable=SC2013 # words are what we want
	for word in $(cat /proc/cmdline); do
		case $word in "$1="*) echo "${word#*=}" ;; esac
	done
}

mount_the_usual()
{
	modprobe configfs
	mount -t tmpfs -o mode=755,nosuid,nodev run /run
	mount -t tmpfs -o nosuid,size=64m tmp /tmp
	mkdir -p /dev/pts /dev/shm /dev/mqueue /dev/hugepages /run/truth/commands /run/netns /srv
	mount -t devpts -o gid=5,mode=620 devpts /dev/pts
	mount -t tmpfs -o nosuid,nodev shm /dev/shm
	mount -t mqueue mqueue /dev/mqueue
	mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t securityfs securityfs /sys/kernel/security
	mount -t bpf bpf /sys/fs/bpf
	mount -t configfs configfs /sys/kernel/config
	mkdir -p /etc
	ln -s /proc/self/mounts /etc/mtab
}

set_parameters()
{
	hostname crashbox.example.org
	echo example.org >/proc/sys/kernel/domainname
	echo 1 >/proc/sys/kernel/panic_on_oops
	echo 1 >/proc/sys/kernel/sysrq
	echo 1 >/proc/sys/kernel/sched_schedstats
	echo "|/usr/sbin/core %p %e" >/proc/sys/kernel/core_pattern
	echo 4194304 >/proc/sys/kernel/pid_max
	echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 4 >/proc/sys/vm/nr_hugepages
	echo 33 >/proc/sys/vm/swappiness
	mount -t hugetlbfs hugetlbfs /dev/hugepages
	# the taint that user space may set
	echo 64 >/proc/sys/kernel/tainted
}

load_crash_kernel()
{
	if ! grep -q crashkernel= /proc/cmdline; then
		# QEMU saves the memory; through this it learns of VMCOREINFO
		modprobe qemu_fw_cfg
		return
	fi
	mkdir -p /mnt
	mount -t ext4 -o ro /dev/vda /mnt
	arguments="console=ttyS0 loglevel=7 printk.time=1 nr_cpus=1 irqpoll reset_devices panic=1"
	arguments="$arguments guest.dump=$(option guest.dump) guest.elf=$(option guest.elf)"
	arguments="$arguments guest.holed=$(option guest.holed)"
	kexec -p -s /mnt/boot/vmlinuz --initrd=/mnt/boot/initramfs --command-line="$arguments"
	umount /mnt
	[ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ] ||
		echo "GUEST: failed to load the crash kernel"
}

# Lines that are hard on whoever parses or prints the kernel's log.
write_log_lines()
{
	printf '<6>crashbox: an ordinary line' >/dev/kmsg
	printf '<3>crashbox: <script>alert("&amp;")</script> \\ back\\slash' >/dev/kmsg
	printf '<28>crashbox: facility 3, warning' >/dev/kmsg
	printf '<6>crashbox: two\nlines\n' >/dev/kmsg
	printf '<5>crashbox: na\303\257ve \342\202\254, \377\376, \033[31mred\033[0m, tab\there' >/dev/kmsg
	printf '<4>crashbox: %0700d' 7 >/dev/kmsg
}

load_modules()
{
	modprobe dummy numdummies=0
	modprobe -a virtio_net virtio_rng veth bridge br_netfilter 8021q tun vxlan \
		macvlan loop dm_mod xfs btrfs overlay fuse raid1 nf_tables nf_conntrack tls \
		tcp_diag udp_diag unix_diag af_packet_diag netlink_diag sch_fq_codel
	modprobe bonding max_bonds=0
	modprobe null_blk nr_devices=2 gb=1 memory_backed=1
	modprobe sd_mod
	modprobe scsi_debug dev_size_mb=8
	modprobe -a lzo-rle zram
	modprobe -a iptable_filter nft_chain_nat nft_masq nft_ct
	modprobe sctp
}

set_up_storage()
{
	mkdir -p /srv/data /srv/xfs /srv/both /srv/loop /srv/frozen /srv/bound /srv/jail
	mount -t ext4 -o noatime,errors=remount-ro /dev/vdc /srv/data
	mount -t xfs /dev/vdd /srv/xfs
	mkswap -L swap /dev/vde >/dev/null
	swapon -p 5 /dev/vde
	echo 32M >/sys/block/zram0/disksize
	mkswap /dev/zram0 >/dev/null
	swapon -p 100 /dev/zram0

	dd if=/dev/urandom of=/srv/data/image bs=1M count=16 2>/dev/null
	mke2fs -F -q /srv/data/image >/dev/null
	losetup /dev/loop0 /srv/data/image
	mount -t ext4 /dev/loop0 /srv/loop
	dd if=/dev/zero of=/srv/loop/file bs=64k count=40 2>/dev/null

	mkdir -p /srv/data/lower /srv/data/upper /srv/data/scratch "/srv/data/odd mount"
	echo lower >/srv/data/lower/lower-file
	mount -t overlay -o lowerdir=/srv/data/lower,upperdir=/srv/data/upper,workdir=/srv/data/scratch \
		overlay /srv/both
	mount --bind /srv/data/lower /srv/bound
	mount -o remount,bind,ro /srv/bound
	mount -t tmpfs -o size=1m,nr_inodes=50 "odd source" "/srv/data/odd mount"

	dd if=/dev/urandom of=/dev/nullb0 bs=64k count=64 2>/dev/null
	mke2fs -F -q /dev/sda >/dev/null
	mount -t ext4 /dev/sda /srv/frozen
	echo frozen >/srv/frozen/file
	dmsetup create stuck --noudevsync --table "0 65536 linear /dev/nullb1 2048"
	dmsetup create striped --noudevsync --table "0 65536 striped 2 128 /dev/nullb1 131072 /dev/nullb1 262144"
	dmsetup mknodes
	mkdir -p /srv/jail/usr/bin /srv/jail/dev
	cp /usr/bin/workload /srv/jail/usr/bin/
	mknod /srv/jail/dev/null c 1 3
	sync
}

# new_array NAME LEVEL SLOTS METADATA DEVICE...: an md array that isn't started yet; devices take
# the slots in order, "missing" leaves one empty
new_array()
{
	md=/sys/block/$1/md
	echo "$1" >/sys/module/md_mod/parameters/new_array
	echo "$4" >"$md/metadata_version"
	echo "$2" >"$md/level"
	echo "$3" >"$md/raid_disks"
	echo 65536 >"$md/chunk_size"
	shift 4
	slot=0
	for device; do
		if [ "$device" != missing ]; then
			cat "/sys/block/$device/dev" >"$md/new_dev"
			echo 4096 >"$md/dev-$device/size"
			echo $slot >"$md/dev-$device/slot"
		fi
		slot=$((slot + 1))
	done
	echo 4096 >"$md/component_size"
	echo none >"$md/resync_start"
}

# Arrays in several states, driven through sysfs: one with a device that failed and one missing, one
# that checks itself and has got halfway, one of foreign metadata, a plain one, one that isn't
# started, one with superblocks and a bitmap.
set_up_md()
{
	# for the files that they have in /proc
	modprobe -a nfs lockd fscache
	modprobe -a raid0 raid1 raid456
	modprobe brd rd_nr=11 rd_size=8192
	new_array md0 raid1 3 none ram0 ram1 missing
	new_array md1 raid1 2 none ram2 ram3
	new_array md2 raid5 3 external:crashbox ram4 ram5 missing
	new_array md3 raid0 2 none ram6 ram7
	new_array md4 raid1 2 none ram8 missing
	make-array /dev/ram9 /dev/ram10
	echo md5 >/sys/module/md_mod/parameters/new_array
	echo 1.2 >/sys/block/md5/md/metadata_version
	cat /sys/block/ram9/dev >/sys/block/md5/md/new_dev
	cat /sys/block/ram10/dev >/sys/block/md5/md/new_dev
	for name in md0 md1 md2 md3 md5; do
		echo active >/sys/block/$name/md/array_state
	done
	echo faulty >/sys/block/md0/md/dev-ram1/state
	echo 4096 >/sys/block/md1/md/sync_max
	echo check >/sys/block/md1/md/sync_action
	dd if=/dev/zero of=/dev/md5 bs=64k count=10 2>/dev/null
}

set_up_network()
{
	ip link set lo up
	ip link set eth0 up
	ip address add 192.0.2.10/24 dev eth0
	ip address add 2001:db8::10/64 dev eth0
	ip route add default via 192.0.2.1
	ip route add blackhole 203.0.113.0/24
	ip -6 route add default via 2001:db8::1
	ip neighbour add 192.0.2.1 lladdr 52:54:00:00:00:01 dev eth0
	ip rule add from 10.9.0.0/16 table 100
	ip route add default via 192.0.2.254 table 100

	ip link add dummy0 type dummy
	ip address add 198.51.100.1/24 dev dummy0
	ip link set dummy0 mtu 9000 multicast on up

	ip link add br0 type bridge stp_state 0 forward_delay 0
	ip address add 10.9.0.1/24 dev br0
	ip netns add blue
	ip link add veth0 type veth peer name veth1
	ip link set veth1 netns blue
	ip link set veth0 master br0 up
	ip link set br0 up
	ip -n blue link set lo up
	ip -n blue link set veth1 up
	ip -n blue address add 10.9.0.2/24 dev veth1
	ip -n blue route add default via 10.9.0.1

	ip link add link eth0 name eth0.100 type vlan id 100
	ip link add link eth0 name mac0 type macvlan mode bridge
	ip link add bond0 type bond mode active-backup miimon 100
	ip link add vxlan7 type vxlan id 7 dstport 4789 local 192.0.2.10
	ip tuntap add dev tap0 mode tap user 1000
	ip link set eth0.100 up
	tc qdisc replace dev eth0 root fq_codel limit 1000
}

# Aggregates with members, namespaces with a name and without, connections that are tracked and
# translated.
set_up_more_network()
{
	for number in 1 2 3 4; do
		ip link add dummy$number type dummy
	done
	ip link set dummy1 master bond0
	ip link set dummy2 master bond0
	ip link set bond0 up
	ip link add bond1 type bond mode 802.3ad miimon 200 lacp_rate fast xmit_hash_policy layer3+4
	ip link set dummy3 master bond1
	ip link set dummy4 master bond1
	ip link set bond1 up
	ip link add bond2 type bond mode balance-rr arp_interval 100000 arp_ip_target 192.0.2.1,192.0.2.2
	ip link add link eth0 name eth0.200 type vlan proto 802.1ad id 200 reorder_hdr off \
		egress-qos-map 1:2 3:4 ingress-qos-map 5:6
	ip address add 192.0.2.11/24 dev eth0 label eth0:second
	ip address add 10.77.0.1 peer 10.77.0.2/32 dev dummy0
	ip route add 10.88.0.0/16 proto static metric 50 mtu 1400 advmss 1300 window 9000 dev dummy0
	ip route add 10.99.0.0/24 nexthop dev dummy0 weight 1 nexthop dev eth0 weight 3
	ip route add prohibit 10.98.0.0/24
	ip -6 route add unreachable 2001:db8:dead::/48

	ip netns add green
	ip link add veth2 type veth peer name veth3
	ip link set veth3 netns green
	ip address add 10.10.0.1/30 dev veth2
	ip link set veth2 up
	ip -n green link set lo up
	ip -n green link set veth3 up
	ip -n green address add 10.10.0.2/30 dev veth3
	ip -n green -6 address add 2001:db8:10::2/64 dev veth3
	ip -n green route add default via 10.10.0.1
	ip -n green neighbour add 10.10.0.1 lladdr 52:54:00:00:00:77 dev veth3

	nft -f - <<-END
		table ip nat {
			chain postrouting {
				type nat hook postrouting priority 100;
				ip saddr 10.9.0.0/24 oifname "dummy0" masquerade
			}
		}
		table inet filter {
			chain input {
				type filter hook input priority 0;
				ct state established,related accept
			}
		}
	END
	for timeout in udp_timeout icmp_timeout tcp_timeout_syn_sent; do
		echo 3600 >/proc/sys/net/netfilter/nf_conntrack_$timeout
	done
	ip netns exec blue ping -c 1 -W 1 198.51.100.77 >/dev/null
	ip netns exec blue nc 198.51.100.78 80 </dev/null >/dev/null 2>&1 &
}

# in_cgroup NAME COMMAND...: runs a command in a control group
in_cgroup()
{
	mkdir -p "/sys/fs/cgroup/$1"
	sh -c 'echo $$ >"/sys/fs/cgroup/$0/cgroup.procs" && exec "$@"' "$@"
}

set_up_cgroups()
{
	cd /sys/fs/cgroup || return
	for controller in cpu memory pids io cpuset hugetlb; do
		echo +$controller >cgroup.subtree_control
	done
	mkdir -p system.slice user.slice
	echo "+cpu +memory +pids +io" >system.slice/cgroup.subtree_control
	mkdir -p system.slice/web.service "system.slice/odd name.service" system.slice/empty.service
	echo 134217728 >system.slice/web.service/memory.max
	echo 50 >system.slice/web.service/pids.max
	echo "20000 100000" >system.slice/web.service/cpu.max
	echo 250 >user.slice/cpu.weight
	cd /
}

# mount_it KIND OPTIONS SOURCE PLACE: mounts it, if this kernel can; without a mount program of its own
mount_it()
{
	mkdir -p "$4"
	mount -i -t "$1" -o "$2" "$3" "$4" && return
	echo "GUEST: no $1 on $4"
	return 1
}

# new_image NAME SIZE: an image in memory, of zeros
new_image()
{
	rm -f "/srv/images/$1"
	dd if=/dev/zero of="/srv/images/$1" bs=1 count=0 seek="$2" 2>/dev/null
}

# File systems with options that hardly anybody has, mounted wherever a mount can be.
set_up_mounts()
{
	modprobe -a autofs4 binfmt_misc isofs msdos nls_cp437 nls_iso8859_1 nls_utf8 quota_v2 squashfs vfat
	mount_it tmpfs size=300m,mode=1770,uid=7,gid=8,nr_inodes=0 images /srv/images
	mount_it tmpfs size=25%,huge=within_size,mpol=bind:0,inode32 'odd#source' /srv/mnt/tmpfs
	mount_it tmpfs noswap none /srv/mnt/tmpfs-noswap
	mount_it ramfs mode=700 ramfs /srv/mnt/ramfs
	mount_it proc hidepid=ptraceable,gid=9,subset=pid proc /srv/mnt/proc
	mount_it sysfs ro,nosymfollow sysfs /srv/mnt/sysfs
	mount_it devpts newinstance,uid=1,gid=5,mode=600,ptmxmode=666,max=7 devpts /srv/mnt/devpts
	mount_it hugetlbfs uid=5,gid=6,mode=1777,size=4m,min_size=2m,nr_inodes=9,pagesize=2m huge /srv/mnt/huge
	mount_it bpf mode=750,uid=2,gid=3 bpf /srv/mnt/bpf ||
		mount_it bpf mode=750 bpf /srv/mnt/bpf
	mount_it bpf delegate_cmds=prog_load:map_create,delegate_maps=any,delegate_progs=0x6 bpf /srv/mnt/bpf-delegate
	mount_it debugfs uid=1,gid=2,mode=750 debugfs /srv/mnt/debugfs
	mount_it tracefs gid=3,mode=755 tracefs /srv/mnt/tracefs
	mount_it pstore kmsg_bytes=8192 pstore /srv/mnt/pstore
	mount_it binfmt_misc defaults binfmt_misc /srv/mnt/binfmt
	mount_it cgroup none,name=crashbox,xattr,release_agent=/sbin/odd\ agent,clone_children none /srv/mnt/cgroup-named
	mount_it cgroup freezer,devices freezer /srv/mnt/cgroup-freezer
	mkdir -p /srv/mnt/cgroup-named/group /srv/mnt/cgroup-group
	mount --bind /srv/mnt/cgroup-named/group /srv/mnt/cgroup-group
	mkdir -p /srv/mnt/cgroup2
	mount --bind /sys/fs/cgroup/system.slice /srv/mnt/cgroup2
	touch /srv/mnt-namespace
	mount --bind /proc/self/ns/uts /srv/mnt-namespace
	mount_images
	set_up_propagation
	workload autofs
	workload fuse
	workload fuseblk
}

mount_images()
{
	new_image ext4 8M
	mkfs.ext4 -q -F -b 1024 -O quota -m 1 /srv/images/ext4
	mount_it ext4 loop,data=journal,commit=30,nodelalloc,min_batch_time=5,stripe=16,nobarrier,minixdf,errors=panic,resuid=7,usrquota,grpquota,debug_want_extra_isize=4 \
		/srv/images/ext4 /srv/mnt/ext4
	new_image ext4-plain 4M
	mkfs.ext4 -q -F -O ^has_journal /srv/images/ext4-plain
	tune2fs -o nobarrier,discard,^user_xattr -e panic /srv/images/ext4-plain >/dev/null
	mount_it ext4 loop,ro,noatime,errors=continue,max_dir_size_kb=64,init_itable=4,inode_readahead_blks=64,lazytime \
		/srv/images/ext4-plain /srv/mnt/ext4-plain
	new_image ext3 4M
	mkfs.ext4 -q -F -t ext3 /srv/images/ext3
	mount_it ext3 loop,sync,dirsync,grpid,data=writeback,noauto_da_alloc,nombcache \
		/srv/images/ext3 /srv/mnt/ext3
	new_image ext2 2M
	mke2fs -F -q /srv/images/ext2 >/dev/null
	mount_it ext2 loop,nouid32,debug /srv/images/ext2 /srv/mnt/ext2

	new_image btrfs 128M
	new_image btrfs-2 128M
	first=$(losetup -f --show /srv/images/btrfs)
	second=$(losetup -f --show /srv/images/btrfs-2)
	mkfs.btrfs -q -f -m single -d single "$first" "$second"
	mount_it btrfs "device=$second,compress-force=zstd:5,commit=60,thread_pool=3,space_cache=v2,skip_balance,max_inline=1024,noacl,ssd_spread,metadata_ratio=4" \
		"$first" /srv/mnt/btrfs
	btrfs -q subvolume create "/srv/mnt/btrfs/sub volume"
	mkdir -p "/srv/mnt/btrfs/sub volume/folder"
	mount_it btrfs "subvol=sub volume" "$first" /srv/mnt/btrfs-sub
	mkdir -p /srv/mnt/btrfs-folder
	mount --bind "/srv/mnt/btrfs-sub/folder" /srv/mnt/btrfs-folder

	new_image vfat 2M
	mkdosfs /srv/images/vfat
	mount_it vfat loop,uid=1000,gid=1001,umask=027,codepage=437,iocharset=iso8859-1,shortname=winnt,flush,tz=UTC,errors=continue \
		/srv/images/vfat /srv/mnt/vfat
	new_image msdos 2M
	mkdosfs /srv/images/msdos
	mount_it msdos loop,ro,fmask=133,dmask=022,check=s,quiet,dots,discard,nfs=nostale_ro,time_offset=-90,allow_utime=20 \
		/srv/images/msdos /srv/mnt/msdos
	mount_it squashfs loop,ro,errors=panic,threads=1 /images/squashfs /srv/mnt/squashfs ||
		mount_it squashfs loop,ro,errors=panic /images/squashfs /srv/mnt/squashfs ||
		mount_it squashfs loop,ro /images/squashfs /srv/mnt/squashfs
	mount_it iso9660 loop,ro,norock,nojoliet,map=acorn,check=relaxed,mode=0444,dmode=0555,uid=3,gid=4,session=0,hide,showassoc,utf8 \
		/images/iso9660 /srv/mnt/iso9660
	mkdir -p /srv/data/lower/2 /srv/data/lower3 "/srv/data/odd lower,:x" /srv/data/upper2 /srv/data/scratch2
	mount_it overlay 'lowerdir=/srv/data/odd lower\,\:x:/srv/data/lower/2,upperdir=/srv/data/upper2,workdir=/srv/data/scratch2,index=on,redirect_dir=nofollow,xino=on,volatile' \
		overlay /srv/mnt/overlay
	mount_it overlay "ro,lowerdir=/srv/data/lower:/srv/data/lower3,userxattr" overlay /srv/mnt/overlay-ro
}

# Groups of peers, masters and slaves; places with odd names; views of other namespaces.
set_up_propagation()
{
	mount_it tmpfs size=1m shared /srv/mnt/shared
	mount --make-shared /srv/mnt/shared
	mkdir -p /srv/mnt/shared/in /srv/mnt/slave /srv/mnt/slave-shared /srv/mnt/private /srv/mnt/unbindable
	mount --bind /srv/mnt/shared /srv/mnt/slave
	mount --make-slave /srv/mnt/slave
	mount --bind /srv/mnt/slave /srv/mnt/slave-shared
	mount --make-shared /srv/mnt/slave-shared
	mount_it tmpfs size=2m in /srv/mnt/shared/in
	mount_it tmpfs size=1m private /srv/mnt/private
	mount --make-private /srv/mnt/private
	mount --bind /srv/mnt/private /srv/mnt/unbindable
	mount --make-unbindable /srv/mnt/unbindable
	odd=$(printf '/srv/mnt/odd \\ #\ttab\nline')
	mount_it tmpfs size=1m "$(printf 'back\\slash\ttab#')" "$odd"
	mount -o remount,ro,size=2m "$odd"
	mkdir -p /srv/mnt/gone && mount --bind /srv/mnt/gone /srv/mnt/private && rmdir /srv/mnt/gone

	pausing mounts-apart unshare --mount --propagation slave sh -c \
		'mount -t tmpfs -o size=3m apart /srv/mnt/slave; umount /srv/mnt/ramfs; "$@"; exec sleep 100000' sh
	pausing mounts-moved unshare --mount --propagation private sh -c \
		'mount --bind /srv/jail /srv/jail && cd /srv/jail && mount --move . / && exec chroot . "$@"' sh
	pausing mounts-shared unshare --mount --propagation shared
}

# What puts another address in the place of a return address, for as long as a function runs:
# function_graph, kretprobes, and BPF programs. Whoever sleeps in one of these functions from now on
# has that on its stack.
start_tracing()
{
	cd /sys/kernel/tracing || return
	echo 64 >buffer_size_kb
	echo do_nanosleep >set_ftrace_filter
	echo hrtimer_nanosleep >>set_ftrace_filter
	echo function_graph >current_tracer
	# renamed in Linux 6.15
	for name in pipe_read anon_pipe_read; do
		! grep -q " $name\$" /proc/kallsyms || echo "r:crashbox/$name $name" >>kprobe_events
	done
	# not in all kernels
	! grep -q "f\[:" README || echo "f:crashbox/poll do_sys_poll%return" >>dynamic_events
	echo 1 >events/crashbox/enable
	cd /
	workload fexit
}

start_workload()
{
	workload names
	workload sched
	workload states
	workload timers
	workload threads pool
	workload files
	workload locks
	workload memory
	workload ipc
	workload uring
	workload unix
	workload udp
	workload packet
	in_cgroup user.slice workload user
	in_cgroup system.slice/web.service workload tcp web
	ip netns exec blue workload tcp blue-tcp
	ip netns exec blue workload apart blue-apart
	pausing unnamed-net unshare --net sh -c 'ip link set lo up; exec "$@"' sh

	pausing odd-cgroup in_cgroup "system.slice/odd name.service"
	pausing frozen in_cgroup system.slice/frozen.service
	echo 1 >/sys/fs/cgroup/system.slice/frozen.service/cgroup.freeze
	pausing jailed chroot /srv/jail
	# a label that isn't "unconfined": that of another namespace of policies
	mkdir /sys/kernel/security/apparmor/policy/namespaces/crashbox
	# shellcheck disable=SC2016 # "$@" is for the inner shell
	pausing labelled sh -c 'echo changeprofile :crashbox:unconfined >/proc/self/attr/current; exec "$@"' sh
	pausing user-ns unshare --user --map-root-user
	pausing contained unshare --pid --fork --mount-proc --uts --ipc --cgroup \
		sh -c 'hostname container-1; "$@"; exec sleep 100000' sh
	# process ids of five digits, then of six
	echo 99994 >/proc/sys/kernel/ns_last_pid
	for name in wide-id-1 wide-id-2 wide-id-3; do
		pausing $name
	done
}

# pausing NAME [COMMAND...]: through COMMAND, starts a process that only waits
pausing()
{
	name=$1
	shift
	"$@" /usr/bin/workload pause "$name" & # the container's doesn't end
	tries=0
	until pid=$(pgrep -x "$name") || [ $tries -gt 50 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	printf '%s\t%s\t%s\tS\n' "$name" "$pid" "$pid" >>/run/truth/roles.tsv
}

# What hangs for ever. From here on nothing may touch /srv/frozen or call sync.
get_stuck()
{
	fsfreeze --freeze /srv/frozen
	workload frozen-writer
	dmsetup suspend --noflush stuck
	workload suspended-read
}

# save COMMAND...: keeps the output of a command, under a name such as sos gives
save()
{
	echo . # a sign of life: the host gives up a silent machine
	"$@" >"/run/truth/commands/$(echo "$*" | tr ' /' '_.')" 2>&1 </dev/null
}

save_commands()
{
	save uname -a
	save lsmod
	save lscpu
	save lsmem
	save lsblk
	save lspci -nnvv
	save losetup -l
	save findmnt
	save mount
	save df -al
	save df -ali
	save swapon --show
	save sysctl -a
	save dmsetup info -c
	save dmsetup table
	save ip -d -s address
	save ip route show table all
	save ip -6 route show table all
	save ip rule
	save ip netns
	save ip -n blue -d address
	save ip -n blue route
	save ip maddress
	save bridge link
	save bridge -d vlan show
	save ethtool -i eth0
	save ethtool eth0
	save ifconfig -a
	save route -n
	save arp -an
	save ip neighbour
	save netstat -s
	save netstat -neopa
	save ss -aneptui
	save ss -anepx
	save tc -s qdisc
	save lslocks
	save ipcs
	save ipcs -m -p
	save lsof -nP
	save pstree -lp
	save slabtop -o
	save vmstat -s
	save free
	save uptime
}

# Last: tasks in all states, the spinning one, too.
save_task_lists()
{
	save ps auxwww
	save ps alxwww
	save ps -eLo pid,tid,ppid,psr,stat,cls,rtprio,ni,wchan:30,comm
}

# start_crowd: the threads that guest.crowd asks for
start_crowd()
{
	echo 20000 >/proc/sys/kernel/threads-max
	CROWD=$(option guest.crowd) workload crowd
}

mount_the_usual
set_parameters
echo "GUEST: at work"
load_crash_kernel
if [ "$(option guest.shares)" = 1 ]; then
	# shellcheck source=tests/guest/inside/shares.sh
	. /shares.sh
	echo "GUEST: saving the truth"
	exec crash-agent /dev/vdb "$(option guest.crash)"
fi
write_log_lines
load_modules
set_up_storage
set_up_md
set_up_network
set_up_more_network
set_up_cgroups
set_up_mounts
start_tracing
start_workload
workload heartbeat
get_stuck
if [ "$(option guest.crowd)" != 0 ]; then
	start_crowd
	echo "GUEST: saving the truth"
	exec crash-agent /dev/vdb "$(option guest.crash)" tasks
fi
save_commands
workload spinner
save_task_lists
echo "GUEST: saving the truth"
crash-agent /dev/vdb "$(option guest.crash)"
