/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel has put a module's sections, as /sys/module/<name>/sections and notes show. */
#ifndef KERNEL_MODULE_SECTIONS_H
#define KERNEL_MODULE_SECTIONS_H

#include "debuginfo/build_id.h"
#include "kernel/module.h"

/** Sections of one module, in its own order. */
struct vr_section_walk {
	char name[64];
	uint64_t addr;
	/* private */
	struct vr_obj module, attribute;
	uint64_t list; /* of pointers to attributes, the last one NULL */
	size_t next;
};
/** Kernels without KALLSYMS or SYSFS keep none; nothing is latched then. */
struct vr_section_walk vr_section_walk_begin(struct vr_obj module);
/** Advance. A list without end is recorded as a cut. */
bool vr_section_walk_next(struct vr_section_walk *walk);

/** Its build id, from the notes in its memory. False: it has none, or it can't be read. Latches nothing. */
bool vr_module_build_id(struct vr_obj module, struct vr_build_id *id);

#endif
