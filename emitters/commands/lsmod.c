// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lsmod of kmod: modules as in proc/modules, their users in the order of the links in
 * sys/module/<name>/holders.
 */
#include <inttypes.h>

#include "kernel/module_use.h"
#include "kernel/rbtree.h"
#include "plugin/emitter.h"

/* A folder of sysfs is sorted by its names' hashes. */
static void put_holders(struct vr_file *f, struct vr_obj module)
{
	struct vr_rbtree_walk w = vr_rbtree_begin(vr_get(module, "holders_dir->sd->dir.children"),
						  "struct kernfs_node", "rb");
	const char *before = " ";

	while (vr_rbtree_next(&w)) {
		char name[VR_MODULE_NAME];

		vr_printf(f, "%s%s", before, vr_str(w.entry, "name", name, sizeof(name)));
		before = ",";
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_module_walk(key->prog);

	vr_puts(f, "Module                  Size  Used by\n");
	while (vr_list_next(&w)) {
		char name[VR_MODULE_NAME];

		vr_row_begin(f);
		if (vr_module_formed(w.entry)) {
			vr_printf(f, "%-19s %8" PRIu32 "  %" PRId32, vr_module_name(w.entry, name),
				  vr_module_size(w.entry), vr_module_refcount(w.entry));
			if (vr_u64(w.entry, "holders_dir"))
				put_holders(f, w.entry);
			vr_puts(f, "\n");
		}
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "sos_commands/kernel/lsmod", .source = "modules", .emit = emit)
