/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts of a namespace and what /proc says of them (fs/mount.h, fs/proc_namespace.c).
 *
 *	struct vr_mount_walk w;
 *
 *	vr_mounts_begin(ns, &w);
 *	while (vr_mounts_next(&w))
 *		use(w.mount);
 */
#ifndef KERNEL_MOUNT_H
#define KERNEL_MOUNT_H

#include "kernel/list.h"
#include "kernel/path.h"
#include "kernel/rbtree.h"

/** A walk over a struct mnt_namespace's mounts, in the order in which the kernel lists them. */
struct vr_mount_walk {
	struct vr_obj mount; /* struct mount */
	/* private */
	bool tree;
	struct vr_list_walk list;
	struct vr_rbtree_walk nodes;
};
void vr_mounts_begin(struct vr_obj ns, struct vr_mount_walk *walk);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_mounts_next(struct vr_mount_walk *walk);

/** The top of a mount: the struct path by which it is named. */
struct vr_path vr_mount_path(struct vr_obj mount);
/** Is the mount itself read-only? (Its file system may be, all the same.) */
bool vr_mount_is_readonly(struct vr_obj mount);
/** sb_rdonly() */
bool vr_super_is_readonly(struct vr_obj sb);

/** Room for what these write. */
#define VR_MOUNT_TEXT 128
/** A mount's own options as the kernel prints them: ",nosuid,nodev,relatime". Returns buf. */
char *vr_mount_options(struct vr_obj mount, char buf[VR_MOUNT_TEXT]);
/** A file system's options that all file systems have, likewise: ",sync,dirsync,mand,lazytime". */
char *vr_super_options(struct vr_obj sb, char buf[VR_MOUNT_TEXT]);
/**
 * A mount's place in propagation: " shared:1 master:2 propagate_from:3 unbindable". root is where
 * the reader's world begins. Returns buf.
 */
char *vr_mount_propagation(struct vr_obj mount, struct vr_path root, char buf[VR_MOUNT_TEXT]);

#endif
