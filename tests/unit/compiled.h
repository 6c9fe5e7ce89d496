/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug information by the compiler itself, for tests. Include cmocka.h first. */
#ifndef TESTS_COMPILED_H
#define TESTS_COMPILED_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debuginfo/debug_file.h"
#include "type/model.h"

/** What a compiler makes of a source with those flags; to be released with vr_debug_file_free(). */
static inline struct vr_debug_file *compile(const char *source, const char *flags)
{
	char folder[] = "/tmp/vr-compiled-XXXXXX", command[512], path[64];
	struct vr_debug_file *file;
	FILE *to;
	int fd;

	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "gcc %s -x c -o %s/a.o - 2>%s/errors", flags, folder,
		 folder);
	to = popen(command, "w");
	assert_non_null(to);
	fputs(source, to);
	assert_int_equal(pclose(to), 0);
	snprintf(path, sizeof(path), "%s/a.o", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(vr_debug_file_map(fd, "a.o", &file, NULL), VR_OK);
	close(fd);
	unlink(path);
	snprintf(path, sizeof(path), "%s/a.dwo", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/errors", folder);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
	return file;
}

/** Types from that file's DWARF, which must be right. */
static inline struct vr_types *dwarf_types(struct vr_debug_file *file)
{
	struct vr_types *types = vr_types_new();
	struct vr_error err = {0};

	assert_non_null(types);
	vr_types_add_dwarf_of(types, NULL, file, &err);
	assert_string_equal(err.text, "");
	return types;
}

#endif
