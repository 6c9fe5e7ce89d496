/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * .debug_frame from ORC tables. ORC itself would say the same, but its encodings changed four times
 * (arch/orc.h) and readers know those of their own time at best; call frame information is read by
 * all alike.
 */
#ifndef VMLINUX_FRAMES_H
#define VMLINUX_FRAMES_H

#include "vmlinux/blob.h"
#include "vmlinux/layout.h"

/**
 * Fill .debug_frame from vmlinux's tables and those of all modules that have a place in the layout;
 * *rows gets the number of rows. Rows that the dump lacks are missing. VR_ABSENT: a kernel without
 * ORC; what else vr_orc_tables_find() says; out->failed besides.
 */
enum vr_err vr_frames_make(struct vr_program *prog, const struct vr_layout *layout,
			   struct vr_blob *out, uint32_t *rows, struct vr_error *err);

#endif
