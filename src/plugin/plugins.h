/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which plugins there are and which of them run. */
#ifndef PLUGIN_PLUGINS_H
#define PLUGIN_PLUGINS_H

#include <stddef.h>

#include <vmcore-report/plugin.h>

enum vr_plugin_language { VR_PLUGIN_BUILTIN, VR_PLUGIN_NATIVE, VR_PLUGIN_PYTHON };

struct vr_option_value;

/** One known plugin after selection. */
struct vr_plugin_entry {
	const struct vr_plugin *plugin;
	char name[64];
	/* NULL: selected. Else why it isn't: "not specified", "skipped", "experimental",
	 * "optional". */
	const char *skip_reason;
	enum vr_plugin_language language;
	char *path; /* the file it came from, owned; NULL for a built-in one */
	/* Where it was found: 0 built in, then the folders in the order in which they are searched.
	 * Of two plugins with one name the one of lower rank wins. */
	unsigned rank;
	/* What plugin points into where that isn't static: one block, free()d with the entry. */
	void *block;
	struct vr_option_value
		*values;  /* of plugin->options (option.h), owned; NULL: none is set */
	unsigned timeout; /* seconds that it may take; 0: what all may */
};

/** A file that isn't among the entries although it should be, and why. Both strings are owned. */
struct vr_plugin_failure {
	char *path;
	char *reason;
};

/** A Python file found in a folder of plugins. */
struct vr_python_file {
	char *path; /* owned */
	unsigned rank;
};

struct vr_plugins {
	struct vr_plugin_entry *entries; /* sorted by name */
	size_t count;
	struct vr_plugin_failure *failures; /* in the order in which they were found */
	size_t failure_count;
	/* By folder, sorted within each. They become entries through vr_plugins_add(). */
	struct vr_python_file *python_files;
	size_t python_count;
};

/** What the user said; lists of names, any of which may be empty. */
struct vr_selection {
	const char *const *only;
	size_t only_count;
	const char *const *enable;
	size_t enable_count;
	const char *const *skip;
	size_t skip_count;
	bool experimental;
};

/** All built-in plugins (those that VR_PLUGIN() registered), sorted. VR_NOMEM, VR_CORRUPT (two of
 * one name, or a name that isn't one: the text says which). */
enum vr_err vr_plugins_discover(struct vr_plugins *plugins, struct vr_error *err);
/** The same from a list of descriptors (NULLs in it are passed over), which must outlive plugins.
 */
enum vr_err vr_plugins_from(const struct vr_plugin *const *list, size_t count,
			    struct vr_plugins *plugins, struct vr_error *err);
/** Releases the entries and lists; plugins is empty and usable afterwards. */
void vr_plugins_free(struct vr_plugins *plugins);

/**
 * Add a plugin that was found in a file: entry's plugin, language, path, rank and block are taken
 * over (also on failure); its name is made here. One that has no proper name, or whose name belongs
 * to a plugin of lower or equal rank, becomes a failure instead; one of higher rank that it takes
 * the name from becomes one. Call it before vr_plugins_select(). VR_NOMEM is the only error.
 */
enum vr_err vr_plugins_add(struct vr_plugins *plugins, struct vr_plugin_entry *entry,
			   struct vr_error *err);
/** Note that a file is no plugin after all. The strings are copied. VR_NOMEM. */
enum vr_err vr_plugins_failed(struct vr_plugins *plugins, const char *path, const char *reason,
			      struct vr_error *err);
/** Note a Python file; path is copied. VR_NOMEM. */
enum vr_err vr_plugins_python_file(struct vr_plugins *plugins, const char *path, unsigned rank,
				   struct vr_error *err);

/**
 * Set each entry's skip_reason, in sos's order of precedence. Unknown names in only and enable are
 * an error (VR_ABSENT) whose text lists near names; those in skip are reported through unknown_skip
 * (may be NULL), one call a name.
 */
enum vr_err vr_plugins_select(struct vr_plugins *plugins, const struct vr_selection *selection,
			      void (*unknown_skip)(void *arg, const char *name), void *arg,
			      struct vr_error *err);

#endif
