/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where on a stack a panic came from. */
#ifndef KERNEL_PANIC_STACK_H
#define KERNEL_PANIC_STACK_H

#include "kernel/stack.h"

/**
 * The first frame behind those of the panic or oops itself (panic(), die(), the exception's entry,
 * ...), which are the same for all of them. 0 where no such frame is on the stack, and where there
 * is nothing behind them.
 */
size_t vr_panic_origin(struct vr_program *prog, const struct vr_stack *stack);

/**
 * A frame's function: without offset and module, and without what the compiler appends (".cold").
 * Returns name.
 */
char *vr_frame_function(struct vr_program *prog, const struct vr_frame *frame, char *name,
			size_t size);

#endif
