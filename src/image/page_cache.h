/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inflated pages by frame number, in a bounded number of slots. */
#ifndef IMAGE_PAGE_CACHE_H
#define IMAGE_PAGE_CACHE_H

#include <stdint.h>

#include "image/image.h"

#define VR_SLOT_NONE UINT32_MAX

struct vr_page_slot {
	struct vr_page page;
	uint32_t next; /* in the bucket */
	bool referenced;
};

struct vr_page_cache {
	struct vr_page_slot *slots;
	uint32_t *buckets;
	uint8_t *data; /* of all slots */
	uint32_t count;
	uint32_t used; /* slots that have ever been filled */
	uint32_t hand;
	uint32_t spare; /* a slot reserved for filling */
	unsigned int shift;
	uint32_t page_size;
	uint64_t generation;
	uint32_t recent[2]; /* last two slots given out */
};

/**
 * Make count slots (at least 3; fewer than asked for where that rounds to whole huge pages) of
 * page_size bytes. VR_NOMEM. vr_page_cache_free() in any case.
 */
enum vr_err vr_page_cache_init(struct vr_page_cache *cache, uint32_t count, uint32_t page_size);
void vr_page_cache_free(struct vr_page_cache *cache);

/** The page of that number, marked as used just now; NULL where it isn't in the cache. */
struct vr_page *vr_page_cache_find(struct vr_page_cache *cache, uint64_t pfn);

/**
 * A slot to read a page into, evicting one where all are taken. Never one of the two pages given
 * out last. It has a new generation, and can't be found until vr_page_cache_insert(); without that
 * the next call returns it again.
 */
struct vr_page *vr_page_cache_reserve(struct vr_page_cache *cache);

/** Give the reserved slot its number; it counts as given out. */
void vr_page_cache_insert(struct vr_page_cache *cache, uint64_t pfn);

#endif
