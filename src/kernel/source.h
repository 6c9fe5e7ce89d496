/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source lines of frames, where files with debug information are at hand. */
#ifndef KERNEL_SOURCE_H
#define KERNEL_SOURCE_H

#include "base/strbuf.h"
#include "debuginfo/debug_set.h"
#include "debuginfo/lines.h"
#include "kernel/parameters.h"

/** Where a file with debug information has a frame's code. */
struct vr_code_place {
	struct vr_debug_file *file;
	uint64_t at;     /* as the file has addresses; of a return address: where the call is */
	uint64_t offset; /* from there to the dump's */
};
/** False: no file is there for it. Latches nothing. */
bool vr_frame_place(struct vr_program *prog, const struct vr_frame *frame,
		    struct vr_code_place *place);

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

/** How frames are printed. */
struct vr_frame_style {
	struct vr_program *prog;
	const char *indent; /* of each line */
	/* What is known of the stack's parameters; NULL: they are not to be printed. */
	const struct vr_stack_parameters *parameters;
	unsigned number; /* the frame's, within that stack */
};

/**
 * A frame in one line, or in several where functions were inlined into it, the innermost first; each
 * begins with indent and ends with a line break:
 *
 *	__list_add (include/linux/list.h:68) (inlined)
 *	name+0x1c/0x40 [module] (fs/xfs/xfs_trans.c:231)
 *	    tp=0xffff888003c5a300, flags=2
 *
 * mark is put before the function's own line ("? " of an unreliable frame). The last line has its
 * parameters, where some are known; the inlined functions' are likewise below theirs. Returns how many
 * lines it were.
 */
size_t vr_frame_print(struct vr_strbuf *sb, const struct vr_frame_style *style,
		      const struct vr_frame *frame, const char *mark);
/** Only those of what was inlined. */
size_t vr_frame_print_inlined(struct vr_strbuf *sb, const struct vr_frame_style *style,
			      const struct vr_frame *frame);
/** Only that of the function's own parameters: nothing, where none are known. */
size_t vr_frame_print_parameters(struct vr_strbuf *sb, const struct vr_frame_style *style,
				 const struct vr_frame *frame);
/** " (mm/slub.c:1234)", or nothing where it isn't told. */
void vr_frame_print_line(struct vr_strbuf *sb, struct vr_program *prog,
			 const struct vr_frame *frame);

#endif
