/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the zygote opens a dump. The program uses vr_session_opener; tests bring their own, since a
 * real dump is more than a unit test should need.
 */
#ifndef COLLECT_OPENER_H
#define COLLECT_OPENER_H

#include <vmcore-report/object.h>

#include "base/log.h"
#include "image/image.h"
#include "plugin/plugins.h"
#include "plugin/python.h"

struct vr_debug_file;

#define VR_DUMP_FACTS 32
/* Facts that are there only where the dump lacks some: which, and why. */
#define VR_FACT_SYMBOLS_MISSING "symbols_missing"
#define VR_FACT_TYPES_MISSING "types_missing"

/** What is said of the dump in the manifest, and what names the archive. Plain data. */
struct vr_dump_facts {
	char nodename[65]; /* "" where it can't be read */
	char release[65];
	int64_t crash_time; /* seconds since the epoch; 0 where it can't be read */
	size_t count;
	struct vr_dump_fact {
		char key[32];
		bool is_text;
		char text[200];
		uint64_t number;
	} list[VR_DUMP_FACTS];
};

/** An open dump. */
struct vr_opened {
	struct vr_program *prog;
	void *session; /* the opener's own */
	void *debug;   /* likewise */
};

/** Where debug information comes from. All zero but finder_fd: from nowhere. */
struct vr_debug_source {
	int finder_fd;   /* finder.h; -1: there is none */
	bool force;      /* use files whatever their build ids */
	bool asked_for;  /* the user has named files or folders */
	bool debuginfod; /* the finder asks servers, too */
	/* What the user is told; VR_LOG_INFO: of what takes long. May be NULL. */
	const struct vr_log *notices;
};

/** What is to be opened. All of it is the caller's and must outlive what was opened. */
struct vr_dump_source {
	const int *fds; /* the dump's files: one, or those of a split dump in any order */
	size_t fd_count;
	const char *vmcoreinfo_text; /* to use instead of the dump's own; may be NULL */
	bool no_btf;                 /* types from debug information alone */
	struct vr_debug_source debug;
	const struct vr_python_config *python; /* for vr_python_opener */
	const int *output; /* for vr_extract_opener: the file that it writes; else NULL */
};

/** Takes what is wrong with a file; asked_for: the user said that it is there. */
struct vr_complaint_sink {
	void (*say)(void *arg, const char *file, const char *text, bool asked_for);
	void *arg;
};

struct vr_opener {
	/** Runs in the sandbox: source is all there is. facts comes zeroed. */
	enum vr_err (*open)(const struct vr_dump_source *source, const struct vr_log *log,
			    struct vr_opened *opened, struct vr_dump_facts *facts,
			    struct vr_error *err);
	/**
	 * Make ready what runs these plugins: runs after open(), in the sandbox, and may replace
	 * the entries' descriptors, which are the zygote's own. NULL: nothing to do.
	 */
	enum vr_err (*prepare)(struct vr_opened *opened, const struct vr_dump_source *source,
			       const struct vr_log *log, struct vr_plugin_entry *entries,
			       size_t count, struct vr_error *err);
	/** Around fork(): before it, and after it in the zygote and in the worker. Each may be NULL. */
	void (*before_fork)(void);
	void (*after_fork)(bool in_worker);
	void (*counts)(const struct vr_opened *opened, struct vr_image_counts *counts);
	/** What plugins came across that is wrong with files of debug information. May be NULL. */
	void (*complaints)(const struct vr_opened *opened, const struct vr_complaint_sink *sink);
	void (*close)(struct vr_opened *opened);
	bool no_exit_handlers; /* what it loads can't be left tidily */
};

extern const struct vr_opener vr_session_opener;
/** For the plugins in Python. */
extern const struct vr_opener vr_python_opener;
/** Writes the kernel's ELF file when the dump is open; its facts are of that file. */
extern const struct vr_opener vr_extract_opener;

/** Add a fact; beyond VR_DUMP_FACTS of them nothing happens. Text is cut to fit. */
void vr_dump_fact_text(struct vr_dump_facts *facts, const char *key, const char *text);
void vr_dump_fact_number(struct vr_dump_facts *facts, const char *key, uint64_t number);

#endif
