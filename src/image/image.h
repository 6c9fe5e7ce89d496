/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump file as physical pages and notes, whatever its format.
 *
 * One image is used by one process at a time; after fork() parent and child may both read (pread,
 * no shared file offset). Every read answers in one of the ways of enum vr_page_status.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>
#include "base/log.h"

enum vr_page_status {
	VR_PAGE_OK,
	VR_PAGE_EXCLUDED, /* physical memory that the dump does not hold */
	VR_PAGE_DAMAGED,  /* the dump claims to hold it, but it does not inflate or is cut off */
};

/** What is known of the dump as a file. Strings are static or owned by the image. */
struct vr_image_info {
	const char *format;         /* "kdump-compressed", "elf", the same after "flattened " */
	const char *compression;    /* of the first stored page: "zlib", "lzo", "snappy", "zstd",
				       "none"; or "unknown" */
	uint16_t machine;           /* ELF e_machine; EM_NONE where the dump does not say */
	uint32_t page_size;         /* bytes */
	uint64_t max_pfn;           /* one behind the highest page frame number */
	uint64_t stored_pages;      /* pages that the dump claims to hold */
	bool incomplete;            /* the writer marked it incomplete, or the file is cut off */
	const char *incomplete_why; /* the first reason met, NULL unless incomplete */
	char release[65];           /* utsname of a kdump header, "" where it is empty */
};

/** One ELF note of the dump: name and desc are owned by the image. */
struct vr_note {
	const char *name; /* NUL-terminated: "CORE", "VMCOREINFO" */
	uint32_t type;    /* NT_PRSTATUS, ... */
	const uint8_t *desc;
	size_t desc_len;
};

/** Pages delivered so far, by answer (kept for the manifest). */
struct vr_image_counts {
	uint64_t read;     /* pages read from the file and inflated */
	uint64_t excluded; /* answers VR_PAGE_EXCLUDED */
	uint64_t damaged;  /* answers VR_PAGE_DAMAGED */
};

/**
 * A page in the cache. data holds page_size bytes. generation changes whenever the slot comes to
 * hold another page, so that a (slot, generation) pair kept by a TLB can be told to be stale.
 */
struct vr_page {
	uint64_t pfn;
	uint64_t generation;
	uint8_t *data;
};

struct vr_image;

/**
 * Open a dump from a descriptor, which stays the caller's and must outlive the image. cache_bytes
 * bounds the page cache (rounded to pages, at least 64 of them; 0 takes the default of 32 MiB).
 * Errors: VR_UNSUPPORTED (not a dump, a user-space core, a 32-bit or big-endian machine's dump: the
 * text says which; other machines are left to the caller, see info->machine), VR_CORRUPT (a dump
 * whose headers can't be right or are cut off), VR_OS, VR_NOMEM. Header layouts follow
 * makedumpfile's diskdump_mod.h and the kernel's fs/proc/vmcore.c.
 */
enum vr_err vr_image_open(int fd, size_t cache_bytes, const struct vr_log *log,
			  struct vr_image **image, struct vr_error *err);

/* Files that one dump may be in. */
#define VR_IMAGE_FILES_MAX 64u

/**
 * The same for a dump in count files (makedumpfile --split), in any order; fds itself is copied.
 * Pages of a part that isn't given are VR_PAGE_EXCLUDED and the dump is incomplete. Further errors:
 * VR_UNSUPPORTED (no files, too many, of a format that is in one file only), VR_CORRUPT (parts of
 * different dumps, or one given twice).
 */
enum vr_err vr_image_open_files(const int *fds, size_t count, size_t cache_bytes,
				const struct vr_log *log, struct vr_image **image,
				struct vr_error *err);
void vr_image_close(struct vr_image *image);

const struct vr_image_info *vr_image_info(const struct vr_image *image);
const struct vr_image_counts *vr_image_counts(const struct vr_image *image);
/** All notes, in file order; *count gets their number. Owned by the image. */
const struct vr_note *vr_image_notes(const struct vr_image *image, size_t *count);
/** The text of the VMCOREINFO note (NUL-terminated, owned by the image), NULL where there is none.
 */
const char *vr_image_vmcoreinfo(const struct vr_image *image);

/**
 * The page with that frame number, through the cache. On VR_PAGE_OK *page is set and its data is
 * valid until the next call on this image; as long as its generation stays the same it can be used
 * longer. Of two pages asked for in turn neither evicts the other.
 */
enum vr_page_status vr_image_page(struct vr_image *image, uint64_t pfn, struct vr_page **page);

/**
 * Read len bytes at physical address addr, across pages. The first page that can't be had ends it
 * with that page's status and *bad_addr (may be NULL) set.
 */
enum vr_page_status vr_image_read(struct vr_image *image, uint64_t addr, void *buf, size_t len,
				  uint64_t *bad_addr);

#endif
