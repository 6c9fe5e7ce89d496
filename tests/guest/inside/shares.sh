# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For work.sh: the machine serves its disk through SMB and NFS, both in the
# kernel, and mounts that again through the loopback device, with options that
# hardly anybody has.

FOR_EVER=2147483647

set_up_disk()
{
	mkdir -p /srv/data /srv/shares
	mount -t ext4 /dev/vdc /srv/data
	mkdir -p "/srv/data/sub folder/below" /srv/data/plain
	chmod -R a+rwX /srv/data
	dd if=/dev/urandom of=/srv/data/file bs=64k count=20 2>/dev/null
	echo few >"/srv/data/sub folder/few"
}

serve_smb()
{
	modprobe -a cifs ksmbd
	mkdir -p /etc/ksmbd
	echo "root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/false" >/etc/passwd
	echo "root:x:0:
nogroup:x:65534:" >/etc/group
	cat >/etc/ksmbd/ksmbd.conf <<-END
		[global]
		    workgroup = CRASHBOX
		    map to guest = bad user
		    guest account = nobody
		    server multi channel support = yes
		    smb3 encryption = auto
		[data]
		    path = /srv/data
		    read only = no
		    force user = root
		    force group = root
		[open]
		    path = /srv/data
		    guest ok = yes
	END
	ksmbd.adduser -a smith -p "not shown anywhere"
	ksmbd.mountd
	sleep 2
}

# What exportfs and mountd would say when the server asks, said beforehand: whose address it is, what
# it may have, what a handle of the root stands for.
serve_nfs()
{
	modprobe -a nfsd nfs nfsv3 nfsv4
	mkdir -p /srv/nfsd
	mount -t nfsd nfsd /srv/nfsd
	# NFSEXP_FSID, _NOSUBTREECHECK, _ASYNC, _INSECURE_PORT
	flags=$((0x2000 | 0x400 | 0x10 | 2))
	echo "nfsd 127.0.0.1 $FOR_EVER crashbox" >/proc/net/rpc/auth.unix.ip/channel
	echo "crashbox /srv/data $FOR_EVER $flags 65534 65534 0" >/proc/net/rpc/nfsd.export/channel
	printf 'crashbox 1 \\x00000000 %s /srv/data\n' $FOR_EVER >/proc/net/rpc/nfsd.fh/channel
	# for version 3
	rpc-server crashbox /srv/data /srv/nfsd/filehandle
	# so long nothing can be opened, for there may be clients from before
	echo 10 >/srv/nfsd/nfsv4gracetime
	echo "tcp 2049" >/srv/nfsd/portlist
	echo 4 >/srv/nfsd/threads
}

# smb NAME OPTIONS [SOURCE]
smb()
{
	mount_it cifs "ip=127.0.0.1,username=smith,password=not shown anywhere,$2" "${3:-//127.0.0.1/data}" "/srv/shares/$1"
}

mount_smb()
{
	smb smb-usual vers=3.1.1
	smb smb-owned vers=3.1.1,uid=1000,gid=1001,forceuid,forcegid,file_mode=0640,dir_mode=0750,domain=CRASHBOX,cache=loose,actimeo=7,iocharset=utf8,nosharesock
	smb smb-old vers=2.1,cache=none,nounix,noserverino,mfsymlinks,ro,noperm,nodfs,nobrl,nostrictsync,echo_interval=17,nosharesock \
		"//127.0.0.1/data/sub folder"
	smb smb-3.0 vers=3.0,sec=ntlmsspi,rsize=65536,wsize=131072,bsize=65536,acregmax=5,acdirmax=9,closetimeo=3,sfu,mapposix,soft,nosharesock
	smb smb-sealed vers=3.1.1,seal,cache=singleclient,nocase,nodelete,nosparse,nolease,rasize=1048576,esize=32768,nosharesock \
		//127.0.0.1/data/plain
	smb smb-channels vers=3.1.1,multichannel,max_channels=2,cache=ro,hard,max_credits=2000,handletimeout=30000,nosharesock
	smb smb-odd vers=3.1.1,rwpidforward,nouser_xattr,mapchars,nohandlecache,modefromsid,idsfromsid,dynperm,setuids,backupuid=8,backupgid=9,signloosely,tcpnodelay,noautotune,noblocksend,srcaddr=127.0.0.1,forcemandatorylock,cifsacl,locallease,nosharesock
	smb smb-multiuser vers=3.1.1,multiuser,sec=ntlmssp,nosharesock
	# what later kernels have
	smb smb-new vers=3.1.1,max_cached_dirs=5,retrans=3,reparse=wsl,upcall_target=mount,symlink=unix,nonativesocket,nosharesock ||
		smb smb-new vers=3.1.1,max_cached_dirs=5,retrans=3,reparse=wsl,upcall_target=mount,nosharesock
	mount_it cifs ip=127.0.0.1,sec=none,guest,vers=3.0,nosharesock //127.0.0.1/open /srv/shares/smb-none
	mount_it cifs ip=::1,username=smith,password=not\ shown\ anywhere,vers=3.1.1,posix //localhost/data /srv/shares/smb-ipv6
	mkdir -p /srv/shares/smb-bound
	mount --bind "/srv/shares/smb-usual/sub folder/below" /srv/shares/smb-bound
}

# nfs NAME OPTIONS [SOURCE]
nfs()
{
	mount_it nfs "addr=127.0.0.1,clientaddr=127.0.0.1,sec=sys,$2" "127.0.0.1:${3:-/}" "/srv/shares/$1"
}

mount_nfs()
{
	# the first of a version decides how many connections all have
	nfs nfs-connections vers=4.2,nconnect=3,soft,timeo=70,retrans=4,nosharecache,acregmin=4,acdirmax=70
	nfs nfs-usual vers=4.2
	nfs nfs-4.1 vers=4.1,noac,softerr,rsize=8192,wsize=16384,nosharecache,max_connect=4 "/sub folder"
	nfs nfs-4.0 vers=4.0,ro,nosharecache,lookupcache=none,nocto,noresvport "/sub folder/below"
	mount_it nfs4 addr=127.0.0.1,clientaddr=127.0.0.1,vers=4.2,lookupcache=positive,write=eager,nosharecache,softreval \
		127.0.0.1:/plain /srv/shares/nfs4
	older=vers=3,nolock,port=2049,mountport=20048,mountproto=tcp,mountaddr=127.0.0.1,nosharecache
	nfs nfs-3 $older,mountvers=3,soft,retrans=5,actimeo=9
	nfs nfs-3-odd $older,noacl,nordirplus,local_lock=flock,bsize=4096,acdirmin=20 "/srv/data"
	mkdir -p /srv/shares/nfs-bound
	mount --bind /srv/shares/nfs-usual/plain /srv/shares/nfs-bound
}

# Something to count: reads, writes, names that come and go, what fails.
use_shares()
{
	for share in /srv/shares/*; do
		echo . # a sign of life
		ls -lR "$share" >/dev/null
		cat "$share/file" >/dev/null 2>&1
		name=$share/of-${share##*/}
		if dd if=/dev/zero of="$name" bs=5000 count=30 conv=fsync 2>/dev/null; then
			mv "$name" "$name.moved"
			ln -s of-nothing "$name.link" 2>/dev/null
			dd if="$name.moved" of=/dev/null bs=64k iflag=direct 2>/dev/null
			rm -f "$name.moved" "$name.link"
		fi
		cat "$share/none" 2>/dev/null
	done
}

# where the kernel itself looks for it
mkdir -p /sbin && ln -s /usr/bin/modprobe /sbin/modprobe
ip link set lo up
set_up_disk
serve_smb
serve_nfs
mount_smb
mount_nfs
use_shares
cat /proc/mounts
# what is written late is written, what is closed late is closed
sync
sleep 5
