// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpu_times.h"

#include "base/bits.h"
#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/sched.h"
#include "kernel/timekeeping.h"

/* kernel/time/tick-sched.h */
#define TS_FLAG_IDLE_ACTIVE 0x04

bool vr_cpu_clock_read(struct vr_program *prog, struct vr_cpu_clock *c)
{
	static const char *const names[VR_CPU_TIMES] = {
		"CPUTIME_USER",   "CPUTIME_NICE",      "CPUTIME_SYSTEM",  "CPUTIME_IDLE",
		"CPUTIME_IOWAIT", "CPUTIME_IRQ",       "CPUTIME_SOFTIRQ", "CPUTIME_STEAL",
		"CPUTIME_GUEST",  "CPUTIME_GUEST_NICE"};
	struct vr_clocks clocks;

	*c = (struct vr_cpu_clock){.prog = prog};
	vr_cpumask_read(prog, "__cpu_possible_mask", &c->possible);
	vr_cpus_online(prog, &c->online);
	if (vr_clocks_read(prog, &clocks))
		c->now_ns = (uint64_t)clocks.monotonic_ns;
	for (size_t i = 0; i < VR_CPU_TIMES; i++)
		c->index[i] = (unsigned)vr_constant(prog, names[i]);
	/* Since 7.x kernel_cpustat has it all. */
	c->by_tick_sched = vr_has_member(prog, "struct tick_sched", "idle_sleeptime") &&
			   vr_s64(vr_kernel_global(prog, "tick_nohz_active"), "");
	return !vr_failed(prog);
}

/* How long the CPU has been idle since that time, which is later than the last update of the clocks
 * where it has just begun. */
static uint64_t since(const struct vr_cpu_clock *c, uint64_t begin)
{
	return c->now_ns > begin ? c->now_ns - begin : 0;
}

static bool is_idle(struct vr_obj ts)
{
	/* A bitfield until 6.9, a flag since: commit a478ffb2ae23. */
	if (vr_has(ts, "idle_active"))
		return vr_u64(ts, "idle_active");
	return vr_u64(ts, "flags") & TS_FLAG_IDLE_ACTIVE;
}

/* get_idle_time() and get_iowait_time() of fs/proc/stat.c until 7.x: in whole microseconds. */
static void add_tick_sched(const struct vr_cpu_clock *c, unsigned cpu, bool waits, uint64_t *times)
{
	struct vr_obj ts = vr_kernel_per_cpu(c->prog, "tick_cpu_sched", cpu);
	uint64_t delta = is_idle(ts) ? since(c, vr_u64(ts, "idle_entrytime")) : 0;

	times[VR_CPU_IDLE] = vr_u64(ts, "idle_sleeptime") + (waits ? 0 : delta);
	times[VR_CPU_IOWAIT] = vr_u64(ts, "iowait_sleeptime") + (waits ? delta : 0);
	times[VR_CPU_IDLE] -= times[VR_CPU_IDLE] % 1000;
	times[VR_CPU_IOWAIT] -= times[VR_CPU_IOWAIT] % 1000;
}

/* kcpustat_field_dyntick() of kernel/sched/cputime.c, 7.x. */
static void add_dyntick(const struct vr_cpu_clock *c, struct vr_obj stat, bool waits,
			uint64_t *times)
{
	uint64_t delta = since(c, vr_u64(stat, "idle_entrytime"));
	uint64_t stolen = vr_u64(vr_index(vr_get(stat, "idle_stealtime"), waits), "");

	if (vr_u64(stat, "idle_elapse") && delta > stolen)
		times[waits ? VR_CPU_IOWAIT : VR_CPU_IDLE] += delta - stolen;
}

bool vr_cpu_times_read(const struct vr_cpu_clock *c, unsigned cpu, uint64_t times[VR_CPU_TIMES])
{
	struct vr_obj stat = vr_kernel_per_cpu(c->prog, "kernel_cpustat", cpu);
	struct vr_obj booked = vr_get(stat, "cpustat");
	bool waits = vr_s64(vr_run_queue(c->prog, cpu), "nr_iowait.counter") > 0;

	for (size_t i = 0; i < VR_CPU_TIMES; i++)
		times[i] = vr_u64(vr_index(booked, c->index[i]), "");
	if (vr_has(stat, "idle_elapse"))
		add_dyntick(c, stat, waits, times);
	else if (c->by_tick_sched && vr_cpumask_test(&c->online, cpu))
		add_tick_sched(c, cpu, waits, times);
	return !vr_failed(c->prog);
}
