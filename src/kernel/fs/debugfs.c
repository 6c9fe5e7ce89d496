// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * debugfs (fs/debugfs/inode.c), tracefs (fs/tracefs/inode.c), efivarfs (fs/efivarfs/super.c): whom
 * the root directory belongs to.
 */
#include "kernel/fs/show.h"

/* DEBUGFS_DEFAULT_MODE, TRACEFS_DEFAULT_MODE */
#define DEFAULT_MODE 0700

/* Since 6.11 without a structure in between (commit 49abee5991e1). */
static void show(const struct vr_fs_mount *m, struct vr_obj info)
{
	uint64_t mode = vr_u64(info, "mount_opts.mode|mode");

	vr_fs_uid(m, info, "mount_opts.uid|uid");
	vr_fs_gid(m, info, "mount_opts.gid|gid");
	if (mode != DEFAULT_MODE)
		vr_fs_printf(m, ",mode=%" PRIo64, mode);
}

void vr_fs_debugfs_options(const struct vr_fs_mount *m)
{
	show(m, vr_fs_info(m, "struct debugfs_fs_info"));
}

void vr_fs_tracefs_options(const struct vr_fs_mount *m)
{
	show(m, vr_fs_info(m, "struct tracefs_fs_info"));
}

void vr_fs_efivarfs_options(const struct vr_fs_mount *m)
{
	struct vr_obj info = vr_fs_info(m, "struct efivarfs_fs_info");

	vr_fs_uid(m, info, "mount_opts.uid");
	vr_fs_gid(m, info, "mount_opts.gid");
}
