// SPDX-License-Identifier: GPL-2.0-or-later
/* Types made from entries of DWARF, as they would be from the BTF that pahole makes of them. */
#include <dwarf.h>

#include "base/bits.h"
#include "type/model.h"

static void set_nonsense(struct vr_type *type)
{
	type->kind = VR_TYPE_INCOMPLETE;
	type->name = "";
	type->size = 0;
}

static void set_integer(struct vr_type *type, const struct vr_die *die)
{
	uint64_t encoding = 0;

	vr_die_number(die, VR_DIE_ENCODING, &encoding);
	if (type->size == 0 || type->size > 16) {
		set_nonsense(type);
		return;
	}
	type->kind = encoding == DW_ATE_float || encoding == DW_ATE_complex_float ||
				     encoding == DW_ATE_imaginary_float ||
				     encoding == DW_ATE_decimal_float
			     ? VR_TYPE_FLOAT
			     : VR_TYPE_INT;
	type->is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

static void set_struct(struct vr_type *type, const struct vr_die *die)
{
	bool is_union = die->tag == DW_TAG_union_type;

	type->space = is_union ? VR_SPACE_UNION : VR_SPACE_STRUCT;
	if (vr_die_flag(die, VR_DIE_DECLARATION))
		return;
	type->kind = is_union ? VR_TYPE_UNION : VR_TYPE_STRUCT;
}

static void set_enum(struct vr_type *type, const struct vr_die *die)
{
	type->space = VR_SPACE_ENUM;
	if (vr_die_flag(die, VR_DIE_DECLARATION) || !die->has_children) {
		type->size = 0;
		return;
	}
	if (type->size != 1 && type->size != 2 && type->size != 4 && type->size != 8) {
		set_nonsense(type);
		return;
	}
	type->kind = VR_TYPE_ENUM;
	type->is_signed = vr_die_enum_is_signed(type->source->dies, die);
}

static void set_reference(struct vr_type *type, const struct vr_die *die, enum vr_type_kind kind,
			  enum vr_qualifier qualifier)
{
	type->kind = kind;
	type->qualifier = qualifier;
	type->ref = vr_die_ref(die, VR_DIE_TYPE, VR_DIE_VOID);
	if (kind != VR_TYPE_TYPEDEF)
		type->name = "";
}

static void set_array(struct vr_type *type, const struct vr_die *die)
{
	set_reference(type, die, VR_TYPE_ARRAY, VR_QUAL_NONE);
	if (!vr_die_array_length(type->source->dies, die, &type->length))
		set_nonsense(type);
}

static void set_kind(struct vr_type *type, const struct vr_die *die)
{
	switch (die->tag) {
	case DW_TAG_base_type:
		set_integer(type, die);
		break;
	case DW_TAG_pointer_type:
		set_reference(type, die, VR_TYPE_POINTER, VR_QUAL_NONE);
		break;
	case DW_TAG_array_type:
		set_array(type, die);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		set_struct(type, die);
		break;
	case DW_TAG_enumeration_type:
		set_enum(type, die);
		break;
	case DW_TAG_typedef:
		set_reference(type, die, VR_TYPE_TYPEDEF, VR_QUAL_NONE);
		break;
	case DW_TAG_const_type:
		set_reference(type, die, VR_TYPE_CONST, VR_QUAL_CONST);
		break;
	case DW_TAG_volatile_type:
		set_reference(type, die, VR_TYPE_CONST, VR_QUAL_VOLATILE);
		break;
	case DW_TAG_restrict_type:
		set_reference(type, die, VR_TYPE_CONST, VR_QUAL_RESTRICT);
		break;
	case DW_TAG_atomic_type:
		set_reference(type, die, VR_TYPE_CONST, VR_QUAL_NONE);
		break;
	case DW_TAG_subroutine_type:
	case DW_TAG_subprogram:
		type->kind = VR_TYPE_FUNCTION;
		type->ref = vr_die_ref(die, VR_DIE_TYPE, VR_DIE_VOID);
		type->size = 0;
		break;
	default: /* variables, members and what C doesn't have */
		set_nonsense(type);
		break;
	}
}

/* The type of an entry that stands for all its like. */
static struct vr_type *make(struct vr_type_source *source, uint32_t offset)
{
	struct vr_type *type = vr_type_new(source->types, VR_TYPE_INCOMPLETE);
	struct vr_die die;
	uint64_t size;

	if (!type)
		return NULL;
	type->source = source;
	type->id = offset;
	if (!vr_die_read(source->dies, offset, &die))
		return type;
	/* Assembler's, and that of what has no type. */
	if (die.tag == DW_TAG_unspecified_type) {
		type->kind = VR_TYPE_VOID;
		type->name = "void";
	} else if (vr_die_size(source->dies, offset, &size)) {
		type->size = size;
		type->name = vr_die_name(&die);
		set_kind(type, &die);
	}
	return type;
}

static struct vr_type *shell(const struct vr_type_source *source, uint32_t offset)
{
	const uint64_t *at = vr_map_get(&source->shells, offset);

	return at ? (struct vr_type *)(uintptr_t)*at : NULL;
}

const struct vr_type *vr_type_of_die(struct vr_type_source *source, uint32_t offset)
{
	struct vr_type *type;
	uint32_t canonical;

	if (offset == VR_DIE_VOID)
		return source->types->nothing;
	if (offset == VR_DIE_BAD)
		return source->types->broken;
	type = shell(source, offset);
	if (type)
		return type;
	canonical = vr_dies_canonical(source->dies, offset);
	type = shell(source, canonical);
	if (!type) {
		type = make(source, canonical);
		if (!type || !vr_map_put(&source->shells, canonical, (uintptr_t)type, NULL))
			return NULL;
	}
	if (canonical != offset && !vr_map_put(&source->shells, offset, (uintptr_t)type, NULL))
		return NULL;
	return type;
}

/* ---- Members and enumerators ---- */

/* Children of a kind; C++ has members that take no place, which C hasn't. */
static bool is_wanted(const struct vr_die *child, uint16_t tag)
{
	return child->tag == tag && !vr_die_flag(child, VR_DIE_EXTERNAL) &&
	       !vr_die_flag(child, VR_DIE_DECLARATION);
}

static uint32_t count_children(struct vr_dies *dies, const struct vr_die *die, uint16_t tag)
{
	struct vr_die_walk walk = vr_die_children(dies, die);
	struct vr_die child;
	uint32_t count = 0;

	while (vr_die_walk_next(&walk, &child))
		count += is_wanted(&child, tag);
	return count;
}

/* Whether what a bitfield is declared as holds as many bits. */
static bool holds(const struct vr_member *member)
{
	const struct vr_type *type = vr_type_strip(member->type);

	return (type->kind == VR_TYPE_INT || type->kind == VR_TYPE_ENUM) &&
	       member->bit_size <= type->size * 8;
}

/* False: out of memory. */
static bool set_member(const struct vr_type *type, const struct vr_die *die,
		       struct vr_member *member)
{
	struct vr_types *types = type->types;
	uint64_t bit_offset, bit_size;
	bool right = vr_die_place(type->source->dies, die, &bit_offset, &bit_size) &&
		     bit_offset <= UINT32_MAX && bit_size <= UINT8_MAX;

	member->name = vr_die_name(die);
	member->type = vr_type_of_die(type->source, vr_die_ref(die, VR_DIE_TYPE, VR_DIE_BAD));
	if (!member->type)
		return false;
	if (right) {
		member->bit_offset = (uint32_t)bit_offset;
		member->bit_size = (uint8_t)bit_size;
		right = vr_member_fits(type, member) && (!bit_size || holds(member));
	}
	if (!right) {
		member->type = types->broken;
		member->bit_size = 0;
	}
	return true;
}

static bool fill_members(struct vr_type *type, const struct vr_die *die)
{
	struct vr_die_walk walk = vr_die_children(type->source->dies, die);
	struct vr_member *members =
		vr_arena_calloc(&type->types->arena, type->count, sizeof(*members));
	struct vr_die child;
	uint32_t i = 0;

	if (!members)
		return false;
	while (i < type->count && vr_die_walk_next(&walk, &child))
		if (is_wanted(&child, DW_TAG_member) && !set_member(type, &child, &members[i++]))
			return false;
	type->members = members;
	return true;
}

static bool fill_enumerators(struct vr_type *type, const struct vr_die *die)
{
	struct vr_die_walk walk = vr_die_children(type->source->dies, die);
	struct vr_enumerator *names =
		vr_arena_calloc(&type->types->arena, type->count, sizeof(*names));
	struct vr_die child;
	uint32_t i = 0;

	if (!names)
		return false;
	while (i < type->count && vr_die_walk_next(&walk, &child))
		if (child.tag == DW_TAG_enumerator)
			names[i++] = (struct vr_enumerator){
				vr_die_name(&child),
				vr_die_enum_value(&child, type->is_signed, type->size)};
	type->enumerators = names;
	return true;
}

bool vr_type_fill_die(struct vr_type *type)
{
	bool is_enum = type->kind == VR_TYPE_ENUM;
	struct vr_dies *dies = type->source->dies;
	struct vr_die die;

	if (type->members || type->enumerators || (type->is_counted && !type->count))
		return true;
	if (!vr_die_read(dies, type->id, &die))
		return true;
	type->count = count_children(dies, &die, is_enum ? DW_TAG_enumerator : DW_TAG_member);
	type->is_counted = true;
	if (!type->count)
		return true;
	return is_enum ? fill_enumerators(type, &die) : fill_members(type, &die);
}
