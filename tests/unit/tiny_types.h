/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF made from C: TINY_TYPES() hands one text both to the compiler, so that tests fill structures
 * by name, and to the small parser here, which lays it out as BTF describes it for x86-64.
 *
 *	TINY_TYPES(my_types, struct list_head { struct list_head *next, *prev; };)
 *
 * It knows structs, unions, enums, typedefs, bitfields, arrays, pointers, anonymous members, const
 * and __attribute__((packed)); no functions and no expressions.
 */
#ifndef TESTS_TINY_TYPES_H
#define TESTS_TINY_TYPES_H

#include <ctype.h>
#include <stdio.h>

#include "btf_builder.h"

#define TINY_TYPES(name, ...)                                                                      \
	__VA_ARGS__                                                                                \
	static const char name[] = #__VA_ARGS__;

#define TT_MAX_TYPES 512
#define TT_MAX_MEMBERS 1024
#define TT_NAME 40

struct tt_member {
	char name[TT_NAME];
	uint32_t type, offset; /* bits */
	uint32_t width;        /* of a bitfield */
	int32_t value;         /* of an enumerator */
};

struct tt_type {
	uint32_t kind; /* VR_BTF_* */
	char name[TT_NAME];
	uint32_t size, align, target, count;
	bool is_signed, has_bits;
	uint32_t first, members;
};

struct tt {
	struct tt_type types[TT_MAX_TYPES]; /* [0] is void, so that the index is BTF's id */
	struct tt_member members[TT_MAX_MEMBERS];
	uint32_t count, member_count;
	const char *p;
};

static inline void tt_bad(const struct tt *t, const char *what)
{
	fprintf(stderr, "tiny_types: %s at: %.60s\n", what, t->p);
	abort();
}

static inline uint32_t tt_add(struct tt *t, struct tt_type type)
{
	if (t->count == TT_MAX_TYPES)
		tt_bad(t, "too many types");
	t->types[t->count] = type;
	return t->count++;
}

static inline uint32_t tt_named(struct tt *t, uint32_t kind, const char *name)
{
	for (uint32_t i = 1; i < t->count; i++)
		if (t->types[i].kind == kind && !strcmp(t->types[i].name, name))
			return i;
	return 0;
}

/* A type that others refer to: made once. */
static inline uint32_t tt_derived(struct tt *t, uint32_t kind, uint32_t target, uint32_t count)
{
	const struct tt_type *of = &t->types[target];
	struct tt_type type = {.kind = kind, .target = target, .count = count};

	for (uint32_t i = 1; i < t->count; i++) {
		const struct tt_type *old = &t->types[i];

		if (old->kind == kind && old->target == target && old->count == count)
			return i;
	}
	type.size = kind == VR_BTF_PTR ? 8 : kind == VR_BTF_ARRAY ? of->size * count : of->size;
	type.align = kind == VR_BTF_PTR ? 8 : of->align;
	return tt_add(t, type);
}

/* ---- Words ---- */

static inline void tt_space(struct tt *t)
{
	while (isspace((unsigned char)*t->p))
		t->p++;
}

static inline bool tt_take(struct tt *t, const char *text)
{
	size_t len = strlen(text);

	tt_space(t);
	if (strncmp(t->p, text, len) || (isalnum((unsigned char)text[len - 1]) &&
					 (isalnum((unsigned char)t->p[len]) || t->p[len] == '_')))
		return false;
	t->p += len;
	return true;
}

static inline void tt_need(struct tt *t, const char *text)
{
	if (!tt_take(t, text))
		tt_bad(t, text);
}

static inline bool tt_word(struct tt *t, char word[TT_NAME])
{
	size_t len = 0;

	tt_space(t);
	while (isalnum((unsigned char)t->p[len]) || t->p[len] == '_') {
		if (len == TT_NAME - 1)
			tt_bad(t, "a long name");
		word[len] = t->p[len];
		len++;
	}
	word[len] = '\0';
	t->p += len;
	return len != 0;
}

static inline long tt_number(struct tt *t)
{
	char *end;
	long value = strtol(t->p, &end, 0);

	if (end == t->p)
		tt_bad(t, "a number is wanted");
	t->p = end;
	return value;
}

/* ---- Types ---- */

static inline uint32_t tt_type(struct tt *t);

/* The compiler's spelling of an integer, as BTF has it. */
static inline uint32_t tt_int(struct tt *t, bool is_unsigned, bool is_signed, int longs,
			      const char *word)
{
	struct tt_type type = {.kind = VR_BTF_INT, .is_signed = !is_unsigned};
	bool is_char = !strcmp(word, "char");
	uint32_t id;

	if (!strcmp(word, "_Bool")) {
		type = (struct tt_type){.kind = VR_BTF_INT, .name = "_Bool", .size = 1};
	} else if (is_char) {
		type.size = 1;
		snprintf(type.name, TT_NAME, "%schar",
			 is_unsigned ? "unsigned "
			 : is_signed ? "signed "
				     : "");
	} else if (!strcmp(word, "short") || longs) {
		type.size = longs ? 8 : 2;
		snprintf(type.name, TT_NAME, "%s%s%sint", longs ? "long " : "short ",
			 longs > 1 ? "long " : "", is_unsigned ? "unsigned " : "");
	} else {
		type.size = 4;
		snprintf(type.name, TT_NAME, "%sint", is_unsigned ? "unsigned " : "");
	}
	type.align = type.size;
	id = tt_named(t, VR_BTF_INT, type.name);
	return id ? id : tt_add(t, type);
}

static inline void tt_layout(struct tt *t, struct tt_type *s, struct tt_member *m, uint32_t count,
			     bool packed)
{
	uint32_t bits = 0, end = 0;

	s->align = 1;
	for (uint32_t i = 0; i < count; i++) {
		const struct tt_type *type = &t->types[m[i].type];
		uint32_t unit = type->size * 8, align = packed ? 1 : type->align;

		if (s->kind == VR_BTF_UNION)
			bits = 0;
		if (!m[i].width)
			bits = (bits + align * 8 - 1) / (align * 8) * (align * 8);
		else if (!packed && bits / unit != (bits + m[i].width - 1) / unit)
			bits = (bits + unit - 1) / unit * unit;
		m[i].offset = bits;
		bits += m[i].width ? m[i].width : unit;
		s->has_bits = s->has_bits || m[i].width;
		s->align = align > s->align ? align : s->align;
		end = bits > end ? bits : end;
	}
	s->size = ((end + 7) / 8 + s->align - 1) / s->align * s->align;
}

/* The members from behind "{" to "}". */
static inline void tt_body(struct tt *t, uint32_t id)
{
	struct tt_member m[64] = {0};
	struct tt_type made = t->types[id];
	uint32_t count = 0;

	while (!tt_take(t, "}")) {
		uint32_t base = tt_type(t);

		if (tt_take(t, ";")) { /* anonymous */
			m[count++].type = base;
			continue;
		}
		do {
			uint32_t type = base, counts[4], dims = 0;

			while (tt_take(t, "*"))
				type = tt_derived(t, VR_BTF_PTR, type, 0);
			tt_word(t, m[count].name);
			while (tt_take(t, "[")) {
				tt_space(t);
				counts[dims++] = *t->p == ']' ? 0 : (uint32_t)tt_number(t);
				tt_need(t, "]");
			}
			while (dims)
				type = tt_derived(t, VR_BTF_ARRAY, type, counts[--dims]);
			if (tt_take(t, ":"))
				m[count].width = (uint32_t)tt_number(t);
			m[count++].type = type;
		} while (tt_take(t, ","));
		tt_need(t, ";");
	}
	tt_layout(t, &made, m, count, tt_take(t, "__attribute__((packed))"));
	made.first = t->member_count;
	made.members = count;
	if (t->member_count + count > TT_MAX_MEMBERS)
		tt_bad(t, "too many members");
	memcpy(&t->members[t->member_count], m, count * sizeof(m[0]));
	t->member_count += count;
	t->types[id] = made;
}

static inline uint32_t tt_enum(struct tt *t)
{
	struct tt_type type = {.kind = VR_BTF_ENUM, .size = 4, .align = 4};
	int32_t value = 0;

	if (tt_word(t, type.name) && !tt_take(t, "{"))
		return tt_named(t, VR_BTF_ENUM, type.name);
	if (!type.name[0])
		tt_need(t, "{");
	type.first = t->member_count;
	while (!tt_take(t, "}")) {
		struct tt_member *m = &t->members[t->member_count++];

		tt_word(t, m->name);
		if (tt_take(t, "="))
			value = (int32_t)tt_number(t);
		type.is_signed = type.is_signed || value < 0;
		m->value = value++;
		type.members++;
		tt_take(t, ",");
	}
	return tt_add(t, type);
}

static inline uint32_t tt_tagged(struct tt *t, uint32_t kind)
{
	char name[TT_NAME];
	uint32_t id = 0;

	if (tt_word(t, name))
		id = tt_named(t, kind, name);
	if (!id) {
		struct tt_type type = {.kind = kind, .align = 1};

		memcpy(type.name, name, sizeof(name));
		type.first = UINT32_MAX; /* until it is defined */
		id = tt_add(t, type);
	}
	if (tt_take(t, "{"))
		tt_body(t, id);
	return id;
}

static inline uint32_t tt_type(struct tt *t)
{
	bool is_unsigned = false, is_signed = false;
	char word[TT_NAME];
	uint32_t id;
	int longs = 0;

	if (tt_take(t, "const"))
		return tt_derived(t, VR_BTF_CONST, tt_type(t), 0);
	if (tt_take(t, "struct"))
		return tt_tagged(t, VR_BTF_STRUCT);
	if (tt_take(t, "union"))
		return tt_tagged(t, VR_BTF_UNION);
	if (tt_take(t, "enum"))
		return tt_enum(t);
	if (tt_take(t, "void"))
		return 0;
	for (;;) {
		if (tt_take(t, "unsigned"))
			is_unsigned = true;
		else if (tt_take(t, "signed"))
			is_signed = true;
		else if (tt_take(t, "long"))
			longs++;
		else
			break;
	}
	if (tt_take(t, "char"))
		return tt_int(t, is_unsigned, is_signed, 0, "char");
	if (tt_take(t, "short"))
		return tt_int(t, is_unsigned, is_signed, 0, "short");
	if (tt_take(t, "int") || is_unsigned || is_signed || longs)
		return tt_int(t, is_unsigned, is_signed, longs, "int");
	if (tt_take(t, "_Bool"))
		return tt_int(t, false, false, 0, "_Bool");
	if (!tt_word(t, word) || !(id = tt_named(t, VR_BTF_TYPEDEF, word)))
		tt_bad(t, "an unknown type");
	return id;
}

static inline void tt_init(struct tt *t)
{
	*t = (struct tt){.count = 1};
	tt_int(t, false, false, 0, "int"); /* id 1, which bb_array() takes for its index */
}

/** Add the declarations of a text. */
static inline void tt_parse(struct tt *t, const char *text)
{
	t->p = text;
	for (tt_space(t); *t->p; tt_space(t)) {
		if (tt_take(t, "typedef")) {
			struct tt_type type = {.kind = VR_BTF_TYPEDEF};

			type.target = tt_type(t);
			while (tt_take(t, "*"))
				type.target = tt_derived(t, VR_BTF_PTR, type.target, 0);
			type.size = t->types[type.target].size;
			type.align = t->types[type.target].align;
			tt_word(t, type.name);
			tt_add(t, type);
		} else {
			tt_type(t);
		}
		tt_need(t, ";");
	}
}

/** Offset in bytes of a direct member, for types that the compiler has not seen. */
static inline uint32_t tt_offset(struct tt *t, const char *type_name, const char *member)
{
	const struct tt_type *type = &t->types[tt_named(t, VR_BTF_STRUCT, type_name)];

	for (uint32_t i = type->first; i < type->first + type->members; i++)
		if (!strcmp(t->members[i].name, member))
			return t->members[i].offset / 8;
	t->p = member;
	tt_bad(t, "no such member");
	return 0;
}

/* ---- BTF ---- */

static inline void tt_emit_members(struct btf_builder *b, const struct tt *t,
				   const struct tt_type *type)
{
	for (uint32_t i = type->first; i < type->first + type->members; i++) {
		const struct tt_member *m = &t->members[i];

		if (type->kind == VR_BTF_ENUM)
			bb_enumerator(b, m->name, m->value);
		else
			bb_member(b, m->name, m->type, m->width << 24 | m->offset);
	}
}

/** The types so far as a BTF blob: malloc'd, *len bytes. */
static inline unsigned char *tt_blob(const struct tt *t, size_t *len)
{
	struct btf_builder b;
	unsigned char *blob;

	bb_init(&b);
	for (uint32_t i = 1; i < t->count; i++) {
		const struct tt_type *type = &t->types[i];

		switch (type->kind) {
		case VR_BTF_INT:
			bb_int(&b, type->name, type->size, type->is_signed, type->size * 8, 0);
			break;
		case VR_BTF_ARRAY:
			bb_array(&b, type->target, type->count);
			break;
		case VR_BTF_ENUM:
			bb_type(&b, type->name, VR_BTF_ENUM, type->is_signed, type->members, 4);
			tt_emit_members(&b, t, type);
			break;
		case VR_BTF_STRUCT:
		case VR_BTF_UNION:
			if (type->first == UINT32_MAX) {
				bb_type(&b, type->name, VR_BTF_FWD, type->kind == VR_BTF_UNION, 0,
					0);
				break;
			}
			bb_type(&b, type->name, type->kind, type->has_bits, type->members,
				type->size);
			tt_emit_members(&b, t, type);
			break;
		default:
			bb_type(&b, type->name, type->kind, false, 0, type->target);
		}
	}
	blob = bb_blob(&b, len);
	bb_free(&b);
	return blob;
}

#endif
