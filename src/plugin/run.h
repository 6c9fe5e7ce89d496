/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of a run: implements what plugin.h declares, on top of a sink. Knows nothing of
 * processes: the sink is a table of functions, which collect/ (and unit tests) provide.
 */
#ifndef PLUGIN_RUN_H
#define PLUGIN_RUN_H

#include <vmcore-report/plugin.h>

#include "archive/manifest.h"
#include "plugin/copies.h"
#include "plugin/processes.h"

enum vr_message_kind {
	VR_MSG_WARN,
	VR_MSG_ERROR,
	VR_MSG_ALERT,
	VR_MSG_NOTE,
	VR_MSG_HEADLINE,
	VR_MSG_INFO, /* for sos.log */
	/* for the user, once for each file: its name, a line break, what is wrong with it */
	VR_MSG_BAD_FILE,
	VR_MSG_KINDS,
};

/** What the user wants of all plugins. */
struct vr_run_wishes {
	const struct vr_pids *pids;    /* which processes have files; NULL: the default */
	const char *const *skip_files; /* patterns (vr_path_matches()) of what isn't wanted */
	size_t skip_file_count;
	bool dry_run; /* see whether plugins are active, and do no more */
};

/** What is said of a file that isn't wanted, before its pattern. */
#define VR_SKIPPED_FILE "skipped (--skip-files "

/** Where a run's output goes. Calls are synchronous; pointers are valid during the call only. */
struct vr_sink {
	/** A finished file (record->status OK or PARTIAL) with its bytes, or an omitted one (data
	 * NULL). */
	void (*file)(void *arg, const struct vr_file_record *record, const void *data, size_t len);
	void (*message)(void *arg, enum vr_message_kind kind, const char *text);
	/** What the plugin is about to do ("collect", "file plugins/x/y"): the last one is named if
	 * it dies. */
	void (*action)(void *arg, const char *text);
	/**
	 * The plugin begins a unit of its work, counted from 1: what it does from here on can be
	 * skipped, should it be the end of the worker. 0: it is at none. May be NULL.
	 */
	void (*unit)(void *arg, uint32_t unit);
	uint32_t first_unit; /* units before this one are done already */
	/**
	 * How many units of work there will be, as soon as that is known. May be NULL.
	 */
	void (*units)(void *arg, uint32_t count);
	struct vr_run_wishes wishes;
	const struct vr_option_value *options; /* of the plugin's options; NULL: none is set */
	void *arg;
};

/** How a plugin's run ended. */
struct vr_run_result {
	bool inactive;         /* check_enabled said no, or a need is missing */
	bool failed;           /* it said so itself: an exception */
	struct vr_error error; /* why; or the first error latched outside of any file */
};

/**
 * A unit of work begins; false: it is to be skipped. Where a unit kills its worker, another worker
 * goes on behind it, so that the same units must come in the same order each time.
 */
bool vr_run_unit(struct vr_run *run);
/** There will be so many units, those that are over among them: for estimates only. */
void vr_run_units(struct vr_run *run, uint64_t count);
/** How many units have begun so far. */
uint32_t vr_run_units_begun(const struct vr_run *run);
/** The pattern by which a path isn't wanted; NULL: it is. */
const char *vr_run_skips(const struct vr_run *run, const char *path);
/** The last unit is over. */
void vr_run_unit_end(struct vr_run *run);
/** A message of any kind. */
void vr_message(struct vr_run *run, enum vr_message_kind kind, const char *text);
/**
 * A file of the archive in one piece, by its path there. writing: what becomes of one of the same
 * path that this plugin has written. VR_OK, or why it is omitted, also in *err (may be NULL).
 */
enum vr_err vr_write_file(struct vr_run *run, const char *path, const void *data, size_t len,
			  enum vr_file_writing writing, struct vr_error *err);
/** The plugin has failed: nothing more of it is called. The first reason stays. */
void vr_run_failed(struct vr_run *run, const char *reason);
/** check_enabled() says no, and why. */
void vr_run_inactive(struct vr_run *run, const char *reason);
/** Which processes have files of their own. */
const struct vr_pids *vr_run_pids(const struct vr_run *run);
/** The plugin's options, and what they are set to (NULL: none is). */
const struct vr_plugin_option *vr_run_options(const struct vr_run *run,
					      const struct vr_option_value **values);
/**
 * Give f, which is empty so far, the contents of another file of this run with the same key, with all
 * that was dropped from them. false: there is none, and f's will be kept for others.
 */
bool vr_file_use_copy(struct vr_run *run, struct vr_file *f, const struct vr_copy_key *key);
/** The plugin's name. */
const char *vr_run_name(const struct vr_run *run);

/** Run one plugin over prog: needs, check_enabled, setup, collect. Output goes to sink. */
void vr_run_plugin(const struct vr_plugin *plugin, const char *name, struct vr_program *prog,
		   const struct vr_sink *sink, struct vr_run_result *result);

#endif
