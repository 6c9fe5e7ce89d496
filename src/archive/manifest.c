// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vmcore-report/json.h>

/* Year 9999: what a four-digit year, and Python's datetime, can say. */
#define TIME_MAX 253402300799.0

struct vr_manifest_plugin {
	struct vr_manifest_plugin *next;
	char *name;
	struct vr_json *object;
	struct vr_json *files;
	struct vr_json *alerts;
	struct vr_json *notes;
};

struct vr_manifest {
	struct vr_json *root;
	struct vr_json *enabled;
	struct vr_json *disabled;
	struct vr_json *skipped;
	struct vr_json *not_loaded;
	struct vr_json *plugins;
	struct vr_json *dump;
	struct vr_manifest_plugin *first;
	bool failed;
};

const char *vr_file_status_name(enum vr_file_status status)
{
	switch (status) {
	case VR_FILE_OK:
		return "ok";
	case VR_FILE_PARTIAL:
		return "partial";
	case VR_FILE_OMITTED:
		return "omitted";
	}
	return "unknown";
}

/* Fields set in advance keep their places, as in sos. */
static void set_empty(struct vr_json *json, const char *const *keys)
{
	for (; *keys; keys++)
		vr_json_set_string(json, *keys, "");
}

struct vr_manifest *vr_manifest_new(void)
{
	static const char *const fields[] = {
		"version",     "cmdline", "start_time",     "end_time", "run_time",
		"compression", "tmpdir",  "tmpdir_fs_type", "policy",   NULL};
	struct vr_manifest *manifest = calloc(1, sizeof(*manifest));
	struct vr_json *report;

	if (!manifest)
		return NULL;
	manifest->root = vr_json_object();
	set_empty(manifest->root, fields);
	report = vr_json_add_object(vr_json_add_object(manifest->root, "components"), "report");
	manifest->enabled = vr_json_add_array(report, "enabled_plugins");
	manifest->disabled = vr_json_add_array(report, "disabled_plugins");
	manifest->skipped = vr_json_add_object(report, "skipped_plugins");
	manifest->not_loaded = vr_json_add_object(report, "plugins_not_loaded");
	manifest->plugins = vr_json_add_object(report, "plugins");
	manifest->dump = vr_json_add_object(manifest->root, "vmcore");
	if (!manifest->root) {
		free(manifest);
		return NULL;
	}
	return manifest;
}

void vr_manifest_free(struct vr_manifest *manifest)
{
	if (!manifest)
		return;
	while (manifest->first) {
		struct vr_manifest_plugin *plugin = manifest->first;

		manifest->first = plugin->next;
		free(plugin->name);
		free(plugin);
	}
	vr_json_free(manifest->root);
	free(manifest);
}

void vr_manifest_set(struct vr_manifest *manifest, const char *key, const char *value)
{
	if (manifest)
		vr_json_set_string(manifest->root, key, value);
}

void vr_manifest_dump_string(struct vr_manifest *manifest, const char *key, const char *value)
{
	if (manifest)
		vr_json_set_string(manifest->dump, key, value);
}

void vr_manifest_dump_number(struct vr_manifest *manifest, const char *key, uint64_t value)
{
	if (manifest)
		vr_json_set_uint(manifest->dump, key, value);
}

/* Microseconds, which Python's str() leaves out where there are none. */
static void set_fraction(struct vr_json *json, const char *key, char *text, size_t size,
			 int64_t usec)
{
	size_t len = strlen(text);

	if (usec)
		snprintf(text + len, size - len, ".%06lld", (long long)usec);
	vr_json_set_string(json, key, text);
}

/* seconds is at least 0 and at most TIME_MAX. */
static int64_t to_usec(double seconds)
{
	return (int64_t)(seconds * 1e6 + 0.5);
}

/* As Python's str() of a datetime: "2026-11-23 06:19:26.123456". */
static void set_datetime(struct vr_json *json, const char *key, double when)
{
	struct tm tm;
	int64_t usec;
	time_t sec;
	char text[64];

	if (!(when >= 0 && when <= TIME_MAX))
		return;
	usec = to_usec(when);
	sec = usec / 1000000;
	tzset();
	if (!localtime_r(&sec, &tm) || !strftime(text, sizeof(text) - 8, "%Y-%m-%d %H:%M:%S", &tm))
		return;
	set_fraction(json, key, text, sizeof(text), usec % 1000000);
}

/* As Python's str() of a timedelta: "0:01:02.345678", "1 day, 0:00:00". */
static void set_duration(struct vr_json *json, const char *key, double start, double end)
{
	char text[64], days[32] = "";
	int64_t usec, sec;

	/* A clock that was set back in between has no duration to tell. */
	if (!(start >= 0 && end >= start && end <= TIME_MAX))
		return;
	usec = to_usec(end) - to_usec(start);
	sec = usec / 1000000;
	if (sec >= 86400)
		snprintf(days, sizeof(days), "%lld day%s, ", (long long)(sec / 86400),
			 sec / 86400 == 1 ? "" : "s");
	snprintf(text, sizeof(text), "%s%d:%02d:%02d", days, (int)(sec % 86400 / 3600),
		 (int)(sec % 3600 / 60), (int)(sec % 60));
	set_fraction(json, key, text, sizeof(text), usec % 1000000);
}

static void set_times(struct vr_json *json, double start, double end)
{
	set_datetime(json, "start_time", start);
	set_datetime(json, "end_time", end);
	set_duration(json, "run_time", start, end);
}

void vr_manifest_set_times(struct vr_manifest *manifest, double start, double end)
{
	if (manifest)
		set_times(manifest->root, start, end);
}

static void fill_plugin(struct vr_manifest_plugin *plugin)
{
	static const char *const times[] = {"start_time", "end_time", "run_time", NULL};
	static const char *const ours[] = {"status", "reason", NULL};

	set_empty(plugin->object, times);
	vr_json_set_bool(plugin->object, "timeout_hit", false);
	vr_json_add_array(plugin->object, "commands");
	plugin->files = vr_json_add_array(plugin->object, "files");
	vr_json_add_object(plugin->object, "strings");
	vr_json_add_object(plugin->object, "containers");
	vr_json_add_array(plugin->object, "collections");
	set_empty(plugin->object, ours);
	plugin->alerts = vr_json_add_array(plugin->object, "alerts");
	plugin->notes = vr_json_add_array(plugin->object, "notes");
}

struct vr_manifest_plugin *vr_manifest_enabled(struct vr_manifest *manifest, const char *name)
{
	struct vr_manifest_plugin **link, *plugin;

	if (!manifest)
		return NULL;
	for (link = &manifest->first; *link; link = &(*link)->next)
		if (!strcmp((*link)->name, name))
			return *link;
	plugin = calloc(1, sizeof(*plugin));
	if (!plugin || !(plugin->name = strdup(name))) {
		free(plugin);
		manifest->failed = true;
		return NULL;
	}
	*link = plugin;
	vr_json_set_string(manifest->enabled, NULL, name);
	plugin->object = vr_json_add_object(manifest->plugins, name);
	fill_plugin(plugin);
	return plugin;
}

void vr_manifest_disabled(struct vr_manifest *manifest, const char *name, const char *reason)
{
	if (!manifest)
		return;
	vr_json_set_string(manifest->disabled, NULL, name);
	vr_json_set_string(manifest->skipped, name, reason);
}

void vr_manifest_not_loaded(struct vr_manifest *manifest, const char *path, const char *reason)
{
	if (manifest)
		vr_json_set_string(manifest->not_loaded, path, reason);
}

void vr_manifest_plugin_end(struct vr_manifest_plugin *plugin, const char *status,
			    const char *reason, double start, double end)
{
	if (!plugin)
		return;
	set_times(plugin->object, start, end);
	vr_json_set_bool(plugin->object, "timeout_hit", !strcmp(status, "timeout"));
	vr_json_set_string(plugin->object, "status", status);
	vr_json_set_string(plugin->object, "reason", reason ? reason : "");
}

/* sos names what was copied by its path on the machine, and where it went in the archive. */
static void set_specification(struct vr_json *json, const char *path)
{
	char absolute[4096];
	int len;

	if (strncmp(path, "proc/", 5) && strncmp(path, "sys/", 4)) {
		vr_json_set_string(json, "specification", path);
		return;
	}
	len = snprintf(absolute, sizeof(absolute), "/%s", path);
	vr_json_set_string(json, "specification",
			   len > 0 && (size_t)len < sizeof(absolute) ? absolute : path);
}

/* Microseconds are the most that is known of it. */
static double tidy_ms(double ms)
{
	if (!(ms >= 0 && ms <= TIME_MAX))
		return ms;
	return (double)(int64_t)(ms * 1000 + 0.5) / 1000;
}

void vr_manifest_plugin_file(struct vr_manifest_plugin *plugin, const struct vr_file_record *file)
{
	struct vr_json *json, *copied;

	if (!plugin)
		return;
	json = vr_json_add_object(plugin->files, NULL);
	set_specification(json, file->path);
	copied = vr_json_add_array(json, "files_copied");
	if (file->status != VR_FILE_OMITTED)
		vr_json_set_string(copied, NULL, file->path);
	vr_json_add_array(json, "tags");
	vr_json_set_string(json, "status", vr_file_status_name(file->status));
	vr_json_set_string(json, "kind", file->kind == VR_OK ? "" : vr_err_name(file->kind));
	vr_json_set_string(json, "reason", file->reason ? file->reason : "");
	vr_json_set_string(json, "source", file->source ? file->source : "");
	vr_json_set_uint(json, "bytes", file->bytes);
	vr_json_set_real(json, "ms", tidy_ms(file->ms));
	vr_json_set_uint(json, "rows_dropped", file->rows_dropped);
}

void vr_manifest_plugin_alert(struct vr_manifest_plugin *plugin, const char *text)
{
	if (plugin)
		vr_json_set_string(plugin->alerts, NULL, text);
}

void vr_manifest_plugin_note(struct vr_manifest_plugin *plugin, const char *text)
{
	if (plugin)
		vr_json_set_string(plugin->notes, NULL, text);
}

char *vr_manifest_text(const struct vr_manifest *manifest)
{
	return manifest && !manifest->failed ? vr_json_text(manifest->root, 4) : NULL;
}
