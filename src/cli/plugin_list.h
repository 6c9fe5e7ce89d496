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

#endif
