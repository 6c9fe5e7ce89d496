// SPDX-License-Identifier: GPL-2.0-or-later
/* Checking and indexing a BTF blob. */
#include "type/btf.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "type/btf_names.h"

#define HEADER_SIZE 24
#define RECORD_SIZE 12
#define BTF_MAGIC 0xeb9f
#define BTF_MAGIC_SWAPPED 0x9feb

/* Bytes that follow the common part: a fixed number and so many for each of vlen. */
static const struct {
	uint8_t fixed, each;
} bodies[VR_BTF_KINDS] = {
	[VR_BTF_INT] = {4, 0},     [VR_BTF_ARRAY] = {12, 0},   [VR_BTF_STRUCT] = {0, 12},
	[VR_BTF_UNION] = {0, 12},  [VR_BTF_ENUM] = {0, 8},     [VR_BTF_FUNC_PROTO] = {0, 8},
	[VR_BTF_VAR] = {4, 0},     [VR_BTF_DATASEC] = {0, 12}, [VR_BTF_DECL_TAG] = {4, 0},
	[VR_BTF_ENUM64] = {0, 12},
};

/* What the pass over the types gathers: the checks of ids and names wait for the totals. */
struct scan {
	uint32_t max_name;
	uint32_t max_id;
	size_t name_cap, enum_cap;
};

static void saw_name(struct scan *scan, uint32_t name)
{
	scan->max_name = VR_MAX(scan->max_name, name);
}

static void saw_id(struct scan *scan, uint32_t id)
{
	scan->max_id = VR_MAX(scan->max_id, id);
}

/*
 * vlen has 16 bits and kind 5 as of Linux 6.x, and the bits above them are 0: reading 24 and 7 is
 * the same there, and what a wider format would need.
 */
static void decode(const unsigned char *p, struct vr_btf_record *rec)
{
	uint32_t info = vr_load32(p + 4);

	rec->name = vr_load32(p);
	rec->kind = info >> 24 & 0x7f;
	rec->vlen = info & 0xffffff;
	rec->kflag = info >> 31;
	rec->value = vr_load32(p + 8);
	rec->body = p + RECORD_SIZE;
}

void vr_btf_record(const struct vr_btf *btf, uint32_t id, struct vr_btf_record *rec)
{
	if (id < btf->start_id)
		btf = btf->base;
	if (id == 0 || id >= btf->end_id)
		*rec = (struct vr_btf_record){.kind = VR_BTF_VOID};
	else
		decode(btf->types + btf->offsets[id - btf->start_id], rec);
}

const char *vr_btf_string(const struct vr_btf *btf, uint32_t offset)
{
	if (offset < btf->strings_start)
		btf = btf->base;
	return btf->strings + (offset - btf->strings_start);
}

bool vr_btf_is_forward(const struct vr_btf_record *rec)
{
	return rec->kind == VR_BTF_FWD || (rec->kind == VR_BTF_ENUM && rec->vlen == 0) ||
	       (rec->kind == VR_BTF_ENUM64 && rec->vlen == 0);
}

/* Each of the checks gives NULL or what is wrong. */

static const char *check_int(const struct vr_btf_record *rec)
{
	uint32_t info = vr_load32(rec->body);
	uint32_t bits = info & 0xff, offset = info >> 16 & 0xff;

	if (rec->value == 0 || rec->value > 16)
		return "an integer of impossible size";
	return bits + offset > rec->value * 8 ? "an integer with more bits than it holds" : NULL;
}

static const char *check_members(struct scan *scan, const struct vr_btf_record *rec)
{
	const unsigned char *p = rec->body, *end = p + (size_t)rec->vlen * 12;
	uint32_t offset_mask = rec->kflag ? 0xffffff : UINT32_MAX;
	uint32_t max_name = 0, max_id = 0, max_offset = 0;

	for (; p < end; p += 12) {
		uint32_t offset = vr_load32(p + 8) & offset_mask;

		max_name = VR_MAX(max_name, vr_load32(p));
		max_id = VR_MAX(max_id, vr_load32(p + 4));
		max_offset = VR_MAX(max_offset, offset);
	}
	saw_name(scan, max_name);
	saw_id(scan, max_id);
	return max_offset > (uint64_t)rec->value * 8 ? "a member beyond the end of its struct"
						     : NULL;
}

static const char *check_enum(struct scan *scan, const struct vr_btf_record *rec, size_t each)
{
	if (rec->value != 1 && rec->value != 2 && rec->value != 4 && rec->value != 8)
		return "an enum of impossible size";
	for (uint32_t i = 0; i < rec->vlen; i++)
		saw_name(scan, vr_load32(rec->body + i * each));
	return NULL;
}

static void check_params(struct scan *scan, const struct vr_btf_record *rec)
{
	saw_id(scan, rec->value);
	for (uint32_t i = 0; i < rec->vlen; i++) {
		saw_name(scan, vr_load32(rec->body + (size_t)i * 8));
		saw_id(scan, vr_load32(rec->body + (size_t)i * 8 + 4));
	}
}

static const char *check_record(struct scan *scan, const struct vr_btf_record *rec)
{
	saw_name(scan, rec->name);
	switch (rec->kind) {
	case VR_BTF_INT:
		return check_int(rec);
	case VR_BTF_FLOAT:
		return rec->value == 0 || rec->value > 16 ? "a float of impossible size" : NULL;
	case VR_BTF_STRUCT:
	case VR_BTF_UNION:
		return check_members(scan, rec);
	case VR_BTF_ENUM:
		return check_enum(scan, rec, 8);
	case VR_BTF_ENUM64:
		return check_enum(scan, rec, 12);
	case VR_BTF_ARRAY:
		saw_id(scan, vr_load32(rec->body));
		saw_id(scan, vr_load32(rec->body + 4));
		return NULL;
	case VR_BTF_FUNC_PROTO:
		check_params(scan, rec);
		return NULL;
	case VR_BTF_DATASEC:
		for (uint32_t i = 0; i < rec->vlen; i++)
			saw_id(scan, vr_load32(rec->body + (size_t)i * 12));
		return NULL;
	case VR_BTF_FWD:
		return NULL;
	default:
		saw_id(scan, rec->value);
		return NULL;
	}
}

static bool has_space(enum vr_btf_kind kind)
{
	return kind == VR_BTF_INT || kind == VR_BTF_FLOAT || kind == VR_BTF_STRUCT ||
	       kind == VR_BTF_UNION || kind == VR_BTF_ENUM || kind == VR_BTF_ENUM64 ||
	       kind == VR_BTF_FWD || kind == VR_BTF_TYPEDEF || kind == VR_BTF_VAR;
}

static bool grow(void **array, size_t *cap, size_t count, size_t size)
{
	size_t want = *cap ? *cap * 2 : 1024;
	void *bigger;

	if (count < *cap)
		return true;
	bigger = realloc(*array, want * size);
	if (!bigger)
		return false;
	*array = bigger;
	*cap = want;
	return true;
}

/* Enter one record, already checked, into what the blob is indexed by. */
static bool index_record(struct vr_btf *btf, struct scan *scan, size_t id_cap, uint32_t id,
			 const struct vr_btf_record *rec)
{
	bool is_enum = rec->kind == VR_BTF_ENUM || rec->kind == VR_BTF_ENUM64;

	/* Whether the id exists is known at the end only; until then its slot has to. */
	if (rec->kind == VR_BTF_PTR && rec->value >= btf->start_id &&
	    rec->value - btf->start_id < id_cap && !btf->pointer_to[rec->value - btf->start_id])
		btf->pointer_to[rec->value - btf->start_id] = id;
	if (rec->name && has_space(rec->kind)) {
		if (!grow((void **)&btf->names, &scan->name_cap, btf->name_count,
			  sizeof(*btf->names)))
			return false;
		btf->names[btf->name_count++] = (struct vr_btf_name){.id = id};
	}
	if (is_enum && rec->vlen) {
		if (!grow((void **)&btf->enums, &scan->enum_cap, btf->enum_count,
			  sizeof(*btf->enums)))
			return false;
		btf->enums[btf->enum_count++] = id;
	}
	btf->has_enum_signs |= is_enum && (rec->kflag || rec->kind == VR_BTF_ENUM64);
	return true;
}

static enum vr_err scan_types(struct vr_btf *btf, struct scan *scan, size_t id_cap,
			      struct vr_error *err)
{
	uint32_t off = 0, id = VR_MAX(btf->start_id, 1u);
	struct vr_btf_record rec;
	const char *wrong;
	uint64_t body;

	while (off < btf->types_len) {
		if (btf->types_len - off < RECORD_SIZE && btf->is_cut)
			break;
		if (btf->types_len - off < RECORD_SIZE)
			return vr_error_set(err, VR_CORRUPT, "BTF type %u is cut short", id);
		decode(btf->types + off, &rec);
		if (rec.kind == VR_BTF_VOID || rec.kind >= VR_BTF_KINDS)
			return vr_error_set(err, VR_UNSUPPORTED, "BTF type %u is of kind %u", id,
					    rec.kind);
		body = bodies[rec.kind].fixed + (uint64_t)rec.vlen * bodies[rec.kind].each;
		if (body > btf->types_len - off - RECORD_SIZE && btf->is_cut)
			break;
		if (body > btf->types_len - off - RECORD_SIZE)
			return vr_error_set(err, VR_CORRUPT, "BTF type %u is cut short", id);
		wrong = check_record(scan, &rec);
		if (wrong)
			return vr_error_set(err, VR_CORRUPT, "BTF type %u is %s", id, wrong);
		btf->offsets[id - btf->start_id] = off;
		if (!index_record(btf, scan, id_cap, id, &rec))
			return vr_error_set(err, VR_NOMEM, "out of memory for BTF");
		off += RECORD_SIZE + (uint32_t)body;
		id++;
	}
	btf->end_id = id;
	return VR_OK;
}

/* Find the sections. All offsets count from the end of the header. */
static enum vr_err parse_header(struct vr_btf *btf, size_t len, struct vr_error *err)
{
	const unsigned char *d = btf->data;
	uint32_t header_len, type_off, type_len, str_off, str_len;

	if (len < HEADER_SIZE || len > UINT32_MAX)
		return vr_error_set(err, VR_CORRUPT, "BTF of %zu bytes", len);
	if (vr_load16(d) == BTF_MAGIC_SWAPPED)
		return vr_error_set(err, VR_UNSUPPORTED, "BTF of another byte order");
	if (vr_load16(d) != BTF_MAGIC)
		return vr_error_set(err, VR_CORRUPT, "BTF magic is %#x", vr_load16(d));
	if (d[2] != 1 || d[3] != 0)
		return vr_error_set(err, VR_UNSUPPORTED, "BTF version %u, flags %#x", d[2], d[3]);
	header_len = vr_load32(d + 4);
	type_off = vr_load32(d + 8);
	type_len = vr_load32(d + 12);
	str_off = vr_load32(d + 16);
	str_len = vr_load32(d + 20);
	if (header_len < HEADER_SIZE || header_len > len ||
	    !vr_range_ok(type_off, type_len, len - header_len) ||
	    !vr_range_ok(str_off, str_len, len - header_len))
		return vr_error_set(err, VR_CORRUPT, "BTF header points outside its %zu bytes",
				    len);
	btf->types = d + header_len + type_off;
	btf->types_len = type_len;
	btf->strings = (const char *)d + header_len + str_off;
	btf->strings_len = str_len;
	/* A module may have no strings of its own; else offset 0 of the base's is the empty name.
	 */
	if ((!btf->base && !str_len) || (str_len && btf->strings[str_len - 1] != '\0') ||
	    (!btf->base && btf->strings[0] != '\0'))
		return vr_error_set(err, VR_CORRUPT, "BTF strings aren't terminated");
	return VR_OK;
}

/* Names that a hole has a part of become marks, up to the end of the last of them. */
static void lose_names(struct vr_btf *btf, const struct vr_hole *hole, uint64_t strings)
{
	char *s = (char *)btf->data + strings;
	uint64_t start = hole->start > strings ? hole->start - strings : 0;
	uint64_t end = VR_MIN(hole->end - strings, (uint64_t)btf->strings_len);

	while (start && s[start - 1])
		start--;
	while (end < btf->strings_len && s[end])
		end++;
	memset(s + start, VR_BTF_LOST_NAME, end - start);
	/* The name at 0 is the empty one by definition; the last ends with the section. */
	s[0] = s[btf->strings_len - 1] = '\0';
	btf->has_lost_names = true;
}

/* What the holes leave: sections, found already, become shorter or lose names. */
static enum vr_err heed_holes(struct vr_btf *btf, const struct vr_holes *holes,
			      struct vr_error *err)
{
	uint64_t types = (uint64_t)(btf->types - btf->data);
	uint64_t strings = (uint64_t)((const unsigned char *)btf->strings - btf->data);
	const struct vr_hole *hole = vr_holes_in(holes, types, types + btf->types_len);

	if (hole) {
		btf->is_cut = true;
		btf->types_len = (uint32_t)(VR_MAX(hole->start, types) - types);
	}
	for (size_t i = 0; i < holes->count; i++)
		if (holes->list[i].end > strings &&
		    holes->list[i].start < strings + btf->strings_len)
			lose_names(btf, &holes->list[i], strings);
	return btf->types_len < RECORD_SIZE
		       ? vr_error_set(err, VR_FAULT, "its first types can't be read")
		       : VR_OK;
}

static enum vr_err build(struct vr_btf *btf, size_t len, const struct vr_holes *holes,
			 struct vr_error *err)
{
	uint64_t strings_end;
	struct scan scan = {0};
	size_t id_cap;
	uint32_t *shrunk;
	enum vr_err rc;

	if (holes && vr_holes_in(holes, 0, HEADER_SIZE))
		return vr_error_set(err, VR_FAULT, "its header can't be read");
	rc = parse_header(btf, len, err);
	if (!rc && holes && holes->count)
		rc = heed_holes(btf, holes, err);
	if (rc)
		return rc;
	strings_end = (uint64_t)btf->strings_start + btf->strings_len;
	id_cap = btf->types_len / RECORD_SIZE + 2;
	if (strings_end > UINT32_MAX || btf->start_id + id_cap > UINT32_MAX)
		return vr_error_set(err, VR_CORRUPT, "BTF is too large");
	btf->offsets = malloc(id_cap * sizeof(*btf->offsets));
	btf->pointer_to = calloc(id_cap, sizeof(*btf->pointer_to));
	if (!btf->offsets || !btf->pointer_to)
		return vr_error_set(err, VR_NOMEM, "out of memory for BTF");
	rc = scan_types(btf, &scan, id_cap, err);
	if (rc)
		return rc;
	if (scan.max_id >= btf->end_id && !btf->is_cut)
		return vr_error_set(err, VR_CORRUPT, "BTF refers to type %u of %u", scan.max_id,
				    btf->end_id);
	if (scan.max_name >= strings_end)
		return vr_error_set(err, VR_CORRUPT, "BTF refers to a name outside its strings");
	/* Most records are longer than the shortest: give back the rest. */
	shrunk = realloc(btf->offsets, (btf->end_id - btf->start_id + 1) * sizeof(*shrunk));
	btf->offsets = shrunk ? shrunk : btf->offsets;
	if (!vr_btf_hash_names(btf))
		return vr_error_set(err, VR_NOMEM, "out of memory for BTF");
	return VR_OK;
}

enum vr_err vr_btf_open(void *data, size_t len, const struct vr_btf *base,
			const struct vr_holes *holes, struct vr_btf **out, struct vr_error *err)
{
	struct vr_btf *btf = calloc(1, sizeof(*btf));
	enum vr_err rc;

	*out = NULL;
	if (!btf) {
		free(data);
		return vr_error_set(err, VR_NOMEM, "out of memory for BTF");
	}
	btf->data = data;
	btf->base = base;
	if (base) {
		btf->start_id = base->end_id;
		btf->strings_start = base->strings_len;
		btf->has_enum_signs = base->has_enum_signs;
	}
	rc = build(btf, len, holes, err);
	if (rc) {
		vr_btf_close(btf);
		return rc;
	}
	*out = btf;
	return VR_OK;
}

void vr_btf_close(struct vr_btf *btf)
{
	if (!btf)
		return;
	free(btf->data);
	free(btf->offsets);
	free(btf->pointer_to);
	free(btf->names);
	free(btf->name_slots);
	free(btf->enums);
	free(btf->enumerators);
	free(btf->enumerator_slots);
	free(btf);
}

static bool is_transparent(enum vr_btf_kind kind)
{
	return kind == VR_BTF_TYPEDEF || kind == VR_BTF_CONST || kind == VR_BTF_VOLATILE ||
	       kind == VR_BTF_RESTRICT || kind == VR_BTF_TYPE_TAG;
}

bool vr_btf_strip(const struct vr_btf *btf, uint32_t id, struct vr_btf_record *rec)
{
	for (int i = 0; i < VR_BTF_CHAIN_MAX; i++) {
		vr_btf_record(btf, id, rec);
		if (!is_transparent(rec->kind))
			return true;
		id = rec->value;
	}
	return false;
}

bool vr_btf_size(const struct vr_btf *btf, uint32_t id, uint64_t *size)
{
	struct vr_btf_record rec;
	uint64_t count = 1;

	for (int i = 0; i < VR_BTF_CHAIN_MAX; i++) {
		if (!vr_btf_strip(btf, id, &rec))
			return false;
		switch (rec.kind) {
		case VR_BTF_ARRAY:
			if (__builtin_mul_overflow(count, vr_load32(rec.body + 8), &count))
				return false;
			id = vr_load32(rec.body);
			continue;
		case VR_BTF_PTR:
			rec.value = sizeof(uint64_t);
			break;
		case VR_BTF_INT:
		case VR_BTF_FLOAT:
		case VR_BTF_STRUCT:
		case VR_BTF_UNION:
			break;
		case VR_BTF_ENUM:
		case VR_BTF_ENUM64:
			rec.value = rec.vlen ? rec.value : 0;
			break;
		default:
			rec.value = 0;
			break;
		}
		/* Half of the address space is more than any type fills. */
		return !__builtin_mul_overflow(count, rec.value, size) && *size <= INT64_MAX;
	}
	return false;
}
