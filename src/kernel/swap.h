/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Areas of swap, as /proc/swaps tells of them (mm/swapfile.c). */
#ifndef KERNEL_SWAP_H
#define KERNEL_SWAP_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/path.h"

/** One area. */
struct vr_swap {
	char path[VR_PATH_SIZE]; /* bytes as in the dump */
	bool device;             /* a partition, else a file */
	uint64_t size_kb, used_kb;
	int64_t priority;
};

/** Was the kernel built with swap? */
bool vr_has_swap(struct vr_program *prog);
/** How many entries swap_info has, of which some may be unused. 0 and latched where that can't be. */
unsigned vr_swap_count(struct vr_program *prog);
/** The entry of that number, a struct swap_info_struct; !vr_ok(): latched. */
struct vr_obj vr_swap_area(struct vr_program *prog, unsigned number);
/** Is the area one that /proc/swaps lists (swap_start())? Latches. */
bool vr_swap_used(struct vr_obj area);
/** Pages in use: swap_usage_in_pages(). Latches. */
uint64_t vr_swap_used_pages(struct vr_obj area);
/** All that is told of a listed area. Latches. */
void vr_swap_read(struct vr_obj area, const struct vr_paths *paths, struct vr_swap *swap);
/** Pages of all areas and those free: si_swapinfo(). 0 without swap. Latches. */
void vr_swap_totals(struct vr_program *prog, uint64_t *total, uint64_t *free);

#endif
