// SPDX-License-Identifier: GPL-2.0-or-later
/* {net}/ipv6_route: IPv6's routes (ipv6_route_native_seq_show() in net/ipv6/ip6_fib.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/hash_table.h"
#include "plugin/emitter.h"

#define IFNAMSIZ 16
/* FIB6_TABLE_HASHSZ with and without CONFIG_IPV6_MULTIPLE_TABLES */
#define TABLES 256
/* include/net/ip6_fib.h: the node has routes */
#define RTN_RTINFO 4
/* include/uapi/linux/route.h */
#define RTF_GATEWAY 2
/* Bits of two addresses, and the roots: no way down is longer. */
#define MAX_DEPTH (2 * (128 + 2))

/* A way down: at each node its subtree comes first, then left, right, and then its own routes. */
enum step { SUBTREE, LEFT, RIGHT, OWN, DONE };

struct walk {
	struct vr_program *prog;
	struct vr_obj node; /* struct fib6_node: whose own routes come now */
	struct {
		struct vr_obj node;
		int64_t bit; /* where it branches: further down than its parent */
		unsigned step;
		bool in_subtree;
	} way[MAX_DEPTH];
	unsigned levels;
	uint64_t nodes;
};

static void go_down(struct walk *w, uint64_t addr, bool subtree)
{
	struct vr_obj node = vr_at(w->prog, "struct fib6_node", addr);
	int64_t bit = (int64_t)vr_u64(node, "fn_bit");
	bool in_subtree = subtree || (w->levels && w->way[w->levels - 1].in_subtree);

	if (vr_failed(w->prog))
		return;
	if (w->levels == MAX_DEPTH || (w->levels && (subtree ? w->way[w->levels - 1].in_subtree
							     : bit <= w->way[w->levels - 1].bit))) {
		vr_cut(w->prog, VR_CORRUPT,
		       "the node at 0x%" PRIx64 " of a tree of routes is above itself", addr);
		return;
	}
	w->way[w->levels].node = node;
	w->way[w->levels].bit = bit;
	w->way[w->levels].step = SUBTREE;
	w->way[w->levels++].in_subtree = in_subtree;
}

/* fib6_walk_continue() */
static bool next_node(struct walk *w)
{
	static const char *const members[] = {"subtree", "left", "right"};

	while (w->levels && !vr_failed(w->prog)) {
		struct vr_obj node = w->way[w->levels - 1].node;
		unsigned step = w->way[w->levels - 1].step++;
		uint64_t addr = 0;

		if (step == DONE) {
			w->levels--;
			continue;
		}
		if (w->nodes++ > 4ull * VR_WALK_LIMIT) {
			vr_cut(w->prog, VR_LIMIT, "a tree of too many routes");
			return false;
		}
		if (step == OWN) {
			w->node = node;
			return true;
		}
		if (step != SUBTREE || vr_has(node, "subtree")) /* CONFIG_IPV6_SUBTREES */
			addr = vr_u64(node, members[step]);
		if (addr)
			go_down(w, addr, step == SUBTREE);
	}
	return false;
}

static void put_address(struct vr_file *f, struct vr_obj obj, const char *member)
{
	uint8_t address[16] = {0};

	vr_bytes(obj, member, address, sizeof(address));
	for (int i = 0; i < 16; i++)
		vr_printf(f, "%02x", address[i]);
}

/* Its first next hop: nexthop_fib6_nh() */
static struct vr_obj next_hop(struct vr_obj route)
{
	struct vr_obj nexthop;

	if (!vr_has(route, "nh") || !vr_u64(route, "nh"))
		return vr_get(route, "fib6_nh[0].nh_common");
	nexthop = vr_deref(route, "nh");
	if (vr_u64(nexthop, "is_group"))
		nexthop = vr_deref(nexthop, "nh_grp->nh_entries[0].nh");
	return vr_get(nexthop, "nh_info->fib_nhc");
}

static void put_route(struct vr_file *f, struct vr_obj route)
{
	struct vr_obj hop = next_hop(route), dev;
	uint64_t flags = vr_u64(route, "fib6_flags");
	char name[IFNAMSIZ] = "";

	put_address(f, route, "fib6_dst.addr");
	vr_printf(f, " %02x ", (unsigned)vr_u64(route, "fib6_dst.plen"));
	if (vr_has(route, "fib6_src")) { /* CONFIG_IPV6_SUBTREES */
		put_address(f, route, "fib6_src.addr");
		vr_printf(f, " %02x ", (unsigned)vr_u64(route, "fib6_src.plen"));
	} else {
		vr_puts(f, "00000000000000000000000000000000 00 ");
	}
	if (vr_u64(hop, "nhc_gw_family")) {
		flags |= RTF_GATEWAY;
		put_address(f, hop, "nhc_gw.ipv6");
	} else {
		vr_puts(f, "00000000000000000000000000000000");
	}
	dev = vr_at(route.prog, "struct net_device", vr_u64(hop, "nhc_dev"));
	if (dev.addr)
		vr_str(dev, "name", name, sizeof(name));
	vr_printf(f, " %08x %08x %08x %08x %8s\n", (unsigned)vr_u64(route, "fib6_metric"),
		  (unsigned)vr_u64(route, "fib6_ref.refs.counter"), 0, (unsigned)flags, name);
}

/* A node's routes, linked to each other. */
static void put_node(struct vr_file *f, struct vr_obj node)
{
	struct vr_cycle_check cycle = {0};
	uint64_t addr = 0;

	if (vr_u64(node, "fn_flags") & RTN_RTINFO)
		addr = vr_u64(node, "leaf");
	while (addr && !vr_failed(node.prog)) {
		struct vr_obj route = vr_at(node.prog, "struct fib6_info", addr);
		uint64_t next;

		if (vr_cycle_seen(&cycle, addr) || cycle.count > VR_WALK_LIMIT) {
			vr_cut(node.prog, VR_CORRUPT, "a cycle of routes at 0x%" PRIx64, addr);
			return;
		}
		if (vr_try_u64(route, "fib6_next", &next) != VR_OK) {
			vr_cut(node.prog, VR_FAULT, "a route at 0x%" PRIx64 " can't be read", addr);
			return;
		}
		vr_row_begin(f);
		put_route(f, route);
		vr_row_end(f);
		addr = next;
	}
}

static void put_table(struct vr_file *f, struct vr_obj table)
{
	struct walk w = {.prog = table.prog};
	struct vr_scope scope;

	vr_scope_enter(table.prog, &scope);
	go_down(&w, vr_get(table, "tb6_root").addr, false);
	while (next_node(&w))
		put_node(f, w.node);
	vr_scope_leave(table.prog, &scope);
	if (scope.error.kind != VR_OK)
		vr_cut(table.prog, scope.error.kind, "%s", scope.error.text);
	else if (scope.cuts)
		vr_cut(table.prog, scope.cut.kind, "%s", scope.cut.text);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_hash_table tables =
		vr_hash_table(vr_index(vr_get(key->obj, "ipv6.fib_table_hash"), 0), "",
			      vr_has(key->obj, "ipv6.fib6_rules_ops") ? TABLES : 1);
	struct vr_hash_walk w;

	vr_hash_begin(&w, &tables, "struct fib6_table", "tb6_hlist");
	while (vr_hash_next(&w))
		put_table(f, w.entry);
}

VR_EMITTER(.path = "{net}/ipv6_route", .source = "fib6_table", .emit = emit)
