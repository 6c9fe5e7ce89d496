// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/page_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"

/* What a folder costs beyond its path: quotes, the number of its shape, commas. */
#define FOLDER_COST 16

/* A folder: some of the sorted paths, one behind the other. */
struct folder {
	const char *path;
	const char *names; /* joined by '/' */
	size_t len, count;
	size_t shape;
	bool numbered;  /* a process's, or below one */
	bool is_listed; /* there is room for it */
};

size_t vr_page_cost(const char *text, size_t len)
{
	size_t cost = 2;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\' || c == '\n' || c == '\t')
			cost += 2;
		else
			cost += c < 0x20 || c >= 0x7f || c == '<' ? 6 : 1;
	}
	return cost;
}

bool vr_page_spend(struct vr_page_budget *budget, size_t bytes)
{
	if (bytes > budget->left)
		return false;
	budget->left -= bytes;
	return true;
}

static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

/* By folder, and within one by name; the folder of 9 comes before that of 10. */
static int compare_paths(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	char fx[4096], fy[4096];
	size_t nx = folder_len(x), ny = folder_len(y);
	int r;

	if (nx == ny && !memcmp(x, y, nx))
		return strcmp(x + nx, y + ny);
	memcpy(fx, x, nx);
	memcpy(fy, y, ny);
	fx[nx] = fy[ny] = '\0';
	r = strverscmp(fx, fy);
	return r ? r : strcmp(fx, fy);
}

/* proc/<pid> and what is below it, of which there are many. */
static bool is_numbered(const char *path)
{
	size_t digits = strncmp(path, "proc/", 5) ? 0 : strspn(path + 5, "0123456789");

	return digits && (path[5 + digits] == '/' || path[5 + digits] == '\0');
}

/* Take the folder of the path at *at, and go on to the next one's. */
static bool take_folder(struct vr_arena *arena, const char *const *paths, size_t count, size_t *at,
			struct folder *folder)
{
	const char *first = paths[*at];
	size_t len = folder_len(first), names_len = 0, n = 0;
	char *names, *p;

	while (*at + n < count && folder_len(paths[*at + n]) == len &&
	       !memcmp(paths[*at + n], first, len)) {
		names_len += strlen(paths[*at + n]) - len + 1;
		n++;
	}
	names = p = vr_arena_alloc(arena, names_len + 1);
	*folder = (struct folder){
		.path = vr_arena_strndup(arena, first, len), .names = names, .count = n};
	if (!names || !folder->path)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *name = paths[*at + i] + len + (len > 0);

		if (p > names)
			*p++ = '/';
		p = stpcpy(p, name);
	}
	folder->len = (size_t)(p - names);
	folder->numbered = is_numbered(folder->path);
	*at += n;
	return true;
}

static int compare_names(const void *a, const void *b)
{
	const struct folder *x = *(const struct folder *const *)a;
	const struct folder *y = *(const struct folder *const *)b;
	int r = strcmp(x->names, y->names);

	return r ? r : (x > y) - (x < y);
}

/* Give each folder the number of its shape: that of the first folder with those names. */
static bool find_shapes(struct folder *folders, size_t count)
{
	struct folder **sorted = calloc(count + 1, sizeof(struct folder *));
	struct folder *first = NULL;

	if (!sorted)
		return false;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &folders[i];
	qsort(sorted, count, sizeof(struct folder *), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (!first || strcmp(first->names, sorted[i]->names) != 0)
			first = sorted[i];
		sorted[i]->shape = (size_t)(first - folders);
	}
	free(sorted);
	return true;
}

/* Which folders are listed while there is room: those of processes last. */
static bool choose(struct folder *folders, size_t count, struct vr_page_budget *budget)
{
	bool *told = calloc(count + 1, sizeof(*told));
	bool ok = told != NULL;

	for (int numbered = 0; told && numbered < 2; numbered++) {
		for (size_t i = 0; i < count; i++) {
			struct folder *f = &folders[i];
			size_t cost = vr_page_cost(f->path, strlen(f->path)) + FOLDER_COST;

			if (f->numbered != numbered)
				continue;
			if (!told[f->shape])
				cost += vr_page_cost(f->names, f->len) + 1;
			f->is_listed = vr_page_spend(budget, cost);
			told[f->shape] |= f->is_listed;
		}
	}
	free(told);
	return ok;
}

static bool put_folders(struct vr_json *data, const struct folder *folders, size_t count,
			size_t left_out)
{
	struct vr_json *list = vr_json_add_array(data, "folders");
	struct vr_json *shapes = vr_json_add_array(data, "shapes");
	size_t *number = calloc(count + 1, sizeof(*number)), next = 0, left_folders = 0;
	bool ok = number != NULL;

	for (size_t i = 0; number && i < count; i++) {
		const struct folder *f = &folders[i];

		if (!f->is_listed) {
			left_out += f->count;
			left_folders++;
			continue;
		}
		if (!number[f->shape]) {
			vr_json_set_bytes(shapes, NULL, f->names, f->len);
			number[f->shape] = ++next;
		}
		vr_json_set_string(list, NULL, f->path);
		vr_json_set_uint(list, NULL, number[f->shape] - 1);
	}
	vr_json_set_uint(data, "files_not_listed", left_out);
	vr_json_set_uint(data, "folders_not_listed", left_folders);
	free(number);
	return ok;
}

/* A path that isn't UTF-8 can't be a link: JSON has no way to say it. */
static size_t drop_unspeakable(const char **paths, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (vr_utf8_prefix(paths[i], strlen(paths[i])) == strlen(paths[i]))
			paths[n++] = paths[i];
	return n;
}

bool vr_page_put_files(struct vr_json *data, struct vr_arena *arena, const char **paths,
		       size_t count, struct vr_page_budget *budget)
{
	size_t speakable = drop_unspeakable(paths, count), n = 0;
	struct folder *folders = calloc(speakable + 1, sizeof(*folders));
	bool ok = folders != NULL;

	qsort(paths, speakable, sizeof(*paths), compare_paths);
	for (size_t at = 0; ok && at < speakable;)
		ok = take_folder(arena, paths, speakable, &at, &folders[n++]);
	ok = ok && find_shapes(folders, n) && choose(folders, n, budget) &&
	     put_folders(data, folders, n, count - speakable);
	free(folders);
	return ok;
}
