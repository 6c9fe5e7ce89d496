/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which archive paths are taken, and by whom. A path that is a file can't be a folder as well: an
 * archive with both can't be unpacked.
 */
#ifndef PLUGIN_PATHSET_H
#define PLUGIN_PATHSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum vr_claim {
	VR_CLAIM_OK,
	VR_CLAIM_TAKEN,  /* the path is a file already */
	VR_CLAIM_FOLDER, /* it is a folder already: there are files below it */
	VR_CLAIM_UNDER,  /* a component before its last is a file already */
	VR_CLAIM_NOMEM,
};

struct vr_path_node;

/**
 * Components as a tree, found through one hash table with a secret key (paths come from workers
 * that may be hostile). Memory is linear in the bytes of the paths. Zero-initialise to begin.
 */
struct vr_pathset {
	struct vr_arena arena;
	struct vr_path_node **slots;
	size_t count;
	size_t cap; /* a power of two, or 0 */
	uint64_t key[2];
};

/**
 * Take path (which vr_path_check() passed) for owner, any number. Where it can't be had *other (may
 * be NULL) gets the owner that it belongs to, and nothing changes.
 */
enum vr_claim vr_pathset_claim(struct vr_pathset *set, const char *path, uint32_t owner,
			       uint32_t *other);
/** Is there a file at path? */
bool vr_pathset_has(const struct vr_pathset *set, const char *path);
void vr_pathset_free(struct vr_pathset *set);

/** "already written", ...: the reason for which a claim was refused, for people. Static string. */
const char *vr_claim_text(enum vr_claim claim);

#endif
