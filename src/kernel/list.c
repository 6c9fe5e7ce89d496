// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/list.h"

#include "object/program.h"

bool vr_cycle_seen(struct vr_cycle_check *check, uint64_t addr)
{
	if (check->count && addr == check->mark)
		return true;
	if (check->count == check->next_mark) {
		check->mark = addr;
		check->next_mark = check->count * 2 + 1;
	}
	check->count++;
	return false;
}

static struct vr_list_walk begin(struct vr_obj head, const char *type, const char *member)
{
	struct vr_list_walk w = {.prog = head.prog, .head = head.addr, .node = head.addr};

	w.member_offset = vr_offsetof(head.prog, type, member);
	w.type = vr_at(head.prog, type, 0).type;
	w.done = !vr_ok(head) || vr_failed(head.prog);
	return w;
}

struct vr_list_walk vr_list_begin(struct vr_obj head, const char *type, const char *member)
{
	struct vr_list_walk w = begin(head, type, member);

	w.next_offset = vr_offsetof(w.prog, "struct list_head", "next");
	w.prev_offset = vr_offsetof(w.prog, "struct list_head", "prev");
	return w;
}

struct vr_list_walk vr_hlist_begin(struct vr_obj head, const char *type, const char *member)
{
	struct vr_list_walk w = begin(head, type, member);

	w.hlist = true;
	w.next_offset = vr_offsetof(w.prog, "struct hlist_head", "first");
	return w;
}

static bool cut(struct vr_list_walk *w, enum vr_err kind, const char *why, uint64_t addr)
{
	char name[64];

	w->done = true;
	vr_cut(w->prog, kind, "the list of %s at 0x%llx: %s at 0x%llx",
	       vr_type_spell(w->type, name, sizeof(name)), (unsigned long long)w->head, why,
	       (unsigned long long)addr);
	return false;
}

/*
 * Check that next's back link names node. The machine may have died between two stores of a
 * list_add() or list_del(): then it names an item beside node that is half linked in or out. Any
 * other may be the way into another list, whose links agree among themselves.
 */
static enum vr_mem_status check_back_link(struct vr_list_walk *w, uint64_t node, uint64_t next,
					  bool *ok, uint64_t *bad)
{
	struct vr_aspace *as = w->prog->as;
	uint64_t other, other_next, other_prev, prev;
	enum vr_mem_status st = vr_aspace_read64(as, next + w->prev_offset, &other, bad);

	*ok = st == VR_MEM_OK && other == node;
	if (st != VR_MEM_OK || *ok)
		return st;
	if (vr_aspace_read64(as, other + w->next_offset, &other_next, NULL) == VR_MEM_OK &&
	    vr_aspace_read64(as, other + w->prev_offset, &other_prev, NULL) == VR_MEM_OK &&
	    vr_aspace_read64(as, node + w->prev_offset, &prev, NULL) == VR_MEM_OK)
		*ok = next != node &&
		      /* other, about to be added; or node, just added or being removed */
		      ((other_next == next && other_prev == node && other != w->head) ||
		       (other_next == node && prev == other));
	return VR_MEM_OK;
}

bool vr_list_next(struct vr_list_walk *w)
{
	uint64_t next, after, bad = 0;
	enum vr_mem_status st;
	bool linked;

	if (w->done || vr_failed(w->prog))
		return false;
	st = vr_aspace_read64(w->prog->as, w->node + w->next_offset, &next, &bad);
	if (st != VR_MEM_OK)
		return cut(w, VR_FAULT, vr_mem_status_text(st), bad);
	if (w->hlist) {
		/* From the second node on it is hlist_node.next, first in its structure too. */
		w->next_offset = 0;
		if (!next) {
			w->done = true;
			return false;
		}
		/* There is no back link to check, but what can't be read is no entry. */
		st = vr_aspace_read64(w->prog->as, next, &after, &bad);
		if (st != VR_MEM_OK)
			return cut(w, VR_FAULT, vr_mem_status_text(st), bad);
	} else {
		if (next == w->head) {
			w->done = true;
			return false;
		}
		st = check_back_link(w, w->node, next, &linked, &bad);
		if (st != VR_MEM_OK)
			return cut(w, VR_FAULT, vr_mem_status_text(st), bad);
		if (!linked)
			return cut(w, VR_CORRUPT, "a link that does not lead back", next);
	}
	if (vr_cycle_seen(&w->cycle, next))
		return cut(w, VR_CORRUPT, "a cycle", next);
	if (w->cycle.count > VR_WALK_LIMIT)
		return cut(w, VR_LIMIT, "too many entries", next);
	w->node = next;
	w->entry =
		(struct vr_obj){.prog = w->prog, .type = w->type, .addr = next - w->member_offset};
	return true;
}
