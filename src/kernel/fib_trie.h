/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4's routes (net/ipv4/fib_trie.c): tables, and the compressed trie of each.
 *
 *	struct vr_fib_tables tables = vr_fib_tables_begin(net);
 *	while (vr_fib_table_next(&tables)) {
 *		struct vr_fib_walk w;
 *
 *		vr_fib_begin(&w, tables.table);
 *		while (vr_fib_next(&w))
 *			use(&w);
 *	}
 */
#ifndef KERNEL_FIB_TRIE_H
#define KERNEL_FIB_TRIE_H

#include "kernel/hash_table.h"

/* include/uapi/linux/rtnetlink.h */
enum { VR_RT_TABLE_MAIN = 254, VR_RT_TABLE_LOCAL = 255 };
/* Bits of a key, and so the most nodes above one another. */
#define VR_FIB_KEY_BITS 32

/** A walk over the tables of a namespace that have a trie. */
struct vr_fib_tables {
	struct vr_obj table; /* struct fib_table */
	uint32_t id;
	/* private */
	struct vr_hash_walk walk;
};
/** Begin the walk over a struct net's tables. Latches. */
void vr_fib_tables_begin(struct vr_fib_tables *walk, struct vr_obj net);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_fib_table_next(struct vr_fib_tables *walk);
/** A table by its id: no object where there is none. Latches. */
struct vr_obj vr_fib_table_find(struct vr_obj net, uint32_t id);

/** A walk over a trie's nodes, each before those below it, in the order of their keys. */
struct vr_fib_walk {
	struct vr_obj node; /* struct key_vector */
	uint32_t key;       /* of the host's byte order */
	unsigned pos, bits; /* a leaf: 0, 0 */
	bool leaf;
	unsigned depth; /* nodes above it */
	/* of an inner node: its children */
	uint32_t empty_children, full_children;
	/* private */
	struct vr_obj trie;
	struct {
		struct vr_obj node;
		uint64_t next, count;
		unsigned pos;
	} above[VR_FIB_KEY_BITS + 1];
	unsigned levels;
	uint64_t nodes;
};
/** Begin the walk over a struct fib_table's trie. Latches. */
void vr_fib_begin(struct vr_fib_walk *walk, struct vr_obj table);
/** Advance; what isn't a node that can be there is cut, with all below it. */
bool vr_fib_next(struct vr_fib_walk *walk);
/** The routes of a leaf: entries are struct fib_alias. */
struct vr_list_walk vr_fib_aliases(const struct vr_fib_walk *walk);

/** A route's first next hop (struct fib_nh_common) of its struct fib_info: fib_info_nhc(). Latches. */
struct vr_obj vr_fib_next_hop(struct vr_obj fib_info);

#endif
