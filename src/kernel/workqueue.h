/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workqueues: the threads that work for them (kernel/workqueue.c). */
#ifndef KERNEL_WORKQUEUE_H
#define KERNEL_WORKQUEUE_H

#include <vmcore-report/object.h>

/** Called with the address of a worker's task_struct, a pointer that the dump holds. Return false
 * to stop. */
typedef bool (*vr_worker_fn)(void *arg, uint64_t task);

/**
 * The threads of all worker pools, by cpu_worker_pools and worker_pool_idr, and the rescuers of all
 * workqueues: what can be had of them in a dump with holes. A thread may be given twice, or not be
 * in the dump itself. Bounded; latches nothing, records no cuts.
 */
void vr_workers(struct vr_program *prog, vr_worker_fn fn, void *arg);

#endif
