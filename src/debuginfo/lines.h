/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source lines of code addresses, by DWARF. */
#ifndef DEBUGINFO_LINES_H
#define DEBUGINFO_LINES_H

#include <stdbool.h>

#include "debuginfo/debug_file.h"

/** A function that stands at an address, and the line in it that is being executed there. */
struct vr_source_frame {
	const char *function; /* "": not told, as in assembly */
	const char *path;     /* within the sources ("mm/slub.c"); "": not told */
	unsigned line;        /* 0: not told */
	Dwarf_Die entry;      /* what DWARF says of it; addr NULL: nothing */
};

/**
 * What stands at an address: the function that was inlined last, then into which that was, ..., at
 * last the one that has the code.
 */
struct vr_source {
	size_t count;
	struct vr_source_frame frames[];
};

/**
 * What stands at addr, as the file has addresses; looked up once. The file's, as long as it is. NULL:
 * the file doesn't tell.
 */
const struct vr_source *vr_source_at(struct vr_debug_file *file, uint64_t addr);

/** What DWARF says of the function that has the code; false: nothing. */
bool vr_source_function(const struct vr_source *source, Dwarf_Die *entry);
/** Where that function begins, as the file has addresses; false: not told. */
bool vr_source_entry(const struct vr_source *source, uint64_t *addr);
/** Does that function return, as far as is known? */
bool vr_source_returns(const struct vr_source *source);

#endif
