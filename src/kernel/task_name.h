/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which name /proc shows of a task: more than its comm for kernel threads (fs/proc/array.c). */
#ifndef KERNEL_TASK_NAME_H
#define KERNEL_TASK_NAME_H

#include <vmcore-report/object.h>

#define VR_TASK_NAME_SIZE 64

/** proc_task_name(): the name of the work that a worker does, a kernel thread's full name, else
 * comm. Latches; returns buf. */
char *vr_task_name(struct vr_obj task, char buf[VR_TASK_NAME_SIZE]);

#endif
