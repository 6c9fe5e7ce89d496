/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is released all at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct vr_arena_chunk;

/** Zero-initialise to begin. */
struct vr_arena {
	struct vr_arena_chunk *chunk;
	size_t used;
	size_t total; /* bytes taken from malloc() */
};

/** Zeroed memory, 16-byte aligned, valid until vr_arena_free(); NULL when out of memory. */
void *vr_arena_alloc(struct vr_arena *arena, size_t size);
/** The same for count elements, checked for overflow. */
void *vr_arena_calloc(struct vr_arena *arena, size_t count, size_t size);
/** A NUL-terminated copy of len bytes. */
char *vr_arena_strndup(struct vr_arena *arena, const char *text, size_t len);
void vr_arena_free(struct vr_arena *arena);

#endif
