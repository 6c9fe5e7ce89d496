// SPDX-License-Identifier: GPL-2.0-or-later
/* Enums of a BTF blob: their values, and an index of all enumerators. */
#include <stdlib.h>

#include "base/bits.h"
#include "base/namehash.h"
#include "type/btf.h"

/*
 * kflag tells an enum's signedness since Linux 6.0 (6089fb325cf7, "bpf: Add btf enum64 support").
 * Before, it is always 0 and C's rule has to do: an enum is signed if one of its values is
 * negative. A value with the top bit set may be that or a large unsigned one (1u << 31); small
 * negative ones are what kernel code uses, as error numbers and as "none", so they decide.
 */
bool vr_btf_enum_is_signed(const struct vr_btf *btf, const struct vr_btf_record *rec)
{
	if (btf->has_enum_signs)
		return rec->kflag;
	for (uint32_t i = 0; i < rec->vlen; i++) {
		int32_t value = (int32_t)vr_load32(rec->body + (size_t)i * 8 + 4);

		if (value < 0 && value >= -4095)
			return true;
	}
	return false;
}

/*
 * An 8-byte enum without the 64-bit kind comes from a pahole older than that kind, which cut its
 * values to 32 bits: none of them can be trusted.
 */
uint32_t vr_btf_enum_count(const struct vr_btf_record *rec)
{
	return rec->kind == VR_BTF_ENUM && rec->value > 4 ? 0 : rec->vlen;
}

int64_t vr_btf_enum_value(const struct vr_btf_record *rec, bool is_signed, uint32_t index,
			  uint32_t *name)
{
	const unsigned char *p;

	if (rec->kind == VR_BTF_ENUM64) {
		p = rec->body + (size_t)index * 12;
		*name = vr_load32(p);
		return (int64_t)(vr_load32(p + 4) | (uint64_t)vr_load32(p + 8) << 32);
	}
	p = rec->body + (size_t)index * 8;
	*name = vr_load32(p);
	return is_signed ? (int64_t)(int32_t)vr_load32(p + 4) : (int64_t)vr_load32(p + 4);
}

/* The slot where the name is, or the empty one where it belongs. */
static uint32_t *enumerator_slot(const struct vr_btf *btf, const char *name, size_t len)
{
	uint32_t i = (uint32_t)vr_namehash(btf->seed, name, len) & btf->enumerator_mask;

	for (; btf->enumerator_slots[i]; i = (i + 1) & btf->enumerator_mask) {
		uint32_t other = btf->enumerators[btf->enumerator_slots[i] - 1].name;
		const char *text = vr_btf_string(btf, other);

		if (strncmp(text, name, len) == 0 && text[len] == '\0')
			break;
	}
	return &btf->enumerator_slots[i];
}

/* Enter an enum's names, but for those that an earlier enum has. */
static uint32_t add_enum(struct vr_btf *btf, uint32_t id, uint32_t used)
{
	struct vr_btf_record rec;
	uint32_t count;

	vr_btf_record(btf, id, &rec);
	count = vr_btf_enum_count(&rec);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t name, *slot;
		const char *text;
		size_t len;

		vr_btf_enum_value(&rec, false, i, &name);
		text = vr_btf_string(btf, name);
		len = strnlen(text, VR_BTF_NAME_MAX + 1);
		if (len == 0 || len > VR_BTF_NAME_MAX)
			continue;
		slot = enumerator_slot(btf, text, len);
		if (*slot)
			continue;
		btf->enumerators[used] = (struct vr_btf_enumerator){name, id, i};
		*slot = ++used;
	}
	return used;
}

static bool hash_enumerators(struct vr_btf *btf)
{
	size_t total = 0, slots = 16;
	uint32_t used = 0;
	struct vr_btf_record rec;

	for (uint32_t i = 0; i < btf->enum_count; i++) {
		vr_btf_record(btf, btf->enums[i], &rec);
		total += vr_btf_enum_count(&rec);
	}
	while (slots < total * 2)
		slots *= 2;
	btf->enumerators = malloc((total + 1) * sizeof(*btf->enumerators));
	btf->enumerator_slots = calloc(slots, sizeof(*btf->enumerator_slots));
	if (!btf->enumerators || !btf->enumerator_slots) {
		free(btf->enumerators);
		free(btf->enumerator_slots);
		btf->enumerators = NULL;
		btf->enumerator_slots = NULL;
		return false;
	}
	btf->enumerator_mask = (uint32_t)(slots - 1);
	for (uint32_t i = 0; i < btf->enum_count; i++)
		used = add_enum(btf, btf->enums[i], used);
	return true;
}

enum vr_err vr_btf_find_enumerator(struct vr_btf *btf, const char *name, int64_t *value)
{
	size_t len = strlen(name);
	const struct vr_btf_enumerator *found;
	struct vr_btf_record rec;
	uint32_t slot, unused;

	if (len == 0 || len > VR_BTF_NAME_MAX)
		return VR_ABSENT;
	if (!btf->enumerators && !hash_enumerators(btf))
		return VR_NOMEM;
	slot = *enumerator_slot(btf, name, len);
	if (!slot)
		return VR_ABSENT;
	found = &btf->enumerators[slot - 1];
	vr_btf_record(btf, found->id, &rec);
	*value = vr_btf_enum_value(&rec, vr_btf_enum_is_signed(btf, &rec), found->index, &unused);
	return VR_OK;
}
