/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files this kernel has in proc/<pid>/ (tgid_base_stuff of fs/proc/base.c). */
#ifndef KERNEL_PROC_ENTRY_H
#define KERNEL_PROC_ENTRY_H

#include <vmcore-report/object.h>

/**
 * Does the kernel's own table of the files of a process (thread: of proc/<pid>/task/<tid>/) have
 * that name? True also where the dump lacks the table: what the file needs then tells.
 */
bool vr_proc_has_entry(struct vr_program *prog, bool thread, const char *name);

#endif
