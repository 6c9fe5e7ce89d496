// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/fs/ext4/<disk>/ (fs/ext4/sysfs.c has the table of its files) and proc/fs/jbd2/<journal>/info
 * (jbd2_seq_info_show() in fs/jbd2/journal.c). The kernel's own entries in /proc lead to what each
 * file tells of.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "kernel/cpus.h"
#include "kernel/fs/ext4.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/mount.h"
#include "kernel/percpu_counter.h"
#include "kernel/proc_tree.h"
#include "kernel/ticks.h"
#include "kernel/whole.h"
#include "kernel/xarray.h"
#include "plugin/emitter.h"

/* fs/ext4/ext4.h */
#define MB_OPTIMIZE_SCAN2 0x80u
#define GROUP_NEED_INIT 1u
#define GROUP_BBITMAP_CORRUPT 4u
#define MAX_BLOCK_LOG_SIZE 16
#define SHOWN_ORDERS 14

static struct vr_obj info_of(struct vr_obj sb)
{
	return vr_at(sb.prog, "struct ext4_sb_info", vr_u64(sb, "s_fs_info"));
}

/* ---- es_shrinker_info: ext4_seq_es_shrinker_info_show() ---- */

/* percpu_counter_sum_positive() */
static int64_t sum_of(struct vr_obj sbi, const char *member, const struct vr_cpumask *online)
{
	int64_t sum = vr_percpu_counter_sum(vr_get(sbi, member), online);

	return sum < 0 ? 0 : sum;
}

/* The number of inodes on the list, and the first of those with the most extents. */
static uint64_t count_inodes(struct vr_obj sbi, struct vr_obj *most)
{
	struct vr_list_walk w =
		vr_list_begin(vr_get(sbi, "s_es_list"), "struct ext4_inode_info", "i_es_list");
	uint64_t count = 0, best = 0;
	struct vr_scope scope;

	vr_scope_enter(sbi.prog, &scope);
	while (vr_list_next(&w)) {
		uint64_t extents = vr_u64(w.entry, "i_es_all_nr");

		if (!count++ || extents > best) {
			*most = w.entry;
			best = extents;
		}
	}
	vr_scope_leave_whole(sbi.prog, &scope);
	return count;
}

static void emit_shrinker(struct vr_file *f, struct vr_obj sb)
{
	struct vr_obj sbi = info_of(sb), most = {.prog = sb.prog};
	struct vr_cpumask online;
	uint64_t inodes;

	vr_cpus_online(sb.prog, &online);
	inodes = count_inodes(sbi, &most);
	vr_printf(f, "stats:\n  %" PRId64 " objects\n  %" PRId64 " reclaimable objects\n",
		  sum_of(sbi, "s_es_stats.es_stats_all_cnt", &online),
		  sum_of(sbi, "s_es_stats.es_stats_shk_cnt", &online));
	vr_printf(f, "  %" PRId64 "/%" PRId64 " cache hits/misses\n",
		  sum_of(sbi, "s_es_stats.es_stats_cache_hits", &online),
		  sum_of(sbi, "s_es_stats.es_stats_cache_misses", &online));
	if (inodes)
		vr_printf(f, "  %" PRIu64 " inodes on list\n", inodes);
	vr_printf(f, "average:\n  %" PRIu64 " us scan time\n  %" PRIu64 " shrunk objects\n",
		  vr_u64(sbi, "s_es_stats.es_stats_scan_time") / 1000,
		  vr_u64(sbi, "s_es_stats.es_stats_shrunk"));
	if (inodes)
		vr_printf(f,
			  "maximum:\n  %" PRIu64 " inode (%" PRIu64 " objects, %" PRIu64
			  " reclaimable)\n  %" PRIu64 " us max scan time\n",
			  vr_u64(most, "vfs_inode.i_ino"), vr_u64(most, "i_es_all_nr"),
			  vr_u64(most, "i_es_shk_nr"),
			  vr_u64(sbi, "s_es_stats.es_stats_max_scan_time") / 1000);
}

/* ---- fc_info: ext4_fc_info_show() ---- */

static void put_snapshots(struct vr_file *f, struct vr_obj sbi)
{
	static const char *const failures[] = {"es_miss",    "es_delayed", "es_other",
					       "inodes_cap", "ranges_cap", "nomem",
					       "inode_loc",  "no_snap"};
	struct vr_obj snaps = vr_get(sbi, "s_fc_snap_stats");
	uint64_t samples = vr_u64(snaps, "lock_updates_samples.counter");
	uint64_t total = vr_u64(snaps, "lock_updates_ns_total.counter");

	vr_printf(f,
		  "Snapshot stats:\n%" PRIu64 " inodes\n%" PRIu64 " ranges\n%" PRIu64
		  "us lock_updates_avg\n%" PRIu64 "us lock_updates_max\nSnapshot failures:\n",
		  vr_u64(snaps, "snap_inodes.counter"), vr_u64(snaps, "snap_ranges.counter"),
		  samples ? total / samples / 1000 : 0,
		  vr_u64(snaps, "lock_updates_ns_max.counter") / 1000);
	for (size_t i = 0; i < VR_ARRAY_SIZE(failures); i++) {
		char member[64];

		snprintf(member, sizeof(member), "snap_fail_%s.counter", failures[i]);
		vr_printf(f, "%" PRIu64 " %s\n", vr_u64(snaps, member), failures[i]);
	}
}

static void emit_commits(struct vr_file *f, struct vr_obj sb)
{
	struct vr_obj sbi = info_of(sb), stats = vr_get(sbi, "s_fc_stats");
	struct vr_obj counts = vr_get(stats, "fc_ineligible_reason_count");
	uint64_t reasons = vr_ok(counts) ? vr_type_length(vr_type_strip(counts.type)) : 0;

	vr_printf(f,
		  "fc stats:\n%" PRId64 " commits\n%" PRId64 " ineligible\n%" PRId64
		  " numblks\n%" PRIu64 "us avg_commit_time\nIneligible reasons:\n",
		  vr_s64(stats, "fc_num_commits"), vr_s64(stats, "fc_ineligible_commits"),
		  vr_s64(stats, "fc_numblks"),
		  (vr_has(stats, "s_fc_avg_commit_time") ? vr_u64(stats, "s_fc_avg_commit_time")
							 : vr_u64(sbi, "s_fc_avg_commit_time")) /
			  1000);
	for (uint64_t i = 0; i < reasons && !vr_failed(sb.prog); i++) {
		struct vr_obj reason = vr_kernel_element(sb.prog, "fc_ineligible_reasons", i);
		char text[128] = "(null)"; /* as printk() has it, of 5.10's without a text */

		if (vr_u64(reason, ""))
			vr_str(reason, "", text, sizeof(text));
		vr_printf(f, "\"%s\":\t%" PRId64 "\n", text, vr_s64(vr_index(counts, i), ""));
	}
	if (vr_has(sbi, "s_fc_snap_stats"))
		put_snapshots(f, sbi);
}

/* ---- What fs/ext4/mballoc.c knows of groups of blocks ---- */

/* ext4_mb_seq_groups_show() */
static void put_group(struct vr_file *f, struct vr_obj sb, struct vr_obj sbi, uint64_t group)
{
	uint64_t per_block = vr_u64(sbi, "s_desc_per_block");
	uint64_t bits = VR_MIN(vr_u64(sb, "s_blocksize_bits"), (uint64_t)MAX_BLOCK_LOG_SIZE);
	struct vr_obj row, info;
	uint64_t addr;

	if (!per_block) {
		vr_latch(sb.prog, VR_CORRUPT, "no descriptors in a block");
		return;
	}
	row = vr_index(vr_get(sbi, "s_group_info"), group / per_block);
	addr = vr_u64(vr_index(row, group % per_block), "");
	if (!addr)
		return;
	info = vr_at(sb.prog, "struct ext4_group_info", addr);
	if (vr_u64(info, "bb_state") & GROUP_NEED_INIT)
		vr_latch(sb.prog, VR_UNSUPPORTED, "a group that wasn't read from the disk yet");
	vr_printf(f, "#%-5" PRIu64 ": %-5" PRIu64 " %-5" PRIu64 " %-5" PRIu64 " [", group,
		  vr_u64(info, "bb_free"), vr_u64(info, "bb_fragments"),
		  vr_u64(info, "bb_first_free"));
	for (uint64_t i = 0; i < SHOWN_ORDERS; i++)
		vr_printf(f, " %-5" PRIu64,
			  i <= bits + 1 ? vr_u64(vr_index(vr_get(info, "bb_counters"), i), "") : 0);
	vr_printf(f, " ]%s\n",
		  vr_u64(info, "bb_state") & GROUP_BBITMAP_CORRUPT ? " Block bitmap corrupted!"
								   : "");
}

static void emit_groups(struct vr_file *f, struct vr_obj sb)
{
	struct vr_obj sbi = info_of(sb);
	uint64_t count = vr_u64(sbi, "s_groups_count");

	vr_puts(f, "#group: free  frags first ["
		   " 2^0   2^1   2^2   2^3   2^4   2^5   2^6  "
		   " 2^7   2^8   2^9   2^10  2^11  2^12  2^13  ]\n");
	for (uint64_t i = 0; i < count && !vr_failed(sb.prog); i++) {
		if (i == VR_WALK_LIMIT) {
			vr_cut(sb.prog, VR_LIMIT, "a file system of %" PRIu64 " groups", count);
			break;
		}
		vr_row_begin(f);
		put_group(f, sb, sbi, i);
		vr_row_end(f);
	}
}

/* ext4_seq_mb_stats_show(); what it counts differs with each release. */
static void emit_stats(struct vr_file *f, struct vr_obj sb)
{
	if (vr_u64(info_of(sb), "s_mb_stats"))
		vr_latch(sb.prog, VR_UNSUPPORTED, "mballoc's statistics are on");
	vr_puts(f, "mballoc:\n\tmb stats collection turned off.\n"
		   "\tTo enable, please write \"1\" to sysfs file mb_stats.\n");
}

/* Groups of one order: on a list, since 6.17 in an xarray. */
static uint64_t count_groups(struct vr_obj head, const char *member)
{
	struct vr_scope scope;
	uint64_t count = 0;

	vr_scope_enter(head.prog, &scope);
	if (vr_has(head, "xa_head")) {
		struct vr_xarray_walk w = vr_xarray_begin(head);

		while (vr_xarray_next(&w))
			count++;
	} else {
		struct vr_list_walk w = vr_list_begin(head, "struct ext4_group_info", member);

		while (vr_list_next(&w))
			count++;
	}
	vr_scope_leave_whole(head.prog, &scope);
	return count;
}

static void put_orders(struct vr_file *f, struct vr_obj sb, const char *lists, const char *member)
{
	struct vr_obj heads = vr_get(info_of(sb), lists);
	uint64_t orders = vr_u64(sb, "s_blocksize_bits") + 2; /* MB_NUM_ORDERS() */

	if (orders > 66)
		vr_latch(sb.prog, VR_CORRUPT, "blocks of 2^%" PRIu64 " bytes", orders - 2);
	for (uint64_t i = 0; i < orders && !vr_failed(sb.prog); i++)
		vr_printf(f, "\tlist_order_%" PRIu64 "_groups: %" PRIu64 "\n", i,
			  count_groups(vr_index(heads, i), member));
}

/* ext4_mb_seq_structs_summary_show() */
static void emit_summary(struct vr_file *f, struct vr_obj sb)
{
	vr_printf(f, "optimize_scan: %d\nmax_free_order_lists:\n",
		  vr_u64(info_of(sb), "s_mount_opt2") & MB_OPTIMIZE_SCAN2 ? 1 : 0);
	put_orders(f, sb, "s_mb_largest_free_orders", "bb_largest_free_order_node");
	vr_puts(f, "avg_fragment_size_lists:\n");
	put_orders(f, sb, "s_mb_avg_fragment_size", "bb_avg_fragment_size_node");
}

/* ---- options: ext4_seq_options_show() ---- */

static void emit_options(struct vr_file *f, struct vr_obj sb)
{
	VR_STRBUF options = {0};

	vr_ext4_all_options(sb, &options);
	vr_printf(f, "%s%s\n", vr_super_is_readonly(sb) ? "ro" : "rw", vr_strbuf_str(&options));
}

/* ---- Journals ---- */

static uint64_t average(struct vr_obj stats, const char *member, uint64_t by, unsigned hz)
{
	return by && hz ? vr_jiffies_to_ms(vr_u64(stats, member) / by, hz) : 0;
}

static void emit_journal(struct vr_file *f, struct vr_obj journal)
{
	static const struct {
		const char *member, *text;
		bool of_requests;
	} times[] = {
		{"run.rs_wait", "waiting for transaction", false},
		{"run.rs_request_delay", "request delay", true},
		{"run.rs_running", "running transaction", false},
		{"run.rs_locked", "transaction was being locked", false},
		{"run.rs_flushing", "flushing data (in ordered mode)", false},
		{"run.rs_logging", "logging transaction", false},
	};
	struct vr_obj stats = vr_get(journal, "j_stats");
	uint64_t count = vr_u64(stats, "ts_tid"), requested = vr_u64(stats, "ts_requested");
	unsigned hz = vr_hz(journal.prog);

	vr_printf(
		f,
		"%" PRIu64 " transactions (%" PRIu64 " requested), each up to %" PRIu64 " blocks\n",
		count, requested, (uint64_t)(uint32_t)vr_u64(journal, "j_max_transaction_buffers"));
	if (!count)
		return;
	vr_puts(f, "average: \n");
	for (size_t i = 0; i < VR_ARRAY_SIZE(times); i++)
		vr_printf(f, "  %" PRIu64 "ms %s\n",
			  average(stats, times[i].member, times[i].of_requests ? requested : count,
				  hz),
			  times[i].text);
	vr_printf(f, "  %" PRIu64 "us average transaction commit time\n",
		  vr_u64(journal, "j_average_commit_time") / 1000);
	vr_printf(f, "  %" PRIu64 " handles per transaction\n",
		  vr_u64(stats, "run.rs_handle_count") / count);
	vr_printf(f, "  %" PRIu64 " blocks per transaction\n",
		  vr_u64(stats, "run.rs_blocks") / count);
	vr_printf(f, "  %" PRIu64 " logged blocks per transaction\n",
		  vr_u64(stats, "run.rs_blocks_logged") / count);
}

/* ---- The folders ---- */

/* A file's name, and who tells what is in it of the object that its entry in /proc leads to. */
static const struct kind {
	const char *name, *type, *source;
	void (*emit)(struct vr_file *f, struct vr_obj obj);
} ext4_kinds[] =
	{
		{"es_shrinker_info", "struct super_block", "ext4_sb_info.s_es_stats",
		 emit_shrinker},
		{"fc_info", "struct super_block", "ext4_sb_info.s_fc_stats", emit_commits},
		{"mb_groups", "struct super_block", "ext4_sb_info.s_group_info", emit_groups},
		{"mb_stats", "struct super_block", "ext4_sb_info.s_mb_stats", emit_stats},
		{"mb_structs_summary", "struct super_block",
		 "ext4_sb_info.s_mb_largest_free_orders", emit_summary},
		{"options", "struct super_block", "ext4_sb_info, ext4_mount_opts", emit_options},
},
  jbd2_kinds[] = {
	  {"info", "struct journal_s", "journal_s.j_stats", emit_journal},
};

struct file {
	const struct kind *kind;
	struct vr_obj entry; /* struct proc_dir_entry */
};

static void emit_file(struct vr_file *f, const void *arg)
{
	const struct file *file = arg;

	file->kind->emit(f, vr_at(file->entry.prog, file->kind->type, vr_u64(file->entry, "data")));
}

/* The files of one disk or journal, which has a folder. */
static void walk_one(struct vr_folder *folder, struct vr_obj dir, const char *name,
		     const struct kind *kinds, size_t count)
{
	struct vr_rbtree_walk w = vr_proc_dir_begin(dir);

	while (vr_rbtree_next(&w)) {
		char file[VR_PROC_NAME], path[2 * VR_PROC_NAME];

		vr_proc_name(w.entry, file);
		for (size_t i = 0; i < count; i++) {
			const struct file arg = {.kind = &kinds[i], .entry = w.entry};

			if (strcmp(file, kinds[i].name) != 0)
				continue;
			snprintf(path, sizeof(path), "%s/%s", name, file);
			vr_folder_file(folder, path, kinds[i].source, emit_file, &arg);
		}
	}
}

static void walk_all(struct vr_folder *folder, struct vr_program *prog, const char *path,
		     const struct kind *kinds, size_t count)
{
	struct vr_obj dir = vr_proc_find(prog, path);
	struct vr_rbtree_walk w;

	if (!vr_ok(dir))
		return;
	w = vr_proc_dir_begin(dir);
	while (vr_rbtree_next(&w)) {
		char name[VR_PROC_NAME];

		walk_one(folder, w.entry, vr_proc_name(w.entry, name), kinds, count);
	}
}

static void walk_ext4(struct vr_folder *folder, const struct vr_key *key)
{
	walk_all(folder, key->prog, "fs/ext4", ext4_kinds, VR_ARRAY_SIZE(ext4_kinds));
}

static void walk_jbd2(struct vr_folder *folder, const struct vr_key *key)
{
	walk_all(folder, key->prog, "fs/jbd2", jbd2_kinds, VR_ARRAY_SIZE(jbd2_kinds));
}

VR_EMITTER(.path = "proc/fs/ext4/", .walk = walk_ext4)
VR_EMITTER(.path = "proc/fs/jbd2/", .walk = walk_jbd2)
