/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scheduler's run queues (kernel/sched/sched.h). */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include <vmcore-report/object.h>

/** A CPU's run queue, struct rq. */
struct vr_obj vr_run_queue(struct vr_program *prog, unsigned cpu);

/**
 * The latest clock of all CPUs' run queues, nanoseconds: "now" for what the scheduler stamps
 * (sched_info.last_arrival). 0 where no run queue could be read; nothing is latched.
 */
uint64_t vr_sched_now(struct vr_program *prog);

#endif
