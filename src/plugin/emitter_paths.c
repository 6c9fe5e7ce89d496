// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/emitter_paths.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "plugin/emitter.h"

extern const struct vr_emitter *const __start_vr_emitters[] __attribute__((weak));
extern const struct vr_emitter *const __stop_vr_emitters[] __attribute__((weak));

/* What stands for a path's {net}: the initial network namespace's folder, the others'. */
#define NET "{net}"
static const char *const net_globs[] = {"proc/net", "sos_commands/networking/namespaces/*"};

/* Which plugin runs what is below a folder. */
static const struct {
	const char *prefix;
	const char *plugin;
} plugins[] = {
	{"proc/", "vmcore_procfs"},
	{NET, "vmcore_procfs"},
	{"sos_commands/", "vmcore_commands"},
	{"sys/", "vmcore_sysfs"},
};

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static const char *plugin_of(const char *path)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(plugins); i++)
		if (begins(path, plugins[i].prefix))
			return plugins[i].plugin;
	return "";
}

/* The path behind start with a wildcard for each key; a folder's slash at its end goes. */
static const char *make_glob(struct vr_arena *arena, const char *start, const char *path)
{
	VR_STRBUF glob = {0};
	const char *end;

	vr_strbuf_puts(&glob, start);
	for (; *path; path++) {
		if (*path == '{' && (end = strchr(path, '}'))) {
			vr_strbuf_putc(&glob, '*');
			path = end;
		} else if (*path != '/' || path[1]) {
			vr_strbuf_putc(&glob, *path);
		}
	}
	return glob.failed ? NULL : vr_arena_strndup(arena, glob.data, glob.len);
}

static int compare(const void *a, const void *b)
{
	const struct vr_emitter_path *x = a, *y = b;

	return strcmp(x->path, y->path);
}

bool vr_emitter_paths_add(struct vr_emitter_paths *paths, const char *path)
{
	void *list = reallocarray(paths->list, paths->count + 1, sizeof(*paths->list));
	struct vr_emitter_path *entry;

	if (!list)
		return false;
	paths->list = list;
	entry = &paths->list[paths->count++];
	*entry = (struct vr_emitter_path){.path = path, .plugin = plugin_of(path)};
	if (!begins(path, NET)) {
		entry->glob[0] = make_glob(&paths->arena, "", path);
		return entry->glob[0];
	}
	for (size_t i = 0; i < VR_ARRAY_SIZE(net_globs); i++)
		entry->glob[i] = make_glob(&paths->arena, net_globs[i], path + strlen(NET));
	return entry->glob[0] && entry->glob[1];
}

bool vr_emitter_paths_find(struct vr_emitter_paths *paths)
{
	/* Sanitizers may put room, which is zero, between the entries. */
	for (const struct vr_emitter *const *p = __start_vr_emitters; p < __stop_vr_emitters; p++)
		if (*p && !vr_emitter_paths_add(paths, (*p)->path))
			return false;
	if (paths->count)
		qsort(paths->list, paths->count, sizeof(*paths->list), compare);
	return true;
}

static bool matches(const struct vr_emitter_path *entry, const char *path)
{
	size_t len = strlen(entry->path);
	int flags = FNM_PATHNAME | (len && entry->path[len - 1] == '/' ? FNM_LEADING_DIR : 0);

	for (size_t i = 0; i < VR_ARRAY_SIZE(entry->glob); i++) {
		const char *glob = entry->glob[i];

		/* Most differ before the first wildcard. */
		if (glob && !strncmp(glob, path, strcspn(glob, "*")) &&
		    fnmatch(glob, path, flags) == 0)
			return true;
	}
	return false;
}

void vr_emitter_paths_seen(struct vr_emitter_paths *paths, const char *path)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths->count; i++) {
		if (matches(&paths->list[i], path))
			continue;
		if (kept != i)
			paths->list[kept] = paths->list[i];
		kept++;
	}
	paths->count = kept;
}

void vr_emitter_paths_free(struct vr_emitter_paths *paths)
{
	free(paths->list);
	vr_arena_free(&paths->arena);
	*paths = (struct vr_emitter_paths){0};
}
