/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unaligned loads and overflow-checked arithmetic for bytes that came from outside. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VR_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define VR_MIN(a, b) ((a) < (b) ? (a) : (b))
#define VR_MAX(a, b) ((a) > (b) ? (a) : (b))

/* Little-endian loads (dumps of x86-64 are, and so is every host this runs on). */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "vmcore-report runs on little-endian machines"
#endif

static inline uint16_t vr_load16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t vr_load32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t vr_load64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* True where [off, off + len) lies within [0, size), with no overflow on the way. */
static inline bool vr_range_ok(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}

#endif
