/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The books of a report: what was run, and what became of each file. From them come the files of
 * sos_reports/: manifest.json, with sos's own field names (so that its readers work) and, for each
 * file, what only we know: status, reason, source, milliseconds; vmcore_coverage.json; sos.txt and
 * sos.json.
 */
#ifndef ARCHIVE_MANIFEST_H
#define ARCHIVE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

enum vr_file_status { VR_FILE_OK, VR_FILE_PARTIAL, VR_FILE_OMITTED };

/** What a file does to an earlier one of the same plugin and path. */
enum vr_file_writing {
	VR_WRITE_NEW,     /* nothing: there may be none */
	VR_WRITE_REPLACE, /* takes its place */
	VR_WRITE_APPEND,  /* goes on where it ended */
};

/** What became of one file. Strings are copied by the manifest. */
struct vr_file_record {
	const char *path;
	enum vr_file_writing writing;
	enum vr_file_status status;
	enum vr_err kind;   /* why it isn't VR_FILE_OK */
	const char *reason; /* likewise, for people; "" when ok */
	const char *source; /* "" where the plugin did not say */
	uint64_t bytes;
	uint64_t rows_dropped;
	double ms;
	double start; /* when it was begun, CLOCK_REALTIME in seconds; 0: not known */
};

struct vr_manifest;
struct vr_manifest_plugin;

/*
 * All strings are copied; bytes in them that aren't UTF-8 are escaped as json.h says. Where memory
 * runs out in any of these, the texts are NULL: books with holes would lie. A NULL manifest or
 * plugin is accepted, and nothing happens. Fields keep sos's order, files that of the calls.
 */

/** NULL: out of memory. */
struct vr_manifest *vr_manifest_new(void);
void vr_manifest_free(struct vr_manifest *manifest);

/** Top-level strings by sos's names: "version", "cmdline", "compression", "tmpdir", ... */
void vr_manifest_set(struct vr_manifest *manifest, const char *key, const char *value);
/** start_time, end_time, run_time from two CLOCK_REALTIME stamps in seconds; local time, as sos. */
void vr_manifest_set_times(struct vr_manifest *manifest, double start, double end);
/** How long a plugin may take, in seconds, and the niceness of the run. */
void vr_manifest_set_limits(struct vr_manifest *manifest, unsigned timeout, int niceness);
/** A fact about the dump, in an object "vmcore" of ours: format, release, pages damaged, ... */
void vr_manifest_dump_string(struct vr_manifest *manifest, const char *key, const char *value);
void vr_manifest_dump_number(struct vr_manifest *manifest, const char *key, uint64_t value);

/**
 * A plugin that was selected: enabled_plugins and plugins.<name>. Owned by the manifest; a name
 * that was given before gives the same plugin. NULL: out of memory.
 */
struct vr_manifest_plugin *vr_manifest_enabled(struct vr_manifest *manifest, const char *name);
/** A plugin that was not, with its reason (field "skipped_plugins" of ours; disabled_plugins). */
void vr_manifest_disabled(struct vr_manifest *manifest, const char *name, const char *reason);
/** A file that should have been a plugin, and why it isn't one (field "plugins_not_loaded" of ours). */
void vr_manifest_not_loaded(struct vr_manifest *manifest, const char *path, const char *reason);

/**
 * Status "ok", "failed" (with the reason: a signal, a budget) or "timeout" (sos's timeout_hit
 * becomes true), and times of a plugin, CLOCK_REALTIME in seconds. Until then its status is "".
 */
void vr_manifest_plugin_end(struct vr_manifest_plugin *plugin, const char *status,
			    const char *reason, double start, double end);
/** How long it was given, where it isn't what all were. */
void vr_manifest_plugin_timeout(struct vr_manifest_plugin *plugin, unsigned seconds);
/** One file of a plugin. An omitted one has nothing in sos's files_copied. */
void vr_manifest_plugin_file(struct vr_manifest_plugin *plugin, const struct vr_file_record *file);
void vr_manifest_plugin_alert(struct vr_manifest_plugin *plugin, const char *text);
void vr_manifest_plugin_note(struct vr_manifest_plugin *plugin, const char *text);

/**
 * A path that is no plugin's: record as above, what is said in coverage alone. plugin: whose it
 * would have been, or "". status: as vr_file_status_name() has it, or another word ("skipped").
 */
void vr_manifest_other(struct vr_manifest *manifest, const char *path, const char *plugin,
		       const char *status, const char *reason, const char *source, uint64_t bytes);

/** How a plugin ended, and why; "skipped" and the reason for one that was not run, else "". */
const char *vr_manifest_plugin_status(const struct vr_manifest *manifest, const char *name,
				      const char **reason);

/** manifest.json (indent 4, an entry of a list of files in one line), free() it; NULL: out of memory. */
char *vr_manifest_text(const struct vr_manifest *manifest);
/** vmcore_coverage.json: every path that is known, and what became of it. Likewise. */
char *vr_coverage_text(const struct vr_manifest *manifest);
/** sos.txt and sos.json, as sos writes them of each plugin that ran. Likewise. */
char *vr_sos_text(const struct vr_manifest *manifest);
char *vr_sos_json_text(const struct vr_manifest *manifest);

/** "ok", "partial", "omitted". Static string. */
const char *vr_file_status_name(enum vr_file_status status);

#endif
