/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's virtual address space in the dump: a page-table walk behind a small TLB whose
 * entries point right into the page cache. Bounded in memory; for one process at a time (fork() is
 * fine).
 */
#ifndef ADDR_ASPACE_H
#define ADDR_ASPACE_H

#include <string.h>

#include "arch/arch.h"
#include "image/image.h"

/** The ways a virtual read can end. */
enum vr_mem_status {
	VR_MEM_OK,
	VR_MEM_UNMAPPED, /* no such mapping: a bad pointer */
	VR_MEM_EXCLUDED, /* mapped, but the dump doesn't hold the page, or a table on the way to it
			  */
	VR_MEM_DAMAGED,  /* the dump claims to hold that page, but it can't be inflated */
};

#define VR_TLB_SLOTS 1024

struct vr_tlb_entry {
	uint64_t va_page; /* va >> 12; all ones when empty */
	uint64_t generation;
	struct vr_page *page;
	const uint8_t *data;
};

struct vr_aspace {
	struct vr_image *image;
	const struct vr_arch *arch;
	struct vr_paging paging;
	struct vr_tlb_entry tlb[VR_TLB_SLOTS];
	uint64_t faults[VR_MEM_DAMAGED + 1]; /* answers other than OK, by status */
};

/** image stays the caller's and must outlive the space. NULL: out of memory. */
struct vr_aspace *vr_aspace_new(struct vr_image *image, const struct vr_arch *arch,
				const struct vr_paging *paging);
void vr_aspace_free(struct vr_aspace *as);

/** Translate without reading the page itself. *phys is set on VR_MEM_OK. */
enum vr_mem_status vr_aspace_translate(struct vr_aspace *as, uint64_t va, uint64_t *phys);

/** Fill the TLB for va and return a pointer to its byte; see vr_aspace_peek(). */
enum vr_mem_status vr_aspace_peek_slow(struct vr_aspace *as, uint64_t va, const uint8_t **data);

/**
 * Point *data at the byte of va within the page cache. It is readable up to the end of its 4 KiB
 * page and valid until the next read through this space.
 */
static inline enum vr_mem_status vr_aspace_peek(struct vr_aspace *as, uint64_t va,
						const uint8_t **data)
{
	uint64_t va_page = va >> 12;
	struct vr_tlb_entry *e = &as->tlb[(va_page ^ (va_page >> 10)) % VR_TLB_SLOTS];

	if (__builtin_expect(e->va_page == va_page && e->page->generation == e->generation, 1)) {
		*data = e->data + (va & 0xfff);
		return VR_MEM_OK;
	}
	return vr_aspace_peek_slow(as, va, data);
}

/**
 * Read len bytes at va, across pages; *bad (may be NULL) gets the first address that can't be read.
 * On failure buf holds what came before it.
 */
enum vr_mem_status vr_aspace_read(struct vr_aspace *as, uint64_t va, void *buf, size_t len,
				  uint64_t *bad);

/** Read an 8-byte value; the hot path of everything. */
static inline enum vr_mem_status vr_aspace_read64(struct vr_aspace *as, uint64_t va,
						  uint64_t *value, uint64_t *bad)
{
	const uint8_t *p;
	enum vr_mem_status st;

	if (__builtin_expect((va & 0xfff) > 0xff8, 0))
		return vr_aspace_read(as, va, value, 8, bad);
	st = vr_aspace_peek(as, va, &p);
	if (__builtin_expect(st == VR_MEM_OK, 1))
		memcpy(value, p, 8);
	else if (bad)
		*bad = va;
	return st;
}

/** "not mapped", "not in the dump", "damaged in the dump". */
const char *vr_mem_status_text(enum vr_mem_status status);

#endif
