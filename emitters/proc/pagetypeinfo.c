// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/pagetypeinfo: free blocks and page blocks by what may be there (mm/vmstat.c). */
#include <inttypes.h>
#include <string.h>

#include "kernel/globals.h"
#include "kernel/hugetlb.h"
#include "kernel/list.h"
#include "kernel/page.h"
#include "kernel/whole.h"
#include "kernel/zone.h"
#include "plugin/emitter.h"

#define MAX_TYPES 8
#define MAX_FREE 100000     /* pagetypeinfo_showfree_print() counts no further */
#define BLOCK_ORDER 9       /* HUGETLB_PAGE_ORDER */
#define SECTION_PAGES 32768 /* 1 << PFN_SECTION_SHIFT (arch/x86/include/asm/sparsemem.h) */
#define SECTION_ONLINE 4    /* SECTION_IS_ONLINE of include/linux/mmzone.h */
#define SUBSECTION_PAGES 512
#define MAX_SECTIONS (1ull << 25)

struct print {
	struct vr_file *f;
	struct vr_program *prog;
	unsigned types;
	struct vr_page_layout layout;
	struct vr_obj sections;        /* mem_section */
	uint64_t per_root, block_bits; /* SECTIONS_PER_ROOT, NR_PAGEBLOCK_BITS */
	int64_t isolated, isolate_bit; /* MIGRATE_ISOLATE; PB_migrate_isolate, -1: there is none */
};

static char *type_name(const struct print *p, unsigned type, char buf[32])
{
	struct vr_obj name = vr_kernel_global(p->prog, "migratetype_names");

	name.addr += 8ull * type;
	return vr_str(name, "", buf, 32);
}

static void print_free_row(const struct print *p, struct vr_obj areas, unsigned type)
{
	uint64_t orders = vr_type_length(areas.type);

	for (uint64_t order = 0; order < orders; order++) {
		struct vr_obj lists = vr_get(vr_index(areas, order), "free_list");
		struct vr_list_walk w = vr_list_begin(vr_index(lists, type), "struct page", "lru");
		struct vr_scope scope;
		unsigned count = 0;

		vr_scope_enter(p->prog, &scope);
		while (count < MAX_FREE && vr_list_next(&w))
			count++;
		if (!vr_scope_leave_whole(p->prog, &scope))
			return;
		vr_printf(p->f, "%s%6u ", count == MAX_FREE ? ">" : "", count);
	}
}

static void print_free(const struct print *p, struct vr_zone_walk w)
{
	uint64_t orders =
		vr_type_length(vr_get(vr_at(p->prog, "struct zone", 0), "free_area").type);
	char zone[16], type[32];

	vr_printf(p->f, "%-43s ", "Free pages count per migrate type at order");
	for (uint64_t i = 0; i < orders; i++)
		vr_printf(p->f, "%6d ", (int)i);
	vr_puts(p->f, "\n");
	while (vr_zone_walk_zone(&w)) {
		if (!vr_zone_populated(w.zone))
			continue;
		for (unsigned i = 0; i < p->types; i++) {
			vr_row_begin(p->f);
			vr_printf(p->f, "Node %4d, zone %8s, type %12s ",
				  (int)vr_s64(w.node, "node_id"), vr_zone_name(w.zone, zone),
				  type_name(p, i, type));
			print_free_row(p, vr_get(w.zone, "free_area"), i);
			vr_puts(p->f, "\n");
			vr_row_end(p->f);
		}
	}
}

/* The usage of the memory section that a page frame is in; no object where it is offline. */
static struct vr_obj online_section(const struct print *p, uint64_t pfn)
{
	uint64_t nr = pfn / SECTION_PAGES;
	struct vr_obj root = p->sections, section, none = {.prog = p->prog};
	uint64_t address;

	root.addr = vr_u64(root, "") + 8 * (nr / p->per_root);
	address = vr_u64(vr_at(p->prog, "unsigned long", root.addr), "");
	if (!address || vr_failed(p->prog))
		return none;
	section = vr_at(p->prog, "struct mem_section",
			address + nr % p->per_root * vr_sizeof(p->prog, "struct mem_section"));
	if (!(vr_u64(section, "section_mem_map") & SECTION_ONLINE))
		return none;
	return vr_deref(section, "usage");
}

/* pfn_section_valid(): is there memory in that part of the section? */
static bool is_valid(struct vr_obj usage, uint64_t pfn)
{
	uint64_t part = pfn % SECTION_PAGES / SUBSECTION_PAGES;

	if (!vr_has(usage, "subsection_map"))
		return true;
	return vr_u64(vr_index(vr_get(usage, "subsection_map"), part / 64), "") >> (part % 64) & 1;
}

/* get_pageblock_migratetype() */
static int64_t block_type(const struct print *p, struct vr_obj usage, uint64_t pfn)
{
	uint64_t bit = (pfn % SECTION_PAGES >> BLOCK_ORDER) * p->block_bits;
	uint64_t flags =
		vr_u64(vr_index(vr_get(usage, "pageblock_flags"), bit / 64), "") >> (bit % 64);

	if (p->isolate_bit >= 0 && flags >> p->isolate_bit & 1)
		return p->isolated;
	return (int64_t)(flags & 7);
}

/* One page block's part of the counts. */
static void count_block(const struct print *p, struct vr_obj usage, uint64_t pfn,
			const struct vr_zone_walk *w, uint64_t counts[MAX_TYPES])
{
	struct vr_error err;
	uint64_t flags;
	int64_t type;

	if (!is_valid(usage, pfn))
		return;
	if (vr_read(p->prog, vr_page_of(&p->layout, pfn) + p->layout.flags_offset, &flags,
		    sizeof(flags), &err) != VR_OK) {
		vr_latch(p->prog, err.kind, "%s", err.text);
		return;
	}
	if (vr_page_node(&p->layout, flags) != w->nid ||
	    vr_page_zone(&p->layout, flags) != w->index)
		return;
	type = block_type(p, usage, pfn);
	if (type < p->types)
		counts[type]++;
}

/* pagetypeinfo_showblockcount_print(): it looks at a page in each block from the zone's first on. */
static void count_blocks(const struct print *p, const struct vr_zone_walk *w,
			 uint64_t counts[MAX_TYPES])
{
	uint64_t pfn = vr_u64(w->zone, "zone_start_pfn");
	uint64_t pages = vr_u64(w->zone, "spanned_pages"), end = pfn + pages;

	if (pages > MAX_SECTIONS * SECTION_PAGES || pfn > MAX_SECTIONS * SECTION_PAGES) {
		vr_latch(p->prog, VR_CORRUPT, "a zone of %" PRIu64 " pages", pages);
		return;
	}
	while (pfn < end && !vr_failed(p->prog)) {
		struct vr_obj usage = online_section(p, pfn);
		uint64_t next = (pfn / SECTION_PAGES + 1) * SECTION_PAGES;

		for (; pfn < next && pfn < end; pfn += 1u << BLOCK_ORDER)
			if (vr_ok(usage) && !vr_failed(p->prog))
				count_block(p, usage, pfn, w, counts);
	}
}

static void print_blocks(const struct print *p, struct vr_zone_walk w)
{
	char zone[16], type[32];

	vr_printf(p->f, "\n%-23s", "Number of blocks type ");
	for (unsigned i = 0; i < p->types; i++)
		vr_printf(p->f, "%12s ", type_name(p, i, type));
	vr_puts(p->f, "\n");
	while (vr_zone_walk_zone(&w)) {
		uint64_t counts[MAX_TYPES] = {0};

		if (!vr_zone_populated(w.zone))
			continue;
		vr_row_begin(p->f);
		vr_printf(p->f, "Node %d, zone %8s ", (int)vr_s64(w.node, "node_id"),
			  vr_zone_name(w.zone, zone));
		count_blocks(p, &w, counts);
		for (unsigned i = 0; i < p->types; i++)
			vr_printf(p->f, "%12" PRIu64 " ", counts[i]);
		vr_puts(p->f, "\n");
		vr_row_end(p->f);
	}
}

static bool prepare(struct print *p)
{
	int64_t types = vr_constant(p->prog, "MIGRATE_TYPES"), bits;
	uint64_t size = vr_sizeof(p->prog, "struct mem_section");

	if (types < 1 || types > MAX_TYPES || !size || size > 4096)
		vr_latch(p->prog, VR_CORRUPT, "%lld migrate types", (long long)types);
	/* Where huge pages are not configured blocks are of another size, which nothing tells. */
	if (!vr_has_hugetlb(p->prog) || vr_has_symbol(p->prog, "page_owner_inited"))
		vr_latch(p->prog, VR_UNSUPPORTED,
			 "blocks of pages without CONFIG_HUGETLB_PAGE, "
			 "or with CONFIG_PAGE_OWNER");
	p->types = (unsigned)types;
	p->sections = vr_kernel_global(p->prog, "mem_section");
	p->per_root = size ? 4096 / size : 1;
	/* Four bits a block; eight where isolation has one of its own. */
	p->block_bits = 4;
	p->isolate_bit = -1;
	if (vr_enum_value(p->prog, NULL, "__NR_PAGEBLOCK_BITS", &bits) == VR_OK && bits > 4)
		p->block_bits = 8;
	if (vr_enum_value(p->prog, NULL, "PB_migrate_isolate", &bits) == VR_OK && bits < 8) {
		p->isolate_bit = bits;
		p->isolated = vr_constant(p->prog, "MIGRATE_ISOLATE");
	}
	return vr_page_layout(p->prog, &p->layout) && !vr_failed(p->prog);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct print p = {.f = f, .prog = key->prog};
	struct vr_zone_walk w = vr_zone_walk_begin(key->prog);
	struct vr_nodemask memory;

	if (!prepare(&p) || !vr_nodemask_read(key->prog, "N_MEMORY", &memory))
		return;
	while (vr_zone_walk_node(&w)) {
		if (!vr_nodemask_test(&memory, w.nid))
			continue;
		vr_printf(f, "Page block order: %d\n", BLOCK_ORDER);
		vr_printf(f, "Pages per block:  %d\n\n", 1 << BLOCK_ORDER);
		print_free(&p, w);
		print_blocks(&p, w);
	}
}

VR_EMITTER(.path = "proc/pagetypeinfo", .source = "zone.free_area, mem_section, migratetype_names",
	   .emit = emit)
