/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers with which a task entered the kernel (task_pt_regs(), arch/x86). */
#ifndef KERNEL_TASK_REGS_H
#define KERNEL_TASK_REGS_H

#include "kernel/stack.h"

/**
 * The struct pt_regs at the outer end of the task's kernel stack. False: it has given its stack
 * back (nothing is latched), or latched.
 */
bool vr_task_regs(struct vr_obj task, struct vr_regs *regs);

#endif
