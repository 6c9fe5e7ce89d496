// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ps auxwwwm and ps alxwww of procps 4. Users are numbers, since their names are in files of user space;
 * a process whose arguments the dump lacks has its name in brackets, as ps shows those that have none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "kernel/cputime.h"
#include "kernel/globals.h"
#include "kernel/mm.h"
#include "kernel/process_args.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/task_name.h"
#include "kernel/task_pid.h"
#include "kernel/task_set.h"
#include "kernel/ticks.h"
#include "kernel/timekeeping.h"
#include "kernel/wchan.h"
#include "plugin/emitter.h"

#define NSEC_PER_SEC 1000000000u
#define PAGE_KB 4
#define DAY 86400

/* Macros of include/linux/sched/prio.h and uapi/linux/sched.h. */
#define MAX_RT_PRIO 100
#define DEFAULT_PRIO 120
#define SCHED_NORMAL 0
#define SCHED_BATCH 3

/* A task by its ids; processes stand before their other threads. */
struct task {
	struct vr_obj obj;
	int64_t pid, tgid;
};

/* What is the same for all lines. */
struct ps {
	struct vr_file *f;
	struct vr_program *prog;
	struct task *tasks;
	size_t count;
	int pid_width;
	int64_t boot_ns, now_ns; /* since the epoch, since boot */
	uint64_t memory_kb;
	size_t nameless; /* processes whose arguments the dump lacks */
};

/* A line: columns that are too wide take the blanks of those behind. */
struct line {
	struct vr_file *f;
	size_t is, should_be;
};

static void put(struct line *line, const char *text, size_t width, bool right)
{
	size_t len = strlen(text), pad = right && len < width ? width - len : 0;
	size_t blanks = line->should_be + pad > line->is ? line->should_be + pad - line->is : 0;

	if (line->is && !blanks)
		blanks = 1;
	vr_printf(line->f, "%*s%s", (int)blanks, "", text);
	line->is += blanks + len;
	line->should_be += width + 1;
}

static void put_number(struct line *line, int64_t value, size_t width)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	put(line, text, width, true);
}

/* Tenths of a percent: without the tenths from 100 on, and no more than can be where it is a share. */
static void put_tenths(struct line *line, uint64_t tenths, bool share)
{
	char text[32];

	if (share && tenths > 999)
		tenths = 999;
	if (tenths > 999)
		snprintf(text, sizeof(text), "%" PRIu64, tenths / 10);
	else
		snprintf(text, sizeof(text), "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
	put(line, text, 4, true);
}

static int compare(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	/* The leader first: ids wrap around. */
	if ((x->pid == x->tgid) != (y->pid == y->tgid))
		return x->pid == x->tgid ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The initial namespace's; one for all before 6.14. */
static int pid_width(struct vr_program *prog)
{
	struct vr_obj ns = vr_kernel_global(prog, "init_pid_ns");
	int64_t max = vr_has(ns, "pid_max") ? vr_s64(ns, "pid_max")
					    : vr_s64(vr_kernel_global(prog, "pid_max"), "");
	char text[24];

	return snprintf(text, sizeof(text), "%" PRId64, max > 1 ? max - 1 : 1);
}

/* False: latched. To be freed in any case. */
static bool begin(struct ps *ps, struct vr_file *f, struct vr_program *prog)
{
	const struct vr_task_set *set = vr_tasks(prog);
	struct vr_clocks clocks;

	*ps = (struct ps){.f = f, .prog = prog, .pid_width = pid_width(prog)};
	if (!vr_clocks_read(prog, &clocks))
		return false;
	ps->boot_ns = clocks.realtime_ns - clocks.boottime_ns;
	ps->now_ns = clocks.boottime_ns;
	ps->memory_kb = vr_u64(vr_kernel_global(prog, "_totalram_pages"), "counter") * PAGE_KB;
	ps->tasks = calloc(set->count + 1, sizeof(*ps->tasks));
	if (!ps->tasks) {
		vr_latch(prog, VR_NOMEM, "out of memory");
		return false;
	}
	for (size_t i = 0; i < set->count; i++) {
		struct task *task = &ps->tasks[ps->count];
		uint64_t pid, tgid;

		task->obj = vr_task_set_at(set, i);
		if (vr_try_u64(task->obj, "pid", &pid) || vr_try_u64(task->obj, "tgid", &tgid))
			vr_cut(prog, VR_FAULT, "a task whose ids can't be read");
		else
			ps->tasks[ps->count++] = (struct task){
				.obj = task->obj, .pid = (int32_t)pid, .tgid = (int32_t)tgid};
	}
	qsort(ps->tasks, ps->count, sizeof(*ps->tasks), compare);
	return !vr_failed(prog);
}

static void end(struct ps *ps)
{
	free(ps->tasks);
	if (ps->nameless)
		vr_cut(ps->prog, VR_FAULT,
		       "the arguments of %zu processes, which the dump is without: their names "
		       "stand in brackets",
		       ps->nameless);
}

/* ---- Columns ---- */

/* Ticks that the task, or its whole process, has used. */
static uint64_t used_ticks(struct vr_obj task, bool whole)
{
	struct vr_usage usage = {0};

	if (whole)
		vr_process_usage(task, &usage);
	else
		vr_task_usage(task, &usage);
	return vr_ns_to_clock(usage.utime) + vr_ns_to_clock(usage.stime);
}

static uint64_t start_ns(struct vr_obj task)
{
	return vr_u64(task, "start_boottime|real_start_time");
}

/* What of the time since its start a task was on a CPU. */
static void put_cpu(struct line *line, const struct ps *ps, struct vr_obj task, uint64_t ticks)
{
	int64_t age = ps->now_ns - (int64_t)start_ns(task);
	uint64_t age_ticks = age > 0 ? vr_ns_to_clock((uint64_t)age) : 0;

	put_tenths(line, age_ticks && ticks < UINT64_MAX / 1000 ? ticks * 1000 / age_ticks : 0,
		   false);
}

static void put_time(struct line *line, uint64_t ticks)
{
	uint64_t seconds = ticks / VR_USER_HZ;
	char text[32];

	snprintf(text, sizeof(text), "%3" PRIu64 ":%02u", seconds / 60, (unsigned)(seconds % 60));
	put(line, text, 6, true);
}

/* The hour, from another day the day, from another year that. */
static void put_start(struct line *line, const struct ps *ps, struct vr_obj task)
{
	time_t now = (ps->boot_ns + ps->now_ns) / NSEC_PER_SEC;
	time_t start = (ps->boot_ns + (int64_t)start_ns(task)) / NSEC_PER_SEC;
	struct tm then, today;
	char text[16] = "?";

	if (gmtime_r(&start, &then) && gmtime_r(&now, &today)) {
		if (then.tm_year != today.tm_year)
			strftime(text, sizeof(text), "%Y", &then);
		else if (then.tm_yday != today.tm_yday)
			strftime(text, sizeof(text), "%b%d", &then);
		else
			strftime(text, sizeof(text), "%H:%M", &then);
	}
	put(line, text, 5, true);
}

static void put_tty(struct line *line, struct vr_obj task)
{
	char driver[64], name[64], text[80];
	struct vr_obj tty;

	if (!vr_u64(task, "signal") || !vr_u64(task, "signal->tty")) {
		put(line, "?", 8, false);
		return;
	}
	tty = vr_deref(task, "signal->tty");
	vr_str(tty, "driver->driver_name", driver, sizeof(driver));
	if (!strcmp(driver, "pty_slave")) {
		snprintf(text, sizeof(text), "pts/%" PRId64, vr_s64(tty, "index"));
		put(line, text, 8, false);
	} else {
		put(line, vr_str(tty, "name", name, sizeof(name)), 8, false);
	}
}

static int64_t foreground(struct vr_obj task)
{
	struct vr_obj tty;

	if (!vr_u64(task, "signal") || !vr_u64(task, "signal->tty"))
		return -1;
	tty = vr_deref(task, "signal->tty");
	if (!vr_u64(tty, "ctrl.pgrp|pgrp"))
		return -1;
	return vr_pid_nr(vr_deref(tty, "ctrl.pgrp|pgrp"), 0, 0);
}

static int64_t niceness(struct vr_obj task)
{
	return vr_s64(task, "static_prio") - DEFAULT_PRIO;
}

static void put_state(struct line *line, struct vr_obj task)
{
	struct vr_obj mm = vr_task_mm(task);
	struct vr_task_signals signals;
	int64_t nice = niceness(task);
	char text[8];
	size_t len = 0;

	vr_task_signals_read(task, &signals);
	text[len++] = vr_task_state(task);
	if (nice)
		text[len++] = nice < 0 ? '<' : 'N';
	if (vr_ok(mm) && vr_u64(mm, "locked_vm"))
		text[len++] = 'L';
	if (signals.has_handlers && vr_task_pid_nr(task, VR_PID_SESSION) == vr_s64(task, "tgid"))
		text[len++] = 's';
	if (signals.threads > 1)
		text[len++] = 'l';
	if (signals.has_handlers && vr_task_pid_nr(task, VR_PID_GROUP) == foreground(task))
		text[len++] = '+';
	text[len] = '\0';
	put(line, text, 4, false);
}

/* VSZ and RSS; *rss in kB. */
static void put_sizes(struct line *line, struct vr_obj mm, uint64_t rss)
{
	put_number(line, vr_ok(mm) ? (int64_t)(vr_u64(mm, "total_vm") * PAGE_KB) : 0, 6);
	put_number(line, (int64_t)rss, 5);
}

static uint64_t resident_kb(struct vr_obj mm)
{
	struct vr_mm_counters counters = {0};

	if (vr_ok(mm))
		vr_mm_counters_read(mm, vr_mm_shows_exact(mm.prog), &counters);
	return (counters.file + counters.anon + counters.shmem) * PAGE_KB;
}

/* What a terminal could take amiss is a question mark. */
static void put_clean(struct vr_file *f, const char *text, size_t len)
{
	while (len) {
		size_t n = vr_utf8_length(text, len);
		unsigned char c = (unsigned char)*text;
		bool control = c < ' ' || c == 0x7f ||
			       (n == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0);

		if (!n || control)
			vr_puts(f, "?");
		else
			vr_write(f, text, n);
		text += VR_MAX(n, (size_t)1);
		len -= VR_MAX(n, (size_t)1);
	}
}

/* The arguments with blanks between them; false: there are none, or the dump lacks them. */
static bool put_args(struct ps *ps, struct vr_obj mm)
{
	VR_STRBUF args = {0};
	struct vr_scope scope;

	if (!vr_ok(mm))
		return false;
	vr_scope_enter(ps->prog, &scope);
	vr_process_args(mm, &args);
	if (vr_scope_leave(ps->prog, &scope) != VR_OK || args.failed) {
		ps->nameless++;
		return false;
	}
	while (args.len && !args.data[args.len - 1])
		args.len--;
	if (!args.len)
		return false;
	for (size_t i = 0; i < args.len; i++)
		if (!args.data[i])
			args.data[i] = ' ';
	vr_puts(ps->f, " ");
	put_clean(ps->f, args.data, args.len);
	return true;
}

static void put_command(struct ps *ps, struct vr_obj task, struct vr_obj mm)
{
	char name[VR_TASK_NAME_SIZE];

	if (!put_args(ps, mm)) {
		vr_puts(ps->f, " [");
		vr_task_name(task, name);
		put_clean(ps->f, name, strlen(name));
		vr_puts(ps->f, "]");
	}
	if (vr_task_state(task) == 'Z')
		vr_puts(ps->f, " <defunct>");
	vr_puts(ps->f, "\n");
}

/* ---- ps auxwwwm ---- */

static void put_user(struct line *line, struct vr_obj task)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, vr_u64(task, "cred->euid.val"));
	put(line, text, 8, false);
}

static void aux_process(struct ps *ps, const struct task *task)
{
	struct line line = {.f = ps->f};
	struct vr_obj mm = vr_task_mm(task->obj);
	uint64_t ticks = used_ticks(task->obj, true), rss = resident_kb(mm);

	put_user(&line, task->obj);
	put_number(&line, task->tgid, (size_t)ps->pid_width);
	put_cpu(&line, ps, task->obj, ticks);
	put_tenths(&line, ps->memory_kb ? rss * 1000 / ps->memory_kb : 0, true);
	put_sizes(&line, mm, rss);
	put_tty(&line, task->obj);
	put(&line, "-", 4, false);
	put_start(&line, ps, task->obj);
	put_time(&line, ticks);
	put_command(ps, task->obj, mm);
}

static void aux_thread(struct ps *ps, const struct task *task)
{
	struct line line = {.f = ps->f};
	uint64_t ticks = used_ticks(task->obj, false);

	put_user(&line, task->obj);
	put(&line, "-", (size_t)ps->pid_width, true);
	put_cpu(&line, ps, task->obj, ticks);
	put(&line, "-", 4, true);
	put(&line, "-", 6, true);
	put(&line, "-", 5, true);
	put(&line, "-", 8, false);
	put_state(&line, task->obj);
	put_start(&line, ps, task->obj);
	put_time(&line, ticks);
	vr_puts(ps->f, " -\n");
}

static void emit_aux(struct vr_file *f, const struct vr_key *key)
{
	struct ps ps;

	if (begin(&ps, f, key->prog))
		vr_printf(f,
			  "USER     %*s %%CPU %%MEM    VSZ   RSS TTY      STAT START   TIME "
			  "COMMAND\n",
			  ps.pid_width, "PID");
	for (size_t i = 0; i < ps.count && !vr_failed(key->prog); i++) {
		if (i == 0 || ps.tasks[i].tgid != ps.tasks[i - 1].tgid) {
			vr_row_begin(f);
			aux_process(&ps, &ps.tasks[i]);
			vr_row_end(f);
		}
		vr_row_begin(f);
		aux_thread(&ps, &ps.tasks[i]);
		vr_row_end(f);
	}
	end(&ps);
}

/* ---- ps alxwww ---- */

static void put_priority(struct line *line, struct vr_obj task)
{
	uint64_t policy = vr_u64(task, "policy");

	put_number(line, vr_s64(task, "prio") - MAX_RT_PRIO, 3);
	if (policy == SCHED_NORMAL || policy == SCHED_BATCH)
		put_number(line, niceness(task), 3);
	else
		put(line, "-", 3, true);
}

static void put_wchan(struct line *line, struct vr_obj task)
{
	const char *name = vr_task_wchan_name(task);
	char text[7];

	while (name && (*name == '.' || *name == '_'))
		name++;
	snprintf(text, sizeof(text), "%.6s", name && *name ? name : "-");
	put(line, text, 6, false);
}

static void alx_process(struct ps *ps, const struct task *task)
{
	struct line line = {.f = ps->f};
	struct vr_obj mm = vr_task_mm(task->obj);

	put_number(&line, vr_u64(task->obj, "flags") >> 6 & 7, 1);
	put_number(&line, (int64_t)vr_u64(task->obj, "cred->euid.val"), 5);
	put_number(&line, task->tgid, (size_t)ps->pid_width);
	put_number(&line, vr_task_ppid(task->obj), (size_t)ps->pid_width);
	put_priority(&line, task->obj);
	put_sizes(&line, mm, resident_kb(mm));
	put_wchan(&line, task->obj);
	put_state(&line, task->obj);
	put_tty(&line, task->obj);
	put_time(&line, used_ticks(task->obj, true));
	put_command(ps, task->obj, mm);
}

static void emit_alx(struct vr_file *f, const struct vr_key *key)
{
	struct ps ps;

	if (begin(&ps, f, key->prog))
		vr_printf(f,
			  "F   UID %*s %*s PRI  NI    VSZ   RSS WCHAN  STAT TTY        TIME "
			  "COMMAND\n",
			  ps.pid_width, "PID", ps.pid_width, "PPID");
	for (size_t i = 0; i < ps.count && !vr_failed(key->prog); i++) {
		if (i && ps.tasks[i].tgid == ps.tasks[i - 1].tgid)
			continue;
		vr_row_begin(f);
		alx_process(&ps, &ps.tasks[i]);
		vr_row_end(f);
	}
	end(&ps);
}

#define SOURCE "task_struct, signal_struct, mm_struct, cred, timekeeper"

VR_EMITTER(.path = "sos_commands/process/ps_alxwww", .source = SOURCE, .emit = emit_alx)
VR_EMITTER(.path = "sos_commands/process/ps_auxwwwm", .source = SOURCE, .emit = emit_aux)
