/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks: walking them, and what a task is doing (include/linux/sched.h). */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include "kernel/list.h"

/**
 * Walk over all tasks: the idle task of each CPU is left out, every thread of every process is
 * given, processes in the order of init_task.tasks, threads in the order of signal->thread_head.
 * Bounded; cycles and broken links cut it short (vr_cut() in the scope of the caller).
 */
struct vr_task_walk {
	struct vr_obj task; /* the current one */
	/* private */
	struct vr_program *prog;
	struct vr_list_walk processes, threads;
	bool in_process;
	uint64_t given, threads_given; /* in all; of the current process */
};

struct vr_task_walk vr_task_walk_begin(struct vr_program *prog);
/** Advance; false at the end. The task is in walk->task. */
bool vr_task_walk_next(struct vr_task_walk *walk);

/** The task that a CPU was running (its idle task, where it idled); !vr_ok(): latched. */
struct vr_obj vr_cpu_current(struct vr_program *prog, unsigned cpu);

/** The state letter of /proc/<pid>/stat and ps, one of R S D T t X Z P I (fs/proc/array.c). */
char vr_task_state(struct vr_obj task);
/** comm as the kernel has it; at most 15 bytes and NUL. */
char *vr_task_comm(struct vr_obj task, char buf[16]);
/** The CPU it runs on or ran on last. */
unsigned vr_task_cpu(struct vr_obj task);

#endif
