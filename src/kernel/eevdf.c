// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/eevdf.h"

/* SCHED_FIXEDPOINT_SHIFT */
#define SCALE_SHIFT 10

/* scale_load_down(), or avg_vruntime_weight() where the queue says by how much (7.x). */
static uint64_t scaled(struct vr_obj cfs_rq, uint64_t weight)
{
	uint64_t shift = SCALE_SHIFT;

	if (vr_has(cfs_rq, "sum_shift"))
		shift = vr_u64(cfs_rq, "sum_shift");
	if (!weight || !shift)
		return weight;
	weight = shift < 64 ? weight >> shift : 0;
	return weight > 2 ? weight : 2;
}

bool vr_cfs_average_read(struct vr_obj cfs_rq, struct vr_cfs_average *a)
{
	uint64_t sum = vr_u64(cfs_rq, "sum_w_vruntime|avg_vruntime");
	uint64_t load = vr_u64(cfs_rq, "sum_weight|avg_load");
	uint64_t zero = vr_u64(cfs_rq, "zero_vruntime|min_vruntime");

	/* Sums wrap as the kernel's do. */
	if (vr_u64(cfs_rq, "curr") && vr_u64(cfs_rq, "curr->on_rq")) {
		uint64_t weight = scaled(cfs_rq, vr_u64(cfs_rq, "curr->load.weight"));

		sum += (vr_u64(cfs_rq, "curr->vruntime") - zero) * weight;
		load += weight;
	}
	*a = (struct vr_cfs_average){.zero = (int64_t)zero,
				     .sum = (int64_t)sum,
				     .load = (int64_t)load,
				     .wide = vr_has(cfs_rq, "sum_shift")};
	return !vr_failed(cfs_rq.prog);
}

int64_t vr_cfs_average_vruntime(const struct vr_cfs_average *a)
{
	__int128 sum = a->sum, load = a->load;

	if (load <= 0)
		return a->zero;
	/* The floor also below zero. */
	if (sum < 0)
		sum -= load - 1;
	return (int64_t)((uint64_t)a->zero + (uint64_t)(sum / load));
}

bool vr_cfs_is_eligible(const struct vr_cfs_average *a, int64_t vruntime)
{
	uint64_t key = (uint64_t)vruntime - (uint64_t)a->zero;

	if (a->wide)
		return a->sum >= (__int128)(int64_t)key * a->load;
	return a->sum >= (int64_t)(key * (uint64_t)a->load);
}
