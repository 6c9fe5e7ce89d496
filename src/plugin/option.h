/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of plugins: what they declare (struct vr_plugin_option), and what users set with -k. */
#ifndef PLUGIN_OPTION_H
#define PLUGIN_OPTION_H

#include "plugin/plugins.h"

/** The option that every plugin has, besides its own: seconds that it may take. */
#define VR_OPTION_TIMEOUT "timeout"
#define VR_OPTION_TIMEOUT_MAX 604800

/** What an option has been set to. */
struct vr_option_value {
	bool is_set;      /* by the user; else the option's default counts */
	int64_t number;   /* VR_OPTION_NUMBER; 0 or 1: VR_OPTION_BOOL */
	const char *text; /* VR_OPTION_TEXT: borrowed from where it was set */
};

/** How many options a plugin declares. */
size_t vr_option_count(const struct vr_plugin *plugin);
/**
 * Are a plugin's options fit to be served: names, kinds, defaults, not too many, none twice?
 * VR_CORRUPT: the text says which isn't.
 */
enum vr_err vr_options_check(const struct vr_plugin *plugin, struct vr_error *err);
/**
 * The value that text (NULL: nothing, the least there is of that kind) means for an option. False:
 * none of its kind. value->text points into text.
 */
bool vr_option_parse(enum vr_option_kind kind, const char *text, struct vr_option_value *value);
/** What an option is set to, else its default; option has passed vr_options_check(). */
struct vr_option_value vr_option_value(const struct vr_plugin_option *option,
				       const struct vr_option_value *set);
/** The same as it would be typed: "on", "3". buf is used where it needs to be made. */
const char *vr_option_print(const struct vr_plugin_option *option,
			    const struct vr_option_value *set, char buf[24]);

/**
 * Carry out "plugin.option=value" for each of list, after vr_plugins_select(); "plugin.option"
 * switches one on. The strings must outlive plugins. What names no plugin, none of its options, or
 * no value of its kind is an error, in sos's words (VR_ABSENT, VR_CORRUPT, VR_NOMEM); with shared
 * plugins that aren't there are passed over: they may be another program's. For a plugin that isn't
 * selected unused (may be NULL) is called, once for each plugin.
 */
enum vr_err vr_plugins_set_options(struct vr_plugins *plugins, const char *const *list,
				   size_t count, bool shared,
				   void (*unused)(void *arg, const char *plugin), void *arg,
				   struct vr_error *err);

#endif
