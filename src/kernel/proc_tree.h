/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files the kernel's /proc had besides those of processes (fs/proc/generic.c). */
#ifndef KERNEL_PROC_TREE_H
#define KERNEL_PROC_TREE_H

#include "kernel/rbtree.h"

/**
 * Is path ("bus/pci/devices") among the files that were registered below /proc? True also where the
 * tree can't be read: what the file needs then tells. Latches nothing.
 */
bool vr_proc_has_file(struct vr_program *prog, const char *path);
/** The same for a path below a directory of /proc (a struct proc_dir_entry). */
bool vr_proc_dir_has_file(struct vr_obj dir, const char *path);

/** The struct proc_dir_entry at a path below /proc; no object where there is none. Latches. */
struct vr_obj vr_proc_find(struct vr_program *prog, const char *path);
/** A walk over the entries (struct proc_dir_entry) of a directory. */
struct vr_rbtree_walk vr_proc_dir_begin(struct vr_obj dir);
/** Room for an entry's name: its length is a byte. */
#define VR_PROC_NAME 256
/** An entry's name into buf; returns buf. Latches. */
char *vr_proc_name(struct vr_obj entry, char buf[VR_PROC_NAME]);

#endif
