/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbours (net/core/neighbour.c): the entries of a table as /proc goes through them. */
#ifndef KERNEL_NEIGHBOUR_H
#define KERNEL_NEIGHBOUR_H

#include "kernel/hash_table.h"

/* include/uapi/linux/neighbour.h */
enum {
	VR_NUD_REACHABLE = 0x02,
	VR_NUD_STALE = 0x04,
	VR_NUD_DELAY = 0x08,
	VR_NUD_PROBE = 0x10,
	VR_NUD_NOARP = 0x40,
	VR_NUD_PERMANENT = 0x80,
	/* include/net/neighbour.h */
	VR_NUD_VALID = VR_NUD_PERMANENT | VR_NUD_NOARP | VR_NUD_REACHABLE | VR_NUD_PROBE |
		       VR_NUD_STALE | VR_NUD_DELAY
};

/** Walk a struct neigh_table's entries (struct neighbour), of all namespaces, with vr_hash_next(). */
void vr_neighbours_begin(struct vr_hash_walk *walk, struct vr_obj neigh_table);
/** The same for those that it answers for (struct pneigh_entry). */
void vr_proxies_begin(struct vr_hash_walk *walk, struct vr_obj neigh_table);

#endif
