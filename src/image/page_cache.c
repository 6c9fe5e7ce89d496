// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/page_cache.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/bits.h"

/*
 * A large cache is laid out for huge pages: a first touch of 4 KiB costs as much time as inflating
 * them, and of 32 MiB as much as all else that opening a dump does.
 */
#define HUGE_PAGE ((size_t)2 << 20)

/* Not cleared: the kernel hands it out bit by bit as slots come into use. */
static uint8_t *alloc_data(size_t size)
{
	uint8_t *data;

	if (size < HUGE_PAGE)
		return malloc(size);
	data = aligned_alloc(HUGE_PAGE, size & ~(HUGE_PAGE - 1));
	if (data)
		madvise(data, size & ~(HUGE_PAGE - 1), MADV_HUGEPAGE); /* nothing lost if not */
	return data;
}

enum vr_err vr_page_cache_init(struct vr_page_cache *cache, uint32_t count, uint32_t page_size)
{
	unsigned int bits = 1;

	if (count > SIZE_MAX / page_size)
		return VR_NOMEM;
	if ((size_t)count * page_size >= HUGE_PAGE)
		count -= (uint32_t)((size_t)count * page_size % HUGE_PAGE / page_size);
	*cache = (struct vr_page_cache){
		.count = count,
		.spare = VR_SLOT_NONE,
		.page_size = page_size,
		.recent = {VR_SLOT_NONE, VR_SLOT_NONE},
	};
	while (bits < 31 && ((uint32_t)1 << bits) < count)
		bits++;
	bits++;
	cache->shift = 64 - bits;
	cache->slots = calloc(count, sizeof(*cache->slots));
	cache->buckets = malloc(sizeof(*cache->buckets) << bits);
	cache->data = alloc_data((size_t)count * page_size);
	if (!cache->slots || !cache->buckets || !cache->data)
		return VR_NOMEM;
	memset(cache->buckets, 0xff, sizeof(*cache->buckets) << bits);
	return VR_OK;
}

void vr_page_cache_free(struct vr_page_cache *cache)
{
	free(cache->slots);
	free(cache->buckets);
	free(cache->data);
	*cache = (struct vr_page_cache){0};
}

static uint32_t *bucket_of(const struct vr_page_cache *cache, uint64_t pfn)
{
	return &cache->buckets[(pfn * 0x9e3779b97f4a7c15ull) >> cache->shift];
}

static void give_out(struct vr_page_cache *cache, uint32_t index)
{
	if (cache->recent[0] == index)
		return;
	cache->recent[1] = cache->recent[0];
	cache->recent[0] = index;
}

struct vr_page *vr_page_cache_find(struct vr_page_cache *cache, uint64_t pfn)
{
	uint32_t index = *bucket_of(cache, pfn);

	while (index != VR_SLOT_NONE) {
		struct vr_page_slot *slot = &cache->slots[index];

		if (slot->page.pfn == pfn) {
			slot->referenced = true;
			give_out(cache, index);
			return &slot->page;
		}
		index = slot->next;
	}
	return NULL;
}

static void unlink_slot(struct vr_page_cache *cache, uint32_t index)
{
	struct vr_page_slot *slot = &cache->slots[index];
	uint32_t *link = bucket_of(cache, slot->page.pfn);

	while (*link != index)
		link = &cache->slots[*link].next;
	*link = slot->next;
}

/* CLOCK: the first slot not asked for since the hand last passed it. At most two rounds. */
static uint32_t evict(struct vr_page_cache *cache)
{
	for (;;) {
		uint32_t index = cache->hand;
		struct vr_page_slot *slot = &cache->slots[index];

		cache->hand = index + 1 == cache->count ? 0 : index + 1;
		if (index == cache->recent[0] || index == cache->recent[1])
			continue;
		if (slot->referenced) {
			slot->referenced = false;
			continue;
		}
		unlink_slot(cache, index);
		return index;
	}
}

struct vr_page *vr_page_cache_reserve(struct vr_page_cache *cache)
{
	struct vr_page_slot *slot;

	if (cache->spare == VR_SLOT_NONE)
		cache->spare = cache->used < cache->count ? cache->used++ : evict(cache);
	slot = &cache->slots[cache->spare];
	/* From here on whoever holds the slot for its old page can tell that it is gone. */
	slot->page = (struct vr_page){
		.pfn = UINT64_MAX,
		.generation = ++cache->generation,
		.data = cache->data + (size_t)cache->spare * cache->page_size,
	};
	return &slot->page;
}

void vr_page_cache_insert(struct vr_page_cache *cache, uint64_t pfn)
{
	uint32_t index = cache->spare;
	struct vr_page_slot *slot = &cache->slots[index];
	uint32_t *link = bucket_of(cache, pfn);

	slot->page.pfn = pfn;
	slot->referenced = false;
	slot->next = *link;
	*link = index;
	cache->spare = VR_SLOT_NONE;
	give_out(cache, index);
}
