/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What debug_file.c shares with the files that do a part of its work. */
#ifndef DEBUGINFO_FILE_PARTS_H
#define DEBUGINFO_FILE_PARTS_H

#include <elfutils/libdw.h>
#include <libelf.h>

#include <vmcore-report/error.h>

#include "base/arena.h"
#include "base/hash.h"

struct vr_debug_file;

/** What was looked up in a file, so that nothing is looked up twice: address to a struct of the arena, or 0. */
struct vr_lookups {
	struct vr_map sources; /* lines.c: struct vr_source */
	struct vr_map calls;   /* call_site.c: by return address */
	struct vr_map
		tail_calls; /* call_site.c: by a function's offset in .debug_info, whether it has any */
	struct vr_map parameters; /* parameters.c */
	struct vr_arena arena;
};
struct vr_lookups *vr_debug_file_lookups(struct vr_debug_file *file);

/** For vr_debug_file_damage(): the first one stays. why may be NULL. */
void vr_debug_file_note_damage(struct vr_debug_file *file, const char *why);

/** Is a unit in C? Assembly, too, which says what it is in DWARF 5 only. */
bool vr_unit_is_c(Dwarf_Die *unit);

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
