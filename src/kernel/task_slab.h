/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks by the memory that they lie in: the pages of the cache that the kernel has task_structs
 * from. The last resort, for a dump that lacks what leads to them; it looks at a word of the
 * struct page of all memory.
 */
#ifndef KERNEL_TASK_SLAB_H
#define KERNEL_TASK_SLAB_H

#include <vmcore-report/object.h>

/** How sure it is that memory of that cache holds a task, not what is left of one. */
enum vr_task_life {
	VR_TASK_DEAD,
	VR_TASK_PROVEN, /* what it is linked with leads back to it */
	VR_TASK_LIKELY, /* what it is linked with isn't in the dump; all in itself says it is one */
};

/**
 * Is that struct task_struct one of a task that there is: neither freed, nor on its way to be, nor
 * only being made? VR_TASK_DEAD also where too much of it is missing to tell. Latches nothing.
 */
enum vr_task_life vr_task_life(struct vr_obj task);

/** Called for a task that is not VR_TASK_DEAD. Return false to stop. */
typedef bool (*vr_task_slab_fn)(void *arg, struct vr_obj task, enum vr_task_life life);

/**
 * Go through all memory of task_struct_cachep (mm/slub.c). VR_ABSENT: this kernel's is kept in a
 * way that isn't known here, nothing was looked at; VR_LIMIT: only the first *pages page frames
 * were. Latches nothing.
 */
enum vr_err vr_task_slab_scan(struct vr_program *prog, vr_task_slab_fn fn, void *arg,
			      uint64_t *pages);

#endif
