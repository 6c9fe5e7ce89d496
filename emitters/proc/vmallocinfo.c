// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/vmallocinfo (vmalloc_info_show(), before 6.9 s_show(), in mm/vmalloc.c). */
#include <inttypes.h>
#include <string.h>

#include "kernel/page.h"
#include "kernel/pointer.h"
#include "kernel/vmalloc.h"
#include "kernel/zone.h"
#include "plugin/emitter.h"

/* include/linux/vmalloc.h */
#define VM_UNINITIALIZED 0x20u
#define VMAP_RAM 0x1u
/* Of one area: 1 TiB. */
#define MAX_PAGES (1ull << 28)
#define MAX_ORDER 18

static const struct {
	uint64_t flag;
	const char *text;
} flag_names[] = {
	{0x1, " ioremap"}, {0x1000, " sparse"}, {0x2, " vmalloc"},
	{0x4, " vmap"},    {0x8, " user"},      {0x10, " dma-coherent"},
};

struct print {
	struct vr_file *f;
	struct vr_program *prog;
	struct vr_pointer_style style;
	bool numa, by_node; /* CONFIG_NUMA; since 6.9 */
	struct vr_nodemask nodes;
	struct vr_page_layout layout;
};

static void print_range(const struct print *p, uint64_t start, uint64_t end, int64_t size)
{
	vr_printf(p->f, "0x%016" PRIx64 "-0x%016" PRIx64 " %7" PRId64,
		  vr_pointer_show(&p->style, start), vr_pointer_show(&p->style, end), size);
}

static void print_area(const struct print *p, struct vr_obj area, const char *what)
{
	uint64_t start = vr_u64(area, "va_start"), end = vr_u64(area, "va_end");

	print_range(p, start, end, (int64_t)(end - start));
	vr_printf(p->f, " %s\n", what);
}

/* How many of an area's pages each node has: page_to_nid() of one page in step. */
static bool count_nodes(const struct print *p, struct vr_obj vm, uint64_t step, uint64_t *counts)
{
	uint64_t pages = vr_u64(vm, "nr_pages"), array;

	if (p->nodes.nr == 1) {
		counts[0] = (pages + step - 1) / step * step;
		return true;
	}
	array = vr_u64(vm, "pages");
	if (pages > MAX_PAGES)
		vr_latch(p->prog, VR_LIMIT, "an area of %" PRIu64 " pages", pages);
	for (uint64_t i = 0; i < pages && !vr_failed(p->prog); i += step) {
		struct vr_error err;
		uint64_t page, flags;
		unsigned node;

		if (vr_read(p->prog, array + i * 8, &page, sizeof(page), &err) != VR_OK ||
		    vr_read(p->prog, page + p->layout.flags_offset, &flags, 8, &err) != VR_OK) {
			vr_latch(p->prog, err.kind, "%s", err.text);
			return false;
		}
		node = vr_page_node(&p->layout, flags);
		if (node >= p->nodes.nr) {
			vr_latch(p->prog, VR_CORRUPT, "a page of node %u", node);
			return false;
		}
		counts[node] += step;
	}
	return true;
}

static void print_nodes(const struct print *p, struct vr_obj vm)
{
	uint64_t order = vr_has(vm, "page_order") ? vr_u64(vm, "page_order") : 0;
	uint64_t counts[VR_MAX_NODES];

	if (order > MAX_ORDER)
		vr_latch(p->prog, VR_CORRUPT, "an area of pages of order %" PRIu64, order);
	memset(counts, 0, p->nodes.nr * sizeof(counts[0]));
	if (vr_failed(p->prog) || !count_nodes(p, vm, 1ull << order, counts))
		return;
	for (unsigned i = 0; i < p->nodes.nr; i++)
		if (vr_nodemask_test(&p->nodes, i) && counts[i])
			vr_printf(p->f, " N%u=%" PRIu64, i, counts[i]);
}

static void print_vm(const struct print *p, struct vr_obj vm)
{
	uint64_t start = vr_u64(vm, "addr"), size = vr_u64(vm, "size"), flags = vr_u64(vm, "flags");
	uint64_t caller = vr_u64(vm, "caller"), pages = vr_u64(vm, "nr_pages");
	uint64_t phys = vr_u64(vm, "phys_addr");
	char symbol[640];

	print_range(p, start, start + size, (int64_t)size);
	if (caller)
		vr_printf(p->f, " %s", vr_symbolize(p->prog, caller, symbol, sizeof(symbol)));
	if (pages)
		vr_printf(p->f, " pages=%" PRIu64, pages);
	if (phys)
		vr_printf(p->f, " phys=0x%016" PRIx64, phys);
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (flags & flag_names[i].flag)
			vr_puts(p->f, flag_names[i].text);
	if (vr_is_vmalloc(p->prog, vr_u64(vm, "pages")))
		vr_puts(p->f, " vpages");
	if (p->numa && !(flags & VM_UNINITIALIZED))
		print_nodes(p, vm);
	vr_puts(p->f, "\n");
}

/* True where the area is one without a struct vm_struct. */
static bool print_one(const struct print *p, struct vr_obj area)
{
	if (!vr_u64(area, "vm")) {
		if (!p->by_node || vr_u64(area, "flags") & VMAP_RAM)
			print_area(p, area, "vm_map_ram");
		return true;
	}
	/* Since 6.9 an area that is only being made is left out. */
	if (!p->by_node || !(vr_u64(area, "vm->flags") & VM_UNINITIALIZED))
		print_vm(p, vr_deref(area, "vm"));
	return false;
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct print p = {.f = f, .prog = key->prog};
	struct vr_vmap_walk w;
	bool bare = false, any = false;

	p.numa = vr_has_symbol(p.prog, "node_data");
	p.by_node = vr_has_symbol(p.prog, "vmap_nodes");
	/* N_HIGH_MEMORY is that on machines of 64 bits. */
	vr_nodemask_read(p.prog, "N_NORMAL_MEMORY", &p.nodes);
	if (p.nodes.nr > 1)
		vr_page_layout(p.prog, &p.layout);
	if (!vr_pointer_style(p.prog, &p.style))
		return;
	w = vr_vmap_begin(p.prog);
	while (vr_vmap_next(&w)) {
		any = true;
		vr_row_begin(f);
		bare = print_one(&p, w.area);
		vr_row_end(f);
	}
	/* Before 6.9 they follow the last area, until 5.13 unless that is a vm_map_ram() one. */
	if (!p.by_node && (!any || (bare && vr_has_symbol(p.prog, "vmap_purge_list"))))
		return;
	w = vr_vmap_begin_purge(p.prog);
	while (vr_vmap_next(&w)) {
		vr_row_begin(f);
		print_area(&p, w.area, "unpurged vm_area");
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/vmallocinfo", .source = "vmap_area_list|vmap_nodes, ptr_key", .emit = emit)
