/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files the kernel's /proc had besides those of processes (fs/proc/generic.c). */
#ifndef KERNEL_PROC_TREE_H
#define KERNEL_PROC_TREE_H

#include <vmcore-report/object.h>

/**
 * Is path ("bus/pci/devices") among the files that were registered below /proc? True also where the
 * tree can't be read: what the file needs then tells. Latches nothing.
 */
bool vr_proc_has_file(struct vr_program *prog, const char *path);
/** The same for a path below a directory of /proc (a struct proc_dir_entry). */
bool vr_proc_dir_has_file(struct vr_obj dir, const char *path);

#endif
