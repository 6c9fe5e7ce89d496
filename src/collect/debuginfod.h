/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debuginfod servers, by elfutils' client library, which is loaded where it is there. */
#ifndef COLLECT_DEBUGINFOD_H
#define COLLECT_DEBUGINFOD_H

#include <stdbool.h>
#include <stdint.h>

#include "debuginfo/build_id.h"

struct vr_debuginfod;

/** Called once in a while. False: give up. total is 0 where nobody knows it. */
typedef bool (*vr_debuginfod_progress)(void *arg, uint64_t done, uint64_t total);

/** Is anyone to be asked? */
bool vr_debuginfod_is_set(void);
/** Load the library. NULL, and *why is its reason, where that can't be. */
struct vr_debuginfod *vr_debuginfod_new(vr_debuginfod_progress progress, void *arg,
					const char **why);
void vr_debuginfod_free(struct vr_debuginfod *d);
/**
 * The debug information of that build, from the client's cache or downloaded into it: a descriptor,
 * and where the file lies (free()). Below 0: the negative errno value.
 */
int vr_debuginfod_find(struct vr_debuginfod *d, const struct vr_build_id *id, char **path);

#endif
