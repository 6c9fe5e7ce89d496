// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/schedstat (show_schedstat() in kernel/sched/stats.c). */
#include <inttypes.h>

#include "kernel/bitmap.h"
#include "kernel/cpus.h"
#include "kernel/sched.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

/* Levels of domains above a CPU: SMT, cluster, cores, package, and NUMA distances. */
#define MAX_DOMAINS 64
#define MASK_SIZE (VR_MAX_CPUS * 5)

static const char *const balance[] = {"lb_count",     "lb_balanced", "lb_failed",
				      "lb_imbalance", "lb_gained",   "lb_hot_gained",
				      "lb_nobusyq",   "lb_nobusyg",  NULL};
/* Since version 17. */
static const char *const balance_17[] = {
	"lb_count",          "lb_balanced",       "lb_failed",           "lb_imbalance_load",
	"lb_imbalance_util", "lb_imbalance_task", "lb_imbalance_misfit", "lb_gained",
	"lb_hot_gained",     "lb_nobusyq",        "lb_nobusyg",          NULL};
static const char *const rest[] = {"alb_count",
				   "alb_failed",
				   "alb_pushed",
				   "sbe_count",
				   "sbe_balanced",
				   "sbe_pushed",
				   "sbf_count",
				   "sbf_balanced",
				   "sbf_pushed",
				   "ttwu_wake_remote",
				   "ttwu_move_affine",
				   "ttwu_move_balance",
				   NULL};

static bool exists(const struct vr_key *key)
{
	return vr_has_member(key->prog, "struct rq", "rq_sched_info");
}

/* SCHEDSTAT_VERSION: 16 came with the kinds of idleness in another order (6.10). */
static int version_of(struct vr_program *prog)
{
	if (vr_has_member(prog, "struct sched_domain", "lb_imbalance_load"))
		return 17;
	return vr_constant(prog, "CPU_IDLE") ? 16 : 15;
}

static void put_rq(struct vr_file *f, unsigned cpu, struct vr_obj rq)
{
	vr_printf(f, "cpu%u %u 0", cpu, (uint32_t)vr_u64(rq, "yld_count"));
	vr_printf(f, " %u %u", (uint32_t)vr_u64(rq, "sched_count"),
		  (uint32_t)vr_u64(rq, "sched_goidle"));
	vr_printf(f, " %u %u", (uint32_t)vr_u64(rq, "ttwu_count"),
		  (uint32_t)vr_u64(rq, "ttwu_local"));
	vr_printf(f, " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", vr_u64(rq, "rq_cpu_time"),
		  vr_u64(rq, "rq_sched_info.run_delay"), vr_u64(rq, "rq_sched_info.pcount"));
}

static void put_domain(struct vr_file *f, unsigned number, struct vr_obj sd, int version)
{
	const char *const *counts = version >= 17 ? balance_17 : balance;
	uint64_t kinds = vr_type_length(vr_type_strip(vr_get(sd, "lb_count").type));
	struct vr_cpumask span = {.nr = vr_nr_cpus(sd.prog)};
	struct vr_obj bits = vr_at(sd.prog, "struct cpumask", sd.addr);
	char text[MASK_SIZE], name[64];

	/* sched_domain_span(): behind the structure, since 7.x without a member for it. */
	bits.addr += vr_has(sd, "span") ? vr_offsetof(sd.prog, "struct sched_domain", "span")
					: vr_sizeof(sd.prog, "struct sched_domain");
	vr_bitmap_read(bits, "", span.bits, span.nr);
	vr_printf(f, "domain%u ", number);
	if (version >= 17)
		vr_printf(f, "%s ", vr_str(sd, "name", name, sizeof(name)));
	vr_puts(f, vr_cpumask_hex(&span, text, sizeof(text)));
	for (uint64_t kind = 0; kind < kinds && kind < 8; kind++)
		for (size_t i = 0; counts[i]; i++)
			vr_printf(f, " %u",
				  (uint32_t)vr_u64(vr_index(vr_get(sd, counts[i]), kind), ""));
	for (size_t i = 0; rest[i]; i++)
		vr_printf(f, " %u", (uint32_t)vr_u64(sd, rest[i]));
	vr_puts(f, "\n");
}

static void put_cpu(struct vr_file *f, struct vr_program *prog, unsigned cpu, int version)
{
	struct vr_obj rq = vr_run_queue(prog, cpu);
	unsigned number = 0;

	put_rq(f, cpu, rq);
	if (!vr_has(rq, "sd"))
		return;
	for (uint64_t addr = vr_u64(rq, "sd"); addr; number++) {
		struct vr_obj sd = vr_at(prog, "struct sched_domain", addr);

		if (number == MAX_DOMAINS)
			vr_latch(prog, VR_CORRUPT, "domains without end");
		put_domain(f, number, sd, version);
		addr = vr_u64(sd, "parent");
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	int version = version_of(key->prog);
	struct vr_cpumask online;

	vr_cpus_online(key->prog, &online);
	vr_printf(f, "version %d\ntimestamp %" PRIu64 "\n", version, vr_jiffies(key->prog));
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&online, cpu)) < online.nr; cpu++) {
		vr_row_begin(f);
		put_cpu(f, key->prog, cpu, version);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/schedstat", .source = "runqueues, sched_domain", .exists = exists,
	   .emit = emit)
