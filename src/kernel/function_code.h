/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine code of a kernel function tells of the kernel's version, where neither a type
 * nor a symbol does. Each call reads the function anew: remember the answer (object/memo.h).
 */
#ifndef KERNEL_FUNCTION_CODE_H
#define KERNEL_FUNCTION_CODE_H

#include <vmcore-report/object.h>

/**
 * Does function call (or jump to) callee directly? False where the kernel has no such callee.
 * Latches VR_ABSENT (no such function), VR_FAULT.
 */
bool vr_function_calls(struct vr_program *prog, const char *function, const char *callee);
/** Does function load that constant into a register? Latches likewise. */
bool vr_function_loads(struct vr_program *prog, const char *function, int32_t constant);

/** Does function keep only the bits of that constant (of a byte, sign-extended) of a register? */
bool vr_function_masks(struct vr_program *prog, const char *function, int8_t constant);
/** Does function have the address of something, or a constant, as an operand of four bytes? Latches
 * likewise. */
bool vr_function_refers(struct vr_program *prog, const char *function, uint64_t addr);

#endif
