// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/neighbour.h"

/* PNEIGH_HASHMASK + 1 */
#define PROXY_BUCKETS 16

void vr_neighbours_begin(struct vr_hash_walk *w, struct vr_obj neigh_table)
{
	struct vr_obj nht = vr_deref(neigh_table, "nht");
	/* Linked both ways since 6.13. */
	bool hlist = vr_has(nht, "hash_heads");
	uint64_t shift = vr_u64(nht, "hash_shift");
	struct vr_hash_table table =
		vr_hash_table(vr_deref(nht, hlist ? "hash_heads" : "hash_buckets"), "",
			      shift < 32 ? 1ull << shift : UINT64_MAX);

	vr_hash_begin(w, &table, "struct neighbour", hlist ? "hash" : "next");
}

void vr_proxies_begin(struct vr_hash_walk *w, struct vr_obj neigh_table)
{
	struct vr_hash_table table =
		vr_hash_table(vr_deref(neigh_table, "phash_buckets"), "", PROXY_BUCKETS);

	vr_hash_begin(w, &table, "struct pneigh_entry", "next");
}
