// SPDX-License-Identifier: GPL-2.0-or-later
/* my_plugin: which processes there were, and how many threads each had. */
#include <vmcore-report/plugin.h>

/* Where the dumped kernel lacks one of these the plugin does not run, and the manifest says which. */
static const char *const needs[] = {
	"symbol:init_task",
	"member:struct task_struct.signal",
	NULL,
};

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *f = vr_file_new(run, "processes.txt");
	struct vr_iter *it = vr_iter_processes(prog);
	unsigned long long processes = 0, threads = 0;
	struct vr_obj task;

	vr_file_source(f, "init_task.tasks");
	vr_printf(f, "%7s %1s %7s %s\n", "PID", "S", "THREADS", "NAME");
	while (vr_iter_next(it, &task)) {
		char comm[16], name[64];
		unsigned long long count;

		vr_row_begin(f);
		count = vr_u64(task, "signal->nr_threads");
		vr_printf(f, "%7lld %c %7llu %s\n", (long long)vr_s64(task, "pid"),
			  vr_task_state(task), count,
			  vr_printable(vr_task_comm(task, comm), name, sizeof(name)));
		if (vr_row_end(f)) {
			processes++;
			threads += count;
		}
	}
	vr_iter_end(it);
	if (vr_file_end(f) == VR_OK)
		vr_note(run, "%llu processes with %llu threads", processes, threads);
}

VR_PLUGIN(.name = "my_plugin", .description = "processes and their threads",
	  .needs = needs, .collect = collect)
