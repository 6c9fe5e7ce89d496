// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/vmalloc.h"

#include "kernel/globals.h"
#include "object/program.h"

#define MAX_NODES 4096

static struct vr_vmap_walk begin_nodes(struct vr_program *prog, const char *head)
{
	struct vr_vmap_walk w = {.prog = prog, .head = head};
	uint64_t count = vr_u64(vr_kernel_global(prog, "nr_vmap_nodes"), "");

	w.nodes = vr_kernel_global(prog, "vmap_nodes");
	if (count > MAX_NODES)
		vr_latch(prog, VR_CORRUPT, "nr_vmap_nodes is %llu", (unsigned long long)count);
	else
		w.left = (unsigned)count;
	w.list.done = true;
	return w;
}

struct vr_vmap_walk vr_vmap_begin(struct vr_program *prog)
{
	struct vr_vmap_walk w = {.prog = prog};

	if (vr_has_symbol(prog, "vmap_nodes"))
		return begin_nodes(prog, "busy.head");
	w.list =
		vr_list_begin(vr_kernel_global(prog, "vmap_area_list"), "struct vmap_area", "list");
	return w;
}

struct vr_vmap_walk vr_vmap_begin_purge(struct vr_program *prog)
{
	struct vr_vmap_walk w = {.prog = prog};

	if (vr_has_symbol(prog, "vmap_nodes"))
		return begin_nodes(prog, "lazy.head");
	w.is_linked = vr_has_symbol(prog, "vmap_purge_list");
	if (w.is_linked)
		w.link = vr_get(vr_kernel_global(prog, "vmap_purge_list"), "first");
	else
		w.list = vr_list_begin(vr_kernel_global(prog, "purge_vmap_area_list"),
				       "struct vmap_area", "list");
	return w;
}

/* Until 5.13 areas to be purged were in a singly linked list. */
static bool next_linked(struct vr_vmap_walk *w)
{
	uint64_t next = vr_u64(w->link, "");

	if (!next || vr_failed(w->prog))
		return false;
	if (w->linked++ >= VR_WALK_LIMIT || vr_cycle_seen(&w->list.cycle, next)) {
		vr_cut(w->prog, VR_CORRUPT, "vmap_purge_list has no end");
		return false;
	}
	w->area = vr_container_of(w->prog, next, "struct vmap_area", "purge_list");
	w->link = vr_get(vr_at(w->prog, "struct llist_node", next), "next");
	return !vr_failed(w->prog);
}

bool vr_vmap_next(struct vr_vmap_walk *w)
{
	if (w->is_linked)
		return next_linked(w);
	while (!vr_list_next(&w->list)) {
		struct vr_obj node;

		if (!w->left || vr_failed(w->prog))
			return false;
		w->left--;
		node = vr_index(w->nodes, w->node++);
		w->list = vr_list_begin(vr_get(node, w->head), "struct vmap_area", "list");
	}
	w->area = w->list.entry;
	return true;
}

/* The constants are those of arch/x86/include/asm/pgtable_64_types.h, for 4 and 5 levels. */
uint64_t vr_vmalloc_size(struct vr_program *prog)
{
	return (prog->as->paging.levels == 5 ? 12800ull : 32ull) << 40;
}

bool vr_is_vmalloc(struct vr_program *prog, uint64_t addr)
{
	bool five = prog->as->paging.levels == 5;
	uint64_t start = five ? 0xffa0000000000000ull : 0xffffc90000000000ull;

	if (vr_has_symbol(prog, "vmalloc_base"))
		start = vr_u64(vr_kernel_global(prog, "vmalloc_base"), "");
	return addr - start < vr_vmalloc_size(prog);
}
