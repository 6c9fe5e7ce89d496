/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as DWARF packs them, read from bytes that came from outside. */
#ifndef TYPE_LEB_H
#define TYPE_LEB_H

#include <stdbool.h>
#include <stdint.h>

/** An unsigned LEB128 at *p, which is moved behind it. False: it has no end. Bits beyond 64 are lost. */
static inline bool vr_uleb(const unsigned char **p, const unsigned char *end, uint64_t *value)
{
	uint64_t sum = 0;
	unsigned int shift = 0;

	while (*p < end) {
		unsigned char byte = *(*p)++;

		if (shift < 64)
			sum |= (uint64_t)(byte & 0x7f) << shift;
		shift += shift < 64 ? 7 : 0;
		if (byte & 0x80)
			continue;
		*value = sum;
		return true;
	}
	return false;
}

/** Likewise a signed one. */
static inline bool vr_sleb(const unsigned char **p, const unsigned char *end, int64_t *value)
{
	uint64_t sum = 0;
	unsigned int shift = 0;

	while (*p < end) {
		unsigned char byte = *(*p)++;

		if (shift < 64)
			sum |= (uint64_t)(byte & 0x7f) << shift;
		shift += shift < 64 ? 7 : 0;
		if (byte & 0x80)
			continue;
		if ((byte & 0x40) && shift < 64)
			sum |= ~(uint64_t)0 << shift;
		*value = (int64_t)sum;
		return true;
	}
	return false;
}

#endif
