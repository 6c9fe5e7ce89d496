// SPDX-License-Identifier: GPL-2.0-or-later
/* manifest.json (class SoSManifest in sos/manifest.py of sos, and what its reports put there). */
#include "archive/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "archive/books.h"
#include "archive/sos_names.h"
#include "base/cleanup.h"
#include "base/jsonout.h"

/* What sos runs a command with where a plugin doesn't say. */
#define COMMAND_PRIORITY 10

/* Tags of the archive's paths, for the summary. */
struct tag {
	const char *tag;
	const char *path;
};

struct tags {
	struct tag *list;
	size_t count, cap;
	bool failed;
};

static void put_pairs(struct vr_json_out *out, const struct vr_book_pairs *pairs)
{
	for (const struct vr_book_pair *pair = pairs->first; pair; pair = pair->next)
		if (pair->text)
			vr_json_out_string(out, pair->key, pair->text);
		else
			vr_json_out_uint(out, pair->key, pair->number);
}

static void put_keys(struct vr_json_out *out, const char *key, const struct vr_book_pairs *pairs)
{
	vr_json_out_array(out, key);
	for (const struct vr_book_pair *pair = pairs->first; pair; pair = pair->next)
		vr_json_out_string(out, NULL, pair->key);
	vr_json_out_end(out);
}

static void put_texts(struct vr_json_out *out, const char *key, const struct vr_book_pairs *pairs)
{
	vr_json_out_array(out, key);
	for (const struct vr_book_pair *pair = pairs->first; pair; pair = pair->next)
		vr_json_out_string(out, NULL, pair->text);
	vr_json_out_end(out);
}

static void put_nulls(struct vr_json_out *out, const char *const *keys)
{
	for (; *keys; keys++)
		vr_json_out_string(out, *keys, NULL);
}

static void put_empty(struct vr_json_out *out, const char *key, bool array)
{
	if (array)
		vr_json_out_array(out, key);
	else
		vr_json_out_object(out, key);
	vr_json_out_end(out);
}

static void put_tags(struct vr_json_out *out, const char *path)
{
	const char *tags[VR_SOS_TAGS_MAX];
	size_t count = vr_sos_tags(path, tags);

	vr_json_out_array(out, "tags");
	for (size_t i = 0; i < count; i++)
		vr_json_out_string(out, NULL, tags[i]);
	vr_json_out_end(out);
}

/* The words of a command line. */
static void put_words(struct vr_json_out *out, const char *line)
{
	VR_STRBUF word = {0};
	bool first = true;

	for (;;) {
		size_t len = strcspn(line, " ");

		vr_strbuf_truncate(&word, 0);
		vr_strbuf_add(&word, line, len);
		if (first) {
			vr_json_out_string(out, "command", vr_strbuf_str(&word));
			vr_json_out_array(out, "parameters");
		} else if (len) {
			vr_json_out_string(out, NULL, vr_strbuf_str(&word));
		}
		out->text->failed |= word.failed;
		first = false;
		if (!line[len])
			break;
		line += len + 1;
	}
	vr_json_out_end(out);
}

/*
 * As sos has it of a command that it ran: return_code is that of the output that is there. What our
 * files have beside stands in "files".
 */
static void put_command(struct vr_json_out *out, const struct vr_book_file *file)
{
	char buf[VR_SOS_COMMAND_SIZE];
	const char *line = vr_sos_command(file->path, buf);

	vr_json_out_flat_object(out, NULL);
	put_words(out, line);
	vr_json_out_string(out, "exec", line);
	vr_json_out_string(out, "filepath", file->path);
	vr_json_out_bool(out, "truncated", file->status == VR_FILE_PARTIAL);
	vr_json_out_uint(out, "return_code", 0);
	vr_json_out_uint(out, "priority", COMMAND_PRIORITY);
	vr_json_out_real(out, "start_time", file->start);
	vr_json_out_real(out, "end_time", file->start + (double)file->ms / 1e3);
	vr_json_out_real(out, "run_time", (double)file->ms / 1e3);
	put_tags(out, file->path);
	vr_json_out_end(out);
}

/* sos names what was copied by its path on the machine, and where it went in the archive. */
static void put_specification(struct vr_json_out *out, const char *path)
{
	VR_STRBUF absolute = {0};

	if (!strncmp(path, "proc/", 5) || !strncmp(path, "sys/", 4))
		vr_strbuf_putc(&absolute, '/');
	vr_strbuf_puts(&absolute, path);
	vr_json_out_string(out, "specification", vr_strbuf_str(&absolute));
	out->text->failed |= absolute.failed;
}

/* Microseconds are the most that is known of it. */
static double tidy_ms(double ms)
{
	return ms >= 0 && ms < 1e12 ? (double)(int64_t)(ms * 1000 + 0.5) / 1000 : ms;
}

static void put_file(struct vr_json_out *out, const struct vr_book_file *file)
{
	vr_json_out_flat_object(out, NULL);
	put_specification(out, file->path);
	vr_json_out_array(out, "files_copied");
	if (file->status != VR_FILE_OMITTED)
		vr_json_out_string(out, NULL, file->path);
	vr_json_out_end(out);
	put_tags(out, file->path);
	vr_json_out_string(out, "status", vr_file_status_name(file->status));
	vr_json_out_string(out, "kind", file->kind == VR_OK ? "" : vr_err_name(file->kind));
	vr_json_out_string(out, "reason", file->reason);
	vr_json_out_string(out, "source", file->source);
	vr_json_out_uint(out, "bytes", file->bytes);
	vr_json_out_real(out, "ms", tidy_ms((double)file->ms));
	vr_json_out_uint(out, "rows_dropped", file->rows_dropped);
	vr_json_out_end(out);
}

static void put_times(struct vr_json_out *out, const struct vr_manifest_plugin *plugin)
{
	/* Set-up is a part of the run here, and there is no work behind it. */
	static const char *const none[] = {
		"setup_start",  "setup_end",     "setup_time", "postproc_start",
		"postproc_end", "postproc_time", NULL};
	char text[64];

	vr_book_datetime(plugin->start, text, sizeof(text));
	vr_json_out_string(out, "start_time", text);
	vr_book_datetime(plugin->end, text, sizeof(text));
	vr_json_out_string(out, "end_time", text);
	vr_book_duration(plugin->start, plugin->end, text, sizeof(text));
	vr_json_out_string(out, "run_time", text);
	put_nulls(out, none);
	vr_json_out_uint(out, "timeout", plugin->timeout);
	vr_json_out_bool(out, "timeout_hit", !strcmp(plugin->status, "timeout"));
	vr_json_out_uint(out, "command_timeout", plugin->timeout);
}

static void put_plugin(struct vr_json_out *out, const struct vr_manifest_plugin *plugin)
{
	vr_json_out_object(out, plugin->name);
	put_times(out, plugin);
	vr_json_out_array(out, "commands");
	for (const struct vr_book_file *file = plugin->files; file; file = file->next)
		if (vr_book_is_command(file) && file->status != VR_FILE_OMITTED)
			put_command(out, file);
	vr_json_out_end(out);
	vr_json_out_array(out, "files");
	for (const struct vr_book_file *file = plugin->files; file; file = file->next)
		put_file(out, file);
	vr_json_out_end(out);
	put_empty(out, "strings", false);
	put_empty(out, "containers", false);
	put_empty(out, "collections", true);
	vr_json_out_string(out, "status", plugin->status);
	vr_json_out_string(out, "reason", plugin->reason);
	put_texts(out, "alerts", &plugin->alerts);
	put_texts(out, "notes", &plugin->notes);
	vr_json_out_end(out);
}

static void collect_tag(struct tags *tags, const char *path)
{
	const char *found[VR_SOS_TAGS_MAX];
	size_t count = vr_sos_tags(path, found);

	if (tags->count + count > tags->cap) {
		size_t cap = tags->cap ? tags->cap * 2 : 64;
		void *list = reallocarray(tags->list, cap, sizeof(*tags->list));

		if (!list) {
			tags->failed = true;
			return;
		}
		tags->list = list;
		tags->cap = cap;
	}
	for (size_t i = 0; i < count; i++)
		tags->list[tags->count++] = (struct tag){.tag = found[i], .path = path};
}

static int compare_tags(const void *a, const void *b)
{
	const struct tag *x = a, *y = b;
	int order = strcmp(x->tag, y->tag);

	return order ? order : strcmp(x->path, y->path);
}

static void put_tag_summary(struct vr_json_out *out, const struct vr_manifest *manifest)
{
	struct tags tags = {0};

	for (const struct vr_manifest_plugin *plugin = manifest->first; plugin;
	     plugin = plugin->next)
		for (const struct vr_book_file *file = plugin->files; file; file = file->next)
			if (file->status != VR_FILE_OMITTED)
				collect_tag(&tags, file->path);
	for (const struct vr_book_other *other = manifest->others; other; other = other->next)
		if (!strcmp(other->status, "ok"))
			collect_tag(&tags, other->path);
	if (tags.count)
		qsort(tags.list, tags.count, sizeof(*tags.list), compare_tags);
	vr_json_out_object(out, "tag_summary");
	for (size_t i = 0; i < tags.count; i++) {
		if (i == 0 || strcmp(tags.list[i].tag, tags.list[i - 1].tag) != 0)
			vr_json_out_flat_array(out, tags.list[i].tag);
		vr_json_out_string(out, NULL, tags.list[i].path);
		if (i + 1 == tags.count || strcmp(tags.list[i].tag, tags.list[i + 1].tag) != 0)
			vr_json_out_end(out);
	}
	vr_json_out_end(out);
	out->text->failed |= tags.failed;
	free(tags.list);
}

static void put_report(struct vr_json_out *out, const struct vr_manifest *manifest)
{
	const struct vr_manifest_plugin *plugin;

	vr_json_out_object(out, "report");
	/* Words that sos has for what wasn't asked for. */
	vr_json_out_string(out, "sysroot", "/");
	vr_json_out_string(out, "preset", "unset");
	put_empty(out, "profiles", true);
	vr_json_out_object(out, "priority");
	vr_json_out_string(out, "io_class", "unset");
	vr_json_out_int(out, "niceness", manifest->niceness);
	vr_json_out_end(out);
	/* sos looks for devices to run commands on; nothing of the kind happens here. */
	put_empty(out, "devices", false);
	vr_json_out_array(out, "enabled_plugins");
	for (plugin = manifest->first; plugin; plugin = plugin->next)
		vr_json_out_string(out, NULL, plugin->name);
	vr_json_out_end(out);
	put_keys(out, "disabled_plugins", &manifest->skipped);
	vr_json_out_object(out, "skipped_plugins");
	put_pairs(out, &manifest->skipped);
	vr_json_out_end(out);
	vr_json_out_object(out, "plugins_not_loaded");
	put_pairs(out, &manifest->not_loaded);
	vr_json_out_end(out);
	vr_json_out_object(out, "plugins");
	for (plugin = manifest->first; plugin; plugin = plugin->next)
		put_plugin(out, plugin);
	vr_json_out_end(out);
	put_tag_summary(out, manifest);
	vr_json_out_end(out);
}

/* The fields that sos begins with stand before "components", those of ours behind. */
static void put_top(struct vr_json_out *out, const struct vr_manifest *manifest)
{
	const struct vr_book_pair *pair = manifest->top.first;

	for (; pair; pair = pair->next) {
		vr_json_out_string(out, pair->key, pair->text);
		if (!strcmp(pair->key, "policy"))
			break;
	}
	vr_json_out_object(out, "components");
	put_report(out, manifest);
	vr_json_out_end(out);
	vr_json_out_object(out, "vmcore");
	put_pairs(out, &manifest->dump);
	vr_json_out_end(out);
	for (pair = pair ? pair->next : NULL; pair; pair = pair->next)
		vr_json_out_string(out, pair->key, pair->text);
}

char *vr_manifest_text(const struct vr_manifest *manifest)
{
	VR_STRBUF text = {0};
	struct vr_json_out out = {.text = &text, .indent = 4};

	if (!manifest || manifest->failed)
		return NULL;
	vr_json_out_object(&out, NULL);
	put_top(&out, manifest);
	vr_json_out_end(&out);
	return text.failed ? NULL : VR_TAKE(text.data);
}
