/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which plugins there are and which of them run. */
#ifndef PLUGIN_PLUGINS_H
#define PLUGIN_PLUGINS_H

#include <stddef.h>

#include <vmcore-report/plugin.h>

/** One known plugin after selection. */
struct vr_plugin_entry {
	const struct vr_plugin *plugin;
	char name[64];
	/* NULL: selected. Else why it isn't: "not specified", "skipped", "experimental",
	 * "optional". */
	const char *skip_reason;
};

struct vr_plugins {
	struct vr_plugin_entry *entries; /* sorted by name */
	size_t count;
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
/** Releases the entries; plugins is empty and usable afterwards. */
void vr_plugins_free(struct vr_plugins *plugins);

/**
 * Set each entry's skip_reason, in sos's order of precedence. Unknown names in only and enable are
 * an error (VR_ABSENT) whose text lists near names; those in skip are reported through unknown_skip
 * (may be NULL), one call a name.
 */
enum vr_err vr_plugins_select(struct vr_plugins *plugins, const struct vr_selection *selection,
			      void (*unknown_skip)(void *arg, const char *name), void *arg,
			      struct vr_error *err);

#endif
