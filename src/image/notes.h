/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF notes of a dump, as of PT_NOTE segments and of kdump's note area. */
#ifndef IMAGE_NOTES_H
#define IMAGE_NOTES_H

#include "base/arena.h"
#include "image/file.h"
#include "image/image.h"

/* No VMCOREINFO, register set or the like is larger; drivers' device dumps (NT_VMCOREDD) are. */
#define VR_NOTE_DESC_MAX ((size_t)1 << 20)

/** Zero-initialise to begin. */
struct vr_notes {
	struct vr_note *items;
	size_t count;
	size_t cap;
	size_t seen;  /* notes met, kept or not */
	size_t bytes; /* of names and descriptions kept */
	struct vr_arena arena;
};

/**
 * Add the notes in the file's [off, off + len). Notes with a description above VR_NOTE_DESC_MAX are
 * passed over. What follows a malformed note, lies behind the file's end or exceeds the bounds on
 * number (65536) and total (16 MiB) is left out and logged. VR_NOMEM.
 */
enum vr_err vr_notes_read(struct vr_notes *notes, struct vr_file *file, uint64_t off, uint64_t len,
			  const struct vr_log *log, struct vr_error *err);
void vr_notes_free(struct vr_notes *notes);

/** The first note of that name, NULL where there is none. */
const struct vr_note *vr_notes_find(const struct vr_notes *notes, const char *name);

/**
 * A copy of the VMCOREINFO note's text for free(). *text is NULL where there is no such note or
 * it doesn't hold an OSRELEASE line. VR_NOMEM.
 */
enum vr_err vr_notes_vmcoreinfo(const struct vr_notes *notes, char **text, struct vr_error *err);

/** The same from len bytes that should be such a text. */
enum vr_err vr_vmcoreinfo_text(const uint8_t *data, size_t len, char **text, struct vr_error *err);

#endif
