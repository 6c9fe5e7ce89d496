/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder for a test's files, and what the compiler at hand makes of sources. */
#ifndef UNIT_TEST_FILES_H
#define UNIT_TEST_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

struct test_files {
	char folder[64];
	char path[160]; /* of what was compiled last */
	unsigned count;
};

static inline const char *test_folder(void *state)
{
	return ((struct test_files *)state)->folder;
}

static inline void run_command(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

static inline int folder_setup(void **state)
{
	struct test_files *files = calloc(1, sizeof(*files));

	strcpy(files->folder, "/tmp/vmcore-report-test-XXXXXX");
	assert_non_null(mkdtemp(files->folder));
	*state = files;
	return 0;
}

static inline int folder_teardown(void **state)
{
	struct test_files *files = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", files->folder);
	run_command(command);
	free(files);
	return 0;
}

static inline void write_text(void *state, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", test_folder(state), name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline void read_file(const char *path, struct vr_strbuf *bytes)
{
	FILE *file = fopen(path, "r");
	char part[4096];
	size_t n;

	assert_non_null(file);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		vr_strbuf_add(bytes, part, n);
	fclose(file);
}

/** Compile some/source.c; as a module is: nobody has linked it. The path, until the next call. */
static inline const char *compile(void *state, const char *source, const char *flags, bool linked)
{
	struct test_files *files = state;
	char command[1024];

	snprintf(command, sizeof(command), "mkdir -p %s/some", files->folder);
	run_command(command);
	write_text(state, "some/source.c", source);
	snprintf(files->path, sizeof(files->path), "%s/made-%u", files->folder, files->count++);
	snprintf(command, sizeof(command),
		 "cd %s && gcc -O1 -fno-pic -fcf-protection=none -ffreestanding %s %s -o %s "
		 "some/source.c",
		 files->folder, linked ? "-static -nostdlib -no-pie -Wl,-e,outer" : "-c", flags,
		 files->path);
	run_command(command);
	return files->path;
}

#endif
