// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpus.h"

#include <string.h>

#include "kernel/bitmap.h"

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

bool vr_cpumask_var(struct vr_obj obj, const char *path, struct vr_cpumask *mask)
{
	struct vr_obj bits = vr_get(vr_index(vr_get(obj, path), 0), "bits");

	memset(mask, 0, sizeof(*mask));
	mask->nr = vr_nr_cpus(obj.prog);
	return vr_bitmap_read(bits, "", mask->bits, mask->nr);
}
