// SPDX-License-Identifier: GPL-2.0-or-later
/* Every task there was: who, in which state, on which CPU, and for how long it hasn't run. */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "kernel/sched.h"
#include "kernel/task_set.h"

struct row {
	uint64_t addr;
	int64_t pid, tgid, ppid;
	char comm[16];
	char state;
	unsigned cpu;
	bool on_cpu, has_run;
	double idle; /* seconds since it last came to run */
	/* What of it lies in memory that the dump lacks. */
	bool no_pid, no_tgid, no_ppid, no_comm, no_state, no_cpu, no_on_cpu, no_idle;
	struct vr_error error; /* of the first such piece */
};

/*
 * The end of a piece of a row, which was read in a scope of its own. True where its memory is
 * missing; any other failure is the whole row's.
 */
static bool is_missing(struct vr_program *prog, struct vr_scope *piece, struct row *row)
{
	enum vr_err r = vr_scope_leave(prog, piece);

	if (r != VR_OK && r != VR_FAULT)
		vr_latch(prog, r, "%s", piece->error.text);
	if (r == VR_FAULT && row->error.kind == VR_OK)
		row->error = piece->error;
	return r == VR_FAULT;
}

static bool read_int(struct vr_obj task, const char *path, struct row *row, int64_t *value)
{
	struct vr_scope piece;

	vr_scope_enter(task.prog, &piece);
	*value = vr_s64(task, path);
	return is_missing(task.prog, &piece, row);
}

/* One task into *row; false where a required read failed (latched). */
static bool read_task(struct vr_obj task, uint64_t now, struct row *row)
{
	int64_t on_cpu = 0, arrival = 0;
	struct vr_scope piece;

	*row = (struct row){.addr = task.addr};
	row->no_pid = read_int(task, "pid", row, &row->pid);
	row->no_tgid = read_int(task, "tgid", row, &row->tgid);
	row->no_ppid = read_int(task, "real_parent->tgid", row, &row->ppid);
	vr_scope_enter(task.prog, &piece);
	row->state = vr_task_state(task);
	row->no_state = is_missing(task.prog, &piece, row);
	vr_scope_enter(task.prog, &piece);
	row->cpu = vr_task_cpu(task);
	row->no_cpu = is_missing(task.prog, &piece, row);
	row->no_on_cpu = read_int(task, "on_cpu", row, &on_cpu);
	row->on_cpu = on_cpu != 0;
	vr_scope_enter(task.prog, &piece);
	vr_task_comm(task, row->comm);
	row->no_comm = is_missing(task.prog, &piece, row);
	if (vr_has(task, "sched_info.last_arrival"))
		row->no_idle = read_int(task, "sched_info.last_arrival", row, &arrival);
	/* 0: it never ran. The clocks of two CPUs may differ by a little: not less than nothing. */
	if (arrival && now) {
		row->has_run = true;
		row->idle = now > (uint64_t)arrival ? (double)(now - (uint64_t)arrival) / 1e9 : 0;
	}
	return !vr_failed(task.prog);
}

static void set_int(struct vr_json *o, const char *key, int64_t value, bool missing)
{
	if (missing)
		vr_json_set_null(o, key);
	else
		vr_json_set_int(o, key, value);
}

static void set_text(struct vr_json *o, const char *key, const char *value, bool missing)
{
	if (missing)
		vr_json_set_null(o, key);
	else
		vr_json_set_string(o, key, value);
}

static void add_json(struct vr_json *list, const struct row *row)
{
	struct vr_json *o = vr_json_add_object(list, NULL);
	char state[2] = {row->state, '\0'}, address[32];

	set_int(o, "pid", row->pid, row->no_pid);
	set_int(o, "tgid", row->tgid, row->no_tgid);
	set_int(o, "ppid", row->ppid, row->no_ppid);
	set_text(o, "comm", row->comm, row->no_comm);
	set_text(o, "state", state, row->no_state);
	set_int(o, "cpu", row->cpu, row->no_cpu);
	if (row->no_on_cpu)
		vr_json_set_null(o, "on_cpu");
	else
		vr_json_set_bool(o, "on_cpu", row->on_cpu);
	if (row->has_run)
		vr_json_set_real(o, "seconds_since_last_run", row->idle);
	else
		vr_json_set_null(o, "seconds_since_last_run");
	if (row->error.kind == VR_OK)
		return;
	snprintf(address, sizeof(address), "0x%" PRIx64, row->addr);
	vr_json_set_string(o, "address", address);
	vr_json_set_string(o, "missing", row->error.text);
}

/* A number in its column, or a question mark. */
static void put_int(struct vr_file *f, int width, int64_t value, bool missing)
{
	if (missing)
		vr_printf(f, "%*s ", width, "?");
	else
		vr_printf(f, "%*" PRId64 " ", width, value);
}

static void add_line(struct vr_file *f, const struct row *row)
{
	char comm[VR_PRINTABLE_SIZE(16)], idle[32] = "-", missing[48];

	if (row->has_run)
		snprintf(idle, sizeof(idle), "%.6f", row->idle);
	snprintf(missing, sizeof(missing), "? (at 0x%" PRIx64 ")", row->addr);
	put_int(f, 7, row->pid, row->no_pid);
	put_int(f, 7, row->tgid, row->no_tgid);
	put_int(f, 7, row->ppid, row->no_ppid);
	vr_printf(f, "%c ", row->no_state ? '?' : row->state);
	put_int(f, 4, row->cpu, row->no_cpu);
	vr_printf(f, "%s %14s  %s\n",
		  row->no_on_cpu ? "?"
		  : row->on_cpu  ? "*"
				 : " ",
		  row->no_idle ? "?" : idle,
		  row->no_comm ? missing : vr_printable(row->comm, comm, sizeof(comm)));
}

/* Say of a dump with holes what they cost; who isn't found at all is a row that can't be given. */
static void tell_holes(struct vr_run *run, struct vr_file *text, const struct vr_task_set *set,
		       size_t incomplete, const struct vr_error *first)
{
	char holes[256];

	if (vr_task_set_holes(set, holes, sizeof(holes)))
		vr_note(run, "%s", holes);
	for (size_t i = 0; i < set->lost; i++) {
		vr_row_begin(text);
		vr_latch(set->prog, VR_FAULT, "a task that nothing in the dump leads to");
		vr_row_end(text);
	}
	if (incomplete)
		vr_cut(set->prog, VR_FAULT, "%zu of %zu tasks can't be read in full, the first: %s",
		       incomplete, set->count, first->text);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *json = vr_file_new(run, "tasks.json");
	struct vr_file *text = vr_file_new(run, "tasks.txt");
	struct vr_json *list = vr_json_array();
	const struct vr_task_set *set = vr_tasks(prog);
	uint64_t now;
	struct vr_error first = {0};
	size_t incomplete = 0;
	enum vr_err failed;

	now = vr_sched_now(prog);
	vr_file_source(json, "%s", vr_task_set_source(set));
	vr_file_source(text, "%s", vr_task_set_source(set));
	vr_printf(text, "%7s %7s %7s S %4s %c %14s  %s\n", "PID", "TGID", "PPID", "CPU", '*',
		  "LAST_RUN_S", "COMM");
	for (size_t i = 0; i < set->count; i++) {
		struct row row;

		vr_row_begin(text);
		if (read_task(vr_task_set_at(set, i), now, &row))
			add_line(text, &row);
		if (vr_row_end(text)) {
			add_json(list, &row);
			if (row.error.kind != VR_OK && !incomplete++)
				first = row.error;
		}
	}
	tell_holes(run, text, set, incomplete, &first);
	failed = vr_file_end(text);
	if (failed != VR_OK)
		vr_cut(prog, failed, "tasks are missing, as in tasks.txt");
	vr_print_json(json, list);
	vr_file_end(json);
}

static const char *const needs[] = {"symbol:init_task", "type:struct task_struct", NULL};

VR_PLUGIN(.description = "all tasks: ids, state, CPU and time since they last ran", .needs = needs,
	  .collect = collect)
