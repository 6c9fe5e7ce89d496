// SPDX-License-Identifier: GPL-2.0-or-later
/* proc (fs/proc/inode.c). */
#include "kernel/fs/show.h"

void vr_fs_proc_options(const struct vr_fs_mount *m)
{
	static const struct {
		const char *constant, *name;
	} hiding[] = {
		{"HIDEPID_NO_ACCESS", "noaccess"},
		{"HIDEPID_INVISIBLE", "invisible"},
		{"HIDEPID_NOT_PTRACEABLE", "ptraceable"},
	};
	struct vr_obj info = vr_fs_info(m, "struct proc_fs_info");
	uint64_t hide = vr_u64(info, "hide_pid");

	vr_fs_gid(m, info, "pid_gid");
	for (size_t i = 0; hide && i < VR_ARRAY_SIZE(hiding); i++)
		if (hide == (uint64_t)vr_constant(info.prog, hiding[i].constant))
			vr_fs_printf(m, ",hidepid=%s", hiding[i].name);
	if (vr_u64(info, "pidonly"))
		vr_fs_puts(m, ",subset=pid");
}
