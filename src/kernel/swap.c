// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/swap.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/globals.h"

/* include/linux/swap.h: MAX_SWAPFILES is less, by as much as the configuration says. */
#define MAX_SWAPFILES 32
#define SWP_USED 1u
#define PAGE_KB 4
/* mm/swapfile.c since 6.13: set in inuse_pages while the area isn't for use. */
#define SWAP_USAGE_OFFLIST_BIT (1ull << 30)
/* include/uapi/linux/stat.h */
#define S_IFMT 0170000u
#define S_IFBLK 0060000u

bool vr_has_swap(struct vr_program *prog)
{
	uint64_t addr;

	return vr_try_symbol(prog, "swap_info", &addr) != VR_ABSENT;
}

unsigned vr_swap_count(struct vr_program *prog)
{
	uint64_t count = vr_u64(vr_kernel_global(prog, "nr_swapfiles"), "");

	if (count <= MAX_SWAPFILES)
		return (unsigned)count;
	vr_latch(prog, VR_CORRUPT, "%" PRIu64 " areas of swap", count);
	return 0;
}

struct vr_obj vr_swap_area(struct vr_program *prog, unsigned number)
{
	struct vr_obj slot = vr_kernel_global(prog, "swap_info");

	slot.addr += (uint64_t)number * 8;
	return vr_deref(slot, "");
}

bool vr_swap_used(struct vr_obj area)
{
	return (vr_u64(area, "flags") & SWP_USED) && vr_u64(area, "swap_map|cluster_info");
}

uint64_t vr_swap_used_pages(struct vr_obj area)
{
	if (vr_has(area, "inuse_pages.counter"))
		return vr_u64(area, "inuse_pages.counter") & ~SWAP_USAGE_OFFLIST_BIT;
	return vr_u64(area, "inuse_pages");
}

void vr_swap_read(struct vr_obj area, const struct vr_paths *paths, struct vr_swap *swap)
{
	struct vr_obj file = vr_deref(area, "swap_file");
	char buf[VR_PATH_SIZE];

	swap->size_kb = vr_u64(area, "pages") * PAGE_KB;
	swap->used_kb = vr_swap_used_pages(area) * PAGE_KB;
	swap->priority = vr_s64(area, "prio");
	swap->device = (vr_u64(file, "f_inode->i_mode") & S_IFMT) == S_IFBLK;
	snprintf(swap->path, sizeof(swap->path), "%s",
		 vr_d_path(paths, vr_path_get(file, "f_path"), buf));
}

void vr_swap_totals(struct vr_program *prog, uint64_t *total, uint64_t *free)
{
	uint64_t leaving = 0;

	*total = *free = 0;
	if (!vr_has_swap(prog))
		return;
	/* Areas on their way out are counted as far as they are in use. */
	for (unsigned i = 0, n = vr_swap_count(prog); i < n && !vr_failed(prog); i++) {
		struct vr_obj area = vr_swap_area(prog, i);
		uint64_t flags = vr_u64(area, "flags");

		if (flags & (uint64_t)vr_constant(prog, "SWP_USED") &&
		    !(flags & (uint64_t)vr_constant(prog, "SWP_WRITEOK")))
			leaving += vr_swap_used_pages(area);
	}
	*total = vr_u64(vr_kernel_global(prog, "total_swap_pages"), "") + leaving;
	*free = vr_u64(vr_kernel_global(prog, "nr_swap_pages"), "counter") + leaving;
}
