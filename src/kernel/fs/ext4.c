// SPDX-License-Identifier: GPL-2.0-or-later
/* ext4, and ext3 and ext2 where it mounts them (fs/ext4/super.c). */
#include "kernel/fs/ext4.h"

#include "kernel/fs/show.h"
#include "kernel/function_code.h"
#include "kernel/function_text.h"
#include "kernel/symbol_at.h"
#include "kernel/ticks.h"
#include "object/memo.h"
#include "object/program.h"

/* Most lines that a table has; the kernel's have less than 100. */
#define MAX_LINES 256

/* What a mount_opts line is; the last two moved in 5.17 (commit 6e47a3cc68fc). */
#define MOPT_SET 0x0001u
#define MOPT_CLEAR 0x0002u
#define MOPT_CLEAR_ERR_OLD 0x0010u
#define MOPT_SKIP_OLD 0x0800u
#define MOPT_SKIP 0x0080u
#define MOPT_2 0x0100u

/* EXT4_MOUNT_*, EXT4_MOUNT2_*: bits of s_mount_opt and s_mount_opt2 (fs/ext4/ext4.h). */
#define ERRORS_CONT 0x00010u
#define ERRORS_RO 0x00020u
#define ERRORS_PANIC 0x00040u
#define DAX_ALWAYS 0x00200u
#define DATA_FLAGS 0x00c00u
#define DATA_ERR_ABORT 0x10000000u
#define INIT_INODE_TABLE 0x80000000u
#define DAX_NEVER2 0x00000020u
#define DAX_INODE2 0x00000040u
#define MB_OPTIMIZE_SCAN2 0x00000080u
#define NO_PREFETCH_BLOCK_BITMAPS 0x04000000u
/* EXT4_DEF_*, MB_DEFAULT_LINEAR_SCAN_THRESHOLD, JBD2_DEFAULT_MAX_COMMIT_AGE (seconds) */
#define DEF_MAX_BATCH_TIME 15000u
#define DEF_INODE_READAHEAD_BLKS 32u
#define DEF_LI_WAIT_MULT 10u
#define LINEAR_SCAN_THRESHOLD 16u
#define DEF_COMMIT_AGE 5u
/* include/linux/fs.h, ext4.h */
#define SB_INLINECRYPT (1u << 17)
#define SB_I_VERSION (1u << 23)
#define FLAGS_SHUTDOWN 1u

/* What a dump's kernel is like; found once. */
struct facts {
	bool known, parameters; /* options are fs_parameter_specs, no match_tokens */
	bool shows_version, shows_scan, shows_prefetch, shows_emergency;
	uint64_t names; /* the table of options */
};

struct ext4 {
	const struct vr_fs_mount *m;
	struct vr_program *prog;
	struct vr_obj sbi;
	const struct facts *facts;
	uint64_t opt, opt2, def, def2; /* defaults: as the file system itself has them */
	bool all;                      /* defaults, too */
	bool lacks_own;                /* its superblock is not in the dump */
};

/* There are as many tables called that as there are file systems: the one that is used here. */
static uint64_t find_tokens(struct vr_program *prog, const char *function)
{
	size_t count = vr_symtab_count(prog->symtab);
	struct vr_symbol symbol;

	for (size_t i = 0; i < count; i++) {
		vr_symtab_at(prog->symtab, i, &symbol);
		if (!strcmp(symbol.name, "tokens") &&
		    vr_function_refers(prog, function, symbol.addr))
			return symbol.addr;
	}
	vr_latch(prog, VR_ABSENT, "no table `tokens` that %s() uses", function);
	return 0;
}

static const struct facts *get_facts(struct vr_program *prog)
{
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));
	const char *function;

	if (!facts || facts->known)
		return facts;
	/* What shows them may have become a part of its only caller. */
	function = vr_symbol_named(prog, "_ext4_show_options", NULL);
	if (!function)
		function = "ext4_show_options";
	facts->shows_version = vr_function_has_text(prog, function, "i_version");
	facts->shows_scan = vr_function_has_text(prog, function, "mb_optimize_scan=");
	facts->shows_prefetch = vr_function_has_text(prog, function, "prefetch_block_bitmaps");
	facts->shows_emergency = vr_function_has_text(prog, function, "emergency_ro");
	facts->parameters = vr_has_symbol(prog, "ext4_param_specs");
	facts->names = facts->parameters ? vr_symbol(prog, "ext4_param_specs")
					 : find_tokens(prog, function);
	facts->known = !vr_failed(prog);
	return facts;
}

/* token2str() */
static void show_token(struct ext4 *e, uint64_t token)
{
	struct vr_obj line = vr_at(
		e->prog, e->facts->parameters ? "struct fs_parameter_spec" : "struct match_token",
		e->facts->names);
	char name[64];

	for (unsigned i = 0; i < MAX_LINES && !vr_failed(e->prog); i++) {
		struct vr_obj at = vr_fs_element(line, i);

		if (!vr_u64(at, e->facts->parameters ? "name" : "pattern"))
			break;
		if (vr_u64(at, e->facts->parameters ? "opt" : "token") != token)
			continue;
		/* The one without a value. */
		vr_str(at, e->facts->parameters ? "name" : "pattern", name, sizeof(name));
		if (e->facts->parameters ? vr_u64(at, "type") != 0 : strchr(name, '=') != NULL)
			continue;
		vr_fs_printf(e->m, ",%s", name);
		return;
	}
	vr_latch(e->prog, VR_CORRUPT, "option %" PRIu64 " without a name", token);
}

/* Is that line of the table what is mounted, and not the default? */
static bool is_shown(const struct ext4 *e, uint64_t bits, uint64_t flags)
{
	uint64_t skip = e->facts->parameters ? MOPT_SKIP : MOPT_SKIP_OLD | MOPT_CLEAR_ERR_OLD;
	bool second = vr_has(e->sbi, "s_def_mount_opt2") && flags & MOPT_2;
	uint64_t opt = second ? e->opt2 : e->opt, def = second ? e->def2 : e->def;

	if (!(flags & (MOPT_SET | MOPT_CLEAR)) || flags & skip ||
	    (!e->all && !(bits & (opt ^ def))))
		return false;
	return flags & MOPT_SET ? (opt & bits) == bits : !(opt & bits);
}

/* Up to the next symbol: lines of zeros stand in the middle, too, and are never shown. */
static void show_table(struct ext4 *e)
{
	struct vr_obj line = vr_kernel_global(e->prog, "ext4_mount_opts");
	struct vr_symbol_at symbol = {0};
	uint64_t count;

	if (vr_failed(e->prog))
		return;
	vr_symbol_at(e->prog, line.addr, &symbol);
	count = symbol.size / VR_MAX(vr_type_size(line.type), UINT64_C(1));
	if (!count)
		vr_latch(e->prog, VR_ABSENT, "no length of `ext4_mount_opts`");
	for (uint64_t i = 0; i < count && i < MAX_LINES && !vr_failed(e->prog); i++) {
		struct vr_obj at = vr_fs_element(line, i);
		uint64_t bits = (uint32_t)vr_u64(at, "mount_opt"), flags = vr_u64(at, "flags");

		if (is_shown(e, bits, flags))
			show_token(e, vr_u64(at, "token"));
	}
}

/*
 * A member of the superblock on disk, which is in the page cache, and so not in most dumps. 0, and
 * noted, where it isn't there.
 */
static uint64_t get_own(struct ext4 *e, const char *member)
{
	uint64_t value = 0;

	if (!vr_has_member(e->prog, "struct ext4_super_block", member))
		return 0;
	if (vr_try_u64(vr_deref(e->sbi, "s_es"), member, &value) != VR_OK)
		e->lacks_own = true;
	return value;
}

/* Shown where it isn't root; or where it is, but the file system's own default isn't. */
static void show_reserved(struct ext4 *e)
{
	uint32_t user = vr_fs_user(e->sbi, "s_resuid"), group = vr_fs_group(e->sbi, "s_resgid");

	/* The high halves came with 6.18. */
	if (e->all || user || get_own(e, "s_def_resuid") || get_own(e, "s_def_resuid_hi"))
		vr_fs_printf(e->m, ",resuid=%" PRIu32, user);
	if (e->all || group || get_own(e, "s_def_resgid") || get_own(e, "s_def_resgid_hi"))
		vr_fs_printf(e->m, ",resgid=%" PRIu32, group);
}

/*
 * What to do on errors, where the file system's own default is something else. That one was copied
 * to the defaults when it was mounted.
 */
static void show_errors(struct ext4 *e)
{
	static const struct {
		uint32_t bit, own;
		const char *text;
	} kinds[] = {
		{ERRORS_RO, 2, ",errors=remount-ro"},
		{ERRORS_CONT, 1, ",errors=continue"},
		{ERRORS_PANIC, 3, ",errors=panic"},
	};
	uint64_t own = e->all ? 0 : get_own(e, "s_errors");

	for (size_t i = 0; i < VR_ARRAY_SIZE(kinds); i++) {
		bool usual = e->lacks_own ? e->def & kinds[i].bit : own == kinds[i].own;

		if (e->opt & kinds[i].bit && (e->all || !usual))
			vr_fs_puts(e->m, kinds[i].text);
	}
}

static void show_journal(struct ext4 *e)
{
	static const char *const modes[] = {"", ",data=journal", ",data=ordered",
					    ",data=writeback"};
	uint64_t interval = vr_u64(e->sbi, "s_commit_interval"), time;
	unsigned hz = vr_hz(e->prog);

	if (hz && (e->all || interval != DEF_COMMIT_AGE * hz))
		vr_fs_printf(e->m, ",commit=%" PRIu64, interval / hz);
	time = vr_u64(e->sbi, "s_min_batch_time");
	if (e->all || time)
		vr_fs_printf(e->m, ",min_batch_time=%" PRIu64, time);
	time = vr_u64(e->sbi, "s_max_batch_time");
	if (e->all || time != DEF_MAX_BATCH_TIME)
		vr_fs_printf(e->m, ",max_batch_time=%" PRIu64, time);
	/* Since 6.2 only among all options. */
	if (vr_u64(e->m->sb, "s_flags") & SB_I_VERSION && e->facts->shows_version &&
	    (e->all || !vr_has(e->sbi, "s_def_mount_opt2")))
		vr_fs_puts(e->m, ",i_version");
	if (e->all || vr_u64(e->sbi, "s_stripe"))
		vr_fs_printf(e->m, ",stripe=%" PRIu64, vr_u64(e->sbi, "s_stripe"));
	if (e->all || DATA_FLAGS & (e->opt ^ e->def))
		vr_fs_puts(e->m, modes[(e->opt & DATA_FLAGS) / (DATA_FLAGS & -DATA_FLAGS)]);
}

static void show_numbers(struct ext4 *e)
{
	uint64_t blocks = vr_u64(e->sbi, "s_inode_readahead_blks");
	uint64_t wait = vr_u64(e->sbi, "s_li_wait_mult"),
		 size = vr_u64(e->sbi, "s_max_dir_size_kb");

	if (e->all || blocks != DEF_INODE_READAHEAD_BLKS)
		vr_fs_printf(e->m, ",inode_readahead_blks=%" PRIu64, blocks);
	if (e->opt & INIT_INODE_TABLE && (e->all || wait != DEF_LI_WAIT_MULT))
		vr_fs_printf(e->m, ",init_itable=%" PRIu64, wait);
	if (e->all || size)
		vr_fs_printf(e->m, ",max_dir_size_kb=%" PRIu64, size);
	if (e->opt & DATA_ERR_ABORT)
		vr_fs_puts(e->m, ",data_err=abort");
}

/* fscrypt_show_test_dummy_encryption(): the first version has the number 0. */
static void show_encryption(struct ext4 *e)
{
	const char *policy = "s_dummy_enc_policy.policy";
	uint64_t version;

	if (vr_has(e->sbi, policy) && vr_u64(e->sbi, policy)) {
		version = vr_u64(vr_deref(e->sbi, policy), "version");
		vr_fs_printf(e->m, ",test_dummy_encryption=v%" PRIu64, version ? version : 1);
	}
	if (vr_u64(e->m->sb, "s_flags") & SB_INLINECRYPT)
		vr_fs_puts(e->m, ",inlinecrypt");
}

static void show_dax(struct ext4 *e)
{
	char kind[16] = "";

	if (e->opt & DAX_ALWAYS) {
		/* IS_EXT2_SB() */
		vr_str(e->m->sb, "s_type->name", kind, sizeof(kind));
		vr_fs_puts(e->m, strcmp(kind, "ext2") ? ",dax=always" : ",dax");
	} else if (e->opt2 & DAX_NEVER2) {
		vr_fs_puts(e->m, ",dax=never");
	} else if (e->opt2 & DAX_INODE2) {
		vr_fs_puts(e->m, ",dax=inode");
	}
}

/* What came with one release or another. */
static void show_newer(struct ext4 *e)
{
	bool many, optimized = e->opt2 & MB_OPTIMIZE_SCAN2;
	uint64_t flags;
	int64_t bit;

	many = vr_u64(e->sbi, "s_groups_count") >= LINEAR_SCAN_THRESHOLD;
	if (many != optimized && e->facts->shows_scan)
		vr_fs_puts(e->m, many ? ",mb_optimize_scan=0" : ",mb_optimize_scan=1");
	if (e->all && e->facts->shows_prefetch && !(e->opt & NO_PREFETCH_BLOCK_BITMAPS))
		vr_fs_puts(e->m, ",prefetch_block_bitmaps");
	if (vr_enum_value(e->prog, NULL, "EXT4_FLAGS_EMERGENCY_RO", &bit) != VR_OK ||
	    !e->facts->shows_emergency)
		return;
	flags = vr_u64(e->sbi, "s_ext4_flags");
	if (flags >> bit & 1)
		vr_fs_puts(e->m, ",emergency_ro");
	if (flags >> FLAGS_SHUTDOWN & 1)
		vr_fs_puts(e->m, ",shutdown");
}

/* ext4_show_quota_options() */
static void show_quota(struct ext4 *e)
{
	static const char *const formats[] = {"", "vfsold", "vfsv0", "", "vfsv1"};
	uint64_t format;

	if (!vr_has(e->sbi, "s_jquota_fmt")) /* CONFIG_QUOTA */
		return;
	format = vr_u64(e->sbi, "s_jquota_fmt");
	if (format)
		vr_fs_printf(e->m, ",jqfmt=%s",
			     format < VR_ARRAY_SIZE(formats) ? formats[format] : "");
	vr_fs_string_option(e->m, "usrjquota", e->sbi, "s_qf_names[0]");
	vr_fs_string_option(e->m, "grpjquota", e->sbi, "s_qf_names[1]");
}

/* All of them but quotas; false: latched. */
static bool show(struct ext4 *e)
{
	e->facts = get_facts(e->prog);
	if (!e->facts)
		return false;
	e->opt = (uint32_t)vr_u64(e->sbi, "s_mount_opt");
	e->opt2 = (uint32_t)vr_u64(e->sbi, "s_mount_opt2");
	e->def = (uint32_t)vr_u64(e->sbi, "s_def_mount_opt");
	if (vr_has(e->sbi, "s_def_mount_opt2"))
		e->def2 = (uint32_t)vr_u64(e->sbi, "s_def_mount_opt2");
	if (vr_u64(e->sbi, "s_sb_block") != 1)
		vr_fs_printf(e->m, ",sb=%" PRIu64, vr_u64(e->sbi, "s_sb_block"));
	show_table(e);
	show_reserved(e);
	show_errors(e);
	show_journal(e);
	show_numbers(e);
	show_encryption(e);
	show_dax(e);
	show_newer(e);
	return true;
}

void vr_fs_ext4_options(const struct vr_fs_mount *m)
{
	struct ext4 e = {.m = m, .prog = m->sb.prog, .sbi = vr_fs_info(m, "struct ext4_sb_info")};

	if (!show(&e))
		return;
	show_quota(&e);
	if (e.lacks_own)
		vr_cut(e.prog, VR_FAULT,
		       "the superblock on disk is not in the dump: defaults are those of the "
		       "mount");
}

void vr_ext4_all_options(struct vr_obj sb, struct vr_strbuf *out)
{
	const struct vr_fs_mount m = {.sb = sb, .out = out};
	struct ext4 e = {.m = &m,
			 .prog = sb.prog,
			 .sbi = vr_fs_info(&m, "struct ext4_sb_info"),
			 .all = true};

	if (!show(&e))
		return;
	/* Each a line of its own, but for those of quotas. */
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] == ',')
			out->data[i] = '\n';
	show_quota(&e);
}
