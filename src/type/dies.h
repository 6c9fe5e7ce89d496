/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debugging information entries (DWARF 2 to 5) of one file, read where they lie and found by
 * name. Knows the format only: what an entry means to a user of types is die_types.c's business.
 *
 * An offset names an entry. Offsets run through the sections as if they lay one behind the other:
 * .debug_info, those of type units, then that of the companion file that dwz makes.
 */
#ifndef TYPE_DIES_H
#define TYPE_DIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

#include "base/hash.h"
#include "type/btf.h"
#include "type/dwarf_sections.h"

#define VR_DIE_VOID 0u        /* no entry is there: a unit begins with its header */
#define VR_DIE_BAD UINT32_MAX /* a reference that leads nowhere */

/* What is wanted of an entry, of all the attributes that it may have. */
enum vr_die_field {
	VR_DIE_NAME,
	VR_DIE_TYPE,
	VR_DIE_BYTE_SIZE,
	VR_DIE_BIT_SIZE,
	VR_DIE_BIT_OFFSET,
	VR_DIE_DATA_BIT_OFFSET,
	VR_DIE_MEMBER_LOCATION,
	VR_DIE_ENCODING,
	VR_DIE_CONST_VALUE,
	VR_DIE_UPPER_BOUND,
	VR_DIE_COUNT,
	VR_DIE_DECLARATION,
	VR_DIE_EXTERNAL,
	VR_DIE_SPECIFICATION,
	VR_DIE_SIBLING,
	VR_DIE_SIGNATURE,
	VR_DIE_LINE,
	VR_DIE_LANGUAGE,
	VR_DIE_STR_OFFSETS_BASE,
	VR_DIE_SPLIT, /* the name of the file that has the rest */
	VR_DIE_FIELDS,
};

/* How a value is to be understood. */
enum vr_die_class {
	VR_DIE_OTHER, /* of no use here */
	VR_DIE_UNSIGNED,
	VR_DIE_SIGNED,
	VR_DIE_TEXT,
	VR_DIE_ENTRY, /* number is an offset, or VR_DIE_BAD */
	VR_DIE_BLOCK, /* number bytes at text */
};

struct vr_die_value {
	uint64_t number;
	const char *text;
	enum vr_die_class kind;
};

/* An abbreviation: the form of entries that are alike. */
#define VR_DIE_FORM_SKIP 0xffff /* of our own: as many bytes as implicit says */

struct vr_die_spec {
	int64_t implicit;
	uint16_t form;
	uint8_t field; /* VR_DIE_FIELDS: not wanted */
};

struct vr_die_abbrev {
	uint32_t code, first, count; /* specs */
	uint16_t tag;
	bool has_children;
};

struct vr_die_abbrevs {
	struct vr_die_abbrev *list;
	struct vr_die_spec *specs;
	uint32_t count, cap, spec_count, spec_cap;
	bool is_dense; /* codes are 1, 2, 3, ...; else they ascend */
};

struct vr_die_unit {
	uint32_t start, first,
		end; /* offsets: of the header, of the first entry, behind the last */
	uint64_t abbrev_offset, str_base;
	struct vr_die_abbrevs *abbrevs; /* once somebody asked */
	uint32_t part;
	uint8_t version, address_size, offset_size;
	bool is_passed_over; /* of a language that isn't C */
};

/* What offsets run through. */
struct vr_die_part {
	const struct vr_dwarf_sections *sections;
	struct vr_bytes info;
	uint32_t start;
	bool is_types; /* .debug_types */
};

/* A name at the top of some unit. Those of one name and space are chained in their order. */
struct vr_die_name {
	const char *name;
	uint64_t shape; /* once somebody asked; 0: nobody has */
	uint32_t offset;
	uint32_t next; /* index + 1, or 0 */
	uint32_t len;
	uint8_t space; /* enum vr_btf_space */
	bool is_declaration;
};

struct vr_die_constant {
	const char *name;
	int64_t value;
};

struct vr_dies {
	struct vr_dwarf_sections sections, alt;
	struct vr_die_part *parts;
	uint32_t part_count;
	uint32_t end;
	uint32_t alt_start; /* where the companion's .debug_info begins; 0: there is none */
	struct vr_die_unit *units;
	size_t unit_count;
	const struct vr_die_unit *last_unit; /* the one asked for last */
	struct vr_map signatures;            /* of type units, to the entry of the type */
	struct vr_map tables; /* part and offset in .debug_abbrev to what was read there */
	bool is_indexed;
	struct vr_die_name *names;
	uint32_t name_count;
	uint32_t *name_slots; /* hash table of index + 1 into names */
	uint32_t name_mask;
	uint32_t *enums; /* offsets of all enums with names in them, one of each */
	uint32_t enum_count;
	struct vr_die_constant *constants; /* made on first use */
	uint32_t *constant_slots;
	uint32_t constant_mask;
	uint64_t seed;
};

/** An entry, read. */
struct vr_die {
	const struct vr_die_unit *unit;
	uint32_t offset;
	uint32_t next; /* behind its attributes: its first child, if it has children */
	uint32_t has;  /* a bit for each field that values has */
	uint16_t tag;  /* 0: the end of a list of children */
	bool has_children;
	struct vr_die_value values[VR_DIE_FIELDS];
};

/** Walks the children of an entry: zero it but for dies. */
struct vr_die_walk {
	struct vr_dies *dies;
	uint32_t at, end;
};

/**
 * The entries of these sections, whose bytes the caller keeps until vr_dies_close(); alt may be NULL. All
 * units are found and their headers checked. VR_CORRUPT, VR_UNSUPPORTED (split DWARF, versions not
 * known, sections of 4 GB), VR_ABSENT (no entries), VR_NOMEM.
 */
enum vr_err vr_dies_open(const struct vr_dwarf_sections *sections,
			 const struct vr_dwarf_sections *alt, struct vr_dies **out,
			 struct vr_error *err);
void vr_dies_close(struct vr_dies *dies);
/**
 * Make the index of names, in one pass over what is at the top of each unit; what comes below needs
 * it. Further calls do nothing. VR_CORRUPT, VR_NOMEM.
 */
enum vr_err vr_dies_index(struct vr_dies *dies, struct vr_error *err);

/** Find all units and check their headers: for vr_dies_open(). */
enum vr_err vr_dies_find_units(struct vr_dies *dies, struct vr_error *err);
/** The unit that has an offset; NULL: there is none. */
const struct vr_die_unit *vr_dies_unit(struct vr_dies *dies, uint32_t offset);
/** Read the abbreviations of a unit into *table, whose memory is used again. */
enum vr_err vr_die_abbrevs_read(const struct vr_dies *dies, const struct vr_die_unit *unit,
				struct vr_die_abbrevs *table, size_t *bytes);
void vr_die_abbrevs_free(struct vr_die_abbrevs *table);
/** The unit's abbreviations, read if need be. NULL: they can't be right, or out of memory. */
const struct vr_die_abbrevs *vr_dies_abbrevs(struct vr_dies *dies, const struct vr_die_unit *unit);

/** Read the entry at offset. False: there can't be one. */
bool vr_die_read(struct vr_dies *dies, uint32_t offset, struct vr_die *die);
/** The same of a unit whose abbreviations are at hand. */
bool vr_die_read_in(const struct vr_dies *dies, const struct vr_die_unit *unit,
		    const struct vr_die_abbrevs *abbrevs, uint32_t offset, struct vr_die *die);
/** Behind an entry with all its children. False: they have no end. */
bool vr_die_skip(const struct vr_dies *dies, const struct vr_die_abbrevs *abbrevs,
		 const struct vr_die *die, uint32_t *next);

static inline bool vr_die_has(const struct vr_die *die, enum vr_die_field field)
{
	return die->has >> field & 1;
}
/** "" where it has none. */
const char *vr_die_name(const struct vr_die *die);
/** A field that is a number and not negative. */
bool vr_die_number(const struct vr_die *die, enum vr_die_field field, uint64_t *value);
/** A field that refers to an entry; without is what to give where there is no such field. */
uint32_t vr_die_ref(const struct vr_die *die, enum vr_die_field field, uint32_t without);
bool vr_die_flag(const struct vr_die *die, enum vr_die_field field);

struct vr_die_walk vr_die_children(struct vr_dies *dies, const struct vr_die *die);
bool vr_die_walk_next(struct vr_die_walk *walk, struct vr_die *child);

/** Elements of an array, over all its dimensions; 0: flexible. False: more than can be. */
bool vr_die_array_length(struct vr_dies *dies, const struct vr_die *array, uint64_t *length);
/** Whether the enum's values are signed. */
bool vr_die_enum_is_signed(struct vr_dies *dies, const struct vr_die *die);
/** The value of an enumerator of an enum that has so many bytes. */
int64_t vr_die_enum_value(const struct vr_die *enumerator, bool is_signed, uint64_t size);
/** Where a member lies, in bits, and its width if it is a bitfield, else 0. False: nowhere. */
bool vr_die_place(struct vr_dies *dies, const struct vr_die *member, uint64_t *bit_offset,
		  uint64_t *bit_size);
/**
 * Bytes that the type at offset takes (0: void, functions, declarations, flexible arrays). False
 * where that can't be told: typedefs or arrays in a circle or beyond all measure.
 */
bool vr_die_size(struct vr_dies *dies, uint32_t offset, uint64_t *size);

/** Types of a function's parameters: up to max, VR_DIE_VOID for "..."; all of them are counted. */
size_t vr_die_params(struct vr_dies *dies, uint32_t function, uint32_t *offsets, size_t max);

/** In which space a type's name is. False: the entry is of no named kind. */
bool vr_die_space(uint16_t tag, enum vr_btf_space *space);
/**
 * The first definition of that name, *count (may be NULL) of them that differ; VR_DIE_VOID: none.
 * Also the first declaration of it.
 */
uint32_t vr_dies_find_definition(struct vr_dies *dies, enum vr_btf_space space, const char *name,
				 size_t len, uint32_t *count);
uint32_t vr_dies_find_declaration(struct vr_dies *dies, enum vr_btf_space space, const char *name,
				  size_t len);
/** The type of a variable; VR_DIE_VOID where there is none of that name, or several that differ. */
uint32_t vr_dies_find_variable(struct vr_dies *dies, const char *name);
/** The first enumerator of that name in any enum. VR_ABSENT, VR_NOMEM. */
enum vr_err vr_dies_find_enumerator(struct vr_dies *dies, const char *name, int64_t *value);
/**
 * The entry that stands for all that describe the same type: each unit has its own copies. For a
 * declaration its definition, where there is one that fits.
 */
uint32_t vr_dies_canonical(struct vr_dies *dies, uint32_t offset);
/**
 * A number that is the same for entries that describe the same type. Names of what is referred to
 * count, not what is behind them.
 */
uint64_t vr_die_shape(struct vr_dies *dies, uint32_t offset);
/** The same of a reference to a type: pointers and the like up to the first name. */
uint64_t vr_die_ref_shape(struct vr_dies *dies, uint32_t offset);

/** Room in an array for one more than count entries of size bytes; *cap is kept by the caller. False: out of memory. */
bool vr_dies_grow(void **array, uint32_t *cap, uint32_t count, size_t size);

#endif
