// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/bitmap.h"

#include <stdio.h>
#include <string.h>

static bool test(const uint64_t *bits, unsigned nr, unsigned bit)
{
	return bit < nr && bits[bit / 64] >> (bit % 64) & 1;
}

char *vr_bitmap_list(const uint64_t *bits, unsigned nr, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned bit = 0; bit < nr && len < size; bit++) {
		unsigned last = bit;

		if (!test(bits, nr, bit))
			continue;
		while (test(bits, nr, last + 1))
			last++;
		if (last > bit)
			len += (size_t)snprintf(buf + len, size - len, "%s%u-%u", len ? "," : "",
						bit, last);
		else
			len += (size_t)snprintf(buf + len, size - len, "%s%u", len ? "," : "", bit);
		bit = last;
	}
	return buf;
}

char *vr_bitmap_hex(const uint64_t *bits, unsigned nr, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned group = (nr + 31) / 32; group-- > 0 && len < size;) {
		uint32_t value = (uint32_t)(bits[group / 2] >> (group % 2 * 32));
		unsigned wide = nr - group * 32;

		if (wide < 32)
			value &= (1u << wide) - 1;
		else
			wide = 32;
		len += (size_t)snprintf(buf + len, size - len, "%s%0*x", len ? "," : "",
					(int)(wide + 3) / 4, value);
	}
	return buf;
}

bool vr_bitmap_read(struct vr_obj obj, const char *path, uint64_t *bits, unsigned nr)
{
	size_t bytes = (size_t)(nr + 63) / 64 * 8;

	memset(bits, 0, bytes);
	return vr_bytes(obj, path, bits, bytes);
}
