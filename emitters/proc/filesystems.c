// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/filesystems: what the kernel can mount (filesystems_proc_show() in fs/filesystems.c). */
#include "kernel/globals.h"
#include "kernel/list.h"
#include "plugin/emitter.h"

/* include/linux/fs.h */
#define FS_REQUIRES_DEV 1

static void put_type(struct vr_file *f, struct vr_obj type)
{
	char name[256];

	vr_row_begin(f);
	vr_printf(f, "%s\t%s\n", vr_u64(type, "fs_flags") & FS_REQUIRES_DEV ? "" : "nodev",
		  vr_str(type, "name", name, sizeof(name)));
	vr_row_end(f);
}

/* Linked by a member of their own, until 7.x put them on a list. */
static void put_chain(struct vr_file *f, struct vr_obj type)
{
	struct vr_cycle_check seen = {0};

	while (type.addr && !vr_failed(type.prog)) {
		if (vr_cycle_seen(&seen, type.addr)) {
			vr_cut(type.prog, VR_CORRUPT, "file systems in a circle at 0x%llx",
			       (unsigned long long)type.addr);
			return;
		}
		put_type(f, type);
		type.addr = vr_u64(type, "next");
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj first = vr_kernel_global(key->prog, "file_systems");

	if (vr_has_member(key->prog, "struct file_system_type", "next")) {
		put_chain(f, vr_at(key->prog, "struct file_system_type", vr_u64(first, "")));
	} else {
		struct vr_list_walk w = vr_hlist_begin(first, "struct file_system_type", "list");

		while (vr_list_next(&w))
			put_type(f, w.entry);
	}
}

VR_EMITTER(.path = "proc/filesystems", .source = "file_systems", .emit = emit)
