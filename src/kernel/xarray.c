// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/xarray.h"

#include "kernel/list.h"
#include "object/program.h"

/* Entries that are pointers to nodes have 2 in their low bits; small ones of those are markers. */
static bool is_internal(uint64_t entry)
{
	return (entry & 3) == 2;
}

static bool is_node(uint64_t entry)
{
	return is_internal(entry) && entry > 4096;
}

/* A walk is cut short; a load fails. */
static bool stop(struct vr_xarray_walk *w, enum vr_err kind, const char *why, uint64_t addr)
{
	w->done = kind != VR_FAULT || !w->past_holes;
	if (w->loading)
		vr_latch(w->prog, kind, "the xarray at 0x%llx: %s at 0x%llx",
			 (unsigned long long)w->root, why, (unsigned long long)addr);
	else
		vr_cut(w->prog, kind, "the xarray at 0x%llx: %s at 0x%llx",
		       (unsigned long long)w->root, why, (unsigned long long)addr);
	return false;
}

/*
 * Does the node below the current one know where it hangs? The kernel sees to that before it links
 * a node in. It also means that no node is met twice.
 */
static bool hangs_here(const struct vr_xarray_walk *w, uint64_t parent, uint8_t offset)
{
	if (!w->depth)
		return true;
	return parent == w->path[w->depth - 1].node && offset == w->path[w->depth - 1].slot - 1;
}

static bool push(struct vr_xarray_walk *w, uint64_t entry, uint64_t index)
{
	uint64_t node = entry - 2, parent, bad = 0;
	struct vr_aspace *as = w->prog->as;
	uint8_t shift, offset;
	enum vr_mem_status st;

	if (w->depth == VR_XARRAY_DEPTH)
		return stop(w, VR_CORRUPT, "deeper than an xarray can be", node);
	if (++w->nodes > VR_WALK_LIMIT)
		return stop(w, VR_LIMIT, "too many nodes", node);
	st = vr_aspace_read(as, node + w->shift_offset, &shift, 1, &bad);
	if (st == VR_MEM_OK)
		st = vr_aspace_read(as, node + w->offset_offset, &offset, 1, &bad);
	if (st == VR_MEM_OK)
		st = vr_aspace_read64(as, node + w->parent_offset, &parent, &bad);
	if (st != VR_MEM_OK)
		return stop(w, VR_FAULT, vr_mem_status_text(st), bad);
	if (shift > 63 || shift % w->chunk_shift ||
	    (w->depth && shift >= w->path[w->depth - 1].shift))
		return stop(w, VR_CORRUPT, "a node of a level that can't be", node);
	if (!hangs_here(w, parent, offset))
		return stop(w, VR_CORRUPT, "a node that hangs elsewhere", node);
	w->path[w->depth].node = node;
	w->path[w->depth].index = index;
	w->path[w->depth].shift = shift;
	w->path[w->depth++].slot = 0;
	return true;
}

static struct vr_xarray_walk begin(struct vr_obj xarray, bool loading)
{
	struct vr_program *prog = xarray.prog;
	struct vr_xarray_walk w = {.prog = prog, .root = xarray.addr, .loading = loading};
	uint64_t head = vr_u64(xarray, "xa_head");
	struct vr_obj slots = vr_get(vr_at(prog, "struct xa_node", 0), "slots");

	w.slots_offset = vr_offsetof(prog, "struct xa_node", "slots");
	w.shift_offset = vr_offsetof(prog, "struct xa_node", "shift");
	w.offset_offset = vr_offsetof(prog, "struct xa_node", "offset");
	w.parent_offset = vr_offsetof(prog, "struct xa_node", "parent");
	w.slot_count = vr_ok(slots) ? vr_type_length(vr_type_strip(slots.type)) : 0;
	w.done = vr_failed(prog) || !head;
	if (w.done)
		return w;
	if (w.slot_count != 64 && w.slot_count != 16) {
		vr_latch(prog, VR_CORRUPT, "an xarray of %llu slots a node",
			 (unsigned long long)w.slot_count);
		w.done = true;
		return w;
	}
	w.chunk_shift = w.slot_count == 64 ? 6 : 4;
	if (is_node(head))
		push(&w, head, 0);
	else if (!is_internal(head))
		w.single = head;
	else
		w.done = true;
	return w;
}

struct vr_xarray_walk vr_xarray_begin(struct vr_obj xarray)
{
	return begin(xarray, false);
}

struct vr_xarray_walk vr_idr_begin(struct vr_obj idr)
{
	struct vr_xarray_walk w = vr_xarray_begin(vr_get(idr, "idr_rt"));
	uint64_t base = vr_u64(idr, "idr_base");

	if (w.depth)
		w.path[0].index = base;
	w.index = base;
	return w;
}

bool vr_xarray_next(struct vr_xarray_walk *w)
{
	if (w->done || vr_failed(w->prog))
		return false;
	if (w->single) {
		w->entry = w->single;
		w->done = true;
		return true;
	}
	while (w->depth) {
		__typeof__(w->path[0]) *top = &w->path[w->depth - 1];
		uint64_t entry, slot, addr, bad = 0;
		enum vr_mem_status st;

		if (top->slot == w->slot_count) {
			w->depth--;
			continue;
		}
		slot = top->slot++;
		addr = top->node + w->slots_offset + 8 * slot;
		st = vr_aspace_read64(w->prog->as, addr, &entry, &bad);
		if (st != VR_MEM_OK) {
			stop(w, VR_FAULT, vr_mem_status_text(st), bad);
			if (w->done)
				return false;
			continue;
		}
		if (!entry)
			continue;
		w->index = top->index + (slot << top->shift);
		if (is_internal(entry)) {
			/* Siblings, retry and zero entries are markers, no contents. */
			if (is_node(entry) && top->shift && !push(w, entry, w->index) && w->done)
				return false;
			continue;
		}
		if (++w->given > VR_WALK_LIMIT)
			return stop(w, VR_LIMIT, "too many entries", addr);
		w->entry = entry;
		return true;
	}
	w->done = true;
	return false;
}

uint64_t vr_xarray_load(struct vr_obj xarray, uint64_t index)
{
	struct vr_xarray_walk w = begin(xarray, true);

	if (w.single)
		return index ? 0 : w.single;
	while (!w.done && !vr_failed(w.prog) && w.depth) {
		unsigned shift = w.path[w.depth - 1].shift;
		uint64_t slot = index >> shift, entry, bad = 0;
		enum vr_mem_status st;

		if (w.depth == 1 && slot >= w.slot_count)
			return 0;
		slot &= w.slot_count - 1;
		w.path[w.depth - 1].slot = (unsigned)slot + 1;
		st = vr_aspace_read64(w.prog->as,
				      w.path[w.depth - 1].node + w.slots_offset + 8 * slot, &entry,
				      &bad);
		if (st != VR_MEM_OK) {
			stop(&w, VR_FAULT, vr_mem_status_text(st), bad);
			return 0;
		}
		/* An entry of several indexes: the siblings name the slot that has it. */
		if (is_internal(entry) && entry >> 2 < w.slot_count) {
			st = vr_aspace_read64(w.prog->as,
					      w.path[w.depth - 1].node + w.slots_offset +
						      8 * (entry >> 2),
					      &entry, &bad);
			if (st != VR_MEM_OK)
				stop(&w, VR_FAULT, vr_mem_status_text(st), bad);
			if (st != VR_MEM_OK || is_internal(entry))
				return 0;
		}
		if (!is_internal(entry))
			return entry;
		if (!is_node(entry) || !shift || !push(&w, entry, 0))
			return 0;
	}
	return 0;
}
