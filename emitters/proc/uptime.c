// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/uptime (uptime_proc_show() in fs/proc/uptime.c). */
#include <inttypes.h>

#include "kernel/cpu_times.h"
#include "kernel/timekeeping.h"
#include "plugin/emitter.h"

#define NSEC_PER_SEC 1000000000u
#define NSEC_PER_CENTISEC (NSEC_PER_SEC / 100)

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpu_clock clock;
	struct vr_clocks clocks;
	uint64_t up, idle = 0;

	vr_clocks_read(key->prog, &clocks);
	vr_cpu_clock_read(key->prog, &clock);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&clock.possible, cpu)) < clock.possible.nr;
	     cpu++) {
		uint64_t times[VR_CPU_TIMES];

		vr_cpu_times_read(&clock, cpu, times);
		idle += times[VR_CPU_IDLE];
	}
	up = (uint64_t)clocks.boottime_ns;
	vr_printf(f, "%" PRIu64 ".%02" PRIu64 " %" PRIu64 ".%02" PRIu64 "\n", up / NSEC_PER_SEC,
		  up % NSEC_PER_SEC / NSEC_PER_CENTISEC, idle / NSEC_PER_SEC,
		  idle % NSEC_PER_SEC / NSEC_PER_CENTISEC);
}

VR_EMITTER(.path = "proc/uptime",
	   .source = "timekeeper at its last update, tick_cpu_sched, kernel_cpustat", .emit = emit)
