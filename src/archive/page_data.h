/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the page's data that take some work: which files there are, and which there aren't.
 */
#ifndef ARCHIVE_PAGE_DATA_H
#define ARCHIVE_PAGE_DATA_H

#include <stdbool.h>

#include <vmcore-report/json.h>

#include "archive/manifest.h"
#include "base/arena.h"

/** Bytes that may still be spent on a part of the page. */
struct vr_page_budget {
	size_t left;
};
/** At most how many bytes text takes as a JSON string in the page. */
size_t vr_page_cost(const char *text, size_t len);
/** Spend it; false (and nothing is spent) where there isn't as much left. */
bool vr_page_spend(struct vr_page_budget *budget, size_t bytes);

/** A file that isn't whole, or isn't there. */
struct vr_page_problem {
	enum vr_file_status status;
	const char *plugin, *path, *reason;
	uint64_t rows; /* that were dropped */
	size_t order;  /* in which it was told */
	/* path and reason with their numbers taken out; NULL until vr_page_put_problems() */
	const char *path_pattern, *reason_pattern;
};

/**
 * Add "folders" and "shapes" to the page's data: for each folder its path, then the number of its
 * shape, which is the list of names in it. Folders of processes mostly have the same names, so that
 * a shape is told once. paths is sorted here. False: out of memory.
 */
bool vr_page_put_files(struct vr_json *data, struct vr_arena *arena, const char **paths,
		       size_t count, struct vr_page_budget *budget);
/**
 * Add "problems": those that differ in nothing but numbers (of processes, addresses, ...) are told
 * once, with the numbers of each path. False: out of memory.
 */
bool vr_page_put_problems(struct vr_json *data, struct vr_arena *arena,
			  struct vr_page_problem *problems, size_t count,
			  struct vr_page_budget *budget);

#endif
