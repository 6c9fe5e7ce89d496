// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What sos_reports/sos.html draws beyond what other files have: the panic and its stack, blocked
 * tasks with theirs, what each CPU was about. One line of JSON, bounded whatever the machine's size,
 * since it becomes a part of the page.
 */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/panic.h"
#include "kernel/panic_stack.h"
#include "kernel/sched.h"
#include "kernel/source.h"
#include "kernel/task_set.h"

#define NSEC_PER_SEC 1000000000.0
/* What is listed; the counts beside it are of all. */
#define MAX_BLOCKED 512
#define MAX_STACKS 64
#define MAX_STACK_BYTES ((size_t)64 << 10)
#define MAX_CPUS 1024

/* What the walk over all tasks finds. */
struct found {
	uint64_t now; /* of the scheduler; 0: unknown */
	size_t total, blocked;
	size_t states[128]; /* by letter */
	struct vr_json *blocked_list, *stack_list;
	char *stacks[MAX_STACKS]; /* those in stack_list, as text */
	size_t stack_count, stack_bytes;
	/* By CPU: how long the task that has waited the longest to run has waited. */
	double waiting[MAX_CPUS];
};

static void found_free(struct found *found)
{
	for (size_t i = 0; i < found->stack_count; i++)
		free(found->stacks[i]);
}

/* ---- Stacks ---- */

/* A frame's lines, each a string; returns how many there are. */
static size_t add_frame(struct vr_json *frames, const struct vr_frame_style *style,
			const struct vr_frame *frame)
{
	VR_STRBUF text = {0};
	size_t lines =
		vr_frame_print(&text, style, frame, frame->kind == VR_FRAME_UNRELIABLE ? "? " : "");
	const char *line = vr_strbuf_str(&text);

	while (*line) {
		const char *end = strchrnul(line, '\n');

		vr_json_set_bytes(frames, NULL, line, (size_t)(end - line));
		line = *end ? end + 1 : end;
	}
	return lines;
}

/*
 * The frames, "? " before those that are a guess, with parameters where they are given, and under "note"
 * what is to be said of the stack as a whole. Returns how many lines there are above the frame at.
 */
static size_t add_stack(struct vr_json *o, struct vr_program *prog, const struct vr_stack *stack,
			const struct vr_stack_parameters *parameters, size_t at)
{
	struct vr_frame_style style = {.prog = prog, .indent = "", .parameters = parameters};
	struct vr_json *frames = vr_json_add_array(o, "frames");
	size_t lines = 0, above = 0;

	for (size_t i = 0; i < stack->count; i++) {
		if (i == at)
			above = lines;
		style.number = (unsigned)i;
		lines += add_frame(frames, &style, &stack->frames[i]);
	}
	if (stack->user_mode && !stack->count)
		vr_json_set_string(o, "note", "in user mode");
	else if (stack->released)
		vr_json_set_string(o, "note", "exited, its stack is released");
	else if (!stack->complete && stack->error.kind != VR_OK)
		vr_json_set_string(o, "note", stack->error.text);
	return above;
}

/* The number of the task's stack in the list of stacks; -1: there is no room for it. */
static int stack_number(struct found *found, struct vr_obj task)
{
	struct vr_json *o = vr_json_object();
	VR_FREE char *text = NULL;
	struct vr_stack stack;
	size_t i, size;

	vr_stack_of_task(task, &stack);
	add_stack(o, task.prog, &stack, NULL, 0);
	text = vr_json_text(o, 0);
	vr_json_free(o);
	if (!text) {
		vr_latch(task.prog, VR_NOMEM, "out of memory");
		return -1;
	}
	for (i = 0; i < found->stack_count; i++)
		if (!strcmp(found->stacks[i], text))
			return (int)i;
	size = strlen(text);
	if (i == MAX_STACKS || found->stack_bytes + size > MAX_STACK_BYTES)
		return -1;
	add_stack(vr_json_add_object(found->stack_list, NULL), task.prog, &stack, NULL, 0);
	found->stacks[found->stack_count++] = VR_TAKE(text);
	found->stack_bytes += size;
	return (int)i;
}

/* ---- Tasks ---- */

/* Seconds since a stamp of the scheduler's; below 0: there is none. */
static double since(const struct found *found, uint64_t stamp)
{
	if (!stamp || !found->now)
		return -1;
	/* The clocks of two CPUs may differ by a little: not less than nothing. */
	return found->now > stamp ? (double)(found->now - stamp) / NSEC_PER_SEC : 0;
}

static void add_blocked(struct found *found, struct vr_obj task)
{
	struct vr_json *o;
	double seconds = -1;
	char comm[16];
	int64_t pid = vr_s64(task, "pid");
	int stack = stack_number(found, task);

	vr_task_comm(task, comm);
	if (vr_has(task, "sched_info.last_arrival"))
		seconds = since(found, vr_u64(task, "sched_info.last_arrival"));
	if (vr_failed(task.prog))
		return;
	o = vr_json_add_object(found->blocked_list, NULL);
	vr_json_set_int(o, "pid", pid);
	vr_json_set_string(o, "comm", comm);
	if (seconds >= 0)
		vr_json_set_real(o, "seconds", seconds);
	if (stack >= 0)
		vr_json_set_int(o, "stack", stack);
}

/* One that could run, but another one does. */
static void note_waiting(struct found *found, struct vr_obj task)
{
	unsigned cpu = vr_task_cpu(task);
	double seconds;

	if (!vr_has(task, "sched_info.last_queued") || vr_u64(task, "on_cpu") || cpu >= MAX_CPUS)
		return;
	seconds = since(found, vr_u64(task, "sched_info.last_queued"));
	if (seconds > found->waiting[cpu])
		found->waiting[cpu] = seconds;
}

static void look_at(struct found *found, struct vr_obj task)
{
	char state = vr_task_state(task);

	if (vr_failed(task.prog))
		return;
	found->total++;
	found->states[(unsigned char)state & 127]++;
	if (state == 'R')
		note_waiting(found, task);
	if (state != 'D')
		return;
	if (found->blocked++ < MAX_BLOCKED)
		add_blocked(found, task);
}

static void tasks_part(struct vr_file *f, struct vr_program *prog, struct vr_json *all,
		       struct found *found)
{
	const struct vr_task_set *set = vr_tasks(prog);
	struct vr_json *o = vr_json_add_object(all, "tasks"), *states;

	states = vr_json_add_object(o, "states");
	found->blocked_list = vr_json_add_array(o, "blocked");
	found->stack_list = vr_json_add_array(o, "stacks");
	for (size_t i = 0; i < set->count && !vr_failed(prog); i++) {
		vr_row_begin(f);
		look_at(found, vr_task_set_at(set, i));
		vr_row_end(f);
	}
	vr_json_set_uint(o, "total", found->total);
	vr_json_set_uint(o, "blocked_total", found->blocked);
	for (int c = '!'; c < 127; c++) {
		char letter[2] = {(char)c, '\0'};

		if (found->states[c])
			vr_json_set_uint(states, letter, found->states[c]);
	}
}

/* ---- The panic ---- */

static void add_task(struct vr_json *o, struct vr_obj task)
{
	struct vr_scope scope;
	int64_t pid, tgid;
	char comm[16];

	if (!vr_ok(task))
		return;
	vr_scope_enter(task.prog, &scope);
	pid = vr_s64(task, "pid");
	tgid = vr_s64(task, "tgid");
	vr_task_comm(task, comm);
	if (vr_scope_leave(task.prog, &scope) != VR_OK)
		return;
	vr_json_set_string(o, "comm", comm);
	vr_json_set_int(o, "pid", pid);
	if (tgid != pid)
		vr_json_set_int(o, "tgid", tgid);
}

static void add_line(struct vr_json *o, const char *key, const struct vr_panic_line *line)
{
	if (line->found)
		vr_json_set_bytes(o, key, line->text, line->len);
}

static void panic_part(struct vr_program *prog, struct vr_json *all)
{
	struct vr_json *o = vr_json_add_object(all, "panic"), *s;
	struct vr_stack_parameters parameters;
	struct vr_stack stack;
	size_t origin;
	struct vr_panic p;

	vr_panic_read(prog, &p);
	if (vr_panic_happened(&p) || p.denied)
		vr_json_set_bool(o, "panicked", vr_panic_happened(&p));
	add_line(o, "message", &p.panic);
	add_line(o, "cause", &p.cause);
	if (!p.has_cpu)
		return;
	vr_json_set_uint(o, "cpu", p.cpu);
	add_task(o, p.task);
	vr_stack_of_cpu(prog, p.cpu, &stack);
	s = vr_json_add_object(o, "stack");
	vr_stack_parameters(prog, &stack, &parameters);
	origin = add_stack(s, prog, &stack, &parameters, vr_panic_origin(prog, &stack));
	vr_json_set_uint(s, "origin", origin);
	vr_stack_parameters_free(&parameters);
}

/* ---- CPUs ---- */

static void cpu_part(struct vr_program *prog, struct vr_json *list, unsigned cpu,
		     const struct found *found)
{
	struct vr_json *o;
	struct vr_scope scope;
	struct vr_obj current;
	uint64_t running;

	vr_scope_enter(prog, &scope);
	running = vr_u64(vr_run_queue(prog, cpu), "nr_running");
	current = vr_cpu_current(prog, cpu);
	if (vr_scope_leave(prog, &scope) != VR_OK) {
		vr_cut(prog, scope.error.kind, "CPU %u: %s", cpu, scope.error.text);
		return;
	}
	o = vr_json_add_object(list, NULL);
	vr_json_set_uint(o, "cpu", cpu);
	vr_json_set_uint(o, "running", running);
	add_task(o, current);
	if (cpu < MAX_CPUS && found->waiting[cpu] > 0)
		vr_json_set_real(o, "waiting", found->waiting[cpu]);
}

static void cpus_part(struct vr_program *prog, struct vr_json *all, const struct found *found)
{
	struct vr_json *list = vr_json_add_array(all, "cpus");
	struct vr_cpumask online;
	struct vr_scope scope;
	unsigned count = 0;

	vr_scope_enter(prog, &scope);
	vr_cpus_online(prog, &online);
	if (vr_scope_leave(prog, &scope) != VR_OK) {
		vr_cut(prog, scope.error.kind, "CPUs: %s", scope.error.text);
		return;
	}
	for (unsigned cpu = vr_cpumask_next(&online, 0); cpu < online.nr;
	     cpu = vr_cpumask_next(&online, cpu + 1))
		if (count++ < MAX_CPUS)
			cpu_part(prog, list, cpu, found);
	vr_json_set_uint(all, "cpus_total", count);
}

/* What the kernel's traces call "Hardware name". */
static void hardware_part(struct vr_program *prog, struct vr_json *all)
{
	struct vr_obj name;
	char text[128];

	if (!vr_has_symbol(prog, "dump_stack_arch_desc_str"))
		return;
	name = vr_kernel_global(prog, "dump_stack_arch_desc_str");
	if (vr_try_str(name, "", text, sizeof(text)) == VR_OK && text[0])
		vr_json_set_string(all, "hardware", text);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *f = vr_file_new(run, "overview.json");
	struct vr_json *all = vr_json_object();
	VR_CLEANUP(found_free) struct found found = {.now = vr_sched_now(prog)};
	VR_FREE char *text = NULL;

	vr_file_source(f, "panic_cpu, the printk log, task_struct, runqueues, kernel stacks");
	hardware_part(prog, all);
	panic_part(prog, all);
	tasks_part(f, prog, all, &found);
	cpus_part(prog, all, &found);
	text = vr_json_text(all, 0);
	vr_json_free(all);
	if (text)
		vr_puts(f, text);
	else
		vr_latch(prog, VR_NOMEM, "out of memory");
	vr_file_end(f);
}

static const char *const needs[] = {"symbol:init_task", "type:struct task_struct", NULL};

VR_PLUGIN(.description = "panic, blocked tasks and run queues, as sos_reports/sos.html draws them",
	  .needs = needs, .collect = collect)
