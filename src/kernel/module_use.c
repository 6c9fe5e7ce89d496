// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/module_use.h"

/* kernel/module/internal.h: what a module that nobody uses stands at */
#define MODULE_REF_BASE 1

bool vr_module_formed(struct vr_obj module)
{
	return vr_s64(module, "state") != vr_constant(module.prog, "MODULE_STATE_UNFORMED");
}

uint32_t vr_module_size(struct vr_obj module)
{
	struct vr_module_memory memory;
	uint64_t size = 0;

	vr_module_memory(module, &memory);
	for (size_t i = 0; i < memory.count; i++)
		size += memory.ranges[i].size;
	return (uint32_t)size;
}

bool vr_module_counts(struct vr_obj module)
{
	return vr_has(module, "source_list");
}

int32_t vr_module_refcount(struct vr_obj module)
{
	return (int32_t)vr_s64(module, "refcnt.counter") - MODULE_REF_BASE;
}

struct vr_list_walk vr_module_users(struct vr_obj module)
{
	return vr_list_begin(vr_get(module, "source_list"), "struct module_use", "source_list");
}
