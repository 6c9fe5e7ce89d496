// SPDX-License-Identifier: GPL-2.0-or-later
#include "addr/aspace.h"

#include <stdlib.h>

#define EMPTY UINT64_MAX

struct vr_aspace *vr_aspace_new(struct vr_image *image, const struct vr_arch *arch,
				const struct vr_paging *paging)
{
	struct vr_aspace *as = calloc(1, sizeof(*as));

	if (!as)
		return NULL;
	as->image = image;
	as->arch = arch;
	as->paging = *paging;
	for (size_t i = 0; i < VR_TLB_SLOTS; i++)
		as->tlb[i].va_page = EMPTY;
	return as;
}

void vr_aspace_free(struct vr_aspace *as)
{
	free(as);
}

static enum vr_mem_status mem_status(enum vr_page_status status)
{
	switch (status) {
	case VR_PAGE_OK:
		return VR_MEM_OK;
	case VR_PAGE_EXCLUDED:
		return VR_MEM_EXCLUDED;
	case VR_PAGE_DAMAGED:
		break;
	}
	return VR_MEM_DAMAGED;
}

/* One walk through the tables. */
struct table_walk {
	struct vr_image *image;
	enum vr_mem_status status; /* of the last table read */
};

static enum vr_err read_entry(void *arg, uint64_t phys, uint64_t *entry)
{
	struct table_walk *w = arg;
	struct vr_page *page;
	uint32_t page_size = vr_image_info(w->image)->page_size;

	/* Entries are 8-byte aligned, so that none crosses a page. */
	w->status = mem_status(vr_image_page(w->image, phys / page_size, &page));
	if (w->status != VR_MEM_OK)
		return VR_FAULT;
	memcpy(entry, page->data + phys % page_size, sizeof(*entry));
	return VR_OK;
}

static enum vr_mem_status translate(struct vr_aspace *as, uint64_t va, uint64_t *phys)
{
	struct table_walk w = {.image = as->image};
	uint64_t span;

	switch (as->arch->walk(&as->paging, read_entry, &w, va, phys, &span)) {
	case VR_OK:
		return VR_MEM_OK;
	case VR_FAULT:
		return w.status;
	default:
		return VR_MEM_UNMAPPED;
	}
}

enum vr_mem_status vr_aspace_translate(struct vr_aspace *as, uint64_t va, uint64_t *phys)
{
	enum vr_mem_status st = translate(as, va, phys);

	if (st != VR_MEM_OK)
		as->faults[st]++;
	return st;
}

enum vr_mem_status vr_aspace_peek_slow(struct vr_aspace *as, uint64_t va, const uint8_t **data)
{
	uint64_t va_page = va >> 12;
	struct vr_tlb_entry *e = &as->tlb[(va_page ^ (va_page >> 10)) % VR_TLB_SLOTS];
	uint32_t page_size = vr_image_info(as->image)->page_size;
	enum vr_mem_status st;
	struct vr_page *page;
	uint64_t phys;

	st = translate(as, va, &phys);
	if (st == VR_MEM_OK)
		st = mem_status(vr_image_page(as->image, phys / page_size, &page));
	if (st != VR_MEM_OK) {
		as->faults[st]++;
		return st;
	}
	e->va_page = va_page;
	e->page = page;
	e->generation = page->generation;
	/* The dump's pages may be larger than the 4 KiB that an entry stands for. */
	e->data = page->data + (phys % page_size & ~0xfffull);
	*data = e->data + (va & 0xfff);
	return VR_MEM_OK;
}

enum vr_mem_status vr_aspace_read(struct vr_aspace *as, uint64_t va, void *buf, size_t len,
				  uint64_t *bad)
{
	uint8_t *out = buf;

	while (len) {
		size_t n = 0x1000 - (va & 0xfff);
		const uint8_t *p;
		enum vr_mem_status st = vr_aspace_peek(as, va, &p);

		if (st != VR_MEM_OK) {
			if (bad)
				*bad = va;
			return st;
		}
		if (n > len)
			n = len;
		memcpy(out, p, n);
		out += n;
		va += n;
		len -= n;
	}
	return VR_MEM_OK;
}

const char *vr_mem_status_text(enum vr_mem_status status)
{
	switch (status) {
	case VR_MEM_OK:
		return "readable";
	case VR_MEM_UNMAPPED:
		return "not mapped";
	case VR_MEM_EXCLUDED:
		return "not in the dump";
	case VR_MEM_DAMAGED:
		return "damaged in the dump";
	}
	return "unreadable";
}
