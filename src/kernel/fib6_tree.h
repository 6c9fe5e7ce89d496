/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv6's routes (net/ipv6/ip6_fib.c): tables, the tree of each, and the routes of each node.
 *
 *	struct vr_fib6_tables tables;
 *	vr_fib6_tables_begin(&tables, net);
 *	while (vr_fib6_table_next(&tables)) {
 *		struct vr_fib6_walk w;
 *
 *		vr_fib6_begin(&w, tables.table);
 *		while (vr_fib6_next(&w))
 *			use(w.route);
 *	}
 */
#ifndef KERNEL_FIB6_TREE_H
#define KERNEL_FIB6_TREE_H

#include "kernel/hash_table.h"

/** Bits of two addresses, and their roots: no way down a tree is longer. */
#define VR_FIB6_DEPTH (2 * (128 + 2))

/** A walk over a namespace's tables. */
struct vr_fib6_tables {
	struct vr_obj table; /* struct fib6_table */
	/* private */
	struct vr_hash_walk walk;
};
/** Begin the walk over a struct net's tables. Latches. */
void vr_fib6_tables_begin(struct vr_fib6_tables *walk, struct vr_obj net);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_fib6_table_next(struct vr_fib6_tables *walk);

/**
 * A walk over a table's routes in the order of fib6_walk_continue(): at each node its subtree comes
 * first, then what is left of it and right, then its own.
 */
struct vr_fib6_walk {
	struct vr_obj route; /* struct fib6_info */
	/* private */
	struct vr_program *prog;
	struct {
		struct vr_obj node;
		int64_t bit; /* where it branches: further down than its parent */
		unsigned step;
		bool in_subtree;
	} way[VR_FIB6_DEPTH];
	unsigned levels;
	uint64_t nodes;
	uint64_t next; /* the next route of the same node */
	struct vr_cycle_check cycle;
};
/** Begin the walk over a struct fib6_table's tree. */
void vr_fib6_begin(struct vr_fib6_walk *walk, struct vr_obj table);
/** Advance; what isn't a node or route that can be there is cut, with all below it. */
bool vr_fib6_next(struct vr_fib6_walk *walk);

/** A route's first next hop (a struct fib_nh_common): nexthop_fib6_nh(). Latches. */
struct vr_obj vr_fib6_next_hop(struct vr_obj route);

#endif
