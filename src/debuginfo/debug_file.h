/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF file with (perhaps) debug information: a vmlinux, a module, what was split off from one.
 * Its bytes are mapped, so that processes forked later read it without any right to files. Nothing
 * of it is believed: what is malformed is an error that names the file.
 */
#ifndef DEBUGINFO_DEBUG_FILE_H
#define DEBUGINFO_DEBUG_FILE_H

#include <elfutils/libdw.h>

#include <vmcore-report/error.h>

#include "debuginfo/build_id.h"

struct vr_debug_file;

/**
 * Map the file behind fd (the caller's, not needed any longer afterwards); name is what errors call
 * it. One that is compressed as a whole (.xz, .zst, .gz) is unpacked when something of it is asked
 * for first. VR_OS, VR_NOMEM; VR_UNSUPPORTED: empty, or larger than can be.
 */
enum vr_err vr_debug_file_map(int fd, const char *name, struct vr_debug_file **file,
			      struct vr_error *err);
/** Releases all that was handed out. NULL: nothing. */
void vr_debug_file_free(struct vr_debug_file *file);

const char *vr_debug_file_name(const struct vr_debug_file *file);
/** Must it be unpacked, which takes its time, before anything of it is known? */
bool vr_debug_file_is_packed(const struct vr_debug_file *file);

/**
 * Its ELF structure, looked at once: later calls say the same. VR_CORRUPT, VR_UNSUPPORTED (another
 * machine's), VR_LIMIT (unpacked it is too large), VR_NOMEM. *elf is the file's.
 */
enum vr_err vr_debug_file_elf(struct vr_debug_file *file, Elf **elf, struct vr_error *err);
/** Its build id, len 0 where it has none. As vr_debug_file_elf(). */
enum vr_err vr_debug_file_build_id(struct vr_debug_file *file, struct vr_build_id *id,
				   struct vr_error *err);
/**
 * A section's bytes, uncompressed, debug sections of a module relocated (vr_debug_file_place()); *data
 * is the file's. VR_ABSENT: it has no such section, or only its header, as split files have.
 */
enum vr_err vr_debug_file_section(struct vr_debug_file *file, const char *name, const void **data,
				  size_t *len, struct vr_error *err);
/**
 * The same of the next section of that name behind the one with index *at (0: the first), which
 * becomes its own: there may be several of .debug_types, and of .debug_info, where nobody has linked them.
 */
enum vr_err vr_debug_file_next_section(struct vr_debug_file *file, const char *name, size_t *at,
				       const void **data, size_t *len, struct vr_error *err);
/**
 * Let go of the memory behind a section that has no relocations: what is asked for again comes from the
 * file again.
 */
void vr_debug_file_let_go(struct vr_debug_file *file, const char *section);
/** Value of a symbol of .symtab; in a module it is an offset in the section *section. VR_ABSENT. */
enum vr_err vr_debug_file_symbol(struct vr_debug_file *file, const char *name, uint64_t *value,
				 size_t *section, struct vr_error *err);

/**
 * A NUL-terminated string at an address of a linked file, cut to fit. VR_ABSENT: the file has no bytes
 * for that address.
 */
enum vr_err vr_debug_file_text(struct vr_debug_file *file, uint64_t addr, char *buf, size_t size);

/** What a file says of another one that completes it. */
struct vr_debug_link {
	char name[256];        /* "" : it says nothing */
	uint32_t crc;          /* of a debuglink */
	struct vr_build_id id; /* of a dwz file */
};
/** .gnu_debuglink: where its debug information was split off to. */
void vr_debug_file_link(struct vr_debug_file *file, struct vr_debug_link *link);
/** .gnu_debugaltlink: what dwz has moved out of several files. */
void vr_debug_file_altlink(struct vr_debug_file *file, struct vr_debug_link *link);
/** Does the file's CRC-32 agree with a debuglink's? Reads all of it. */
bool vr_debug_file_has_crc(const struct vr_debug_file *file, uint32_t crc);
/** Give it the file that its altlink names, which it takes over. Before its DWARF is asked for. */
void vr_debug_file_set_alt(struct vr_debug_file *file, struct vr_debug_file *alt);
/** That file; NULL: it has none. */
struct vr_debug_file *vr_debug_file_alt(const struct vr_debug_file *file);

/** Are there sections of DWARF in it? Looks at the section headers only. */
bool vr_debug_file_has_dwarf(struct vr_debug_file *file);
/**
 * Its DWARF, opened once. A module's is relocated as if all its sections lay at 0, so that an
 * address is an offset in its section, unless vr_debug_file_place() said otherwise before. VR_ABSENT:
 * it has none; VR_UNSUPPORTED: its other part is missing (dwz); as vr_debug_file_elf() else. *dwarf
 * is the file's.
 */
enum vr_err vr_debug_file_dwarf(struct vr_debug_file *file, Dwarf **dwarf, struct vr_error *err);
/**
 * What turned out to be wrong with its debug information when it was looked at, and may have cost an
 * answer; the text begins with the file's name. VR_OK: nothing so far.
 */
const struct vr_error *vr_debug_file_damage(const struct vr_debug_file *file);
/** Is it a module: sections that nobody has linked? */
bool vr_debug_file_is_module(struct vr_debug_file *file);
/**
 * Where the kernel has put a module's section of that name. Before its DWARF is asked for; sections
 * without a place then have none (their code is never found).
 */
enum vr_err vr_debug_file_place(struct vr_debug_file *file, const char *section, uint64_t addr);

#endif
