// SPDX-License-Identifier: GPL-2.0-or-later
/* Members by name and by path. */
#include <ctype.h>

#include "base/bits.h"
#include "type/model.h"

/* Anonymous structs in anonymous unions in ...: C code of the kernel goes down to 5 or so. */
#define DEPTH_MAX 32
/* A forged struct may hold itself as an anonymous member, several times over. */
#define VISIT_MAX (1u << 20)

struct level {
	const struct vr_member *members;
	size_t count, next;
	uint64_t bit_offset;
};

static bool is_named(const struct vr_member *member, const char *name, size_t len)
{
	return strncmp(member->name, name, len) == 0 && member->name[len] == '\0';
}

/* Begin with the members of a struct or union. VR_ABSENT for any other type, VR_NOMEM. */
static enum vr_err enter(struct level *level, const struct vr_type *type, uint64_t bit_offset)
{
	type = vr_type_strip(type);
	if (!type || (type->kind != VR_TYPE_STRUCT && type->kind != VR_TYPE_UNION))
		return VR_ABSENT;
	*level = (struct level){.bit_offset = bit_offset};
	level->members = vr_type_members(type, &level->count);
	return type->count && !level->members ? VR_NOMEM : VR_OK;
}

static enum vr_err found(const struct vr_member *member, uint64_t bit_offset, struct vr_member *out)
{
	bit_offset += member->bit_offset;
	if (bit_offset > UINT32_MAX)
		return VR_CORRUPT;
	*out = *member;
	out->bit_offset = (uint32_t)bit_offset;
	return VR_OK;
}

/* Whether the type has members, or may have, that the dump doesn't tell. */
static bool has_lost(const struct vr_type *type)
{
	const struct vr_type *stripped = vr_type_strip(type);

	return stripped && type->types->lack.kind != VR_OK &&
	       (stripped->is_partial || vr_type_is_lost(stripped));
}

enum vr_err vr_type_find_member(const struct vr_type *type, const char *name, size_t len,
				struct vr_member *out)
{
	struct level levels[DEPTH_MAX];
	unsigned int depth = 0, visits = 0;
	enum vr_err rc = len ? enter(&levels[0], type, 0) : VR_ABSENT;
	bool lacks = has_lost(type);

	if (rc)
		return rc == VR_ABSENT && lacks ? type->types->lack.kind : rc;
	for (;;) {
		struct level *level = &levels[depth];
		const struct vr_member *member = &level->members[level->next];

		if (level->next == level->count) {
			if (depth-- == 0)
				return lacks ? type->types->lack.kind : VR_ABSENT;
			continue;
		}
		level->next++;
		if (++visits > VISIT_MAX)
			return VR_CORRUPT;
		if (member->name[0]) {
			if (is_named(member, name, len))
				return found(member, level->bit_offset, out);
			lacks |= member->name[0] == VR_BTF_LOST_NAME;
			continue;
		}
		if (depth + 1 == DEPTH_MAX)
			return VR_CORRUPT;
		rc = enter(&levels[depth + 1], member->type,
			   level->bit_offset + member->bit_offset);
		if (rc == VR_NOMEM)
			return rc;
		depth += rc == VR_OK;
		lacks |= has_lost(member->type);
	}
}

enum vr_err vr_type_member(const struct vr_type *type, const char *name, struct vr_member *out)
{
	return vr_type_find_member(type, name, strlen(name), out);
}

static size_t identifier(const char *p)
{
	size_t len = 0;

	while (isalnum((unsigned char)p[len]) || p[len] == '_' || p[len] == '$')
		len++;
	return len;
}

/* "[N]" at *p applied to *type and *offset. VR_UNSUPPORTED where it isn't that. */
static enum vr_err apply_index(const char **p, const struct vr_type **type, uint64_t *offset)
{
	const struct vr_type *array = vr_type_strip(*type), *element;
	uint64_t index = 0, bytes;
	const char *s = *p + 1;

	if (!isdigit((unsigned char)*s))
		return VR_UNSUPPORTED;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(index, 10, &index) ||
		    __builtin_add_overflow(index, (uint64_t)(*s - '0'), &index))
			return VR_UNSUPPORTED;
	if (*s != ']')
		return VR_UNSUPPORTED;
	if (vr_type_kind(array) != VR_TYPE_ARRAY)
		return VR_ABSENT;
	/* Arrays of none and of one are how the kernel has written, and writes, flexible ones. */
	if (array->length > 1 && index >= array->length)
		return VR_ABSENT;
	element = vr_type_target(array);
	if (!element)
		return VR_NOMEM;
	if (__builtin_mul_overflow(index, element->size, &bytes) ||
	    __builtin_add_overflow(*offset, bytes, offset) || *offset > INT64_MAX)
		return VR_ABSENT;
	*type = element;
	*p = s + 1;
	return VR_OK;
}

enum vr_err vr_type_offsetof(const struct vr_type *type, const char *path, uint64_t *offset)
{
	const char *p = path;
	uint64_t sum = 0;
	struct vr_member member;
	enum vr_err rc = VR_OK;

	do {
		size_t len = identifier(p);

		if (!len)
			return VR_UNSUPPORTED;
		rc = vr_type_find_member(type, p, len, &member);
		if (rc)
			return rc;
		if (member.bit_offset % 8)
			return VR_UNSUPPORTED;
		if (__builtin_add_overflow(sum, member.bit_offset / 8, &sum) || sum > INT64_MAX)
			return VR_CORRUPT;
		type = member.type;
		for (p += len; *p == '[' && !rc;)
			rc = apply_index(&p, &type, &sum);
		if (rc)
			return rc;
	} while (*p++ == '.');
	if (p[-1] != '\0')
		return VR_UNSUPPORTED;
	*offset = sum;
	return VR_OK;
}
