/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a struct page says of its place (include/linux/page-flags-layout.h, mm.h). */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include <vmcore-report/object.h>

/** Where page->flags has node and zone. */
struct vr_page_layout {
	struct vr_program *prog;
	uint64_t flags_offset, page_size; /* of struct page */
	uint64_t vmemmap;
	unsigned node_shift, node_bits, zone_shift, zone_bits;
};

/**
 * Find the layout, for kernels with a virtual memory map (SPARSEMEM_VMEMMAP: all of x86-64).
 * False: latched.
 */
bool vr_page_layout(struct vr_program *prog, struct vr_page_layout *layout);
/** The flags of a struct page at that address. False: not in the dump; nothing is latched. */
bool vr_page_flags(const struct vr_page_layout *layout, uint64_t page, uint64_t *flags);
/** page_to_nid(), page_zonenum() */
unsigned vr_page_node(const struct vr_page_layout *layout, uint64_t flags);
unsigned vr_page_zone(const struct vr_page_layout *layout, uint64_t flags);
/** The struct page of a page frame. */
uint64_t vr_page_of(const struct vr_page_layout *layout, uint64_t pfn);

#endif
