/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The books of a run: sos.log, the manifest, and what becomes of each plugin's files. */
#ifndef COLLECT_REPORT_H
#define COLLECT_REPORT_H

#include "archive/page.h"
#include "collect/archiver.h"
#include "collect/collect.h"
#include "collect/task.h"
#include "plugin/emitter_paths.h"
#include "plugin/pathset.h"

struct vr_report {
	const struct vr_collect_options *options;
	const struct vr_collect_events *events;
	struct vr_collect_result *result;
	struct vr_manifest *manifest;
	struct vr_page *page;
	struct vr_pathset paths; /* who wrote which */
	struct vr_emitter_paths unseen;
	struct vr_strbuf log;
	struct vr_strbuf bad_files; /* of which the user was told, a line each */
	unsigned bad_file_count;
	struct vr_image_counts counts; /* over all workers */
};

/** False: out of memory. */
bool vr_report_begin(struct vr_report *report, const struct vr_collect_options *options,
		     const struct vr_collect_events *events, struct vr_collect_result *result);
void vr_report_free(struct vr_report *report);

/** A line of sos.log. */
void vr_report_log(struct vr_report *report, enum vr_log_level level, const char *fmt, ...)
	VR_PRINTF(3, 4);
/** Is there such a line? */
bool vr_report_has_logged(const struct vr_report *report, const char *text);
/** The same, which the user is told as well. */
/** Tell the user what takes long; not for the log. */
void vr_report_busy(struct vr_report *report, const char *text);
void vr_report_notice(struct vr_report *report, enum vr_log_level level, const char *fmt, ...)
	VR_PRINTF(3, 4);
/** The dump is open: name the archive, and keep what is known of the dump. */
void vr_report_facts(struct vr_report *report, const struct vr_dump_facts *facts,
		     struct vr_packer *packer);
/** It is a plugin's turn: its files go to the archive, and all about it to the manifest. */
void vr_report_task(struct vr_report *report, struct vr_task *task, struct vr_packer *packer);
/** All plugins are through: logs and manifest go to the archive. */
void vr_report_end(struct vr_report *report, const struct vr_task *tasks, size_t count,
		   struct vr_packer *packer);

#endif
