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
 * sosvmcore-<shorthost>[-<label>][-<case>]-YYYY-MM-DD-<7 random letters>, sos's "friendly" pattern.
 * nodename is the dump's (cut at its first dot; characters outside [-a-zA-Z.0-9] removed;
 * "localhost" where nothing is left; 64 bytes at most). The date is that of when, in local time.
 * label may be NULL; it is treated as nodename is, but for the dot. The result is at most 160
 * bytes; in a smaller buf the host and label are cut, not the date and letters.
 */
void vr_archive_name(char *buf, size_t size, const char *nodename, const char *label, time_t when);

#endif
