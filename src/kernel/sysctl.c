// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sysctl.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/symbol_at.h"

/* Most entries that a walk looks at: 40 for each address family of each network interface. */
#define MAX_ENTRIES 2000000u
/* Entries of one table; where the kernel says no number (until 6.6) this bounds it. */
#define MAX_TABLE 65536u

/* include/uapi/linux/stat.h */
#define S_IFMT 00170000
#define S_IFDIR 0040000
#define S_IFLNK 0120000
#define S_IRUSR 00400

struct header_fields {
	uint64_t ctl_table, node, parent, root, unregistering;
	int32_t ctl_table_size;
};

struct table_fields {
	uint64_t data, proc_handler, extra1, extra2;
	int32_t maxlen;
	uint16_t mode;
};

/* An entry of a folder: a line of a table, and the header that brought it there. */
struct entry {
	uint64_t header, table;
	struct header_fields h;
	struct table_fields t;
	char name[256];
};

static const struct vr_view_field header_view[] = {
	VR_VIEW_FIELD(struct header_fields, ctl_table, "ctl_table"),
	VR_VIEW_FIELD(struct header_fields, node, "node"),
	VR_VIEW_FIELD(struct header_fields, parent, "parent"),
	VR_VIEW_FIELD(struct header_fields, root, "root"),
	VR_VIEW_FIELD(struct header_fields, unregistering, "unregistering"),
	{.path = "ctl_table_size", /* since 6.6 */
	 .offset = offsetof(struct header_fields, ctl_table_size),
	 .size = 4,
	 .optional = true},
};

static const struct vr_view_field table_view[] = {
	VR_VIEW_FIELD(struct table_fields, data, "data"),
	VR_VIEW_FIELD(struct table_fields, proc_handler, "proc_handler"),
	VR_VIEW_FIELD(struct table_fields, extra1, "extra1"),
	VR_VIEW_FIELD(struct table_fields, extra2, "extra2"),
	VR_VIEW_FIELD(struct table_fields, maxlen, "maxlen"),
	VR_VIEW_FIELD(struct table_fields, mode, "mode"),
};

/* Folders that namespaces have of their own, each with a root that links lead by. */
static const struct {
	const char *ns, *set;
} sets[] = {
	{"init_net", "sysctls"},    {"init_user_ns", "set"},
	{"init_ipc_ns", "ipc_set"},                         /* since 5.19, as the next */
	{"init_ipc_ns", "mq_set"},  {"init_pid_ns", "set"}, /* since 6.14 */
};

static bool is_dir(const struct entry *e)
{
	return (e->t.mode & S_IFMT) == S_IFDIR;
}

static bool is_link(const struct entry *e)
{
	return (e->t.mode & S_IFMT) == S_IFLNK;
}

/*
 * The entry that a node of dir's tree stands for. A header names its folder, its nodes, and as many
 * lines of a table: a node that isn't one of those is none, which is why no folder is entered twice.
 */
static void read_entry(struct vr_sysctl_walk *w, uint64_t dir, uint64_t node, struct entry *e)
{
	struct vr_program *prog = w->prog;
	uint64_t index, count = MAX_TABLE;

	*e = (struct entry){.h.ctl_table_size = -1};
	e->header = vr_u64(vr_at(prog, "struct ctl_node", node), "header");
	if (vr_failed(prog) || !vr_view_fill(prog, w->header_view, e->header, &e->h))
		return;
	if (e->h.ctl_table_size >= 0)
		count = VR_MIN((uint64_t)e->h.ctl_table_size, count);
	index = (node - e->h.node) / w->node_size;
	if (e->h.parent != dir || node < e->h.node || (node - e->h.node) % w->node_size ||
	    index >= count) {
		vr_latch(prog, VR_CORRUPT, "a node that its header does not know");
		return;
	}
	e->table = e->h.ctl_table + index * w->table_size;
	vr_str(vr_at(prog, "struct ctl_table", e->table), "procname", e->name, sizeof(e->name));
	vr_view_fill(prog, w->table_view, e->table, &e->t);
	if (vr_failed(prog))
		return;
	if (!e->name[0] || strchr(e->name, '/') || (is_dir(e) && index))
		vr_latch(prog, VR_CORRUPT, "an entry that can't be one");
}

/* The entry of that name in a folder, as find_entry() looks it up. False: there is none. */
static bool find_entry(struct vr_sysctl_walk *w, uint64_t dir, const char *name, struct entry *e)
{
	uint64_t at = vr_u64(vr_at(w->prog, "struct ctl_dir", dir), "root.rb_node");

	for (unsigned depth = 0; at && depth < VR_RBTREE_DEPTH; depth++) {
		struct vr_obj node = vr_at(w->prog, "struct rb_node", at);
		int order;

		read_entry(w, dir, vr_container_of(w->prog, at, "struct ctl_node", "node").addr, e);
		if (vr_failed(w->prog))
			return false;
		/* Bytes first, then the length: what namecmp() does. */
		order = strcmp(name, e->name);
		if (!order)
			return true;
		at = vr_u64(node, order < 0 ? "rb_left" : "rb_right");
	}
	return false;
}

/* The folder of all files that the initial namespace has under that root; 0: there is none. */
static uint64_t find_set(struct vr_program *prog, uint64_t root)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(sets); i++) {
		struct vr_obj ns, dir;

		if (vr_try_kernel_global(prog, sets[i].ns, &ns) != VR_OK ||
		    !vr_has(ns, sets[i].set))
			continue;
		dir = vr_get(vr_get(ns, sets[i].set), "dir");
		if (vr_u64(dir, "header.root") == root)
			return dir.addr;
	}
	return 0;
}

/* The folder of a set that has the path of the one we are in: xlate_dir(). 0: there is none. */
static uint64_t find_set_dir(struct vr_sysctl_walk *w, uint64_t root)
{
	uint64_t dir = find_set(w->prog, root);

	for (unsigned i = 1; i < w->depth && dir && !vr_failed(w->prog); i++) {
		size_t start = w->lengths[i - 1] + (i > 1), len = w->lengths[i] - start;
		struct entry e;
		char name[256];

		if (len >= sizeof(name))
			return 0;
		memcpy(name, w->path + start, len);
		name[len] = '\0';
		dir = find_entry(w, dir, name, &e) && is_dir(&e) ? e.header : 0;
	}
	return dir;
}

/* sysctl_follow_link(): to the same name in a namespace's own folder. False: there is none. */
static bool follow_link(struct vr_sysctl_walk *w, struct entry *e)
{
	uint64_t dir = w->dirs[w->depth - 1];
	struct entry to;

	if (w->set_root != e->t.data || w->set_parent != dir) {
		w->set_dir = find_set_dir(w, e->t.data);
		w->set_root = e->t.data;
		w->set_parent = dir;
	}
	if (!w->set_dir || !find_entry(w, w->set_dir, e->name, &to) || to.h.unregistering)
		return false;
	if (is_link(&to))
		vr_latch(w->prog, VR_CORRUPT, "a link to a link");
	*e = to;
	return true;
}

/* The entry of a node of the innermost folder. False: there is nothing to see. */
static bool take_entry(struct vr_sysctl_walk *w, uint64_t node, struct entry *e)
{
	struct vr_scope scope;
	bool there;

	vr_scope_enter(w->prog, &scope);
	read_entry(w, w->dirs[w->depth - 1], node, e);
	there = !vr_failed(w->prog) && !e->h.unregistering;
	if (there && is_link(e)) {
		if (w->in_set[w->depth - 1])
			vr_latch(w->prog, VR_CORRUPT, "a link within a namespace's own folder");
		else
			there = follow_link(w, e);
	}
	if (vr_scope_leave(w->prog, &scope) == VR_OK)
		return there;
	vr_cut(w->prog, scope.error.kind, "`%.60s%s%.60s` at 0x%llx: %s", w->path,
	       w->path[0] ? "/" : "", e->name, (unsigned long long)node, scope.error.text);
	return false;
}

static bool enter_dir(struct vr_sysctl_walk *w, uint64_t dir, bool in_set)
{
	struct vr_obj obj = vr_at(w->prog, "struct ctl_dir", dir);

	if (w->depth == VR_SYSCTL_DEPTH) {
		vr_cut(w->prog, VR_LIMIT, "more than %d folders within each other",
		       VR_SYSCTL_DEPTH);
		return false;
	}
	w->dirs[w->depth] = dir;
	w->in_set[w->depth] = in_set;
	w->lengths[w->depth] = strlen(w->path);
	w->trees[w->depth++] = vr_rbtree_begin(vr_get(obj, "root"), "struct ctl_node", "node");
	return true;
}

void vr_sysctl_walk_begin(struct vr_program *prog, struct vr_sysctl_walk *w)
{
	struct vr_obj root = vr_kernel_global(prog, "sysctl_table_root");

	memset(w, 0, sizeof(*w));
	w->prog = prog;
	w->header_view = vr_view_bind(prog, "struct ctl_table_header", header_view,
				      VR_ARRAY_SIZE(header_view));
	w->table_view =
		vr_view_bind(prog, "struct ctl_table", table_view, VR_ARRAY_SIZE(table_view));
	w->node_size = vr_sizeof(prog, "struct ctl_node");
	w->table_size = vr_sizeof(prog, "struct ctl_table");
	if (!vr_failed(prog) && w->node_size)
		enter_dir(w, vr_get(root, "default_set.dir").addr, false);
}

/* The path of a name in the innermost folder, into w->path. */
static bool set_path(struct vr_sysctl_walk *w, const char *name)
{
	size_t at = w->lengths[w->depth - 1];
	int len = snprintf(w->path + at, sizeof(w->path) - at, "%s%s", at ? "/" : "", name);

	if ((size_t)len < sizeof(w->path) - at)
		return true;
	w->path[at] = '\0';
	vr_cut(w->prog, VR_LIMIT, "a path of more than %zu bytes", sizeof(w->path) - 1);
	return false;
}

static void give(struct vr_sysctl_walk *w, const struct entry *e)
{
	struct vr_symbol_at at;

	if (vr_symbol_at(w->prog, e->t.proc_handler, &at))
		snprintf(w->handler, sizeof(w->handler), "%s", at.name);
	else
		snprintf(w->handler, sizeof(w->handler), "0x%llx",
			 (unsigned long long)e->t.proc_handler);
	/* What the compiler made of it: name.constprop.0 */
	*strchrnul(w->handler, '.') = '\0';
	w->sysctl = (struct vr_sysctl){.prog = w->prog,
				       .path = w->path,
				       .name = w->path + strlen(w->path) - strlen(e->name),
				       .handler = w->handler,
				       .header = e->header,
				       .table = e->table,
				       .data = e->t.data,
				       .extra1 = e->t.extra1,
				       .extra2 = e->t.extra2,
				       .maxlen = e->t.maxlen,
				       .mode = e->t.mode};
}

bool vr_sysctl_walk_next(struct vr_sysctl_walk *w)
{
	while (w->depth && !vr_failed(w->prog)) {
		struct vr_rbtree_walk *tree = &w->trees[w->depth - 1];
		bool in_set = w->in_set[w->depth - 1];
		struct entry e;

		w->path[w->lengths[w->depth - 1]] = '\0';
		if (!vr_rbtree_next(tree)) {
			w->depth--;
			continue;
		}
		if (++w->entries > MAX_ENTRIES) {
			vr_cut(w->prog, VR_LIMIT, "more than %u entries", MAX_ENTRIES);
			return false;
		}
		if (!take_entry(w, tree->entry.addr, &e) || !set_path(w, e.name))
			continue;
		if (is_dir(&e)) {
			enter_dir(w, e.header, in_set || e.h.parent != w->dirs[w->depth - 1]);
		} else if ((e.t.mode & S_IRUSR) && e.t.proc_handler) {
			/* Others can't be read, by root neither. */
			give(w, &e);
			return true;
		}
	}
	return false;
}
