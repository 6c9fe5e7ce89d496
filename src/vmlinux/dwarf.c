// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/dwarf.h"

#include <stdlib.h>

#include "base/bits.h"
#include "vmlinux/dwarf_numbers.h"

#define UNIT_HEADER 11

#define NAME DW_AT_name, DW_FORM_strp
#define TEXT DW_AT_name, DW_FORM_string
#define TYPE DW_AT_type, DW_FORM_ref4
#define SIZE DW_AT_byte_size, DW_FORM_udata
#define DECLARATION DW_AT_declaration, DW_FORM_flag_present
#define PROTOTYPED DW_AT_prototyped, DW_FORM_flag_present
#define EXTERNAL DW_AT_external, DW_FORM_flag_present
#define PLACE DW_AT_data_member_location, DW_FORM_udata
#define BITS DW_AT_data_bit_offset, DW_FORM_udata, DW_AT_bit_size, DW_FORM_data1
#define LOCATION DW_AT_location, DW_FORM_exprloc
#define PCS DW_AT_low_pc, DW_FORM_addr, DW_AT_high_pc, DW_FORM_data4

/* Tag, whether there are children, attributes and forms up to a 0. All are below 128, so that they are
 * LEB128 as they are. */
static const uint8_t shapes[VR_DW_COUNT][16] = {
	[VR_DW_UNIT] = {DW_TAG_compile_unit, 1, TEXT, DW_AT_language, DW_FORM_data1},
	[VR_DW_BASE] = {DW_TAG_base_type, 0, NAME, SIZE, DW_AT_encoding, DW_FORM_data1},
	[VR_DW_POINTER] = {DW_TAG_pointer_type, 0, SIZE, TYPE},
	[VR_DW_POINTER_V] = {DW_TAG_pointer_type, 0, SIZE},
	[VR_DW_STRUCT] = {DW_TAG_structure_type, 1, NAME, SIZE},
	[VR_DW_STRUCT_ANON] = {DW_TAG_structure_type, 1, SIZE},
	[VR_DW_STRUCT_DECL] = {DW_TAG_structure_type, 0, NAME, DECLARATION},
	[VR_DW_UNION] = {DW_TAG_union_type, 1, NAME, SIZE},
	[VR_DW_UNION_ANON] = {DW_TAG_union_type, 1, SIZE},
	[VR_DW_UNION_DECL] = {DW_TAG_union_type, 0, NAME, DECLARATION},
	[VR_DW_MEMBER] = {DW_TAG_member, 0, NAME, TYPE, PLACE},
	[VR_DW_MEMBER_ANON] = {DW_TAG_member, 0, TYPE, PLACE},
	[VR_DW_BITFIELD] = {DW_TAG_member, 0, NAME, TYPE, BITS},
	[VR_DW_BITFIELD_ANON] = {DW_TAG_member, 0, TYPE, BITS},
	[VR_DW_ENUM] = {DW_TAG_enumeration_type, 1, NAME, SIZE, TYPE},
	[VR_DW_ENUM_ANON] = {DW_TAG_enumeration_type, 1, SIZE, TYPE},
	[VR_DW_ENUM_DECL] = {DW_TAG_enumeration_type, 0, NAME, DECLARATION},
	[VR_DW_ENUMERATOR_U] = {DW_TAG_enumerator, 0, NAME, DW_AT_const_value, DW_FORM_udata},
	[VR_DW_ENUMERATOR_S] = {DW_TAG_enumerator, 0, NAME, DW_AT_const_value, DW_FORM_sdata},
	[VR_DW_ARRAY] = {DW_TAG_array_type, 1, TYPE},
	[VR_DW_RANGE] = {DW_TAG_subrange_type, 0, TYPE, DW_AT_count, DW_FORM_udata},
	[VR_DW_RANGE_OPEN] = {DW_TAG_subrange_type, 0, TYPE},
	[VR_DW_TYPEDEF] = {DW_TAG_typedef, 0, NAME, TYPE},
	[VR_DW_TYPEDEF_V] = {DW_TAG_typedef, 0, NAME},
	[VR_DW_CONST] = {DW_TAG_const_type, 0, TYPE},
	[VR_DW_CONST_V] = {DW_TAG_const_type, 0},
	[VR_DW_VOLATILE] = {DW_TAG_volatile_type, 0, TYPE},
	[VR_DW_VOLATILE_V] = {DW_TAG_volatile_type, 0},
	[VR_DW_RESTRICT] = {DW_TAG_restrict_type, 0, TYPE},
	[VR_DW_RESTRICT_V] = {DW_TAG_restrict_type, 0},
	[VR_DW_PROTOTYPE] = {DW_TAG_subroutine_type, 1, PROTOTYPED, TYPE},
	[VR_DW_PROTOTYPE_V] = {DW_TAG_subroutine_type, 1, PROTOTYPED},
	[VR_DW_PARAM] = {DW_TAG_formal_parameter, 0, NAME, TYPE},
	[VR_DW_PARAM_ANON] = {DW_TAG_formal_parameter, 0, TYPE},
	[VR_DW_VARARGS] = {DW_TAG_unspecified_parameters, 0},
	[VR_DW_VARIABLE] = {DW_TAG_variable, 0, TEXT, EXTERNAL, LOCATION, TYPE},
	[VR_DW_VARIABLE_V] = {DW_TAG_variable, 0, TEXT, EXTERNAL, LOCATION},
	[VR_DW_FUNCTION] = {DW_TAG_subprogram, 1, NAME, EXTERNAL, PROTOTYPED, PCS, TYPE},
	[VR_DW_FUNCTION_V] = {DW_TAG_subprogram, 1, NAME, EXTERNAL, PROTOTYPED, PCS},
	[VR_DW_FUNCTION_PLAIN] = {DW_TAG_subprogram, 0, TEXT, EXTERNAL, PCS},
	[VR_DW_INCOMPLETE] = {DW_TAG_structure_type, 0, DECLARATION},
};

void vr_dwarf_abbrevs(struct vr_blob *out)
{
	if (!vr_blob_room(out, VR_DW_COUNT * (sizeof(shapes[0]) + 4)))
		return;
	for (unsigned int code = 1; code < VR_DW_COUNT; code++) {
		const uint8_t *shape = shapes[code];

		vr_blob_u8(out, (uint8_t)code);
		vr_blob_u8(out, *shape++);
		vr_blob_u8(out, *shape++);
		while (shape < shapes[code + 1] && *shape)
			vr_blob_u8(out, *shape++);
		vr_blob_u16(out, 0);
	}
	vr_blob_u8(out, 0);
}

static void add_int(struct vr_dwarf *dw, int index, const char *name, uint8_t size,
		    uint8_t encoding)
{
	uint32_t at = (uint32_t)dw->str.len;

	vr_blob_add(&dw->str, name, strlen(name) + 1);
	if (!vr_blob_room(&dw->info, 16))
		return;
	dw->ints[index] = (uint32_t)dw->info.len;
	vr_blob_u8(&dw->info, VR_DW_BASE);
	vr_blob_u32(&dw->info, at);
	vr_blob_u8(&dw->info, size);
	vr_blob_u8(&dw->info, encoding);
}

static void begin_unit(struct vr_dwarf *dw)
{
	if (!vr_blob_room(&dw->info, UNIT_HEADER + 64))
		return;
	vr_blob_u32(&dw->info, 0); /* its length, when that is known */
	vr_blob_u16(&dw->info, 4);
	vr_blob_u32(&dw->info, 0);
	vr_blob_u8(&dw->info, sizeof(uint64_t));
	vr_blob_u8(&dw->info, VR_DW_UNIT);
	memcpy(dw->info.data + dw->info.len, "vmlinux", 8);
	dw->info.len += 8;
	vr_blob_u8(&dw->info, DW_LANG_C99);
	dw->incomplete = (uint32_t)dw->info.len;
	vr_blob_u8(&dw->info, VR_DW_INCOMPLETE);
}

/* Bytes that no name in C has become '?'; pieces of known length are what compilers vectorise. */
static void make_ascii(uint8_t *p, size_t len)
{
	enum { PIECE = 64 };
	size_t i = 0;

	for (; len - i >= PIECE; i += PIECE)
		for (size_t k = 0; k < PIECE; k++) {
			uint8_t c = p[i + k];

			p[i + k] = (uint8_t)(c - ' ') < 0x7f - ' ' || !c ? c : '?';
		}
	for (; i < len; i++)
		p[i] = p[i] ? (uint8_t)vr_dwarf_ascii((char)p[i]) : 0;
}

/* The strings of BTF serve as they are: names keep their offsets. */
static void add_strings(struct vr_dwarf *dw, const struct vr_btf *btf)
{
	size_t at = dw->str.len;

	vr_blob_add(&dw->str, btf->strings, btf->strings_len);
	if (!dw->str.failed)
		make_ascii(dw->str.data + at, btf->strings_len);
}

static void add_ints(struct vr_dwarf *dw)
{
	add_int(dw, VR_DW_U8, "unsigned char", 1, DW_ATE_unsigned_char);
	add_int(dw, VR_DW_U16, "short unsigned int", 2, DW_ATE_unsigned);
	add_int(dw, VR_DW_U32, "unsigned int", 4, DW_ATE_unsigned);
	add_int(dw, VR_DW_U64, "long unsigned int", 8, DW_ATE_unsigned);
	add_int(dw, VR_DW_S8, "signed char", 1, DW_ATE_signed_char);
	add_int(dw, VR_DW_S16, "short int", 2, DW_ATE_signed);
	add_int(dw, VR_DW_S32, "int", 4, DW_ATE_signed);
	add_int(dw, VR_DW_S64, "long int", 8, DW_ATE_signed);
}

enum vr_err vr_dwarf_begin(struct vr_dwarf *dw, const struct vr_types *types, bool modules,
			   size_t max)
{
	size_t count = modules ? types->source_count : VR_MIN(types->source_count, (size_t)1);
	uint64_t number = 0;
	size_t kept = 0;

	*dw = (struct vr_dwarf){.info.max = max, .str.max = max, .refs.max = max};
	dw->sources = calloc(count + 1, sizeof(*dw->sources));
	if (!dw->sources)
		return VR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct vr_btf *btf = types->sources[i]->btf;

		/* What has DWARF already needs none made. */
		if (!btf)
			continue;
		dw->sources[kept++] = (struct vr_dwarf_source){
			.source = types->sources[i],
			.strings = (uint32_t)dw->str.len,
			.first = (uint32_t)number,
		};
		number += btf->end_id - btf->start_id;
		if (number > UINT32_MAX)
			return VR_LIMIT;
		add_strings(dw, btf);
	}
	dw->source_count = kept;
	dw->type_count = (uint32_t)number;
	dw->offsets = calloc(number + 1, sizeof(*dw->offsets));
	if (!dw->offsets)
		return VR_NOMEM;
	begin_unit(dw);
	add_ints(dw);
	return VR_OK;
}

void vr_dwarf_end(struct vr_dwarf *dw)
{
	const uint8_t *ref;

	if (vr_blob_room(&dw->info, 1))
		vr_blob_u8(&dw->info, 0);
	if (dw->info.failed || dw->refs.failed)
		return;
	for (ref = dw->refs.data; ref < dw->refs.data + dw->refs.len; ref += 4) {
		uint8_t *at = dw->info.data + vr_load32(ref);
		uint32_t offset = dw->offsets[vr_load32(at)];

		if (!offset)
			offset = dw->incomplete;
		memcpy(at, &offset, sizeof(offset));
	}
	vr_blob_set32(&dw->info, 0, (uint32_t)dw->info.len - 4);
}

void vr_dwarf_free(struct vr_dwarf *dw)
{
	vr_blob_free(&dw->info);
	vr_blob_free(&dw->str);
	vr_blob_free(&dw->refs);
	free(dw->sources);
	free(dw->offsets);
}

/* Type tags say nothing that DWARF of this version could. */
static uint32_t skip_tags(const struct vr_dwarf *dw, const struct vr_btf *btf, uint32_t id)
{
	if (!dw->has_tags)
		return id;
	for (int i = 0; i < VR_BTF_CHAIN_MAX && id && id < btf->end_id; i++) {
		struct vr_btf_record rec;

		vr_btf_record(btf, id, &rec);
		if (rec.kind != VR_BTF_TYPE_TAG)
			break;
		id = rec.value;
	}
	return id;
}

bool vr_dwarf_is_void(const struct vr_dwarf *dw, const struct vr_dwarf_source *source, uint32_t id)
{
	return skip_tags(dw, source->source->btf, id) == 0;
}

void vr_dwarf_ref(struct vr_dwarf *dw, const struct vr_dwarf_source *source, uint32_t id)
{
	const struct vr_btf *btf = source->source->btf;
	uint32_t number;

	id = skip_tags(dw, btf, id);
	/* What a module's BTF builds on is always the first source. */
	if (id < btf->start_id)
		number = id;
	else
		number = source->first + (id - btf->start_id);
	if (!id || id >= btf->end_id || number >= dw->type_count || !vr_blob_room(&dw->refs, 4)) {
		vr_blob_u32(&dw->info, dw->incomplete);
		return;
	}
	vr_blob_u32(&dw->refs, (uint32_t)dw->info.len);
	vr_blob_u32(&dw->info, number);
}

void vr_dwarf_name(struct vr_dwarf *dw, const struct vr_dwarf_source *source, uint32_t name)
{
	uint32_t start = source->source->btf->strings_start;

	vr_blob_u32(&dw->info, name < start ? name : name - start + source->strings);
}

void vr_dwarf_text(struct vr_dwarf *dw, const char *name)
{
	size_t len = strnlen(name, VR_BTF_NAME_MAX);

	if (!vr_blob_room(&dw->info, len + 1))
		return;
	for (size_t i = 0; i < len; i++)
		vr_blob_u8(&dw->info, (uint8_t)vr_dwarf_ascii(name[i]));
	vr_blob_u8(&dw->info, 0);
}

uint32_t vr_dwarf_array(struct vr_dwarf *dw, uint32_t element, uint64_t count)
{
	uint32_t at = (uint32_t)dw->info.len;

	if (!vr_blob_room(&dw->info, 32))
		return 0;
	vr_blob_u8(&dw->info, VR_DW_ARRAY);
	vr_blob_u32(&dw->info, element);
	vr_blob_u8(&dw->info, count ? VR_DW_RANGE : VR_DW_RANGE_OPEN);
	vr_blob_u32(&dw->info, dw->ints[VR_DW_U64]);
	if (count)
		vr_blob_uleb(&dw->info, count);
	vr_blob_u8(&dw->info, 0);
	return at;
}

static uint32_t add_pointer(struct vr_dwarf *dw, uint32_t target)
{
	uint32_t at = (uint32_t)dw->info.len;

	if (!vr_blob_room(&dw->info, 8))
		return 0;
	vr_blob_u8(&dw->info, target ? VR_DW_POINTER : VR_DW_POINTER_V);
	vr_blob_u8(&dw->info, sizeof(uint64_t));
	if (target)
		vr_blob_u32(&dw->info, target);
	return at;
}

uint32_t vr_dwarf_type(struct vr_dwarf *dw, const struct vr_type *type)
{
	const struct vr_type *chain[VR_BTF_CHAIN_MAX];
	size_t depth = 0;
	uint32_t at = 0;

	/* Down to a type that BTF has, which has its entry already; then back up. */
	for (; type && !(type->source && type->id); type = vr_type_target(type)) {
		if (depth == VR_BTF_CHAIN_MAX)
			return dw->incomplete;
		chain[depth++] = type;
	}
	for (size_t i = 0; type && i < dw->source_count; i++) {
		const struct vr_dwarf_source *s = &dw->sources[i];

		if (s->source == type->source && type->id < s->source->btf->end_id)
			at = dw->offsets[s->first + (type->id - s->source->btf->start_id)];
	}
	if (type && !at)
		at = dw->incomplete;
	while (depth) {
		type = chain[--depth];
		if (type->kind == VR_TYPE_POINTER)
			at = add_pointer(dw, at);
		else if (type->kind == VR_TYPE_ARRAY)
			at = vr_dwarf_array(dw, at ? at : dw->incomplete, type->length);
		else if (type->kind != VR_TYPE_VOID)
			at = dw->incomplete;
	}
	return at;
}
