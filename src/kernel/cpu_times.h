/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CPUs have spent their time on: the lines cpu<N> of /proc/stat (fs/proc/stat.c). */
#ifndef KERNEL_CPU_TIMES_H
#define KERNEL_CPU_TIMES_H

#include "kernel/percpu.h"

/** In the order in which /proc/stat has them. */
enum vr_cpu_time {
	VR_CPU_USER,
	VR_CPU_NICE,
	VR_CPU_SYSTEM,
	VR_CPU_IDLE,
	VR_CPU_IOWAIT,
	VR_CPU_IRQ,
	VR_CPU_SOFTIRQ,
	VR_CPU_STEAL,
	VR_CPU_GUEST,
	VR_CPU_GUEST_NICE,
	VR_CPU_TIMES,
};

/** What is the same for all CPUs; plain data. */
struct vr_cpu_clock {
	struct vr_cpumask possible, online; /* online: before the panic (cpus.h) */
	/* private */
	struct vr_program *prog;
	uint64_t now_ns; /* CLOCK_MONOTONIC */
	unsigned index[VR_CPU_TIMES];
	bool by_tick_sched; /* idle and iowait are kept by the tick (get_cpu_idle_time_us()) */
};

/** False: latched. */
bool vr_cpu_clock_read(struct vr_program *prog, struct vr_cpu_clock *clock);

/**
 * Nanoseconds of one CPU by kind, what it has been idle until the last update of the clocks
 * included. False: latched. A CPU without ticks (nohz_full) may have more that it hasn't booked.
 */
bool vr_cpu_times_read(const struct vr_cpu_clock *clock, unsigned cpu,
		       uint64_t times[VR_CPU_TIMES]);

#endif
