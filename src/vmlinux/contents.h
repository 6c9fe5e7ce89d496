/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's and its modules' memory as sections of the file, with bytes or without. */
#ifndef VMLINUX_CONTENTS_H
#define VMLINUX_CONTENTS_H

#include "addr/aspace.h"
#include "vmlinux/layout.h"

/** Set prog to begin, the rest zero. Counts are complete when the file is written. */
struct vr_contents {
	struct vr_program *prog;
	uint64_t offset;        /* from addresses as of link time to those of memory */
	uint64_t bytes;         /* of the kernel and its modules that came into the file */
	uint64_t missing;       /* of these, bytes that can't be read: zeros stand for them */
	uint64_t first;         /* the lowest address of such, as loaded */
	enum vr_mem_status why; /* what is the matter there */
	bool modules;           /* the modules' bytes are among them */
};

/**
 * Add a section for each part of the layout, which gets their indexes, and one for all modules.
 * bytes: fill them with what memory has; else they have none. c and layout must live until the file
 * is written.
 */
void vr_contents_add(struct vr_contents *c, struct vr_layout *layout, struct vr_elf_file *elf,
		     bool bytes);

#endif
