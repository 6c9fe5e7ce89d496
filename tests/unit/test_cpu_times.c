// SPDX-License-Identifier: GPL-2.0-or-later
/* What CPUs did: their times, their interrupts, and what waited for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/cpu_times.h"
#include "kernel/irq_stat.h"
#include "kernel/psi.h"
#include "tiny_kernel.h"

#define CPUS 2
#define SECOND 1000000000ull
#define NR_STATS 10
#define NR_STATES 3 /* PSI_SOME, PSI_FULL and PSI_NONIDLE */

/* clang-format off */
TINY_TYPES(types,
	struct cpumask { unsigned long bits[1]; };
	enum cpuhp_state { CPUHP_OFFLINE, CPUHP_ONLINE = 200 };
	struct cpuhp_cpu_state { int state; };
	enum cpu_usage_stat {
		CPUTIME_USER, CPUTIME_NICE, CPUTIME_SYSTEM, CPUTIME_SOFTIRQ, CPUTIME_IRQ,
		CPUTIME_IDLE, CPUTIME_IOWAIT, CPUTIME_STEAL, CPUTIME_GUEST, CPUTIME_GUEST_NICE
	};
	struct kernel_cpustat { unsigned long cpustat[10]; };
	struct tick_sched {
		unsigned int idle_active; long idle_entrytime, idle_sleeptime, iowait_sleeptime;
	};
	struct counter { int counter; };
	struct rq { struct counter nr_iowait; unsigned long clock; };
	struct timespec64 { long tv_sec; long tv_nsec; };
	struct tk_read_base { unsigned int mult, shift; unsigned long xtime_nsec; };
	struct timekeeper {
		struct tk_read_base tkr_mono; unsigned long xtime_sec;
		struct timespec64 wall_to_monotonic; long offs_boot; unsigned long ntp_tick;
	};
	struct tk_data { unsigned int seq; struct timekeeper timekeeper; };
	struct irq_stat { unsigned int __nmi_count, apic_timer_irqs; };
	typedef struct irq_stat irq_cpustat_t;
	enum psi_states { PSI_SOME, PSI_FULL, PSI_NONIDLE };
	struct psi_group_cpu {
		unsigned int state_mask, times[3]; unsigned long state_start;
		unsigned int times_prev[6];
	};
	struct psi_group {
		struct psi_group_cpu *pcpu; unsigned long avg_total[2];
		unsigned long avg_last_update, avg_next_update, total[4], avg[6];
	};
)
/* clang-format on */

static const char more_types[] = "typedef unsigned long u64;";

/* A CPU's own variables: all of them in one structure, at one place of the per-CPU area. */
struct per_cpu {
	struct kernel_cpustat stat;
	struct tick_sched tick;
	struct rq rq;
	struct cpuhp_cpu_state state;
	struct irq_stat irq;
	struct psi_group_cpu psi;
};

struct place {
	struct tiny_kernel *k;
	struct per_cpu *cpu[CPUS];
	struct psi_group *group;
	uint64_t offsets;
};

static void *variable(struct place *p, const char *name, uint64_t size)
{
	return tk_ptr(p->k, tk_global(p->k, name, size));
}

static void put_words(struct place *p)
{
	*(uint32_t *)variable(p, "nr_cpu_ids", 4) = CPUS;
	*(uint64_t *)variable(p, "__cpu_possible_mask", 8) = 3;
	*(uint64_t *)variable(p, "__cpu_present_mask", 8) = 3;
	*(uint32_t *)variable(p, "tick_nohz_active", 4) = 1;
	*(uint64_t *)variable(p, "x86_platform_ipi_callback", 8) = 0;
	*(uint32_t *)variable(p, "irq_err_count", 4) = 7;
	*(uint64_t *)variable(p, "psi_period", 8) = 2 * SECOND;
	*(struct tk_data *)variable(p, "tk_core", sizeof(struct tk_data)) =
		(struct tk_data){.timekeeper = {.xtime_sec = 1000,
						.wall_to_monotonic = {.tv_sec = -900},
						.ntp_tick = (SECOND / 250) << 32}};
}

static struct place make(void)
{
	static char text[8192];
	struct place p;
	uint64_t base;

	snprintf(text, sizeof(text), "%s%s", types, more_types);
	p.k = tk_new((struct tk_spec){.types = text});
	put_words(&p);
	base = tk_global(p.k, "area", sizeof(struct per_cpu));
	tk_symbol(p.k, 'D', "kernel_cpustat", base + offsetof(struct per_cpu, stat));
	tk_symbol(p.k, 'D', "tick_cpu_sched", base + offsetof(struct per_cpu, tick));
	tk_symbol(p.k, 'D', "runqueues", base + offsetof(struct per_cpu, rq));
	tk_symbol(p.k, 'D', "cpuhp_state", base + offsetof(struct per_cpu, state));
	tk_symbol(p.k, 'D', "irq_stat", base + offsetof(struct per_cpu, irq));
	p.offsets = tk_global(p.k, "__per_cpu_offset", 8 * CPUS);
	p.group = variable(&p, "psi_system", sizeof(*p.group));
	p.group->pcpu = (void *)(uintptr_t)(base + offsetof(struct per_cpu, psi));
	for (unsigned i = 0; i < CPUS; i++) {
		uint64_t va = tk_alloc(p.k, sizeof(struct per_cpu));

		tk_put64(p.k, p.offsets + 8ull * i, va - base);
		p.cpu[i] = tk_ptr(p.k, va);
		p.cpu[i]->state.state = CPUHP_ONLINE;
		for (unsigned s = 0; s < NR_STATS; s++)
			p.cpu[i]->stat.cpustat[s] = (s + 1) * SECOND;
	}
	return p;
}

/* Each kind is found by its name; idle and waiting come from the tick while the CPU is online. */
static void test_times(void **state)
{
	struct place p = make();
	struct vr_cpu_clock clock;
	uint64_t times[VR_CPU_TIMES];
	struct vr_program *prog;

	(void)state;
	p.cpu[0]->tick = (struct tick_sched){.idle_active = 1,
					     .idle_entrytime = 97 * SECOND,
					     .idle_sleeptime = 20 * SECOND + 1234,
					     .iowait_sleeptime = 5 * SECOND};
	p.cpu[1]->state.state = CPUHP_OFFLINE;
	prog = tk_open(p.k);
	assert_true(vr_cpu_clock_read(prog, &clock));
	assert_int_equal(vr_cpumask_count(&clock.online), 1);
	assert_true(vr_cpu_times_read(&clock, 0, times));
	assert_int_equal(times[VR_CPU_USER], 1 * SECOND);
	assert_int_equal(times[VR_CPU_SOFTIRQ], 4 * SECOND);
	assert_int_equal(times[VR_CPU_GUEST_NICE], 10 * SECOND);
	assert_int_equal(times[VR_CPU_IDLE], 23 * SECOND + 1000);
	assert_int_equal(times[VR_CPU_IOWAIT], 5 * SECOND);
	assert_true(vr_cpu_times_read(&clock, 1, times));
	assert_int_equal(times[VR_CPU_IDLE], 6 * SECOND);
	assert_int_equal(times[VR_CPU_IOWAIT], 7 * SECOND);
	tk_expect(prog, VR_OK, 0);

	/* A task waits for a disk; and one that fell idle after the clocks were last set. */
	p.cpu[0]->rq.nr_iowait.counter = 1;
	prog = tk_open(p.k);
	assert_true(vr_cpu_clock_read(prog, &clock));
	assert_true(vr_cpu_times_read(&clock, 0, times));
	assert_int_equal(times[VR_CPU_IDLE], 20 * SECOND + 1000);
	assert_int_equal(times[VR_CPU_IOWAIT], 8 * SECOND);
	p.cpu[0]->tick.idle_entrytime = 101 * SECOND;
	prog = tk_open(p.k);
	assert_true(vr_cpu_clock_read(prog, &clock));
	assert_true(vr_cpu_times_read(&clock, 0, times));
	assert_int_equal(times[VR_CPU_IOWAIT], 5 * SECOND);
	tk_free(p.k);
}

/* A CPU's memory that isn't there is its own matter. */
static void test_times_missing(void **state)
{
	struct place p = make();
	struct vr_cpu_clock clock;
	uint64_t times[VR_CPU_TIMES];
	struct vr_program *prog;
	struct vr_scope scope;

	(void)state;
	prog = tk_open(p.k);
	assert_true(vr_cpu_clock_read(prog, &clock));
	tk_put64(p.k, p.offsets + 8, 0x123456789abcull);
	prog = tk_open(p.k);
	clock.prog = prog;
	vr_scope_enter(prog, &scope);
	assert_false(vr_cpu_times_read(&clock, 1, times));
	assert_int_equal(vr_scope_leave(prog, &scope), VR_FAULT);
	assert_true(vr_cpu_times_read(&clock, 0, times));
	tk_free(p.k);
}

static void test_arch_irqs(void **state)
{
	struct vr_arch_irq rows[VR_MAX_ARCH_IRQS];
	struct place p = make();
	struct vr_program *prog;

	(void)state;
	p.cpu[1]->irq = (struct irq_stat){3, 44};
	prog = tk_open(p.k);
	/* Those that the kernel was built with, in the order of its lines. */
	assert_int_equal(vr_arch_irqs_read(prog, rows), 3);
	assert_string_equal(rows[0].symbol, "NMI");
	assert_string_equal(rows[0].text, "  Non-maskable interrupts");
	assert_int_equal(vr_arch_irq_count(prog, &rows[0], 0), 0);
	assert_int_equal(vr_arch_irq_count(prog, &rows[0], 1), 3);
	assert_string_equal(rows[1].symbol, "LOC");
	assert_int_equal(vr_arch_irq_count(prog, &rows[1], 1), 44);
	assert_true(rows[2].global && !rows[2].summed);
	assert_int_equal(vr_arch_irq_count(prog, &rows[2], 1), 7);
	tk_expect(prog, VR_OK, 0);
	tk_free(p.k);
}

static bool read_psi(struct place *p, struct vr_psi *psi, struct vr_error *err)
{
	struct vr_program *prog = tk_open(p->k);
	struct vr_scope scope;
	bool ok;

	vr_scope_enter(prog, &scope);
	ok = vr_psi_read(vr_global(prog, "psi_system", "struct psi_group"), psi);
	vr_scope_leave(prog, &scope);
	*err = scope.error;
	return ok;
}

/* What CPUs recorded since the last time is added, each weighted by how long it wasn't idle. */
static void test_psi(void **state)
{
	struct place p = make();
	struct vr_psi psi;
	struct vr_error err;

	(void)state;
	p.group->total[0] = 10 * SECOND;
	p.group->avg[0] = 1234;
	p.group->avg_next_update = 51 * SECOND;
	p.cpu[0]->rq.clock = 50 * SECOND;
	/* 3 s of 3 s, of which it is in the last second now; 0 of 1 s */
	p.cpu[0]->psi = (struct psi_group_cpu){
		.state_mask = 1, .times = {2000000000, 0, 3000000000}, .state_start = 49 * SECOND};
	p.cpu[1]->psi = (struct psi_group_cpu){.times = {500, 0, 1000000000}, .times_prev = {500}};
	assert_true(read_psi(&p, &psi, &err));
	assert_int_equal(psi.states, 2);
	assert_int_equal(psi.total_ns[0], 10 * SECOND + 3 * SECOND * 3 / 4);
	assert_int_equal(psi.total_ns[1], 0);
	assert_int_equal(psi.avg[0][0], 1234);

	/* An update is due: half of the last 4 s, as averages that begin with 0. */
	p.group->avg[0] = 0;
	p.group->avg_next_update = 50 * SECOND;
	p.group->avg_last_update = 46 * SECOND;
	p.group->avg_total[0] = psi.total_ns[0] - 2 * SECOND;
	assert_true(read_psi(&p, &psi, &err));
	/* 50 percent as fixed point, times 1 - 1 / e^(2 / 10) and so on */
	assert_int_equal(psi.avg[0][0], (50 * 2048 * (2048 - 1677) + 2047) / 2048);
	assert_int_equal(psi.avg[0][1], (50 * 2048 * (2048 - 1981) + 2047) / 2048);
	assert_int_equal(psi.avg[0][2], (50 * 2048 * (2048 - 2034) + 2047) / 2048);
	tk_free(p.k);
}

/* Moments that can't be: no division by nothing, no walk over billions of periods. */
static void test_psi_hostile(void **state)
{
	struct place p = make();
	struct vr_psi psi;
	struct vr_error err;

	(void)state;
	p.cpu[0]->rq.clock = UINT64_MAX;
	p.group->avg_next_update = 1;
	p.group->avg_last_update = UINT64_MAX - 5;
	read_psi(&p, &psi, &err);
	p.group->avg_last_update = 0;
	assert_true(read_psi(&p, &psi, &err));
	p.cpu[0]->rq.clock = 5 * SECOND;
	p.group->avg_next_update = p.group->avg_last_update = 5 * SECOND;
	assert_false(read_psi(&p, &psi, &err));
	assert_int_equal(err.kind, VR_CORRUPT);
	p.group->pcpu = NULL;
	tk_put64(p.k, p.offsets, 0);
	assert_false(read_psi(&p, &psi, &err));
	assert_int_equal(err.kind, VR_FAULT);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),       cmocka_unit_test(test_times_missing),
		cmocka_unit_test(test_arch_irqs),   cmocka_unit_test(test_psi),
		cmocka_unit_test(test_psi_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
