// SPDX-License-Identifier: GPL-2.0-or-later
/* BTF records as entries of debug information, one by one: nothing recurses. */
#include <stdlib.h>

#include "base/bits.h"
#include "vmlinux/dwarf.h"
#include "vmlinux/dwarf_numbers.h"

/* Encodings of VR_BTF_INT. */
#define INT_SIGNED 1u
#define INT_BOOL 4u

/* Room for any record's entry without its parts. */
#define ENTRY_MAX 64
/* and for a member, an enumerator or a parameter. */
#define PART_MAX 40

struct types {
	struct vr_dwarf *dw;
	struct vr_blob *info;
	const struct vr_dwarf_source *source;
	const struct vr_btf *btf;
	/* Prototypes that something other than a function refers to, a bit each. */
	uint8_t *wanted;
};

static bool has_name(const struct types *t, uint32_t name)
{
	return vr_btf_string(t->btf, name)[0] != '\0';
}

static void put_ref(struct types *t, uint32_t id)
{
	vr_dwarf_ref(t->dw, t->source, id);
}

static void put_name(struct types *t, uint32_t name)
{
	vr_dwarf_name(t->dw, t->source, name);
}

static void put_base(struct types *t, const struct vr_btf_record *rec)
{
	uint32_t info = rec->kind == VR_BTF_INT ? vr_load32(rec->body) >> 24 : 0;
	uint8_t encoding;

	if (rec->kind == VR_BTF_FLOAT)
		encoding = DW_ATE_float;
	else if (info & INT_BOOL)
		encoding = DW_ATE_boolean;
	else if (rec->value == 1)
		encoding = info & INT_SIGNED ? DW_ATE_signed_char : DW_ATE_unsigned_char;
	else
		encoding = info & INT_SIGNED ? DW_ATE_signed : DW_ATE_unsigned;
	/* pahole gives plain char no sign where the compiler has it unsigned; on x86-64 it isn't. */
	if (rec->value == 1 && !strcmp(vr_btf_string(t->btf, rec->name), "char"))
		encoding = DW_ATE_signed_char;
	vr_blob_u8(t->info, VR_DW_BASE);
	put_name(t, rec->name);
	vr_blob_uleb(t->info, rec->value);
	vr_blob_u8(t->info, encoding);
}

/* A pointer, typedef or qualifier: abbrev, and abbrev + 1 for those of void. */
static void put_modifier(struct types *t, const struct vr_btf_record *rec, enum vr_abbrev abbrev)
{
	bool is_void = vr_dwarf_is_void(t->dw, t->source, rec->value);

	vr_blob_u8(t->info, (uint8_t)(abbrev + is_void));
	if (rec->kind == VR_BTF_PTR)
		vr_blob_u8(t->info, sizeof(uint64_t));
	else if (rec->kind == VR_BTF_TYPEDEF)
		put_name(t, rec->name);
	if (!is_void)
		put_ref(t, rec->value);
}

static bool fits(const struct types *t, const struct vr_member *member, uint32_t id, uint64_t size)
{
	uint64_t bits = member->bit_size;

	if (!bits && (!vr_btf_size(t->btf, id, &bits) || bits > size))
		return false;
	bits = member->bit_size ? bits : bits * 8;
	return vr_range_ok(member->bit_offset, bits, size * 8);
}

static void put_member(struct types *t, const struct vr_btf_record *rec, const unsigned char *p)
{
	uint32_t name = vr_load32(p), id = vr_load32(p + 4);
	struct vr_member member = {0};
	bool right = id && vr_btf_place_member(t->btf, rec->kflag, p, &member) &&
		     fits(t, &member, id, rec->value);
	/* What isn't at a byte is a bitfield, whatever else BTF says of it. */
	bool bits = right && (member.bit_size || member.bit_offset % 8);
	enum vr_abbrev abbrev = bits ? VR_DW_BITFIELD : VR_DW_MEMBER;
	bool named = has_name(t, name);
	uint64_t size = 0;

	if (!vr_blob_room(t->info, PART_MAX))
		return;
	vr_blob_u8(t->info, (uint8_t)(abbrev + !named));
	if (named)
		put_name(t, name);
	/* What can't be right is a member that can't be read. */
	put_ref(t, right ? id : 0);
	if (!bits) {
		vr_blob_uleb(t->info, right ? member.bit_offset / 8 : 0);
		return;
	}
	if (!member.bit_size)
		vr_btf_size(t->btf, id, &size);
	vr_blob_uleb(t->info, member.bit_offset);
	vr_blob_u8(t->info, member.bit_size ? member.bit_size : (uint8_t)VR_MIN(size * 8, 255u));
}

static void put_struct(struct types *t, const struct vr_btf_record *rec)
{
	bool named = has_name(t, rec->name);

	vr_blob_u8(t->info,
		   (uint8_t)((rec->kind == VR_BTF_STRUCT ? VR_DW_STRUCT : VR_DW_UNION) + !named));
	if (named)
		put_name(t, rec->name);
	vr_blob_uleb(t->info, rec->value);
	for (uint32_t i = 0; i < rec->vlen; i++)
		put_member(t, rec, rec->body + (size_t)i * 12);
	if (vr_blob_room(t->info, 1))
		vr_blob_u8(t->info, 0);
}

static void put_declaration(struct types *t, uint32_t name, enum vr_abbrev abbrev)
{
	vr_blob_u8(t->info, (uint8_t)abbrev);
	put_name(t, name);
}

/* The integer that an enum of that size is, or -1. */
static int int_of(uint64_t size, bool is_signed)
{
	int base = is_signed ? VR_DW_S8 : VR_DW_U8;

	switch (size) {
	case 1:
		return base;
	case 2:
		return base + 1;
	case 4:
		return base + 2;
	case 8:
		return base + 3;
	default:
		return -1;
	}
}

static void put_enum(struct types *t, const struct vr_btf_record *rec)
{
	bool is_signed = vr_btf_enum_is_signed(t->btf, rec), named = has_name(t, rec->name);
	uint32_t count = vr_btf_enum_count(rec);
	int underlying = int_of(rec->value, is_signed);

	if (vr_btf_is_forward(rec) || underlying < 0) {
		if (named)
			put_declaration(t, rec->name, VR_DW_ENUM_DECL);
		else
			vr_blob_u8(t->info, VR_DW_INCOMPLETE);
		return;
	}
	vr_blob_u8(t->info, (uint8_t)(VR_DW_ENUM + !named));
	if (named)
		put_name(t, rec->name);
	vr_blob_uleb(t->info, rec->value);
	vr_blob_u32(t->info, t->dw->ints[underlying]);
	for (uint32_t i = 0; i < count && vr_blob_room(t->info, PART_MAX); i++) {
		uint32_t name;
		int64_t value = vr_btf_enum_value(rec, is_signed, i, &name);

		vr_blob_u8(t->info, is_signed ? VR_DW_ENUMERATOR_S : VR_DW_ENUMERATOR_U);
		put_name(t, name);
		if (is_signed)
			vr_blob_sleb(t->info, value);
		else
			vr_blob_uleb(t->info, (uint64_t)value);
	}
	if (vr_blob_room(t->info, 1))
		vr_blob_u8(t->info, 0);
}

static void put_array(struct types *t, const struct vr_btf_record *rec)
{
	uint32_t count = vr_load32(rec->body + 8);

	vr_blob_u8(t->info, VR_DW_ARRAY);
	put_ref(t, vr_load32(rec->body));
	vr_blob_u8(t->info, count ? VR_DW_RANGE : VR_DW_RANGE_OPEN);
	vr_blob_u32(t->info, t->dw->ints[VR_DW_U64]);
	if (count)
		vr_blob_uleb(t->info, count);
	vr_blob_u8(t->info, 0);
}

void vr_dwarf_params(struct vr_dwarf *dw, const struct vr_dwarf_source *source,
		     const struct vr_btf_record *proto)
{
	struct types t = {dw, &dw->info, source, source->source->btf, NULL};

	for (uint32_t i = 0; i < proto->vlen && vr_blob_room(t.info, PART_MAX); i++) {
		const unsigned char *p = proto->body + (size_t)i * 8;
		uint32_t name = vr_load32(p), id = vr_load32(p + 4);
		bool named = has_name(&t, name);

		if (!id && i == proto->vlen - 1) {
			vr_blob_u8(t.info, VR_DW_VARARGS);
			break;
		}
		vr_blob_u8(t.info, (uint8_t)(VR_DW_PARAM + !named));
		if (named)
			put_name(&t, name);
		put_ref(&t, id);
	}
	if (vr_blob_room(t.info, 1))
		vr_blob_u8(t.info, 0);
}

static void put_prototype(struct types *t, const struct vr_btf_record *rec)
{
	bool is_void = vr_dwarf_is_void(t->dw, t->source, rec->value);

	vr_blob_u8(t->info, (uint8_t)(VR_DW_PROTOTYPE + is_void));
	if (!is_void)
		put_ref(t, rec->value);
	vr_dwarf_params(t->dw, t->source, rec);
}

/* True: the record has an entry now. */
static bool put_record(struct types *t, uint32_t id, const struct vr_btf_record *rec)
{
	uint32_t index = id - t->btf->start_id;
	bool leads = rec->kind == VR_BTF_TYPEDEF || rec->kind == VR_BTF_CONST ||
		     rec->kind == VR_BTF_VOLATILE || rec->kind == VR_BTF_RESTRICT ||
		     rec->kind == VR_BTF_ARRAY;
	uint64_t size;

	/* In a circle, or larger than memory. */
	if (leads && !vr_btf_size(t->btf, id, &size))
		return false;
	switch (rec->kind) {
	case VR_BTF_INT:
	case VR_BTF_FLOAT:
		put_base(t, rec);
		return true;
	case VR_BTF_PTR:
		put_modifier(t, rec, VR_DW_POINTER);
		return true;
	case VR_BTF_TYPEDEF:
		put_modifier(t, rec, VR_DW_TYPEDEF);
		return true;
	case VR_BTF_CONST:
		put_modifier(t, rec, VR_DW_CONST);
		return true;
	case VR_BTF_VOLATILE:
		put_modifier(t, rec, VR_DW_VOLATILE);
		return true;
	case VR_BTF_RESTRICT:
		put_modifier(t, rec, VR_DW_RESTRICT);
		return true;
	case VR_BTF_STRUCT:
	case VR_BTF_UNION:
		put_struct(t, rec);
		return true;
	case VR_BTF_ENUM:
	case VR_BTF_ENUM64:
		put_enum(t, rec);
		return true;
	case VR_BTF_ARRAY:
		put_array(t, rec);
		return true;
	case VR_BTF_FWD:
		put_declaration(t, rec->name, rec->kflag ? VR_DW_UNION_DECL : VR_DW_STRUCT_DECL);
		return true;
	case VR_BTF_FUNC_PROTO:
		if (!(t->wanted[index / 8] >> (index % 8) & 1))
			return false;
		put_prototype(t, rec);
		return true;
	default: /* functions and variables come later, tags not at all */
		return false;
	}
}

/* Functions' prototypes are written with the functions: here only those that pointers want. */
static void find_wanted(struct types *t)
{
	for (uint32_t id = VR_MAX(t->btf->start_id, 1u); id < t->btf->end_id; id++) {
		struct vr_btf_record rec;
		uint32_t index;

		vr_btf_record(t->btf, id, &rec);
		if (rec.kind != VR_BTF_PTR && rec.kind != VR_BTF_TYPEDEF &&
		    rec.kind != VR_BTF_CONST && rec.kind != VR_BTF_VOLATILE &&
		    rec.kind != VR_BTF_RESTRICT && rec.kind != VR_BTF_TYPE_TAG)
			continue;
		t->dw->has_tags |= rec.kind == VR_BTF_TYPE_TAG;
		index = rec.value - t->btf->start_id;
		if (rec.value >= t->btf->start_id && rec.value < t->btf->end_id)
			t->wanted[index / 8] |= (uint8_t)(1u << (index % 8));
	}
}

static void put_source(struct types *t)
{
	uint32_t *offsets = t->dw->offsets + t->source->first;

	for (uint32_t id = VR_MAX(t->btf->start_id, 1u); id < t->btf->end_id; id++) {
		size_t at = t->info->len;
		struct vr_btf_record rec;

		vr_btf_record(t->btf, id, &rec);
		if (!vr_blob_room(t->info, ENTRY_MAX))
			return;
		if (put_record(t, id, &rec))
			offsets[id - t->btf->start_id] = (uint32_t)at;
	}
}

void vr_dwarf_types(struct vr_dwarf *dw)
{
	for (size_t i = 0; i < dw->source_count; i++) {
		const struct vr_dwarf_source *source = &dw->sources[i];
		struct types t = {dw, &dw->info, source, source->source->btf, NULL};

		t.wanted = calloc((t.btf->end_id - t.btf->start_id) / 8 + 1, 1);
		if (!t.wanted) {
			dw->info.failed = VR_NOMEM;
			return;
		}
		find_wanted(&t);
		put_source(&t);
		free(t.wanted);
	}
}
