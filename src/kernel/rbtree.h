/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Red-black trees in order (include/linux/rbtree.h). */
#ifndef KERNEL_RBTREE_H
#define KERNEL_RBTREE_H

#include "kernel/list.h"

/** A red-black tree of 2^32 nodes is at most 66 levels deep. */
#define VR_RBTREE_DEPTH 72

/** A walk over the nodes of a tree, leftmost first; bounded, what it cuts short is recorded. */
struct vr_rbtree_walk {
	struct vr_obj entry; /* the current one */
	/* private */
	struct vr_program *prog;
	const struct vr_type *type;
	uint64_t member_offset, left_offset, right_offset, parent_offset, root;
	uint64_t path[VR_RBTREE_DEPTH]; /* nodes whose left side is done with or under way */
	struct vr_cycle_check cycle;
	unsigned depth, strays;
	bool done;
};

/** Walk the tree whose root (a struct rb_root) is given; entries embed a struct rb_node as member.
 */
struct vr_rbtree_walk vr_rbtree_begin(struct vr_obj root, const char *type, const char *member);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_rbtree_next(struct vr_rbtree_walk *walk);

#endif
