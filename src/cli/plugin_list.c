// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/plugin_list.h"

static void print_entry(const struct vr_plugin_entry *entry, FILE *out)
{
	const char *description = entry->plugin->description;

	if (entry->skip_reason)
		fprintf(out, " %-20s %-14s %s\n", entry->name, entry->skip_reason,
			description ? description : "");
	else
		fprintf(out, " %-20s %s\n", entry->name, description ? description : "");
}

static size_t print_group(const struct vr_plugins *plugins, bool selected, const char *title,
			  FILE *out)
{
	size_t shown = 0;

	for (size_t i = 0; i < plugins->count; i++) {
		const struct vr_plugin_entry *entry = &plugins->entries[i];

		if (!entry->skip_reason != selected)
			continue;
		if (shown++ == 0)
			fprintf(out, "%s\n\n", title);
		print_entry(entry, out);
	}
	return shown;
}

void vr_plugin_list_print(const struct vr_plugins *plugins, FILE *out)
{
	if (print_group(plugins, true, "The following plugins are currently enabled:", out) == 0)
		fputs("No plugin is enabled.\n", out);
	fputs("\n", out);
	if (print_group(plugins, false, "The following plugins are currently disabled:", out))
		fputs("\n", out);
	if (plugins->failure_count)
		fputs("The following plugins could not be loaded:\n\n", out);
	for (size_t i = 0; i < plugins->failure_count; i++)
		fprintf(out, " %s: %s\n", plugins->failures[i].path, plugins->failures[i].reason);
	if (plugins->failure_count)
		fputs("\n", out);
}
