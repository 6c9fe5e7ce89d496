// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-engine DUMP: what opening a dump costs, and what reading through the object API costs, on
 * this machine now. The figure to compare is the ratio between rows of one run, since machines are
 * noisy.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/bits.h"
#include "kernel/module.h"
#include "kernel/task.h"
#include "object/program.h"
#include "session/session.h"

#define ROUNDS 2000000
#define MAX_TASKS 65536

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void row(const char *what, double value, const char *unit)
{
	printf("%-52s %10.1f %s\n", what, value, unit);
}

static void log_to_stderr(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", vr_log_level_name(level), text);
}

static struct vr_obj tasks[MAX_TASKS];

static size_t find_tasks(struct vr_program *prog)
{
	struct vr_task_walk w = vr_task_walk_begin(prog);
	size_t n = 0;

	while (n < MAX_TASKS && vr_task_walk_next(&w))
		tasks[n++] = w.task;
	return n;
}

static void bench_raw(struct vr_program *prog, size_t n)
{
	uint64_t sum = 0, value = 0, addr = tasks[0].addr & ~7ull;
	double t = now_ns();

	for (int i = 0; i < ROUNDS; i++) {
		vr_aspace_read64(prog->as, addr, &value, NULL);
		sum += value;
	}
	row("hot 8-byte read, one address", (now_ns() - t) / ROUNDS, "ns");
	t = now_ns();
	for (int i = 0; i < ROUNDS; i++) {
		vr_aspace_read64(prog->as, tasks[(size_t)i % n].addr & ~7ull, &value, NULL);
		sum += value;
	}
	row("hot 8-byte read, over all tasks", (now_ns() - t) / ROUNDS, "ns");
	t = now_ns();
	for (int i = 0; i < ROUNDS; i++)
		sum += (uint64_t)vr_aspace_read64(prog->as, 0x1000, &value, NULL);
	row("failing read, an unmapped address", (now_ns() - t) / ROUNDS, "ns");
	if (sum == 42)
		puts("");
}

static void bench_members(struct vr_program *prog, size_t n)
{
	static const struct {
		const char *path, *what;
	} paths[] = {
		{"pid", "bound member: pid"},
		{"__state|state", "bound member with alternatives: __state|state"},
		{"se.sum_exec_runtime", "bound member: se.sum_exec_runtime"},
		{"signal->oom_score_adj", "through a pointer: signal->oom_score_adj"},
		{"real_parent->signal->nr_threads", "through two pointers"},
	};
	uint64_t sum = 0;

	for (size_t k = 0; k < VR_ARRAY_SIZE(paths); k++) {
		double t = now_ns();

		for (int i = 0; i < ROUNDS; i++)
			sum += vr_u64(tasks[(size_t)i % n], paths[k].path);
		row(paths[k].what, (now_ns() - t) / ROUNDS, "ns");
	}
	if (vr_failed(prog) || sum == 42)
		printf("failed: %s\n", prog->scope->error.text);
}

struct sample {
	int32_t pid, tgid, prio, exit_code;
	uint64_t stack, nvcsw, nivcsw, utime;
};

static void bench_view(struct vr_program *prog, size_t n)
{
	static const struct vr_view_field fields[] = {
		VR_VIEW_FIELD(struct sample, pid, "pid"),
		VR_VIEW_FIELD(struct sample, tgid, "tgid"),
		VR_VIEW_FIELD(struct sample, prio, "prio"),
		VR_VIEW_FIELD(struct sample, exit_code, "exit_code"),
		VR_VIEW_FIELD(struct sample, stack, "stack"),
		VR_VIEW_FIELD(struct sample, nvcsw, "nvcsw"),
		VR_VIEW_FIELD(struct sample, nivcsw, "nivcsw"),
		VR_VIEW_FIELD(struct sample, utime, "utime"),
	};
	const struct vr_view *view =
		vr_view_bind(prog, "struct task_struct", fields, VR_ARRAY_SIZE(fields));
	struct sample s;
	double t = now_ns();

	for (int i = 0; i < ROUNDS / 8; i++)
		vr_view_fill(prog, view, tasks[(size_t)i % n].addr, &s);
	row("view of eight members, per member", (now_ns() - t) / ROUNDS, "ns");
}

static void peak(const char *what)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	row(what, (double)usage.ru_maxrss / 1024, "MiB");
}

int main(int argc, char **argv)
{
	const struct vr_log log = {.emit = log_to_stderr};
	struct vr_session_options options = {.log = &log};
	struct vr_session *session;
	struct vr_program *prog;
	struct vr_error err;
	double t;
	size_t n;

	if (argc != 2 || (options.dump_fd = open(argv[1], O_RDONLY | O_CLOEXEC)) < 0) {
		fprintf(stderr, "usage: bench-engine DUMP\n");
		return 2;
	}
	t = now_ns();
	if (vr_session_open(&options, &session, &err) != VR_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	row("open: image, symbols, types", (now_ns() - t) / 1e6, "ms");
	peak("peak memory of the open");
	prog = vr_session_program(session);
	t = now_ns();
	vr_modules_load(prog, &log);
	row("load modules' symbols and types", (now_ns() - t) / 1e6, "ms");
	t = now_ns();
	n = find_tasks(prog);
	row("first walk over all tasks", (now_ns() - t) / 1e6, "ms");
	row("tasks", (double)n, "");
	if (!n) {
		fprintf(stderr, "no tasks: %s %s\n", prog->scope->error.text,
			prog->scope->cut.text);
		return 1;
	}
	bench_raw(prog, n);
	bench_members(prog, n);
	bench_view(prog, n);
	peak("peak memory of all");
	vr_session_close(session);
	return 0;
}
