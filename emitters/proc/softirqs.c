// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/softirqs (show_softirqs() in fs/proc/softirqs.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/percpu.h"
#include "plugin/emitter.h"

#define MAX_SOFTIRQS 32

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_obj any = vr_kernel_per_cpu(prog, "kstat", 0);
	uint64_t count = vr_type_length(vr_type_strip(vr_get(any, "softirqs").type));
	struct vr_cpumask possible;
	unsigned cpu;

	vr_cpumask_read(prog, "__cpu_possible_mask", &possible);
	vr_puts(f, "                    ");
	for (cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++)
		vr_printf(f, "CPU%-8u", cpu);
	vr_puts(f, "\n");
	for (uint64_t i = 0; i < count && i < MAX_SOFTIRQS; i++) {
		char name[32];

		vr_row_begin(f);
		vr_printf(f, "%12s:",
			  vr_str(vr_kernel_element(prog, "softirq_to_name", i), "", name,
				 sizeof(name)));
		for (cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
			struct vr_obj stat = vr_kernel_per_cpu(prog, "kstat", cpu);

			vr_printf(f, " %10" PRIu64,
				  vr_u64(vr_index(vr_get(stat, "softirqs"), i), ""));
		}
		vr_puts(f, "\n");
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/softirqs", .source = "kstat, softirq_to_name", .emit = emit)
