/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Python plugins need to be told: where things are, and what may be read of them. */
#ifndef CLI_PYTHON_SETUP_H
#define CLI_PYTHON_SETUP_H

#include "cli/options.h"
#include "cli/places.h"
#include "collect/sandbox.h"
#include "plugin/python.h"

struct vr_python_setup {
	struct vr_python_config config;
	struct vr_python_found found;
	struct vr_list readable;
	struct vr_list plugin_dirs;
	char *module, *sos_dir;
};

/**
 * Find the Python plugins among plugins->python_files, and make the configuration of what runs
 * them; unless --only-plugins names native ones alone, as that needs no interpreter. Everything is owned by setup, but for the options' strings. VR_NOMEM, VR_OS, VR_CORRUPT.
 */
enum vr_err vr_python_setup(struct vr_python_setup *setup, const struct vr_options *options,
			    const struct vr_places *places, struct vr_plugins *plugins,
			    struct vr_error *err);
/** What they may read; valid as long as setup. */
struct vr_readable vr_python_readable(const struct vr_python_setup *setup);
void vr_python_setup_free(struct vr_python_setup *setup);

#endif
