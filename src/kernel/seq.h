/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text as seq files have it (fs/seq_file.c). */
#ifndef KERNEL_SEQ_H
#define KERNEL_SEQ_H

#include <stddef.h>

/** Room for the escaped form of n bytes: each may become four characters, then the NUL. */
#define VR_ESCAPED_SIZE(n) ((n)*4 + 1)

/** Characters that paths have escaped in mounts, maps and the like: mangle_path()'s usual set. */
#define VR_SEQ_PATH " \t\n\\"

/**
 * text with each character of esc, a backslash among them where it is in esc, as \ooo: what
 * seq_escape() and mangle_path() write. Cut to fit buf; returns buf.
 */
char *vr_seq_escape(const char *text, const char *esc, char *buf, size_t size);

#endif
