/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which parts of something read from the dump could not be had. */
#ifndef BASE_HOLES_H
#define BASE_HOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** [start, end), in the unit of whoever keeps the list: addresses, or offsets. */
struct vr_hole {
	uint64_t start, end;
};

/** Holes in ascending order, those that touch each other merged. Zeroed: none. */
struct vr_holes {
	struct vr_hole *list;
	size_t count, cap;
	bool failed; /* out of memory: the list isn't whole */
};

/** Add [start, end), which must not begin before the last one. */
void vr_holes_add(struct vr_holes *holes, uint64_t start, uint64_t end);
/** The first hole that has a part of [start, end); NULL: there is none. */
const struct vr_hole *vr_holes_in(const struct vr_holes *holes, uint64_t start, uint64_t end);
/** For VR_CLEANUP(). */
void vr_holes_free(struct vr_holes *holes);

#endif
