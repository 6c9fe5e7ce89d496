/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of a run: implements what plugin.h declares, on top of a sink. Knows nothing of
 * processes: the sink is a table of functions, which collect/ (and unit tests) provide.
 */
#ifndef PLUGIN_RUN_H
#define PLUGIN_RUN_H

#include <vmcore-report/plugin.h>

#include "archive/manifest.h"

enum vr_message_kind { VR_MSG_WARN, VR_MSG_ERROR, VR_MSG_ALERT, VR_MSG_NOTE, VR_MSG_HEADLINE };

/** Where a run's output goes. Calls are synchronous; pointers are valid during the call only. */
struct vr_sink {
	/** A finished file (record->status OK or PARTIAL) with its bytes, or an omitted one (data
	 * NULL). */
	void (*file)(void *arg, const struct vr_file_record *record, const void *data, size_t len);
	void (*message)(void *arg, enum vr_message_kind kind, const char *text);
	/** What the plugin is about to do ("collect", "file plugins/x/y"): the last one is named if
	 * it dies. */
	void (*action)(void *arg, const char *text);
	void *arg;
};

/** How a plugin's run ended. */
struct vr_run_result {
	bool inactive;         /* check_enabled said no, or a need is missing */
	struct vr_error error; /* why; or the first error latched outside of any file */
};

/** Run one plugin over prog: needs, check_enabled, setup, collect. Output goes to sink. */
void vr_run_plugin(const struct vr_plugin *plugin, const char *name, struct vr_program *prog,
		   const struct vr_sink *sink, struct vr_run_result *result);

#endif
