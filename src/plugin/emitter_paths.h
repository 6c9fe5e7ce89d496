/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths the emitters know, so that those that no report's file came of can be told. */
#ifndef PLUGIN_EMITTER_PATHS_H
#define PLUGIN_EMITTER_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/** A path as in VR_EMITTER() (emitter.h), and as what fnmatch() takes. */
struct vr_emitter_path {
	const char *path;    /* static string */
	const char *glob[2]; /* the second one may be NULL */
	const char *plugin;  /* that runs the emitter; static string, "" where none does */
};

/** Sorted, and only those of which no file has been seen. Zero-initialise to begin. */
struct vr_emitter_paths {
	struct vr_emitter_path *list;
	size_t count;
	struct vr_arena arena;
};

/** All of the program's. False: out of memory. */
bool vr_emitter_paths_find(struct vr_emitter_paths *paths);
/** Add one. False: out of memory. */
bool vr_emitter_paths_add(struct vr_emitter_paths *paths, const char *path);
/** There is a file of that path: what it comes of is taken out. */
void vr_emitter_paths_seen(struct vr_emitter_paths *paths, const char *path);
void vr_emitter_paths_free(struct vr_emitter_paths *paths);

#endif
