// SPDX-License-Identifier: GPL-2.0-or-later
/* devpts (fs/devpts/inode.c). */
#include "kernel/fs/show.h"

/* NR_UNIX98_PTY_MAX of include/linux/tty.h: MINORMASK + 1. */
#define NO_LIMIT (1 << 20)

void vr_fs_devpts_options(const struct vr_fs_mount *m)
{
	struct vr_obj opts = vr_get(vr_fs_info(m, "struct pts_fs_info"), "mount_opts");
	int64_t max = vr_s64(opts, "max");

	if (vr_u64(opts, "setuid"))
		vr_fs_printf(m, ",uid=%" PRIu32, vr_fs_user(opts, "uid"));
	if (vr_u64(opts, "setgid"))
		vr_fs_printf(m, ",gid=%" PRIu32, vr_fs_group(opts, "gid"));
	vr_fs_printf(m, ",mode=%03" PRIo64 ",ptmxmode=%03" PRIo64, vr_u64(opts, "mode"),
		     vr_u64(opts, "ptmxmode"));
	if (max < NO_LIMIT)
		vr_fs_printf(m, ",max=%" PRId64, max);
}
