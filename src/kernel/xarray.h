/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XArrays and what is built on them: radix trees and IDRs (include/linux/xarray.h, idr.h; one
 * structure since Linux 4.20).
 */
#ifndef KERNEL_XARRAY_H
#define KERNEL_XARRAY_H

#include <vmcore-report/object.h>

/** Levels of a tree over 64-bit indexes with four bits a level, the fewest there are. */
#define VR_XARRAY_DEPTH 17

/** A walk over the entries that are present, in the order of their indexes; bounded. */
struct vr_xarray_walk {
	uint64_t index;
	uint64_t entry; /* a pointer (vr_xa_is_value() false) or a value entry, as stored */
	/* To be set after vr_xarray_begin(): a node that can't be read costs what hangs from it (a
	 * cut), not the rest of the walk. */
	bool past_holes;
	/* private */
	struct vr_program *prog;
	uint64_t root, slots_offset, shift_offset, offset_offset, parent_offset, slot_count;
	uint64_t given, nodes;
	struct {
		uint64_t node, index;
		unsigned shift, slot;
	} path[VR_XARRAY_DEPTH];
	unsigned depth, chunk_shift;
	uint64_t single; /* the whole tree is one entry, at index 0 */
	bool done, loading;
};

/** Begin at a struct xarray (a struct radix_tree_root is the same). */
struct vr_xarray_walk vr_xarray_begin(struct vr_obj xarray);
/** Begin at a struct idr; indexes are the ids, idr_base included. */
struct vr_xarray_walk vr_idr_begin(struct vr_obj idr);
bool vr_xarray_next(struct vr_xarray_walk *walk);

/** The entry at one index, 0 where there is none (or latched). */
uint64_t vr_xarray_load(struct vr_obj xarray, uint64_t index);

/** Is an entry an integer (xa_mk_value()) and no pointer? Its value is entry >> 1. */
static inline bool vr_xa_is_value(uint64_t entry)
{
	return entry & 1;
}

#endif
