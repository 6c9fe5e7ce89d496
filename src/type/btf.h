/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One BTF blob (Documentation/bpf/btf.rst), checked and indexed where it lies. Knows the format
 * only: what a record means to a user of types is make.c's business.
 */
#ifndef TYPE_BTF_H
#define TYPE_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

#include "base/holes.h"

enum vr_btf_kind {
	VR_BTF_VOID, /* id 0 only */
	VR_BTF_INT,
	VR_BTF_PTR,
	VR_BTF_ARRAY,
	VR_BTF_STRUCT,
	VR_BTF_UNION,
	VR_BTF_ENUM,
	VR_BTF_FWD,
	VR_BTF_TYPEDEF,
	VR_BTF_VOLATILE,
	VR_BTF_CONST,
	VR_BTF_RESTRICT,
	VR_BTF_FUNC,
	VR_BTF_FUNC_PROTO,
	VR_BTF_VAR,
	VR_BTF_DATASEC,
	VR_BTF_FLOAT,
	VR_BTF_DECL_TAG,
	VR_BTF_TYPE_TAG,
	VR_BTF_ENUM64,
	VR_BTF_KINDS,
};

/** The name spaces of C, and one for variables. */
enum vr_btf_space {
	VR_SPACE_PLAIN, /* typedefs and base types */
	VR_SPACE_STRUCT,
	VR_SPACE_UNION,
	VR_SPACE_ENUM,
	VR_SPACE_VARIABLE,
};

/* Typedefs, qualifiers and arrays of arrays are followed this far. */
#define VR_BTF_CHAIN_MAX 64
/* Longer names than the kernel makes (KSYM_NAME_LEN is 512) aren't indexed. */
#define VR_BTF_NAME_MAX 1024

/** A named type; those of one name and name space are chained in the order of their ids. */
struct vr_btf_name {
	uint32_t id;
	uint32_t next; /* index + 1, or 0 */
};

/** An enumerator: the index-th of the enum that is record id. */
struct vr_btf_enumerator {
	uint32_t name;
	uint32_t id;
	uint32_t index;
};

struct vr_btf {
	const struct vr_btf *base; /* what a module's BTF builds on, NULL for vmlinux */
	unsigned char *data;
	const unsigned char *types;
	uint32_t types_len;
	const char *strings;
	uint32_t strings_len;
	uint32_t strings_start; /* name offsets below belong to the base */
	uint32_t start_id; /* ids below belong to the base; 0 for vmlinux, whose id 0 is void */
	uint32_t end_id;
	uint32_t *offsets;    /* by id - start_id: where the record begins in types */
	uint32_t *pointer_to; /* likewise: the PTR record that refers to it, or 0 */
	struct vr_btf_name *names;
	uint32_t name_count;
	uint32_t *name_slots; /* hash table of index + 1 into names */
	uint32_t name_mask;
	uint32_t *enums; /* ids of all enums with names in them */
	uint32_t enum_count;
	struct vr_btf_enumerator *enumerators; /* made on first use */
	uint32_t *enumerator_slots;
	uint32_t enumerator_mask;
	bool has_enum_signs; /* some enum has kflag or 64 bits: kflag tells signedness (Linux 6.0)
			      */
	uint64_t seed;
	bool is_cut;         /* types from end_id on are lost */
	bool has_lost_names; /* these begin with VR_BTF_LOST_NAME, which no name of C's does */
};

#define VR_BTF_LOST_NAME '?'

/** One record, decoded. value is the size or the type id, as the kind has it. */
struct vr_btf_record {
	uint32_t name;
	uint32_t value;
	uint32_t vlen;
	enum vr_btf_kind kind;
	bool kflag;
	const unsigned char *body; /* what follows the 12 bytes common to all */
};

/**
 * Check data (len bytes, taken over in any case) in full, and index it: in one pass over the types,
 * every kind, length, type id and name offset is verified, so that nothing later needs to be.
 * base is NULL or vmlinux's BTF, which must outlive this one.
 * holes (may be NULL) are offsets in data where what it holds isn't what the kernel has. Records
 * follow one another without a mark, so that types end at the first hole among them; holes among
 * the strings cost the names that they touch. VR_FAULT: they leave no type.
 * VR_CORRUPT, VR_UNSUPPORTED (version, flags, a kind that is not known), VR_NOMEM.
 */
enum vr_err vr_btf_open(void *data, size_t len, const struct vr_btf *base,
			const struct vr_holes *holes, struct vr_btf **out, struct vr_error *err);
void vr_btf_close(struct vr_btf *btf);

/** Record id; void where it is lost. Ids of the base are found in the base. */
void vr_btf_record(const struct vr_btf *btf, uint32_t id, struct vr_btf_record *rec);
/** A name by its offset, as records have it. NUL-terminated. */
const char *vr_btf_string(const struct vr_btf *btf, uint32_t offset);
/** Whether rec is only a declaration: struct foo; */
bool vr_btf_is_forward(const struct vr_btf_record *rec);

/**
 * Bytes that type id takes (0: void, functions, declarations, flexible arrays). False where that
 * can't be told: typedefs or arrays in a circle or beyond all measure.
 */
bool vr_btf_size(const struct vr_btf *btf, uint32_t id, uint64_t *size);
/** The record behind typedefs and qualifiers. False as above. */
bool vr_btf_strip(const struct vr_btf *btf, uint32_t id, struct vr_btf_record *rec);

/** Index + 1 (into btf->names) of the first type of that name in this blob, not its base; or 0. */
uint32_t vr_btf_find(const struct vr_btf *btf, enum vr_btf_space space, const char *name,
		     size_t len);
/** The first definition of that name (its id), *count of them; 0 where there is none. */
uint32_t vr_btf_find_definition(const struct vr_btf *btf, enum vr_btf_space space, const char *name,
				size_t len, uint32_t *count);

/** Whether the enum's values are signed. Before Linux 6.0 BTF doesn't say: see enums.c. */
bool vr_btf_enum_is_signed(const struct vr_btf *btf, const struct vr_btf_record *rec);
/** The number of values that are known for the enum. */
uint32_t vr_btf_enum_count(const struct vr_btf_record *rec);
/** The index-th value of an enum and its name. */
int64_t vr_btf_enum_value(const struct vr_btf_record *rec, bool is_signed, uint32_t index,
			  uint32_t *name);
/** The first enumerator of that name in any enum of this blob. VR_ABSENT, VR_NOMEM. */
enum vr_err vr_btf_find_enumerator(struct vr_btf *btf, const char *name, int64_t *value);

#endif
