// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/plugin_list.h"

#include "plugin/option.h"

#define TIMEOUT_HELP "Timeout in seconds for plugin to finish all collections"

static void print_entry(const struct vr_plugin_entry *entry, FILE *out)
{
	const char *description = entry->plugin->description;

	if (entry->skip_reason)
		fprintf(out, " %-30s %-14s %s\n", entry->name, entry->skip_reason,
			description ? description : "");
	else
		fprintf(out, " %-30s %s\n", entry->name, description ? description : "");
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

static void print_option(const char *plugin, const char *name, const char *value,
			 const char *description, FILE *out)
{
	char full[160];

	snprintf(full, sizeof(full), "%s.%s", plugin, name);
	fprintf(out, " %-40s %-22s %s\n", full, value, description ? description : "");
}

/* Those that one plugin declares, and its share of those that all have where it is set. */
static size_t print_options(const struct vr_plugin_entry *entry, FILE *out)
{
	size_t count = vr_option_count(entry->plugin);
	char buf[24];

	for (size_t i = 0; i < count; i++) {
		const struct vr_plugin_option *option = &entry->plugin->options[i];

		print_option(entry->name, option->name,
			     vr_option_print(option, entry->values ? &entry->values[i] : NULL, buf),
			     option->description, out);
	}
	if (!entry->timeout)
		return count;
	snprintf(buf, sizeof(buf), "%u", entry->timeout);
	print_option(entry->name, VR_OPTION_TIMEOUT, buf, TIMEOUT_HELP, out);
	return count + 1;
}

static void print_all_options(const struct vr_plugins *plugins, unsigned timeout, FILE *out)
{
	static const char title[] = "The following plugin options are available:";
	size_t shown = 0;

	fprintf(out, "The following options are available for ALL plugins:\n %-25s %-15u %s\n\n",
		VR_OPTION_TIMEOUT, timeout, TIMEOUT_HELP);
	for (size_t i = 0; i < plugins->count; i++) {
		const struct vr_plugin_entry *entry = &plugins->entries[i];

		if (entry->skip_reason || (!vr_option_count(entry->plugin) && !entry->timeout))
			continue;
		if (!shown)
			fprintf(out, "%s\n", title);
		shown += print_options(entry, out);
	}
	if (!shown)
		fputs("No plugin options available.\n", out);
	fputs("\n", out);
}

void vr_plugin_list_print(const struct vr_plugins *plugins, unsigned timeout, FILE *out)
{
	if (print_group(plugins, true, "The following plugins are currently enabled:", out) == 0)
		fputs("No plugin enabled.\n", out);
	fputs("\n", out);
	if (print_group(plugins, false, "The following plugins are currently disabled:", out))
		fputs("\n", out);
	print_all_options(plugins, timeout, out);
	if (plugins->failure_count)
		fputs("The following plugins could not be loaded:\n\n", out);
	for (size_t i = 0; i < plugins->failure_count; i++)
		fprintf(out, " %s: %s\n", plugins->failures[i].path, plugins->failures[i].reason);
	if (plugins->failure_count)
		fputs("\n", out);
}

void vr_plugin_list_print_dry(const struct vr_plugins *plugins, FILE *out)
{
	if (print_group(plugins, true, "The following plugins would run:", out) == 0)
		fputs("No plugin would run.\n", out);
	fputs("\n", out);
	if (print_group(plugins, false, "The following plugins would not run:", out))
		fputs("\n", out);
	fflush(out);
}
