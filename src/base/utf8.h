/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a dump on their way into a text format that must be UTF-8. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

#include "base/strbuf.h"

/** Bytes (1 to 4) of the valid UTF-8 sequence that text begins with, 0 where it doesn't. Strict. */
size_t vr_utf8_length(const char *text, size_t len);

/**
 * How many bytes from the start of text are valid UTF-8 (len: all of them). Strict as RFC 3629 is:
 * no overlong forms, no surrogates, nothing beyond U+10FFFF. A NUL is a valid character.
 */
size_t vr_utf8_prefix(const char *text, size_t len);

/**
 * Append text to out by the one rule of this program (vmcore-report/json.h): valid sequences as
 * they are, each other byte as the four characters \xHH. Out of memory: out->failed.
 */
void vr_utf8_escape(struct vr_strbuf *out, const char *text, size_t len);

#endif
