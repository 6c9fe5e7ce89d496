/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in the kernel a task waits (get_wchan()). */
#ifndef KERNEL_WCHAN_H
#define KERNEL_WCHAN_H

#include <vmcore-report/object.h>

/** The address in the first function on its stack that isn't the scheduler's; 0: it doesn't wait,
 * or the kernel couldn't have told. Latches. */
uint64_t vr_task_wchan(struct vr_obj task);
/** The name of the function that this is in, as /proc/<pid>/wchan has it; NULL: none. Lives as long
 * as the program. */
const char *vr_task_wchan_name(struct vr_obj task);

#endif
