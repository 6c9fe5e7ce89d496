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

#define VR_DUMP_FACTS 32

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
};

/** What is to be opened. All of it is the caller's and must outlive what was opened. */
struct vr_dump_source {
	const int *fds; /* the dump's files: one, or those of a split dump in any order */
	size_t fd_count;
	const char *vmcoreinfo_text; /* to use instead of the dump's own; may be NULL */
};

struct vr_opener {
	/** Runs in the sandbox: source is all there is. facts comes zeroed. */
	enum vr_err (*open)(const struct vr_dump_source *source, const struct vr_log *log,
			    struct vr_opened *opened, struct vr_dump_facts *facts,
			    struct vr_error *err);
	void (*counts)(const struct vr_opened *opened, struct vr_image_counts *counts);
	void (*close)(struct vr_opened *opened);
};

extern const struct vr_opener vr_session_opener;

/** Add a fact; beyond VR_DUMP_FACTS of them nothing happens. Text is cut to fit. */
void vr_dump_fact_text(struct vr_dump_facts *facts, const char *key, const char *text);
void vr_dump_fact_number(struct vr_dump_facts *facts, const char *key, uint64_t number);

#endif
