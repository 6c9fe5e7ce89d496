/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --list-plugins. */
#ifndef CLI_PLUGIN_LIST_H
#define CLI_PLUGIN_LIST_H

#include <stdio.h>

#include "plugin/plugins.h"

/** Print the plugins that are selected, and those that are not with their reasons, as sos does. */
void vr_plugin_list_print(const struct vr_plugins *plugins, FILE *out);

#endif
