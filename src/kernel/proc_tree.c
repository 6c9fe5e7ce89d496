// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/proc_tree.h"

#include <string.h>

#include "kernel/globals.h"
#include "kernel/rbtree.h"

/* Entries of a directory: no machine has so many, and a search costs them all. */
#define MAX_ENTRIES 100000

/* The entry of that name in a directory; no object where there is none. */
static struct vr_obj find_entry(struct vr_obj dir, const char *name, size_t len)
{
	struct vr_rbtree_walk w =
		vr_rbtree_begin(vr_get(dir, "subdir"), "struct proc_dir_entry", "subdir_node");
	unsigned count = 0;

	while (vr_rbtree_next(&w) && count++ < MAX_ENTRIES) {
		char buf[256];

		if (vr_u64(w.entry, "namelen") != len || len >= sizeof(buf))
			continue;
		vr_str(w.entry, "name", buf, sizeof(buf));
		if (strlen(buf) == len && !memcmp(buf, name, len))
			return w.entry;
	}
	return (struct vr_obj){.prog = dir.prog};
}

bool vr_proc_dir_has_file(struct vr_obj dir, const char *path)
{
	struct vr_program *prog = dir.prog;
	struct vr_scope scope;

	vr_scope_enter(prog, &scope);
	for (const char *p = path; *p && vr_ok(dir);) {
		const char *end = strchrnul(p, '/');

		dir = find_entry(dir, p, (size_t)(end - p));
		p = *end ? end + 1 : end;
	}
	return vr_scope_leave(prog, &scope) != VR_OK || scope.cuts || vr_ok(dir);
}

bool vr_proc_has_file(struct vr_program *prog, const char *path)
{
	struct vr_obj root;

	return vr_try_kernel_global(prog, "proc_root", &root) != VR_OK ||
	       vr_proc_dir_has_file(root, path);
}
