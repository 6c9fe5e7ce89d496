/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A task's ids in pid namespaces (kernel/pid.c). */
#ifndef KERNEL_TASK_PID_H
#define KERNEL_TASK_PID_H

#include <vmcore-report/object.h>

/** enum pid_type of include/linux/pid.h. */
enum vr_pid_type { VR_PID_THREAD, VR_PID_PROCESS, VR_PID_GROUP, VR_PID_SESSION };

/** Namespaces lie in each other, 32 deep at most (MAX_PID_NS_LEVEL). */
#define VR_PID_LEVELS 33

/** The task's struct pid of that type; !vr_ok() where it has none (an exited task). */
struct vr_obj vr_task_pid(struct vr_obj task, enum vr_pid_type type);
/**
 * The id in the namespace at that level and address (0: whichever is there); 0 where the pid isn't
 * in it: pid_nr_ns().
 */
int64_t vr_pid_nr(struct vr_obj pid, unsigned level, uint64_t ns);
/** The id in the initial namespace. */
int64_t vr_task_pid_nr(struct vr_obj task, enum vr_pid_type type);
/** The parent's process id: task_ppid_nr(). */
int64_t vr_task_ppid(struct vr_obj task);
/** The level of the innermost namespace; the namespace at each level up to it into ns. Latches. */
unsigned vr_pid_namespaces(struct vr_obj pid, uint64_t ns[VR_PID_LEVELS]);

#endif
