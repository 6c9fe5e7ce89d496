// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/hash.h"

/* Year 9999: what a four-digit year, and Python's datetime, can say. */
#define TIME_MAX 253402300799.0

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

static void *get_memory(struct vr_manifest *manifest, size_t size)
{
	void *p = vr_arena_alloc(&manifest->arena, size);

	if (!p)
		manifest->failed = true;
	return p;
}

static const char *copy(struct vr_manifest *manifest, const char *text)
{
	const char *p;

	if (!text || !*text)
		return "";
	p = vr_arena_strndup(&manifest->arena, text, strlen(text));
	if (!p)
		manifest->failed = true;
	return p ? p : "";
}

/* A copy that others may have as well. */
static const char *share(struct vr_manifest *manifest, const char *text)
{
	const char **slot;

	if (!text || !*text)
		return "";
	slot = &manifest->shared[vr_hash_bytes(text, strlen(text)) % VR_BOOK_SHARED];
	if (!*slot || strcmp(*slot, text) != 0)
		*slot = copy(manifest, text);
	return *slot;
}

static struct vr_book_pair *find_pair(const struct vr_book_pairs *pairs, const char *key)
{
	for (struct vr_book_pair *pair = pairs->first; pair; pair = pair->next)
		if (!strcmp(pair->key, key))
			return pair;
	return NULL;
}

static struct vr_book_pair *add_pair(struct vr_manifest *manifest, struct vr_book_pairs *pairs,
				     const char *key)
{
	struct vr_book_pair *pair = get_memory(manifest, sizeof(*pair));

	if (!pair)
		return NULL;
	pair->key = copy(manifest, key);
	*pairs->last = pair;
	pairs->last = &pair->next;
	return pair;
}

/* A key set again keeps its place. */
static struct vr_book_pair *set_pair(struct vr_manifest *manifest, struct vr_book_pairs *pairs,
				     const char *key, const char *text)
{
	struct vr_book_pair *pair = find_pair(pairs, key);

	if (!pair)
		pair = add_pair(manifest, pairs, key);
	if (pair)
		pair->text = text ? copy(manifest, text) : NULL;
	return pair;
}

struct vr_manifest *vr_manifest_new(void)
{
	static const char *const fields[] = {"version",  "cmdline",        "start_time",
					     "end_time", "run_time",       "compression",
					     "tmpdir",   "tmpdir_fs_type", "policy"};
	struct vr_manifest *manifest = calloc(1, sizeof(*manifest));

	if (!manifest)
		return NULL;
	manifest->top.last = &manifest->top.first;
	manifest->dump.last = &manifest->dump.first;
	manifest->skipped.last = &manifest->skipped.first;
	manifest->not_loaded.last = &manifest->not_loaded.first;
	manifest->last = &manifest->first;
	manifest->last_other = &manifest->others;
	manifest->start = manifest->end = -1;
	for (size_t i = 0; i < VR_ARRAY_SIZE(fields); i++)
		set_pair(manifest, &manifest->top, fields[i], "");
	return manifest;
}

void vr_manifest_free(struct vr_manifest *manifest)
{
	if (!manifest)
		return;
	vr_arena_free(&manifest->arena);
	free(manifest);
}

void vr_manifest_set(struct vr_manifest *manifest, const char *key, const char *value)
{
	if (manifest)
		set_pair(manifest, &manifest->top, key, value ? value : "");
}

void vr_manifest_dump_string(struct vr_manifest *manifest, const char *key, const char *value)
{
	if (manifest)
		set_pair(manifest, &manifest->dump, key, value ? value : "");
}

void vr_manifest_dump_number(struct vr_manifest *manifest, const char *key, uint64_t value)
{
	struct vr_book_pair *pair;

	if (!manifest)
		return;
	pair = set_pair(manifest, &manifest->dump, key, NULL);
	if (pair)
		pair->number = value;
}

void vr_manifest_set_limits(struct vr_manifest *manifest, unsigned timeout, int niceness)
{
	if (!manifest)
		return;
	manifest->timeout = timeout;
	manifest->niceness = niceness;
}

/* Microseconds, which Python's str() leaves out where there are none. */
static void add_fraction(char *text, size_t size, int64_t usec)
{
	size_t len = strlen(text);

	if (usec)
		snprintf(text + len, size - len, ".%06lld", (long long)usec);
}

/* seconds is at least 0 and at most TIME_MAX. */
static int64_t to_usec(double seconds)
{
	return (int64_t)(seconds * 1e6 + 0.5);
}

/* "2026-11-23 06:19:26.123456", in local time. */
void vr_book_datetime(double when, char *buf, size_t size)
{
	struct tm tm;
	int64_t usec;
	time_t sec;

	buf[0] = '\0';
	if (!(when >= 0 && when <= TIME_MAX))
		return;
	usec = to_usec(when);
	sec = usec / 1000000;
	tzset();
	if (!localtime_r(&sec, &tm) || !strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm))
		buf[0] = '\0';
	else
		add_fraction(buf, size, usec % 1000000);
}

/* "0:01:02.345678", "1 day, 0:00:00". */
void vr_book_duration(double start, double end, char *buf, size_t size)
{
	char days[32] = "";
	int64_t usec, sec;

	buf[0] = '\0';
	/* A clock that was set back in between has no duration to tell. */
	if (!(start >= 0 && end >= start && end <= TIME_MAX))
		return;
	usec = to_usec(end) - to_usec(start);
	sec = usec / 1000000;
	if (sec >= 86400)
		snprintf(days, sizeof(days), "%lld day%s, ", (long long)(sec / 86400),
			 sec / 86400 == 1 ? "" : "s");
	snprintf(buf, size, "%s%d:%02d:%02d", days, (int)(sec % 86400 / 3600),
		 (int)(sec % 3600 / 60), (int)(sec % 60));
	add_fraction(buf, size, usec % 1000000);
}

void vr_manifest_set_times(struct vr_manifest *manifest, double start, double end)
{
	char text[64];

	if (!manifest)
		return;
	vr_book_datetime(start, text, sizeof(text));
	vr_manifest_set(manifest, "start_time", text);
	vr_book_datetime(end, text, sizeof(text));
	vr_manifest_set(manifest, "end_time", text);
	vr_book_duration(start, end, text, sizeof(text));
	vr_manifest_set(manifest, "run_time", text);
}

struct vr_manifest_plugin *vr_manifest_enabled(struct vr_manifest *manifest, const char *name)
{
	struct vr_manifest_plugin *plugin;

	if (!manifest)
		return NULL;
	for (plugin = manifest->first; plugin; plugin = plugin->next)
		if (!strcmp(plugin->name, name))
			return plugin;
	plugin = get_memory(manifest, sizeof(*plugin));
	if (!plugin)
		return NULL;
	*plugin = (struct vr_manifest_plugin){.manifest = manifest,
					      .name = copy(manifest, name),
					      .status = "",
					      .reason = "",
					      .timeout = manifest->timeout,
					      .start = -1,
					      .end = -1};
	plugin->last_file = &plugin->files;
	plugin->alerts.last = &plugin->alerts.first;
	plugin->notes.last = &plugin->notes.first;
	*manifest->last = plugin;
	manifest->last = &plugin->next;
	return plugin;
}

void vr_manifest_disabled(struct vr_manifest *manifest, const char *name, const char *reason)
{
	if (manifest)
		set_pair(manifest, &manifest->skipped, name, reason ? reason : "");
}

void vr_manifest_not_loaded(struct vr_manifest *manifest, const char *path, const char *reason)
{
	if (manifest)
		set_pair(manifest, &manifest->not_loaded, path, reason ? reason : "");
}

void vr_manifest_plugin_end(struct vr_manifest_plugin *plugin, const char *status,
			    const char *reason, double start, double end)
{
	if (!plugin)
		return;
	plugin->status = copy(plugin->manifest, status);
	plugin->reason = copy(plugin->manifest, reason);
	plugin->start = start;
	plugin->end = end;
}

const char *vr_manifest_plugin_status(const struct vr_manifest *manifest, const char *name,
				      const char **reason)
{
	const struct vr_book_pair *skipped;

	*reason = "";
	if (!manifest)
		return "";
	for (const struct vr_manifest_plugin *p = manifest->first; p; p = p->next) {
		if (strcmp(p->name, name) != 0)
			continue;
		*reason = p->reason;
		return p->status;
	}
	skipped = find_pair(&manifest->skipped, name);
	if (!skipped)
		return "";
	*reason = skipped->text;
	return "skipped";
}

void vr_manifest_plugin_file(struct vr_manifest_plugin *plugin, const struct vr_file_record *record)
{
	struct vr_manifest *manifest;
	struct vr_book_file *file;

	if (!plugin)
		return;
	manifest = plugin->manifest;
	file = get_memory(manifest, sizeof(*file));
	if (!file)
		return;
	*file = (struct vr_book_file){
		.path = copy(manifest, record->path),
		.reason = share(manifest, record->reason),
		.source = share(manifest, record->source),
		.bytes = record->bytes,
		.rows_dropped = record->rows_dropped,
		.start = record->start,
		.ms = (float)record->ms,
		.status = (uint8_t)record->status,
		.kind = (uint8_t)record->kind,
	};
	*plugin->last_file = file;
	plugin->last_file = &file->next;
	plugin->file_count++;
}

void vr_manifest_plugin_timeout(struct vr_manifest_plugin *plugin, unsigned seconds)
{
	if (plugin)
		plugin->timeout = seconds;
}

static void add_text(struct vr_manifest *manifest, struct vr_book_pairs *pairs, const char *text)
{
	struct vr_book_pair *pair = add_pair(manifest, pairs, "");

	if (pair)
		pair->text = copy(manifest, text);
}

void vr_manifest_plugin_alert(struct vr_manifest_plugin *plugin, const char *text)
{
	if (plugin)
		add_text(plugin->manifest, &plugin->alerts, text);
}

void vr_manifest_plugin_note(struct vr_manifest_plugin *plugin, const char *text)
{
	if (plugin)
		add_text(plugin->manifest, &plugin->notes, text);
}

void vr_manifest_other(struct vr_manifest *manifest, const char *path, const char *plugin,
		       const char *status, const char *reason, const char *source, uint64_t bytes)
{
	struct vr_book_other *other;

	if (!manifest || !(other = get_memory(manifest, sizeof(*other))))
		return;
	*other = (struct vr_book_other){
		.path = copy(manifest, path),
		.plugin = share(manifest, plugin),
		.status = share(manifest, status),
		.reason = share(manifest, reason),
		.source = share(manifest, source),
		.bytes = bytes,
	};
	*manifest->last_other = other;
	manifest->last_other = &other->next;
}

bool vr_book_is_command(const struct vr_book_file *file)
{
	return strncmp(file->path, "sos_commands/", 13) == 0;
}
