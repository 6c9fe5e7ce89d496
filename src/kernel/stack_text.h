/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stacks and registers as the kernel prints them (arch/x86/kernel/dumpstack.c, process_64.c). */
#ifndef KERNEL_STACK_TEXT_H
#define KERNEL_STACK_TEXT_H

#include "base/strbuf.h"
#include "kernel/stack.h"

/** "RIP: 0010:name+0x1/0x2" and the rows below it; with iret_only no more than the CPU pushes. */
void vr_regs_print(struct vr_strbuf *sb, struct vr_program *prog, const struct vr_regs *regs,
		   bool iret_only);

/**
 * The body of a call trace: one frame a line, " name+0x1c/0x40 [mod]", "? " before unreliable ones,
 * source lines, what was inlined and parameters where they can be told, the marks of the stacks, and
 * the registers where an exception, an interrupt or a system call came in. Where the trace isn't complete a last line in parentheses says why.
 */
void vr_stack_print(struct vr_strbuf *sb, struct vr_program *prog, const struct vr_stack *stack);

#endif
