/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sos's configuration files. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "cli/options.h"

/** What is read unless --config-file says otherwise. */
#define VR_CONFIG_FILE "/etc/sos/sos.conf"

/**
 * Put the options of a file into options: those of [global], then those of [vmcore-report], which
 * replace them; and [plugin_options]. Keys that are none, and a file that can't be read, are noted
 * in options->notices, in sos's words; with optional a file that isn't there is nothing to note.
 * VR_CORRUPT: the file or a value makes no sense; VR_NOMEM.
 */
enum vr_err vr_config_read(struct vr_options *options, const char *path, bool optional,
			   struct vr_error *err);

/**
 * All of it: the defaults, the system's file, the user's (unless root), and what line was given over
 * that (vr_options_merge()); no file where only help is wanted. options comes uninitialized, and is to be freed whatever happens.
 */
enum vr_err vr_config_load(struct vr_options *options, struct vr_options *line,
			   struct vr_error *err);

#endif
