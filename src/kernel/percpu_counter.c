// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/percpu_counter.h"

int64_t vr_percpu_counter_sum(struct vr_obj counter, const struct vr_cpumask *online)
{
	uint64_t sum = vr_u64(counter, "count"), parts;

	/* A kernel for one CPU has the whole alone. */
	if (!vr_has(counter, "counters"))
		return (int64_t)sum;
	parts = vr_u64(counter, "counters");
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(online, cpu)) < online->nr; cpu++) {
		uint64_t addr = vr_per_cpu_addr(counter.prog, parts, cpu);

		sum += vr_u64(vr_at(counter.prog, "s32", addr), "");
	}
	return vr_failed(counter.prog) ? 0 : (int64_t)sum;
}

int64_t vr_percpu_counter_read(struct vr_obj counter)
{
	return vr_s64(counter, "count");
}
