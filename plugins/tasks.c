// SPDX-License-Identifier: GPL-2.0-or-later
/* Every task there was: who, in which state, on which CPU, and for how long it hasn't run. */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "kernel/sched.h"
#include "kernel/task.h"

struct row {
	int64_t pid, tgid, ppid;
	char comm[16];
	char state;
	unsigned cpu;
	bool on_cpu, has_run;
	double idle; /* seconds since it last came to run */
};

/* One task into *row; false where a required read failed (latched). */
static bool read_task(struct vr_obj task, uint64_t now, struct row *row)
{
	uint64_t arrival;

	*row = (struct row){
		.pid = vr_s64(task, "pid"),
		.tgid = vr_s64(task, "tgid"),
		.ppid = vr_s64(task, "real_parent->tgid"),
		.state = vr_task_state(task),
		.cpu = vr_task_cpu(task),
		.on_cpu = vr_u64(task, "on_cpu") != 0,
	};
	vr_task_comm(task, row->comm);
	/* 0: it never ran. The clocks of two CPUs may differ by a little: not less than nothing. */
	if (vr_try_u64(task, "sched_info.last_arrival", &arrival) == VR_OK && arrival && now) {
		row->has_run = true;
		row->idle = now > arrival ? (double)(now - arrival) / 1e9 : 0;
	}
	return !vr_failed(task.prog);
}

static void add_json(struct vr_json *list, const struct row *row)
{
	struct vr_json *o = vr_json_add_object(list, NULL);
	char state[2] = {row->state, '\0'};

	vr_json_set_int(o, "pid", row->pid);
	vr_json_set_int(o, "tgid", row->tgid);
	vr_json_set_int(o, "ppid", row->ppid);
	vr_json_set_string(o, "comm", row->comm);
	vr_json_set_string(o, "state", state);
	vr_json_set_uint(o, "cpu", row->cpu);
	vr_json_set_bool(o, "on_cpu", row->on_cpu);
	if (row->has_run)
		vr_json_set_real(o, "seconds_since_last_run", row->idle);
	else
		vr_json_set_null(o, "seconds_since_last_run");
}

static void add_line(struct vr_file *f, const struct row *row)
{
	char comm[VR_PRINTABLE_SIZE(16)], idle[32] = "-";

	if (row->has_run)
		snprintf(idle, sizeof(idle), "%.6f", row->idle);
	vr_printf(f, "%7" PRId64 " %7" PRId64 " %7" PRId64 " %c %4u %s %14s  %s\n", row->pid,
		  row->tgid, row->ppid, row->state, row->cpu, row->on_cpu ? "*" : " ", idle,
		  vr_printable(row->comm, comm, sizeof(comm)));
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *json = vr_file_new(run, "tasks.json");
	struct vr_file *text = vr_file_new(run, "tasks.txt");
	struct vr_json *list = vr_json_array();
	struct vr_task_walk w = vr_task_walk_begin(prog);
	uint64_t now = vr_sched_now(prog);
	enum vr_err failed;

	vr_file_source(json, "init_task.tasks");
	vr_file_source(text, "init_task.tasks");
	vr_printf(text, "%7s %7s %7s S %4s %c %14s  %s\n", "PID", "TGID", "PPID", "CPU", '*',
		  "LAST_RUN_S", "COMM");
	while (vr_task_walk_next(&w)) {
		struct row row;

		vr_row_begin(text);
		if (read_task(w.task, now, &row))
			add_line(text, &row);
		if (vr_row_end(text))
			add_json(list, &row);
	}
	failed = vr_file_end(text);
	if (failed != VR_OK)
		vr_cut(prog, failed, "tasks are missing, as in tasks.txt");
	vr_print_json(json, list);
	vr_file_end(json);
}

VR_PLUGIN(.description = "all tasks: ids, state, CPU and time since they last ran",
	  .collect = collect)
