/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unwind rows, one after another, as entries of .debug_frame. */
#ifndef VMLINUX_FRAME_ROWS_H
#define VMLINUX_FRAME_ROWS_H

#include "arch/orc.h"
#include "vmlinux/blob.h"

/* What describes rows in common: a type of frame, and whether its caller was interrupted. */
#define VR_FRAME_KINDS 8

struct vr_frame_rows {
	struct vr_blob *out;
	uint64_t offset;               /* subtracted from addresses */
	bool sp_indirect_offset_first; /* see vr_orc_step() */
	uint32_t rows;
	uint32_t common[VR_FRAME_KINDS]; /* offsets of the common parts in out */
	/* The entry being written. */
	bool open;
	size_t entry;       /* its offset in out */
	uint64_t start, at; /* of the entry, of its last row */
	uint64_t end;       /* of its last row */
	unsigned int entry_rows;
	unsigned int kind;
	struct vr_orc_entry last;
};

/** Begin: writes the common parts. */
void vr_frame_rows_begin(struct vr_frame_rows *f);
/**
 * Add the rule for [start, end). Ranges ascend; one that doesn't, or a rule that can't be said (of
 * unknown kind, undefined), is left out.
 */
void vr_frame_rows_add(struct vr_frame_rows *f, uint64_t start, uint64_t end,
		       const struct vr_orc_entry *entry);
/** End the entry being written, before ranges start anew, and at the end. */
void vr_frame_rows_flush(struct vr_frame_rows *f);

#endif
