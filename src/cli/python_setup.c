// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/python_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "plugin/names.h"

#define MODULE_FILE "vmcore-report-python.so"

/* An interpreter's libraries and modules, and where drgn looks for debug information by itself. */
static const char *const system_places[] = {
	"/usr",         "/lib",           "/lib32",           "/lib64",
	"/boot",        "/etc/localtime", "/etc/ld.so.cache", "/dev/null",
	"/dev/urandom",
};

static bool add(struct vr_list *list, const char *text)
{
	char **items = reallocarray(list->items, list->count + 1, sizeof(*items));
	char *copy = strdup(text);

	if (items)
		list->items = items;
	if (!items || !copy) {
		free(copy);
		return false;
	}
	items[list->count++] = copy;
	return true;
}

static bool add_folder_of(struct vr_list *list, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)VR_MAX(slash - path, 1)) : strdup(".");
	bool ok = folder != NULL;

	for (size_t i = 0; ok && i < list->count; i++)
		if (!strcmp(list->items[i], folder))
			goto out;
	ok = ok && add(list, folder);
out:
	free(folder);
	return ok;
}

static bool find_files(struct vr_python_setup *s, const struct vr_places *places)
{
	const char *slash = strrchr(places->python, '/');

	s->sos_dir = strndup(places->python, slash ? (size_t)(slash - places->python) : 0);
	if (asprintf(&s->module, "%s/%s", places->modules, MODULE_FILE) < 0)
		s->module = NULL;
	return s->sos_dir && s->module;
}

static bool add_readable(struct vr_python_setup *s, const struct vr_options *options)
{
	bool ok = add(&s->readable, s->module) && add(&s->readable, s->sos_dir);

	for (size_t i = 0; ok && i < VR_ARRAY_SIZE(system_places); i++)
		ok = add(&s->readable, system_places[i]);
	for (size_t i = 0; ok && i < s->plugin_dirs.count; i++)
		ok = add(&s->readable, s->plugin_dirs.items[i]);
	for (size_t i = 0; ok && i < s->found.place_count; i++)
		ok = !strcmp(s->found.places[i], "/") || add(&s->readable, s->found.places[i]);
	if (ok && options->vmlinux)
		ok = add(&s->readable, options->vmlinux);
	for (size_t i = 0; ok && i < options->debuginfo_dirs.count; i++)
		ok = add(&s->readable, options->debuginfo_dirs.items[i]);
	return ok;
}

/* Do all of list begin with a known plugin's name? */
static bool knows(const struct vr_plugins *plugins, const struct vr_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i];
		size_t len = vr_plugin_name_length(name), at = 0;

		while (at < plugins->count && (strlen(plugins->entries[at].name) != len ||
					       memcmp(plugins->entries[at].name, name, len) != 0))
			at++;
		if (at == plugins->count)
			return false;
	}
	return true;
}

/* Are all plugins that shall run known already? Then nobody needs to look for others. */
static bool all_known(const struct vr_options *options, const struct vr_plugins *plugins)
{
	return options->only.count && !options->enable.count && !options->list_plugins &&
	       knows(plugins, &options->only) && knows(plugins, &options->plugin_options);
}

enum vr_err vr_python_setup(struct vr_python_setup *s, const struct vr_options *options,
			    const struct vr_places *places, struct vr_plugins *plugins,
			    struct vr_error *err)
{
	bool ok = find_files(s, places);
	enum vr_err kind;

	if (plugins->python_count == 0 || all_known(options, plugins))
		return VR_OK;
	for (size_t i = 0; ok && i < plugins->python_count; i++)
		ok = add_folder_of(&s->plugin_dirs, plugins->python_files[i].path);
	if (!ok)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	s->config = (struct vr_python_config){
		.module = access(s->module, F_OK) == 0 ? s->module : NULL,
		.sos_dir = s->sos_dir,
		.vmlinux = options->vmlinux,
		.debuginfo_dirs = (const char *const *)options->debuginfo_dirs.items,
		.debuginfo_dir_count = options->debuginfo_dirs.count,
		.plugin_dirs = (const char *const *)s->plugin_dirs.items,
		.plugin_dir_count = s->plugin_dirs.count,
	};
	kind = vr_python_discover(&s->config, plugins, &s->found, err);
	if (kind == VR_OK && !add_readable(s, options))
		kind = vr_error_set(err, VR_NOMEM, "out of memory");
	return kind;
}

struct vr_readable vr_python_readable(const struct vr_python_setup *setup)
{
	return (struct vr_readable){.paths = (const char *const *)setup->readable.items,
				    .count = setup->readable.count};
}

static void free_list(struct vr_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

void vr_python_setup_free(struct vr_python_setup *setup)
{
	vr_python_found_free(&setup->found);
	free_list(&setup->readable);
	free_list(&setup->plugin_dirs);
	free(setup->module);
	free(setup->sos_dir);
	*setup = (struct vr_python_setup){0};
}
