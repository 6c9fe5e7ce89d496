// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/loadavg (loadavg_proc_show() in fs/proc/loadavg.c). */
#include <inttypes.h>

#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/sched.h"
#include "plugin/emitter.h"

/* include/linux/sched/loadavg.h: 1.0 as fixed point. */
#define FIXED_SHIFT 11
#define FIXED_1 (1u << FIXED_SHIFT)

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj loads = vr_kernel_global(key->prog, "avenrun");
	struct vr_cpumask online;
	uint32_t running = 0;

	vr_cpus_online(key->prog, &online);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&online, cpu)) < online.nr; cpu++)
		running += (uint32_t)vr_u64(vr_run_queue(key->prog, cpu), "nr_running");
	for (unsigned i = 0; i < 3; i++) {
		uint64_t load = vr_u64(vr_index(loads, i), "") + FIXED_1 / 200;

		vr_printf(f, "%" PRIu64 ".%02" PRIu64 " ", load >> FIXED_SHIFT,
			  (load & (FIXED_1 - 1)) * 100 >> FIXED_SHIFT);
	}
	vr_printf(f, "%u/%d %d\n", running,
		  (int)vr_s64(vr_kernel_global(key->prog, "nr_threads"), ""),
		  (int)vr_u64(vr_kernel_global(key->prog, "init_pid_ns"), "idr.idr_next") - 1);
}

VR_EMITTER(.path = "proc/loadavg", .source = "avenrun, runqueues, nr_threads, init_pid_ns.idr",
	   .emit = emit)
