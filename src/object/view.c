// SPDX-License-Identifier: GPL-2.0-or-later
/* Views: many members of one structure with one read. */
#include "object/program.h"

#include <string.h>

#include "object/path.h"

#define MAX_SPAN 65536
#define MAX_FIELDS 128

struct field {
	uint32_t from; /* in the bytes read */
	uint16_t to;   /* in the caller's struct */
	uint8_t load, store;
	uint8_t bit_offset, bit_size;
	bool is_signed, present;
};

struct vr_view {
	uint64_t first; /* offset of the first byte to read in the structure */
	uint32_t span;  /* bytes to read */
	uint32_t count;
	struct field fields[];
};

static bool bind_field(struct vr_program *prog, const struct vr_type *type,
		       const struct vr_view_field *want, struct field *f, uint64_t *offset)
{
	const struct vr_binding *b = vr_path_bind(prog, type, want->path);

	if (!b) {
		vr_latch(prog, VR_NOMEM, "out of memory");
		return false;
	}
	*f = (struct field){.to = want->offset, .store = want->size};
	if (b->status != VR_OK) {
		if (want->optional && b->status == VR_ABSENT)
			return true;
		vr_latch(prog, b->status, "%s", b->error);
		return false;
	}
	if (b->derefs || !b->size || (b->bit_size && b->bit_offset + b->bit_size > 64)) {
		vr_latch(prog, VR_ABSENT, "`%s` is no integer within the structure", want->path);
		return false;
	}
	f->present = true;
	f->is_signed = b->is_signed;
	f->bit_offset = b->bit_offset;
	f->bit_size = b->bit_size;
	f->load = b->bit_size ? (uint8_t)((b->bit_offset + b->bit_size + 7) / 8) : b->size;
	*offset = b->offsets[0];
	return true;
}

const struct vr_view *vr_view_bind(struct vr_program *prog, const char *type,
				   const struct vr_view_field *fields, size_t count)
{
	uint64_t offsets[MAX_FIELDS], first = UINT64_MAX, end = 0;
	struct vr_error err;
	const struct vr_type *t;
	struct vr_view *view;

	if (vr_failed(prog))
		return NULL;
	if (count > MAX_FIELDS) {
		vr_latch(prog, VR_LIMIT, "a view of more than %d members", MAX_FIELDS);
		return NULL;
	}
	t = vr_types_find(prog->types, type, &err);
	if (!t) {
		vr_latch_error(prog, &err);
		return NULL;
	}
	view = vr_arena_alloc(&prog->arena, sizeof(*view) + count * sizeof(view->fields[0]));
	if (!view) {
		vr_latch(prog, VR_NOMEM, "out of memory");
		return NULL;
	}
	view->count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		struct field *f = &view->fields[i];

		if (!bind_field(prog, t, &fields[i], f, &offsets[i]))
			return NULL;
		if (!f->present)
			continue;
		first = offsets[i] < first ? offsets[i] : first;
		end = offsets[i] + f->load > end ? offsets[i] + f->load : end;
	}
	if (end && end - first > MAX_SPAN) {
		vr_latch(prog, VR_LIMIT, "a view of %s spans %llu bytes", type,
			 (unsigned long long)(end - first));
		return NULL;
	}
	view->first = end ? first : 0;
	view->span = end ? (uint32_t)(end - first) : 0;
	for (size_t i = 0; i < count; i++)
		if (view->fields[i].present)
			view->fields[i].from = (uint32_t)(offsets[i] - first);
	return view;
}

static void store(const struct field *f, const uint8_t *from, uint8_t *to)
{
	uint64_t value = 0;
	unsigned bits = f->bit_size ? f->bit_size : f->load * 8u;

	memcpy(&value, from + f->from, f->load > 8 ? 8 : f->load);
	value >>= f->bit_offset;
	if (bits < 64) {
		if (f->is_signed)
			value = (uint64_t)((int64_t)(value << (64 - bits)) >> (64 - bits));
		else
			value &= (1ull << bits) - 1;
	}
	memcpy(to + f->to, &value, f->store > 8 ? 8 : f->store);
}

bool vr_view_fill(struct vr_program *prog, const struct vr_view *view, uint64_t addr, void *out)
{
	uint8_t buf[MAX_SPAN];
	const uint8_t *bytes;
	struct vr_error err;
	uint64_t from, bad;
	enum vr_mem_status st;

	if (!view || vr_failed(prog))
		return false;
	from = addr + view->first;
	bad = from;
	if (!view->span)
		return true;
	if ((from & 0xfff) + view->span <= 0x1000) {
		st = vr_aspace_peek(prog->as, from, &bytes);
	} else {
		st = vr_aspace_read(prog->as, from, buf, view->span, &bad);
		bytes = buf;
	}
	if (st != VR_MEM_OK) {
		vr_program_fault(&err, st, bad);
		vr_latch_error(prog, &err);
		return false;
	}
	for (uint32_t i = 0; i < view->count; i++)
		if (view->fields[i].present)
			store(&view->fields[i], bytes, out);
	return true;
}
