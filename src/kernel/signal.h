/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals of a task (include/linux/sched/signal.h); bit n - 1 of a set is signal n. */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H

#include <vmcore-report/object.h>

struct vr_task_signals {
	bool has_handlers; /* false: the task is being released, and the rest is 0 */
	uint64_t threads;  /* of its process */
	uint64_t pending, shared_pending, blocked;
	uint64_t ignored, caught;
};

/** What task_sig() and do_task_stat() of fs/proc/array.c collect. False: latched. */
bool vr_task_signals_read(struct vr_obj task, struct vr_task_signals *signals);

#endif
