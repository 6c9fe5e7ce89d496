// SPDX-License-Identifier: GPL-2.0-or-later
#include "object/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define RECENT_SLOTS 1024
#define MAX_NAME 128
#define MAX_BINDINGS (1u << 20)

uint8_t vr_type_load_size(const struct vr_type *value)
{
	uint64_t size;

	switch (vr_type_kind(value)) {
	case VR_TYPE_INT:
	case VR_TYPE_ENUM:
	case VR_TYPE_POINTER:
		size = vr_type_size(value);
		return size == 1 || size == 2 || size == 4 || size == 8 ? (uint8_t)size : 0;
	default:
		return 0;
	}
}

/* The state of binding one alternative: where the path has come to so far. */
struct cursor {
	const struct vr_types *types;
	const struct vr_type *type;
	struct vr_binding *b;
	char *why;        /* WHY_SIZE bytes: why it doesn't fit */
	enum vr_err kind; /* likewise: VR_ABSENT, or that of what the dump lacks */
};

#define WHY_SIZE 480

/* It doesn't fit as far as is known: the dump lacks what would say. */
static bool no_telling(struct cursor *c, enum vr_err kind, const char *arg)
{
	char spelled[80];

	c->kind = kind;
	vr_type_spell(c->type, spelled, sizeof(spelled));
	snprintf(c->why, WHY_SIZE, "`%s` of %s: %s", arg, spelled, vr_types_lack(c->types)->text);
	return false;
}

static bool no_fit(struct cursor *c, const char *what, const char *arg)
{
	const struct vr_error *lack = vr_types_lack(c->types);
	char spelled[80];

	if (lack && vr_type_size_is_lost(c->type))
		return no_telling(c, lack->kind, arg);
	vr_type_spell(c->type, spelled, sizeof(spelled));
	snprintf(c->why, WHY_SIZE, "%s %s `%s`", spelled, what, arg);
	return false;
}

static bool follow_pointer(struct cursor *c, const char *at)
{
	const struct vr_type *pointer = vr_type_strip(c->type);

	if (vr_type_kind(pointer) != VR_TYPE_POINTER || !vr_type_target(pointer))
		return no_fit(c, "is no pointer at", at);
	if (c->b->derefs == VR_PATH_MAX_DEREFS)
		return no_fit(c, "follows too many pointers at", at);
	c->type = vr_type_target(pointer);
	c->b->offsets[++c->b->derefs] = 0;
	c->b->bit_offset = c->b->bit_size = 0;
	return true;
}

static bool step_member(struct cursor *c, const char *name)
{
	const struct vr_error *lack = vr_types_lack(c->types);
	struct vr_member member;
	enum vr_err r = vr_type_member(c->type, name, &member);

	if (lack && r == lack->kind)
		return no_telling(c, r, name);
	if (r != VR_OK)
		return no_fit(c, "has no member", name);
	c->b->offsets[c->b->derefs] += member.bit_offset / 8;
	c->b->bit_offset = member.bit_size ? member.bit_offset % 8 : 0;
	c->b->bit_size = member.bit_size;
	c->type = member.type;
	return true;
}

static bool step_index(struct cursor *c, uint64_t i, const char *at)
{
	const struct vr_type *array = vr_type_strip(c->type);
	uint64_t size, offset;

	if (vr_type_kind(array) == VR_TYPE_POINTER) {
		if (!follow_pointer(c, at))
			return false;
	} else if (vr_type_kind(array) == VR_TYPE_ARRAY) {
		/* An array of one may be the flexible one of old: struct pid's numbers[1]. */
		if (vr_type_length(array) > 1 && i >= vr_type_length(array))
			return no_fit(c, "is shorter than", at);
		c->type = vr_type_target(array);
	} else {
		return no_fit(c, "is no array at", at);
	}
	size = c->type && !vr_type_size_is_lost(c->type) ? vr_type_size(c->type) : 0;
	if (!size || __builtin_mul_overflow(size, i, &offset))
		return no_fit(c, "can't be indexed at", at);
	c->b->offsets[c->b->derefs] += offset;
	return true;
}

static bool is_name_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       ch == '_';
}

/* One alternative: a name, or "[N]", "->name", ".name" in any number. Ends at end. */
static bool bind_alternative(struct cursor *c, const char *p, const char *end)
{
	bool first = true;

	while (p < end) {
		char name[MAX_NAME];
		const char *at = p;
		size_t len = 0;

		if (*p == '[') {
			char *stop;
			uint64_t i = strtoull(p + 1, &stop, 0);

			if (stop == p + 1 || stop >= end || *stop != ']')
				return no_fit(c, "has a malformed index at", at);
			if (!step_index(c, i, at))
				return false;
			p = stop + 1;
			first = false;
			continue;
		}
		if (end - p >= 2 && p[0] == '-' && p[1] == '>') {
			if (!follow_pointer(c, at))
				return false;
			p += 2;
		} else if (*p == '.') {
			p++;
		} else if (!first) {
			return no_fit(c, "has a malformed path at", at);
		}
		while (p + len < end && is_name_char(p[len]) && len < sizeof(name) - 1) {
			name[len] = p[len];
			len++;
		}
		name[len] = '\0';
		p += len;
		first = false;
		if (!len)
			return no_fit(c, "has a malformed path at", at);
		if (!step_member(c, name))
			return false;
	}
	return true;
}

static void bind_path(struct vr_program *prog, struct vr_binding *b, const char *path, char *why)
{
	const char *p = path;
	enum vr_err kind = VR_ABSENT;

	for (;;) {
		const char *end = strchrnul(p, '|');
		char other[WHY_SIZE];
		struct cursor c = {.types = prog->types,
				   .type = b->type,
				   .b = b,
				   .why = kind == VR_ABSENT ? why : other,
				   .kind = VR_ABSENT};

		b->derefs = b->bit_offset = b->bit_size = 0;
		memset(b->offsets, 0, sizeof(b->offsets));
		if (bind_alternative(&c, p, end) &&
		    (!vr_type_is_lost(c.type) || no_telling(&c, vr_types_lack(c.types)->kind, p))) {
			b->result = c.type;
			b->value = c.type ? vr_type_strip(c.type) : NULL;
			break;
		}
		/* That one may be the right one weighs more than that others are not. */
		if (kind == VR_ABSENT)
			kind = c.kind;
		b->status = kind;
		if (!*end)
			return;
		p = end + 1;
	}
	if (!b->value) {
		b->status = VR_ABSENT;
		snprintf(why, WHY_SIZE, "`%s` has no type", path);
		return;
	}
	b->size = vr_type_load_size(b->value);
	b->is_signed = vr_type_is_signed(b->value);
	b->status = VR_OK;
}

static struct vr_binding *binding_new(struct vr_program *prog, const struct vr_type *type,
				      const char *path)
{
	struct vr_binding *b = vr_arena_alloc(&prog->arena, sizeof(*b));
	char why[WHY_SIZE] = "";

	if (!b)
		return NULL;
	b->type = type;
	b->path = vr_arena_strndup(&prog->arena, path, strlen(path));
	b->status = VR_ABSENT;
	if (!b->path)
		return NULL;
	bind_path(prog, b, b->path, why);
	if (b->status != VR_OK) {
		b->error = vr_arena_strndup(&prog->arena, why, strlen(why));
		if (!b->error)
			return NULL;
	}
	return b;
}

static size_t full_hash(const struct vr_type *type, const char *path)
{
	return vr_hash_u64(vr_hash_bytes(path, strlen(path)) ^ (uintptr_t)type);
}

static bool table_grow(struct vr_program *prog)
{
	size_t cap = prog->binding_cap ? prog->binding_cap * 2 : 256;
	struct vr_binding **table;

	if (prog->binding_count >= MAX_BINDINGS)
		return false;
	table = calloc(cap, sizeof(struct vr_binding *));
	if (!table)
		return false;
	for (size_t i = 0; i < prog->binding_cap; i++) {
		struct vr_binding *b = prog->bindings[i];
		size_t slot;

		if (!b)
			continue;
		slot = full_hash(b->type, b->path) & (cap - 1);
		while (table[slot])
			slot = (slot + 1) & (cap - 1);
		table[slot] = b;
	}
	free(prog->bindings);
	prog->bindings = table;
	prog->binding_cap = cap;
	return true;
}

static const struct vr_binding *bind_slow(struct vr_program *prog, const struct vr_type *type,
					  const char *path, struct vr_binding **recent)
{
	struct vr_binding *b;
	size_t slot;

	if (prog->binding_count >= prog->binding_cap / 2 && !table_grow(prog))
		return NULL;
	slot = full_hash(type, path) & (prog->binding_cap - 1);
	while ((b = prog->bindings[slot])) {
		if (b->type == type && !strcmp(b->path, path))
			break;
		slot = (slot + 1) & (prog->binding_cap - 1);
	}
	if (!b) {
		b = binding_new(prog, type, path);
		if (!b)
			return NULL;
		prog->bindings[slot] = b;
		prog->binding_count++;
	}
	*recent = b;
	return b;
}

const struct vr_binding *vr_path_bind(struct vr_program *prog, const struct vr_type *type,
				      const char *path)
{
	/*
	 * Paths are string literals, nearly always: their address is a good first key, which the
	 * text then has to confirm.
	 */
	uint64_t key = (uintptr_t)type ^ ((uintptr_t)path << 7) ^ ((uintptr_t)path >> 5);
	struct vr_binding **recent = &prog->recent[(key ^ (key >> 17)) % RECENT_SLOTS];
	const struct vr_binding *b = *recent;

	if (b && b->type == type && !strcmp(b->path, path))
		return b;
	return bind_slow(prog, type, path, recent);
}

struct vr_program *vr_program_new(void)
{
	struct vr_program *prog = calloc(1, sizeof(*prog));

	if (!prog)
		return NULL;
	prog->recent = calloc(RECENT_SLOTS, sizeof(struct vr_binding *));
	if (!prog->recent) {
		free(prog);
		return NULL;
	}
	prog->scope = &prog->base;
	return prog;
}

void vr_program_free(struct vr_program *prog)
{
	if (!prog)
		return;
	vr_arena_free(&prog->arena);
	free(prog->bindings);
	free(prog->recent);
	free(prog);
}
