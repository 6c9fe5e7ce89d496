// SPDX-License-Identifier: GPL-2.0-or-later
/* btrfs (fs/btrfs/super.c). */
#include "kernel/cpus.h"
#include "kernel/fs/show.h"
#include "kernel/function_text.h"
#include "kernel/list.h"
#include "kernel/percpu.h"
#include "kernel/whole.h"
#include "object/memo.h"

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

/*
 * The bits that the macros were, by the names of today (fs/btrfs/ctree.h): to 5.19 new ones were only ever
 * put behind the others.
 */
static const char *const macros[] = {
	"BTRFS_MOUNT_NODATASUM",
	"BTRFS_MOUNT_NODATACOW",
	"BTRFS_MOUNT_NOBARRIER",
	"BTRFS_MOUNT_SSD",
	"BTRFS_MOUNT_DEGRADED",
	"BTRFS_MOUNT_COMPRESS",
	"BTRFS_MOUNT_NOTREELOG",
	"BTRFS_MOUNT_FLUSHONCOMMIT",
	"BTRFS_MOUNT_SSD_SPREAD",
	"BTRFS_MOUNT_NOSSD",
	"BTRFS_MOUNT_DISCARD_SYNC",
	"BTRFS_MOUNT_FORCE_COMPRESS",
	"BTRFS_MOUNT_SPACE_CACHE",
	"BTRFS_MOUNT_CLEAR_CACHE",
	"BTRFS_MOUNT_USER_SUBVOL_RM_ALLOWED",
	"BTRFS_MOUNT_ENOSPC_DEBUG",
	"BTRFS_MOUNT_AUTO_DEFRAG",
	"BTRFS_MOUNT_INODE_MAP_CACHE", /* free since 5.11 */
	"BTRFS_MOUNT_USEBACKUPROOT",
	"BTRFS_MOUNT_SKIP_BALANCE",
	"BTRFS_MOUNT_CHECK_INTEGRITY",
	"BTRFS_MOUNT_CHECK_INTEGRITY_DATA",
	"BTRFS_MOUNT_PANIC_ON_FATAL_ERROR",
	"BTRFS_MOUNT_RESCAN_UUID_TREE",
	"BTRFS_MOUNT_FRAGMENT_DATA",
	"BTRFS_MOUNT_FRAGMENT_METADATA",
	"BTRFS_MOUNT_FREE_SPACE_TREE",
	"BTRFS_MOUNT_NOLOGREPLAY",
	"BTRFS_MOUNT_REF_VERIFY",
	"BTRFS_MOUNT_DISCARD_ASYNC",
	"BTRFS_MOUNT_IGNOREBADROOTS",
	"BTRFS_MOUNT_IGNOREDATACSUMS",
};

/* What differs from release to release, beside members. */
struct facts {
	bool known;
	bool has_macros;
	bool shows_asked;   /* what was asked for, not what it came to: until 5.11 */
	bool escapes_comma; /* in a subvolume's name: since 6.16, and in what was fixed then */
};

struct btrfs {
	const struct vr_fs_mount *m;
	struct vr_program *prog;
	struct vr_obj info;
	const struct facts *facts;
	uint64_t opt;
};

static bool has_constant(struct vr_program *prog, const char *constant)
{
	int64_t value;

	return vr_enum_value(prog, NULL, constant, &value) == VR_OK;
}

static const struct facts *get_facts(struct vr_program *prog)
{
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));

	if (!facts || facts->known)
		return facts;
	facts->has_macros = !has_constant(prog, "BTRFS_MOUNT_NODATASUM");
	/* That flag came with it. */
	facts->shows_asked = !has_constant(prog, "BTRFS_FS_CLEANUP_SPACE_CACHE_V1");
	facts->escapes_comma = !vr_function_has_text(prog, "btrfs_show_options", ",subvol=");
	facts->known = !vr_failed(prog);
	return facts;
}

static uint64_t bit_of(const struct btrfs *b, const char *constant)
{
	int64_t bit;

	if (!b->facts->has_macros)
		return vr_enum_value(b->prog, NULL, constant, &bit) == VR_OK ? (uint64_t)bit : 0;
	for (size_t i = 0; i < VR_ARRAY_SIZE(macros); i++)
		if (!strcmp(macros[i], constant))
			return 1ULL << i;
	return 0;
}

static bool is_set(const struct btrfs *b, const char *constant)
{
	return b->opt & bit_of(b, constant);
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
	static const struct option only[] = {{"BTRFS_MOUNT_NOLOGREPLAY", ",rescue=nologreplay"}};
	const char *before = ",rescue=";

	if (b->facts->shows_asked) {
		show_set(b, only, VR_ARRAY_SIZE(only));
		return;
	}
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
	bool asked = b->facts->shows_asked;

	if (asked ? is_set(b, "BTRFS_MOUNT_SPACE_CACHE") : vr_u64(super, "cache_generation"))
		vr_fs_puts(b->m, ",space_cache");
	else if (asked ? is_set(b, "BTRFS_MOUNT_FREE_SPACE_TREE")
		       : vr_u64(super, "compat_ro_flags") & COMPAT_RO_FREE_SPACE_TREE)
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
		{"BTRFS_MOUNT_INODE_MAP_CACHE", ",inode_cache"},
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
	if (!vr_u64(dentry, "d_hash.pprev") && dentry.addr != root)
		return;
	if (b->facts->escapes_comma) {
		vr_fs_option(b->m, "subvol", name);
		return;
	}
	vr_fs_puts(b->m, ",subvol=");
	vr_fs_escaped(b->m, name, VR_SEQ_PATH);
}

void vr_fs_btrfs_options(const struct vr_fs_mount *m)
{
	struct btrfs b = {
		.m = m, .prog = m->sb.prog, .info = vr_fs_info(m, "struct btrfs_fs_info")};

	b.opt = vr_u64(b.info, "mount_opt");
	b.facts = get_facts(b.prog);
	if (vr_failed(b.prog) || !b.facts)
		return;
	show_first(&b);
	show_rescue(&b);
	show_second(&b);
	show_third(&b);
	show_subvolume(&b);
}

/* The first by its number, of those that are there. */
static struct vr_obj first_device(struct vr_obj info)
{
	struct vr_list_walk w = vr_list_begin(vr_get(info, "fs_devices->devices"),
					      "struct btrfs_device", "dev_list");
	struct vr_obj first = {0};
	struct vr_scope scope;
	uint64_t least = 0;

	/* Of a list that ends early nobody knows which one is the first. */
	vr_scope_enter(info.prog, &scope);
	while (vr_list_next(&w)) {
		uint64_t number = vr_u64(w.entry, "devid");

		if (vr_u64(w.entry, "dev_state") >> DEV_STATE_MISSING & 1 ||
		    !vr_u64(w.entry, "name"))
			continue;
		if (first.addr && number >= least)
			continue;
		first = w.entry;
		least = number;
	}
	vr_scope_leave_whole(info.prog, &scope);
	return first;
}

/* btrfs_show_devname(): since 5.16 the device whose superblock was written last. */
static struct vr_obj named_device(struct vr_obj info)
{
	if (vr_has(info, "fs_devices->latest_dev"))
		return vr_deref(info, "fs_devices->latest_dev");
	return first_device(info);
}

void vr_fs_btrfs_source(const struct vr_fs_mount *m)
{
	struct vr_obj device = named_device(vr_fs_info(m, "struct btrfs_fs_info"));
	char text[VR_FS_TEXT];

	/* The kernel warns of a file system without any, and shows nothing. */
	if (vr_failed(m->sb.prog) || !device.addr)
		return;
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
