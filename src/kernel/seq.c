// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/seq.h"

#include <string.h>

char *vr_seq_escape(const char *text, const char *esc, char *buf, size_t size)
{
	size_t len = 0;

	for (; *text && len + 5 <= size; text++) {
		unsigned char c = (unsigned char)*text;

		if (strchr(esc, c)) {
			buf[len++] = '\\';
			buf[len++] = (char)('0' + (c >> 6));
			buf[len++] = (char)('0' + (c >> 3 & 7));
			buf[len++] = (char)('0' + (c & 7));
		} else {
			buf[len++] = (char)c;
		}
	}
	buf[len] = '\0';
	return buf;
}
