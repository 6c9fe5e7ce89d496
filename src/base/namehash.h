/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A seeded hash of names for the open-addressing tables of symbols and types. The seed is new in
 * each run, so that a forged dump can't be made to put all its names into one chain.
 */
#ifndef BASE_NAMEHASH_H
#define BASE_NAMEHASH_H

#include <sys/auxv.h>

#include "base/bits.h"

/** A seed that differs from run to run (the kernel's random bytes for this process; no syscall). */
static inline uint64_t vr_namehash_seed(void)
{
	const void *bytes = (const void *)(uintptr_t)getauxval(AT_RANDOM); // NOLINT: an address

	return bytes ? vr_load64(bytes) : 0x2545f4914f6cdd1dull;
}

static inline uint64_t vr_namehash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** The hash of len bytes: eight at a time, each folded from a full 128-bit product. */
static inline uint64_t vr_namehash(uint64_t seed, const char *name, size_t len)
{
	const char *p = name;
	uint64_t hash = seed ^ (len * 0x9e3779b97f4a7c15ull);
	uint64_t last = 0;

	for (; len > 8; p += 8, len -= 8)
		hash = vr_namehash_mix(hash ^ vr_load64(p), 0xa0761d6478bd642full);
	if (len >= 4)
		last = vr_load32(p) | (uint64_t)vr_load32(p + len - 4) << 32;
	else if (len)
		last = (unsigned char)p[0] | (uint64_t)(unsigned char)p[len >> 1] << 8 |
		       (uint64_t)(unsigned char)p[len - 1] << 16;
	return vr_namehash_mix(hash ^ last ^ 0x8ebc6af09c88c6e3ull, 0xe7037ed1a0b428dbull);
}

#endif
