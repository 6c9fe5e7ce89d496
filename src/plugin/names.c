// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/names.h"

#include <string.h>

#include "base/bits.h"

bool vr_plugin_name_ok(const char *name)
{
	size_t len = strnlen(name, VR_PLUGIN_NAME_SIZE);

	if (len == 0 || len >= VR_PLUGIN_NAME_SIZE || name[0] < 'a' || name[0] > 'z')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

char *vr_plugin_name_from_file(const char *file, char *buf, size_t size)
{
	const char *base = strrchr(file, '/');
	size_t out = 0;
	char before = '\0';

	base = base ? base + 1 : file;
	for (; *base && *base != '.' && out + 2 < size; base++) {
		char c = *base;

		if (c >= 'A' && c <= 'Z') {
			/* CamelCase: a capital begins a word, unless it stands among capitals. */
			if (out > 0 &&
			    ((before >= 'a' && before <= 'z') || (before >= '0' && before <= '9')))
				buf[out++] = '_';
			buf[out++] = (char)(c - 'A' + 'a');
		} else {
			buf[out++] = c == '-' ? '_' : c;
		}
		before = c;
	}
	buf[out] = '\0';
	return buf;
}

size_t vr_plugin_name_length(const char *name)
{
	return strcspn(name, ".");
}

unsigned vr_edit_distance(const char *a, const char *b)
{
	unsigned char rows[3][VR_PLUGIN_NAME_SIZE];
	size_t la = strnlen(a, VR_PLUGIN_NAME_SIZE - 1), lb = strnlen(b, VR_PLUGIN_NAME_SIZE - 1);
	unsigned char *two = rows[0], *one = rows[1], *now = rows[2];

	for (size_t j = 0; j <= lb; j++)
		one[j] = (unsigned char)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned char *spare = two;

		now[0] = (unsigned char)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = one[j - 1] + (a[i - 1] != b[j - 1]);

			best = VR_MIN(best, one[j] + 1u);
			best = VR_MIN(best, now[j - 1] + 1u);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = VR_MIN(best, two[j - 2] + 1u);
			now[j] = (unsigned char)best;
		}
		two = one;
		one = now;
		now = spare;
	}
	return one[lb];
}
