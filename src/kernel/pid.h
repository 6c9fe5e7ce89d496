/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process ids of the initial pid namespace (include/linux/pid.h): another way to every task. */
#ifndef KERNEL_PID_H
#define KERNEL_PID_H

#include "kernel/xarray.h"

/** A walk over the ids in use, ascending; tasks and threads alike. */
struct vr_pid_walk {
	int32_t nr;
	struct vr_obj pid;  /* struct pid */
	struct vr_obj task; /* whose thread id it is; !vr_ok() where it is only a group or session,
			     * or where that can't be read (a cut) */
	/* private */
	struct vr_xarray_walk ids;
};

struct vr_pid_walk vr_pid_walk_begin(struct vr_program *prog);
bool vr_pid_walk_next(struct vr_pid_walk *walk);

/** The task with that thread id; !vr_ok() where there is none (nothing is latched for that, as it
 * is where the tree of ids can't be read). */
struct vr_obj vr_find_task(struct vr_program *prog, int32_t pid);

#endif
