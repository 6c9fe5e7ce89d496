// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/rbtree.h"

#include "object/program.h"

/* Most wrong links to a parent that a walk passes. */
#define MAX_STRAYS 3

static bool cut(struct vr_rbtree_walk *w, enum vr_err kind, const char *why, uint64_t addr)
{
	char name[64];

	w->done = true;
	vr_cut(w->prog, kind, "the tree of %s at 0x%llx: %s at 0x%llx",
	       vr_type_spell(w->type, name, sizeof(name)), (unsigned long long)w->root, why,
	       (unsigned long long)addr);
	return false;
}

/*
 * Does node name parent as its own? A rotation under way leaves a few nodes that don't. Where there
 * are more the links are wrong, and may lead to the same nodes over and over.
 */
static bool check_parent(struct vr_rbtree_walk *w, uint64_t node, uint64_t parent)
{
	uint64_t word, bad = 0;
	enum vr_mem_status st;

	st = vr_aspace_read64(w->prog->as, node + w->parent_offset, &word, &bad);
	if (st != VR_MEM_OK)
		return cut(w, VR_FAULT, vr_mem_status_text(st), bad);
	/* The two low bits are the color and a spare one. */
	if ((word & ~3ull) != parent && ++w->strays > MAX_STRAYS)
		return cut(w, VR_CORRUPT, "links that do not lead back", node);
	return true;
}

/* Push node, a child of parent, and everything to the left of it. */
static bool descend(struct vr_rbtree_walk *w, uint64_t node, uint64_t parent)
{
	while (node) {
		uint64_t bad = 0;
		enum vr_mem_status st;

		if (w->depth == VR_RBTREE_DEPTH)
			return cut(w, VR_CORRUPT, "deeper than a red-black tree can be", node);
		if (!check_parent(w, node, parent))
			return false;
		w->path[w->depth++] = parent = node;
		st = vr_aspace_read64(w->prog->as, node + w->left_offset, &node, &bad);
		if (st != VR_MEM_OK)
			return cut(w, VR_FAULT, vr_mem_status_text(st), bad);
	}
	return true;
}

struct vr_rbtree_walk vr_rbtree_begin(struct vr_obj root, const char *type, const char *member)
{
	struct vr_rbtree_walk w = {.prog = root.prog, .root = root.addr};
	uint64_t node = vr_u64(root, "rb_node");

	w.type = vr_at(root.prog, type, 0).type;
	w.member_offset = vr_offsetof(root.prog, type, member);
	w.left_offset = vr_offsetof(root.prog, "struct rb_node", "rb_left");
	w.right_offset = vr_offsetof(root.prog, "struct rb_node", "rb_right");
	w.parent_offset = vr_offsetof(root.prog, "struct rb_node", "__rb_parent_color");
	w.done = !vr_ok(root) || vr_failed(root.prog);
	if (!w.done)
		descend(&w, node, 0);
	return w;
}

bool vr_rbtree_next(struct vr_rbtree_walk *w)
{
	enum vr_mem_status st;
	uint64_t node, left, right, bad = 0;

	if (w->done || !w->depth || vr_failed(w->prog))
		return false;
	node = w->path[--w->depth];
	if (vr_cycle_seen(&w->cycle, node))
		return cut(w, VR_CORRUPT, "a node met twice", node);
	if (w->cycle.count > VR_WALK_LIMIT)
		return cut(w, VR_LIMIT, "too many nodes", node);
	w->entry =
		(struct vr_obj){.prog = w->prog, .type = w->type, .addr = node - w->member_offset};
	st = vr_aspace_read64(w->prog->as, node + w->right_offset, &right, &bad);
	if (st == VR_MEM_OK)
		st = vr_aspace_read64(w->prog->as, node + w->left_offset, &left, &bad);
	if (st != VR_MEM_OK) /* this node is still given; the walk ends behind it */
		cut(w, VR_FAULT, vr_mem_status_text(st), bad);
	else if (right && right == left)
		cut(w, VR_CORRUPT, "a child on both sides", node);
	else
		descend(w, right, node);
	return true;
}
