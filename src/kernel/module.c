// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/module.h"

#include "base/bits.h"
#include "kernel/globals.h"

struct vr_list_walk vr_module_walk(struct vr_program *prog)
{
	return vr_list_begin(vr_kernel_global(prog, "modules"), "struct module", "list");
}

char *vr_module_name(struct vr_obj module, char *buf)
{
	return vr_str(module, "name", buf, VR_MODULE_NAME);
}

static void add_range(struct vr_module_memory *m, uint64_t start, uint64_t size)
{
	if (m->count < VR_MODULE_RANGES && (size || !m->count)) {
		m->ranges[m->count].start = start;
		m->ranges[m->count++].size = size;
	}
}

bool vr_module_memory(struct vr_obj module, struct vr_module_memory *memory)
{
	*memory = (struct vr_module_memory){0};
	if (vr_has(module, "mem")) { /* since Linux 6.4, commit ac3b43283923 */
		struct vr_obj mem = vr_get(module, "mem");
		uint64_t count = vr_ok(mem) ? vr_type_length(vr_type_strip(mem.type)) : 0;

		for (uint64_t i = 0; i < count && !vr_failed(module.prog); i++) {
			struct vr_obj part = vr_index(mem, i);

			add_range(memory, vr_u64(part, "base"), vr_u64(part, "size"));
		}
	} else {
		static const char *const layouts[] = {"core_layout", "init_layout"};

		for (size_t i = 0; i < VR_ARRAY_SIZE(layouts); i++) {
			struct vr_obj layout = vr_get(module, layouts[i]);
			uint64_t base = vr_u64(layout, "base");
			uint64_t text = vr_u64(layout, "text_size");
			uint64_t size = vr_u64(layout, "size");

			if (!vr_failed(module.prog) && text > size)
				vr_latch(module.prog, VR_CORRUPT,
					 "a module with more text than memory");
			add_range(memory, base, text);
			add_range(memory, base + text, size - text);
		}
	}
	return !vr_failed(module.prog);
}
