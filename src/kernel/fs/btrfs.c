// SPDX-License-Identifier: GPL-2.0-or-later
/* btrfs (fs/btrfs/super.c). */
#include "kernel/cpus.h"
#include "kernel/fs/show.h"
#include "kernel/percpu.h"

/* Deepest directory that a subvolume may be in. */
#define MAX_DEPTH 4096
#define SB_POSIXACL (1u << 16)
/* BTRFS_DEFAULT_MAX_INLINE, BTRFS_DEFAULT_COMMIT_INTERVAL */
#define DEFAULT_MAX_INLINE 2048
#define DEFAULT_COMMIT 30
/* BTRFS_FEATURE_COMPAT_RO_FREE_SPACE_TREE of include/uapi/linux/btrfs.h */
#define COMPAT_RO_FREE_SPACE_TREE 1u

#define DEV_STATE_MISSING 2 /* a bit of btrfs_device.dev_state */

/* An enumeration (of bits of mount_opt) since 6.0; they were macros before, and are others now. */
struct option {
	const char *constant, *text;
};

struct btrfs {
	const struct vr_fs_mount *m;
	struct vr_program *prog;
	struct vr_obj info;
	uint64_t opt;
};

static bool is_set(const struct btrfs *b, const char *constant)
{
	int64_t bit;

	return vr_enum_value(b->prog, NULL, constant, &bit) == VR_OK && b->opt & (uint64_t)bit;
}

static void show_set(const struct btrfs *b, const struct option *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_set(b, list[i].constant))
			vr_fs_puts(b->m, list[i].text);
}

static void show_compression(const struct btrfs *b)
{
	uint64_t type = vr_u64(b->info, "compress_type");
	int32_t level = (int32_t)vr_u64(b->info, "compress_level");
	char name[16] = "";
	bool signed_level;

	if (!is_set(b, "BTRFS_MOUNT_COMPRESS"))
		return;
	/* btrfs_compress_type2str() */
	if (type >= (uint64_t)vr_constant(b->prog, "BTRFS_NR_COMPRESS_TYPES")) {
		vr_latch(b->prog, VR_CORRUPT, "compression %" PRIu64, type);
		return;
	}
	vr_str(vr_kernel_element(b->prog, "btrfs_compress_types", type), "", name, sizeof(name));
	vr_fs_printf(b->m,
		     is_set(b, "BTRFS_MOUNT_FORCE_COMPRESS") ? ",compress-force=%s"
							     : ",compress=%s",
		     name);
	/* Levels have a sign since 6.15, and none is told of LZO since. */
	signed_level = vr_type_is_signed(vr_get(b->info, "compress_level").type);
	if (level && !(signed_level && !strcmp(name, "lzo")))
		vr_fs_printf(b->m, ":%" PRId32, level);
}

static void show_rescue(const struct btrfs *b)
{
	static const struct option list[] = {
		{"BTRFS_MOUNT_NOLOGREPLAY", "nologreplay"},
		{"BTRFS_MOUNT_USEBACKUPROOT", "usebackuproot"},
		{"BTRFS_MOUNT_IGNOREBADROOTS", "ignorebadroots"},
		{"BTRFS_MOUNT_IGNOREDATACSUMS", "ignoredatacsums"},
		{"BTRFS_MOUNT_IGNOREMETACSUMS", "ignoremetacsums"},
		{"BTRFS_MOUNT_IGNORESUPERFLAGS", "ignoresuperflags"},
	};
	const char *before = ",rescue=";

	for (size_t i = 0; i < VR_ARRAY_SIZE(list); i++) {
		if (!is_set(b, list[i].constant))
			continue;
		vr_fs_printf(b->m, "%s%s", before, list[i].text);
		before = ":";
	}
}

/* What of the free space is kept on disk. */
static void show_space_cache(const struct btrfs *b)
{
	struct vr_obj super = vr_deref(b->info, "super_copy");

	if (vr_u64(super, "cache_generation"))
		vr_fs_puts(b->m, ",space_cache");
	else if (vr_u64(super, "compat_ro_flags") & COMPAT_RO_FREE_SPACE_TREE)
		vr_fs_puts(b->m, ",space_cache=v2");
	else
		vr_fs_puts(b->m, ",nospace_cache");
}

static void show_first(const struct btrfs *b)
{
	static const struct option data[] = {
		{"BTRFS_MOUNT_DEGRADED", ",degraded"},
		{"BTRFS_MOUNT_NODATASUM", ",nodatasum"},
		{"BTRFS_MOUNT_NODATACOW", ",nodatacow"},
		{"BTRFS_MOUNT_NOBARRIER", ",nobarrier"},
	};
	static const struct option ssd[] = {{"BTRFS_MOUNT_NOSSD", ",nossd"}};
	static const struct option tree[] = {{"BTRFS_MOUNT_NOTREELOG", ",notreelog"}};
	uint64_t inlined = vr_u64(b->info, "max_inline");
	uint64_t threads = vr_u64(b->info, "thread_pool_size");
	struct vr_cpumask online;

	show_set(b, data, VR_ARRAY_SIZE(data));
	if (inlined != DEFAULT_MAX_INLINE)
		vr_fs_printf(b->m, ",max_inline=%" PRIu64, inlined);
	vr_cpus_online(b->prog, &online);
	if (!vr_failed(b->prog) && threads != VR_MIN(vr_cpumask_count(&online) + 2, 8u))
		vr_fs_printf(b->m, ",thread_pool=%" PRIu64, threads);
	show_compression(b);
	show_set(b, ssd, VR_ARRAY_SIZE(ssd));
	if (is_set(b, "BTRFS_MOUNT_SSD_SPREAD"))
		vr_fs_puts(b->m, ",ssd_spread");
	else if (is_set(b, "BTRFS_MOUNT_SSD"))
		vr_fs_puts(b->m, ",ssd");
	show_set(b, tree, VR_ARRAY_SIZE(tree));
}

static void show_second(const struct btrfs *b)
{
	static const struct option flush[] = {
		{"BTRFS_MOUNT_FLUSHONCOMMIT", ",flushoncommit"},
		{"BTRFS_MOUNT_DISCARD_SYNC", ",discard"},
		{"BTRFS_MOUNT_DISCARD_ASYNC", ",discard=async"},
	};
	static const struct option checks[] = {
		{"BTRFS_MOUNT_RESCAN_UUID_TREE", ",rescan_uuid_tree"},
		{"BTRFS_MOUNT_CLEAR_CACHE", ",clear_cache"},
		{"BTRFS_MOUNT_USER_SUBVOL_RM_ALLOWED", ",user_subvol_rm_allowed"},
		{"BTRFS_MOUNT_ENOSPC_DEBUG", ",enospc_debug"},
		{"BTRFS_MOUNT_AUTO_DEFRAG", ",autodefrag"},
		{"BTRFS_MOUNT_SKIP_BALANCE", ",skip_balance"},
	};

	show_set(b, flush, VR_ARRAY_SIZE(flush));
	if (!(vr_u64(b->info, "sb->s_flags") & SB_POSIXACL))
		vr_fs_puts(b->m, ",noacl");
	show_space_cache(b);
	show_set(b, checks, VR_ARRAY_SIZE(checks));
	/* CONFIG_BTRFS_FS_CHECK_INTEGRITY, until 6.7 */
	if (!vr_has(b->info, "check_integrity_print_mask"))
		return;
	if (is_set(b, "BTRFS_MOUNT_CHECK_INTEGRITY_DATA"))
		vr_fs_puts(b->m, ",check_int_data");
	else if (is_set(b, "BTRFS_MOUNT_CHECK_INTEGRITY"))
		vr_fs_puts(b->m, ",check_int");
	if (vr_u64(b->info, "check_integrity_print_mask"))
		vr_fs_printf(b->m, ",check_int_print_mask=%" PRId64,
			     vr_s64(b->info, "check_integrity_print_mask"));
}

static void show_third(const struct btrfs *b)
{
	static const struct option fatal[] = {
		{"BTRFS_MOUNT_PANIC_ON_FATAL_ERROR", ",fatal_errors=panic"}};
	static const struct option debug[] = {
		{"BTRFS_MOUNT_FRAGMENT_DATA", ",fragment=data"},
		{"BTRFS_MOUNT_FRAGMENT_METADATA", ",fragment=metadata"},
		{"BTRFS_MOUNT_REF_VERIFY", ",ref_verify"},
		{"BTRFS_MOUNT_REF_TRACKER", ",ref_tracker"},
	};
	uint64_t ratio = vr_u64(b->info, "metadata_ratio"), commit;

	if (ratio)
		vr_fs_printf(b->m, ",metadata_ratio=%" PRIu64, ratio);
	show_set(b, fatal, VR_ARRAY_SIZE(fatal));
	commit = vr_u64(b->info, "commit_interval");
	if (commit != DEFAULT_COMMIT)
		vr_fs_printf(b->m, ",commit=%" PRIu64, commit);
	show_set(b, debug, VR_ARRAY_SIZE(debug));
}

/* btrfs_root_id() of a directory: of the subvolume that it is in. */
static uint64_t subvolume_of(struct vr_obj dentry)
{
	struct vr_obj inode = vr_container_of(dentry.prog, vr_u64(dentry, "d_inode"),
					      "struct btrfs_inode", "vfs_inode");

	return vr_u64(inode, "root->root_key.objectid");
}

/*
 * The kernel looks for the name in trees on disk; here it is the path that leads there from the top
 * of the file system, in directories that the kernel remembers: those on the way to what is
 * mounted stay.
 */
static void show_subvolume(const struct btrfs *b)
{
	uint64_t id = subvolume_of(b->m->top), root = vr_u64(b->m->sb, "s_root");
	struct vr_obj dentry = b->m->top, parent;
	char path[VR_PATH_SIZE];
	const char *name;

	vr_fs_printf(b->m, ",subvolid=%" PRIu64, id);
	for (unsigned i = 0; dentry.addr != root && !vr_failed(b->prog); i++) {
		parent = vr_deref(dentry, "d_parent");
		if (parent.addr == dentry.addr || i == MAX_DEPTH)
			vr_latch(b->prog, VR_CORRUPT,
				 "a subvolume that isn't below its file system's root");
		else if (subvolume_of(parent) != id)
			break;
		dentry = parent;
	}
	if (vr_failed(b->prog))
		return;
	name = vr_dentry_path(b->m->paths, dentry.addr, path);
	/* A removed one has no name in those trees. */
	if (vr_u64(dentry, "d_hash.pprev") || dentry.addr == root)
		vr_fs_option(b->m, "subvol", name);
}

void vr_fs_btrfs_options(const struct vr_fs_mount *m)
{
	struct btrfs b = {
		.m = m, .prog = m->sb.prog, .info = vr_fs_info(m, "struct btrfs_fs_info")};

	vr_constant(b.prog, "BTRFS_MOUNT_NODATASUM"); /* latches where they are macros */
	b.opt = vr_u64(b.info, "mount_opt");
	show_first(&b);
	show_rescue(&b);
	show_second(&b);
	show_third(&b);
	show_subvolume(&b);
}

/* btrfs_show_devname(): the device whose superblock was written last. */
void vr_fs_btrfs_source(const struct vr_fs_mount *m)
{
	struct vr_obj info = vr_fs_info(m, "struct btrfs_fs_info");
	struct vr_obj device = vr_deref(info, "fs_devices->latest_dev");
	char text[VR_FS_TEXT];

	/* Since 6.7 (btrfs_dev_name()); a missing one has no name. */
	if (vr_u64(device, "dev_state") >> DEV_STATE_MISSING & 1) {
		vr_fs_escaped(m, "<missing disk>", VR_SEQ_PATH);
		return;
	}
	/* A string, until 6.16 behind a head for RCU. */
	if (vr_has(device, "name->str"))
		vr_str(vr_cast(vr_get(device, "name->str"), "char [4096]"), "", text, sizeof(text));
	else
		vr_str(device, "name", text, sizeof(text));
	vr_fs_escaped(m, text, VR_SEQ_PATH);
}

/* Since 6.19, of zoned ones only. */
void vr_fs_btrfs_stats(const struct vr_fs_mount *m)
{
	if (vr_u64(vr_fs_info(m, "struct btrfs_fs_info"), "zone_size"))
		vr_latch(m->sb.prog, VR_UNSUPPORTED, "what btrfs shows of zones isn't known");
}
