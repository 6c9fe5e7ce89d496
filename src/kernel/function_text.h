/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings that a kernel function uses. Where a line of a file came with a release, and neither a
 * type nor a symbol did, the function that prints it tells whether it does.
 */
#ifndef KERNEL_FUNCTION_TEXT_H
#define KERNEL_FUNCTION_TEXT_H

#include <vmcore-report/object.h>

/**
 * Does the machine code of a function have the address of a string in the kernel's read-only data
 * (of a module's: in that module) that has text in it? Latches VR_ABSENT (no such function), VR_FAULT.
 */
bool vr_function_has_text(struct vr_program *prog, const char *function, const char *text);

#endif
