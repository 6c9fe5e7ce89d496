// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/<pid>/oom_score, oom_score_adj and oom_adj (fs/proc/base.c; oom_badness() in
 * mm/oom_kill.c).
 */
#include "kernel/function_code.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/mm.h"
#include "kernel/task_pid.h"
#include "object/memo.h"
#include "pid_emitter.h"

/* include/uapi/linux/oom.h, include/linux/sched/coredump.h; macros. */
#define OOM_SCORE_ADJ_MIN (-1000)
#define OOM_SCORE_ADJ_MAX 1000
#define OOM_DISABLE (-17)
#define OOM_ADJUST_MAX 15
#define MMF_OOM_SKIP 21

#define MAX_PAGES (1ull << 52)

struct facts {
	bool known, exact;
	int64_t total; /* pages of memory and swap */
};

static const struct facts *facts_of(struct vr_program *prog)
{
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));
	uint64_t ram, swap;

	if (!facts || facts->known)
		return facts;
	ram = vr_u64(vr_kernel_global(prog, "_totalram_pages"), "counter");
	swap = vr_u64(vr_kernel_global(prog, "total_swap_pages"), "");
	if (!vr_failed(prog) && (!ram || ram > MAX_PAGES || swap > MAX_PAGES))
		vr_latch(prog, VR_CORRUPT, "%" PRIu64 " pages of memory and %" PRIu64 " of swap",
			 ram, swap);
	facts->total = (int64_t)(ram + swap);
	facts->exact = vr_function_calls(prog, "oom_badness", "__percpu_counter_sum");
	facts->known = !vr_failed(prog);
	return facts->known ? facts : NULL;
}

/* find_lock_task_mm(): the first thread's that has one. */
static struct vr_obj thread_with_mm(struct vr_obj task)
{
	struct vr_list_walk threads = vr_list_begin(vr_get(task, "signal->thread_head"),
						    "struct task_struct", "thread_node");

	while (vr_list_next(&threads))
		if (vr_u64(threads.entry, "mm"))
			return threads.entry;
	return (struct vr_obj){.prog = task.prog};
}

/* oom_badness(); false: it is never killed. */
static bool badness(struct vr_obj task, const struct facts *facts, int64_t *points)
{
	int64_t adj = vr_s64(task, "signal->oom_score_adj");
	struct vr_mm_counters counters;
	struct vr_obj mm;

	if (vr_task_pid_nr(task, VR_PID_PROCESS) == 1 || vr_u64(task, "flags") & PF_KTHREAD)
		return false;
	task = thread_with_mm(task);
	if (!vr_ok(task))
		return false;
	mm = vr_deref(task, "mm");
	if (adj == OOM_SCORE_ADJ_MIN || vr_mm_flags(mm) >> MMF_OOM_SKIP & 1)
		return false;
	/* in_vfork() */
	if (vr_u64(task, "vfork_done") && vr_u64(task, "real_parent->mm") == mm.addr)
		return false;
	vr_mm_counters_read(mm, facts->exact, &counters);
	*points = (int64_t)(counters.file + counters.anon + counters.shmem + counters.swap +
			    vr_mm_pgtables_bytes(mm) / 4096);
	if (*points < 0 || *points > (int64_t)MAX_PAGES) {
		vr_latch(task.prog, VR_CORRUPT, "a process of %" PRId64 " pages", *points);
		return false;
	}
	*points += adj * (facts->total / 1000);
	return true;
}

static void emit_score(struct vr_file *f, const struct vr_key *key)
{
	const struct facts *facts = facts_of(key->prog);
	int64_t points = 0;
	uint64_t score = 0;

	if (facts && badness(key->obj, facts, &points))
		score = (uint64_t)(1000 + points * 1000 / facts->total) * 2 / 3;
	vr_printf(f, "%" PRIu64 "\n", score);
}

static void emit_score_adj(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%" PRId64 "\n", vr_s64(key->obj, "signal->oom_score_adj"));
}

static void emit_adj(struct vr_file *f, const struct vr_key *key)
{
	int64_t adj = vr_s64(key->obj, "signal->oom_score_adj");

	if (adj == OOM_SCORE_ADJ_MAX)
		adj = OOM_ADJUST_MAX;
	else
		adj = adj * -OOM_DISABLE / OOM_SCORE_ADJ_MAX;
	vr_printf(f, "%" PRId64 "\n", adj > OOM_ADJUST_MAX ? OOM_ADJUST_MAX : adj);
}

VR_EMITTER(.path = "proc/{pid}/oom_score", .source = "mm_struct, signal_struct.oom_score_adj",
	   .emit = emit_score)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/oom_score",
	   .source = "mm_struct, signal_struct.oom_score_adj", .emit = emit_score)
VR_EMITTER(.path = "proc/{pid}/oom_score_adj", .source = "signal_struct.oom_score_adj",
	   .emit = emit_score_adj)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/oom_score_adj", .source = "signal_struct.oom_score_adj",
	   .emit = emit_score_adj)
VR_EMITTER(.path = "proc/{pid}/oom_adj", .source = "signal_struct.oom_score_adj", .emit = emit_adj)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/oom_adj", .source = "signal_struct.oom_score_adj",
	   .emit = emit_adj)
