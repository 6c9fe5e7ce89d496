// SPDX-License-Identifier: GPL-2.0-or-later
/* tmpfs (mm/shmem.c), devtmpfs, and ramfs (fs/ramfs/inode.c). */
#include "kernel/bitmap.h"
#include "kernel/fs/show.h"
#include "kernel/function_code.h"

/* PAGE_SHIFT - 10 */
#define KIB_SHIFT 2
/* SHMEM_HUGE_*: macros in mm/shmem.c */
static const struct {
	int huge;
	const char *name;
} huge_names[] = {
	{0, "never"}, {1, "always"}, {2, "within_size"}, {3, "advise"}, {-1, "deny"}, {-2, "force"},
};
/* MPOL_F_*, MPOL_MODE_FLAGS: include/uapi/linux/mempolicy.h */
#define STATIC_NODES (1u << 15)
#define RELATIVE_NODES (1u << 14)
#define NUMA_BALANCING (1u << 13)
#define LOCAL_NODE (1u << 1) /* until 5.14 */
#define MAX_NODES 1024
/* DQUOT_USAGE_ENABLED, DQUOT_SUSPENDED of users; those of groups are the next bit. */
#define QUOTA_ON 1u
#define QUOTA_SUSPENDED 0x40u

static void show_huge(const struct vr_fs_mount *m, struct vr_obj info)
{
	int huge;

	if (!vr_has(info, "huge"))
		return;
	huge = (int8_t)vr_u64(info, "huge");
	for (size_t i = 0; huge && i < VR_ARRAY_SIZE(huge_names); i++)
		if (huge_names[i].huge == huge)
			vr_fs_printf(m, ",huge=%s", huge_names[i].name);
}

static void show_nodes(const struct vr_fs_mount *m, struct vr_obj policy)
{
	uint64_t bits[MAX_NODES / 64] = {0}, size = vr_sizeof(policy.prog, "nodemask_t");
	char list[512];

	if (size > sizeof(bits)) {
		vr_latch(policy.prog, VR_LIMIT, "%" PRIu64 " bytes of memory nodes", size);
		return;
	}
	vr_bitmap_read(vr_get(policy, "nodes|v.nodes"), "bits", bits, (unsigned)size * 8);
	vr_bitmap_list(bits, (unsigned)size * 8, list, sizeof(list));
	if (list[0])
		vr_fs_printf(m, ":%s", list);
}

static void show_policy_flags(const struct vr_fs_mount *m, uint64_t flags)
{
	uint64_t kinds = flags & (STATIC_NODES | RELATIVE_NODES);

	if (!kinds && !(flags & NUMA_BALANCING))
		return;
	vr_fs_puts(m, "=");
	if (kinds)
		vr_fs_puts(m, flags & STATIC_NODES ? "static" : "relative");
	if (flags & NUMA_BALANCING)
		vr_fs_puts(m, kinds ? "|balancing" : "balancing");
}

/* shmem_show_mpol(), mpol_to_str() of mm/mempolicy.c */
static void show_policy(const struct vr_fs_mount *m, struct vr_obj info)
{
	uint64_t addr = vr_has(info, "mpol") ? vr_u64(info, "mpol") : 0, mode, local, preferred;
	struct vr_obj policy;
	char text[32];
	bool one;

	if (!addr)
		return;
	policy = vr_at(info.prog, "struct mempolicy", addr);
	mode = vr_u64(policy, "mode");
	local = (uint64_t)vr_constant(info.prog, "MPOL_LOCAL");
	preferred = (uint64_t)vr_constant(info.prog, "MPOL_PREFERRED");
	/* Until 5.14 a preferred node is a number, or with a flag the local one. */
	one = mode == preferred && vr_has(policy, "v.preferred_node");
	if (one && vr_u64(policy, "flags") & LOCAL_NODE)
		mode = local;
	if (mode == (uint64_t)vr_constant(info.prog, "MPOL_DEFAULT"))
		return;
	if (mode >= (uint64_t)vr_constant(info.prog, "MPOL_MAX")) {
		vr_latch(info.prog, VR_CORRUPT, "memory policy %" PRIu64, mode);
		return;
	}
	vr_fs_printf(
		m, ",mpol=%s",
		vr_str(vr_kernel_element(info.prog, "policy_modes", mode), "", text, sizeof(text)));
	show_policy_flags(m, vr_u64(policy, "flags"));
	if (one && mode != local)
		vr_fs_printf(m, ":%" PRId64, vr_s64(policy, "v.preferred_node"));
	else if (mode != local)
		show_nodes(m, policy);
}

/*
 * Where 64 bits are the kernel's default (CONFIG_TMPFS_INODE64) it shows either, and has the number
 * 32 in its code: as such, or as what is taken away from 64.
 */
static bool shows_inode32(struct vr_program *prog)
{
	return vr_function_loads(prog, "shmem_show_options", 32) ||
	       vr_function_masks(prog, "shmem_show_options", -32);
}

/* sb_has_quota_active() */
static bool is_active(uint64_t flags)
{
	return (flags & QUOTA_ON) && !(flags & QUOTA_SUSPENDED);
}

static void show_quota(const struct vr_fs_mount *m, struct vr_obj info)
{
	static const char *const limits[][2] = {
		{"qlimits.usrquota_bhardlimit", "usrquota_block"},
		{"qlimits.grpquota_bhardlimit", "grpquota_block"},
		{"qlimits.usrquota_ihardlimit", "usrquota_inode"},
		{"qlimits.grpquota_ihardlimit", "grpquota_inode"},
	};
	uint64_t flags;

	if (!vr_has(info, "qlimits"))
		return;
	flags = vr_u64(m->sb, "s_dquot.flags");
	if (is_active(flags))
		vr_fs_puts(m, ",usrquota");
	if (is_active(flags >> 1))
		vr_fs_puts(m, ",grpquota");
	for (size_t i = 0; i < VR_ARRAY_SIZE(limits); i++) {
		uint64_t limit = vr_u64(info, limits[i][0]);

		if (limit)
			vr_fs_printf(m, ",%s_hardlimit=%" PRId64, limits[i][1], (int64_t)limit);
	}
}

void vr_fs_tmpfs_options(const struct vr_fs_mount *m)
{
	struct vr_obj info = vr_fs_info(m, "struct shmem_sb_info");
	/* Without high memory, half of all is the default of both. */
	uint64_t half = vr_u64(vr_kernel_global(info.prog, "_totalram_pages"), "counter") / 2;
	uint64_t blocks = vr_u64(info, "max_blocks"), inodes = vr_u64(info, "max_inodes"), mode;

	if (blocks != half)
		vr_fs_printf(m, ",size=%" PRIu64 "k", blocks << KIB_SHIFT);
	if (inodes != half)
		vr_fs_printf(m, ",nr_inodes=%" PRIu64, inodes);
	mode = vr_u64(info, "mode");
	if (mode != 01777)
		vr_fs_printf(m, ",mode=%03" PRIo64, mode);
	vr_fs_uid(m, info, "uid");
	vr_fs_gid(m, info, "gid");
	if (vr_u64(info, "full_inums"))
		vr_fs_puts(m, ",inode64");
	else if (shows_inode32(info.prog))
		vr_fs_puts(m, ",inode32");
	show_huge(m, info);
	show_policy(m, info);
	vr_fs_flag_if(m, info, "noswap", ",noswap");
	show_quota(m, info);
}

void vr_fs_ramfs_options(const struct vr_fs_mount *m)
{
	uint64_t mode = vr_u64(vr_fs_info(m, "struct ramfs_fs_info"), "mount_opts.mode");

	if (mode != 0755)
		vr_fs_printf(m, ",mode=%" PRIo64, mode);
}
