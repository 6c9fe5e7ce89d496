// SPDX-License-Identifier: GPL-2.0-or-later
/* Types made from BTF records. */
#include "type/model.h"

#include "base/bits.h"

struct vr_type *vr_type_new(struct vr_types *types, enum vr_type_kind kind)
{
	struct vr_type *type = vr_arena_alloc(&types->arena, sizeof(*type));

	if (!type)
		return NULL;
	type->kind = kind;
	type->types = types;
	type->name = "";
	type->self = type;
	return type;
}

static void set_nonsense(struct vr_type *type)
{
	type->kind = VR_TYPE_INCOMPLETE;
	type->name = "";
	type->size = 0;
}

static void set_struct(struct vr_type *type, const struct vr_btf_record *rec)
{
	type->kind = rec->kind == VR_BTF_STRUCT ? VR_TYPE_STRUCT : VR_TYPE_UNION;
	type->space = rec->kind == VR_BTF_STRUCT ? VR_SPACE_STRUCT : VR_SPACE_UNION;
	type->count = rec->vlen;
	type->is_partial = type->source->is_partial;
	type->is_unsized = type->is_partial && rec->kflag;
}

static void set_enum(struct vr_type *type, const struct vr_btf_record *rec)
{
	type->kind = vr_btf_is_forward(rec) ? VR_TYPE_INCOMPLETE : VR_TYPE_ENUM;
	type->space = VR_SPACE_ENUM;
	type->is_signed = vr_btf_enum_is_signed(type->source->btf, rec);
	type->count = vr_btf_enum_count(rec);
}

static void set_function(struct vr_type *type, const struct vr_btf_record *rec)
{
	struct vr_btf_record proto;

	type->kind = VR_TYPE_FUNCTION;
	type->ref = rec->value;
	if (rec->kind == VR_BTF_FUNC_PROTO)
		return;
	/* A function's record gives its name and refers to the prototype. */
	vr_btf_record(type->source->btf, rec->value, &proto);
	if (proto.kind == VR_BTF_FUNC_PROTO)
		type->ref = proto.value;
	else
		set_nonsense(type);
}

static void set_reference(struct vr_type *type, const struct vr_btf_record *rec,
			  enum vr_type_kind kind, enum vr_qualifier qualifier)
{
	type->kind = kind;
	type->qualifier = qualifier;
	type->ref = rec->value;
	if (kind != VR_TYPE_TYPEDEF)
		type->name = "";
}

static void set_kind(struct vr_type *type, const struct vr_btf_record *rec)
{
	switch (rec->kind) {
	case VR_BTF_INT:
		type->kind = VR_TYPE_INT;
		type->is_signed = vr_load32(rec->body) >> 24 & 1;
		break;
	case VR_BTF_FLOAT:
		type->kind = VR_TYPE_FLOAT;
		break;
	case VR_BTF_PTR:
		set_reference(type, rec, VR_TYPE_POINTER, VR_QUAL_NONE);
		break;
	case VR_BTF_ARRAY:
		type->kind = VR_TYPE_ARRAY;
		type->ref = vr_load32(rec->body);
		type->length = vr_load32(rec->body + 8);
		break;
	case VR_BTF_STRUCT:
	case VR_BTF_UNION:
		set_struct(type, rec);
		break;
	case VR_BTF_ENUM:
	case VR_BTF_ENUM64:
		set_enum(type, rec);
		break;
	case VR_BTF_FWD:
		type->space = rec->kflag ? VR_SPACE_UNION : VR_SPACE_STRUCT;
		break;
	case VR_BTF_TYPEDEF:
		set_reference(type, rec, VR_TYPE_TYPEDEF, VR_QUAL_NONE);
		break;
	case VR_BTF_CONST:
		set_reference(type, rec, VR_TYPE_CONST, VR_QUAL_CONST);
		break;
	case VR_BTF_VOLATILE:
		set_reference(type, rec, VR_TYPE_CONST, VR_QUAL_VOLATILE);
		break;
	case VR_BTF_RESTRICT:
		set_reference(type, rec, VR_TYPE_CONST, VR_QUAL_RESTRICT);
		break;
	case VR_BTF_TYPE_TAG:
		set_reference(type, rec, VR_TYPE_CONST, VR_QUAL_NONE);
		break;
	case VR_BTF_FUNC:
	case VR_BTF_FUNC_PROTO:
		set_function(type, rec);
		break;
	default: /* variables, sections and tags aren't types */
		set_nonsense(type);
		break;
	}
}

const struct vr_type *vr_type_of_id(struct vr_type_source *source, uint32_t id)
{
	struct vr_btf_record rec;
	struct vr_type *type;
	uint64_t size;

	if (source->dies)
		return vr_type_of_die(source, id);
	if (id < source->btf->start_id)
		source = source->base;
	if (id == 0)
		return source->types->nothing;
	if (id >= source->btf->end_id)
		return source->types->lost;
	type = source->made[id - source->btf->start_id];
	if (type)
		return type;
	vr_btf_record(source->btf, id, &rec);
	type = vr_type_new(source->types, VR_TYPE_INCOMPLETE);
	if (!type)
		return NULL;
	type->source = source;
	type->id = id;
	if (vr_btf_size(source->btf, id, &size)) {
		type->size = size;
		type->name = vr_btf_string(source->btf, rec.name);
		set_kind(type, &rec);
	}
	source->made[id - source->btf->start_id] = type;
	return type;
}

/*
 * The place of a member. A bitfield's width is in the member itself (kflag), or before that the one
 * of a special integer type, which may also begin some bits further on.
 */
bool vr_btf_place_member(const struct vr_btf *btf, bool kflag, const unsigned char *p,
			 struct vr_member *member)
{
	uint32_t id = vr_load32(p + 4), place = vr_load32(p + 8), info;
	struct vr_btf_record rec;
	uint64_t size;

	member->bit_offset = kflag ? place & 0xffffff : place;
	member->bit_size = kflag ? place >> 24 : 0;
	if (!vr_btf_strip(btf, id, &rec))
		return false;
	if (rec.kind == VR_BTF_INT && !kflag) {
		info = vr_load32(rec.body);
		if ((info & 0xff) == rec.value * 8)
			return true;
		member->bit_size = info & 0xff;
		return !__builtin_add_overflow(member->bit_offset, info >> 16 & 0xff,
					       &member->bit_offset);
	}
	if (!member->bit_size)
		return true;
	return (rec.kind == VR_BTF_INT || rec.kind == VR_BTF_ENUM || rec.kind == VR_BTF_ENUM64) &&
	       vr_btf_size(btf, id, &size) && member->bit_size <= size * 8;
}

/*
 * Whoever has the bytes of a struct may then take any of its members from them: one that doesn't
 * lie within gets a type that can't be read.
 */
bool vr_member_fits(const struct vr_type *type, const struct vr_member *member)
{
	uint64_t bits;

	if (member->bit_size)
		bits = member->bit_size;
	else if (__builtin_mul_overflow(member->type->size, 8, &bits))
		return false;
	return vr_range_ok(member->bit_offset, bits, type->size * 8);
}

static bool fill_members(struct vr_type *type, const struct vr_btf_record *rec)
{
	struct vr_type_source *source = type->source;
	struct vr_member *members =
		vr_arena_calloc(&type->types->arena, rec->vlen, sizeof(*members));

	if (!members)
		return false;
	for (uint32_t i = 0; i < rec->vlen; i++) {
		const unsigned char *p = rec->body + (size_t)i * 12;
		struct vr_member *member = &members[i];
		bool placed = vr_btf_place_member(source->btf, rec->kflag, p, member);

		member->name = vr_btf_string(source->btf, vr_load32(p));
		member->type = vr_type_of_id(source, vr_load32(p + 4));
		if (!member->type)
			return false;
		if (member->type == type->types->lost) {
			member->bit_size = 0;
		} else if (!placed || !vr_member_fits(type, member)) {
			member->type = type->types->broken;
			member->bit_size = 0;
		}
	}
	type->members = members;
	return true;
}

static bool fill_enumerators(struct vr_type *type, const struct vr_btf_record *rec)
{
	struct vr_enumerator *names =
		vr_arena_calloc(&type->types->arena, type->count, sizeof(*names));

	if (!names)
		return false;
	for (uint32_t i = 0; i < type->count; i++) {
		uint32_t name;

		names[i].value = vr_btf_enum_value(rec, type->is_signed, i, &name);
		names[i].name = vr_btf_string(type->source->btf, name);
	}
	type->enumerators = names;
	return true;
}

bool vr_type_fill(struct vr_type *type)
{
	struct vr_btf_record rec;

	if (type->source && type->source->dies)
		return vr_type_fill_die(type);
	if (!type->count || type->members || type->enumerators)
		return true;
	vr_btf_record(type->source->btf, type->id, &rec);
	return type->kind == VR_TYPE_ENUM ? fill_enumerators(type, &rec) : fill_members(type, &rec);
}

size_t vr_type_params(const struct vr_type *function, uint32_t *ids, size_t max)
{
	struct vr_btf_record rec;

	if (function->source->dies)
		return vr_die_params(function->source->dies, function->id, ids, max);
	vr_btf_record(function->source->btf, function->id, &rec);
	if (rec.kind == VR_BTF_FUNC)
		vr_btf_record(function->source->btf, rec.value, &rec);
	for (uint32_t i = 0; i < rec.vlen && i < max; i++)
		ids[i] = vr_load32(rec.body + (size_t)i * 8 + 4);
	return rec.vlen;
}

uint32_t vr_source_find_definition(struct vr_type_source *source, enum vr_btf_space space,
				   const char *name, size_t len, uint32_t *count)
{
	uint32_t ignored;

	if (count)
		*count = 0;
	if (source->variables_only || !vr_source_may_have(source, name, len))
		return 0;
	if (source->dies)
		return vr_dies_find_definition(source->dies, space, name, len, count);
	return vr_btf_find_definition(source->btf, space, name, len, count ? count : &ignored);
}

uint32_t vr_source_find(struct vr_type_source *source, enum vr_btf_space space, const char *name,
			size_t len)
{
	uint32_t id = vr_source_find_definition(source, space, name, len, NULL), index;

	if (id || source->variables_only || !vr_source_may_have(source, name, len))
		return id;
	if (source->dies)
		return vr_dies_find_declaration(source->dies, space, name, len);
	index = vr_btf_find(source->btf, space, name, len);
	return index ? source->btf->names[index - 1].id : 0;
}

const struct vr_type *vr_type_complete(const struct vr_type *type)
{
	size_t len = strnlen(type->name, VR_BTF_NAME_MAX + 1);

	for (struct vr_type_source *source = type->source; source; source = source->base) {
		uint32_t count;
		uint32_t id =
			vr_source_find_definition(source, type->space, type->name, len, &count);

		if (count)
			return count == 1 ? vr_type_of_id(source, id) : NULL;
	}
	return NULL;
}
