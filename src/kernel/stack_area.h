/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which stack an address lies on (arch/x86/kernel/dumpstack_64.c). */
#ifndef KERNEL_STACK_AREA_H
#define KERNEL_STACK_AREA_H

#include "kernel/stack.h"

/** One stack, end not included. */
struct vr_stack_area {
	enum vr_stack_kind kind;
	uint64_t start, end;
};

/** The stacks that one unwind may use. */
struct vr_stack_areas {
	struct vr_program *prog;
	struct vr_stack_area task; /* start 0: unknown, and then guessed once from the alignment */
	bool has_cpu; /* cpu is the one whose interrupt stacks count; else all CPUs' do */
	unsigned cpu;
};

/** THREAD_SIZE, the size (and alignment) of a task's kernel stack. */
uint64_t vr_thread_size(struct vr_program *prog);
/** The kernel stack of a task; VR_STACK_UNKNOWN where it can't be told. Latches nothing. */
struct vr_stack_area vr_task_stack_area(struct vr_obj task);
/**
 * The stack that addr lies on. False: none of those. Bounded by the number of CPUs; latches
 * nothing.
 */
bool vr_stack_area_find(struct vr_stack_areas *areas, uint64_t addr, struct vr_stack_area *area);

#endif
