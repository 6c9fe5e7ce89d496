/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kdump-compressed format (makedumpfile: diskdump_mod.h, IMPLEMENTATION): header, sub-header,
 * two page bitmaps, a descriptor for each page of the second bitmap, page data.
 */
#ifndef IMAGE_KDUMP_H
#define IMAGE_KDUMP_H

#include "image/codec.h"
#include "image/format.h"

struct vr_kdump {
	uint64_t bitmap_off; /* of the second bitmap: pages that are stored */
	uint64_t desc_off;   /* of the page descriptors */
	uint64_t desc_count;
	uint64_t *ranks; /* stored pages before each granule of the bitmap */
	unsigned int granule_shift;
	uint64_t zero_off;            /* of a stored page that is all zeros, 0: none met */
	struct vr_file_window window; /* page data, still compressed */
	struct vr_codec codec;
};

/**
 * Index the bitmap in one pass and check the descriptor table against the file: fills ranks,
 * desc_count and image->info's stored_pages, compression and incomplete. max_pfn and the offsets
 * are set already. VR_CORRUPT, VR_NOMEM, VR_OS.
 */
enum vr_err vr_kdump_index(struct vr_image *image, struct vr_kdump *kdump, struct vr_error *err);

/** struct vr_image_format's read_page. */
enum vr_page_status vr_kdump_read_page(struct vr_image *image, uint64_t pfn, uint8_t *buf);

#endif
