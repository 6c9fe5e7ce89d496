// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sos.txt and sos.json, as sos writes them (sos/report/reporting.py): of each plugin what commands,
 * copied and created files, alerts and notes there are.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/books.h"
#include "archive/sos_names.h"
#include "base/cleanup.h"
#include "base/jsonout.h"
#include "base/text.h"
#include "base/utf8.h"

#define PLUGINS_PER_LINE 5
#define LINE_WIDTH 72

enum section { COMMANDS, COPIED, CREATED, SECTIONS };

/* Headings of sos.txt, keys of sos.json. */
static const char *const headings[] = {"commands executed", "files copied", "files created"};
static const char *const keys[] = {"commands", "copied_files", "created_files"};

static enum section section_of(const struct vr_book_file *file)
{
	if (vr_book_is_command(file))
		return COMMANDS;
	return strncmp(file->path, "plugins/", 8) == 0 ? CREATED : COPIED;
}

static bool has_section(const struct vr_manifest_plugin *plugin, enum section section)
{
	for (const struct vr_book_file *file = plugin->files; file; file = file->next)
		if (file->status != VR_FILE_OMITTED && section_of(file) == section)
			return true;
	return false;
}

static int compare_names(const void *a, const void *b)
{
	const struct vr_manifest_plugin *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Plugins by name, *count of them, to be freed; NULL: out of memory. */
static const struct vr_manifest_plugin **sort_plugins(const struct vr_manifest *manifest,
						      size_t *count)
{
	const struct vr_manifest_plugin **list;

	*count = 0;
	for (const struct vr_manifest_plugin *p = manifest->first; p; p = p->next)
		++*count;
	list = calloc(*count + 1, sizeof(*list));
	if (!list)
		return NULL;
	*count = 0;
	for (const struct vr_manifest_plugin *p = manifest->first; p; p = p->next)
		list[(*count)++] = p;
	qsort(list, *count, sizeof(*list), compare_names);
	return list;
}

/* What sos calls a file by: the command, the path on the machine, the path in the archive. */
static void get_name(const struct vr_book_file *file, struct vr_strbuf *name)
{
	char buf[VR_SOS_COMMAND_SIZE];
	enum section section = section_of(file);

	vr_strbuf_truncate(name, 0);
	if (section == COPIED)
		vr_strbuf_putc(name, '/');
	vr_strbuf_puts(name, section == COMMANDS ? vr_sos_command(file->path, buf) : file->path);
}

static void put_lines(struct vr_strbuf *text, const char *heading, const char *mark,
		      const struct vr_book_pairs *pairs)
{
	if (pairs->first)
		vr_strbuf_printf(text, "-  %s:\n", heading);
	for (const struct vr_book_pair *pair = pairs->first; pair; pair = pair->next) {
		size_t size = VR_PRINTABLE_SIZE(strlen(pair->text));
		VR_FREE char *line = malloc(size);

		if (line)
			vr_strbuf_printf(text, "  %s %s\n", mark,
					 vr_printable(pair->text, line, size));
		else
			text->failed = true;
	}
}

static void put_files(struct vr_strbuf *text, const struct vr_manifest_plugin *plugin,
		      enum section section)
{
	VR_STRBUF name = {0};

	if (has_section(plugin, section))
		vr_strbuf_printf(text, "-  %s:\n", headings[section]);
	for (const struct vr_book_file *file = plugin->files; file; file = file->next) {
		if (file->status == VR_FILE_OMITTED || section_of(file) != section)
			continue;
		get_name(file, &name);
		vr_strbuf_puts(text, "  * ");
		vr_utf8_escape(text, vr_strbuf_str(&name), name.len);
		vr_strbuf_putc(text, '\n');
	}
	text->failed |= name.failed;
}

char *vr_sos_text(const struct vr_manifest *manifest)
{
	VR_FREE const struct vr_manifest_plugin **plugins = NULL;
	VR_STRBUF text = {0};
	size_t count;

	if (!manifest || manifest->failed || !(plugins = sort_plugins(manifest, &count)))
		return NULL;
	vr_strbuf_puts(&text, "Loaded Plugins:\n");
	for (size_t i = 0; i < count; i++)
		vr_strbuf_printf(&text, "%s  %s", i && i % PLUGINS_PER_LINE == 0 ? "\n" : "",
				 plugins[i]->name);
	vr_strbuf_putc(&text, '\n');
	for (size_t i = 0; i < count; i++) {
		for (unsigned column = 0; column < LINE_WIDTH; column++)
			vr_strbuf_putc(&text, '=');
		vr_strbuf_printf(&text, "\n%s\n", plugins[i]->name);
		for (enum section s = COMMANDS; s < SECTIONS; s++)
			put_files(&text, plugins[i], s);
		put_lines(&text, "alerts", "!", &plugins[i]->alerts);
		put_lines(&text, "notes", "*", &plugins[i]->notes);
	}
	return text.failed ? NULL : VR_TAKE(text.data);
}

static void put_entries(struct vr_json_out *out, const struct vr_manifest_plugin *plugin,
			enum section section)
{
	VR_STRBUF name = {0};

	if (!has_section(plugin, section))
		return;
	vr_json_out_array(out, keys[section]);
	for (const struct vr_book_file *file = plugin->files; file; file = file->next) {
		if (file->status == VR_FILE_OMITTED || section_of(file) != section)
			continue;
		vr_json_out_flat_object(out, NULL);
		get_name(file, &name);
		vr_json_out_string(out, "name", vr_strbuf_str(&name));
		if (section == COMMANDS)
			vr_json_out_uint(out, "return_code", 0);
		vr_strbuf_truncate(&name, 0);
		vr_strbuf_printf(&name, "../%s", file->path);
		vr_json_out_string(out, "href", vr_strbuf_str(&name));
		vr_json_out_end(out);
	}
	vr_json_out_end(out);
	out->text->failed |= name.failed;
}

static void put_texts(struct vr_json_out *out, const char *key, const struct vr_book_pairs *pairs)
{
	if (!pairs->first)
		return;
	vr_json_out_array(out, key);
	for (const struct vr_book_pair *pair = pairs->first; pair; pair = pair->next)
		vr_json_out_string(out, NULL, pair->text);
	vr_json_out_end(out);
}

char *vr_sos_json_text(const struct vr_manifest *manifest)
{
	VR_FREE const struct vr_manifest_plugin **plugins = NULL;
	VR_STRBUF text = {0};
	struct vr_json_out out = {.text = &text, .indent = 4};
	size_t count;

	if (!manifest || manifest->failed || !(plugins = sort_plugins(manifest, &count)))
		return NULL;
	vr_json_out_array(&out, NULL);
	for (size_t i = 0; i < count; i++) {
		vr_json_out_array(&out, NULL);
		vr_json_out_string(&out, NULL, plugins[i]->name);
		vr_json_out_object(&out, NULL);
		put_texts(&out, "alerts", &plugins[i]->alerts);
		put_texts(&out, "notes", &plugins[i]->notes);
		for (enum section s = COMMANDS; s < SECTIONS; s++)
			put_entries(&out, plugins[i], s);
		vr_json_out_end(&out);
		vr_json_out_end(&out);
	}
	vr_json_out_end(&out);
	return text.failed ? NULL : VR_TAKE(text.data);
}
