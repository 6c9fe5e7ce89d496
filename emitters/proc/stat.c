// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/stat (show_stat() in fs/proc/stat.c). */
#include <inttypes.h>
#include <string.h>

#include "kernel/cpu_times.h"
#include "kernel/globals.h"
#include "kernel/irq.h"
#include "kernel/irq_stat.h"
#include "kernel/sched.h"
#include "kernel/ticks.h"
#include "kernel/timekeeping.h"
#include "kernel/whole.h"
#include "plugin/emitter.h"

#define MAX_SOFTIRQS 32

/* What show_stat() adds up over all possible CPUs. */
struct sums {
	uint64_t times[VR_CPU_TIMES];
	uint64_t interrupts, switches;
	uint32_t running, waiting;
	uint64_t softirqs_in_all;
	uint32_t softirqs[MAX_SOFTIRQS];
	size_t softirq_count;
};

static void put_times(struct vr_file *f, const uint64_t *times)
{
	for (size_t i = 0; i < VR_CPU_TIMES; i++)
		vr_printf(f, " %" PRIu64, vr_ns_to_clock(times[i]));
	vr_puts(f, "\n");
}

static void add_softirqs(struct vr_obj stat, struct sums *sums)
{
	struct vr_obj counts = vr_get(stat, "softirqs");
	uint64_t count = vr_type_length(vr_type_strip(counts.type));

	if (count > MAX_SOFTIRQS)
		vr_latch(stat.prog, VR_CORRUPT, "%" PRIu64 " kinds of softirqs", count);
	for (uint64_t i = 0; i < count && i < MAX_SOFTIRQS; i++) {
		uint32_t n = (uint32_t)vr_u64(vr_index(counts, i), "");

		sums->softirqs[i] += n;
		sums->softirqs_in_all += n;
	}
	sums->softirq_count = (size_t)count;
}

static void add_cpu(const struct vr_cpu_clock *clock, unsigned cpu, const struct vr_arch_irq *rows,
		    size_t row_count, struct sums *sums)
{
	struct vr_program *prog = clock->prog;
	struct vr_obj stat = vr_kernel_per_cpu(prog, "kstat", cpu);
	struct vr_obj rq = vr_run_queue(prog, cpu);
	uint64_t times[VR_CPU_TIMES];

	vr_cpu_times_read(clock, cpu, times);
	for (size_t i = 0; i < VR_CPU_TIMES; i++)
		sums->times[i] += times[i];
	sums->interrupts += vr_u64(stat, "irqs_sum");
	for (size_t i = 0; i < row_count; i++)
		if (rows[i].summed)
			sums->interrupts += vr_arch_irq_count(prog, &rows[i], cpu);
	sums->switches += vr_u64(rq, "nr_switches");
	sums->waiting += (uint32_t)vr_u64(rq, "nr_iowait.counter");
	if (vr_cpumask_test(&clock->online, cpu))
		sums->running += (uint32_t)vr_u64(rq, "nr_running");
	add_softirqs(stat, sums);
}

static void add_up(const struct vr_cpu_clock *clock, struct sums *sums)
{
	struct vr_arch_irq rows[VR_MAX_ARCH_IRQS];
	size_t count = vr_arch_irqs_read(clock->prog, rows);
	unsigned cpu = 0;

	memset(sums, 0, sizeof(*sums));
	for (; (cpu = vr_cpumask_next(&clock->possible, cpu)) < clock->possible.nr; cpu++)
		add_cpu(clock, cpu, rows, count, sums);
	/* arch_irq_stat() */
	for (size_t i = 0; i < count; i++)
		if (rows[i].global && !strcmp(rows[i].symbol, "ERR"))
			sums->interrupts += vr_arch_irq_count(clock->prog, &rows[i], 0);
}

static uint32_t count_irq(struct vr_obj desc, const struct vr_cpumask *possible)
{
	uint32_t sum = 0;

	if (!vr_u64(desc, "kstat_irqs"))
		return 0;
	if (!vr_irq_is_per_cpu(desc))
		return (uint32_t)vr_u64(desc, "tot_count");
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(possible, cpu)) < possible->nr; cpu++)
		sum += vr_irq_count(desc, cpu);
	return sum;
}

/* One number for each possible interrupt, so that none of them may be missing. */
static void put_interrupts(struct vr_file *f, struct vr_program *prog,
			   const struct vr_cpumask *possible)
{
	unsigned next = 0, end = vr_nr_irqs(prog);
	struct vr_irq_walk w;
	struct vr_scope scope;

	vr_scope_enter(prog, &scope);
	vr_irq_walk_begin(prog, &w);
	while (vr_irq_walk_next(&w)) {
		if (w.irq < next || w.irq >= end) {
			vr_latch(prog, VR_CORRUPT, "interrupt %u of %u", w.irq, end);
			break;
		}
		for (; next < w.irq; next++)
			vr_puts(f, " 0");
		vr_printf(f, " %u", count_irq(w.desc, possible));
		next++;
	}
	vr_scope_leave_whole(prog, &scope);
	for (; next < end; next++)
		vr_puts(f, " 0");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_cpu_clock clock;
	struct vr_clocks clocks;
	struct sums sums;

	vr_cpu_clock_read(prog, &clock);
	vr_clocks_read(prog, &clocks);
	add_up(&clock, &sums);
	vr_puts(f, "cpu ");
	put_times(f, sums.times);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&clock.online, cpu)) < clock.online.nr;
	     cpu++) {
		uint64_t times[VR_CPU_TIMES];

		vr_cpu_times_read(&clock, cpu, times);
		vr_printf(f, "cpu%u", cpu);
		put_times(f, times);
	}
	vr_printf(f, "intr %" PRIu64, sums.interrupts);
	put_interrupts(f, prog, &clock.possible);
	vr_printf(f, "\nctxt %" PRIu64 "\nbtime %" PRIu64 "\nprocesses %" PRIu64, sums.switches,
		  (uint64_t)(clocks.realtime_ns - clocks.boottime_ns) / 1000000000u,
		  vr_u64(vr_kernel_global(prog, "total_forks"), ""));
	vr_printf(f, "\nprocs_running %u\nprocs_blocked %u\nsoftirq %" PRIu64, sums.running,
		  sums.waiting, sums.softirqs_in_all);
	for (size_t i = 0; i < sums.softirq_count && i < MAX_SOFTIRQS; i++)
		vr_printf(f, " %u", sums.softirqs[i]);
	vr_puts(f, "\n");
}

VR_EMITTER(.path = "proc/stat",
	   .source = "kernel_cpustat, tick_cpu_sched, irq_desc, irq_stat, kstat, runqueues",
	   .emit = emit)
