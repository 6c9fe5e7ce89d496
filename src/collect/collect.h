/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs plugins over a dump in processes of their own and makes the archive of what they send.
 * ARCHITECTURE.md has the picture: supervisor (the caller), zygote, workers, archiver.
 */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include "archive/archive.h"
#include "base/log.h"
#include "collect/finder.h"
#include "collect/opener.h"
#include "collect/sandbox.h"
#include "plugin/plugins.h"
#include "plugin/run.h"

/** What the run is told. Everything is the caller's and must outlive the call. */
struct vr_collect_options {
	struct vr_dump_source dump; /* at least one file */
	const char *dump_path;      /* for messages only */
	const char *dump_beside;    /* one of its files: what lies beside it is kept; may be NULL */
	const struct vr_plugins *plugins; /* selected ones run; the rest go to the manifest */
	unsigned threads;                 /* workers at once, at least 1 */
	unsigned plugin_timeout; /* wall-clock seconds a plugin may take, sink waits apart */
	uint64_t memory_limit;   /* RLIMIT_DATA of the zygote and each worker, bytes */
	uint64_t output_limit;   /* bytes that one plugin may send */
	struct vr_run_wishes wishes;
	const char *tmp_dir;
	const char *label;   /* may be NULL */
	const char *case_id; /* likewise */
	bool sosreport_name; /* the archive's name begins as a sosreport's does */
	enum vr_compression compression;
	/* The passphrase is overwritten before anything of the dump is read. */
	struct vr_encryption encryption;
	bool build;
	const char *cmdline; /* for the manifest */
	const char *version;
	double start_time;           /* CLOCK_REALTIME, seconds */
	enum vr_log_level log_level; /* what is less than that does not enter sos.log */
	const char *const *warnings; /* to enter sos.log first */
	size_t warning_count;
	const struct vr_opener *opener; /* &vr_session_opener, except in tests */
	/* For the plugins in Python (NULL: there are none): &vr_python_opener, and what may be read
	 * by them. */
	const struct vr_opener *python_opener;
	struct vr_readable python_readable;
	/* How debug information is found; NULL: it isn't looked for. */
	const struct vr_finder_options *finder;
	bool force_debuginfo; /* files are used whatever their build ids */
	bool no_sandbox;      /* for valgrind and the like; sos.log says so */
};

enum vr_progress {
	VR_PROGRESS_OPENED,
	VR_PROGRESS_STARTED,
	VR_PROGRESS_FINISHED,
	VR_PROGRESS_PACKING
};

/** How the caller hears of what goes on; each may be NULL. Called in the supervisor only. */
struct vr_collect_events {
	/** plugin is NULL for OPENED and PACKING. done of total plugins have finished. */
	void (*progress)(void *arg, enum vr_progress what, const char *plugin, size_t done,
			 size_t total);
	/** Each line of sos.log as it is written, with its level; those that are noticed apart. */
	void (*log)(void *arg, enum vr_log_level level, const char *text);
	/**
	 * A few times a second while plugins run: per mille of their work that is done; negative
	 * while nobody can tell.
	 */
	void (*tick)(void *arg, int done);
	/**
	 * In a dry run, of each plugin that was selected, by its index, when its turn has come: NULL:
	 * it would run, else why it would not.
	 */
	void (*checked)(void *arg, uint32_t plugin, const char *reason);
	/** What takes long before any plugin runs, in words; again while it goes on. */
	void (*busy)(void *arg, const char *text);
	/** Something that the user should see, in sos's words: "Plugin tasks timed out". */
	void (*notice)(void *arg, enum vr_log_level level, const char *text);
	/** All that the user has seen, for sos_logs/ui.log; asked for once. The caller's string. */
	const char *(*seen)(void *arg);
	void *arg;
};

struct vr_collect_result {
	struct vr_archive_result archive;
	char headline[4096];   /* what happened to the machine; "" where no plugin could say.
				  From the dump: printable characters and newlines only. */
	size_t plugins_run;    /* active ones, the failed among them */
	size_t plugins_failed; /* crashed, timed out, over a budget */
	size_t files_ok, files_partial, files_omitted;
};

/**
 * Make the report; in a dry run (wishes) see which plugins would run, and write nothing. Blocks until it is finished. Errors: what opening the dump said (VR_UNSUPPORTED,
 * VR_CORRUPT, VR_ABSENT, ...), or what writing the archive said (VR_OS: disk full, ...); then
 * nothing is left behind. A plugin that fails is not an error of the run. *stop becomes non-zero
 * when the user interrupts: workers are ended, everything is removed, and VR_OS with EINTR is
 * returned.
 */
enum vr_err vr_collect(const struct vr_collect_options *options,
		       const struct vr_collect_events *events, const volatile int *stop,
		       struct vr_collect_result *result, struct vr_error *err);

#endif
