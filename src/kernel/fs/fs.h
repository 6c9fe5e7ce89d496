/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of file system shows of itself in /proc/<pid>/mounts and mountinfo: the show_*()
 * functions of its super_operations. One file per kind; fs.c has the table of them.
 */
#ifndef KERNEL_FS_FS_H
#define KERNEL_FS_FS_H

#include "base/strbuf.h"
#include "kernel/path.h"

/** A mount, as it is shown; the shown text is appended to out. */
struct vr_fs_mount {
	const struct vr_paths *paths;
	struct vr_obj mount; /* struct mount */
	struct vr_obj sb;    /* its struct super_block */
	struct vr_obj top;   /* struct dentry: what of the file system is mounted */
	struct vr_strbuf *out;
};

/** From a struct mount; latches. */
struct vr_fs_mount vr_fs_mount(const struct vr_paths *paths, struct vr_obj mount,
			       struct vr_strbuf *out);

/*
 * They append what the kernel would, escaped as it does it, and latch otherwise: VR_UNSUPPORTED,
 * where it isn't known how this kind shows it, VR_ABSENT, where the dump has no types of it (as
 * of modules before 5.11), VR_FAULT, VR_CORRUPT.
 */

/** The options that this kind of file system has besides those of all: ",size=4k,mode=700". */
void vr_fs_options(const struct vr_fs_mount *m);
/** What was mounted: the first column of mounts, "none" where that is not known. */
void vr_fs_source(const struct vr_fs_mount *m);
/** Is there a source? It may be unknown to the kernel, too, which mountstats tells. */
bool vr_fs_has_source(const struct vr_fs_mount *m);
/** What part of it is mounted: the fourth column of mountinfo. */
void vr_fs_root(const struct vr_fs_mount *m);
/** Its kind: "fuse.sshfs". */
void vr_fs_type(const struct vr_fs_mount *m);
/** What mountstats has of it, with a blank before it; nothing for most kinds. */
void vr_fs_stats(const struct vr_fs_mount *m);

#endif
