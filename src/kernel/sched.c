// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sched.h"

#include "kernel/globals.h"
#include "kernel/percpu.h"

struct vr_obj vr_run_queue(struct vr_program *prog, unsigned cpu)
{
	return vr_kernel_per_cpu(prog, "runqueues", cpu);
}

uint64_t vr_sched_now(struct vr_program *prog)
{
	struct vr_cpumask mask;
	struct vr_scope scope;
	uint64_t now = 0;

	vr_scope_enter(prog, &scope);
	/* All that are possible: after a panic only the CPU that panicked counts as online. */
	vr_cpumask_read(prog, "__cpu_possible_mask", &mask);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&mask, cpu)) < mask.nr; cpu++) {
		struct vr_obj rq = vr_run_queue(prog, cpu);
		uint64_t clock;

		if (vr_try_u64(rq, "clock", &clock) == VR_OK && clock > now)
			now = clock;
	}
	vr_scope_leave(prog, &scope);
	return now;
}
