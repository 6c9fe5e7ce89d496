// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/task.h"

#include "kernel/globals.h"

struct vr_task_walk vr_task_walk_begin(struct vr_program *prog)
{
	struct vr_obj init = vr_kernel_global(prog, "init_task");

	return (struct vr_task_walk){
		.prog = prog,
		.processes = vr_list_begin(vr_get(init, "tasks"), "struct task_struct", "tasks"),
	};
}

/* Give one task, unless there have been too many. */
static bool give(struct vr_task_walk *w, struct vr_obj task)
{
	if (w->given == VR_WALK_LIMIT) {
		vr_cut(w->prog, VR_LIMIT, "more than %u tasks", VR_WALK_LIMIT);
		w->processes.done = true;
		return false;
	}
	w->task = task;
	w->given++;
	w->threads_given++;
	return true;
}

bool vr_task_walk_next(struct vr_task_walk *w)
{
	while (!vr_failed(w->prog)) {
		struct vr_obj head;

		if (w->in_process) {
			if (vr_list_next(&w->threads))
				return give(w, w->threads.entry);
			w->in_process = false;
			/* Whatever became of its list of threads, a process is at least one task.
			 */
			if (!w->threads_given && !vr_failed(w->prog))
				return give(w, w->processes.entry);
		}
		if (!vr_list_next(&w->processes))
			return false;
		if (vr_try_get(w->processes.entry, "signal->thread_head", &head) != VR_OK) {
			vr_cut(w->prog, VR_FAULT, "the threads of the task at 0x%llx",
			       (unsigned long long)w->processes.entry.addr);
			return give(w, w->processes.entry);
		}
		w->threads = vr_list_begin(head, "struct task_struct", "thread_node");
		w->threads_given = 0;
		w->in_process = true;
	}
	return false;
}

struct vr_obj vr_cpu_current(struct vr_program *prog, unsigned cpu)
{
	/* In struct pcpu_hot from Linux 6.2 to 6.14, a variable of its own before and after. */
	if (vr_has_symbol(prog, "pcpu_hot"))
		return vr_deref(vr_kernel_per_cpu(prog, "pcpu_hot", cpu), "current_task");
	return vr_deref(vr_kernel_per_cpu(prog, "current_task", cpu), "");
}

/* include/linux/sched.h; macros, so that no type information has them. The same since Linux 4.14.
 */
#define TASK_UNINTERRUPTIBLE 0x0002u
#define TASK_REPORT 0x007fu
#define TASK_REPORT_IDLE 0x0080u
#define TASK_IDLE 0x0402u
#define TASK_RTLOCK_WAIT 0x1000u /* since 5.15, commit cd781d0ce8cb */

char vr_task_state(struct vr_obj task)
{
	uint64_t state = vr_u64(task, "__state|state");
	uint64_t report = (state | vr_u64(task, "exit_state")) & TASK_REPORT;

	if (vr_failed(task.prog))
		return '?';
	if ((state & TASK_IDLE) == TASK_IDLE)
		report = TASK_REPORT_IDLE;
	if (state & TASK_RTLOCK_WAIT)
		report = TASK_UNINTERRUPTIBLE;
	return "RSDTtXZPI"[report ? 64 - __builtin_clzll(report) : 0];
}

char *vr_task_comm(struct vr_obj task, char buf[16])
{
	return vr_str(task, "comm", buf, 16);
}

unsigned vr_task_cpu(struct vr_obj task)
{
	return (unsigned)vr_u64(task, "thread_info.cpu|cpu");
}
