// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scheduler's own account (sched_debug_show() in kernel/sched/debug.c): proc/sched_debug, since
 * 5.13 sys/kernel/debug/sched/debug.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/cpus.h"
#include "kernel/eevdf.h"
#include "kernel/globals.h"
#include "kernel/kernfs.h"
#include "kernel/rbtree.h"
#include "kernel/sched.h"
#include "kernel/task_set.h"
#include "kernel/ticks.h"
#include "kernel/timekeeping.h"
#include "kernel/utsname.h"
#include "plugin/emitter.h"

#define NO_TASK UINT32_MAX

/* What the whole file has in common. */
struct debug {
	struct vr_program *prog;
	struct vr_cpumask online;
	bool statistics; /* schedstat_enabled() */
	bool eevdf;      /* since 6.6 */
	bool realigned;  /* its table of tasks as it is since 6.12 */
	bool groups;     /* CONFIG_CGROUP_SCHED */
	bool rt_groups;  /* CONFIG_RT_GROUP_SCHED */
	bool numa;       /* CONFIG_NUMA_BALANCING */
	struct vr_task_set tasks;
	/* Tasks by CPU, in the order of the set: the first of each CPU, and the next of each task.
	 */
	uint32_t *first, *next;
	/* The last group that was named, and the last queue whose average was taken: most tasks
	 * share one. */
	uint64_t group, queue;
	char path[VR_KERNFS_PATH_SIZE];
	struct vr_cfs_average average;
};

/* A static key. */
static bool is_enabled(struct vr_program *prog, const char *key)
{
	return vr_s64(vr_kernel_global(prog, key), "key.enabled.counter") > 0;
}

/* ---- Lines ---- */

struct split {
	int64_t high;
	uint64_t low;
};

/* Nanoseconds as milliseconds: SPLIT_NS(), whose fraction has lost the sign. */
static struct split split(uint64_t ns)
{
	uint64_t size = (int64_t)ns < 0 ? 0 - ns : ns;
	int64_t high = (int64_t)(size / 1000000);

	return (struct split){(int64_t)ns < 0 ? -high : high, size % 1000000};
}

static void put_ns(struct vr_file *f, const char *name, uint64_t ns)
{
	struct split s = split(ns);

	vr_printf(f, "  .%-30s: %" PRId64 ".%06" PRIu64 "\n", name, s.high, s.low);
}

static void put(struct vr_file *f, const char *name, int64_t value)
{
	vr_printf(f, "  .%-30s: %" PRId64 "\n", name, value);
}

/* Those of a list of members that this kernel has, each under its own name. */
static void put_members(struct vr_file *f, struct vr_obj obj, const char *const *members)
{
	for (; *members; members++)
		if (vr_has(obj, *members))
			put(f, *members, vr_s64(obj, *members));
}

/* ---- Groups ---- */

static bool is_autogroup(struct vr_obj tg)
{
	return vr_has(tg, "autogroup") && vr_u64(tg, "autogroup");
}

/* task_group_path(): "" for the group of nobody. */
static void put_group(struct vr_file *f, struct debug *d, struct vr_obj tg)
{
	if (is_autogroup(tg)) {
		vr_printf(f, "/autogroup-%" PRId64, vr_s64(tg, "autogroup->id"));
		return;
	}
	if (d->group != tg.addr) {
		vr_kernfs_path(vr_deref(tg, "css.cgroup->kn"), d->path);
		d->group = vr_failed(d->prog) ? 0 : tg.addr;
	}
	vr_puts(f, d->path);
}

/* ---- Fair queues ---- */

struct ends {
	bool any;
	struct vr_obj root, first, last; /* struct sched_entity */
};

static struct ends ends_of(struct vr_obj cfs_rq)
{
	struct vr_obj root = vr_get(cfs_rq, "tasks_timeline.rb_root");
	struct vr_rbtree_walk w = vr_rbtree_begin(root, "struct sched_entity", "run_node");
	struct ends ends = {.any = vr_u64(root, "rb_node") != 0};

	if (!ends.any)
		return ends;
	ends.root = vr_container_of(cfs_rq.prog, vr_u64(root, "rb_node"), "struct sched_entity",
				    "run_node");
	ends.first = ends.last = ends.root;
	for (bool begun = false; vr_rbtree_next(&w); begun = true) {
		if (!begun)
			ends.first = w.entry;
		ends.last = w.entry;
	}
	return ends;
}

/* print_cfs_rq() until 6.6 */
static void put_vruntimes(struct vr_file *f, const struct debug *d, struct vr_obj cfs_rq)
{
	struct ends ends = ends_of(cfs_rq);
	uint64_t low = ends.any ? vr_u64(ends.first, "vruntime") : UINT64_MAX;
	uint64_t high = ends.any ? vr_u64(ends.last, "vruntime") : UINT64_MAX;
	uint64_t least = vr_u64(cfs_rq, "min_vruntime");

	put_ns(f, "exec_clock", vr_u64(cfs_rq, "exec_clock"));
	put_ns(f, "MIN_vruntime", low);
	put_ns(f, "min_vruntime", least);
	put_ns(f, "max_vruntime", high);
	put_ns(f, "spread", high - low);
	put_ns(f, "spread0", least - vr_u64(vr_run_queue(d->prog, 0), "cfs.min_vruntime"));
	put(f, "nr_spread_over", vr_s64(cfs_rq, "nr_spread_over"));
}

/* ilog2(), -1 for 0 */
static int bits_of(uint64_t value)
{
	return value ? 63 - __builtin_clzll(value) : -1;
}

/* print_cfs_rq() since 6.6 */
static void put_eevdf(struct vr_file *f, struct vr_obj cfs_rq)
{
	/* Since 6.8, when the tree got sorted by deadlines (2227a957e1d5), the root has the least. */
	bool by_deadline = vr_has_member(cfs_rq.prog, "struct sched_entity", "min_vruntime");
	struct ends ends = ends_of(cfs_rq);
	uint64_t left = UINT64_MAX, right = UINT64_MAX;
	struct vr_cfs_average average;

	if (ends.any) {
		left = by_deadline ? vr_u64(ends.root, "min_vruntime")
				   : vr_u64(ends.first, "vruntime");
		right = vr_u64(ends.last, "vruntime");
	}
	vr_cfs_average_read(cfs_rq, &average);
	if (by_deadline)
		put_ns(f, "left_deadline", ends.any ? vr_u64(ends.first, "deadline") : UINT64_MAX);
	put_ns(f, "left_vruntime", left);
	put_ns(f, vr_has(cfs_rq, "zero_vruntime") ? "zero_vruntime" : "min_vruntime",
	       (uint64_t)average.zero);
	if (vr_has(cfs_rq, "sum_shift")) {
		int64_t sum = vr_s64(cfs_rq, "sum_w_vruntime");

		vr_printf(f, "  .%-30s: %" PRId64 " (%d bits)\n", "sum_w_vruntime", sum,
			  bits_of(sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum));
		put(f, "sum_weight", vr_s64(cfs_rq, "sum_weight"));
		put(f, "sum_shift", vr_s64(cfs_rq, "sum_shift"));
	}
	put_ns(f, "avg_vruntime", (uint64_t)vr_cfs_average_vruntime(&average));
	put_ns(f, "right_vruntime", right);
	put_ns(f, "spread", right - left);
	if (vr_has(cfs_rq, "nr_spread_over"))
		put(f, "nr_spread_over", vr_s64(cfs_rq, "nr_spread_over"));
}

static void put_queue_lengths(struct vr_file *f, struct vr_obj cfs_rq)
{
	static const char *const counts[] = {
		"nr_queued", "nr_running",   "h_nr_runnable",   "h_nr_queued",       "h_nr_delayed",
		"h_nr_idle", "h_nr_running", "idle_nr_running", "idle_h_nr_running", NULL};
	static const char *const nr_running[] = {"nr_running", NULL};

	/* 5.10 shows one, the others came with idle_nr_running (5.15 to 6.13). */
	put_members(f, cfs_rq,
		    vr_has(cfs_rq, "nr_running") && !vr_has(cfs_rq, "idle_nr_running") ? nr_running
										       : counts);
}

static void put_loads(struct vr_file *f, struct vr_obj cfs_rq)
{
	static const char *const removed[] = {"removed.load_avg", "removed.util_avg",
					      "removed.runnable_avg", NULL};

	put(f, "load", vr_s64(cfs_rq, "load.weight"));
	if (vr_has(cfs_rq, "avg")) {
		put(f, "load_avg", vr_s64(cfs_rq, "avg.load_avg"));
		put(f, "runnable_avg", vr_s64(cfs_rq, "avg.runnable_avg"));
		put(f, "util_avg", vr_s64(cfs_rq, "avg.util_avg"));
		/* One number since 6.8 (11137d384996). */
		if (vr_has(cfs_rq, "avg.util_est.enqueued"))
			put(f, "util_est_enqueued", vr_s64(cfs_rq, "avg.util_est.enqueued"));
		else
			put(f, "util_est", vr_s64(cfs_rq, "avg.util_est"));
		put_members(f, cfs_rq, removed);
		if (vr_has(cfs_rq, "tg_load_avg_contrib")) {
			put(f, "tg_load_avg_contrib", vr_s64(cfs_rq, "tg_load_avg_contrib"));
			put(f, "tg_load_avg", vr_s64(cfs_rq, "tg->load_avg.counter"));
		}
	}
	if (vr_has(cfs_rq, "throttle_count")) {
		put(f, "throttled", vr_s64(cfs_rq, "throttled"));
		put(f, "throttle_count", vr_s64(cfs_rq, "throttle_count"));
	}
}

/* A group's entity on a CPU; !vr_ok(): the root group, which has none. */
static struct vr_obj entity_of(struct vr_obj cfs_rq, unsigned cpu)
{
	struct vr_program *prog = cfs_rq.prog;
	uint64_t tg = vr_u64(cfs_rq, "tg");
	struct vr_obj entity;

	if (tg == vr_symbol(prog, "root_task_group"))
		return (struct vr_obj){.prog = prog};
	/* tg_se(): since 7.x both lie in one structure. */
	if (!vr_has_member(prog, "struct task_group", "se"))
		return vr_get(vr_container_of(prog, cfs_rq.addr, "struct cfs_tg_state", "cfs_rq"),
			      "se");
	entity = vr_index(vr_get(vr_at(prog, "struct task_group", tg), "se"), cpu);
	if (!vr_u64(entity, ""))
		return (struct vr_obj){.prog = prog};
	return vr_deref(entity, "");
}

/* __schedstats_from_se(): a part of the entity until 5.16. */
static struct vr_obj statistics_of(struct vr_obj se)
{
	if (vr_has(se, "statistics"))
		return vr_get(se, "statistics");
	return vr_get(vr_container_of(se.prog, se.addr,
				      vr_type_find(se.prog, "struct cfs_tg_state")
					      ? "struct cfs_tg_state"
					      : "struct sched_entity_stats",
				      "se"),
		      "stats");
}

/* print_cfs_group_stats() */
static void put_entity(struct vr_file *f, const struct debug *d, struct vr_obj se)
{
	/* Each by its name now, and by that until 5.16. */
	static const char *const times[][2] = {
		{"wait_start", "se->statistics.wait_start"},
		{"sleep_start", "se->statistics.sleep_start"},
		{"block_start", "se->statistics.block_start"},
		{"sleep_max", "se->statistics.sleep_max"},
		{"block_max", "se->statistics.block_max"},
		{"exec_max", "se->statistics.exec_max"},
		{"slice_max", "se->statistics.slice_max"},
		{"wait_max", "se->statistics.wait_max"},
		{"wait_sum", "se->statistics.wait_sum"},
	};
	bool old = vr_has(se, "statistics");

	put_ns(f, "se->exec_start", vr_u64(se, "exec_start"));
	put_ns(f, "se->vruntime", vr_u64(se, "vruntime"));
	put_ns(f, "se->sum_exec_runtime", vr_u64(se, "sum_exec_runtime"));
	if (d->statistics) {
		struct vr_obj stats = statistics_of(se);

		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			put_ns(f, times[i][old], vr_u64(stats, times[i][0]));
		put(f, old ? "se->statistics.wait_count" : "wait_count",
		    vr_s64(stats, "wait_count"));
	}
	put(f, "se->load.weight", vr_s64(se, "load.weight"));
	if (vr_has(se, "avg")) {
		put(f, "se->avg.load_avg", vr_s64(se, "avg.load_avg"));
		put(f, "se->avg.util_avg", vr_s64(se, "avg.util_avg"));
		put(f, "se->avg.runnable_avg", vr_s64(se, "avg.runnable_avg"));
	}
}

static void put_cfs_rq(struct vr_file *f, struct debug *d, unsigned cpu, struct vr_obj cfs_rq)
{
	vr_printf(f, "\ncfs_rq[%u]:", cpu);
	if (vr_has(cfs_rq, "tg"))
		put_group(f, d, vr_deref(cfs_rq, "tg"));
	vr_puts(f, "\n");
	if (d->eevdf)
		put_eevdf(f, cfs_rq);
	else
		put_vruntimes(f, d, cfs_rq);
	put_queue_lengths(f, cfs_rq);
	put_loads(f, cfs_rq);
	if (vr_has(cfs_rq, "tg")) {
		struct vr_obj se = entity_of(cfs_rq, cpu);

		if (vr_ok(se))
			put_entity(f, d, se);
	}
}

static void put_fair(struct vr_file *f, struct debug *d, unsigned cpu, struct vr_obj rq)
{
	struct vr_list_walk w;

	if (!vr_has(rq, "leaf_cfs_rq_list")) {
		put_cfs_rq(f, d, cpu, vr_get(rq, "cfs"));
		return;
	}
	w = vr_list_begin(vr_get(rq, "leaf_cfs_rq_list"), "struct cfs_rq", "leaf_cfs_rq_list");
	while (vr_list_next(&w))
		put_cfs_rq(f, d, cpu, w.entry);
}

/* ---- Real-time and deadline queues ---- */

static void put_rt_rq(struct vr_file *f, struct debug *d, unsigned cpu, struct vr_obj rt_rq)
{
	static const char *const counts[] = {"rt_nr_running", "rt_nr_migratory", "rt_throttled",
					     NULL};

	vr_printf(f, "\nrt_rq[%u]:", cpu);
	if (d->rt_groups)
		put_group(f, d, vr_deref(rt_rq, "tg"));
	vr_puts(f, "\n");
	put_members(f, rt_rq, counts);
	/* Since 6.12 of groups only (5f6bd380c7bd). */
	if (vr_has(rt_rq, "rt_time")) {
		put_ns(f, "rt_time", vr_u64(rt_rq, "rt_time"));
		put_ns(f, "rt_runtime", vr_u64(rt_rq, "rt_runtime"));
	}
}

/* for_each_rt_rq(): with CONFIG_RT_GROUP_SCHED that of each group, the root group the first. */
static void put_rt(struct vr_file *f, struct debug *d, unsigned cpu, struct vr_obj rq)
{
	struct vr_list_walk w;
	struct vr_obj rt_rq;

	if (!d->rt_groups) {
		put_rt_rq(f, d, cpu, vr_get(rq, "rt"));
		return;
	}
	w = vr_list_begin(vr_kernel_global(d->prog, "task_groups"), "struct task_group", "list");
	while (vr_list_next(&w)) {
		if (is_autogroup(w.entry))
			continue;
		rt_rq = vr_index(vr_get(w.entry, "rt_rq"), cpu);
		if (!vr_u64(rt_rq, ""))
			break;
		put_rt_rq(f, d, cpu, vr_deref(rt_rq, ""));
		/* Groups may be switched off when booting, since 6.15. */
		if (vr_has_symbol(d->prog, "rt_group_sched") &&
		    !is_enabled(d->prog, "rt_group_sched"))
			break;
	}
}

static void put_deadline(struct vr_file *f, unsigned cpu, struct vr_obj rq)
{
	static const char *const counts[] = {"dl_nr_running", "dl_nr_migratory", NULL};

	vr_printf(f, "\ndl_rq[%u]:\n", cpu);
	put_members(f, vr_get(rq, "dl"), counts);
	put(f, "dl_bw->bw", vr_s64(rq, "rd->dl_bw.bw"));
	put(f, "dl_bw->total_bw", vr_s64(rq, "rd->dl_bw.total_bw"));
}

/* ---- Tasks ---- */

/* cfs_rq_of() and entity_eligible() */
static bool is_eligible(struct debug *d, struct vr_obj task, unsigned cpu)
{
	struct vr_obj queue = vr_has(task, "se.cfs_rq") ? vr_deref(task, "se.cfs_rq")
							: vr_get(vr_run_queue(d->prog, cpu), "cfs");

	if (d->queue != queue.addr)
		d->queue = vr_cfs_average_read(queue, &d->average) ? queue.addr : 0;
	return vr_cfs_is_eligible(&d->average, vr_s64(task, "se.vruntime"));
}

static struct split statistic(const struct debug *d, struct vr_obj task, const char *path)
{
	return split(d->statistics ? vr_u64(task, path) : 0);
}

static void put_times(struct vr_file *f, const struct debug *d, struct vr_obj task)
{
	struct split wait = statistic(d, task, "stats.wait_sum|se.statistics.wait_sum");
	struct split sleep =
		statistic(d, task, "stats.sum_sleep_runtime|se.statistics.sum_sleep_runtime");
	struct split run = split(vr_u64(task, "se.sum_exec_runtime")), block;

	vr_printf(f, "%9" PRId64 ".%06" PRIu64 " ", wait.high, wait.low);
	if (!d->realigned)
		vr_printf(f, "%9" PRId64 ".%06" PRIu64 " ", run.high, run.low);
	vr_printf(f, "%9" PRId64 ".%06" PRIu64, sleep.high, sleep.low);
	/* Since 5.16 (847fc0cd0664). */
	if (vr_has(task, "stats.sum_block_runtime")) {
		block = statistic(d, task, "stats.sum_block_runtime");
		vr_printf(f, " %9" PRId64 ".%06" PRIu64, block.high, block.low);
	}
}

static void put_task(struct vr_file *f, struct debug *d, struct vr_obj rq, unsigned cpu,
		     struct vr_obj task)
{
	struct split vruntime = split(vr_u64(task, "se.vruntime"));
	bool runs = vr_u64(rq, "curr") == task.addr;
	char comm[16];

	vr_printf(f, "%c%c", runs ? '>' : ' ', runs ? 'R' : vr_task_state(task));
	vr_printf(f, d->eevdf && !d->realigned ? "%15s %5d " : " %15s %5d ",
		  vr_task_comm(task, comm), (int)vr_s64(task, "pid"));
	vr_printf(f, "%9" PRId64 ".%06" PRIu64, vruntime.high, vruntime.low);
	if (d->eevdf) {
		struct split deadline = split(vr_u64(task, "se.deadline"));
		struct split slice = split(vr_u64(task, "se.slice"));
		struct split run = split(vr_u64(task, "se.sum_exec_runtime"));
		const char *gap = d->realigned ? "   " : " ";

		vr_printf(f, "%s%c%s%9" PRId64 ".%06" PRIu64 " ", gap,
			  is_eligible(d, task, cpu) ? 'E' : 'N', gap, deadline.high, deadline.low);
		if (vr_has(task, "se.custom_slice"))
			vr_puts(f, vr_u64(task, "se.custom_slice") ? "S " : "  ");
		vr_printf(f, "%9" PRId64 ".%06" PRIu64 " %9" PRId64 ".%06" PRIu64, slice.high,
			  slice.low, run.high, run.low);
	}
	vr_printf(f, " %9" PRId64 "%s%5d ",
		  (int64_t)(vr_u64(task, "nvcsw") + vr_u64(task, "nivcsw")),
		  d->realigned ? "   " : " ", (int)vr_s64(task, "prio"));
	put_times(f, d, task);
	if (d->numa) {
		int node = (int)vr_s64(vr_kernel_per_cpu(d->prog, "numa_node", cpu), "");
		int gid = vr_u64(task, "numa_group") ? (int)vr_s64(task, "numa_group->gid") : 0;

		vr_printf(f, d->realigned ? "   %d      %d" : " %d %d", node, gid);
	}
	if (d->groups) {
		vr_puts(f, d->realigned ? "        " : " ");
		put_group(f, d, vr_deref(task, "sched_task_group"));
	}
	vr_puts(f, "\n");
}

static void put_dashes(struct vr_file *f, unsigned count)
{
	while (count--)
		vr_puts(f, "-");
}

static void put_table_head(struct vr_file *f, const struct debug *d)
{
	vr_puts(f, "\nrunnable tasks:\n");
	if (!d->realigned) {
		vr_puts(f, " S            task   PID         tree-key  switches  prio"
			   "     wait-time             sum-exec        sum-sleep\n");
		put_dashes(f, 109);
	} else {
		vr_puts(f, " S            task   PID       vruntime   eligible    deadline"
			   "             slice          sum-exec      switches  prio"
			   "         wait-time        sum-sleep       sum-block");
		vr_puts(f, d->numa ? "  node   group-id" : "");
		vr_puts(f, d->groups ? "  group-path\n" : "\n");
		put_dashes(f, 163 + 14 * d->numa + 14 * d->groups);
	}
	vr_puts(f, "\n");
}

/* Tasks in the order of their list, by CPU: no walk over all of them for each. */
static void sort_tasks(struct debug *d)
{
	uint32_t *last = calloc(d->online.nr, sizeof(*last));

	d->first = malloc(d->online.nr * sizeof(*d->first));
	d->next = malloc((d->tasks.count + 1) * sizeof(*d->next));
	if (!last || !d->first || !d->next || d->tasks.count >= NO_TASK) {
		vr_latch(d->prog, VR_NOMEM, "no memory for %zu tasks", d->tasks.count);
		free(last);
		return;
	}
	for (unsigned cpu = 0; cpu < d->online.nr; cpu++)
		d->first[cpu] = NO_TASK;
	for (uint32_t i = 0; i < d->tasks.count; i++) {
		uint64_t cpu;

		d->next[i] = NO_TASK;
		if (vr_try_u64(vr_task_set_at(&d->tasks, i), "thread_info.cpu|cpu", &cpu) !=
			    VR_OK ||
		    cpu >= d->online.nr)
			continue;
		if (d->first[cpu] == NO_TASK)
			d->first[cpu] = i;
		else
			d->next[last[cpu]] = i;
		last[cpu] = i;
	}
	free(last);
}

/* ---- The file ---- */

/* The number of a member of 4 bytes is shown as an int since 6.6 or so: nr_uninterruptible may be
 * negative. */
static void put_rq_number(struct vr_file *f, const struct debug *d, struct vr_obj rq,
			  const char *member)
{
	struct vr_obj obj = vr_get(rq, member);
	int64_t value = vr_s64(obj, "");

	put(f, member, d->eevdf && vr_type_size(obj.type) == 4 ? (int32_t)value : value);
}

static void put_rq(struct vr_file *f, const struct debug *d, struct vr_obj rq)
{
	static const char *const balance[] = {"avg_idle", "max_idle_balance_cost", NULL};
	static const char *const counts[] = {"yld_count",  "sched_count", "sched_goidle",
					     "ttwu_count", "ttwu_local",  NULL};

	put_rq_number(f, d, rq, "nr_running");
	put_rq_number(f, d, rq, "nr_switches");
	put_rq_number(f, d, rq, "nr_uninterruptible");
	put_ns(f, "next_balance", vr_u64(rq, "next_balance"));
	put(f, "curr->pid", vr_s64(rq, "curr->pid"));
	put_ns(f, "clock", vr_u64(rq, "clock"));
	put_ns(f, "clock_task", vr_u64(rq, "clock_task"));
	put_members(f, rq, balance);
	if (d->statistics)
		put_members(f, rq, counts);
}

static void put_cpu(struct vr_file *f, struct debug *d, unsigned cpu)
{
	struct vr_obj rq = vr_run_queue(d->prog, cpu);
	uint32_t khz = (uint32_t)vr_u64(vr_kernel_global(d->prog, "cpu_khz"), "");

	vr_row_begin(f);
	khz = khz ? khz : 1;
	vr_printf(f, "cpu#%u, %u.%03u MHz\n", cpu, khz / 1000, khz % 1000);
	put_rq(f, d, rq);
	vr_row_end(f);
	vr_row_begin(f);
	put_fair(f, d, cpu, rq);
	vr_row_end(f);
	vr_row_begin(f);
	put_rt(f, d, cpu, rq);
	vr_row_end(f);
	vr_row_begin(f);
	put_deadline(f, cpu, rq);
	vr_row_end(f);
	put_table_head(f, d);
	for (uint32_t i = d->first[cpu]; i != NO_TASK; i = d->next[i]) {
		vr_row_begin(f);
		put_task(f, d, rq, cpu, vr_task_set_at(&d->tasks, i));
		vr_row_end(f);
	}
	vr_puts(f, "\n");
}

static void put_clock(struct vr_file *f, const char *name, uint64_t ns)
{
	struct split s = split(ns);

	vr_printf(f, "%-40s: %" PRId64 ".%06" PRIu64 "\n", name, s.high, s.low);
}

/* The clocks when the scheduler last looked at them: a dump has no counter that would tell what the
 * time was when the machine stopped. */
static void put_clocks(struct vr_file *f, struct debug *d)
{
	bool stable = is_enabled(d->prog, "__sched_clock_stable");
	uint64_t cpu_clock = 0, raw = 0;
	struct vr_clocks clocks;

	vr_clocks_read(d->prog, &clocks);
	if (stable) {
		cpu_clock = vr_sched_now(d->prog);
		raw = cpu_clock - vr_u64(vr_kernel_global(d->prog, "__sched_clock_offset"), "");
	}
	for (unsigned cpu = 0; !stable && (cpu = vr_cpumask_next(&d->online, cpu)) < d->online.nr;
	     cpu++) {
		struct vr_obj data = vr_kernel_per_cpu(d->prog, "sched_clock_data", cpu);
		uint64_t clock = vr_u64(data, "clock");

		if (clock > cpu_clock) {
			cpu_clock = clock;
			raw = vr_u64(data, "tick_raw");
		}
	}
	put_clock(f, "ktime", (uint64_t)clocks.monotonic_ns);
	put_clock(f, "sched_clk", raw);
	put_clock(f, "cpu_clk", cpu_clock);
	vr_printf(f, "%-40s: %" PRId64 "\n", "jiffies", (int64_t)vr_jiffies(d->prog));
	vr_printf(f, "%-40s: %d\n", "sched_clock_stable()", stable);
}

static void put_settings(struct vr_file *f, struct vr_program *prog)
{
	static const char *const times[] = {"sysctl_sched_latency",
					    "sysctl_sched_min_granularity",
					    "sysctl_sched_idle_min_granularity",
					    "sysctl_sched_wakeup_granularity",
					    "sysctl_sched_base_slice",
					    NULL};
	uint32_t scaling =
		(uint32_t)vr_u64(vr_kernel_global(prog, "sysctl_sched_tunable_scaling"), "");
	char name[32];

	vr_puts(f, "\nsysctl_sched\n");
	for (size_t i = 0; times[i]; i++) {
		struct split s;

		if (!vr_has_symbol(prog, times[i]))
			continue;
		s = split(vr_u64(vr_kernel_global(prog, times[i]), ""));
		vr_printf(f, "  .%-40s: %" PRId64 ".%06" PRIu64 "\n", times[i], s.high, s.low);
	}
	if (vr_has_symbol(prog, "sysctl_sched_child_runs_first"))
		vr_printf(f, "  .%-40s: %" PRIu64 "\n", "sysctl_sched_child_runs_first",
			  vr_u64(vr_kernel_global(prog, "sysctl_sched_child_runs_first"), ""));
	vr_printf(f, "  .%-40s: %" PRIu64 "\n", "sysctl_sched_features",
		  vr_u64(vr_kernel_global(prog, "sysctl_sched_features"), ""));
	vr_str(vr_index(vr_kernel_global(prog, "sched_tunable_scaling_names"), scaling), "", name,
	       sizeof(name));
	vr_printf(f, "  .%-40s: %u (%s)\n\n", "sysctl_sched_tunable_scaling", scaling, name);
}

static void read_debug(struct vr_program *prog, struct debug *d)
{
	d->prog = prog;
	d->statistics =
		vr_has_symbol(prog, "sched_schedstats") && is_enabled(prog, "sched_schedstats");
	d->eevdf = vr_has_member(prog, "struct sched_entity", "deadline");
	d->realigned = vr_has_member(prog, "struct sched_entity", "custom_slice");
	d->groups = vr_has_member(prog, "struct task_struct", "sched_task_group");
	d->rt_groups = vr_has_member(prog, "struct task_group", "rt_rq");
	d->numa = vr_has_member(prog, "struct task_struct", "numa_group");
	vr_cpus_online(prog, &d->online);
	vr_task_set_read(prog, &d->tasks);
	if (!vr_failed(prog))
		sort_tasks(d);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct debug *d = calloc(1, sizeof(*d));
	struct vr_utsname uts;

	if (!d) {
		vr_latch(key->prog, VR_NOMEM, "no memory");
		return;
	}
	read_debug(key->prog, d);
	vr_utsname_read(key->prog, &uts);
	vr_printf(f, "Sched Debug Version: v0.11, %s %.*s\n", uts.release,
		  (int)strcspn(uts.version, " "), uts.version);
	put_clocks(f, d);
	put_settings(f, key->prog);
	for (unsigned cpu = 0;
	     !vr_failed(key->prog) && (cpu = vr_cpumask_next(&d->online, cpu)) < d->online.nr;
	     cpu++)
		put_cpu(f, d, cpu);
	vr_task_set_free(&d->tasks);
	free(d->first);
	free(d->next);
	free(d);
}

/* Moved from proc to debugfs in 5.13 (d27e9ae2f244). */
static bool in_debugfs(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "sched_debug_sops") &&
	       vr_has_symbol(key->prog, "debugfs_sched");
}

static bool in_proc(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "sched_debug_sops") && !in_debugfs(key);
}

#define SOURCE                                                                                     \
	"runqueues, cfs_rq, task_struct; clocks when the scheduler last read them; CPUs online "   \
	"before the panic"
VR_EMITTER(.path = "proc/sched_debug", .source = SOURCE, .exists = in_proc, .emit = emit)
VR_EMITTER(.path = "sys/kernel/debug/sched/debug", .source = SOURCE, .exists = in_debugfs,
	   .emit = emit)
