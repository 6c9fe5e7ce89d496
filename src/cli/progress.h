/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress in sos's words: "  Starting 3/12 tasks           [Running: dmesg tasks]". */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/ui.h"
#include "collect/collect.h"

/** Zero-initialise, set ui. */
struct vr_progress_display {
	struct vr_ui *ui;
	size_t started;
	struct vr_strbuf running; /* names, each with a blank before it */
};

/** Show an event of collect.h. */
void vr_progress_show(struct vr_progress_display *display, enum vr_progress what,
		      const char *plugin, size_t total);
void vr_progress_free(struct vr_progress_display *display);

#endif
