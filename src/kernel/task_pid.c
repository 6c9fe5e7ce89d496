// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/task_pid.h"

#include <inttypes.h>

#include "object/program.h"

struct vr_obj vr_task_pid(struct vr_obj task, enum vr_pid_type type)
{
	struct vr_obj none = {.prog = task.prog};
	uint64_t addr;

	if (type == VR_PID_THREAD)
		addr = vr_u64(task, "thread_pid");
	else if (type == VR_PID_PROCESS)
		addr = vr_u64(task, "signal->pids[1]");
	else if (type == VR_PID_GROUP)
		addr = vr_u64(task, "signal->pids[2]");
	else
		addr = vr_u64(task, "signal->pids[3]");
	return addr ? vr_at(task.prog, "struct pid", addr) : none;
}

int64_t vr_pid_nr(struct vr_obj pid, unsigned level, uint64_t ns)
{
	struct vr_obj upid;

	if (!vr_ok(pid) || level > vr_u64(pid, "level"))
		return 0;
	upid = vr_index(vr_get(pid, "numbers"), level);
	if (ns && vr_u64(upid, "ns") != ns)
		return 0;
	return vr_s64(upid, "nr");
}

int64_t vr_task_pid_nr(struct vr_obj task, enum vr_pid_type type)
{
	if (type != VR_PID_THREAD && type != VR_PID_PROCESS)
		return vr_pid_nr(vr_task_pid(task, type), 0, 0);
	/* These the task has itself, which holds where a dump lacks the struct pid. */
	if (!vr_u64(task, "thread_pid"))
		return 0;
	return type == VR_PID_THREAD ? vr_s64(task, "pid") : vr_s64(task, "tgid");
}

int64_t vr_task_ppid(struct vr_obj task)
{
	/* pid_alive() */
	if (!vr_u64(task, "thread_pid") || vr_failed(task.prog))
		return 0;
	return vr_task_pid_nr(vr_deref(task, "real_parent"), VR_PID_PROCESS);
}

unsigned vr_pid_namespaces(struct vr_obj pid, uint64_t ns[VR_PID_LEVELS])
{
	uint64_t level = vr_u64(pid, "level");

	if (level >= VR_PID_LEVELS) {
		vr_latch(pid.prog, VR_CORRUPT, "a pid in %" PRIu64 " namespaces", level);
		level = 0;
	}
	for (unsigned i = 0; i <= level; i++)
		ns[i] = vr_u64(vr_index(vr_get(pid, "numbers"), i), "ns");
	return (unsigned)level;
}
