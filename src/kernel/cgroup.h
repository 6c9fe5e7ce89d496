/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups: where a task is in each hierarchy (kernel/cgroup/cgroup.c). */
#ifndef KERNEL_CGROUP_H
#define KERNEL_CGROUP_H

#include "kernel/list.h"

/** A walk over the hierarchies that are mounted or were, the unified one where it is in use:
 * for_each_root(), the latest first. */
struct vr_cgroup_root_walk {
	struct vr_obj root; /* struct cgroup_root */
	bool is_default;    /* the unified hierarchy, cgroup v2 */
	/* private */
	struct vr_list_walk roots;
};

struct vr_cgroup_root_walk vr_cgroup_roots_begin(struct vr_program *prog);
bool vr_cgroup_root_next(struct vr_cgroup_root_walk *walk);

/** The task's struct cgroup in that hierarchy; !vr_ok() where it is in none (or latched):
 * task_cgroup_from_root(). */
struct vr_obj vr_task_cgroup(struct vr_obj task, const struct vr_cgroup_root_walk *walk);
/** Is it removed already? */
bool vr_cgroup_is_dead(struct vr_obj cgroup);

#endif
