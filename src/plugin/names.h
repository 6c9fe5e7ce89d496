/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of plugins: how they are made, and which one a mistyped name may have meant. */
#ifndef PLUGIN_NAMES_H
#define PLUGIN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/** Room for a plugin's name with its NUL. */
#define VR_PLUGIN_NAME_SIZE 64

/** Is this a plugin's name: lower-case letters, digits and '_', a letter first, not too long? */
bool vr_plugin_name_ok(const char *name);

/**
 * The default name of a plugin defined in that source file: its base name without the ending, as
 * snake_case ("plugins/net-dev.c" gives "net_dev"). Cut to size. Returns buf.
 */
char *vr_plugin_name_from_file(const char *file, char *buf, size_t size);

/** Length of name up to its first '.': "tasks.depth=3" names the plugin "tasks". */
size_t vr_plugin_name_length(const char *name);

/** Number of letters to insert, delete, replace or swap to make b of a; both cut to 63 letters. */
unsigned vr_edit_distance(const char *a, const char *b);

#endif
