/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debug information (DWARF 4) under construction: one unit that holds all types, then variables and
 * functions. References between types are written as numbers of types first and become offsets at
 * the end.
 */
#ifndef VMLINUX_DWARF_H
#define VMLINUX_DWARF_H

#include "symbol/symtab.h"
#include "type/model.h"
#include "vmlinux/blob.h"

/** The shapes that entries have (dwarf.c: their tags and attributes). A V ends those without a type. */
enum vr_abbrev {
	VR_DW_UNIT = 1,
	VR_DW_BASE,
	VR_DW_POINTER,
	VR_DW_POINTER_V,
	VR_DW_STRUCT,
	VR_DW_STRUCT_ANON,
	VR_DW_STRUCT_DECL,
	VR_DW_UNION,
	VR_DW_UNION_ANON,
	VR_DW_UNION_DECL,
	VR_DW_MEMBER,
	VR_DW_MEMBER_ANON,
	VR_DW_BITFIELD,
	VR_DW_BITFIELD_ANON,
	VR_DW_ENUM,
	VR_DW_ENUM_ANON,
	VR_DW_ENUM_DECL,
	VR_DW_ENUMERATOR_U,
	VR_DW_ENUMERATOR_S,
	VR_DW_ARRAY,
	VR_DW_RANGE,
	VR_DW_RANGE_OPEN,
	VR_DW_TYPEDEF,
	VR_DW_TYPEDEF_V,
	VR_DW_CONST,
	VR_DW_CONST_V,
	VR_DW_VOLATILE,
	VR_DW_VOLATILE_V,
	VR_DW_RESTRICT,
	VR_DW_RESTRICT_V,
	VR_DW_PROTOTYPE,
	VR_DW_PROTOTYPE_V,
	VR_DW_PARAM,
	VR_DW_PARAM_ANON,
	VR_DW_VARARGS,
	VR_DW_VARIABLE,
	VR_DW_VARIABLE_V,
	VR_DW_FUNCTION,
	VR_DW_FUNCTION_V,
	VR_DW_FUNCTION_PLAIN,
	VR_DW_INCOMPLETE,
	VR_DW_COUNT,
};

/** The integers that enums and array indexes are of, whatever the kernel calls its own. */
enum {
	VR_DW_U8,
	VR_DW_U16,
	VR_DW_U32,
	VR_DW_U64,
	VR_DW_S8,
	VR_DW_S16,
	VR_DW_S32,
	VR_DW_S64,
	VR_DW_INTS
};

/** One BTF blob on its way. */
struct vr_dwarf_source {
	const struct vr_type_source *source;
	uint32_t strings; /* where its strings are in .debug_str */
	uint32_t first;   /* number of its first type: a type's number is this + id - start_id */
};

struct vr_dwarf {
	struct vr_blob info, str;
	struct vr_blob refs; /* u32: where in info numbers of types are yet to be replaced */
	struct vr_dwarf_source *sources;
	size_t source_count;
	uint32_t *offsets; /* in info, by a type's number; 0: it has no entry */
	uint32_t type_count;
	uint32_t ints[VR_DW_INTS]; /* offsets in info */
	bool has_tags;             /* some type of the sources so far is a tag */
	uint32_t incomplete;       /* what stands for a type that can't be right */
};

/** Begin, with the sources of types (the first, and modules' if wanted). max as for blobs. VR_NOMEM. */
enum vr_err vr_dwarf_begin(struct vr_dwarf *dw, const struct vr_types *types, bool modules,
			   size_t max);
/** End the unit and put in the offsets of types. The blobs' failures tell. */
void vr_dwarf_end(struct vr_dwarf *dw);
void vr_dwarf_free(struct vr_dwarf *dw);
/** .debug_abbrev: the shapes. */
void vr_dwarf_abbrevs(struct vr_blob *out);

/** All type entries of all sources, in order (dwarf_types.c). */
void vr_dwarf_types(struct vr_dwarf *dw);

/**
 * A reference to a source's type id, into room that was made: 4 bytes. Not for void (id 0): ask
 * vr_dwarf_is_void() first.
 */
void vr_dwarf_ref(struct vr_dwarf *dw, const struct vr_dwarf_source *source, uint32_t id);
/** Whether the id is void's, tags looked through. */
bool vr_dwarf_is_void(const struct vr_dwarf *dw, const struct vr_dwarf_source *source, uint32_t id);
/** A name of a source by its offset, likewise: 4 bytes. */
void vr_dwarf_name(struct vr_dwarf *dw, const struct vr_dwarf_source *source, uint32_t name);
/** The parameters of a prototype's record, and the end of them. */
void vr_dwarf_params(struct vr_dwarf *dw, const struct vr_dwarf_source *source,
		     const struct vr_btf_record *proto);
/** A name that is no source's, in place; cut at VR_BTF_NAME_MAX. Makes its own room. */
void vr_dwarf_text(struct vr_dwarf *dw, const char *name);
/** An array of a type (by offset in info; count 0: flexible). Makes its own room; its offset. */
uint32_t vr_dwarf_array(struct vr_dwarf *dw, uint32_t element, uint64_t count);
/**
 * Offset of the entry for a type of the type model; entries that are needed for it are made. 0: void
 * or nothing.
 */
uint32_t vr_dwarf_type(struct vr_dwarf *dw, const struct vr_type *type);

/** Bytes outside ASCII become '?': no name in C has them, and readers take names for UTF-8. */
static inline char vr_dwarf_ascii(char c)
{
	return c >= ' ' && c < 0x7f ? c : '?';
}

#endif
