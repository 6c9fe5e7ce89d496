// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/list_ends.h"

#include "kernel/list.h"
#include "object/program.h"

/* False: fn wants no more. */
static bool walk_one_way(struct vr_program *prog, uint64_t head, uint64_t there, uint64_t back,
			 vr_list_ends_fn fn, void *arg)
{
	struct vr_cycle_check cycle = {0};
	uint64_t node = head, next, returned;

	while (cycle.count < VR_WALK_LIMIT &&
	       vr_aspace_read64(prog->as, node + there, &next, NULL) == VR_MEM_OK && next != head &&
	       !vr_cycle_seen(&cycle, next)) {
		enum vr_mem_status st = vr_aspace_read64(prog->as, next + back, &returned, NULL);

		if (st == VR_MEM_UNMAPPED || (st == VR_MEM_OK && returned != node))
			break;
		if (!fn(arg, next))
			return false;
		node = next;
	}
	return true;
}

void vr_list_ends(struct vr_program *prog, uint64_t head, vr_list_ends_fn fn, void *arg)
{
	struct vr_scope scope;
	uint64_t next, prev;

	vr_scope_enter(prog, &scope);
	next = vr_offsetof(prog, "struct list_head", "next");
	prev = vr_offsetof(prog, "struct list_head", "prev");
	if (vr_scope_leave(prog, &scope) == VR_OK && walk_one_way(prog, head, next, prev, fn, arg))
		walk_one_way(prog, head, prev, next, fn, arg);
}
