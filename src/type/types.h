/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The type model. Sources (BTF, DWARF) fill it lazily: a type is made the first time that somebody
 * asks for it. Everything lives in one arena until vr_types_free().
 */
#ifndef TYPE_TYPES_H
#define TYPE_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/type.h>

#include "base/holes.h"
#include "type/dwarf_sections.h"

struct vr_debug_file;
struct vr_types;

struct vr_types *vr_types_new(void);
void vr_types_free(struct vr_types *types);

/**
 * Add vmlinux's BTF (Documentation/bpf/btf.rst): len bytes, which the table takes over (malloc'd;
 * released with it, also on error). Checked in full: kinds, lengths, ids, string offsets.
 * VR_CORRUPT, VR_UNSUPPORTED (a kind it doesn't know: the text names it; a second call), VR_NOMEM.
 */
enum vr_err vr_types_add_btf(struct vr_types *types, void *data, size_t len, struct vr_error *err);
/**
 * The same where parts of it could not be read (holes: offsets in data). What it holds as a whole
 * is there; the caller says what is not by vr_types_set_lack(). VR_FAULT: nothing is left.
 */
enum vr_err vr_types_add_holed_btf(struct vr_types *types, void *data, size_t len,
				   const struct vr_holes *holes, struct vr_error *err);
/**
 * Add types of vmlinux's that are known in part, from another source than its BTF, as BTF of our
 * own making: its structs have more members than it says, and one with kflag is larger. Found where
 * vmlinux's own BTF doesn't have the type.
 */
enum vr_err vr_types_add_partial(struct vr_types *types, void *data, size_t len,
				 struct vr_error *err);
/** The first type id of vmlinux's that is lost; 0: none is. */
uint32_t vr_types_first_lost(const struct vr_types *types);

/**
 * Say why types are missing. What isn't found then, type or member, is of this kind (VR_FAULT),
 * not VR_ABSENT.
 */
void vr_types_set_lack(struct vr_types *types, const struct vr_error *why);
/** NULL: none are missing. */
const struct vr_error *vr_types_lack(const struct vr_types *types);
/** Whether the dump lacks what says what this type is (its elements, if it is an array). */
bool vr_type_is_lost(const struct vr_type *type);
/** Likewise only how large it is. */
bool vr_type_size_is_lost(const struct vr_type *type);

/**
 * Add a module's split BTF over vmlinux's, which must be there and whole (VR_ABSENT, VR_FAULT); several modules may be
 * added. module is copied. Errors otherwise as above.
 */
enum vr_err vr_types_add_module_btf(struct vr_types *types, const char *module, void *data,
				    size_t len, struct vr_error *err);

/**
 * Add what debug information (DWARF 2 to 5) says of vmlinux's types (module NULL) or of a module's.
 * The sections, and those of the companion file that dwz makes (NULL: there is none), stay the
 * caller's and must outlive the table, and so must name, which is for messages. Types are read when somebody asks for
 * them, but for one pass over the names. vmlinux's comes first, or behind its BTF; where that BTF is
 * whole, DWARF is asked for variables only, and read when the first is. What is only declared in a
 * module's is looked for in vmlinux's.
 * VR_CORRUPT, VR_ABSENT (it describes nothing), VR_UNSUPPORTED (split DWARF, unknown versions; a
 * second time for the same), VR_NOMEM; the text begins with name.
 */
enum vr_err vr_types_add_dwarf(struct vr_types *types, const char *module,
			       const struct vr_dwarf_sections *sections,
			       const struct vr_dwarf_sections *alt, const char *name,
			       struct vr_error *err);
/**
 * vr_types_add_btf() of a file's section .BTF, and vr_types_add_dwarf() of its DWARF; the file must
 * outlive the table. A module's DWARF may wait until somebody asks for a name that it may have, so that
 * it is then that damage is noticed (vr_types_next_damage()). VR_ABSENT: it has none; else as those, and as vr_debug_file_dwarf().
 */
enum vr_err vr_types_add_btf_of(struct vr_types *types, struct vr_debug_file *file,
				struct vr_error *err);
enum vr_err vr_types_add_dwarf_of(struct vr_types *types, const char *module,
				  struct vr_debug_file *file, struct vr_error *err);
/**
 * The next, from *at = 0 on, of what was wrong with debug information (vmlinux's: *module NULL) that was
 * read only when somebody asked for a name. False: there is no more, so far.
 */
bool vr_types_next_damage(const struct vr_types *types, size_t *at, const char **module,
			  const struct vr_error **damage);
/** Whether types of that module (NULL: of vmlinux) are there, from whatever source. */
bool vr_types_has_source(const struct vr_types *types, const char *module);
/** Whether vmlinux's types are from its BTF, which modules' BTF builds on. */
bool vr_types_has_btf(const struct vr_types *types);

/** Number of types indexed (all sources). */
size_t vr_types_count(const struct vr_types *types);

/** As vr_type_find(): *err says what is missing (VR_ABSENT) or malformed (VR_UNSUPPORTED). */
const struct vr_type *vr_types_find(struct vr_types *types, const char *name, struct vr_error *err);
/** The same, preferring a definition in that module's BTF. */
const struct vr_type *vr_types_find_in(struct vr_types *types, const char *module, const char *name,
				       struct vr_error *err);
/**
 * Pointer to and array of a type (count 0: flexible), interned; a pointer is the one that BTF has
 * if it has one. NULL: out of memory, or an array larger than the address space.
 */
const struct vr_type *vr_types_pointer_to(struct vr_types *types, const struct vr_type *target);
const struct vr_type *vr_types_array_of(struct vr_types *types, const struct vr_type *element,
					uint64_t count);
/**
 * The type of a variable: per-CPU ones' may be in BTF (DATASEC/VAR), all are in DWARF. NULL: none is
 * known, or several variables have that name and not the same type.
 */
const struct vr_type *vr_types_variable(struct vr_types *types, const char *name);
/** As vr_enum_value(); not found where types are missing: the kind of vr_types_lack(). */
enum vr_err vr_types_enum_value(struct vr_types *types, const char *type_name,
				const char *enumerator, int64_t *value);

#endif
