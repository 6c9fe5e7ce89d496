// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hash.h"

#include <stdlib.h>

uint64_t vr_hash_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return vr_hash_u64(h);
}

static struct vr_map_slot *map_slot(const struct vr_map *map, uint64_t key)
{
	size_t i = vr_hash_u64(key) & (map->cap - 1);

	while (map->slots[i].used && map->slots[i].key != key)
		i = (i + 1) & (map->cap - 1);
	return &map->slots[i];
}

uint64_t *vr_map_get(const struct vr_map *map, uint64_t key)
{
	struct vr_map_slot *slot;

	if (!map->cap)
		return NULL;
	slot = map_slot(map, key);
	return slot->used ? &slot->value : NULL;
}

static bool map_grow(struct vr_map *map)
{
	struct vr_map bigger = {.cap = map->cap ? map->cap * 2 : 64, .count = map->count};

	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].used)
			*map_slot(&bigger, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = bigger;
	return true;
}

bool vr_map_put(struct vr_map *map, uint64_t key, uint64_t value, bool *existed)
{
	struct vr_map_slot *slot;

	if (map->count >= map->cap / 4 * 3 && !map_grow(map))
		return false;
	slot = map_slot(map, key);
	if (existed)
		*existed = slot->used;
	if (!slot->used)
		map->count++;
	*slot = (struct vr_map_slot){.key = key, .value = value, .used = true};
	return true;
}

void vr_map_free(struct vr_map *map)
{
	free(map->slots);
	*map = (struct vr_map){0};
}
