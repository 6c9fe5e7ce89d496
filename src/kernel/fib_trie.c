// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/fib_trie.h"

#include <inttypes.h>
#include <string.h>

void vr_fib_tables_begin(struct vr_fib_tables *w, struct vr_obj net)
{
	/* FIB_TABLE_HASHSZ: with rules (CONFIG_IP_MULTIPLE_TABLES) there may be many. */
	uint64_t count = vr_has(net, "ipv4.rules_ops") ? 256 : 2;
	struct vr_hash_table table =
		vr_hash_table(vr_index(vr_get(net, "ipv4.fib_table_hash"), 0), "", count);

	vr_hash_begin(&w->walk, &table, "struct fib_table", "tb_hlist");
}

bool vr_fib_table_next(struct vr_fib_tables *w)
{
	while (vr_hash_next(&w->walk)) {
		w->table = w->walk.entry;
		w->id = (uint32_t)vr_u64(w->table, "tb_id");
		if (vr_u64(w->table, "tb_data"))
			return !vr_failed(w->table.prog);
	}
	return false;
}

struct vr_obj vr_fib_table_find(struct vr_obj net, uint32_t id)
{
	struct vr_fib_tables w;

	vr_fib_tables_begin(&w, net);
	while (vr_fib_table_next(&w))
		if (w.id == id)
			return w.table;
	return (struct vr_obj){.prog = net.prog};
}

/* Children of a node: pointers behind it. */
static uint64_t child(struct vr_obj node, uint64_t i)
{
	return vr_u64(vr_index(vr_get(node, "tnode"), i), "");
}

void vr_fib_begin(struct vr_fib_walk *w, struct vr_obj table)
{
	memset(w, 0, sizeof(*w));
	w->trie = vr_at(table.prog, "struct trie", vr_u64(table, "tb_data"));
	/* The trie's own vector has one child, the root. */
	w->above[0].node = vr_get(w->trie, "kv[0]");
	w->above[0].count = 1;
	w->above[0].pos = VR_FIB_KEY_BITS;
	w->levels = 1;
}

/*
 * Take up the node at addr, a child of the one at the top. A node lies wholly below its parent's
 * bits, so that no walk comes back to where it was.
 */
static bool enter(struct vr_fib_walk *w, uint64_t addr)
{
	struct vr_program *prog = w->trie.prog;
	unsigned below = w->above[w->levels - 1].pos;
	struct vr_obj info;

	w->node = vr_at(prog, "struct key_vector", addr);
	w->key = (uint32_t)vr_u64(w->node, "key");
	w->pos = (unsigned)vr_u64(w->node, "pos");
	w->bits = (unsigned)vr_u64(w->node, "bits");
	w->leaf = !w->bits;
	w->depth = w->levels - 1;
	if (vr_failed(prog))
		return false;
	if (w->leaf)
		return true;
	if (w->pos + w->bits > below) {
		vr_cut(prog, VR_CORRUPT,
		       "the node at 0x%" PRIx64 " of a trie has bits %u to %u, below bit %u", addr,
		       w->pos, w->pos + w->bits, below);
		return false;
	}
	info = vr_container_of(prog, addr, "struct tnode", "kv");
	w->empty_children = (uint32_t)vr_u64(info, "empty_children");
	w->full_children = (uint32_t)vr_u64(info, "full_children");
	w->above[w->levels].node = w->node;
	w->above[w->levels].next = 0;
	w->above[w->levels].count = 1ull << w->bits;
	w->above[w->levels].pos = w->pos;
	w->levels++;
	/* As the kernel counts: a root with children is one level down, too. */
	w->depth++;
	return !vr_failed(prog);
}

bool vr_fib_next(struct vr_fib_walk *w)
{
	struct vr_program *prog = w->trie.prog;

	while (w->levels && !vr_failed(prog)) {
		struct vr_scope scope;
		uint64_t addr;
		bool entered;

		if (w->above[w->levels - 1].next == w->above[w->levels - 1].count) {
			w->levels--;
			continue;
		}
		if (w->nodes++ == VR_WALK_LIMIT) {
			vr_cut(prog, VR_LIMIT, "a trie of too many nodes");
			return false;
		}
		vr_scope_enter(prog, &scope);
		addr = child(w->above[w->levels - 1].node, w->above[w->levels - 1].next++);
		entered = addr && enter(w, addr);
		vr_scope_leave(prog, &scope);
		if (scope.error.kind != VR_OK) {
			/* Nothing else of a node that can't be read can be. */
			w->levels -= !addr;
			vr_cut(prog, scope.error.kind, "a trie: %s", scope.error.text);
		} else if (scope.cuts) {
			vr_cut(prog, scope.cut.kind, "%s", scope.cut.text);
		}
		if (entered)
			return true;
	}
	return false;
}

struct vr_list_walk vr_fib_aliases(const struct vr_fib_walk *w)
{
	return vr_hlist_begin(vr_get(w->node, "leaf"), "struct fib_alias", "fa_list");
}

struct vr_obj vr_fib_next_hop(struct vr_obj info)
{
	struct vr_obj nexthop;

	if (!vr_has(info, "nh") || !vr_u64(info, "nh"))
		return vr_get(info, "fib_nh[0].nh_common");
	nexthop = vr_deref(info, "nh");
	if (vr_u64(nexthop, "is_group"))
		nexthop = vr_deref(nexthop, "nh_grp->nh_entries[0].nh");
	return vr_get(nexthop, "nh_info->fib_nhc");
}
