// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool is_dump(const struct vr_dump_source *dump, const struct stat *st)
{
	struct stat file;

	for (size_t i = 0; i < dump->fd_count; i++)
		if (fstat(dump->fds[i], &file) == 0 && file.st_dev == st->st_dev &&
		    file.st_ino == st->st_ino)
			return true;
	return false;
}

/* What is at path may be replaced; *target gets where it really is. */
static enum vr_err find_target(const char *path, const struct vr_dump_source *dump, char **target,
			       struct vr_error *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return vr_error_os(err, errno, "can't write %s", path);
		*target = strdup(path);
	} else if (!S_ISREG(st.st_mode)) {
		return vr_error_set(err, VR_UNSUPPORTED, "can't write %s: it is no regular file",
				    path);
	} else if (is_dump(dump, &st)) {
		return vr_error_set(err, VR_UNSUPPORTED, "can't write %s: it is the dump", path);
	} else {
		*target = realpath(path, NULL);
	}
	return *target ? VR_OK : vr_error_set(err, VR_NOMEM, "out of memory");
}

static enum vr_err rename_file(int fd, const char *from, const char *to, struct vr_error *err)
{
	/* File systems over a network may say only now that there was no room. */
	if (fsync(fd) < 0 || rename(from, to) < 0)
		return vr_error_os(err, errno, "can't write %s", to);
	return VR_OK;
}

enum vr_err vr_extract_to(const char *path, struct vr_extract_options *options,
			  const volatile int *stop, struct vr_vmlinux_info *info,
			  struct vr_error *err)
{
	VR_FREE char *target = NULL;
	VR_FREE char *temporary = NULL;
	VR_CLOSE int fd = -1;
	enum vr_err kind = find_target(path, &options->dump, &target, err);

	if (kind != VR_OK)
		return kind;
	if (asprintf(&temporary, "%.*s.%s.XXXXXX", (int)(basename(target) - target), target,
		     basename(target)) < 0) {
		temporary = NULL;
		return vr_error_set(err, VR_NOMEM, "out of memory");
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return vr_error_os(err, errno, "can't write %s", path);
	options->dump.output = &fd;
	kind = vr_extract(options, stop, info, err);
	if (kind == VR_OK)
		kind = rename_file(fd, temporary, target, err);
	if (kind != VR_OK)
		unlink(temporary);
	options->dump.output = NULL;
	return kind;
}

char *vr_extract_text(const struct vr_vmlinux_info *info, char *buf, size_t size)
{
	char modules[80] = "no types of modules";

	if (info->modules)
		snprintf(modules, sizeof(modules), "those of %u modules among them", info->modules);
	snprintf(buf, size,
		 "%u types (%s), %u functions, %u variables (%u with a type), %u symbols, %s, "
		 "%.1f MiB of text and data",
		 info->types, modules, info->functions, info->variables + info->void_variables,
		 info->variables, info->symbols,
		 info->unwind_rows ? "stack unwinding" : "no stack unwinding",
		 (double)info->content_bytes / (1 << 20));
	return buf;
}
