/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's memory in figures, as /proc/meminfo has them (fs/proc/meminfo.c, mm/show_mem.c). */
#ifndef KERNEL_MEMORY_USE_H
#define KERNEL_MEMORY_USE_H

#include <stdint.h>

#include <vmcore-report/object.h>

/* Pages; failures latch. */

/** MemAvailable: si_mem_available(). */
uint64_t vr_memory_available(struct vr_program *prog);
/** Buffers: what block devices have in the page cache, nr_blockdev_pages(). */
uint64_t vr_memory_buffers(struct vr_program *prog);
/** SwapCached: what is both in memory and in swap, total_swapcache_pages(). */
uint64_t vr_memory_swap_cached(struct vr_program *prog);
/** Cached: the page cache without the two, of which the caller knows the first. */
uint64_t vr_memory_cached(struct vr_program *prog, uint64_t buffers);
/** SReclaimable: slabs that can be given back. */
uint64_t vr_memory_reclaimable(struct vr_program *prog);

#endif
