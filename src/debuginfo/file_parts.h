/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What debug_file.c shares with the files that do a part of its work. */
#ifndef DEBUGINFO_FILE_PARTS_H
#define DEBUGINFO_FILE_PARTS_H

#include <libelf.h>

#include <vmcore-report/error.h>

#include "base/arena.h"
#include "base/hash.h"

struct vr_debug_file;

/** What lines.c has looked up in a file: address to struct vr_source, or 0. */
struct vr_lines_cache {
	struct vr_map by_addr;
	struct vr_arena arena;
};
struct vr_lines_cache *vr_debug_file_lines(struct vr_debug_file *file);

/** For vr_debug_file_damage(): the first one stays. why may be NULL. */
void vr_debug_file_note_damage(struct vr_debug_file *file, const char *why);

/** Is what begins so a compressed file? */
bool vr_is_packed(const void *data, size_t len);
/** Unpack all of it into malloc'd memory; VR_UNSUPPORTED where it isn't packed. VR_CORRUPT, VR_LIMIT, VR_NOMEM. */
enum vr_err vr_unpack(const void *data, size_t len, void **unpacked, size_t *size,
		      struct vr_error *err);

/** Where sections of a module lie, by their index. */
struct vr_section_places {
	const uint64_t *addr; /* 0: nowhere */
	size_t count;
};
/**
 * Apply the relocations in a section (SHT_RELA) of a module to the debug section that they are for,
 * in place. A place for code that was not loaded is 0. VR_CORRUPT, VR_UNSUPPORTED (a kind of
 * relocation that debug sections don't have).
 */
enum vr_err vr_relocate_section(Elf *elf, size_t relocations,
				const struct vr_section_places *places, struct vr_error *err);

#endif
