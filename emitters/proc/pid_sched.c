// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/sched (proc_sched_show_task() in kernel/sched/debug.c). */
#include "kernel/function_text.h"
#include "kernel/globals.h"
#include "kernel/task.h"
#include "kernel/task_pid.h"
#include "kernel/zone.h"
#include "object/memo.h"
#include "pid_emitter.h"

#define SCHED_DEADLINE 6 /* include/uapi/linux/sched.h */
#define SCHED_BATCH 3
#define SCHED_EXT 7
#define UTIL_AVG_UNCHANGED 0x80000000u

struct facts {
	bool known;
	bool statistics; /* schedstat_enabled() */
	bool slice, ext_line, ext_enabled;
	uint64_t ext_class;
	struct vr_nodemask nodes; /* online */
};

static bool key_enabled(struct vr_program *prog, const char *name)
{
	return vr_s64(vr_kernel_global(prog, name), "key.enabled.counter") > 0;
}

static const struct facts *facts_of(struct vr_program *prog)
{
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));

	if (!facts || facts->known)
		return facts;
	facts->statistics =
		vr_has_symbol(prog, "sched_schedstats") && key_enabled(prog, "sched_schedstats");
	facts->slice = vr_function_has_text(prog, "proc_sched_show_task", "se.slice");
	facts->ext_line = vr_function_has_text(prog, "proc_sched_show_task", "ext.enabled");
	if (facts->ext_line) {
		facts->ext_enabled = key_enabled(prog, "__scx_enabled");
		facts->ext_class = vr_symbol(prog, "ext_sched_class");
	}
	if (vr_has_member(prog, "struct task_struct", "numa_preferred_nid"))
		vr_nodemask_read(prog, "N_ONLINE", &facts->nodes);
	facts->known = !vr_failed(prog);
	return facts->known ? facts : NULL;
}

static void put(struct vr_file *f, const char *label, uint64_t value)
{
	vr_printf(f, "%-45s:%21" PRId64 "\n", label, (int64_t)value);
}

/* Nanoseconds as milliseconds: SPLIT_NS(). */
static void put_ns(struct vr_file *f, const char *label, uint64_t ns)
{
	uint64_t size = (int64_t)ns < 0 ? 0 - ns : ns;
	int64_t high = (int64_t)(size / 1000000);

	vr_printf(f, "%-45s:%14" PRId64 ".%06" PRIu64 "\n", label, (int64_t)ns < 0 ? -high : high,
		  size % 1000000);
}

/* The names are those of the members, which moved out of sched_entity in 5.16 (ceeadb83aea2). */
#define PUT(member) put(f, #member, vr_u64(task, #member))
#define PUT_NS(member) put_ns(f, #member, vr_u64(task, #member))
#define PUT_STAT(member)                                                                           \
	put(f, moved ? #member : "se.statistics." #member,                                         \
	    vr_u64(task, "stats." #member "|se.statistics." #member))
#define PUT_STAT_NS(member)                                                                        \
	put_ns(f, moved ? #member : "se.statistics." #member,                                      \
	       vr_u64(task, "stats." #member "|se.statistics." #member))

static void put_statistics(struct vr_file *f, struct vr_obj task, uint64_t switches)
{
	uint64_t runtime = vr_u64(task, "se.sum_exec_runtime");
	uint64_t migrations = vr_u64(task, "se.nr_migrations");
	bool moved = vr_has(task, "stats.wait_start");

	PUT_STAT_NS(sum_sleep_runtime);
	if (vr_has(task, "stats.sum_block_runtime"))
		PUT_STAT_NS(sum_block_runtime);
	PUT_STAT_NS(wait_start);
	PUT_STAT_NS(sleep_start);
	PUT_STAT_NS(block_start);
	PUT_STAT_NS(sleep_max);
	PUT_STAT_NS(block_max);
	PUT_STAT_NS(exec_max);
	PUT_STAT_NS(slice_max);
	PUT_STAT_NS(wait_max);
	PUT_STAT_NS(wait_sum);
	PUT_STAT(wait_count);
	PUT_STAT_NS(iowait_sum);
	PUT_STAT(iowait_count);
	PUT_STAT(nr_migrations_cold);
	PUT_STAT(nr_failed_migrations_affine);
	PUT_STAT(nr_failed_migrations_running);
	PUT_STAT(nr_failed_migrations_hot);
	PUT_STAT(nr_forced_migrations);
	PUT_STAT(nr_wakeups);
	PUT_STAT(nr_wakeups_sync);
	PUT_STAT(nr_wakeups_migrate);
	PUT_STAT(nr_wakeups_local);
	PUT_STAT(nr_wakeups_remote);
	PUT_STAT(nr_wakeups_affine);
	PUT_STAT(nr_wakeups_affine_attempts);
	PUT_STAT(nr_wakeups_passive);
	PUT_STAT(nr_wakeups_idle);
	put_ns(f, "avg_atom", switches ? runtime / switches : UINT64_MAX);
	put_ns(f, "avg_per_cpu", migrations ? runtime / migrations : UINT64_MAX);
	if (vr_has(task, "stats.core_forceidle_sum"))
		PUT_STAT_NS(core_forceidle_sum);
}

static void put_load(struct vr_file *f, struct vr_obj task)
{
	PUT(se.load.weight);
	if (!vr_has(task, "se.avg"))
		return;
	PUT(se.avg.load_sum);
	PUT(se.avg.runnable_sum);
	PUT(se.avg.util_sum);
	PUT(se.avg.load_avg);
	PUT(se.avg.runnable_avg);
	PUT(se.avg.util_avg);
	PUT(se.avg.last_update_time);
	/* One number since 6.8 (11137d384996). */
	if (vr_has(task, "se.avg.util_est.ewma")) {
		PUT(se.avg.util_est.ewma);
		put(f, "se.avg.util_est.enqueued",
		    vr_u64(task, "se.avg.util_est.enqueued") & ~(uint64_t)UTIL_AVG_UNCHANGED);
	} else {
		put(f, "se.avg.util_est",
		    vr_u64(task, "se.avg.util_est") & ~(uint64_t)UTIL_AVG_UNCHANGED);
	}
}

/* uclamp_eff_value() in kernel/sched/core.c; which: 0 UCLAMP_MIN, 1 UCLAMP_MAX. */
static uint64_t effective_clamp(struct vr_obj task, unsigned which)
{
	struct vr_obj active = vr_index(vr_get(task, "uclamp"), which);
	uint64_t value, system, group = vr_u64(task, "sched_task_group"), min, max;
	struct vr_obj tg;

	if (vr_u64(active, "active"))
		return vr_u64(active, "value");
	value = vr_u64(vr_index(vr_get(task, "uclamp_req"), which), "value");
	if (vr_has_member(task.prog, "struct task_group", "uclamp") && group &&
	    group != vr_symbol(task.prog, "root_task_group")) {
		tg = vr_at(task.prog, "struct task_group", group);
		/* Autogroups don't restrict. */
		if (!vr_has(tg, "autogroup") || !vr_u64(tg, "autogroup")) {
			min = vr_u64(tg, "uclamp[0].value");
			max = vr_u64(tg, "uclamp[1].value");
			value = value < min ? min : value;
			value = value > max ? max : value;
		}
	}
	system = vr_u64(vr_index(vr_kernel_global(task.prog, "uclamp_default"), which), "value");
	return value > system ? system : value;
}

static void put_clamps(struct vr_file *f, struct vr_obj task)
{
	put(f, "uclamp.min", vr_u64(task, "uclamp_req[0].value"));
	put(f, "uclamp.max", vr_u64(task, "uclamp_req[1].value"));
	put(f, "effective uclamp.min", effective_clamp(task, 0));
	put(f, "effective uclamp.max", effective_clamp(task, 1));
}

static void put_policy(struct vr_file *f, struct vr_obj task, const struct facts *facts)
{
	uint64_t policy = vr_u64(task, "policy");

	PUT(policy);
	put(f, "prio", vr_u64(task, "prio"));
	if (policy == SCHED_DEADLINE) {
		put(f, "dl.runtime", vr_u64(task, "dl.runtime"));
		put(f, "dl.deadline", vr_u64(task, "dl.deadline"));
	} else if (facts->slice &&
		   (!policy || policy == SCHED_BATCH || (facts->ext_line && policy == SCHED_EXT))) {
		PUT(se.slice);
	}
	if (facts->ext_line)
		put(f, "ext.enabled",
		    facts->ext_enabled && vr_u64(task, "sched_class") == facts->ext_class);
}

/* sched_show_numa(), show_numa_stats() in kernel/sched/fair.c. */
static void put_numa(struct vr_file *f, struct vr_obj task, const struct facts *facts)
{
	struct vr_program *prog = task.prog;
	uint64_t group = vr_u64(task, "numa_group"), faults = vr_u64(task, "numa_faults");
	uint64_t group_faults = 0, gid = 0;
	struct vr_obj word;

	if (vr_u64(task, "mm"))
		put(f, "mm->numa_scan_seq", vr_u64(task, "mm->numa_scan_seq"));
	PUT(numa_pages_migrated);
	PUT(numa_preferred_nid);
	PUT(total_numa_faults);
	if (group) {
		gid = vr_u64(task, "numa_group->gid");
		group_faults = vr_get(task, "numa_group->faults").addr;
	}
	vr_printf(f, "current_node=%" PRId64 ", numa_group_id=%" PRIu64 "\n",
		  vr_s64(vr_kernel_per_cpu(prog, "numa_node", vr_task_cpu(task)), ""), gid);
	word = vr_at(prog, "unsigned long", 0);
	for (unsigned node = 0; node < facts->nodes.nr && !vr_failed(prog); node++) {
		/* task_faults_idx(NUMA_MEM, node, priv): private ones, then shared, by node. */
		uint64_t values[4] = {0};

		if (!vr_nodemask_test(&facts->nodes, node))
			continue;
		for (unsigned i = 0; i < 4; i++) {
			uint64_t base = i < 2 ? faults : group_faults;

			word.addr = base + 8 * (2ull * node + i % 2);
			if (base)
				values[i] = vr_u64(word, "");
		}
		vr_printf(f,
			  "numa_faults node=%u task_private=%" PRIu64 " task_shared=%" PRIu64
			  " group_private=%" PRIu64 " group_shared=%" PRIu64 "\n",
			  node, values[1], values[0], values[3], values[2]);
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	const struct facts *facts = facts_of(key->prog);
	struct vr_obj task = key->obj;
	uint64_t switches = vr_u64(task, "nvcsw") + vr_u64(task, "nivcsw");
	char comm[16];

	if (!facts)
		return;
	vr_printf(f, "%s (%" PRId64 ", #threads: %" PRIu64 ")\n", vr_task_comm(task, comm),
		  vr_task_pid_nr(task, VR_PID_THREAD), vr_u64(task, "signal->nr_threads"));
	vr_puts(f, "-------------------------------------------------------------------\n");
	PUT_NS(se.exec_start);
	PUT_NS(se.vruntime);
	PUT_NS(se.sum_exec_runtime);
	PUT(se.nr_migrations);
	if (facts->statistics)
		put_statistics(f, task, switches);
	put(f, "nr_switches", switches);
	put(f, "nr_voluntary_switches", vr_u64(task, "nvcsw"));
	put(f, "nr_involuntary_switches", vr_u64(task, "nivcsw"));
	put_load(f, task);
	if (vr_has(task, "uclamp_req"))
		put_clamps(f, task);
	put_policy(f, task, facts);
	/* How far the clock goes between two looks at it: a dump's stands still. */
	put(f, "clock-delta", 0);
	if (vr_has(task, "numa_preferred_nid"))
		put_numa(f, task, facts);
}

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "sched");
}

VR_EMITTER(.path = "proc/{pid}/sched", .source = "task_struct.se", .exists = exists, .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/sched", .source = "task_struct.se", .exists = exists,
	   .emit = emit)
