// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmlinux [--time] DUMP VMLINUX [CORE]: the kernel's ELF file made from the dump, without contents of
 * memory, and the core of notes. Prints what came into it, then the runs of physical memory that the
 * dump holds.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "image/runs.h"
#include "kernel/module.h"
#include "session/session.h"
#include "vmlinux/vmlinux.h"

static void print_log(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", vr_log_level_name(level), text);
}

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int fail(const char *what, const struct vr_error *err)
{
	fprintf(stderr, "vmlinux: %s: %s: %s\n", what, vr_err_name(err->kind), err->text);
	return 1;
}

static int write_files(struct vr_program *prog, const struct vr_log *log, char **paths, int count,
		       bool timed)
{
	struct vr_vmlinux_options options = {.log = log};
	int fd = open(paths[0], O_RDWR | O_CREAT | O_TRUNC, 0666);
	struct vr_vmlinux_info info;
	struct vr_error err;
	double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

	if (fd < 0) {
		perror(paths[0]);
		return 1;
	}
	if (vr_vmlinux_write(prog, fd, &options, &info, &err))
		return fail(paths[0], &err);
	if (timed)
		fprintf(stderr, "%.1f ms, %.1f of them on a CPU\n", now(CLOCK_MONOTONIC) - start,
			now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	close(fd);
	printf("bytes %" PRIu64 "\ntypes %u\nvariables %u\nvoid_variables %u\nfunctions %u\n",
	       info.bytes, info.types, info.variables, info.void_variables, info.functions);
	printf("symbols %u\nunwind_rows %u\nmodules %u\nbuild_id %d\n", info.symbols,
	       info.unwind_rows, info.modules, info.build_id);
	if (count < 2)
		return 0;
	fd = open(paths[1], O_RDWR | O_CREAT | O_TRUNC, 0666);
	if (fd < 0) {
		perror(paths[1]);
		return 1;
	}
	if (vr_notes_core_write(prog, fd, &err))
		return fail(paths[1], &err);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct vr_log log = {.emit = print_log};
	struct vr_session_options options = {.log = &log};
	bool timed = argc > 1 && !strcmp(argv[1], "--time");
	struct vr_session *session;
	struct vr_image_runs runs;
	struct vr_error err;
	int status;

	argv += 1 + timed;
	argc -= 1 + timed;
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: vmlinux [--time] DUMP VMLINUX [CORE]\n");
		return 2;
	}
	options.dump_fd = open(argv[0], O_RDONLY);
	if (options.dump_fd < 0) {
		perror(argv[0]);
		return 1;
	}
	if (vr_session_open(&options, &session, &err))
		return fail(argv[0], &err);
	if (vr_modules_load(vr_session_program(session), &log))
		return 1;
	status = write_files(vr_session_program(session), &log, argv + 1, argc - 1, timed);
	runs = vr_image_runs_begin(vr_session_image(session));
	while (!status && vr_image_runs_next(&runs))
		printf("run %#" PRIx64 " %#" PRIx64 "\n", runs.start, runs.end);
	vr_session_close(session);
	close(options.dump_fd);
	return status;
}
