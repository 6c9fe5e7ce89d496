// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/proc_tree.h"

#include <string.h>

#include "kernel/globals.h"

/* Entries of a directory: no machine has so many, and a search costs them all. */
#define MAX_ENTRIES 100000

/* How a name compares to an entry's, in the order of the tree: proc_match(). */
static int compare(struct vr_obj entry, const char *name, size_t len)
{
	uint64_t namelen = vr_u64(entry, "namelen");
	char buf[256];

	if (len != namelen || len >= sizeof(buf))
		return len < namelen ? -1 : 1;
	vr_str(entry, "name", buf, sizeof(buf));
	return strlen(buf) == len ? memcmp(name, buf, len) : 1;
}

/* Where the tree's order leads; no object where that is nowhere. */
static struct vr_obj look_up(struct vr_obj dir, const char *name, size_t len)
{
	const char *type = "struct proc_dir_entry";
	struct vr_obj entry;
	uint64_t node = vr_u64(dir, "subdir.rb_node");

	for (unsigned depth = 0; node && depth < VR_RBTREE_DEPTH; depth++) {
		int order;

		entry = vr_container_of(dir.prog, node, type, "subdir_node");
		order = compare(entry, name, len);
		if (vr_failed(dir.prog))
			break;
		if (!order)
			return entry;
		node = vr_u64(entry, order < 0 ? "subdir_node.rb_left" : "subdir_node.rb_right");
	}
	return (struct vr_obj){.prog = dir.prog};
}

/*
 * The entry of that name in a directory; no object where there is none. The order of a damaged tree
 * may lead away: what isn't found by it is looked for everywhere.
 */
static struct vr_obj find_entry(struct vr_obj dir, const char *name, size_t len)
{
	struct vr_obj entry = look_up(dir, name, len);
	struct vr_rbtree_walk w;
	unsigned count = 0;

	if (vr_ok(entry))
		return entry;
	w = vr_rbtree_begin(vr_get(dir, "subdir"), "struct proc_dir_entry", "subdir_node");
	while (vr_rbtree_next(&w) && count++ < MAX_ENTRIES)
		if (!compare(w.entry, name, len))
			return w.entry;
	return (struct vr_obj){.prog = dir.prog};
}

static struct vr_obj find_below(struct vr_obj dir, const char *path)
{
	for (const char *p = path; *p && vr_ok(dir);) {
		const char *end = strchrnul(p, '/');

		dir = find_entry(dir, p, (size_t)(end - p));
		p = *end ? end + 1 : end;
	}
	return dir;
}

struct vr_obj vr_proc_find(struct vr_program *prog, const char *path)
{
	return find_below(vr_kernel_global(prog, "proc_root"), path);
}

struct vr_rbtree_walk vr_proc_dir_begin(struct vr_obj dir)
{
	return vr_rbtree_begin(vr_get(dir, "subdir"), "struct proc_dir_entry", "subdir_node");
}

char *vr_proc_name(struct vr_obj entry, char buf[VR_PROC_NAME])
{
	return vr_str(entry, "name", buf, VR_PROC_NAME);
}

bool vr_proc_dir_has_file(struct vr_obj dir, const char *path)
{
	struct vr_program *prog = dir.prog;
	struct vr_scope scope;

	vr_scope_enter(prog, &scope);
	dir = find_below(dir, path);
	return vr_scope_leave(prog, &scope) != VR_OK || scope.cuts || vr_ok(dir);
}

bool vr_proc_has_file(struct vr_program *prog, const char *path)
{
	struct vr_obj root;

	return vr_try_kernel_global(prog, "proc_root", &root) != VR_OK ||
	       vr_proc_dir_has_file(root, path);
}
