// SPDX-License-Identifier: GPL-2.0-or-later
/* What a type says of itself. All take NULL, for which they have nothing to say. */
#include "type/model.h"

enum vr_type_kind vr_type_kind(const struct vr_type *type)
{
	return type ? type->kind : VR_TYPE_VOID;
}

const char *vr_type_name(const struct vr_type *type)
{
	return type ? type->name : "";
}

uint64_t vr_type_size(const struct vr_type *type)
{
	return type ? type->size : 0;
}

bool vr_type_is_signed(const struct vr_type *type)
{
	type = vr_type_strip(type);
	return type && type->is_signed;
}

const struct vr_type *vr_type_target(const struct vr_type *type)
{
	if (!type || type->target)
		return type ? type->target : NULL;
	switch (type->kind) {
	case VR_TYPE_POINTER:
	case VR_TYPE_ARRAY:
	case VR_TYPE_TYPEDEF:
	case VR_TYPE_CONST:
	case VR_TYPE_FUNCTION:
		type->self->target = vr_type_of_id(type->source, type->ref);
		return type->target;
	default:
		return NULL;
	}
}

uint64_t vr_type_length(const struct vr_type *type)
{
	type = vr_type_strip(type);
	return type ? type->length : 0;
}

const struct vr_type *vr_type_strip(const struct vr_type *type)
{
	const struct vr_type *t = type, *complete;

	if (!type || type->stripped)
		return type ? type->stripped : NULL;
	/* Longer chains were refused when the first of them was made; this is for those it led to.
	 */
	for (int i = 0; t && (t->kind == VR_TYPE_TYPEDEF || t->kind == VR_TYPE_CONST); i++)
		t = i < VR_BTF_CHAIN_MAX ? vr_type_target(t) : type->types->broken;
	if (!t)
		return type->types->broken;
	complete = t->kind == VR_TYPE_INCOMPLETE ? vr_type_complete(t) : NULL;
	if (complete)
		t = complete;
	type->self->stripped = t;
	return t;
}

const struct vr_member *vr_type_members(const struct vr_type *type, size_t *count)
{
	type = vr_type_strip(type);
	*count = 0;
	if (!type || (type->kind != VR_TYPE_STRUCT && type->kind != VR_TYPE_UNION))
		return NULL;
	if (!vr_type_fill(type->self))
		return NULL;
	*count = type->count;
	return type->members;
}

const struct vr_enumerator *vr_type_enumerators(const struct vr_type *type, size_t *count)
{
	type = vr_type_strip(type);
	*count = 0;
	if (!type || type->kind != VR_TYPE_ENUM || !vr_type_fill(type->self))
		return NULL;
	*count = type->count;
	return type->enumerators;
}

/* What an array, or an array of arrays, is of. */
static const struct vr_type *innermost(const struct vr_type *type)
{
	type = vr_type_strip(type);
	for (int i = 0; type && type->kind == VR_TYPE_ARRAY && i < VR_BTF_CHAIN_MAX; i++)
		type = vr_type_strip(vr_type_target(type));
	return type;
}

bool vr_type_is_lost(const struct vr_type *type)
{
	type = innermost(type);
	/* What is only declared may be defined where the dump has a hole. */
	return type && type->kind == VR_TYPE_INCOMPLETE && type != type->types->broken &&
	       type->types->lack.kind != VR_OK;
}

bool vr_type_size_is_lost(const struct vr_type *type)
{
	const struct vr_type *inner = innermost(type);

	return vr_type_is_lost(type) || (inner && inner->is_unsized);
}
