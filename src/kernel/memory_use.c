// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/memory_use.h"

#include <inttypes.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/swap.h"
#include "kernel/vmstat.h"
#include "kernel/whole.h"
#include "kernel/zone.h"

#define MAX_SWAP_SPACES (1u << 20)

uint64_t vr_memory_reclaimable(struct vr_program *prog)
{
	return vr_node_stat(prog, "NR_SLAB_RECLAIMABLE_B");
}

uint64_t vr_memory_available(struct vr_program *prog)
{
	uint64_t low = 0, cache, slab;
	struct vr_zone_walk w = vr_zone_walk_begin(prog);
	int64_t pages;

	while (vr_zone_walk_next(&w))
		low += vr_zone_watermark(w.zone, "WMARK_LOW");
	cache = vr_node_stat(prog, "NR_ACTIVE_FILE") + vr_node_stat(prog, "NR_INACTIVE_FILE");
	slab = vr_memory_reclaimable(prog) + vr_node_stat(prog, "NR_KERNEL_MISC_RECLAIMABLE");
	pages = (int64_t)(vr_zone_stat(prog, "NR_FREE_PAGES") -
			  vr_u64(vr_kernel_global(prog, "totalreserve_pages"), "") + cache -
			  VR_MIN(cache / 2, low) + slab - VR_MIN(slab / 2, low));
	return pages < 0 ? 0 : (uint64_t)pages;
}

uint64_t vr_memory_buffers(struct vr_program *prog)
{
	struct vr_obj list =
		vr_get(vr_deref(vr_kernel_global(prog, "blockdev_superblock"), ""), "s_inodes");
	struct vr_list_walk w = vr_list_begin(list, "struct inode", "i_sb_list");
	struct vr_scope scope;
	uint64_t pages = 0;

	vr_scope_enter(prog, &scope);
	while (vr_list_next(&w))
		pages += vr_u64(w.entry, "i_mapping->nrpages");
	vr_scope_leave_whole(prog, &scope);
	return pages;
}

/* Since 5.12 a counter. */
uint64_t vr_memory_swap_cached(struct vr_program *prog)
{
	struct vr_obj counts, spaces;
	uint64_t pages = 0;

	if (vr_has_node_stat(prog, "NR_SWAPCACHE"))
		return vr_node_stat(prog, "NR_SWAPCACHE");
	if (!vr_has_symbol(prog, "swapper_spaces"))
		return 0;
	counts = vr_kernel_global(prog, "nr_swapper_spaces");
	spaces = vr_kernel_global(prog, "swapper_spaces");
	for (unsigned i = 0, n = vr_swap_count(prog); i < n && !vr_failed(prog); i++) {
		uint64_t count = vr_u64(counts, "");

		if (count > MAX_SWAP_SPACES)
			vr_latch(prog, VR_CORRUPT, "%" PRIu64 " spaces of a swap file", count);
		for (uint64_t j = 0; j < count && !vr_failed(prog); j++)
			pages += vr_u64(vr_index(spaces, j), "nrpages");
		counts.addr += 4;
		spaces.addr += 8;
	}
	return pages;
}

uint64_t vr_memory_cached(struct vr_program *prog, uint64_t buffers)
{
	int64_t pages = (int64_t)(vr_node_stat(prog, "NR_FILE_PAGES") -
				  vr_memory_swap_cached(prog) - buffers);

	return pages < 0 ? 0 : (uint64_t)pages;
}
