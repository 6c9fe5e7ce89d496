/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image is inside, and what a format backend gives it. For this folder only. */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include "image/file.h"
#include "image/image.h"
#include "image/notes.h"
#include "image/page_cache.h"

/* Physical addresses have at most 52 bits on x86-64 and arm64. */
#define VR_PHYS_BITS 52

#define VR_PAGE_SIZE_MIN 4096u
#define VR_PAGE_SIZE_MAX 65536u

/* Bytes of the file that formats are recognised by. */
#define VR_HEAD_SIZE 4096u

/** The first bytes of the file. */
struct vr_head {
	const uint8_t *data;
	size_t len; /* VR_HEAD_SIZE, or less in a shorter file */
};

/** A dump format. Backends don't see the page cache: each read_page() is a page wanted. */
struct vr_image_format {
	const char *name;      /* for struct vr_image_info */
	const char *flat_name; /* likewise, of such a file in flattened form */
	bool several;          /* one dump may be in several files */
	/** Whether the file claims to be of this format. */
	bool (*probe)(const struct vr_head *head);
	/** Fill image->info, notes and vmcoreinfo; image->priv is the backend's. */
	enum vr_err (*open)(struct vr_image *image, const struct vr_head *head,
			    struct vr_error *err);
	/**
	 * The page's bytes into buf (which may be written to in any case). pfn is below max_pfn.
	 * VR_PAGE_DAMAGED goes with a call of vr_image_damaged().
	 */
	enum vr_page_status (*read_page)(struct vr_image *image, uint64_t pfn, uint8_t *buf);
	/**
	 * The first run of pages from pfn on that the file claims to hold, end not included; false:
	 * there is none. NULL where a format doesn't tell but by read_page().
	 */
	bool (*next_run)(struct vr_image *image, uint64_t pfn, uint64_t *start, uint64_t *end);
	/** Release image->priv, which may be NULL or half made. */
	void (*close)(struct vr_image *image);
};

extern const struct vr_image_format vr_format_kdump;
extern const struct vr_image_format vr_format_elf;
extern const struct vr_image_format vr_format_sadump;
#ifdef VR_LIBKDUMPFILE
extern const struct vr_image_format vr_format_kdumpfile;
#endif

/* Answers other than OK that are kept, since walkers ask again: by the low bits of pfn. */
#define VR_MISSING_COUNT 1024u

struct vr_image {
	struct vr_file file;
	struct vr_file *others; /* further files of the dump */
	size_t other_count;
	const struct vr_log *log;
	const struct vr_image_format *format;
	void *priv; /* of the format */
	struct vr_image_info info;
	struct vr_image_counts counts;
	char incomplete_why[120]; /* what info has */
	struct vr_notes notes;
	char *vmcoreinfo;
	struct vr_page_cache cache;
	uint64_t *missing;       /* 0, or pfn << 2 | enum vr_page_status */
	unsigned int complaints; /* damaged pages logged */
};

/** Mark the dump incomplete for a reason; the first one stays. */
void vr_image_incomplete(struct vr_image *image, const char *fmt, ...) VR_PRINTF(2, 3);
/** Log a damaged page (the first few of them); returns VR_PAGE_DAMAGED. */
enum vr_page_status vr_image_damaged(struct vr_image *image, uint64_t pfn, const char *why);

/**
 * Fill err for a failed vr_file_pread() of what: VR_CORRUPT "the file ends within ...", VR_OS.
 * Call it before errno changes.
 */
enum vr_err vr_image_read_error(enum vr_err kind, const char *what, struct vr_error *err);

#endif
