// SPDX-License-Identifier: GPL-2.0-or-later
/* xfs (fs/xfs/xfs_super.c). */
#include "kernel/fs/show.h"
#include "kernel/function_text.h"
#include "kernel/symbol_at.h"
#include "object/memo.h"

/* Most lines of its table of options; the kernel's has less than 20. */
#define MAX_LINES 64
/* XFS_FEAT_* of fs/xfs/xfs_mount.h, bits of m_features since 5.15. */
#define FEAT_ZONED (1ULL << 29) /* since 6.15 */
#define FEAT_ALLOCSIZE (1ULL << 50)
#define FEAT_SMALL_INUMS (1ULL << 56)
/* XFS_MOUNT_* of that file before, bits of m_flags: those that its table of options hasn't. */
#define MOUNT_ALLOCSIZE (1ULL << 12)
#define MOUNT_SMALL_INUMS (1ULL << 14)
/* A basic block: BBSHIFT */
#define BASIC_BLOCK_SHIFT 9

/* XFS_*QUOTA_* of fs/xfs/libxfs/xfs_log_format.h: accounted, enforced. */
static const struct {
	uint32_t accounted, enforced;
	const char *with, *without;
} quotas[] = {
	{0x0001, 0x0002, ",usrquota", ",uqnoenforce"},
	{0x0008, 0x0200, ",prjquota", ",pqnoenforce"},
	{0x0040, 0x0080, ",grpquota", ",gqnoenforce"},
};

struct facts {
	bool known;
	bool tells_users; /* when users' quotas are accounted only: since 5.11, and where that was mended */
	uint64_t table; /* xfs_info_set, a static of xfs_fs_show_options() */
};

static const struct facts *get_facts(struct vr_program *prog)
{
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));
	const char *name;

	if (!facts || facts->known)
		return facts;
	name = vr_symbol_named(prog, "xfs_info_set", NULL);
	if (name)
		facts->table = vr_symbol(prog, name);
	else
		vr_latch(prog, VR_ABSENT, "no symbol `xfs_info_set`");
	facts->tells_users = vr_function_has_text(prog, "xfs_fs_show_options", ",uqnoenforce");
	facts->known = !vr_failed(prog);
	return facts;
}

static void show_table(const struct vr_fs_mount *m, uint64_t table_addr, uint64_t features)
{
	struct vr_obj table = vr_at(m->sb.prog, "struct proc_xfs_info", table_addr);
	char text[64];

	for (unsigned i = 0; i < MAX_LINES && !vr_failed(m->sb.prog); i++) {
		struct vr_obj line = vr_fs_element(table, i);
		uint64_t flag = vr_u64(line, "flag");

		if (!flag)
			return;
		if (features & flag)
			vr_fs_puts(m, vr_str(line, "str", text, sizeof(text)));
	}
}

static void show_positive(const struct vr_fs_mount *m, const char *name, int64_t value,
			  const char *unit)
{
	if (value > 0)
		vr_fs_printf(m, ",%s=%" PRId64 "%s", name, value, unit);
}

/* XFS_FSB_TO_BB() */
static int64_t basic_blocks(struct vr_obj mp, const char *member)
{
	uint64_t shift = vr_u64(mp, "m_sb.sb_blocklog") - BASIC_BLOCK_SHIFT;

	return shift < 32 ? (int32_t)(uint32_t)(vr_u64(mp, member) << shift) : 0;
}

static void show_quotas(const struct vr_fs_mount *m, struct vr_obj mp, bool tells_users)
{
	uint64_t flags = vr_u64(mp, "m_qflags"), accounted = 0;

	if (!tells_users && flags & quotas[0].accounted)
		flags |= quotas[0].enforced;
	for (size_t i = 0; i < VR_ARRAY_SIZE(quotas); i++) {
		accounted |= quotas[i].accounted;
		if (flags & quotas[i].enforced)
			vr_fs_puts(m, quotas[i].with);
		else if (flags & quotas[i].accounted)
			vr_fs_puts(m, quotas[i].without);
	}
	if (!(flags & accounted))
		vr_fs_puts(m, ",noquota");
}

void vr_fs_xfs_options(const struct vr_fs_mount *m)
{
	struct vr_obj mp = vr_fs_info(m, "struct xfs_mount");
	bool has_flags = !vr_has(mp, "m_features");
	uint64_t features = vr_u64(mp, has_flags ? "m_flags" : "m_features");
	/* Since 5.5, as those flags of its table; latches with what is older. */
	uint64_t log = vr_u64(mp, "m_allocsize_log");
	const struct facts *facts = get_facts(m->sb.prog);

	if (vr_failed(m->sb.prog) || !facts)
		return;
	show_table(m, facts->table, features);
	vr_fs_puts(m, features & (has_flags ? MOUNT_SMALL_INUMS : FEAT_SMALL_INUMS) ? ",inode32"
										    : ",inode64");
	if (features & (has_flags ? MOUNT_ALLOCSIZE : FEAT_ALLOCSIZE) && log < 31)
		vr_fs_printf(m, ",allocsize=%dk", (1 << log) >> 10);
	show_positive(m, "logbufs", vr_s64(mp, "m_logbufs"), "");
	if (vr_s64(mp, "m_logbsize") > 0)
		vr_fs_printf(m, ",logbsize=%" PRId64 "k", vr_s64(mp, "m_logbsize") >> 10);
	vr_fs_string_option(m, "logdev", mp, "m_logname");
	vr_fs_string_option(m, "rtdev", mp, "m_rtname");
	if (vr_s64(mp, "m_dalign") > 0)
		vr_fs_printf(m, ",sunit=%" PRId64, basic_blocks(mp, "m_dalign"));
	if (vr_s64(mp, "m_swidth") > 0)
		vr_fs_printf(m, ",swidth=%" PRId64, basic_blocks(mp, "m_swidth"));
	show_quotas(m, mp, facts->tells_users);
	/* Since 6.15 and 6.16. */
	if (vr_has(mp, "m_max_open_zones") && vr_u64(mp, "m_max_open_zones"))
		vr_fs_printf(m, ",max_open_zones=%" PRIu64, vr_u64(mp, "m_max_open_zones"));
	if (vr_has(mp, "m_awu_max_bytes") && vr_u64(mp, "m_awu_max_bytes"))
		vr_fs_printf(m, ",max_atomic_write=%" PRIu64 "k",
			     vr_u64(mp, "m_awu_max_bytes") >> 10);
}

/* Since 6.15, of zoned ones only. */
void vr_fs_xfs_stats(const struct vr_fs_mount *m)
{
	if (vr_u64(vr_fs_info(m, "struct xfs_mount"), "m_features") & FEAT_ZONED)
		vr_latch(m->sb.prog, VR_UNSUPPORTED, "what xfs shows of zones isn't known");
}
