// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/holes.h"

#include <stdlib.h>

void vr_holes_add(struct vr_holes *holes, uint64_t start, uint64_t end)
{
	size_t cap = holes->cap ? holes->cap * 2 : 8;
	struct vr_hole *bigger;

	if (start >= end)
		return;
	if (holes->count && holes->list[holes->count - 1].end >= start) {
		holes->list[holes->count - 1].end = end;
		return;
	}
	if (holes->count == holes->cap) {
		bigger = realloc(holes->list, cap * sizeof(*bigger));
		if (!bigger) {
			holes->failed = true;
			return;
		}
		holes->list = bigger;
		holes->cap = cap;
	}
	holes->list[holes->count++] = (struct vr_hole){start, end};
}

const struct vr_hole *vr_holes_in(const struct vr_holes *holes, uint64_t start, uint64_t end)
{
	size_t low = 0, high = holes->count;

	/* The first that ends behind start. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (holes->list[mid].end <= start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < holes->count && holes->list[low].start < end ? &holes->list[low] : NULL;
}

void vr_holes_free(struct vr_holes *holes)
{
	free(holes->list);
	*holes = (struct vr_holes){0};
}
