/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress in sos's words: "  Starting 3/12 tasks           [Running: dmesg tasks]". */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <time.h>

#include "cli/ui.h"
#include "collect/collect.h"

/** Zero-initialise, set ui. */
struct vr_progress_display {
	struct vr_ui *ui;
	bool dry_run;
	size_t started, finished, total;
	struct vr_strbuf running; /* names, each with a blank before it */
	struct timespec begun;    /* CLOCK_MONOTONIC */
};

/** Show an event of collect.h. */
void vr_progress_show(struct vr_progress_display *display, enum vr_progress what,
		      const char *plugin, size_t total);
/**
 * On a terminal: how far the work is, per mille (negative: nobody can tell), and how long it may take
 * yet.
 */
void vr_progress_tick(struct vr_progress_display *display, int done);
void vr_progress_free(struct vr_progress_display *display);

#endif
