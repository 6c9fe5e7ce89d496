/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --new-plugin. */
#ifndef CLI_NEW_PLUGIN_H
#define CLI_NEW_PLUGIN_H

#include "base/strbuf.h"
#include "cli/places.h"

/**
 * Write NAME.c, or NAME.py, into the current folder: a plugin to begin with. *next gets what to say
 * about how to go on. VR_UNSUPPORTED: not a plugin's name; VR_OS: the file is there already, or
 * can't be written; VR_NOMEM.
 */
enum vr_err vr_new_plugin(const char *name, bool python, const struct vr_places *places,
			  struct vr_strbuf *next, struct vr_error *err);

#endif
