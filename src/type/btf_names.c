// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding types of a BTF blob by name. */
#include "type/btf_names.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/namehash.h"

static enum vr_btf_space space_of(const struct vr_btf_record *rec)
{
	switch (rec->kind) {
	case VR_BTF_STRUCT:
		return VR_SPACE_STRUCT;
	case VR_BTF_UNION:
		return VR_SPACE_UNION;
	case VR_BTF_FWD:
		return rec->kflag ? VR_SPACE_UNION : VR_SPACE_STRUCT;
	case VR_BTF_ENUM:
	case VR_BTF_ENUM64:
		return VR_SPACE_ENUM;
	case VR_BTF_VAR:
		return VR_SPACE_VARIABLE;
	default:
		return VR_SPACE_PLAIN;
	}
}

/* The slot where the name is, or the empty one where it belongs. */
static uint32_t *name_slot(const struct vr_btf *btf, enum vr_btf_space space, const char *name,
			   size_t len)
{
	uint32_t i = (uint32_t)vr_namehash(btf->seed + space, name, len) & btf->name_mask;
	struct vr_btf_record rec;
	const char *other;

	for (; btf->name_slots[i]; i = (i + 1) & btf->name_mask) {
		vr_btf_record(btf, btf->names[btf->name_slots[i] - 1].id, &rec);
		if (space_of(&rec) != space)
			continue;
		other = vr_btf_string(btf, rec.name);
		if (strncmp(other, name, len) == 0 && other[len] == '\0')
			break;
	}
	return &btf->name_slots[i];
}

bool vr_btf_hash_names(struct vr_btf *btf)
{
	size_t slots = 16;

	while (slots < (size_t)btf->name_count * 2)
		slots *= 2;
	btf->seed = vr_namehash_seed();
	btf->name_mask = (uint32_t)(slots - 1);
	btf->name_slots = calloc(slots, sizeof(*btf->name_slots));
	if (!btf->name_slots)
		return false;
	/* Backwards, each put before its namesakes: the chains are then in the order of ids. */
	for (uint32_t i = btf->name_count; i-- > 0;) {
		struct vr_btf_record rec;
		const char *name;
		uint32_t *slot;
		size_t len;

		vr_btf_record(btf, btf->names[i].id, &rec);
		name = vr_btf_string(btf, rec.name);
		len = strnlen(name, VR_BTF_NAME_MAX + 1);
		if (len == 0 || len > VR_BTF_NAME_MAX)
			continue;
		slot = name_slot(btf, space_of(&rec), name, len);
		btf->names[i].next = *slot;
		*slot = i + 1;
	}
	return true;
}

uint32_t vr_btf_find(const struct vr_btf *btf, enum vr_btf_space space, const char *name,
		     size_t len)
{
	return len == 0 || len > VR_BTF_NAME_MAX ? 0 : *name_slot(btf, space, name, len);
}

uint32_t vr_btf_find_definition(const struct vr_btf *btf, enum vr_btf_space space, const char *name,
				size_t len, uint32_t *count)
{
	uint32_t found = 0;
	struct vr_btf_record rec;

	*count = 0;
	for (uint32_t i = vr_btf_find(btf, space, name, len); i; i = btf->names[i - 1].next) {
		vr_btf_record(btf, btf->names[i - 1].id, &rec);
		if (vr_btf_is_forward(&rec))
			continue;
		if ((*count)++ == 0)
			found = btf->names[i - 1].id;
	}
	return found;
}
