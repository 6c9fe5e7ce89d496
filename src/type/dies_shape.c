// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether entries of two units describe the same type: a number made of what they say. */
#include <dwarf.h>

#include "base/bits.h"
#include "base/namehash.h"
#include "type/dies.h"

/* Nameless structs in structs: C code of the kernel goes down to 5 or so. */
#define DEPTH_MAX 8
/* A forged one may have any number of them, each of which has any number. */
#define READS_MAX 100000u

struct shape {
	struct vr_dies *dies;
	uint32_t reads;
};

static uint64_t definition(struct shape *s, const struct vr_die *die, int depth);

static uint64_t mix(uint64_t a, uint64_t b)
{
	return vr_namehash_mix(a ^ 0x8ebc6af09c88c6e3ull, b ^ 0xe7037ed1a0b428dbull);
}

static uint64_t mix_name(const struct shape *s, uint64_t sum, const struct vr_die *die)
{
	const char *name = vr_die_name(die);

	return mix(sum, vr_namehash(s->dies->seed, name, strnlen(name, VR_BTF_NAME_MAX)));
}

static bool read_entry(struct shape *s, uint32_t offset, struct vr_die *die)
{
	return s->reads++ < READS_MAX && vr_die_read(s->dies, offset, die);
}

/* A struct that is declared here and defined there is the same struct: only its name counts. */
static uint64_t reference(struct shape *s, uint32_t offset, int depth)
{
	uint64_t sum = 0, length;
	enum vr_btf_space space;
	struct vr_die die;

	for (int i = 0; i < VR_BTF_CHAIN_MAX; i++) {
		if (offset == VR_DIE_VOID || !read_entry(s, offset, &die))
			return mix(sum, 1);
		sum = mix(sum, die.tag);
		if (vr_die_space(die.tag, &space)) {
			uint32_t to = vr_die_ref(&die, VR_DIE_SIGNATURE, VR_DIE_VOID);

			if (to != VR_DIE_VOID && !read_entry(s, to, &die))
				return mix(sum, 2);
			if (vr_die_has(&die, VR_DIE_NAME))
				return mix_name(s, sum, &die);
			return depth < DEPTH_MAX ? mix(sum, definition(s, &die, depth + 1)) : sum;
		}
		if (die.tag == DW_TAG_subroutine_type)
			return mix(sum, 3);
		if (die.tag == DW_TAG_array_type && vr_die_array_length(s->dies, &die, &length))
			sum = mix(sum, length);
		offset = vr_die_ref(&die, VR_DIE_TYPE, VR_DIE_VOID);
	}
	return sum;
}

static uint64_t child(struct shape *s, uint64_t sum, const struct vr_die *die, int depth)
{
	uint64_t bit_offset = 0, bit_size = 0;

	sum = mix_name(s, mix(sum, die->tag), die);
	if (die->tag == DW_TAG_enumerator)
		return mix(sum, vr_die_has(die, VR_DIE_CONST_VALUE)
					? die->values[VR_DIE_CONST_VALUE].number
					: 0);
	if (die->tag != DW_TAG_member)
		return sum;
	vr_die_place(s->dies, die, &bit_offset, &bit_size);
	sum = mix(mix(sum, bit_offset), bit_size);
	return mix(sum, reference(s, vr_die_ref(die, VR_DIE_TYPE, VR_DIE_VOID), depth));
}

static uint64_t definition(struct shape *s, const struct vr_die *die, int depth)
{
	uint64_t sum = mix_name(s, die->tag, die), number = 0;
	struct vr_die_walk walk;
	struct vr_die inner;

	vr_die_number(die, VR_DIE_BYTE_SIZE, &number);
	sum = mix(sum, number);
	if (die->tag == DW_TAG_base_type) {
		number = 0;
		vr_die_number(die, VR_DIE_ENCODING, &number);
		return mix(sum, number);
	}
	if (die->tag == DW_TAG_typedef)
		return mix(sum, reference(s, vr_die_ref(die, VR_DIE_TYPE, VR_DIE_VOID), depth));
	walk = vr_die_children(s->dies, die);
	while (s->reads++ < READS_MAX && vr_die_walk_next(&walk, &inner))
		sum = child(s, sum, &inner, depth);
	return sum;
}

uint64_t vr_die_shape(struct vr_dies *dies, uint32_t offset)
{
	struct shape s = {.dies = dies};
	struct vr_die die;

	return vr_die_read(dies, offset, &die) ? definition(&s, &die, 0) : 0;
}

uint64_t vr_die_ref_shape(struct vr_dies *dies, uint32_t offset)
{
	struct shape s = {.dies = dies};

	return reference(&s, offset, 0);
}
