/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree behind sysfs and cgroup file systems (fs/kernfs/dir.c). */
#ifndef KERNEL_KERNFS_H
#define KERNEL_KERNFS_H

#include <vmcore-report/object.h>

/** PATH_MAX: what the kernel has room for. */
#define VR_KERNFS_PATH_SIZE 4096

/**
 * The path of a struct kernfs_node below the root of its tree, "/" for that itself:
 * kernfs_path(). Names are the dump's bytes. Latches: VR_LIMIT where it doesn't fit, VR_CORRUPT
 * where parents go in a circle. Returns buf.
 */
char *vr_kernfs_path(struct vr_obj node, char buf[VR_KERNFS_PATH_SIZE]);

#endif
