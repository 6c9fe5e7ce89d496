/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How types are kept: a shell for each type that somebody came across, made from its BTF record, or
 * its entry in DWARF, and without the types that it refers to. Those follow when they are asked
 * for, so nothing recurses.
 */
#ifndef TYPE_MODEL_H
#define TYPE_MODEL_H

#include "base/arena.h"
#include "base/hash.h"
#include "type/btf.h"
#include "type/dies.h"
#include "type/name_filter.h"
#include "type/types.h"

enum vr_qualifier { VR_QUAL_NONE, VR_QUAL_CONST, VR_QUAL_VOLATILE, VR_QUAL_RESTRICT };

/* One BTF blob, or one file's DWARF, and the types made of it so far. */
struct vr_type_source {
	struct vr_types *types;
	struct vr_btf *btf;   /* one of these, */
	struct vr_dies *dies; /* the other is NULL */
	char *module;         /* NULL: vmlinux */
	const char *file;     /* the name of what has its DWARF */
	/* That file, as long as nobody has asked for a name that it may have; else NULL. */
	struct vr_debug_file *waiting;
	struct vr_name_filter *filter; /* NULL: it may have any */
	struct vr_error damage;        /* of DWARF that was read late */
	struct vr_type_source *base;
	bool is_partial;       /* its structs have more members than are known */
	bool variables_only;   /* a better source has all types of the same */
	struct vr_type **made; /* of BTF, by id - btf->start_id */
	struct vr_map shells;  /* of DWARF, by offset */
};

struct vr_types {
	struct vr_arena arena;
	struct vr_type_source **sources; /* vmlinux's is the first */
	size_t source_count;
	struct vr_map arrays;    /* hash of element and length to a chain of synthesised arrays */
	struct vr_type *nothing; /* void */
	struct vr_type *broken;  /* stands for what can't be right */
	struct vr_type *lost;    /* stands for what the dump lacks */
	struct vr_error lack;    /* VR_OK: all types are there */
};

struct vr_type {
	enum vr_type_kind kind;
	enum vr_btf_space space; /* of struct, union, enum and their declarations */
	enum vr_qualifier qualifier;
	bool is_signed;
	bool is_partial; /* a struct with members that aren't known */
	bool is_unsized; /* and not even its size is: it's as large as what is known of it */
	bool is_counted; /* DWARF's count is made with the members */
	uint32_t id;     /* its record (DWARF: offset of its entry), or 0: synthesised */
	uint32_t ref;    /* the record that it refers to */
	uint32_t count;  /* members or enumerators */
	uint64_t size;
	uint64_t length;
	const char *name;
	struct vr_types *types;
	struct vr_type_source *source; /* NULL: synthesised */
	/* Filled on demand, through self since users hold a pointer to const. */
	struct vr_type *self;
	const struct vr_type *target;
	const struct vr_type *stripped;
	const struct vr_type *pointer; /* the pointer to this */
	struct vr_type *next;          /* array with the same hash */
	const struct vr_member *members;
	const struct vr_enumerator *enumerators;
};

/** A zeroed type of the table. NULL: out of memory. */
struct vr_type *vr_type_new(struct vr_types *types, enum vr_type_kind kind);
/**
 * Type id of a source (DWARF: the offset of its entry), made if need be. NULL: out of memory.
 */
const struct vr_type *vr_type_of_id(struct vr_type_source *source, uint32_t id);
/** The same of DWARF. */
const struct vr_type *vr_type_of_die(struct vr_type_source *source, uint32_t offset);
/** vr_type_fill() for a type from DWARF. */
bool vr_type_fill_die(struct vr_type *type);
/** The parameters of a function: up to max ids, 0 for "..."; all of them are counted. */
size_t vr_type_params(const struct vr_type *function, uint32_t *ids, size_t max);
/** Whether a member lies within its struct. */
bool vr_member_fits(const struct vr_type *type, const struct vr_member *member);
/**
 * The first definition of that name in a source (its id), *count (may be NULL) of them that differ; 0
 * where there is none.
 */
uint32_t vr_source_find_definition(struct vr_type_source *source, enum vr_btf_space space,
				   const char *name, size_t len, uint32_t *count);
/**
 * Whether the source may have that name; if it does, and is DWARF, its names are read now. What is wrong
 * with it then is in its damage, and it has no names at all.
 */
bool vr_source_may_have(struct vr_type_source *source, const char *name, size_t len);
/** Read the DWARF that waits. VR_CORRUPT and so on, as vr_types_add_dwarf_of(). */
enum vr_err vr_source_read_waiting(struct vr_type_source *source, struct vr_error *err);
/** Add a module's DWARF that is read only for a name that the filter, which is taken over, lets pass. */
enum vr_err vr_types_add_waiting(struct vr_types *types, const char *module,
				 struct vr_debug_file *file, struct vr_name_filter *filter,
				 struct vr_error *err);
/** The first definition or declaration, likewise. */
uint32_t vr_source_find(struct vr_type_source *source, enum vr_btf_space space, const char *name,
			size_t len);
/**
 * bit_offset and bit_size of a member: the 12 bytes at p of a struct or union whose record has that
 * kflag. False: they can't be right. The rest of *member is left alone.
 */
bool vr_btf_place_member(const struct vr_btf *btf, bool kflag, const unsigned char *p,
			 struct vr_member *member);
/** Make the members of a struct or union, or the names of an enum. False: out of memory. */
bool vr_type_fill(struct vr_type *type);
/**
 * The definition of a declared type ("struct foo;") in its own source or vmlinux. NULL where there
 * is none, or several.
 */
const struct vr_type *vr_type_complete(const struct vr_type *type);
/**
 * vr_type_member() for a name that isn't NUL-terminated. VR_ABSENT, VR_NOMEM, VR_CORRUPT where
 * anonymous members are nested without end, and the kind of vr_types_lack() where the dump lacks
 * some of what the member may be among.
 */
enum vr_err vr_type_find_member(const struct vr_type *type, const char *name, size_t len,
				struct vr_member *out);
/** vr_types_find() preferring a source (or NULL). */
const struct vr_type *vr_type_by_name(struct vr_types *types, struct vr_type_source *prefer,
				      const char *name, struct vr_error *err);

#endif
