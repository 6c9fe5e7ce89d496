// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/newest_dump.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/cleanup.h"

struct search {
	char *best;   /* owned */
	char *packed; /* a dump in a compressed file, which can't be read as it is; owned */
	struct timespec best_time;
	bool no_memory;
};

static bool has_ending(const char *name, const char *const *endings, size_t count)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < count; i++) {
		size_t end = strlen(endings[i]);

		if (len > end && strcmp(name + len - end, endings[i]) == 0)
			return true;
	}
	return false;
}

static bool is_packed(const char *name)
{
	static const char *const endings[] = {".gz", ".bz2", ".xz", ".lz4", ".lzo", ".zst"};

	return has_ending(name, endings, VR_ARRAY_SIZE(endings));
}

/* Is it what a dump is called, whatever it is packed in? */
static bool is_dump_name(const char *name)
{
	static const char *const names[] = {"vmcore-incomplete", "dump-incomplete"};
	static const char *const others[] = {".txt", ".log", ".status", ".sha256", ".partial"};
	static const char *const ending[] = {"vmcore"};

	if (has_ending(name, others, VR_ARRAY_SIZE(others)))
		return false;
	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return strcmp(name, "vmcore") == 0 || strncmp(name, "vmcore.", 7) == 0 ||
	       strncmp(name, "dump.", 5) == 0 || has_ending(name, ending, 1);
}

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static char *join(const char *folder, const char *name)
{
	size_t len = strlen(folder);
	char *path;

	if (asprintf(&path, "%s%s%s", folder, len && folder[len - 1] == '/' ? "" : "/", name) < 0)
		return NULL;
	return path;
}

/* A file: is it the best so far? Equal times: the later name, of stamps the later stamp. */
static void look_at(struct search *s, const char *path, const char *name, const struct stat *st)
{
	bool better = !s->best || is_newer(&st->st_mtim, &s->best_time);
	char **place = is_packed(name) ? &s->packed : &s->best;
	char *copy;

	if (s->best && !better && !is_newer(&s->best_time, &st->st_mtim))
		better = strcmp(path, s->best) > 0;
	if (!better || st->st_size == 0)
		return;
	copy = strdup(path);
	if (!copy) {
		s->no_memory = true;
		return;
	}
	free(*place);
	*place = copy;
	if (place == &s->best)
		s->best_time = st->st_mtim;
}

static void look_in(struct search *s, const char *folder, unsigned depth)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)) && !s->no_memory) {
		VR_FREE char *path = entry->d_name[0] == '.' ? NULL : join(folder, entry->d_name);
		struct stat st;

		if (!path || stat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth)
			look_in(s, path, depth - 1);
		else if (S_ISREG(st.st_mode) && is_dump_name(entry->d_name))
			look_at(s, path, entry->d_name, &st);
	}
	closedir(dir);
}

enum vr_err vr_newest_dump(const char *dir, char **path, struct vr_error *err)
{
	struct search s = {0};
	enum vr_err kind = VR_OK;

	look_in(&s, dir, 1);
	if (s.no_memory)
		kind = vr_error_set(err, VR_NOMEM, "out of memory");
	else if (!s.best && s.packed)
		kind = vr_error_set(err, VR_ABSENT, "%s must be unpacked first", s.packed);
	else if (!s.best)
		kind = vr_error_set(err, VR_ABSENT, "there is no dump in %s", dir);
	if (kind == VR_OK)
		*path = s.best;
	else
		free(s.best);
	free(s.packed);
	return kind;
}
