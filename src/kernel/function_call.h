/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions a kernel function calls: what tells a kernel's version where no type does. */
#ifndef KERNEL_FUNCTION_CALL_H
#define KERNEL_FUNCTION_CALL_H

#include <vmcore-report/object.h>

/**
 * Does the machine code of function call (or jump to) callee directly? False where the kernel has
 * no such callee. Latches VR_ABSENT (no such function), VR_FAULT. Reads the function anew each
 * time.
 */
bool vr_function_calls(struct vr_program *prog, const char *function, const char *callee);

#endif
