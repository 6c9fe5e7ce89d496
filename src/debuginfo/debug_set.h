/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files with debug information that belong to one dump. */
#ifndef DEBUGINFO_DEBUG_SET_H
#define DEBUGINFO_DEBUG_SET_H

#include "debuginfo/debug_file.h"

struct vr_debug_module {
	char *name; /* the module's */
	struct vr_debug_file *file;
	bool asked_for; /* it is where the user said that files are */
	bool placed;    /* the dump was asked where its sections are */
};

/** Owns its files. All zero: empty. */
struct vr_debug_set {
	struct vr_debug_file *vmlinux; /* NULL: there is none */
	bool vmlinux_asked_for;
	struct vr_debug_module *modules;
	size_t module_count;
};

void vr_debug_set_free(struct vr_debug_set *set);
/** Add a module's file, which is taken over, also on failure. False: out of memory. */
bool vr_debug_set_add(struct vr_debug_set *set, const struct vr_debug_module *module);
/** That module's; NULL: there is none. */
struct vr_debug_module *vr_debug_set_module(struct vr_debug_set *set, const char *name);

#endif
