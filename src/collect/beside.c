// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/beside.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/path.h"
#include "base/bits.h"
#include "base/cleanup.h"

/* A folder with more than this isn't one of a dump. */
#define ENTRIES_MAX 4096

/* kexec-tools' and dracut's of Red Hat and SUSE. */
static const char *const names[] = {"vmcore-dmesg.txt",
				    "vmcore-dmesg-incomplete.txt",
				    "kexec-dmesg.log",
				    "vmcore-creation.status",
				    "README.txt",
				    "analyzer",
				    NULL};

bool vr_beside_name(const char *name)
{
	for (const char *const *p = names; *p; p++)
		if (!strcmp(name, *p))
			return true;
	/* kdump-tools' of Debian: dmesg.202402201234 */
	if (strncmp(name, "dmesg.", 6) != 0 || !name[6])
		return false;
	for (name += 6; *name; name++)
		if (!isdigit((unsigned char)*name))
			return false;
	return true;
}

static void refuse(struct vr_beside_file *file, const char *why)
{
	snprintf(file->reason, sizeof(file->reason), "%s", why);
}

/* False: out of memory. */
static bool read_file(struct vr_beside_file *file, int dir)
{
	VR_CLOSE int fd = openat(dir, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	VR_FREE char *data = NULL;
	size_t len = 0;

	if (fd < 0 || fstat(fd, &st) < 0) {
		refuse(file, errno == ELOOP ? "it is a symbolic link" : strerror(errno));
		return true;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > VR_BESIDE_BYTES_MAX) {
		refuse(file, S_ISREG(st.st_mode) ? "it is too large" : "it is no regular file");
		return true;
	}
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		return false;
	while (len < (size_t)st.st_size) {
		ssize_t n = read(fd, data + len, (size_t)st.st_size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			refuse(file, strerror(errno));
			return true;
		}
		if (n == 0)
			break;
		len += (size_t)n;
	}
	file->data = VR_TAKE(data);
	file->len = len;
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct vr_beside_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void list_folder(struct vr_beside *beside, DIR *folder)
{
	const struct dirent *entry;

	for (unsigned i = 0; i < ENTRIES_MAX && (entry = readdir(folder)); i++) {
		if (beside->count == VR_BESIDE_MAX || !vr_beside_name(entry->d_name))
			continue;
		snprintf(beside->files[beside->count++].name, sizeof(beside->files[0].name), "%s",
			 entry->d_name);
	}
	qsort(beside->files, beside->count, sizeof(beside->files[0]), compare);
}

/* The folder's own name, where it can be a part of a path. */
static bool name_folder(struct vr_beside *beside, const char *path)
{
	VR_FREE char *real = realpath(path, NULL);
	const char *name = real ? strrchr(real, '/') : NULL;

	if (!name || !name[1] || strlen(name + 1) >= sizeof(beside->folder) ||
	    vr_path_check(name + 1))
		return false;
	snprintf(beside->folder, sizeof(beside->folder), "%s", name + 1);
	return true;
}

bool vr_beside_find(struct vr_beside *beside, const char *dump_path)
{
	VR_FREE char *copy = strdup(dump_path);
	bool ok = true;
	char *path;
	DIR *folder;

	*beside = (struct vr_beside){0};
	if (!copy)
		return false;
	path = dirname(copy);
	if (!name_folder(beside, path))
		return true;
	folder = opendir(path);
	if (!folder)
		return true;
	list_folder(beside, folder);
	for (size_t i = 0; i < beside->count && ok; i++)
		ok = read_file(&beside->files[i], dirfd(folder));
	closedir(folder);
	return ok;
}

void vr_beside_free(struct vr_beside *beside)
{
	for (size_t i = 0; i < beside->count; i++)
		free(beside->files[i].data);
	*beside = (struct vr_beside){0};
}
