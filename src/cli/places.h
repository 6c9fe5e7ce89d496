/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the program's own files are. All of it is found from the program's own place, so that an
 * installed tree can be moved as a whole, and a build folder needs no install.
 */
#ifndef CLI_PLACES_H
#define CLI_PLACES_H

#include <vmcore-report/error.h>

/** Absolute paths, owned; none needs to exist. */
struct vr_places {
	char *source;  /* the source tree, where we run from its build folder; else NULL */
	char *modules; /* parts of the program that are loaded when needed (shared objects) */
	char *plugins; /* native plugins, installed by others; NULL in the build folder */
	char *python;  /* what Python finds modules in: the folder above vmcore_report/ */
	char *python_plugins; /* Python plugins, ours and others' */
};

/** From the running program. VR_OS, VR_NOMEM. */
enum vr_err vr_places_find(struct vr_places *places, struct vr_error *err);
/** The same for a program at exe, an absolute path. VR_NOMEM. */
enum vr_err vr_places_of(const char *exe, struct vr_places *places, struct vr_error *err);
void vr_places_free(struct vr_places *places);

#endif
