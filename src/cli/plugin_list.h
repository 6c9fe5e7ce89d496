/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --list-plugins. */
#ifndef CLI_PLUGIN_LIST_H
#define CLI_PLUGIN_LIST_H

#include <stdio.h>

#include "plugin/plugins.h"

/**
 * Print the plugins that are selected, those that are not with their reasons, and the options of
 * those that are, as sos does. timeout: what each may take, seconds.
 */
void vr_plugin_list_print(const struct vr_plugins *plugins, unsigned timeout, FILE *out);

/** After a dry run: which would run, and which would not, with their reasons. */
void vr_plugin_list_print_dry(const struct vr_plugins *plugins, FILE *out);

#endif
