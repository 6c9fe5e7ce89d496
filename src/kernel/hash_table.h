/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash tables as the kernel's network code has them: an array of heads, and behind each a chain of
 * entries. Chains are those of include/linux/list.h (hlist), of include/linux/list_nulls.h, whose
 * end says in which bucket it is, or simply linked from entry to entry. They are walked bucket by
 * bucket, as /proc does.
 *
 *	struct vr_hash_walk w;
 *
 *	vr_hash_begin(&w, &table, "struct sock", "__sk_common.skc_node");
 *	while (vr_hash_next(&w))
 *		use(w.entry, w.bucket);
 *
 * What can't be followed is cut from its bucket; the walk goes on with the next one.
 */
#ifndef KERNEL_HASH_TABLE_H
#define KERNEL_HASH_TABLE_H

#include "kernel/list.h"

/** Most buckets of one table: far more than any kernel makes. */
#define VR_HASH_MAX_BUCKETS (1u << 26)

/** Where a table is. */
struct vr_hash_table {
	struct vr_program *prog;
	uint64_t heads;   /* the first one's address */
	uint64_t buckets; /* how many there are */
	uint64_t stride;  /* bytes from one head to the next */
	/* Chains end with an odd value, which is twice (nulls_base + bucket's number * nulls_step). */
	bool nulls;
	uint64_t nulls_base, nulls_step;
	bool lock_bit; /* bit 0 of a head says that it's locked */
};

struct vr_hash_walk {
	struct vr_obj entry; /* the current one; valid after vr_hash_next() returned true */
	uint64_t bucket;     /* which it is in */
	/* private */
	struct vr_hash_table table;
	const struct vr_type *type;
	uint64_t link_offset; /* in an entry: where links lead to */
	uint64_t next_offset; /* from there: where the next link is */
	uint64_t next_bucket; /* the one to be looked at next */
	uint64_t first_head, heads_held;
	uint64_t node; /* the current one; 0: between buckets */
	uint64_t count;
	struct vr_cycle_check cycle;
	unsigned unread; /* parts of the array that couldn't be read */
	bool done;
	uint8_t heads[4096];
};

/**
 * A table that is an array of structures, heads being a member of them: `count` from the object
 * `first` on, each with its head at the path `member` (a struct hlist_nulls_head or not, which
 * decides on the kind of chain; "": the object itself is the head). Latches.
 */
struct vr_hash_table vr_hash_table(struct vr_obj first, const char *member, uint64_t count);
/**
 * Walk a table's entries, linked by member: a struct hlist_node, hlist_nulls_node, rhash_head, or a
 * pointer to the next entry. Latches where there is no such member; a table of too many buckets is a
 * cut.
 */
void vr_hash_begin(struct vr_hash_walk *walk, const struct vr_hash_table *table, const char *type,
		   const char *member);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_hash_next(struct vr_hash_walk *walk);

/** A walk over a struct rhashtable (lib/rhashtable.c): also the tables that it grows or shrinks into. */
struct vr_rhash_walk {
	struct vr_obj entry;
	/* private */
	struct vr_hash_walk walk;
	struct vr_obj table; /* struct bucket_table */
	const char *type, *member;
	unsigned tables;
};

/** Begin; entries embed a struct rhash_head as member, in the order of rhashtable_walk_next(). */
void vr_rhash_begin(struct vr_rhash_walk *walk, struct vr_obj rhashtable, const char *type,
		    const char *member);
/** As vr_hash_next(). */
bool vr_rhash_next(struct vr_rhash_walk *walk);

#endif
