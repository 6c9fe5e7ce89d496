// SPDX-License-Identifier: GPL-2.0-or-later
/* autofs (fs/autofs/inode.c). */
#include "kernel/fs/show.h"
#include "kernel/function_text.h"
#include "kernel/ticks.h"

/* AUTOFS_TYPE_* of include/uapi/linux/auto_fs.h, AUTOFS_SBI_* of fs/autofs/autofs_i.h. */
#define DIRECT 2u
#define OFFSET 4u
static const struct vr_fs_bit flags[] = {
	{0x0002, ",strictexpire"},
	{0x0004, ",ignore"},
};

void vr_fs_autofs_options(const struct vr_fs_mount *m)
{
	struct vr_obj info, root = vr_deref(m->sb, "s_root->d_inode");
	struct vr_program *prog = m->sb.prog;
	uint64_t pgrp, type;

	if (!vr_u64(m->sb, "s_fs_info"))
		return;
	info = vr_fs_info(m, "struct autofs_sb_info");
	vr_fs_printf(m, ",fd=%" PRId64, vr_s64(info, "pipefd"));
	vr_fs_uid(m, root, "i_uid");
	vr_fs_gid(m, root, "i_gid");
	/* pid_vnr() */
	pgrp = vr_u64(info, "oz_pgrp") ? vr_u64(info, "oz_pgrp->numbers[0].nr") : 0;
	vr_fs_printf(m, ",pgrp=%" PRIu64, pgrp);
	vr_fs_printf(m, ",timeout=%" PRIu64, vr_u64(info, "exp_timeout") / VR_MAX(vr_hz(prog), 1u));
	vr_fs_printf(m, ",minproto=%" PRId64 ",maxproto=%" PRId64, vr_s64(info, "min_proto"),
		     vr_s64(info, "max_proto"));
	type = vr_u64(info, "type");
	vr_fs_puts(m, type == OFFSET ? ",offset" : type == DIRECT ? ",direct" : ",indirect");
	vr_fs_bits(m, vr_u64(info, "flags"), flags, VR_ARRAY_SIZE(flags));
	/* CONFIG_CHECKPOINT_RESTORE */
	if (!vr_function_has_text(prog, "autofs_show_options", ",pipe_ino="))
		return;
	if (vr_u64(info, "pipe"))
		vr_fs_printf(m, ",pipe_ino=%" PRIu64, vr_u64(info, "pipe->f_inode->i_ino"));
	else
		vr_fs_puts(m, ",pipe_ino=-1");
}
