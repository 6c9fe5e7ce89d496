// SPDX-License-Identifier: GPL-2.0-or-later
/* What entries say of types: sizes, places, values. */
#include <dwarf.h>

#include "base/bits.h"
#include "type/dies.h"
#include "type/leb.h"

/* An array of no elements has this upper bound, in any number of bytes. */
static bool is_minus_one(const struct vr_die_value *bound)
{
	return bound->number == UINT64_MAX || bound->number == UINT32_MAX;
}

static uint64_t dimension(const struct vr_die *range)
{
	const struct vr_die_value *bound = &range->values[VR_DIE_UPPER_BOUND];
	uint64_t count;

	if (vr_die_number(range, VR_DIE_COUNT, &count))
		return count;
	if (!vr_die_has(range, VR_DIE_UPPER_BOUND) ||
	    (bound->kind != VR_DIE_UNSIGNED && bound->kind != VR_DIE_SIGNED) || is_minus_one(bound))
		return 0;
	return bound->number + 1;
}

/* All dimensions in one, as pahole wrote BTF for long; that of Linux 7.2 tells them apart. */
bool vr_die_array_length(struct vr_dies *dies, const struct vr_die *array, uint64_t *length)
{
	struct vr_die_walk walk = vr_die_children(dies, array);
	struct vr_die range;
	bool any = false;

	*length = 1;
	while (vr_die_walk_next(&walk, &range)) {
		if (range.tag != DW_TAG_subrange_type)
			continue;
		any = true;
		if (__builtin_mul_overflow(*length, dimension(&range), length))
			return false;
	}
	if (!any)
		*length = 0;
	return true;
}

/* Typedefs and the like behind which there is an integer. False: there is none. */
static bool is_signed_type(struct vr_dies *dies, uint32_t offset)
{
	struct vr_die die;
	uint64_t encoding;

	for (int i = 0; i < VR_BTF_CHAIN_MAX && vr_die_read(dies, offset, &die); i++) {
		if (die.tag == DW_TAG_base_type)
			return vr_die_number(&die, VR_DIE_ENCODING, &encoding) &&
			       (encoding == DW_ATE_signed || encoding == DW_ATE_signed_char);
		offset = vr_die_ref(&die, VR_DIE_TYPE, VR_DIE_BAD);
	}
	return false;
}

/* GCC says it since its version 8, else there is the type to count on, else the values. */
bool vr_die_enum_is_signed(struct vr_dies *dies, const struct vr_die *die)
{
	struct vr_die_walk walk;
	struct vr_die child;
	uint64_t encoding;

	if (vr_die_number(die, VR_DIE_ENCODING, &encoding))
		return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
	if (vr_die_has(die, VR_DIE_TYPE))
		return is_signed_type(dies, vr_die_ref(die, VR_DIE_TYPE, VR_DIE_BAD));
	walk = vr_die_children(dies, die);
	while (vr_die_walk_next(&walk, &child)) {
		const struct vr_die_value *value = &child.values[VR_DIE_CONST_VALUE];

		if (vr_die_has(&child, VR_DIE_CONST_VALUE) && value->kind == VR_DIE_SIGNED &&
		    (int64_t)value->number < 0)
			return true;
	}
	return false;
}

int64_t vr_die_enum_value(const struct vr_die *enumerator, bool is_signed, uint64_t size)
{
	const struct vr_die_value *value = &enumerator->values[VR_DIE_CONST_VALUE];
	unsigned int spare = size && size < 8 ? (unsigned int)(64 - 8 * size) : 0;
	uint64_t bits;

	if (!vr_die_has(enumerator, VR_DIE_CONST_VALUE) ||
	    (value->kind != VR_DIE_UNSIGNED && value->kind != VR_DIE_SIGNED))
		return 0;
	bits = value->number << spare;
	return is_signed ? (int64_t)bits >> spare : (int64_t)(bits >> spare);
}

/* The offset that a location gives as an expression: DW_OP_plus_uconst, and no more. */
static bool location(const struct vr_die *member, uint64_t *bytes)
{
	const struct vr_die_value *v = &member->values[VR_DIE_MEMBER_LOCATION];
	const unsigned char *p, *end;

	if (v->kind != VR_DIE_BLOCK)
		return vr_die_number(member, VR_DIE_MEMBER_LOCATION, bytes);
	p = (const unsigned char *)v->text;
	end = p + v->number;
	return p < end && *p++ == DW_OP_plus_uconst && vr_uleb(&p, end, bytes) && p == end;
}

/* Bytes of the integer that a bitfield is declared as. */
static bool storage_size(struct vr_dies *dies, const struct vr_die *member, uint64_t *size)
{
	uint32_t offset = vr_die_ref(member, VR_DIE_TYPE, VR_DIE_BAD);
	struct vr_die die;

	if (vr_die_number(member, VR_DIE_BYTE_SIZE, size))
		return true;
	for (int i = 0; i < VR_BTF_CHAIN_MAX && vr_die_read(dies, offset, &die); i++) {
		if (die.tag == DW_TAG_base_type || die.tag == DW_TAG_enumeration_type)
			return vr_die_number(&die, VR_DIE_BYTE_SIZE, size);
		offset = vr_die_ref(&die, VR_DIE_TYPE, VR_DIE_BAD);
	}
	return false;
}

/* DW_AT_bit_offset of DWARF 2 and 3 counts from the most significant bit of what holds the field. */
static bool old_bitfield(struct vr_dies *dies, const struct vr_die *member, uint64_t bit_size,
			 uint64_t *bit_offset)
{
	uint64_t storage, from_top;

	if (!vr_die_number(member, VR_DIE_BIT_OFFSET, &from_top))
		return !vr_die_has(member, VR_DIE_BIT_OFFSET);
	if (!storage_size(dies, member, &storage) || storage > 16 || from_top > storage * 8 ||
	    bit_size > storage * 8 - from_top)
		return false;
	return !__builtin_add_overflow(*bit_offset, storage * 8 - from_top - bit_size, bit_offset);
}

bool vr_die_place(struct vr_dies *dies, const struct vr_die *member, uint64_t *bit_offset,
		  uint64_t *bit_size)
{
	uint64_t bytes = 0;

	*bit_size = 0;
	if (vr_die_has(member, VR_DIE_BIT_SIZE) &&
	    !vr_die_number(member, VR_DIE_BIT_SIZE, bit_size))
		return false;
	if (vr_die_number(member, VR_DIE_DATA_BIT_OFFSET, bit_offset))
		return true;
	if (vr_die_has(member, VR_DIE_MEMBER_LOCATION) && !location(member, &bytes))
		return false;
	if (__builtin_mul_overflow(bytes, 8, bit_offset))
		return false;
	return !*bit_size || old_bitfield(dies, member, *bit_size, bit_offset);
}

/* What an entry with a size of its own says. */
static bool own_size(const struct vr_die *die, uint64_t *size)
{
	*size = 0;
	if (vr_die_flag(die, VR_DIE_DECLARATION))
		return true;
	return !vr_die_has(die, VR_DIE_BYTE_SIZE) || vr_die_number(die, VR_DIE_BYTE_SIZE, size);
}

/* The entry, or that which it only declares. */
static bool read_definition(struct vr_dies *dies, uint32_t offset, struct vr_die *die)
{
	if (!vr_die_read(dies, offset, die))
		return false;
	if (!vr_die_flag(die, VR_DIE_DECLARATION) && !vr_die_has(die, VR_DIE_SIGNATURE))
		return true;
	return vr_die_read(dies, vr_dies_canonical(dies, offset), die);
}

bool vr_die_size(struct vr_dies *dies, uint32_t offset, uint64_t *size)
{
	uint64_t count = 1, length;

	for (int i = 0; i < VR_BTF_CHAIN_MAX; i++) {
		struct vr_die die;

		*size = 0;
		if (offset == VR_DIE_VOID)
			return true;
		if (!read_definition(dies, offset, &die))
			return false;
		switch (die.tag) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			break;
		case DW_TAG_array_type:
			if (!vr_die_array_length(dies, &die, &length) ||
			    __builtin_mul_overflow(count, length, &count))
				return false;
			break;
		case DW_TAG_pointer_type:
			*size = sizeof(uint64_t);
			return !__builtin_mul_overflow(count, *size, size) && *size <= INT64_MAX;
		default:
			/* Half of the address space is more than any type fills. */
			return own_size(&die, size) &&
			       !__builtin_mul_overflow(count, *size, size) && *size <= INT64_MAX;
		}
		offset = vr_die_ref(&die, VR_DIE_TYPE, VR_DIE_VOID);
	}
	return false;
}

size_t vr_die_params(struct vr_dies *dies, uint32_t function, uint32_t *offsets, size_t max)
{
	struct vr_die_walk walk;
	struct vr_die die, param;
	size_t count = 0;

	if (!vr_die_read(dies, function, &die))
		return 0;
	walk = vr_die_children(dies, &die);
	while (vr_die_walk_next(&walk, &param)) {
		if (param.tag != DW_TAG_formal_parameter &&
		    param.tag != DW_TAG_unspecified_parameters)
			continue;
		if (count < max)
			offsets[count] = param.tag == DW_TAG_formal_parameter
						 ? vr_die_ref(&param, VR_DIE_TYPE, VR_DIE_VOID)
						 : VR_DIE_VOID;
		count++;
	}
	return count;
}
