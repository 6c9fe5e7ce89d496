/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Caches of kernel objects, as SLUB keeps them (mm/slub.c). SLAB's and SLOB's are out of scope. */
#ifndef KERNEL_SLAB_H
#define KERNEL_SLAB_H

#include "kernel/list.h"

/** What a node has of a cache: struct kmem_cache_node. */
struct vr_slab_node {
	uint64_t slabs, objects, partial; /* partial: slabs on the node's list of those with room */
	uint64_t
		free; /* objects not in use in those; where the list is long, as the kernel guesses */
};

/** What a CPU has set aside of a cache. */
struct vr_slab_cpu {
	/* Until 7.0: the slab it allocates from, 0 where there is none, and those that come next. */
	uint64_t objects, in_use, partial;
	/* Since 6.18, in caches that have them: objects in sheaves. */
	uint64_t main, spare, rcu_free;
};

/** A struct kmem_cache. */
struct vr_slab_cache {
	struct vr_obj obj;
	char name[256];
	uint64_t size, object_size; /* bytes: from one object to the next; of its contents */
	uint64_t per_slab, order;   /* objects in a slab, which is 1 << order pages */
	uint64_t flags;
	struct vr_slab_node all; /* of all nodes */
};

/** Does the kernel count slabs (CONFIG_SLUB_DEBUG)? There is no /proc/slabinfo without. */
bool vr_slab_counted(struct vr_program *prog);
/** Caches in the order of /proc/slabinfo; entries are struct kmem_cache. */
struct vr_list_walk vr_slab_begin(struct vr_program *prog);
/** A cache and the sums of its nodes: get_slabinfo(). False: latched. */
bool vr_slab_read(struct vr_obj cache, struct vr_slab_cache *out);
/** What one node has; false where the cache has nothing there, or latched, as a broken list is. */
bool vr_slab_read_node(struct vr_obj cache, unsigned nid, struct vr_slab_node *out);
/** What one CPU has; false where that is nothing, or latched. */
bool vr_slab_read_cpu(struct vr_obj cache, unsigned cpu, struct vr_slab_cpu *out);
/**
 * Bytes of a cache's slabs. Slabs may be smaller than intended where memory was short: how many
 * follows from the numbers of slabs and objects.
 */
uint64_t vr_slab_bytes(const struct vr_slab_cache *cache);
/**
 * The flag of a bit, without "SLAB_": "HWCACHE_ALIGN"; from the kernel's own enum since 6.9. NULL
 * where it has no name.
 */
const char *vr_slab_flag_name(struct vr_program *prog, unsigned bit);

#endif
