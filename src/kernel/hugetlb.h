/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools of huge pages (mm/hugetlb.c). */
#ifndef KERNEL_HUGETLB_H
#define KERNEL_HUGETLB_H

#include <vmcore-report/object.h>

/** One pool: a struct hstate. Bytes and numbers of its huge pages. */
struct vr_hugetlb_pool {
	uint64_t page_size, pages, free, reserved, surplus;
};
/** All pools. */
struct vr_hugetlb {
	struct vr_hugetlb_pool standard; /* that of the default size */
	uint64_t bytes;                  /* of all pools' pages */
};

/** Does this kernel have huge pages (CONFIG_HUGETLB_PAGE)? */
bool vr_has_hugetlb(struct vr_program *prog);
/** Sums up hstates. False: latched. */
bool vr_hugetlb_read(struct vr_program *prog, struct vr_hugetlb *hugetlb);

#endif
