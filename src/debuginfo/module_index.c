// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/module_index.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/* A distribution's kernel has some thousand modules, and folders within each other. */
#define ENTRIES_MAX 500000
#define DEPTH_MAX 24

/* Length of the module's name in that of its file, and the file's rank; 0: it is none. */
static size_t module_part(const char *file, int *rank)
{
	static const struct {
		const char *end;
		int rank;
	} ends[] = {
		{"", 1},          {".debug", 0},     {".xz", 2},        {".zst", 2},
		{".gz", 2},       {".xz.debug", 0},  {".zst.debug", 0}, {".gz.debug", 0},
		{".debug.xz", 0}, {".debug.zst", 0},
	};
	const char *ko = strstr(file, ".ko");

	for (size_t i = 0; ko && i < VR_ARRAY_SIZE(ends); i++)
		if (!strcmp(ko + 3, ends[i].end)) {
			*rank = ends[i].rank;
			return (size_t)(ko - file);
		}
	return 0;
}

static void add_file(struct vr_module_index *index, const char *folder, const char *file,
		     bool asked_for)
{
	struct vr_module_file entry = {.asked_for = asked_for};
	size_t len = module_part(file, &entry.rank);

	if (!len)
		return;
	if (index->count == index->cap) {
		size_t cap = index->cap ? index->cap * 2 : 256;
		void *list = reallocarray(index->list, cap, sizeof(*index->list));

		if (!list)
			return;
		index->list = list;
		index->cap = cap;
	}
	entry.name = strndup(file, len);
	if (asprintf(&entry.path, "%s/%s", folder, file) < 0)
		entry.path = NULL;
	if (!entry.name || !entry.path) {
		free(entry.name);
		free(entry.path);
		return;
	}
	for (char *p = entry.name; *p; p++)
		if (*p == '-')
			*p = '_';
	index->list[index->count++] = entry;
}

static void walk(struct vr_module_index *index, const char *folder, bool asked_for, int depth)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) && index->seen < ENTRIES_MAX) {
		char *below = NULL;

		index->seen++;
		if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) {
			add_file(index, folder, entry->d_name, asked_for);
			continue;
		}
		if (entry->d_name[0] == '.' || depth >= DEPTH_MAX ||
		    asprintf(&below, "%s/%s", folder, entry->d_name) < 0)
			continue;
		/* A file system that doesn't tell: a file can't be opened as a folder. */
		if (entry->d_type == DT_UNKNOWN)
			add_file(index, folder, entry->d_name, asked_for);
		walk(index, below, asked_for, depth + 1);
		free(below);
	}
	if (dir)
		closedir(dir);
}

void vr_module_index_add(struct vr_module_index *index, const char *folder, bool asked_for)
{
	walk(index, folder, asked_for, 0);
}

/* Places that the user has named come first, then the rank decides, then the path. */
static int compare(const void *a, const void *b)
{
	const struct vr_module_file *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	if (x->asked_for != y->asked_for)
		return x->asked_for ? -1 : 1;
	return x->rank != y->rank ? x->rank - y->rank : strcmp(x->path, y->path);
}

void vr_module_index_sort(struct vr_module_index *index)
{
	if (index->count)
		qsort(index->list, index->count, sizeof(*index->list), compare);
}

const struct vr_module_file *vr_module_index_at(const struct vr_module_index *index,
						const char *name, size_t n)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(index->list[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (n >= index->count - low || strcmp(index->list[low + n].name, name) != 0)
		return NULL;
	return &index->list[low + n];
}

void vr_module_index_free(struct vr_module_index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		free(index->list[i].name);
		free(index->list[i].path);
	}
	free(index->list);
	*index = (struct vr_module_index){0};
}
