// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mm.h"

#include "kernel/function_code.h"
#include "kernel/cpus.h"
#include "kernel/percpu_counter.h"
#include "object/memo.h"

#define PF_KTHREAD 0x00200000u /* include/linux/sched.h; a macro */

struct vr_obj vr_task_mm(struct vr_obj task)
{
	uint64_t mm = vr_u64(task, "mm");

	if (vr_failed(task.prog) || !mm || vr_u64(task, "flags") & PF_KTHREAD)
		return (struct vr_obj){.prog = task.prog};
	return vr_at(task.prog, "struct mm_struct", mm);
}

/* What is the same for every mm of the dump. */
struct mm_facts {
	bool known, exact;
	uint64_t file, anon, shmem, swap; /* MM_FILEPAGES, ... */
	struct vr_cpumask online;
};

static const struct mm_facts *facts_of(struct vr_program *prog)
{
	static const char key;
	struct mm_facts *facts = vr_memo(prog, &key, sizeof(*facts));

	if (!facts || facts->known)
		return facts;
	facts->file = (uint64_t)vr_constant(prog, "MM_FILEPAGES");
	facts->anon = (uint64_t)vr_constant(prog, "MM_ANONPAGES");
	facts->shmem = (uint64_t)vr_constant(prog, "MM_SHMEMPAGES");
	facts->swap = (uint64_t)vr_constant(prog, "MM_SWAPENTS");
	vr_cpus_online(prog, &facts->online);
	/* Since 6.16 and in stable kernels before it: 82241a83cd15 ("mm: fix the inaccurate memory
	 * statistics issue for users"). */
	facts->exact = vr_function_calls(prog, "task_mem", "__percpu_counter_sum");
	facts->known = !vr_failed(prog);
	return facts->known ? facts : NULL;
}

bool vr_mm_shows_exact(struct vr_program *prog)
{
	const struct mm_facts *facts = facts_of(prog);

	return facts && facts->exact;
}

static uint64_t counter(struct vr_obj mm, uint64_t which, bool exact, const struct mm_facts *facts)
{
	int64_t value;

	if (vr_has(mm, "rss_stat.count")) {
		value = vr_s64(vr_index(vr_get(mm, "rss_stat.count"), which), "counter");
	} else {
		struct vr_obj rss = vr_index(vr_get(mm, "rss_stat"), which);

		value = exact ? vr_percpu_counter_sum(rss, &facts->online)
			      : vr_percpu_counter_read(rss);
	}
	/* Parts that are still with a CPU or a task can make the rest negative. */
	return value < 0 ? 0 : (uint64_t)value;
}

bool vr_mm_counters_read(struct vr_obj mm, bool exact, struct vr_mm_counters *counters)
{
	const struct mm_facts *facts = facts_of(mm.prog);

	*counters = (struct vr_mm_counters){0};
	if (!facts)
		return false;
	counters->file = counter(mm, facts->file, exact, facts);
	counters->anon = counter(mm, facts->anon, exact, facts);
	counters->shmem = counter(mm, facts->shmem, exact, facts);
	counters->swap = counter(mm, facts->swap, exact, facts);
	return !vr_failed(mm.prog);
}

uint64_t vr_mm_flags(struct vr_obj mm)
{
	/* A bitmap of its own type since 6.18. */
	return vr_u64(mm, "flags.__mm_flags[0]|flags");
}

uint64_t vr_mm_pgtables_bytes(struct vr_obj mm)
{
	return vr_u64(mm, "pgtables_bytes.counter");
}
