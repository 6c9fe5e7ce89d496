/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names: which paths may enter an archive, and what an archive is called. */
#ifndef ARCHIVE_PATH_H
#define ARCHIVE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/**
 * May path be a member? Relative, 1 to 4000 bytes, at most 128 components, none of them empty, ".",
 * ".." or longer than 255 bytes, no control characters (those of Unicode too). Returns NULL, or why
 * not (static text).
 */
const char *vr_path_check(const char *path);

/**
 * Does a shell pattern of sos's --skip-files stand for path? "*" stands for slashes too; a slash at
 * the pattern's beginning is the archive's root.
 */
bool vr_path_matches(const char *path, const char *pattern);

/** What an archive's name is made of. */
struct vr_archive_naming {
	const char *nodename; /* the dump's */
	const char *label;    /* may be NULL */
	const char *case_id;  /* may be NULL */
	bool sosreport;       /* begin with "sosreport-", for programs that want that */
	time_t when;
};

/**
 * sosvmcore-<shorthost>[-<label>][-<case>]-YYYY-MM-DD-<7 random letters>, sos's "friendly" pattern.
 * nodename is cut at its first dot; characters outside [-a-zA-Z.0-9] are removed; "localhost" where
 * nothing is left; 64 bytes at most. The date is that of when, in local time. Label and case id are
 * treated as nodename is, but for the dot, at most 48 bytes of each. The result is at most 190 bytes;
 * in a smaller buf the names are cut, not the date and letters.
 */
void vr_archive_name(char *buf, size_t size, const struct vr_archive_naming *naming);

#endif
