// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

char *vr_printable(const char *text, char *buf, size_t size)
{
	size_t n = strlen(text), out = 0;

	if (!size)
		return buf;
	while (n) {
		size_t len = vr_utf8_length(text, n);
		uint8_t c = (uint8_t)*text;
		/* U+0080 to U+009f are control characters too. */
		bool plain = len && c >= 0x20 && c != 0x7f &&
			     !(len == 2 && c == 0xc2 && (uint8_t)text[1] < 0xa0);
		size_t take = len ? len : 1;
		size_t need = plain ? take : take * 4;

		if (need >= size - out)
			break;
		if (plain) {
			memcpy(buf + out, text, take);
		} else {
			for (size_t i = 0; i < take; i++)
				snprintf(buf + out + i * 4, 5, "\\x%02x", (uint8_t)text[i]);
		}
		out += need;
		text += take;
		n -= take;
	}
	buf[out] = '\0';
	return buf;
}
