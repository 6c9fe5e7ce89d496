// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/rbtree.h"

#include "kernel/list.h"
#include "object/program.h"

static bool cut(struct vr_rbtree_walk *w, enum vr_err kind, const char *why, uint64_t addr)
{
	char name[64];

	w->done = true;
	vr_cut(w->prog, kind, "the tree of %s at 0x%llx: %s at 0x%llx",
	       vr_type_spell(w->type, name, sizeof(name)), (unsigned long long)w->root, why,
	       (unsigned long long)addr);
	return false;
}

/* Push node and everything to the left of it. */
static bool descend(struct vr_rbtree_walk *w, uint64_t node)
{
	while (node) {
		uint64_t bad = 0;
		enum vr_mem_status st;

		if (w->depth == VR_RBTREE_DEPTH)
			return cut(w, VR_CORRUPT, "deeper than a red-black tree can be", node);
		w->path[w->depth++] = node;
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
	w.done = !vr_ok(root) || vr_failed(root.prog);
	if (!w.done)
		descend(&w, node);
	return w;
}

bool vr_rbtree_next(struct vr_rbtree_walk *w)
{
	enum vr_mem_status st;
	uint64_t node, right, bad = 0;

	if (w->done || !w->depth || vr_failed(w->prog))
		return false;
	node = w->path[--w->depth];
	if (++w->given > VR_WALK_LIMIT)
		return cut(w, VR_LIMIT, "too many nodes", node);
	w->entry =
		(struct vr_obj){.prog = w->prog, .type = w->type, .addr = node - w->member_offset};
	st = vr_aspace_read64(w->prog->as, node + w->right_offset, &right, &bad);
	if (st != VR_MEM_OK) /* this node is still given; the walk ends behind it */
		cut(w, VR_FAULT, vr_mem_status_text(st), bad);
	else
		descend(w, right);
	return true;
}
