// SPDX-License-Identifier: GPL-2.0-or-later
/* hugetlbfs (fs/hugetlbfs/inode.c). */
#include "kernel/fs/show.h"

#define PAGE_SHIFT 12

/* Pages to bytes; -1 stands for no limit. */
static void show_pages(const struct vr_fs_mount *m, const char *name, int64_t pages, unsigned shift)
{
	if (pages != -1)
		vr_fs_printf(m, ",%s=%" PRIu64, name, (uint64_t)pages << shift);
}

void vr_fs_hugetlbfs_options(const struct vr_fs_mount *m)
{
	struct vr_obj info = vr_fs_info(m, "struct hugetlbfs_sb_info");
	uint64_t mode = vr_u64(info, "mode"), shift, kib;
	int64_t inodes = vr_s64(info, "max_inodes");

	vr_fs_uid(m, info, "uid");
	vr_fs_gid(m, info, "gid");
	if (mode != 0755)
		vr_fs_printf(m, ",mode=%" PRIo64, mode);
	if (inodes != -1)
		vr_fs_printf(m, ",nr_inodes=%" PRIu64, (uint64_t)inodes);
	shift = PAGE_SHIFT + vr_u64(info, "hstate->order");
	if (shift > 40) {
		vr_latch(info.prog, VR_CORRUPT, "huge pages of 2^%" PRIu64 " bytes", shift);
		return;
	}
	kib = (UINT64_C(1) << shift) / 1024;
	if (kib >= 1024)
		vr_fs_printf(m, ",pagesize=%" PRIu64 "M", kib / 1024);
	else
		vr_fs_printf(m, ",pagesize=%" PRIu64 "K", kib);
	if (!vr_u64(info, "spool"))
		return;
	show_pages(m, "size", vr_s64(info, "spool->max_hpages"), (unsigned)shift);
	show_pages(m, "min_size", vr_s64(info, "spool->min_hpages"), (unsigned)shift);
}
