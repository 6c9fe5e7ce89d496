/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fair scheduler's virtual time since Linux 6.6 (kernel/sched/fair.c, EEVDF). */
#ifndef KERNEL_EEVDF_H
#define KERNEL_EEVDF_H

#include <vmcore-report/object.h>

/** The weighted average of a queue's entities, the running one included. Plain data. */
struct vr_cfs_average {
	int64_t zero; /* what the others count from: zero_vruntime, min_vruntime until 6.19 */
	int64_t sum;  /* of (vruntime - zero) * weight */
	int64_t load; /* of weights */
	bool wide;    /* products are compared in 128 bits (7.x) */
};

/** Of a struct cfs_rq. False: latched. */
bool vr_cfs_average_read(struct vr_obj cfs_rq, struct vr_cfs_average *average);
/** avg_vruntime() */
int64_t vr_cfs_average_vruntime(const struct vr_cfs_average *average);
/** vruntime_eligible(): has an entity of that virtual time not had more than its share? */
bool vr_cfs_is_eligible(const struct vr_cfs_average *average, int64_t vruntime);

#endif
