// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/debug_set.h"

#include <stdlib.h>
#include <string.h>

void vr_debug_set_free(struct vr_debug_set *set)
{
	vr_debug_file_free(set->vmlinux);
	for (size_t i = 0; i < set->module_count; i++) {
		vr_debug_file_free(set->modules[i].file);
		free(set->modules[i].name);
	}
	free(set->modules);
	*set = (struct vr_debug_set){0};
}

bool vr_debug_set_add(struct vr_debug_set *set, const struct vr_debug_module *module)
{
	struct vr_debug_module *modules =
		reallocarray(set->modules, set->module_count + 1, sizeof(*modules));
	char *name = strdup(module->name);

	if (modules)
		set->modules = modules;
	if (!modules || !name) {
		free(name);
		vr_debug_file_free(module->file);
		return false;
	}
	modules[set->module_count] = *module;
	modules[set->module_count++].name = name;
	return true;
}

struct vr_debug_module *vr_debug_set_module(struct vr_debug_set *set, const char *name)
{
	for (size_t i = 0; i < set->module_count; i++)
		if (!strcmp(set->modules[i].name, name))
			return &set->modules[i];
	return NULL;
}
