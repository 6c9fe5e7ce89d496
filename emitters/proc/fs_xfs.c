// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/fs/xfs/xqm and xqmstat (xqm_proc_show(), xqmstat_proc_show()), and proc/fs/xfs/stat, in a
 * running kernel a link to a file with that text (xfs_stats_format(), all in fs/xfs/xfs_stats.c).
 */
#include <inttypes.h>

#include "base/bits.h"
#include "kernel/function_text.h"
#include "kernel/globals.h"
#include "kernel/percpu.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

#define STATS "struct __xfsstats"
#define MAX_COUNTERS 1024

/* All counters, summed up over the CPUs. */
struct stats {
	uint32_t counters[MAX_COUNTERS];
	size_t count;
	struct vr_program *prog;
};

/* Groups of counters by their first ones, in order; each goes up to the next that the kernel has. */
static const struct {
	const char *name, *first;
} groups[] = {
	{"extent_alloc", "xs_allocx"},
	{"abt", "xs_abt_lookup"},
	{"blk_map", "xs_blk_mapr"},
	{"bmbt", "xs_bmbt_lookup"},
	{"dir", "xs_dir_lookup"},
	{"trans", "xs_trans_sync"},
	{"ig", "xs_ig_attempts"},
	{"log", "xs_log_writes"},
	{"push_ail", "xs_try_logspace"},
	{"xstrat", "xs_xstrat_quick"},
	{"rw", "xs_write_calls"},
	{"attr", "xs_attr_get"},
	{"icluster", "xs_iflush_count"},
	{"vnodes", "xs_inodes_active|vn_active"},
	{"buf", "xb_get"},
	{"abtb2", "xs_abtb_2"},
	{"abtc2", "xs_abtc_2"},
	{"bmbt2", "xs_bmbt_2"},
	{"ibt2", "xs_ibt_2"},
	{"fibt2", "xs_fibt_2"},
	{"rmapbt", "xs_rmap_2"},
	{"refcntbt", "xs_refcbt_2"},
	{"rmapbt_mem", "xs_rmap_mem_2"},
	{"rcbagbt", "xs_rcbag_2"},
	{"rtrmapbt", "xs_rtrmap_2"},
	{"rtrmapbt_mem", "xs_rtrmap_mem_2"},
	{"rtrefcntbt", "xs_rtrefcbt_2"},
	{"qm", "xs_qm_dqreclaims"},
	{"zoned", "xs_gc_read_calls"},
	{"metafile", "xs_inodes_meta"},
};

static bool read_stats(struct vr_program *prog, struct stats *s)
{
	uint64_t base = vr_u64(vr_kernel_global(prog, "xfsstats"), "xs_stats");
	uint64_t size = vr_offsetof(prog, STATS, "xs_xstrat_bytes");
	uint32_t one[MAX_COUNTERS];
	struct vr_cpumask possible;

	*s = (struct stats){.prog = prog, .count = size / sizeof(one[0])};
	if (!vr_failed(prog) && s->count > MAX_COUNTERS)
		vr_latch(prog, VR_CORRUPT, "%zu counters of XFS", s->count);
	if (!vr_cpumask_read(prog, "__cpu_possible_mask", &possible))
		return false;
	for (unsigned cpu = vr_cpumask_next(&possible, 0); cpu < possible.nr && !vr_failed(prog);
	     cpu = vr_cpumask_next(&possible, cpu + 1)) {
		struct vr_obj stats = vr_at(prog, STATS, vr_per_cpu_addr(prog, base, cpu));

		if (vr_bytes(stats, "", one, s->count * sizeof(one[0])))
			for (size_t i = 0; i < s->count; i++)
				s->counters[i] += one[i];
	}
	return !vr_failed(prog);
}

/* The index of a member among the counters. */
static size_t index_of(const struct stats *s, const char *member)
{
	return VR_MIN((size_t)vr_offsetof(s->prog, STATS, member) / sizeof(uint32_t), s->count);
}

static void put_range(struct vr_file *f, const struct stats *s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		vr_printf(f, " %" PRIu32, s->counters[i]);
	vr_puts(f, "\n");
}

/* A counter of 64 bits, likewise. */
static uint64_t sum_of(const struct stats *s, const char *member)
{
	uint64_t base = vr_u64(vr_kernel_global(s->prog, "xfsstats"), "xs_stats"), sum = 0;
	struct vr_cpumask possible;

	if (!vr_cpumask_read(s->prog, "__cpu_possible_mask", &possible))
		return 0;
	for (unsigned cpu = vr_cpumask_next(&possible, 0); cpu < possible.nr && !vr_failed(s->prog);
	     cpu = vr_cpumask_next(&possible, cpu + 1))
		sum += vr_u64(vr_at(s->prog, STATS, vr_per_cpu_addr(s->prog, base, cpu)), member);
	return sum;
}

static void put_groups(struct vr_file *f, const struct stats *s)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(groups); i++) {
		size_t next = i + 1;

		if (!vr_has_member(s->prog, STATS, groups[i].first))
			continue;
		while (next < VR_ARRAY_SIZE(groups) &&
		       !vr_has_member(s->prog, STATS, groups[next].first))
			next++;
		vr_puts(f, groups[i].name);
		put_range(f, s, index_of(s, groups[i].first),
			  next < VR_ARRAY_SIZE(groups) ? index_of(s, groups[next].first)
						       : s->count);
	}
}

static void emit_stat(struct vr_file *f, const struct vr_key *key)
{
	struct stats s;

	if (!read_stats(key->prog, &s))
		return;
	put_groups(f, &s);
	vr_printf(f, "xpc %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", sum_of(&s, "xs_xstrat_bytes"),
		  sum_of(&s, "xs_write_bytes"), sum_of(&s, "xs_read_bytes"));
	if (vr_has_member(s.prog, STATS, "xs_defer_relog|defer_relog"))
		vr_printf(f, "defer_relog %" PRIu64 "\n", sum_of(&s, "xs_defer_relog|defer_relog"));
	/* Kernels that are built for debugging have this function. */
	vr_printf(f, "debug %d\n", vr_has_symbol(s.prog, "xfs_check_block") ? 1 : 0);
	if (vr_has_member(s.prog, STATS, "xs_gc_bytes"))
		vr_printf(f, "gc xpc %" PRIu64 "\n", sum_of(&s, "xs_gc_bytes"));
}

static void emit_xqm(struct vr_file *f, const struct vr_key *key)
{
	struct stats s;
	size_t at;

	if (!read_stats(key->prog, &s))
		return;
	at = index_of(&s, "xs_qm_dquot");
	if (at + 1 >= s.count) {
		vr_latch(s.prog, VR_CORRUPT, "XFS's counters end with those of quotas");
		return;
	}
	vr_printf(f, "0\t%" PRId32 "\t0\t%" PRIu32, (int32_t)s.counters[at], s.counters[at + 1]);
	/* since 6.13 */
	if (vr_function_has_text(s.prog, "xqm_proc_show", "rtquota"))
		vr_puts(f, "\trtquota");
	else if (vr_function_has_text(s.prog, "xqm_proc_show", "quota"))
		vr_puts(f, "\tquota");
	vr_puts(f, "\n");
}

static void emit_xqmstat(struct vr_file *f, const struct vr_key *key)
{
	struct stats s;

	if (!read_stats(key->prog, &s))
		return;
	vr_puts(f, "qm");
	put_range(f, &s, index_of(&s, "xs_qm_dqreclaims"), index_of(&s, "xs_qm_dquot"));
}

static bool has_stat(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "xfsstats") && vr_proc_has_file(key->prog, "fs/xfs/stat");
}

static bool has_xqm(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "xfsstats") && vr_proc_has_file(key->prog, "fs/xfs/xqm");
}

VR_EMITTER(.path = "proc/fs/xfs/stat", .source = "xfsstats", .exists = has_stat, .emit = emit_stat)
VR_EMITTER(.path = "proc/fs/xfs/xqm", .source = "xfsstats", .exists = has_xqm, .emit = emit_xqm)
VR_EMITTER(.path = "proc/fs/xfs/xqmstat", .source = "xfsstats", .exists = has_xqm,
	   .emit = emit_xqmstat)
