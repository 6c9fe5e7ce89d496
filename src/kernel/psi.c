// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/psi.h"

#include "kernel/globals.h"
#include "kernel/percpu.h"
#include "kernel/sched.h"
#include "kernel/ticks.h"

/* include/linux/sched/loadavg.h, kernel/sched/psi.c: fixed point, and 1 / e^(2 s / period). */
#define FSHIFT 11
#define FIXED_1 (1u << FSHIFT)
static const unsigned decay[3] = {1677, 1981, 2034};

/* fixed_power_int() of kernel/sched/loadavg.c: x to the n-th. */
static uint64_t power(uint64_t x, uint64_t n)
{
	uint64_t result = FIXED_1;

	for (; n; n >>= 1) {
		if (n & 1)
			result = (result * x + FIXED_1 / 2) >> FSHIFT;
		x = (x * x + FIXED_1 / 2) >> FSHIFT;
	}
	return result;
}

/* calc_load() */
static uint64_t decayed(uint64_t load, uint64_t factor, uint64_t active)
{
	uint64_t sum = load * factor + active * (FIXED_1 - factor);

	return (active >= load ? sum + FIXED_1 - 1 : sum) / FIXED_1;
}

/* Element i of an array of arrays, which BTF tends to have as one. */
static struct vr_obj element(struct vr_obj obj, const char *member, const char *type, unsigned i)
{
	struct vr_obj array = vr_get(obj, member), at = vr_at(obj.prog, type, array.addr);
	uint64_t size = vr_type_size(at.type);

	if (!vr_failed(obj.prog) && (i + 1) * size > vr_type_size(array.type))
		vr_latch(obj.prog, VR_CORRUPT, "%s has no element %u", member, i);
	at.addr += i * size;
	return vr_failed(obj.prog) ? (struct vr_obj){.prog = obj.prog} : at;
}

/* get_recent_times(): what a CPU adds to each state, the states that it is in now included. */
static uint32_t recent(struct vr_obj cpu, unsigned state, uint64_t now)
{
	uint64_t start = vr_u64(cpu, "state_start");
	uint32_t time = (uint32_t)vr_u64(element(cpu, "times", "unsigned int", state), "");
	/* [PSI_AVGS], the first */
	struct vr_obj before = element(cpu, "times_prev", "unsigned int", state);

	if (vr_u64(cpu, "state_mask") >> state & 1 && now > start)
		time += (uint32_t)(now - start);
	return time - (uint32_t)vr_u64(before, "");
}

/* collect_percpu_times(): the CPUs' times, weighted by how long each has not been idle. */
static void collect(struct vr_obj group, uint64_t now, unsigned nonidle_state, struct vr_psi *psi)
{
	uint64_t memory = vr_u64(group, "pcpu"), weights = 0;
	uint64_t sums[VR_PSI_STATES] = {0};
	struct vr_cpumask possible;
	unsigned hz = vr_hz(group.prog);

	vr_cpumask_read(group.prog, "__cpu_possible_mask", &possible);
	if (vr_failed(group.prog))
		return;
	for (unsigned i = 0; (i = vr_cpumask_next(&possible, i)) < possible.nr; i++) {
		struct vr_obj cpu = vr_at(group.prog, "struct psi_group_cpu",
					  vr_per_cpu_addr(group.prog, memory, i));
		uint64_t nonidle = recent(cpu, nonidle_state, now) / (1000000000u / hz);

		weights += nonidle;
		for (unsigned s = 0; s < psi->states; s++)
			sums[s] += recent(cpu, s, now) * nonidle;
	}
	for (unsigned s = 0; s < psi->states; s++)
		psi->total_ns[s] += sums[s] / (weights ? weights : 1);
}

/* update_averages() */
static void update(struct vr_obj group, uint64_t now, struct vr_psi *psi)
{
	uint64_t expires = vr_u64(group, "avg_next_update");
	uint64_t last = vr_u64(group, "avg_last_update");
	uint64_t length = vr_u64(vr_kernel_global(group.prog, "psi_period"), "");
	struct vr_obj before = vr_get(group, "avg_total");
	uint64_t missed, period;

	if (vr_failed(group.prog) || now < expires)
		return;
	missed = length ? (now - expires) / length : 0;
	period = now - (last + missed * length);
	if (!length || !period || period > now) {
		vr_latch(group.prog, VR_CORRUPT, "pressure was averaged at %llu ns, every %llu ns",
			 (unsigned long long)last, (unsigned long long)length);
		return;
	}
	for (unsigned s = 0; s < psi->states; s++) {
		uint32_t sample = (uint32_t)(psi->total_ns[s] - vr_u64(vr_index(before, s), ""));
		uint64_t percent = (sample < period ? sample : period) * 100 / period * FIXED_1;

		for (unsigned i = 0; i < 3; i++) {
			uint64_t avg = psi->avg[s][i];

			if (missed)
				avg = decayed(avg, power(decay[i], missed), 0);
			psi->avg[s][i] = decayed(avg, decay[i], percent);
		}
	}
}

bool vr_psi_read(struct vr_obj group, struct vr_psi *psi)
{
	/* The last state, which only serves to weigh the others. */
	int64_t nonidle = vr_constant(group.prog, "PSI_NONIDLE");
	uint64_t now = vr_sched_now(group.prog);

	*psi = (struct vr_psi){.states = 0};
	if (nonidle < 0 || nonidle > VR_PSI_STATES)
		vr_latch(group.prog, VR_CORRUPT, "%lld kinds of pressure", (long long)nonidle);
	if (vr_failed(group.prog))
		return false;
	psi->states = (unsigned)nonidle;
	for (unsigned s = 0; s < psi->states; s++) {
		/* [PSI_AVGS], the first */
		psi->total_ns[s] = vr_u64(element(group, "total", "u64", s), "");
		for (unsigned i = 0; i < 3; i++)
			psi->avg[s][i] =
				vr_u64(element(group, "avg", "unsigned long", s * 3 + i), "");
	}
	collect(group, now, (unsigned)nonidle, psi);
	update(group, now, psi);
	return !vr_failed(group.prog);
}
