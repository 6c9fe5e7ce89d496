// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/debug_paths.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "debuginfo/module_index.h"

/* Paths that were given, beside which more may be asked for. */
#define GIVEN_MAX 16384

/* Where everything below is once more: a folder as it is installed, and its debug files. */
static const char *const prefixes[] = {"/usr/lib/debug", ""};

/*
 * Of vmlinux, the release in the place of %s. Debian and Ubuntu; Fedora; SUSE; those that are
 * beside the kernel; a build tree's.
 */
static const char *const vmlinux_places[] = {
	"/boot/vmlinux-%s",
	"/boot/vmlinux-%s.debug",
	"/lib/modules/%s/vmlinux",
	"/lib/modules/%s/vmlinux.debug",
	"/usr/lib/modules/%s/vmlinux",
	"/usr/lib/modules/%s/vmlinux.debug",
	"/lib/modules/%s/build/vmlinux",
	"/vmlinux-%s",
	"/vmlinux-%s.debug",
};
/* The same without a release, in a folder that the user has named. */
static const char *const bare_vmlinux[] = {"/vmlinux", "/vmlinux.debug"};
static const char *const module_places[] = {"/lib/modules/%s", "/usr/lib/modules/%s"};

struct candidate {
	char *path;
	bool asked_for;
};

struct vr_debug_paths {
	struct vr_debug_places places;
	struct vr_debug_wanted wanted; /* what candidates are for */
	bool has_wanted;
	struct candidate *candidates;
	size_t count, cap;
	struct vr_module_index modules;
	char modules_release[65]; /* of which modules is; "": not made yet */
	char **given;
	size_t given_count;
	char path[PATH_MAX];
};

struct vr_debug_paths *vr_debug_paths_new(const struct vr_debug_places *places)
{
	struct vr_debug_paths *paths = calloc(1, sizeof(*paths));

	if (paths)
		paths->places = *places;
	return paths;
}

static void forget_candidates(struct vr_debug_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->candidates[i].path);
	paths->count = 0;
}

void vr_debug_paths_free(struct vr_debug_paths *paths)
{
	if (!paths)
		return;
	forget_candidates(paths);
	free(paths->candidates);
	vr_module_index_free(&paths->modules);
	for (size_t i = 0; i < paths->given_count; i++)
		free(paths->given[i]);
	free(paths->given);
	free(paths);
}

/* ---- Candidates ---- */

static void add(struct vr_debug_paths *paths, bool asked_for, const char *fmt, ...) VR_PRINTF(3, 4);

static void add(struct vr_debug_paths *paths, bool asked_for, const char *fmt, ...)
{
	va_list ap;
	char *path;
	int len;

	if (paths->count == paths->cap) {
		size_t cap = paths->cap ? paths->cap * 2 : 32;
		void *list = reallocarray(paths->candidates, cap, sizeof(*paths->candidates));

		if (!list)
			return;
		paths->candidates = list;
		paths->cap = cap;
	}
	va_start(ap, fmt);
	len = vasprintf(&path, fmt, ap);
	va_end(ap);
	if (len >= 0)
		paths->candidates[paths->count++] = (struct candidate){path, asked_for};
}

/* Calls add_below for each folder that has what an installed system has, and its debug files. */
static void in_all_roots(struct vr_debug_paths *paths, const struct vr_debug_wanted *wanted,
			 void (*add_below)(struct vr_debug_paths *paths, const char *root,
					   const char *prefix, bool asked_for,
					   const struct vr_debug_wanted *wanted))
{
	for (size_t i = 0; i < paths->places.dir_count; i++)
		for (size_t j = VR_ARRAY_SIZE(prefixes); j--;)
			add_below(paths, paths->places.dirs[i], prefixes[j], true, wanted);
	for (size_t j = 0; paths->places.system && j < VR_ARRAY_SIZE(prefixes); j++)
		add_below(paths, paths->places.root, prefixes[j], false, wanted);
}

/* "xx/yyyy" below .build-id; false: there is no id. */
static bool id_path(const struct vr_build_id *id, char path[VR_BUILD_ID_TEXT + 1])
{
	char text[VR_BUILD_ID_TEXT];

	if (id->len < 2)
		return false;
	vr_build_id_text(id, text);
	snprintf(path, VR_BUILD_ID_TEXT + 1, "%.2s/%s", text, text + 2);
	return true;
}

static void add_by_id(struct vr_debug_paths *paths, const char *root, const char *prefix,
		      bool asked_for, const struct vr_debug_wanted *wanted)
{
	char id[VR_BUILD_ID_TEXT + 1];

	if (id_path(&wanted->id, id) && (asked_for || prefix[0]))
		add(paths, asked_for, "%s%s/.build-id/%s.debug", root, prefix, id);
}

/* The format is one of the tables above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static bool fill(const char *place, const char *release, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, place, release);

	return n > 0 && n < PATH_MAX;
}
#pragma GCC diagnostic pop

static void add_vmlinux(struct vr_debug_paths *paths, const char *root, const char *prefix,
			bool asked_for, const struct vr_debug_wanted *wanted)
{
	char path[PATH_MAX];

	for (size_t i = 0; wanted->release[0] && i < VR_ARRAY_SIZE(vmlinux_places); i++)
		if (fill(vmlinux_places[i], wanted->release, path))
			add(paths, asked_for, "%s%s%s", root, prefix, path);
	for (size_t i = 0; asked_for && !prefix[0] && i < VR_ARRAY_SIZE(bare_vmlinux); i++)
		add(paths, asked_for, "%s%s", root, bare_vmlinux[i]);
	add_by_id(paths, root, prefix, asked_for, wanted);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Add the folder of the release's modules; *other: there is one, of whatever release. */
static void index_below(struct vr_debug_paths *paths, const char *root, const char *prefix,
			const char *release, bool asked_for, bool *other)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(module_places); i++) {
		char place[PATH_MAX], path[PATH_MAX];
		int n;

		if (!fill(module_places[i], release, place))
			continue;
		n = snprintf(path, sizeof(path), "%s%s%s", root, prefix, place);
		if (n < 0 || (size_t)n >= sizeof(path))
			continue;
		if (is_folder(path))
			vr_module_index_add(&paths->modules, path, asked_for);
		path[(size_t)n - strlen(release)] = '\0';
		*other = *other || is_folder(path);
	}
}

/* A folder with no such place in it is looked through as a whole: it may be flat. */
static void index_modules(struct vr_debug_paths *paths, const char *release)
{
	if (!strcmp(paths->modules_release, release))
		return;
	vr_module_index_free(&paths->modules);
	snprintf(paths->modules_release, sizeof(paths->modules_release), "%s", release);
	for (size_t i = 0; i < paths->places.dir_count; i++) {
		const char *dir = paths->places.dirs[i];
		bool other = false;

		for (size_t j = 0; j < VR_ARRAY_SIZE(prefixes); j++)
			index_below(paths, dir, prefixes[j], release, true, &other);
		if (!other)
			vr_module_index_add(&paths->modules, dir, true);
	}
	for (size_t j = 0; paths->places.system && j < VR_ARRAY_SIZE(prefixes); j++) {
		bool other = false;

		index_below(paths, paths->places.root, prefixes[j], release, false, &other);
	}
	vr_module_index_sort(&paths->modules);
}

static void add_modules(struct vr_debug_paths *paths, const struct vr_debug_wanted *wanted)
{
	const struct vr_module_file *file;

	if (wanted->release[0])
		index_modules(paths, wanted->release);
	for (size_t i = 0; (file = vr_module_index_at(&paths->modules, wanted->name, i)); i++)
		add(paths, file->asked_for, "%s", file->path);
	in_all_roots(paths, wanted, add_by_id);
}

static void add_split(struct vr_debug_paths *paths, const char *root, const char *prefix,
		      bool asked_for, const struct vr_debug_wanted *wanted)
{
	int dir = (int)(strrchr(wanted->beside, '/') - wanted->beside);

	add_by_id(paths, root, prefix, asked_for, wanted);
	if (!wanted->name[0])
		return;
	if (wanted->what == VR_DEBUG_ALT)
		add(paths, asked_for, "%s%s/.dwz/%s", root, prefix, wanted->name);
	else if (prefix[0])
		add(paths, asked_for, "%s%s%.*s/%s", root, prefix, dir, wanted->beside,
		    wanted->name);
	else if (asked_for)
		add(paths, asked_for, "%s/%s", root, wanted->name);
}

static void add_companions(struct vr_debug_paths *paths, const struct vr_debug_wanted *wanted)
{
	const char *below = wanted->what == VR_DEBUG_ALT ? ".dwz" : ".debug";
	int dir = (int)(strrchr(wanted->beside, '/') - wanted->beside);

	if (wanted->name[0]) {
		add(paths, true, "%.*s/%s", dir, wanted->beside, wanted->name);
		add(paths, true, "%.*s/%s/%s", dir, wanted->beside, below, wanted->name);
	}
	in_all_roots(paths, wanted, add_split);
}

/* ---- What may be asked for ---- */

/* A name as it may be a file's or a release's: no folders, nothing that leads elsewhere. */
static bool is_plain(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p == '/' || (unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return false;
	return name[0] != '.';
}

static bool was_given(const struct vr_debug_paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->given_count; i++)
		if (!strcmp(paths->given[i], path))
			return true;
	return false;
}

static bool is_sound(const struct vr_debug_paths *paths, const struct vr_debug_wanted *wanted)
{
	bool companion = wanted->what == VR_DEBUG_SPLIT || wanted->what == VR_DEBUG_ALT;

	return memchr(wanted->release, '\0', sizeof(wanted->release)) &&
	       memchr(wanted->name, '\0', sizeof(wanted->name)) &&
	       memchr(wanted->beside, '\0', sizeof(wanted->beside)) && is_plain(wanted->release) &&
	       is_plain(wanted->name) && wanted->id.len <= VR_BUILD_ID_MAX &&
	       (!companion || was_given(paths, wanted->beside));
}

static bool is_same(const struct vr_debug_wanted *a, const struct vr_debug_wanted *b)
{
	return a->what == b->what && !strcmp(a->release, b->release) && !strcmp(a->name, b->name) &&
	       vr_build_id_equal(&a->id, &b->id) && !strcmp(a->beside, b->beside);
}

static void list_candidates(struct vr_debug_paths *paths, const struct vr_debug_wanted *wanted)
{
	if (paths->has_wanted && is_same(&paths->wanted, wanted))
		return;
	forget_candidates(paths);
	paths->has_wanted = false;
	if (!is_sound(paths, wanted))
		return;
	paths->wanted = *wanted;
	paths->has_wanted = true;
	if (wanted->what == VR_DEBUG_VMLINUX && paths->places.vmlinux)
		add(paths, true, "%s", paths->places.vmlinux);
	if (wanted->what == VR_DEBUG_VMLINUX)
		in_all_roots(paths, wanted, add_vmlinux);
	else if (wanted->what == VR_DEBUG_MODULE)
		add_modules(paths, wanted);
	else
		add_companions(paths, wanted);
}

static void remember(struct vr_debug_paths *paths, const char *path)
{
	char **given;

	if (paths->given_count >= GIVEN_MAX || was_given(paths, path))
		return;
	given = reallocarray(paths->given, paths->given_count + 1, sizeof(*given));
	if (!given)
		return;
	paths->given = given;
	given[paths->given_count] = strdup(path);
	if (given[paths->given_count])
		paths->given_count++;
}

/* The path with a folder in it, always: what is beside it is found by it. */
static bool set_path(struct vr_debug_paths *paths, const char *path)
{
	int n = snprintf(paths->path, sizeof(paths->path), "%s%s", strchr(path, '/') ? "" : "./",
			 path);

	return n > 0 && (size_t)n < sizeof(paths->path);
}

static int open_file(const char *path)
{
	/* What isn't a file may block. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int vr_debug_paths_next(struct vr_debug_paths *paths, const struct vr_debug_wanted *wanted,
			size_t *at, const char **path, bool *asked_for)
{
	list_candidates(paths, wanted);
	while (*at < paths->count) {
		const struct candidate *candidate = &paths->candidates[(*at)++];
		int fd = set_path(paths, candidate->path) ? open_file(paths->path) : -1;

		if (fd < 0)
			continue;
		remember(paths, paths->path);
		*path = paths->path;
		*asked_for = candidate->asked_for;
		return fd;
	}
	return -1;
}

bool vr_debug_paths_exist(const char *root)
{
	static const char *const folders[] = {"/usr/lib/debug/boot", "/usr/lib/debug/lib/modules",
					      "/usr/lib/debug/usr/lib/modules",
					      "/usr/lib/debug/.build-id", "/lib/modules"};

	for (size_t i = 0; i < VR_ARRAY_SIZE(folders); i++) {
		char path[PATH_MAX];
		int n = snprintf(path, sizeof(path), "%s%s", root, folders[i]);

		if (n > 0 && (size_t)n < sizeof(path) && is_folder(path))
			return true;
	}
	return false;
}
