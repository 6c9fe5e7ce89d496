/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What manifest.h keeps, for those who write the files of sos_reports/ of it. */
#ifndef ARCHIVE_BOOKS_H
#define ARCHIVE_BOOKS_H

#include <stdbool.h>

#include "archive/manifest.h"
#include "base/arena.h"

/* Strings of few kinds that come again and again: the last one of each hash is shared. */
#define VR_BOOK_SHARED 256

/** A key with its value: text, or a number where it is NULL. */
struct vr_book_pair {
	struct vr_book_pair *next;
	const char *key;
	const char *text;
	uint64_t number;
};

struct vr_book_pairs {
	struct vr_book_pair *first, **last;
};

/** A file of a plugin: some 100 bytes and its path. A report may have some hundred thousand. */
struct vr_book_file {
	struct vr_book_file *next;
	const char *path, *reason, *source;
	uint64_t bytes;
	uint64_t rows_dropped;
	double start;
	float ms;
	uint8_t status; /* enum vr_file_status */
	uint8_t kind;   /* enum vr_err */
};

/** A path that is no plugin's. */
struct vr_book_other {
	struct vr_book_other *next;
	const char *path, *plugin, *status, *reason, *source;
	uint64_t bytes;
};

struct vr_manifest_plugin {
	struct vr_manifest_plugin *next;
	struct vr_manifest *manifest;
	const char *name, *status, *reason;
	double start, end; /* both -1: not over */
	unsigned timeout;
	struct vr_book_file *files, **last_file;
	size_t file_count;
	struct vr_book_pairs alerts, notes; /* texts without keys */
};

struct vr_manifest {
	struct vr_arena arena;
	struct vr_book_pairs top;     /* in sos's order; others behind */
	struct vr_book_pairs dump;    /* facts */
	struct vr_book_pairs skipped; /* names and reasons */
	struct vr_book_pairs not_loaded;
	struct vr_manifest_plugin *first, **last; /* that ran */
	struct vr_book_other *others, **last_other;
	double start, end;
	unsigned timeout;
	int niceness;
	bool failed; /* memory ran out */
	const char *shared[VR_BOOK_SHARED];
};

/** Python's str() of a datetime and of the time between two: "" where they can't be told. */
void vr_book_datetime(double when, char *buf, size_t size);
void vr_book_duration(double start, double end, char *buf, size_t size);

/** Is it the output of a command (below sos_commands/)? */
bool vr_book_is_command(const struct vr_book_file *file);

#endif
