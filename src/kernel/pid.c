// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pid.h"

/* enum pid_type: PIDTYPE_PID is the first, of threads; the array pid.tasks is indexed by it. */
static struct vr_obj task_of(struct vr_obj pid)
{
	struct vr_obj none = {.prog = pid.prog};
	uint64_t node;

	if (vr_try_u64(pid, "tasks[0].first", &node) != VR_OK || !node)
		return none;
	return vr_container_of(pid.prog, node, "struct task_struct", "pid_links[0]");
}

struct vr_pid_walk vr_pid_walk_begin(struct vr_program *prog)
{
	struct vr_obj ns = vr_global(prog, "init_pid_ns", "struct pid_namespace");

	return (struct vr_pid_walk){.ids = vr_idr_begin(vr_get(ns, "idr"))};
}

bool vr_pid_walk_next(struct vr_pid_walk *w)
{
	struct vr_program *prog = w->ids.prog;

	while (vr_xarray_next(&w->ids)) {
		if (vr_xa_is_value(w->ids.entry) || w->ids.index > INT32_MAX)
			continue;
		w->nr = (int32_t)w->ids.index;
		w->pid = vr_at(prog, "struct pid", w->ids.entry);
		w->task = task_of(w->pid);
		return !vr_failed(prog);
	}
	return false;
}

struct vr_obj vr_find_task(struct vr_program *prog, int32_t pid)
{
	struct vr_obj ns = vr_global(prog, "init_pid_ns", "struct pid_namespace");
	uint64_t base = vr_u64(ns, "idr.idr_base");
	uint64_t entry;

	if (pid < 0 || (uint64_t)pid < base)
		return (struct vr_obj){.prog = prog};
	entry = vr_xarray_load(vr_get(ns, "idr.idr_rt"), (uint64_t)pid - base);
	if (!entry || vr_xa_is_value(entry))
		return (struct vr_obj){.prog = prog};
	return task_of(vr_at(prog, "struct pid", entry));
}
