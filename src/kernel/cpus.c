// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpus.h"

bool vr_cpus_online(struct vr_program *prog, struct vr_cpumask *mask)
{
	struct vr_cpumask present;
	int64_t online = vr_constant(prog, "CPUHP_ONLINE");

	if (!vr_cpumask_read(prog, "__cpu_present_mask", &present))
		return false;
	*mask = (struct vr_cpumask){.nr = present.nr};
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&present, cpu)) < present.nr; cpu++) {
		struct vr_obj state =
			vr_per_cpu(prog, "cpuhp_state", "struct cpuhp_cpu_state", cpu);

		if (vr_s64(state, "state") == online)
			mask->bits[cpu / 64] |= 1ull << (cpu % 64);
	}
	return !vr_failed(prog);
}
