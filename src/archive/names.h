/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which names an archive has so far: what keeps a path from entering twice, and from being a file
 * in one place and a folder in another, so that the result can be extracted. A tree of components
 * in one array, parents before their children, 40 bytes and the name for each.
 */
#ifndef ARCHIVE_NAMES_H
#define ARCHIVE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

#include "base/arena.h"

/* The root folder; it has no name here. */
#define VR_NAMES_ROOT 0
#define VR_NAMES_PATH_MAX 4096

struct vr_name {
	const char *text;
	uint32_t parent;
	uint32_t hash;
	bool dir;
};

struct vr_names {
	struct vr_name *names; /* by number, VR_NAMES_ROOT first */
	uint32_t count;
	uint32_t cap;
	uint32_t *slots; /* hash table of numbers; 0 is empty, since the root is never looked up */
	uint32_t slot_count;
	uint64_t secret; /* keeps a forged dump from choosing names that collide */
	struct vr_arena arena;
	uint32_t last_dir; /* files come folder by folder: the last one's number and path */
	char last_path[VR_NAMES_PATH_MAX];
};

/** Zero-initialised names become an empty tree with its root. VR_NOMEM. */
enum vr_err vr_names_init(struct vr_names *names, struct vr_error *err);
void vr_names_free(struct vr_names *names);

/**
 * Enter the file at path, which passes vr_path_check(), and the folders above it that are new. They
 * get the numbers from the old count on, outermost first, the file last. Where it fails nothing is
 * changed: VR_CORRUPT (there already, or a file in the way of a folder), VR_LIMIT, VR_NOMEM.
 */
enum vr_err vr_names_add(struct vr_names *names, const char *path, struct vr_error *err);

/** The path of a name ("" for the root) into buf of VR_NAMES_PATH_MAX bytes; returns buf. */
char *vr_names_path(const struct vr_names *names, uint32_t number, char *buf);

#endif
