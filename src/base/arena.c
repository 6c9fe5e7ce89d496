// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)64 << 10)

struct vr_arena_chunk {
	struct vr_arena_chunk *next;
	size_t size;
	_Alignas(16) unsigned char data[];
};

void *vr_arena_alloc(struct vr_arena *arena, size_t size)
{
	struct vr_arena_chunk *chunk = arena->chunk;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (!chunk || size > chunk->size - arena->used) {
		size_t want = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		chunk = calloc(1, sizeof(*chunk) + want);
		if (!chunk)
			return NULL;
		chunk->size = want;
		arena->total += sizeof(*chunk) + want;
		/* A large allocation goes behind the current chunk, whose rest stays of use. */
		if (size > CHUNK_SIZE / 4 && arena->chunk) {
			chunk->next = arena->chunk->next;
			arena->chunk->next = chunk;
			return chunk->data;
		}
		chunk->next = arena->chunk;
		arena->chunk = chunk;
		arena->used = 0;
	}
	p = chunk->data + arena->used;
	arena->used += size;
	return p;
}

void *vr_arena_calloc(struct vr_arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return vr_arena_alloc(arena, count * size);
}

char *vr_arena_strndup(struct vr_arena *arena, const char *text, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = vr_arena_alloc(arena, len + 1);
	if (copy)
		memcpy(copy, text, len);
	return copy;
}

void vr_arena_free(struct vr_arena *arena)
{
	struct vr_arena_chunk *chunk = arena->chunk;

	while (chunk) {
		struct vr_arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	*arena = (struct vr_arena){0};
}
