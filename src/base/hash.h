/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hash functions and a map from 64-bit keys, open addressing, grow only. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A hash of len bytes (FNV-1a with a final mix); not for hostile keys where order matters. */
uint64_t vr_hash_bytes(const void *data, size_t len);

/** Mix a 64-bit key. */
static inline uint64_t vr_hash_u64(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ull;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ull;
	x ^= x >> 32;
	return x;
}

struct vr_map_slot {
	uint64_t key;
	uint64_t value;
	bool used;
};

/** 64-bit key to 64-bit value. Zero-initialise to begin; vr_map_free() at the end. */
struct vr_map {
	struct vr_map_slot *slots;
	size_t count;
	size_t cap; /* a power of two, or 0 */
};

/** Pointer to the value of key, NULL where there is none; valid until the next put. */
uint64_t *vr_map_get(const struct vr_map *map, uint64_t key);
/** Set key to value. *existed (may be NULL) tells whether it was there. False: out of memory. */
bool vr_map_put(struct vr_map *map, uint64_t key, uint64_t value, bool *existed);
void vr_map_free(struct vr_map *map);

#endif
