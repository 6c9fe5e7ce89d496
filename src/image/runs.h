/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which physical memory a dump claims to hold, as runs of pages, without reading any of them.
 *
 *	struct vr_image_runs runs = vr_image_runs_begin(image);
 *
 *	while (vr_image_runs_next(&runs))
 *		use(runs.start, runs.end);
 */
#ifndef IMAGE_RUNS_H
#define IMAGE_RUNS_H

#include "image/image.h"

/** Plain data, nothing to release. */
struct vr_image_runs {
	/* The run: physical addresses, end not included; whole pages. */
	uint64_t start, end;
	/* private */
	struct vr_image *image;
	uint64_t next; /* pfn */
};

struct vr_image_runs vr_image_runs_begin(struct vr_image *image);

/**
 * The next run of pages that the dump holds, in ascending order; false behind the last. Pages that
 * turn out to be damaged may be in it; for formats that don't tell what they hold (those read
 * through libkdumpfile) all of memory is one run. Reads no page.
 */
bool vr_image_runs_next(struct vr_image_runs *runs);

#endif
