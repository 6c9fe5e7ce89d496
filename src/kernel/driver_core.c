// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/driver_core.h"

#include "kernel/globals.h"
#include "kernel/whole.h"

/* lib/klist.c: of klist_node.n_klist, set while the node is being removed */
#define KNODE_DEAD 1u

/*
 * struct subsys_private of a bus or class: they had a pointer to it until it was to be looked up in
 * the set of all of them (6.4, commits d2bf38c088e0 and 7b884b7f24b4).
 */
static struct vr_obj subsystem(struct vr_obj owner, const char *set, const char *back)
{
	struct vr_obj found = {.prog = owner.prog};
	struct vr_list_walk w;
	struct vr_scope scope;

	if (vr_has(owner, "p"))
		return vr_deref(owner, "p");
	vr_scope_enter(owner.prog, &scope);
	w = vr_list_begin(vr_get(vr_deref(vr_kernel_global(owner.prog, set), ""), "list"),
			  "struct subsys_private", "subsys.kobj.entry");
	while (!vr_ok(found) && vr_list_next(&w))
		if (vr_u64(w.entry, back) == owner.addr)
			found = w.entry;
	if (vr_ok(found)) {
		vr_scope_leave(owner.prog, &scope);
		return found;
	}
	/* A hole in the list is the reason, where there is one. */
	if (vr_scope_leave_whole(owner.prog, &scope))
		vr_latch(owner.prog, VR_CORRUPT, "`%s` has no such bus or class", set);
	return found;
}

static struct vr_device_walk begin(struct vr_obj subsys, const char *node)
{
	return (struct vr_device_walk){
		.nodes = vr_list_begin(vr_get(subsys, "klist_devices.k_list"), "struct klist_node",
				       "n_node"),
		.node = node,
	};
}

struct vr_device_walk vr_class_devices_begin(struct vr_program *prog, const char *symbol)
{
	struct vr_obj class = vr_kernel_global(prog, symbol);

	return begin(subsystem(class, "class_kset", "class"), "knode_class");
}

struct vr_device_walk vr_bus_devices_begin(struct vr_program *prog, const char *symbol)
{
	struct vr_obj bus = vr_kernel_global(prog, symbol);

	return begin(subsystem(bus, "bus_kset", "bus"), "knode_bus");
}

bool vr_device_next(struct vr_device_walk *w)
{
	while (vr_list_next(&w->nodes)) {
		struct vr_obj node = w->nodes.entry;

		if (vr_u64(node, "n_klist") & KNODE_DEAD)
			continue;
		w->device = vr_deref(
			vr_container_of(node.prog, node.addr, "struct device_private", w->node),
			"device");
		return !vr_failed(node.prog);
	}
	return false;
}
