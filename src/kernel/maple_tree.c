// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/maple_tree.h"

#include "base/bits.h"
#include "kernel/list.h"
#include "object/program.h"

/* lib/maple_tree.c: nodes lie at multiples of 256; a pointer to one says its type in bits 3 to 6.
 */
#define NODE_MASK (~0xffull)
#define TYPE_SHIFT 3
#define TYPE_MASK 15
/* The root's parent is the tree, and marked so. */
#define ROOT_PARENT 1

/* As in xarray.c: entries that are neither pointers nor values. */
static bool is_internal(uint64_t entry)
{
	return (entry & 3) == 2;
}

static void note(struct vr_maple_walk *w, enum vr_err kind, const char *why, uint64_t addr)
{
	vr_cut(w->prog, kind, "the maple tree at 0x%llx: %s at 0x%llx", (unsigned long long)w->root,
	       why, (unsigned long long)addr);
}

static bool read64(struct vr_maple_walk *w, uint64_t addr, uint64_t *value)
{
	uint64_t bad = 0;
	enum vr_mem_status st = vr_aspace_read64(w->prog->as, addr, value, &bad);

	if (st != VR_MEM_OK)
		note(w, VR_FAULT, vr_mem_status_text(st), bad);
	return st == VR_MEM_OK;
}

static void add_kind(struct vr_maple_walk *w, const char *type_name, const char *struct_name,
		     bool leaf)
{
	struct vr_program *prog = w->prog;
	struct vr_obj node = vr_at(prog, struct_name, 0);
	struct vr_obj slots = vr_get(node, "slot"), pivots = vr_get(node, "pivot");

	if (vr_failed(prog))
		return;
	w->kinds[w->kind_count++] = (struct vr_maple_kind){
		.type = vr_constant(prog, type_name),
		.leaf = leaf,
		.slots = (unsigned)VR_MIN(vr_type_length(vr_type_strip(slots.type)), 256ull),
		.pivots = (unsigned)VR_MIN(vr_type_length(vr_type_strip(pivots.type)), 256ull),
		.slot_offset = slots.addr,
		.pivot_offset = pivots.addr,
	};
}

/* Go down to the node that entry, found in a slot of the node at hand, points to. */
static bool push(struct vr_maple_walk *w, uint64_t entry, uint64_t min, uint64_t max)
{
	uint64_t node = entry & NODE_MASK, parent;
	const struct vr_maple_kind *kind = NULL;

	for (unsigned i = 0; i < w->kind_count; i++)
		if ((uint64_t)w->kinds[i].type == (entry >> TYPE_SHIFT & TYPE_MASK))
			kind = &w->kinds[i];
	if (!kind || !node) {
		note(w, VR_CORRUPT, "no node of a type that there is", entry);
		return false;
	}
	if (w->depth == VR_MAPLE_DEPTH) {
		note(w, VR_CORRUPT, "deeper than a maple tree can be", node);
		return false;
	}
	if (++w->nodes > VR_WALK_LIMIT) {
		w->done = true;
		note(w, VR_LIMIT, "too many nodes", node);
		return false;
	}
	/* A node knows where it hangs, so that none is met twice. */
	if (!read64(w, node + w->parent_offset, &parent))
		return false;
	if (w->depth ? (parent & NODE_MASK) != w->path[w->depth - 1].node
		     : !(parent & ROOT_PARENT)) {
		note(w, VR_CORRUPT, "a node that hangs elsewhere", node);
		return false;
	}
	w->path[w->depth].kind = kind;
	w->path[w->depth].node = node;
	w->path[w->depth].min = min;
	w->path[w->depth].max = max;
	w->path[w->depth++].slot = 0;
	return true;
}

void vr_maple_begin(struct vr_obj tree, struct vr_maple_walk *w)
{
	uint64_t root;

	*w = (struct vr_maple_walk){.prog = tree.prog, .root = tree.addr};
	root = vr_u64(tree, "ma_root");
	w->parent_offset = vr_offsetof(tree.prog, "struct maple_node", "parent");
	add_kind(w, "maple_leaf_64", "struct maple_range_64", true);
	add_kind(w, "maple_range_64", "struct maple_range_64", false);
	add_kind(w, "maple_arange_64", "struct maple_arange_64", false);
	w->done = vr_failed(tree.prog);
	if (w->done)
		return;
	if (is_internal(root) && root > 4096)
		push(w, root, 0, UINT64_MAX);
	else if (!is_internal(root))
		w->single = root;
}

/*
 * The last index of a slot: its pivot, or the node's end behind the last pivot. A pivot of 0 is one
 * that isn't in use, unless it is the first (lib/maple_tree.c:mas_logical_pivot()).
 */
static bool slot_end(struct vr_maple_walk *w, unsigned slot, uint64_t *end)
{
	const __typeof__(w->path[0]) *top = &w->path[w->depth - 1];

	*end = top->max;
	if (slot >= top->kind->pivots)
		return true;
	if (!read64(w, top->node + top->kind->pivot_offset + 8ull * slot, end))
		return false;
	if (!*end && slot)
		*end = top->max;
	if (*end >= top->min && *end <= top->max)
		return true;
	note(w, VR_CORRUPT, "a pivot out of order", top->node);
	return false;
}

/* One slot of the node at hand; true where it has an entry of the tree. */
static bool step(struct vr_maple_walk *w)
{
	__typeof__(w->path[0]) *top = &w->path[w->depth - 1];
	unsigned slot = top->slot++;
	uint64_t first = top->min, last, entry;

	if (slot >= top->kind->slots || !slot_end(w, slot, &last) ||
	    !read64(w, top->node + top->kind->slot_offset + 8ull * slot, &entry)) {
		w->depth--;
		return false;
	}
	/* What is left of the node, which ends with its maximum. */
	top->min = last + 1;
	if (last == top->max)
		top->slot = top->kind->slots;
	if (!top->kind->leaf) {
		push(w, entry, first, last);
		return false;
	}
	if (!entry || is_internal(entry))
		return false;
	w->first = first;
	w->last = last;
	w->entry = entry;
	return true;
}

bool vr_maple_next(struct vr_maple_walk *w)
{
	if (w->done || vr_failed(w->prog))
		return false;
	if (w->single) {
		/* One entry for index 0 is kept without a node. */
		w->first = w->last = 0;
		w->entry = w->single;
		w->done = true;
		return true;
	}
	while (w->depth && !w->done)
		if (step(w))
			return true;
	w->done = true;
	return false;
}
