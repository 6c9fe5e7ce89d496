#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the crash kernel: saves the memory of the crashed one on the disk vda.

set -e

# option NAME: the value of NAME=value on the kernel command line, with " " for ","
option()
{
	# shellcheck disable=SC2013 # words are what we want
	for word in $(cat /proc/cmdline); do
		case $word in "$1="*) echo "${word#*=}" | tr , ' ' ;; esac
	done
}

# save PROGRAM FILE OPTION...: makes a dump; level 4 is errors, but no progress bars
save()
{
	program=$1 file=$2
	shift 2
	"$program" --message-level 4 "$@" /proc/vmcore "/mnt/$file"
}

mount -t ext4 /dev/vda /mnt
echo "GUEST: saving the dump"
# shellcheck disable=SC2046 # options are lists of words
{
	save makedumpfile vmcore $(option guest.dump)
	[ -z "$(option guest.elf)" ] || save makedumpfile vmcore.elf $(option guest.elf)
	# a makedumpfile that doesn't know this kernel: another one, or the same
	unfit=$(command -v unfit-makedumpfile || echo makedumpfile)
	[ -z "$(option guest.holed)" ] || save "$unfit" vmcore.holed $(option guest.holed)
}
save makedumpfile vmcore-dmesg.txt --dump-dmesg
umount /mnt
echo "GUEST: done"
