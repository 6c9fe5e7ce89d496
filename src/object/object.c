// SPDX-License-Identifier: GPL-2.0-or-later
#include "object/program.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "object/path.h"

/* Fail a required operation: latch err and answer with no object. */
static struct vr_obj no_object(struct vr_program *prog, const struct vr_error *err)
{
	vr_latch_error(prog, err);
	return (struct vr_obj){.prog = prog};
}

/*
 * A required read from an object that could not be had. Its reason was latched where it was looked
 * for; that may have been an outer scope, and then this scope has not heard of it yet.
 */
static void latch_lost(struct vr_obj obj)
{
	const struct vr_scope *s;

	if (!obj.prog || vr_program_failed(obj.prog))
		return;
	for (s = obj.prog->scope->outer; s; s = s->outer) {
		if (s->error.kind != VR_OK) {
			vr_latch_error(obj.prog, &s->error);
			return;
		}
	}
	vr_latch(obj.prog, VR_ABSENT, "read from an object that could not be had");
}

static inline enum vr_err bind(struct vr_obj obj, const char *path,
			       const struct vr_binding **binding, struct vr_error *err)
{
	*binding = vr_path_bind(obj.prog, obj.type, path);
	if (!*binding)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	if ((*binding)->status != VR_OK)
		return vr_error_set(err, (*binding)->status, "%s", (*binding)->error);
	return VR_OK;
}

/* Follow the binding's pointers from the object to the address of the member. */
static inline enum vr_err resolve(struct vr_obj obj, const struct vr_binding *b, uint64_t *addr,
				  struct vr_error *err)
{
	uint64_t a = obj.addr + b->offsets[0];

	for (unsigned i = 0; i < b->derefs; i++) {
		uint64_t bad = a;
		enum vr_mem_status st = vr_aspace_read64(obj.prog->as, a, &a, &bad);

		if (__builtin_expect(st != VR_MEM_OK, 0)) {
			vr_program_fault(err, st, bad);
			vr_error_prefix(err, "`%s`", b->path);
			return VR_FAULT;
		}
		a += b->offsets[i + 1];
	}
	*addr = a;
	return VR_OK;
}

static inline uint64_t extend(uint64_t value, unsigned bits, bool is_signed)
{
	if (bits >= 64)
		return value;
	if (is_signed)
		return (uint64_t)((int64_t)(value << (64 - bits)) >> (64 - bits));
	return value & ((1ull << bits) - 1);
}

/* Load an integer of size bytes (or a bitfield of bit_size bits at bit_offset) at addr. */
static inline enum vr_err load(struct vr_program *prog, uint64_t addr, unsigned size,
			       unsigned bit_offset, unsigned bit_size, bool is_signed,
			       uint64_t *value, struct vr_error *err)
{
	enum vr_mem_status st;
	uint64_t raw = 0, bad = addr;
	const uint8_t *p;

	if (bit_size)
		size = (bit_offset + bit_size + 7) / 8;
	if (__builtin_expect((addr & 0xfff) + size <= 0x1000 && size <= 8, 1)) {
		st = vr_aspace_peek(prog->as, addr, &p);
		if (__builtin_expect(st == VR_MEM_OK, 1)) {
			switch (size) {
			case 8:
				raw = vr_load64(p);
				break;
			case 4:
				raw = vr_load32(p);
				break;
			case 2:
				raw = vr_load16(p);
				break;
			default:
				memcpy(&raw, p, size);
			}
		}
	} else if (size <= 8) {
		st = vr_aspace_read(prog->as, addr, &raw, size, &bad);
	} else {
		return vr_error_set(err, VR_UNSUPPORTED, "a bitfield over nine bytes");
	}
	if (__builtin_expect(st != VR_MEM_OK, 0))
		return vr_program_fault(err, st, bad);
	if (bit_size)
		*value = extend(raw >> bit_offset, bit_size, is_signed);
	else
		*value = extend(raw, size * 8, is_signed);
	return VR_OK;
}

static enum vr_err read_u64(struct vr_obj obj, const char *path, uint64_t *value,
			    struct vr_error *err)
{
	const struct vr_binding *b;
	uint64_t addr;
	enum vr_err r;

	if (!*path) {
		const struct vr_type *t = vr_type_strip(obj.type);
		uint8_t size = vr_type_load_size(t);

		if (!size) {
			char spelled[80];

			return vr_error_set(err, VR_ABSENT, "%s is no integer",
					    vr_type_spell(obj.type, spelled, sizeof(spelled)));
		}
		return load(obj.prog, obj.addr, size, obj.bit_offset, obj.bit_size,
			    vr_type_is_signed(t), value, err);
	}
	r = bind(obj, path, &b, err);
	if (r != VR_OK)
		return r;
	if (__builtin_expect(!b->size, 0)) {
		char spelled[80];

		return vr_error_set(err, VR_ABSENT, "`%s` is a %s, no integer", b->path,
				    vr_type_spell(b->result, spelled, sizeof(spelled)));
	}
	r = resolve(obj, b, &addr, err);
	if (r != VR_OK)
		return r;
	r = load(obj.prog, addr, b->size, b->bit_offset, b->bit_size, b->is_signed, value, err);
	if (__builtin_expect(r != VR_OK, 0))
		vr_error_prefix(err, "`%s`", b->path);
	return r;
}

uint64_t vr_u64(struct vr_obj obj, const char *path)
{
	struct vr_error err;
	uint64_t value;

	if (__builtin_expect(!obj.type, 0)) {
		latch_lost(obj);
		return 0;
	}
	if (vr_program_failed(obj.prog))
		return 0;
	if (__builtin_expect(read_u64(obj, path, &value, &err) == VR_OK, 1))
		return value;
	vr_latch_error(obj.prog, &err);
	return 0;
}

enum vr_err vr_try_u64(struct vr_obj obj, const char *path, uint64_t *value)
{
	if (!obj.type)
		return VR_ABSENT;
	return read_u64(obj, path, value, NULL);
}

/* ---- Getting objects ---- */

struct vr_obj vr_at(struct vr_program *prog, const char *type, uint64_t addr)
{
	struct vr_error err;
	const struct vr_type *t;

	if (vr_program_failed(prog))
		return (struct vr_obj){.prog = prog};
	t = vr_types_find(prog->types, type, &err);
	if (!t)
		return no_object(prog, &err);
	return (struct vr_obj){.prog = prog, .type = t, .addr = addr};
}

static enum vr_err get(struct vr_obj obj, const char *path, struct vr_obj *out,
		       struct vr_error *err)
{
	const struct vr_binding *b;
	enum vr_err r;

	if (!*path) {
		*out = obj;
		return VR_OK;
	}
	r = bind(obj, path, &b, err);
	if (r != VR_OK)
		return r;
	*out = (struct vr_obj){.prog = obj.prog,
			       .type = b->result,
			       .bit_offset = b->bit_offset,
			       .bit_size = b->bit_size};
	return resolve(obj, b, &out->addr, err);
}

struct vr_obj vr_get(struct vr_obj obj, const char *path)
{
	struct vr_error err;
	struct vr_obj out;

	if (!obj.type)
		latch_lost(obj);
	if (!obj.type || vr_program_failed(obj.prog))
		return (struct vr_obj){.prog = obj.prog};
	if (get(obj, path, &out, &err) != VR_OK)
		return no_object(obj.prog, &err);
	return out;
}

enum vr_err vr_try_get(struct vr_obj obj, const char *path, struct vr_obj *out)
{
	enum vr_err r;

	if (!obj.type) {
		*out = obj;
		return VR_ABSENT;
	}
	r = get(obj, path, out, NULL);
	if (r != VR_OK)
		*out = (struct vr_obj){.prog = obj.prog};
	return r;
}

struct vr_obj vr_deref(struct vr_obj obj, const char *path)
{
	struct vr_obj pointer = vr_get(obj, path);
	const struct vr_type *t;
	uint64_t addr;

	if (!pointer.type)
		return pointer;
	t = vr_type_strip(pointer.type);
	if (vr_type_kind(t) != VR_TYPE_POINTER || !vr_type_target(t)) {
		vr_latch(obj.prog, VR_ABSENT, "`%s` is no pointer", path);
		return (struct vr_obj){.prog = obj.prog};
	}
	addr = vr_u64(pointer, "");
	if (!addr)
		vr_latch(obj.prog, VR_FAULT, "`%s` is a NULL pointer", path);
	if (vr_program_failed(obj.prog))
		return (struct vr_obj){.prog = obj.prog};
	return (struct vr_obj){.prog = obj.prog, .type = vr_type_target(t), .addr = addr};
}

struct vr_obj vr_index(struct vr_obj obj, uint64_t i)
{
	struct vr_obj none = {.prog = obj.prog};
	const struct vr_type *t, *element;
	uint64_t base = obj.addr, offset, size;

	if (!obj.type)
		latch_lost(obj);
	if (!obj.type || vr_program_failed(obj.prog))
		return none;
	t = vr_type_strip(obj.type);
	if (vr_type_kind(t) == VR_TYPE_POINTER) {
		base = vr_u64(obj, "");
		if (!base)
			vr_latch(obj.prog, VR_FAULT, "an index into a NULL pointer");
		if (vr_program_failed(obj.prog))
			return none;
	} else if (vr_type_kind(t) != VR_TYPE_ARRAY) {
		vr_latch(obj.prog, VR_ABSENT, "an index into something that is no array");
		return none;
	} else if (vr_type_length(t) > 1 && i >= vr_type_length(t)) {
		vr_latch(obj.prog, VR_CORRUPT, "index %llu in an array of %llu",
			 (unsigned long long)i, (unsigned long long)vr_type_length(t));
		return none;
	}
	element = vr_type_target(t);
	size = element ? vr_type_size(element) : 0;
	if (!size || __builtin_mul_overflow(size, i, &offset)) {
		vr_latch(obj.prog, VR_ABSENT, "an index into an array of unsized elements");
		return none;
	}
	return (struct vr_obj){.prog = obj.prog, .type = element, .addr = base + offset};
}

struct vr_obj vr_cast(struct vr_obj obj, const char *type)
{
	if (!obj.type) {
		latch_lost(obj);
		return obj;
	}
	return vr_at(obj.prog, type, obj.addr);
}

struct vr_obj vr_container_of(struct vr_program *prog, uint64_t addr, const char *type,
			      const char *member)
{
	uint64_t offset = vr_offsetof(prog, type, member);

	return vr_at(prog, type, addr - offset);
}

/* ---- Strings and bytes ---- */

static enum vr_err read_str(struct vr_obj obj, const char *path, char *buf, size_t size,
			    struct vr_error *err)
{
	size_t len = 0, limit = size; /* of bytes looked through for the NUL */
	const struct vr_type *t;
	bool bounded = false; /* by an array, whose end may stand in for the NUL */
	struct vr_obj str;
	uint64_t addr;
	enum vr_err r = get(obj, path, &str, err);

	if (r != VR_OK)
		return r;
	t = vr_type_strip(str.type);
	addr = str.addr;
	if (vr_type_kind(t) == VR_TYPE_POINTER) {
		r = read_u64(str, "", &addr, err);
		if (r != VR_OK)
			return r;
	} else if (vr_type_kind(t) == VR_TYPE_ARRAY) {
		if (vr_type_length(t)) {
			bounded = true;
			limit = VR_MIN(size - 1, vr_type_length(t));
		}
	} else {
		return vr_error_set(err, VR_ABSENT, "`%s` is no string", path);
	}
	while (len < limit) {
		size_t n = VR_MIN(0x1000 - (addr & 0xfff), limit - len);
		const uint8_t *p, *nul;
		enum vr_mem_status st = vr_aspace_peek(obj.prog->as, addr, &p);

		if (st != VR_MEM_OK) {
			buf[len] = '\0';
			vr_program_fault(err, st, addr);
			return VR_FAULT;
		}
		nul = memchr(p, 0, n);
		if (nul)
			n = (size_t)(nul - p);
		memcpy(buf + len, p, VR_MIN(n, size - 1 - len));
		len += n;
		addr += n;
		if (nul) {
			buf[len] = '\0';
			return VR_OK;
		}
	}
	buf[VR_MIN(len, size - 1)] = '\0';
	return bounded ? VR_OK
		       : vr_error_set(err, VR_CORRUPT,
				      "the string `%s` has no end within %zu bytes", path, limit);
}

char *vr_str(struct vr_obj obj, const char *path, char *buf, size_t size)
{
	struct vr_error err;

	if (!size)
		return buf;
	buf[0] = '\0';
	if (!obj.type)
		latch_lost(obj);
	if (!obj.type || vr_program_failed(obj.prog))
		return buf;
	if (read_str(obj, path, buf, size, &err) != VR_OK) {
		vr_latch_error(obj.prog, &err);
		buf[0] = '\0';
	}
	return buf;
}

enum vr_err vr_try_str(struct vr_obj obj, const char *path, char *buf, size_t size)
{
	if (!size)
		return VR_LIMIT;
	buf[0] = '\0';
	if (!obj.type)
		return VR_ABSENT;
	return read_str(obj, path, buf, size, NULL);
}

bool vr_bytes(struct vr_obj obj, const char *path, void *buf, size_t len)
{
	struct vr_obj from = vr_get(obj, path);
	enum vr_mem_status st;
	struct vr_error err;
	uint64_t size, bad;

	if (!from.type)
		return false;
	size = vr_type_size(from.type);
	if (size && len > size) {
		vr_latch(obj.prog, VR_ABSENT, "`%s` has %llu bytes, not %zu", path,
			 (unsigned long long)size, len);
		return false;
	}
	st = vr_aspace_read(obj.prog->as, from.addr, buf, len, &bad);
	if (st == VR_MEM_OK)
		return true;
	vr_program_fault(&err, st, bad);
	vr_latch_error(obj.prog, &err);
	return false;
}

enum vr_err vr_read(struct vr_program *prog, uint64_t addr, void *buf, size_t len,
		    struct vr_error *err)
{
	uint64_t bad;
	enum vr_mem_status st = vr_aspace_read(prog->as, addr, buf, len, &bad);

	return st == VR_MEM_OK ? VR_OK : vr_program_fault(err, st, bad);
}
