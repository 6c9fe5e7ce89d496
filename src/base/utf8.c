// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/utf8.h"

#include "base/bits.h"

/* The second byte's range tells overlong forms, surrogates and the end of Unicode apart (RFC 3629,
 * section 4). */
size_t vr_utf8_length(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t need;

	if (!len)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len < need)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return need;
}

size_t vr_utf8_prefix(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i = 0;

	while (i < len) {
		size_t n;

		/* Almost everything is ASCII: eight at a time. */
		while (len - i >= 8 && !(vr_load64(p + i) & 0x8080808080808080ull))
			i += 8;
		if (i == len)
			break;
		n = vr_utf8_length(text + i, len - i);
		if (!n)
			break;
		i += n;
	}
	return i;
}

void vr_utf8_escape(struct vr_strbuf *out, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	while (len) {
		size_t n = vr_utf8_prefix(text, len);
		unsigned char c;

		vr_strbuf_add(out, text, n);
		text += n;
		len -= n;
		if (!len)
			break;
		c = (unsigned char)*text;
		vr_strbuf_add(out, (const char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
		text++;
		len--;
	}
}
