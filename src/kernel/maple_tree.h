/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maple trees (include/linux/maple_tree.h, since Linux 6.1): ranges of indexes, each with a
 * pointer.
 */
#ifndef KERNEL_MAPLE_TREE_H
#define KERNEL_MAPLE_TREE_H

#include <vmcore-report/object.h>

/** lib/maple_tree.c: MAPLE_HEIGHT_MAX. */
#define VR_MAPLE_DEPTH 31

/**
 * A walk over the ranges that have an entry, in order; bounded. A node that the dump doesn't hold,
 * or that can't be right, costs its own range: it is recorded (vr_cut()) and the walk goes on.
 */
struct vr_maple_walk {
	uint64_t first, last; /* the indexes of the current entry, both included */
	uint64_t entry;       /* a pointer or a value entry (kernel/xarray.h), as stored */
	/* private */
	struct vr_program *prog;
	uint64_t root, single;
	struct vr_maple_kind {
		int64_t type; /* enum maple_type */
		bool leaf;
		unsigned slots, pivots;
		uint64_t slot_offset, pivot_offset;
	} kinds[3];
	uint64_t parent_offset;
	struct {
		const struct vr_maple_kind *kind;
		uint64_t node, min, max;
		unsigned slot;
	} path[VR_MAPLE_DEPTH];
	unsigned depth, kind_count;
	uint64_t nodes;
	bool done;
};

/** Begin at a struct maple_tree. The walk points into itself: pass its address on, don't copy it.
 */
void vr_maple_begin(struct vr_obj tree, struct vr_maple_walk *walk);
bool vr_maple_next(struct vr_maple_walk *walk);

#endif
