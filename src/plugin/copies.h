/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contents that several files share, as /proc/<pid>/mounts of all processes of one mount namespace:
 * they are made once and kept for a while, within bounds.
 */
#ifndef PLUGIN_COPIES_H
#define PLUGIN_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vr_file;

#define VR_COPY_IDS 3

/** What the contents of a file depend on: files with equal keys have the same ones. */
struct vr_copy_key {
	const void *of; /* who makes them; NULL: no key */
	uint64_t
		id[VR_COPY_IDS]; /* and from what: addresses of structures, 0 where there is none */
};

struct vr_copy;

/** Kept contents, most recently used first. All zeros: none. */
struct vr_copies {
	struct vr_copy *first;
};

/**
 * Give f, a file that is empty so far, the contents kept for key, with all that was dropped from
 * them. false: none are kept, and those that f gets will be, once it ends.
 */
bool vr_copies_use(struct vr_copies *copies, struct vr_file *f, const struct vr_copy_key *key);
/** Keep the contents of f, which has ended and is in the archive, for its key. */
void vr_copies_keep(struct vr_copies *copies, const struct vr_file *f);
void vr_copies_free(struct vr_copies *copies);

#endif
