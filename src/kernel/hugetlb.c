// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/hugetlb.h"

#include "kernel/globals.h"

#define PAGE_SHIFT 12
#define MAX_POOLS 16
#define MAX_ORDER 18 /* of 1 GiB */

bool vr_has_hugetlb(struct vr_program *prog)
{
	return vr_has_symbol(prog, "hstates");
}

static void read_pool(struct vr_obj state, struct vr_hugetlb_pool *pool)
{
	uint64_t order = vr_u64(state, "order");

	if (order > MAX_ORDER) {
		vr_latch(state.prog, VR_CORRUPT, "huge pages of order %llu",
			 (unsigned long long)order);
		order = 0;
	}
	*pool = (struct vr_hugetlb_pool){
		.page_size = 1ull << (order + PAGE_SHIFT),
		.pages = vr_u64(state, "nr_huge_pages"),
		.free = vr_u64(state, "free_huge_pages"),
		.reserved = vr_u64(state, "resv_huge_pages"),
		.surplus = vr_u64(state, "surplus_huge_pages"),
	};
}

bool vr_hugetlb_read(struct vr_program *prog, struct vr_hugetlb *hugetlb)
{
	struct vr_obj states = vr_kernel_global(prog, "hstates");
	uint64_t count = vr_u64(vr_kernel_global(prog, "hugetlb_max_hstate"), "");
	uint64_t standard = vr_u64(vr_kernel_global(prog, "default_hstate_idx"), "");

	*hugetlb = (struct vr_hugetlb){0};
	if (count > MAX_POOLS) {
		vr_latch(prog, VR_CORRUPT, "%llu sizes of huge pages", (unsigned long long)count);
		return false;
	}
	for (uint64_t i = 0; i < count && !vr_failed(prog); i++) {
		struct vr_hugetlb_pool pool;

		read_pool(vr_index(states, i), &pool);
		hugetlb->bytes += pool.pages * pool.page_size;
		if (i == standard)
			hugetlb->standard = pool;
	}
	return !vr_failed(prog);
}
