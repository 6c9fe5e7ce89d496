/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dumped kernel's types. A type is immutable and lives as long as the program it came from; two
 * lookups of one type give the same pointer.
 */
/* Elsewhere than in the program itself all headers come together (host.h says why). */
#ifndef VR_BUILTIN
#include <vmcore-report/plugin.h>
#endif

#ifndef VMCORE_REPORT_TYPE_H
#define VMCORE_REPORT_TYPE_H

#include <vmcore-report/error.h>

enum vr_type_kind {
	VR_TYPE_VOID,
	VR_TYPE_INT, /* char and bool too */
	VR_TYPE_FLOAT,
	VR_TYPE_ENUM,
	VR_TYPE_STRUCT,
	VR_TYPE_UNION,
	VR_TYPE_POINTER,
	VR_TYPE_ARRAY,
	VR_TYPE_TYPEDEF,
	VR_TYPE_CONST, /* and volatile, restrict, tags: qualifiers, looked through everywhere */
	VR_TYPE_FUNCTION,
	VR_TYPE_INCOMPLETE, /* declared only: struct foo; */
};

struct vr_type;
struct vr_program;

/**
 * A member of a struct or union. Offsets and sizes in bits; bit_size is 0 unless a bitfield, and
 * never more than its type has. A member lies within its struct: one that a forged dump puts
 * elsewhere has an incomplete type without a name.
 */
struct vr_member {
	const char *name; /* "" for an anonymous one */
	const struct vr_type *type;
	uint32_t bit_offset;
	uint8_t bit_size;
};

/** One name of an enum. */
struct vr_enumerator {
	const char *name;
	int64_t value; /* sign- or zero-extended as the enum's signedness says */
};

/**
 * A type by its C name: "struct task_struct", "union x", "enum pid_type", "unsigned int", "u64",
 * "struct list_head *", "char [16]". NULL where this kernel has none.
 * Where several definitions share a name the one of vmlinux, then the first, is given.
 */
VR_API const struct vr_type *vr_type_find(struct vr_program *prog, const char *name);

/*
 * The functions that take a type take NULL too, and answer like a type that has nothing of what
 * they ask for. A type that can't be right (typedefs in a circle, an array beyond the address
 * space) is VR_TYPE_INCOMPLETE and nameless.
 */
VR_API enum vr_type_kind vr_type_kind(const struct vr_type *type);
/** The tag or name without struct/union/enum, "" where anonymous. */
VR_API const char *vr_type_name(const struct vr_type *type);
/** sizeof in bytes; 0 for void, functions, flexible arrays and incomplete types. */
VR_API uint64_t vr_type_size(const struct vr_type *type);
/** True for signed integers and enums. */
VR_API bool vr_type_is_signed(const struct vr_type *type);
/** What a pointer, array, typedef, qualifier or function (its return) refers to; else NULL. */
VR_API const struct vr_type *vr_type_target(const struct vr_type *type);
/** Number of elements of an array, else 0. */
VR_API uint64_t vr_type_length(const struct vr_type *type);
/**
 * Through typedefs and qualifiers down to the type that has a layout. From a declaration to the
 * definition of that name, where there is just one.
 */
VR_API const struct vr_type *vr_type_strip(const struct vr_type *type);
/** Members of a struct or union (looked up through typedefs); *count gets their number. */
VR_API const struct vr_member *vr_type_members(const struct vr_type *type, size_t *count);
/** Names of an enum (likewise). None for 8-byte enums of 5.x kernels, whose BTF cut their values.
 */
VR_API const struct vr_enumerator *vr_type_enumerators(const struct vr_type *type, size_t *count);
/**
 * Find a member by name, anonymous structs and unions looked into. On VR_OK *out is a copy whose
 * bit_offset counts from the start of type. VR_ABSENT, VR_NOMEM, VR_CORRUPT (anonymous members
 * nested without end).
 */
VR_API enum vr_err vr_type_member(const struct vr_type *type, const char *name,
				  struct vr_member *out);
/**
 * Offset in bytes of a member given as a dotted path with indexes: "se.avg", "pids[1].next".
 * Indexes are held to the array's length, unless that is 0 or 1: such are flexible. VR_ABSENT,
 * VR_UNSUPPORTED (not such a path, or a bitfield that doesn't begin at a byte), VR_NOMEM,
 * VR_CORRUPT.
 */
VR_API enum vr_err vr_type_offsetof(const struct vr_type *type, const char *path, uint64_t *offset);
/** The value of a name in any enum of the kernel, NULL type_name searching all of them. VR_ABSENT.
 */
VR_API enum vr_err vr_enum_value(struct vr_program *prog, const char *type_name,
				 const char *enumerator, int64_t *value);
/** The type's C spelling into buf ("struct task_struct *"), cut to fit; returns buf. */
VR_API char *vr_type_spell(const struct vr_type *type, char *buf, size_t size);

#endif
