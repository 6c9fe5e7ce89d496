/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Build ids: the linker's mark of one build, the same in a file, its debug file and memory. */
#ifndef DEBUGINFO_BUILD_ID_H
#define DEBUGINFO_BUILD_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** SHA-1's 20 bytes mostly; a user may give the linker any number. */
#define VR_BUILD_ID_MAX 64
#define VR_BUILD_ID_TEXT (2 * VR_BUILD_ID_MAX + 1)

struct vr_build_id {
	uint8_t bytes[VR_BUILD_ID_MAX];
	size_t len; /* 0: there is none */
};

/** Find NT_GNU_BUILD_ID in ELF notes (len bytes, aligned to 4). False: none, or none that's whole. */
bool vr_build_id_of_notes(const void *notes, size_t len, struct vr_build_id *id);
/** From hexadecimal digits, two a byte. False: it isn't that. */
bool vr_build_id_parse(const char *text, struct vr_build_id *id);
/** As hexadecimal digits, "none" where there is none; returns buf. */
char *vr_build_id_text(const struct vr_build_id *id, char buf[VR_BUILD_ID_TEXT]);
bool vr_build_id_equal(const struct vr_build_id *a, const struct vr_build_id *b);

#endif
