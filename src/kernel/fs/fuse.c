// SPDX-License-Identifier: GPL-2.0-or-later
/* fuse and fuseblk, and virtiofs (fs/fuse/inode.c). */
#include "kernel/fs/show.h"

#define DEFAULT_BLOCK 512 /* FUSE_DEFAULT_BLKSIZE */
#define BASE_EXTENTS 5    /* UID_GID_MAP_MAX_BASE_EXTENTS */
#define MAX_EXTENTS 340   /* UID_GID_MAP_MAX_EXTENTS */
#define NO_LIMIT 0xffffffffu

/*
 * from_kuid_munged() for another namespace: the id that maps to that of the initial one. map is a
 * struct uid_gid_map.
 */
static uint32_t id_in(struct vr_obj map, uint32_t id, const char *overflow)
{
	uint64_t count = vr_u64(map, "nr_extents");
	struct vr_obj extents;

	if (count > MAX_EXTENTS) {
		vr_latch(map.prog, VR_CORRUPT, "%" PRIu64 " ranges of ids", count);
		return 0;
	}
	extents = vr_get(map, count <= BASE_EXTENTS ? "extent" : "forward");
	for (uint64_t i = 0; i < count && !vr_failed(map.prog); i++) {
		struct vr_obj extent = vr_index(extents, i);
		uint32_t lower = (uint32_t)vr_u64(extent, "lower_first");

		if (id >= lower && id - lower < vr_u64(extent, "count"))
			return (uint32_t)vr_u64(extent, "first") + (id - lower);
	}
	return (uint32_t)vr_u64(vr_kernel_global(map.prog, overflow), "");
}

static void show_owner(const struct vr_fs_mount *m, struct vr_obj conn)
{
	struct vr_obj ns = vr_deref(conn, "user_ns");

	vr_fs_printf(
		m, ",user_id=%" PRIu32,
		id_in(vr_get(ns, "uid_map"), (uint32_t)vr_u64(conn, "user_id.val"), "overflowuid"));
	vr_fs_printf(m, ",group_id=%" PRIu32,
		     id_in(vr_get(ns, "gid_map"), (uint32_t)vr_u64(conn, "group_id.val"),
			   "overflowgid"));
}

static void show_dax(const struct vr_fs_mount *m, struct vr_obj conn)
{
	static const char *const modes[][2] = {
		{"FUSE_DAX_ALWAYS", ",dax=always"},
		{"FUSE_DAX_NEVER", ",dax=never"},
		{"FUSE_DAX_INODE_USER", ",dax=inode"},
	};
	uint64_t mode;

	vr_fs_flag_if(m, conn, "dax", ",dax"); /* until 5.16 */
	if (!vr_has(conn, "dax_mode"))
		return;
	mode = vr_u64(conn, "dax_mode");
	for (size_t i = 0; i < VR_ARRAY_SIZE(modes); i++)
		if (mode == (uint64_t)vr_constant(conn.prog, modes[i][0]))
			vr_fs_puts(m, modes[i][1]);
}

void vr_fs_fuse_options(const struct vr_fs_mount *m)
{
	/* Mounts of one connection share it, since 5.5. */
	struct vr_obj conn = vr_deref(vr_fs_info(m, "struct fuse_mount"), "fc");

	if (vr_u64(conn, "legacy_opts_show")) {
		uint64_t max, block = vr_u64(m->sb, "s_blocksize");

		show_owner(m, conn);
		vr_fs_flag(m, conn, "default_permissions", ",default_permissions");
		vr_fs_flag(m, conn, "allow_other", ",allow_other");
		max = vr_u64(conn, "max_read");
		if (max != NO_LIMIT)
			vr_fs_printf(m, ",max_read=%" PRIu64, max);
		if (vr_u64(m->sb, "s_bdev") && block != DEFAULT_BLOCK)
			vr_fs_printf(m, ",blksize=%" PRIu64, block);
	}
	show_dax(m, conn);
}
