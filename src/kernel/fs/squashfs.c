// SPDX-License-Identifier: GPL-2.0-or-later
/* squashfs (fs/squashfs/super.c), which shows something since 5.18. */
#include "kernel/fs/show.h"
#include "kernel/function_text.h"

/* Are there threads to choose, and is it that one that was chosen? */
static bool has_threads(struct vr_obj info, const char *text, const char *decompressor)
{
	uint64_t chosen;

	return vr_has(info, "thread_ops") &&
	       vr_function_has_text(info.prog, "squashfs_show_options", text) &&
	       vr_try_symbol(info.prog, decompressor, &chosen) == VR_OK &&
	       vr_u64(info, "thread_ops") == chosen;
}

void vr_fs_squashfs_options(const struct vr_fs_mount *m)
{
	struct vr_obj info = vr_fs_info(m, "struct squashfs_sb_info");

	vr_fs_puts(m, vr_u64(info, "panic_on_errors") ? ",errors=panic" : ",errors=continue");
	if (has_threads(info, ",threads=single", "squashfs_decompressor_single"))
		vr_fs_puts(m, ",threads=single");
	else if (has_threads(info, ",threads=percpu", "squashfs_decompressor_percpu"))
		vr_fs_puts(m, ",threads=percpu");
	else if (vr_has(info, "max_thread_num") &&
		 vr_function_has_text(info.prog, "squashfs_show_options", ",threads=%d"))
		vr_fs_printf(m, ",threads=%" PRId64, vr_s64(info, "max_thread_num"));
}
