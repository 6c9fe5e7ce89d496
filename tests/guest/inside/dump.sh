#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the crash kernel: saves the memory of the crashed one on the disk vda.
# DUMP_OPTIONS and ELF_OPTIONS come from the kernel command line.

set -e

# option NAME: the value of NAME=value on the command line, with "," for " "
option()
{
	for word in $(cat /proc/cmdline); do
		case $word in "$1="*) echo "${word#*=}" | tr , ' ' ;; esac
	done
}

mount -t ext4 /dev/vda /mnt
echo "GUEST: saving the dump"
# --message-level 4: errors, but no progress bars on the console
makedumpfile --message-level 4 $(option guest.dump) /proc/vmcore /mnt/vmcore
elf=$(option guest.elf)
if [ -n "$elf" ]; then
	makedumpfile --message-level 4 $elf /proc/vmcore /mnt/vmcore.elf
fi
makedumpfile --message-level 4 --dump-dmesg /proc/vmcore /mnt/vmcore-dmesg.txt
umount /mnt
echo "GUEST: done"
