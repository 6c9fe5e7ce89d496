// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pid.h"

#include "kernel/globals.h"

/*
 * enum pid_type: PIDTYPE_PID is the first, of threads; the array pid.tasks is indexed by it. VR_OK
 * with no task where it is only a group's or session's id.
 */
static enum vr_err task_of(struct vr_obj pid, struct vr_obj *task)
{
	uint64_t node;
	enum vr_err r = vr_try_u64(pid, "tasks[0].first", &node);

	*task = (struct vr_obj){.prog = pid.prog};
	if (r == VR_OK && node)
		*task = vr_container_of(pid.prog, node, "struct task_struct", "pid_links[0]");
	return r;
}

struct vr_pid_walk vr_pid_walk_begin(struct vr_program *prog)
{
	struct vr_obj ns = vr_kernel_global(prog, "init_pid_ns");

	return (struct vr_pid_walk){.ids = vr_idr_begin(vr_get(ns, "idr"))};
}

bool vr_pid_walk_next(struct vr_pid_walk *w)
{
	struct vr_program *prog = w->ids.prog;
	enum vr_err r;

	while (vr_xarray_next(&w->ids)) {
		if (vr_xa_is_value(w->ids.entry) || w->ids.index > INT32_MAX)
			continue;
		w->nr = (int32_t)w->ids.index;
		w->pid = vr_at(prog, "struct pid", w->ids.entry);
		r = task_of(w->pid, &w->task);
		if (r != VR_OK && !vr_failed(prog))
			vr_cut(prog, r, "the task of pid %d", w->nr);
		return !vr_failed(prog);
	}
	return false;
}

struct vr_obj vr_find_task(struct vr_program *prog, int32_t pid)
{
	struct vr_obj ns = vr_kernel_global(prog, "init_pid_ns");
	uint64_t base = vr_u64(ns, "idr.idr_base");
	struct vr_obj task;
	uint64_t entry;
	enum vr_err r;

	if (pid < 0 || (uint64_t)pid < base)
		return (struct vr_obj){.prog = prog};
	entry = vr_xarray_load(vr_get(ns, "idr.idr_rt"), (uint64_t)pid - base);
	if (!entry || vr_xa_is_value(entry))
		return (struct vr_obj){.prog = prog};
	r = task_of(vr_at(prog, "struct pid", entry), &task);
	if (r != VR_OK)
		vr_latch(prog, r, "the task of pid %d", pid);
	return task;
}
