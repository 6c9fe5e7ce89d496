/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where files with debug information lie: in the packages of Debian, Ubuntu, Fedora and SUSE as they
 * are installed, in folders into which such were unpacked, in build trees, and flat. Looks at names
 * and opens files; what is in them is others' business.
 */
#ifndef DEBUGINFO_DEBUG_PATHS_H
#define DEBUGINFO_DEBUG_PATHS_H

#include <limits.h>

#include <vmcore-report/error.h>

#include "debuginfo/build_id.h"

enum vr_debug_what {
	VR_DEBUG_VMLINUX, /* of release and id */
	VR_DEBUG_MODULE,  /* of release, name and id */
	VR_DEBUG_SPLIT,   /* what was split off from beside: by the debuglink name, or by id */
	VR_DEBUG_ALT,     /* what dwz moved out of beside: by name, or by id */
	VR_DEBUG_WHATS,
};

/** What is looked for. Plain data; strings that say nothing are "". */
struct vr_debug_wanted {
	enum vr_debug_what what;
	char release[65];
	char name[256];
	struct vr_build_id id;
	char beside[PATH_MAX]; /* a path that was given before */
};

/** Where it is looked for. */
struct vr_debug_places {
	const char *vmlinux; /* a file to try first; may be NULL */
	const char *const *dirs;
	size_t dir_count;
	bool system;      /* this system's own folders, too */
	const char *root; /* where those begin; "" but in tests */
};

struct vr_debug_paths;

/** places' strings must outlive it. NULL: out of memory. */
struct vr_debug_paths *vr_debug_paths_new(const struct vr_debug_places *places);
void vr_debug_paths_free(struct vr_debug_paths *paths);

/**
 * Open the next file that may be what is wanted, from *at = 0 on, the likeliest first. Only regular
 * files. Returns the descriptor, *path (valid until the next call) and whether the user has named
 * the place; -1: no more. What is wanted may come from someone hostile: names with folders in them
 * and paths that were not given are never opened.
 */
int vr_debug_paths_next(struct vr_debug_paths *paths, const struct vr_debug_wanted *wanted,
			size_t *at, const char **path, bool *asked_for);

/** Does any of this system's own folders exist? Looking there is in vain otherwise. */
bool vr_debug_paths_exist(const char *root);

#endif
