/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over walks: a walk that was cut short gives a number that isn't the kernel's. */
#ifndef KERNEL_WHOLE_H
#define KERNEL_WHOLE_H

#include <vmcore-report/object.h>

/**
 * Leave a scope in which something was counted or summed up. What failed in it, and what was cut
 * short, is latched in the scope around it. True where it is whole.
 */
bool vr_scope_leave_whole(struct vr_program *prog, struct vr_scope *scope);

#endif
