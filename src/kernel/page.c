// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/page.h"

#include <stdlib.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "object/program.h"

/* NODES_SHIFT, by the size of the kernel's node masks or, where that is one word, VMCOREINFO. */
static unsigned node_bits(struct vr_program *prog)
{
	uint64_t nodes = vr_sizeof(prog, "nodemask_t") * 8;
	const char *fact;

	if (!vr_has_symbol(prog, "node_data"))
		return 0;
	if (nodes <= 64) {
		fact = prog->fact ? prog->fact(prog->fact_arg, "LENGTH(node_data)") : NULL;
		nodes = fact ? strtoull(fact, NULL, 10) : 0;
	}
	if (!nodes || nodes > 1u << 16 || nodes & (nodes - 1) ||
	    vr_has_symbol(prog, "section_to_node_table")) {
		vr_latch(prog, VR_UNSUPPORTED, "nothing says where struct page has its node");
		return 0;
	}
	return (unsigned)__builtin_ctzll(nodes);
}

/* ZONES_SHIFT of include/linux/page-flags-layout.h */
static unsigned zone_bits(struct vr_program *prog)
{
	int64_t zones = vr_constant(prog, "__MAX_NR_ZONES");
	unsigned bits = 0;

	while (bits < 3 && 1 << bits < zones)
		bits++;
	return bits;
}

bool vr_page_layout(struct vr_program *prog, struct vr_page_layout *layout)
{
	bool five = prog->as->paging.levels == 5;

	*layout = (struct vr_page_layout){
		.prog = prog,
		.flags_offset = vr_offsetof(prog, "struct page", "flags"),
		.page_size = vr_sizeof(prog, "struct page"),
		/* __VMEMMAP_BASE_L4, _L5 of arch/x86/include/asm/pgtable_64_types.h */
		.vmemmap = five ? 0xffd4000000000000ull : 0xffffea0000000000ull,
		.node_bits = node_bits(prog),
		.zone_bits = zone_bits(prog),
	};
	layout->node_shift = 64 - layout->node_bits;
	layout->zone_shift = layout->node_shift - layout->zone_bits;
	if (vr_has_symbol(prog, "vmemmap_base"))
		layout->vmemmap = vr_u64(vr_kernel_global(prog, "vmemmap_base"), "");
	return !vr_failed(prog);
}

bool vr_page_flags(const struct vr_page_layout *layout, uint64_t page, uint64_t *flags)
{
	struct vr_program *prog = layout->prog;

	return vr_aspace_read64(prog->as, page + layout->flags_offset, flags, NULL) == VR_MEM_OK;
}

unsigned vr_page_node(const struct vr_page_layout *layout, uint64_t flags)
{
	/* No bits: a shift by 64 would be undefined. */
	return layout->node_bits ? (unsigned)(flags >> layout->node_shift) : 0;
}

unsigned vr_page_zone(const struct vr_page_layout *layout, uint64_t flags)
{
	if (!layout->zone_bits)
		return 0;
	return (unsigned)(flags >> layout->zone_shift) & ((1u << layout->zone_bits) - 1);
}

uint64_t vr_page_of(const struct vr_page_layout *layout, uint64_t pfn)
{
	return layout->vmemmap + pfn * layout->page_size;
}
