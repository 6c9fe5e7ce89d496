// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions by name: symbols, types, constants, globals. */
#include "object/program.h"

#include <stdio.h>
#include <string.h>

#include "object/path.h"

/* lack may be NULL: nothing is missing. */
static enum vr_err lacks(const struct vr_error *lack, const char *what, const char *name,
			 struct vr_error *err)
{
	if (!lack)
		return VR_OK;
	vr_error_set(err, lack->kind, "%s `%s` may be among those that the dump lacks: %s", what,
		     name, lack->text);
	if (err)
		err->addr = lack->addr;
	return lack->kind;
}

enum vr_err vr_missing_symbol(struct vr_program *prog, const char *names, struct vr_error *err)
{
	enum vr_err r = lacks(vr_symtab_lack(prog->symtab), "symbol", names, err);

	return r ? r : vr_error_set(err, VR_ABSENT, "no symbol `%s`", names);
}

enum vr_err vr_missing_type(struct vr_program *prog, const char *names, struct vr_error *err)
{
	enum vr_err r = lacks(vr_types_lack(prog->types), "type", names, err);

	return r ? r : vr_error_set(err, VR_ABSENT, "no type `%s`", names);
}

enum vr_err vr_missing_member(struct vr_program *prog, const char *type, const char *path,
			      struct vr_error *err)
{
	const struct vr_type *t = vr_types_find(prog->types, type, NULL);
	const struct vr_binding *b = t ? vr_path_bind(prog, t, path) : NULL;

	if (b && b->status != VR_OK && b->status != VR_ABSENT)
		return vr_error_set(err, b->status, "%s", b->error);
	return vr_error_set(err, VR_ABSENT, "no member `%s` in `%s`", path, type);
}

/*
 * Among alternatives ("runqueues|rq") the first that the kernel has. A name that several objects
 * share (static variables of one name) can't be told apart, and is refused rather than guessed.
 */
enum vr_err vr_find_symbol(struct vr_program *prog, const char *names, uint64_t *addr,
			   struct vr_error *err)
{
	const char *p = names;

	for (;;) {
		const char *end = strchrnul(p, '|');
		struct vr_symbol sym;
		char name[512];
		size_t count, len = (size_t)(end - p);

		if (len >= sizeof(name))
			return vr_error_set(err, VR_ABSENT, "no symbol of such a long name");
		memcpy(name, p, len);
		name[len] = '\0';
		if (vr_symtab_find(prog->symtab, name, &sym, &count) == VR_OK) {
			if (count > 1)
				return vr_error_set(err, VR_ABSENT,
						    "the symbol `%s` has %zu addresses", name,
						    count);
			*addr = sym.addr;
			return VR_OK;
		}
		if (!*end)
			return vr_missing_symbol(prog, names, err);
		p = end + 1;
	}
}

enum vr_err vr_try_symbol(struct vr_program *prog, const char *symbol, uint64_t *addr)
{
	return vr_find_symbol(prog, symbol, addr, NULL);
}

uint64_t vr_symbol(struct vr_program *prog, const char *symbol)
{
	struct vr_error err;
	uint64_t addr;

	if (vr_failed(prog))
		return 0;
	if (vr_find_symbol(prog, symbol, &addr, &err) == VR_OK)
		return addr;
	vr_latch_error(prog, &err);
	return 0;
}

bool vr_has_symbol(struct vr_program *prog, const char *symbol)
{
	uint64_t addr;

	return vr_find_symbol(prog, symbol, &addr, NULL) == VR_OK;
}

struct vr_obj vr_global(struct vr_program *prog, const char *symbol, const char *type)
{
	uint64_t addr = vr_symbol(prog, symbol);

	return vr_at(prog, type, addr);
}

enum vr_err vr_try_global(struct vr_program *prog, const char *symbol, const char *type,
			  struct vr_obj *out)
{
	uint64_t addr;
	enum vr_err r = vr_find_symbol(prog, symbol, &addr, NULL);
	const struct vr_type *t;
	struct vr_error err;

	*out = (struct vr_obj){.prog = prog};
	if (r != VR_OK)
		return r;
	t = vr_types_find(prog->types, type, &err);
	if (!t)
		return err.kind;
	out->type = t;
	out->addr = addr;
	return VR_OK;
}

const struct vr_type *vr_type_find(struct vr_program *prog, const char *name)
{
	return vr_types_find(prog->types, name, NULL);
}

bool vr_has(struct vr_obj obj, const char *path)
{
	const struct vr_binding *b;

	if (!obj.type)
		return false;
	b = vr_path_bind(obj.prog, obj.type, path);
	return b && b->status == VR_OK;
}

bool vr_has_member(struct vr_program *prog, const char *type, const char *path)
{
	const struct vr_type *t = vr_types_find(prog->types, type, NULL);

	return t && vr_has((struct vr_obj){.prog = prog, .type = t}, path);
}

static const struct vr_type *required_type(struct vr_program *prog, const char *name)
{
	struct vr_error err;
	const struct vr_type *t;

	if (vr_failed(prog))
		return NULL;
	t = vr_types_find(prog->types, name, &err);
	if (!t)
		vr_latch_error(prog, &err);
	return t;
}

uint64_t vr_sizeof(struct vr_program *prog, const char *type)
{
	const struct vr_type *t = required_type(prog, type);
	const struct vr_error *lack = vr_types_lack(prog->types);

	if (t && lack && vr_type_size_is_lost(t)) {
		vr_latch(prog, lack->kind, "the size of '%s': %s", type, lack->text);
		return 0;
	}
	return t ? vr_type_size(t) : 0;
}

uint64_t vr_offsetof(struct vr_program *prog, const char *type, const char *path)
{
	const struct vr_type *t = required_type(prog, type);
	const struct vr_binding *b;

	if (!t)
		return 0;
	b = vr_path_bind(prog, t, path);
	if (!b)
		vr_latch(prog, VR_NOMEM, "out of memory");
	else if (b->status != VR_OK)
		vr_latch(prog, b->status, "%s", b->error);
	else if (b->derefs)
		vr_latch(prog, VR_ABSENT, "`%s` follows a pointer: it has no offset", path);
	else
		return b->offsets[0];
	return 0;
}

enum vr_err vr_enum_value(struct vr_program *prog, const char *type_name, const char *enumerator,
			  int64_t *value)
{
	return vr_types_enum_value(prog->types, type_name, enumerator, value);
}

int64_t vr_constant(struct vr_program *prog, const char *enumerator)
{
	const struct vr_error *lack = vr_types_lack(prog->types);
	int64_t value;

	if (vr_failed(prog))
		return 0;
	if (vr_types_enum_value(prog->types, NULL, enumerator, &value) == VR_OK)
		return value;
	if (lack)
		vr_latch(prog, lack->kind, "enumerator `%s`: %s", enumerator, lack->text);
	else
		vr_latch(prog, VR_ABSENT, "no enumerator `%s`", enumerator);
	return 0;
}

char *vr_symbolize(struct vr_program *prog, uint64_t addr, char *buf, size_t size)
{
	struct vr_symbol sym;

	if (vr_symtab_lookup(prog->symtab, addr, &sym) != VR_OK)
		snprintf(buf, size, "0x%llx", (unsigned long long)addr);
	else
		snprintf(buf, size, "%s+0x%llx/0x%llx%s%s%s", sym.name,
			 (unsigned long long)(addr - sym.addr), (unsigned long long)sym.size,
			 sym.module ? " [" : "", sym.module ? sym.module : "",
			 sym.module ? "]" : "");
	return buf;
}
