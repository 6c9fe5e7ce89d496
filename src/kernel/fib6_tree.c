// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/fib6_tree.h"

#include <inttypes.h>
#include <string.h>

/* include/net/ip6_fib.h: FIB6_TABLE_HASHSZ with CONFIG_IPV6_MULTIPLE_TABLES; the node has routes */
#define TABLES 256
#define RTN_RTINFO 4

enum step { SUBTREE, LEFT, RIGHT, OWN, DONE };

void vr_fib6_tables_begin(struct vr_fib6_tables *w, struct vr_obj net)
{
	struct vr_hash_table tables =
		vr_hash_table(vr_index(vr_get(net, "ipv6.fib_table_hash"), 0), "",
			      vr_has(net, "ipv6.fib6_rules_ops") ? TABLES : 1);

	vr_hash_begin(&w->walk, &tables, "struct fib6_table", "tb6_hlist");
}

bool vr_fib6_table_next(struct vr_fib6_tables *w)
{
	if (!vr_hash_next(&w->walk))
		return false;
	w->table = w->walk.entry;
	return true;
}

/*
 * Take up a node. It branches further down than its parent, but for a subtree, which begins anew and
 * has none itself, so that no walk comes back to where it was.
 */
static void enter(struct vr_fib6_walk *w, uint64_t addr, bool subtree)
{
	struct vr_obj node = vr_at(w->prog, "struct fib6_node", addr);
	bool above = w->levels > 0, in_subtree = above && w->way[w->levels - 1].in_subtree;
	int64_t bit = (int64_t)vr_u64(node, "fn_bit");

	if (vr_failed(w->prog))
		return;
	if (w->levels == VR_FIB6_DEPTH || (subtree && in_subtree) ||
	    (above && !subtree && bit <= w->way[w->levels - 1].bit)) {
		vr_cut(w->prog, VR_CORRUPT,
		       "the node at 0x%" PRIx64 " of a tree of routes is out of place", addr);
		return;
	}
	w->way[w->levels].node = node;
	w->way[w->levels].bit = bit;
	w->way[w->levels].step = SUBTREE;
	w->way[w->levels++].in_subtree = in_subtree || subtree;
}

void vr_fib6_begin(struct vr_fib6_walk *w, struct vr_obj table)
{
	memset(w, 0, sizeof(*w));
	w->prog = table.prog;
	enter(w, vr_get(table, "tb6_root").addr, false);
}

/* The next step at the node at the end of the way. */
static void take_step(struct vr_fib6_walk *w)
{
	static const char *const members[] = {"subtree", "left", "right"};
	struct vr_obj node = w->way[w->levels - 1].node;
	unsigned step = w->way[w->levels - 1].step++;
	uint64_t addr = 0;

	if (step == DONE) {
		w->levels--;
	} else if (step == OWN) {
		memset(&w->cycle, 0, sizeof(w->cycle));
		if (vr_u64(node, "fn_flags") & RTN_RTINFO)
			w->next = vr_u64(node, "leaf");
	} else {
		if (step != SUBTREE || vr_has(node, "subtree")) /* CONFIG_IPV6_SUBTREES */
			addr = vr_u64(node, members[step]);
		if (addr)
			enter(w, addr, step == SUBTREE);
	}
}

/* Give out the route that is next. */
static void take_route(struct vr_fib6_walk *w)
{
	uint64_t addr = w->next;

	w->route = vr_at(w->prog, "struct fib6_info", addr);
	w->next = vr_u64(w->route, "fib6_next");
	if (vr_cycle_seen(&w->cycle, addr)) {
		vr_cut(w->prog, VR_CORRUPT, "a cycle of routes at 0x%" PRIx64, addr);
		w->next = 0;
	}
}

bool vr_fib6_next(struct vr_fib6_walk *w)
{
	while ((w->next || w->levels) && !vr_failed(w->prog)) {
		struct vr_scope scope;
		bool route = w->next != 0;

		if (w->nodes++ > 4ull * VR_WALK_LIMIT) {
			vr_cut(w->prog, VR_LIMIT, "a tree of too many routes");
			return false;
		}
		vr_scope_enter(w->prog, &scope);
		if (route)
			take_route(w);
		else
			take_step(w);
		vr_scope_leave(w->prog, &scope);
		if (scope.error.kind != VR_OK) {
			w->next = 0;
			vr_cut(w->prog, scope.error.kind, "a tree of routes: %s", scope.error.text);
		} else if (scope.cuts) {
			vr_cut(w->prog, scope.cut.kind, "%s", scope.cut.text);
		} else if (route) {
			return true;
		}
	}
	return false;
}

struct vr_obj vr_fib6_next_hop(struct vr_obj route)
{
	struct vr_obj nexthop;

	if (!vr_has(route, "nh") || !vr_u64(route, "nh"))
		return vr_get(route, "fib6_nh[0].nh_common");
	nexthop = vr_deref(route, "nh");
	if (vr_u64(nexthop, "is_group"))
		nexthop = vr_deref(nexthop, "nh_grp->nh_entries[0].nh");
	return vr_get(nexthop, "nh_info->fib_nhc");
}
