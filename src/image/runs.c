// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/runs.h"

#include "base/bits.h"
#include "image/format.h"

struct vr_image_runs vr_image_runs_begin(struct vr_image *image)
{
	return (struct vr_image_runs){.image = image};
}

bool vr_image_runs_next(struct vr_image_runs *runs)
{
	const struct vr_image *image = runs->image;
	uint64_t start = runs->next, end = image->info.max_pfn;

	if (start >= end)
		return false;
	if (image->format->next_run &&
	    (!image->format->next_run(runs->image, start, &start, &end) || start >= end)) {
		runs->next = image->info.max_pfn;
		return false;
	}
	runs->start = start * image->info.page_size;
	runs->end = end * image->info.page_size;
	runs->next = end;
	return true;
}
