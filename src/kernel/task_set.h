/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All tasks, also of a dump with holes. Where a list of tasks leads into memory that the dump
 * lacks, what lies behind the hole is reached by other ways: ids, cgroups, run queues, workqueues,
 * the other links of every task found, and, where there are still fewer than the kernel counted, by
 * the memory of all task_structs.
 */
#ifndef KERNEL_TASK_SET_H
#define KERNEL_TASK_SET_H

#include "kernel/task.h"

/** How a task was reached. */
enum vr_task_way {
	VR_TASK_BY_LIST = 1,       /* init_task.tasks, and processes' lists of threads */
	VR_TASK_BY_PID = 2,        /* the ids of the initial namespace */
	VR_TASK_BY_CGROUP = 4,     /* css sets */
	VR_TASK_BY_CPU = 8,        /* run queues */
	VR_TASK_BY_NEIGHBOR = 16,  /* links of another task: neighbors in lists, parents, leaders */
	VR_TASK_BY_WORKQUEUE = 32, /* worker pools, and the rescuers of workqueues */
	VR_TASK_BY_SLAB = 64,      /* the memory that task_structs are allocated from */
};

struct vr_task_ref {
	uint64_t addr;
	uint64_t missing; /* the first address in the task_struct that can't be read; 0: it's whole
			   */
	unsigned ways;    /* bits of enum vr_task_way; the list alone where that is whole */
};

struct vr_task_set {
	struct vr_program *prog;
	const struct vr_type *type;
	/*
	 * Those on the list first, in its order (as vr_task_walk_next() gives them); then the
	 * others by pid, and last those whose pid can't be read.
	 */
	struct vr_task_ref *tasks;
	size_t count;
	size_t missing; /* of them with some memory missing */
	bool holed;     /* the lists don't lead to all of them */
	/* How many the kernel counted (nr_threads) beyond those found, where memory is missing. */
	size_t lost;
};

/**
 * Find all tasks. Cuts are recorded in the current scope as by vr_task_walk_next(). False: latched.
 * To be freed in any case.
 */
bool vr_task_set_read(struct vr_program *prog, struct vr_task_set *set);
void vr_task_set_free(struct vr_task_set *set);

/**
 * The set of this program, found once: every later call, in a process forked meanwhile too, gives
 * the same one, and latches and cuts what the first did. Never NULL; prog's.
 */
const struct vr_task_set *vr_tasks(struct vr_program *prog);

/**
 * In a sentence what the dump lacks of its tasks, into buf; false: nothing, as far as can be told.
 */
bool vr_task_set_holes(const struct vr_task_set *set, char *buf, size_t size);

/** Where its tasks were found, for the manifest. Static string. */
const char *vr_task_set_source(const struct vr_task_set *set);

/** The i-th task, a struct task_struct. */
static inline struct vr_obj vr_task_set_at(const struct vr_task_set *set, size_t i)
{
	return (struct vr_obj){.prog = set->prog, .type = set->type, .addr = set->tasks[i].addr};
}

#endif
