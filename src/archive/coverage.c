// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmcore_coverage.json: every path that is known, a line for each, with what is worth saying of it
 * alone: kind and reason where it isn't "ok", rows_dropped where there are some.
 */
#include <string.h>

#include "archive/books.h"
#include "base/cleanup.h"
#include "base/jsonout.h"

#define STATUSES_MAX 16

/* How many there are of each status, in the order in which they come. */
struct counts {
	size_t count;
	const char *status[STATUSES_MAX];
	uint64_t paths[STATUSES_MAX];
};

static void count_one(struct counts *counts, const char *status)
{
	size_t i = 0;

	while (i < counts->count && strcmp(counts->status[i], status) != 0)
		i++;
	if (i == STATUSES_MAX)
		return;
	if (i == counts->count)
		counts->status[counts->count++] = status;
	counts->paths[i]++;
}

static void put_summary(struct vr_json_out *out, const struct vr_manifest *manifest)
{
	struct counts counts = {.count = 3, .status = {"ok", "partial", "omitted"}};

	for (const struct vr_manifest_plugin *plugin = manifest->first; plugin;
	     plugin = plugin->next)
		for (const struct vr_book_file *file = plugin->files; file; file = file->next)
			count_one(&counts, vr_file_status_name(file->status));
	for (const struct vr_book_other *other = manifest->others; other; other = other->next)
		count_one(&counts, other->status);
	vr_json_out_object(out, "summary");
	for (size_t i = 0; i < counts.count; i++)
		vr_json_out_uint(out, counts.status[i], counts.paths[i]);
	vr_json_out_end(out);
}

static void put_text(struct vr_json_out *out, const char *key, const char *text)
{
	if (*text)
		vr_json_out_string(out, key, text);
}

static void put_file(struct vr_json_out *out, const char *plugin, const struct vr_book_file *file)
{
	vr_json_out_flat_object(out, NULL);
	vr_json_out_string(out, "path", file->path);
	vr_json_out_string(out, "plugin", plugin);
	vr_json_out_string(out, "status", vr_file_status_name(file->status));
	if (file->status != VR_FILE_OK) {
		vr_json_out_string(out, "kind", vr_err_name(file->kind));
		vr_json_out_string(out, "reason", file->reason);
	}
	put_text(out, "source", file->source);
	vr_json_out_real(out, "ms", (double)file->ms);
	vr_json_out_uint(out, "bytes", file->bytes);
	if (file->rows_dropped)
		vr_json_out_uint(out, "rows_dropped", file->rows_dropped);
	vr_json_out_end(out);
}

static void put_other(struct vr_json_out *out, const struct vr_book_other *other)
{
	vr_json_out_flat_object(out, NULL);
	vr_json_out_string(out, "path", other->path);
	put_text(out, "plugin", other->plugin);
	vr_json_out_string(out, "status", other->status);
	put_text(out, "reason", other->reason);
	put_text(out, "source", other->source);
	if (other->bytes)
		vr_json_out_uint(out, "bytes", other->bytes);
	vr_json_out_end(out);
}

char *vr_coverage_text(const struct vr_manifest *manifest)
{
	VR_STRBUF text = {0};
	struct vr_json_out out = {.text = &text};

	if (!manifest || manifest->failed)
		return NULL;
	vr_json_out_object(&out, NULL);
	put_summary(&out, manifest);
	vr_json_out_array(&out, "paths");
	for (const struct vr_manifest_plugin *plugin = manifest->first; plugin;
	     plugin = plugin->next)
		for (const struct vr_book_file *file = plugin->files; file; file = file->next)
			put_file(&out, plugin->name, file);
	for (const struct vr_book_other *other = manifest->others; other; other = other->next)
		put_other(&out, other);
	vr_json_out_end(&out);
	vr_json_out_end(&out);
	return text.failed ? NULL : VR_TAKE(text.data);
}
