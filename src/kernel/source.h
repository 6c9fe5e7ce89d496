/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source lines of frames, where files with debug information are at hand. */
#ifndef KERNEL_SOURCE_H
#define KERNEL_SOURCE_H

#include "base/strbuf.h"
#include "debuginfo/debug_set.h"
#include "debuginfo/lines.h"
#include "kernel/stack.h"

/**
 * What the sources have where a frame is: for a return address, where the call is. Prog's. NULL:
 * nobody tells. Latches nothing.
 */
const struct vr_source *vr_frame_source(struct vr_program *prog, const struct vr_frame *frame);

/**
 * Tell a module's file where its sections are, once, before any of its debug sections is looked at.
 * False: the dump doesn't say. Latches nothing.
 */
bool vr_debug_module_place(struct vr_program *prog, struct vr_debug_module *module);

/** "mm/slub.c:1234"; "" where it isn't told. Returns buf. */
char *vr_source_text(const struct vr_source_frame *frame, char *buf, size_t size);

/**
 * A frame in one line, or in several where functions were inlined into it, the innermost first; each
 * begins with indent and ends with a line break:
 *
 *	__list_add (include/linux/list.h:68) (inlined)
 *	name+0x1c/0x40 [module] (fs/xfs/xfs_trans.c:231)
 *
 * mark is put before the last one ("? " of an unreliable frame). Returns how many lines it were.
 */
size_t vr_frame_print(struct vr_strbuf *sb, struct vr_program *prog, const struct vr_frame *frame,
		      const char *indent, const char *mark);
/** Only those of what was inlined. */
size_t vr_frame_print_inlined(struct vr_strbuf *sb, struct vr_program *prog,
			      const struct vr_frame *frame, const char *indent);
/** " (mm/slub.c:1234)", or nothing where it isn't told. */
void vr_frame_print_line(struct vr_strbuf *sb, struct vr_program *prog,
			 const struct vr_frame *frame);

#endif
