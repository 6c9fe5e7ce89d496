#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packages.sh GROUP...
#
# Makes sure that the Debian packages of each GROUP are installed. When they
# all are, it does nothing at all: no output, no network, no root needed.
# Otherwise it says what it installs and for what, and installs it with
# apt-get, as root or through sudo, without asking any question.
#
# Works on a Debian 12 that has nothing beyond its essential packages.

set -eu

# group_packages GROUP: prints the packages of GROUP, or fails if there is no
# such group. One line per purpose, so that a reader sees what needs what.
group_packages()
{
	case $1 in
	build)
		# the compiler and the build system
		echo gcc libc6-dev make meson ninja-build pkg-config
		# the archive: tar, xz, gzip, zstd, checksums; JSON
		echo libarchive-dev libjansson-dev nettle-dev
		# decompression of dump pages
		echo zlib1g-dev liblzma-dev liblzo2-dev libsnappy-dev libzstd-dev
		# ELF and DWARF
		echo libdw-dev libelf-dev
		# configuration files
		echo libini-config-dev
		# the sandbox of the workers
		echo libseccomp-dev
		# the interpreter of Python plugins
		echo python3-dev
		;;
	guest)
		# the recipe itself, and the static helpers that run in the guest
		echo python3 gcc libc6-dev
		# the machine that crashes
		echo qemu-system-x86 seabios
		# its disks: mkfs.ext4 and debugfs, mkfs.xfs; more that it mounts
		echo e2fsprogs xfsprogs btrfs-progs squashfs-tools
		# unpacked kernels: depmod; modprobe is used inside
		echo kmod
		# what makes the dump, inside
		echo kexec-tools makedumpfile
		# the guest's user land
		echo busybox-static coreutils dash mount procps util-linux
		echo dmsetup ethtool iproute2 lsof net-tools nftables pciutils psmisc
		;;
	check)
		echo libcmocka-dev valgrind
		# encrypted archives
		echo gnupg
		# debug information: a server, which reads packages by bsdtar; its client; shared parts
		echo binutils debuginfod libarchive-tools libdebuginfod1 dwz
		# Python plugins; what else reads the vmlinux that is made from a dump
		echo python3-drgn gdb crash
		echo python3 python3-pytest file xz-utils zstd
		# the page in a browser; manual pages
		echo chromium chromium-driver mandoc
		# what else reads our archives
		echo sosreport
		;;
	check-kernels)
		# kernels' debuginfo: made smaller, read
		echo binutils gdb xz-utils
		;;
	*)
		return 1
		;;
	esac
}

# group_purpose GROUP: why the packages of GROUP are wanted.
group_purpose()
{
	case $1 in
	build) echo "to build the program" ;;
	guest) echo "to make a crash dump in a virtual machine" ;;
	check) echo "to run the tests" ;;
	check-kernels) echo "to compare with kernels' debuginfo" ;;
	esac
}

# is_installed PACKAGE
is_installed()
{
	# shellcheck disable=SC2016 # ${...} is dpkg-query's, not the shell's
	case $(dpkg-query -W -f '${db:Status-Abbrev}\n' "$1" 2>/dev/null) in
	?i*) return 0 ;;
	esac
	return 1
}

if [ $# -eq 0 ]; then
	echo "usage: packages.sh GROUP... (build, guest, check, check-kernels)" >&2
	exit 2
fi

if ! command -v dpkg-query >/dev/null; then
	echo "packages.sh: this is no Debian system (no dpkg-query)." >&2
	exit 1
fi

missing=
for group; do
	if ! packages=$(group_packages "$group"); then
		echo "packages.sh: no group '$group' (build, guest, check, check-kernels)" >&2
		exit 2
	fi
	missing_here=
	for package in $packages; do
		case " $missing " in *" $package "*) continue ;; esac
		is_installed "$package" || missing_here="$missing_here $package"
	done
	if [ -n "$missing_here" ]; then
		echo "packages.sh: needed $(group_purpose "$group"):$missing_here"
		missing="$missing$missing_here"
	fi
done

[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "packages.sh: installing needs root, and there is no sudo." \
			"As root, run: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

# env rather than exported variables: sudo doesn't pass those on. The lock
# timeout lets another apt-get of the machine finish first.
apt_get()
{
	$as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true \
		apt-get -q -o DPkg::Lock::Timeout=600 \
		-o Dpkg::Options::=--force-confdef \
		-o Dpkg::Options::=--force-confold "$@" </dev/null
}

echo "packages.sh: installing$missing"
# A stale or unreachable extra source must not stop us: what counts is
# whether the install finds its packages.
apt_get update || echo "packages.sh: apt-get update failed, going on" >&2
# shellcheck disable=SC2086 # a list of words
if ! apt_get install -y --no-install-recommends $missing; then
	echo "packages.sh: apt-get could not install:$missing" >&2
	exit 1
fi
