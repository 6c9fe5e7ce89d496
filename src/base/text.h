/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from a dump on its way to people: nothing in it may drive a terminal or break a table. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

/** Room for the printable form of n bytes: each may become four characters, then the NUL. */
#define VR_PRINTABLE_SIZE(n) ((n) * 4 + 1)

/**
 * A string with each control character, and each byte that isn't part of valid UTF-8, written as \xHH.
 * Cut to fit buf; returns buf.
 */
char *vr_printable(const char *text, char *buf, size_t size);

#endif
