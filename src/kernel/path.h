/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths of files as the kernel prints them (fs/d_path.c): from a dentry up to a root, across mounts.
 *
 *	struct vr_paths paths;
 *	char buf[VR_PATH_SIZE];
 *
 *	vr_paths_begin(prog, &paths);
 *	vr_puts(f, vr_d_path(&paths, path, buf));
 *
 * Names are the bytes that the dump has. What can't be read, and what can't be right (a circle of
 * parents, names longer than a buffer), latches.
 */
#ifndef KERNEL_PATH_H
#define KERNEL_PATH_H

#include "kernel/seq.h"
#include <vmcore-report/object.h>

/** Room for a path: the kernel's own limit is PATH_MAX, 4096, where it prints into one page. */
#define VR_PATH_SIZE 8192

/** A struct path: addresses of a struct vfsmount and a struct dentry. */
struct vr_path {
	uint64_t mnt, dentry;
};

/** What paths of one dump are read with; plain data, valid as long as prog. */
struct vr_paths {
	struct vr_program *prog;
	struct vr_path root; /* where vr_d_path() ends */
	/* private */
	const struct vr_view *dentry, *mount;
	uint64_t vfsmount_offset; /* of struct vfsmount in struct mount */
};

/**
 * Get ready to print paths as a process with process 1's root directory sees them, which a reader
 * of /proc usually is. False: latched.
 */
bool vr_paths_begin(struct vr_program *prog, struct vr_paths *paths);

/** The struct path at obj ("f_path" of a file, "root" of a struct fs_struct). */
struct vr_path vr_path_get(struct vr_obj obj, const char *member);

/** How far up from a path one comes (prepend_path()). */
enum vr_reach {
	VR_REACH_ROOT,    /* to the root that was asked for */
	VR_REACH_OUTSIDE, /* to a mount that hangs nowhere: of another namespace, or detached */
	VR_REACH_ESCAPED, /* to the top of a file system, beside its mount */
};

/**
 * The path from root to path, as the kernel's prepend_path() makes it, into buf. What isn't below
 * root goes up as far as it can; *reach (may be NULL) says so. Returns a place in buf; "" latched.
 */
const char *vr_path_below(const struct vr_paths *paths, struct vr_path path, struct vr_path root,
			  char buf[VR_PATH_SIZE], enum vr_reach *reach);
/**
 * d_path(): below paths->root, or the name that a file without a place has ("socket:[4711]"), with
 * " (deleted)" behind what was unlinked. Likewise.
 */
const char *vr_d_path(const struct vr_paths *paths, struct vr_path path, char buf[VR_PATH_SIZE]);
/** dentry_path(): from the top of its file system; "//deleted" behind what was unlinked. */
const char *vr_dentry_path(const struct vr_paths *paths, uint64_t dentry, char buf[VR_PATH_SIZE]);

/**
 * The name of the function that a pointer of the kernel leads to, "" where it is NULL or unknown.
 * Returns buf.
 */
char *vr_function_name(struct vr_program *prog, uint64_t addr, char *buf, size_t size);

#endif
