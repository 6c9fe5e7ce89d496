/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kdump-compressed format (makedumpfile: diskdump_mod.h, IMPLEMENTATION): header, sub-header,
 * two page bitmaps, a descriptor for each page of the second bitmap, page data. A dump may be split
 * into files that each have all of the headers and bitmaps, and descriptors and data of some pages.
 */
#ifndef IMAGE_KDUMP_H
#define IMAGE_KDUMP_H

#include "image/codec.h"
#include "image/format.h"

/* header_version as of makedumpfile 1.7. */
#define VR_KDUMP_VERSION 6u

#define VR_KDUMP_DESC_SIZE 24u

/* utsname and time of the dump: the same in all parts of one. */
#define VR_KDUMP_IDENTITY_SIZE 412u

/** What a file's headers say. */
struct vr_kdump_header {
	uint32_t version;
	uint32_t status;
	uint32_t block_size;
	uint64_t sub_blocks;
	uint64_t bitmap_blocks;
	uint64_t max_mapnr;
	uint64_t phys_base;
	bool split;                  /* one of several files */
	uint64_t start_pfn, end_pfn; /* pages whose data is in this file */
	uint64_t vmcoreinfo_off, vmcoreinfo_size;
	uint64_t note_off, note_size;
	uint8_t identity[VR_KDUMP_IDENTITY_SIZE];
};

/** One file of the dump. */
struct vr_kdump_part {
	struct vr_file *file;
	struct vr_kdump_header header;
	uint64_t desc_off;            /* of its page descriptors */
	uint64_t desc_count;          /* that it should have */
	uint64_t first_rank;          /* stored pages in the files before it */
	uint64_t zero_off;            /* of a stored page that is all zeros, 0: none met */
	struct vr_file_window window; /* page data, still compressed */
};

struct vr_kdump {
	struct vr_kdump_part *parts; /* disjoint, by start_pfn */
	size_t part_count;
	struct vr_file *bitmap_file; /* the bitmap is read from this one */
	uint64_t bitmap_off;         /* of the second bitmap: pages that are stored */
	uint64_t bitmap_count;       /* pages set in it */
	uint64_t *ranks;             /* stored pages before each granule of the bitmap */
	unsigned int granule_shift;
	struct vr_codec codec;
};

/** struct vr_image_format's probe. */
bool vr_kdump_probe(const struct vr_head *head);

/** Read and check a file's headers. VR_CORRUPT, VR_UNSUPPORTED, VR_OS. */
enum vr_err vr_kdump_header_read(struct vr_file *file, struct vr_kdump_header *header,
				 struct vr_error *err);

/** Fill machine and release from the header. VR_UNSUPPORTED. */
enum vr_err vr_kdump_utsname(const struct vr_kdump_header *header, struct vr_image_info *info,
			     struct vr_error *err);

/**
 * Index the bitmap in one pass and check the parts' descriptor tables against their files: fills
 * ranks, the counts and image->info's stored_pages, compression and incomplete. max_pfn and the
 * offsets are set already. VR_CORRUPT, VR_NOMEM, VR_OS.
 */
enum vr_err vr_kdump_index(struct vr_image *image, struct vr_kdump *kdump, struct vr_error *err);

/** Pages stored below pfn (at most max_pfn). false where the bitmap can't be read. */
bool vr_kdump_rank(const struct vr_image *image, const struct vr_kdump *kdump, uint64_t pfn,
		   uint64_t *rank);

/** struct vr_image_format's read_page. */
enum vr_page_status vr_kdump_read_page(struct vr_image *image, uint64_t pfn, uint8_t *buf);
/** Its next_run. */
bool vr_kdump_next_run(struct vr_image *image, uint64_t pfn, uint64_t *start, uint64_t *end);

#endif
