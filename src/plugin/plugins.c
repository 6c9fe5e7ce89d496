// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/plugins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "plugin/names.h"
#include "plugin/option.h"

/*
 * The linker gathers what VR_PLUGIN() defines: pointers, so that padding or red zones between them
 * read as NULL and do no harm. Weak, since a program without any plugin has no such section.
 */
extern const struct vr_plugin *const __start_vr_plugins[] __attribute__((weak));
extern const struct vr_plugin *const __stop_vr_plugins[] __attribute__((weak));

static int entry_compare(const void *a, const void *b)
{
	const struct vr_plugin_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static enum vr_err entry_fill(struct vr_plugin_entry *entry, const struct vr_plugin *plugin,
			      struct vr_error *err)
{
	const char *file = plugin->file ? plugin->file : "?";

	if (plugin->name)
		snprintf(entry->name, sizeof(entry->name), "%s", plugin->name);
	else
		vr_plugin_name_from_file(file, entry->name, sizeof(entry->name));
	if (!vr_plugin_name_ok(plugin->name ? plugin->name : entry->name))
		return vr_error_set(err, VR_CORRUPT, "%s: `%s` is no name for a plugin", file,
				    plugin->name ? plugin->name : entry->name);
	if (!plugin->collect)
		return vr_error_set(err, VR_CORRUPT, "plugin `%s` (%s) has no collect function",
				    entry->name, file);
	if (vr_options_check(plugin, err) != VR_OK) {
		vr_error_prefix(err, "plugin `%s` (%s)", entry->name, file);
		return VR_CORRUPT;
	}
	entry->plugin = plugin;
	entry->skip_reason = NULL;
	return VR_OK;
}

enum vr_err vr_plugins_from(const struct vr_plugin *const *list, size_t count,
			    struct vr_plugins *plugins, struct vr_error *err)
{
	*plugins = (struct vr_plugins){0};
	if (count == 0)
		return VR_OK;
	plugins->entries = calloc(count, sizeof(*plugins->entries));
	if (!plugins->entries)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (!list[i])
			continue;
		if (entry_fill(&plugins->entries[plugins->count], list[i], err) != VR_OK)
			goto fail;
		plugins->count++;
	}
	qsort(plugins->entries, plugins->count, sizeof(*plugins->entries), entry_compare);
	for (size_t i = 1; i < plugins->count; i++) {
		const struct vr_plugin_entry *e = &plugins->entries[i];

		if (strcmp(e[-1].name, e->name) == 0) {
			vr_error_set(err, VR_CORRUPT, "two plugins are named `%s`: %s and %s",
				     e->name, e[-1].plugin->file, e->plugin->file);
			goto fail;
		}
	}
	return VR_OK;
fail:
	vr_plugins_free(plugins);
	return VR_CORRUPT;
}

enum vr_err vr_plugins_discover(struct vr_plugins *plugins, struct vr_error *err)
{
	const struct vr_plugin *const *start = __start_vr_plugins;
	size_t count = start ? (size_t)(__stop_vr_plugins - start) : 0;

	return vr_plugins_from(start, count, plugins, err);
}

static void entry_free(struct vr_plugin_entry *entry)
{
	free(entry->path);
	free(entry->block);
	free(entry->values);
}

void vr_plugins_free(struct vr_plugins *plugins)
{
	for (size_t i = 0; i < plugins->count; i++)
		entry_free(&plugins->entries[i]);
	for (size_t i = 0; i < plugins->failure_count; i++) {
		free(plugins->failures[i].path);
		free(plugins->failures[i].reason);
	}
	for (size_t i = 0; i < plugins->python_count; i++)
		free(plugins->python_files[i].path);
	free(plugins->entries);
	free(plugins->failures);
	free(plugins->python_files);
	*plugins = (struct vr_plugins){0};
}

/* ---- Plugins from files ---- */

static enum vr_err no_memory(struct vr_error *err)
{
	return vr_error_set(err, VR_NOMEM, "out of memory");
}

enum vr_err vr_plugins_failed(struct vr_plugins *plugins, const char *path, const char *reason,
			      struct vr_error *err)
{
	struct vr_plugin_failure *failures =
		reallocarray(plugins->failures, plugins->failure_count + 1, sizeof(*failures));
	struct vr_plugin_failure *failure;

	if (!failures)
		return no_memory(err);
	plugins->failures = failures;
	failure = &failures[plugins->failure_count];
	*failure = (struct vr_plugin_failure){.path = strdup(path), .reason = strdup(reason)};
	if (failure->path && failure->reason) {
		plugins->failure_count++;
		return VR_OK;
	}
	free(failure->path);
	free(failure->reason);
	return no_memory(err);
}

enum vr_err vr_plugins_python_file(struct vr_plugins *plugins, const char *path, unsigned rank,
				   struct vr_error *err)
{
	struct vr_python_file *files =
		reallocarray(plugins->python_files, plugins->python_count + 1, sizeof(*files));

	if (!files)
		return no_memory(err);
	plugins->python_files = files;
	files[plugins->python_count] = (struct vr_python_file){.path = strdup(path), .rank = rank};
	if (!files[plugins->python_count].path)
		return no_memory(err);
	plugins->python_count++;
	return VR_OK;
}

/* Of two plugins with one name loser isn't one; the one that is comes from winner. */
static enum vr_err name_taken(struct vr_plugins *plugins, const struct vr_plugin_entry *loser,
			      const struct vr_plugin_entry *winner, struct vr_error *err)
{
	struct vr_error why;

	vr_error_set(&why, VR_CORRUPT, "the name `%s` is taken by %s", winner->name,
		     winner->path ? winner->path : "a built-in plugin");
	return vr_plugins_failed(plugins, loser->path ? loser->path : loser->name, why.text, err);
}

/* Put entry where it belongs in the order of names. */
static enum vr_err insert(struct vr_plugins *plugins, const struct vr_plugin_entry *entry,
			  struct vr_error *err)
{
	struct vr_plugin_entry *entries =
		reallocarray(plugins->entries, plugins->count + 1, sizeof(*entries));
	size_t at = plugins->count;

	if (!entries)
		return no_memory(err);
	plugins->entries = entries;
	for (; at > 0 && strcmp(entries[at - 1].name, entry->name) > 0; at--)
		entries[at] = entries[at - 1];
	entries[at] = *entry;
	plugins->count++;
	return VR_OK;
}

enum vr_err vr_plugins_add(struct vr_plugins *plugins, struct vr_plugin_entry *entry,
			   struct vr_error *err)
{
	struct vr_plugin_entry *same = NULL;
	struct vr_error why;
	enum vr_err kind;

	if (entry_fill(entry, entry->plugin, &why) != VR_OK) {
		kind = vr_plugins_failed(plugins, entry->path ? entry->path : "?", why.text, err);
		entry_free(entry);
		return kind;
	}
	for (size_t i = 0; i < plugins->count; i++)
		if (strcmp(plugins->entries[i].name, entry->name) == 0)
			same = &plugins->entries[i];
	if (!same) {
		kind = insert(plugins, entry, err);
		if (kind != VR_OK)
			entry_free(entry);
		return kind;
	}
	if (same->rank <= entry->rank) {
		kind = name_taken(plugins, entry, same, err);
		entry_free(entry);
		return kind;
	}
	kind = name_taken(plugins, same, entry, err);
	entry_free(same);
	*same = *entry;
	return kind;
}

/* ---- Selection ---- */

static bool name_is(const char *wanted, const char *name)
{
	size_t len = vr_plugin_name_length(wanted);

	return strlen(name) == len && memcmp(wanted, name, len) == 0;
}

static bool list_has(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (name_is(list[i], name))
			return true;
	return false;
}

static bool is_known(const struct vr_plugins *plugins, const char *wanted)
{
	for (size_t i = 0; i < plugins->count; i++)
		if (name_is(wanted, plugins->entries[i].name))
			return true;
	return false;
}

/* Is name close enough to what was typed to be offered? One slip in three letters, or a part of it.
 */
static bool is_near(const char *typed, const char *name)
{
	size_t len = strlen(typed);

	if (len >= 3 && (strstr(name, typed) || strstr(typed, name)))
		return true;
	return vr_edit_distance(typed, name) <= (len <= 3 ? 1 : len / 3);
}

static enum vr_err unknown_name(const struct vr_plugins *plugins, const char *wanted,
				struct vr_error *err)
{
	char typed[VR_PLUGIN_NAME_SIZE];
	VR_STRBUF near = {0};
	unsigned shown = 0;

	snprintf(typed, sizeof(typed), "%.*s", (int)vr_plugin_name_length(wanted), wanted);
	for (size_t i = 0; i < plugins->count && shown < 5; i++) {
		if (!is_near(typed, plugins->entries[i].name))
			continue;
		vr_strbuf_printf(&near, "%s%s", shown++ ? ", " : "", plugins->entries[i].name);
	}
	if (shown)
		return vr_error_set(err, VR_ABSENT,
				    "Requested plugin '%s' not found. Did you mean: %s?", typed,
				    vr_strbuf_str(&near));
	return vr_error_set(err, VR_ABSENT,
			    "Requested plugin '%s' not found (--list-plugins shows what there is)",
			    typed);
}

static enum vr_err check_names(const struct vr_plugins *plugins, const char *const *list,
			       size_t count, struct vr_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!is_known(plugins, list[i]))
			return unknown_name(plugins, list[i], err);
	return VR_OK;
}

static const char *skip_reason(const struct vr_plugin_entry *entry, const struct vr_selection *sel)
{
	bool only = list_has(sel->only, sel->only_count, entry->name);
	bool asked = only || list_has(sel->enable, sel->enable_count, entry->name);

	if (sel->only_count && !only)
		return "not specified";
	if (list_has(sel->skip, sel->skip_count, entry->name))
		return "skipped";
	if (entry->plugin->experimental && !sel->experimental && !asked)
		return "experimental";
	if (!entry->plugin->default_enabled && !asked)
		return "optional";
	return NULL;
}

enum vr_err vr_plugins_select(struct vr_plugins *plugins, const struct vr_selection *selection,
			      void (*unknown_skip)(void *arg, const char *name), void *arg,
			      struct vr_error *err)
{
	enum vr_err kind;

	kind = check_names(plugins, selection->only, selection->only_count, err);
	if (kind == VR_OK)
		kind = check_names(plugins, selection->enable, selection->enable_count, err);
	if (kind != VR_OK)
		return kind;
	for (size_t i = 0; unknown_skip && i < selection->skip_count; i++)
		if (!is_known(plugins, selection->skip[i]))
			unknown_skip(arg, selection->skip[i]);
	for (size_t i = 0; i < plugins->count; i++)
		plugins->entries[i].skip_reason = skip_reason(&plugins->entries[i], selection);
	return VR_OK;
}
