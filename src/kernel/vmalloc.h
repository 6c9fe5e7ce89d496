/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Areas of virtually contiguous memory (mm/vmalloc.c). */
#ifndef KERNEL_VMALLOC_H
#define KERNEL_VMALLOC_H

#include "kernel/list.h"

/**
 * All areas, in the kernel's own order: by address (vmap_area_list), or since 6.9 node by node
 * (vmap_nodes). Bounded; what it cuts short is recorded.
 */
struct vr_vmap_walk {
	struct vr_obj area; /* the current struct vmap_area */
	/* private */
	struct vr_program *prog;
	struct vr_obj nodes;
	struct vr_list_walk list;
	struct vr_obj link;  /* of vmap_purge_list: the next one */
	const char *head;    /* of a struct vmap_node: which of its lists */
	unsigned node, left; /* nodes to come */
	unsigned linked;     /* given of vmap_purge_list */
	bool is_linked;
};

/** Areas in use. */
struct vr_vmap_walk vr_vmap_begin(struct vr_program *prog);
/** Areas given back that are still mapped. */
struct vr_vmap_walk vr_vmap_begin_purge(struct vr_program *prog);
bool vr_vmap_next(struct vr_vmap_walk *walk);

/** Bytes of the kernel's vmalloc range: VMALLOC_END + 1 - VMALLOC_START. */
uint64_t vr_vmalloc_size(struct vr_program *prog);
/** Is an address in the kernel's vmalloc range? is_vmalloc_addr() */
bool vr_is_vmalloc(struct vr_program *prog, uint64_t addr);

#endif
