// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries and their attributes. Sizes of forms: 7.5.6 of DWARF 5, figures 20 and 21 of DWARF 4. */
#include <dwarf.h>

#include "base/bits.h"
#include "type/dies.h"
#include "type/leb.h"

/* Since elfutils' dwarf.h of Debian 12 has it all, only what GNU's tools made before DWARF 5 did. */
#ifndef DW_FORM_GNU_ref_alt
#define DW_FORM_GNU_ref_alt 0x1f20
#define DW_FORM_GNU_strp_alt 0x1f21
#endif

/* Where an entry is being read. */
struct reader {
	const struct vr_dies *dies;
	const struct vr_die_unit *unit;
	const unsigned char *p, *end;
	bool failed;
};

static inline uint64_t take(struct reader *r, unsigned int size)
{
	uint64_t value = 0;

	if ((size_t)(r->end - r->p) < size) {
		r->failed = true;
		return 0;
	}
	switch (size) {
	case 1:
		value = *r->p;
		break;
	case 2:
		value = vr_load16(r->p);
		break;
	case 4:
		value = vr_load32(r->p);
		break;
	case 8:
		value = vr_load64(r->p);
		break;
	default:
		memcpy(&value, r->p, size);
		break;
	}
	r->p += size;
	return value;
}

static inline uint64_t take_uleb(struct reader *r)
{
	uint64_t value = 0;

	if (r->p < r->end && *r->p < 0x80)
		return *r->p++;
	r->failed |= !vr_uleb(&r->p, r->end, &value);
	return value;
}

static void skip(struct reader *r, uint64_t size)
{
	if (size > (uint64_t)(r->end - r->p))
		r->failed = true;
	else
		r->p += size;
}

static void set_number(struct vr_die_value *v, uint64_t number)
{
	v->kind = VR_DIE_UNSIGNED;
	v->number = number;
}

static void set_string(struct vr_die_value *v, const struct vr_bytes *strings, uint64_t offset)
{
	v->kind = VR_DIE_TEXT;
	v->text = offset < strings->len ? (const char *)strings->data + offset : "";
}

static void set_inline_string(struct reader *r, struct vr_die_value *v)
{
	const unsigned char *nul = memchr(r->p, 0, (size_t)(r->end - r->p));

	if (!nul) {
		r->failed = true;
		return;
	}
	v->kind = VR_DIE_TEXT;
	v->text = (const char *)r->p;
	r->p = nul + 1;
}

/* A string by its number in the unit's table of offsets. */
static void set_indexed_string(struct reader *r, struct vr_die_value *v, uint64_t index)
{
	const struct vr_dwarf_sections *s = r->dies->parts[r->unit->part].sections;
	unsigned int size = r->unit->offset_size;
	uint64_t at;

	set_string(v, &s->str, UINT64_MAX);
	if (__builtin_mul_overflow(index, size, &at) ||
	    __builtin_add_overflow(at, r->unit->str_base, &at) ||
	    !vr_range_ok(at, size, s->str_offsets.len))
		return;
	memcpy(&index, (const char *)s->str_offsets.data + at, size);
	set_string(v, &s->str, size == 8 ? index : (uint32_t)index);
}

/* A reference within the unit. */
static void set_ref(const struct reader *r, struct vr_die_value *v, uint64_t offset)
{
	v->kind = VR_DIE_ENTRY;
	v->number = offset < r->unit->end - r->unit->start ? r->unit->start + offset : VR_DIE_BAD;
}

/* A reference within the .debug_info of the same file, or of the companion. */
static void set_far_ref(const struct reader *r, struct vr_die_value *v, uint64_t offset,
			bool to_alt)
{
	const struct vr_dies *dies = r->dies;
	bool is_alt = to_alt || dies->parts[r->unit->part].sections == &dies->alt;
	const struct vr_bytes *info = is_alt ? &dies->alt.info : &dies->sections.info;

	v->kind = VR_DIE_ENTRY;
	v->number = offset < info->len ? (is_alt ? dies->alt_start : 0) + offset : VR_DIE_BAD;
}

static void set_signature(const struct reader *r, struct vr_die_value *v, uint64_t signature)
{
	const uint64_t *at = vr_map_get(&r->dies->signatures, signature);

	v->kind = VR_DIE_ENTRY;
	v->number = at ? *at : VR_DIE_BAD;
}

static void set_block(struct reader *r, struct vr_die_value *v, uint64_t size)
{
	v->kind = VR_DIE_BLOCK;
	v->text = (const char *)r->p;
	v->number = size;
	skip(r, size);
}

static void set_signed(struct reader *r, struct vr_die_value *v)
{
	int64_t value = 0;

	r->failed |= !vr_sleb(&r->p, r->end, &value);
	v->kind = VR_DIE_SIGNED;
	v->number = (uint64_t)value;
}

/* Those of which next to none are in a kernel. False: not known. */
static bool read_rare(struct reader *r, uint64_t form, struct vr_die_value *v)
{
	const struct vr_dwarf_sections *s = r->dies->parts[r->unit->part].sections;
	unsigned int offset_size = r->unit->offset_size;

	switch (form) {
	case DW_FORM_addr:
		skip(r, r->unit->address_size);
		return true;
	case DW_FORM_block2:
		set_block(r, v, take(r, 2));
		return true;
	case DW_FORM_block4:
		set_block(r, v, take(r, 4));
		return true;
	case DW_FORM_data16:
		skip(r, 16);
		return true;
	case DW_FORM_ref_udata:
		set_ref(r, v, take_uleb(r));
		return true;
	case DW_FORM_ref_addr:
		set_far_ref(r, v,
			    take(r, r->unit->version == 2 ? r->unit->address_size : offset_size),
			    false);
		return true;
	case DW_FORM_ref_sup4:
		set_far_ref(r, v, take(r, 4), true);
		return true;
	case DW_FORM_ref_sup8:
		set_far_ref(r, v, take(r, 8), true);
		return true;
	case DW_FORM_GNU_ref_alt:
		set_far_ref(r, v, take(r, offset_size), true);
		return true;
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_strp_alt:
		set_string(v, &r->dies->alt.str, take(r, offset_size));
		return true;
	case DW_FORM_ref_sig8:
		set_signature(r, v, take(r, 8));
		return true;
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
		set_indexed_string(r, v, take(r, (unsigned int)(form - DW_FORM_strx1 + 1)));
		return true;
	case DW_FORM_strx:
		set_indexed_string(r, v, take_uleb(r));
		return true;
	case DW_FORM_line_strp:
		set_string(v, &s->line_str, take(r, offset_size));
		return true;
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
		skip(r, form - DW_FORM_addrx1 + 1);
		return true;
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
		take_uleb(r);
		return true;
	default:
		return false;
	}
}

static inline void read_value(struct reader *r, const struct vr_die_spec *spec,
			      struct vr_die_value *v)
{
	uint64_t form = spec->form;

	v->kind = VR_DIE_OTHER;
	/* It says its form itself; that it says so again would be without end. */
	if (form == DW_FORM_indirect)
		form = take_uleb(r);
	switch (form) {
	case DW_FORM_data1:
		set_number(v, take(r, 1));
		break;
	case DW_FORM_data2:
		set_number(v, take(r, 2));
		break;
	case DW_FORM_data4:
		set_number(v, take(r, 4));
		break;
	case DW_FORM_data8:
		set_number(v, take(r, 8));
		break;
	case DW_FORM_udata:
		set_number(v, take_uleb(r));
		break;
	case DW_FORM_sdata:
		set_signed(r, v);
		break;
	case DW_FORM_implicit_const:
		v->kind = VR_DIE_SIGNED;
		v->number = (uint64_t)spec->implicit;
		break;
	case DW_FORM_flag:
		set_number(v, take(r, 1) != 0);
		break;
	case DW_FORM_flag_present:
		set_number(v, 1);
		break;
	case DW_FORM_strp:
		set_string(v, &r->dies->parts[r->unit->part].sections->str,
			   take(r, r->unit->offset_size));
		break;
	case DW_FORM_string:
		set_inline_string(r, v);
		break;
	case DW_FORM_ref1:
		set_ref(r, v, take(r, 1));
		break;
	case DW_FORM_ref2:
		set_ref(r, v, take(r, 2));
		break;
	case DW_FORM_ref4:
		set_ref(r, v, take(r, 4));
		break;
	case DW_FORM_ref8:
		set_ref(r, v, take(r, 8));
		break;
	case DW_FORM_sec_offset:
		set_number(v, take(r, r->unit->offset_size));
		break;
	case DW_FORM_block1:
		set_block(r, v, take(r, 1));
		break;
	case DW_FORM_block:
	case DW_FORM_exprloc:
		set_block(r, v, take_uleb(r));
		break;
	default:
		r->failed |= !read_rare(r, form, v);
		break;
	}
}

static const struct vr_die_abbrev *find_abbrev(const struct vr_die_abbrevs *abbrevs, uint64_t code)
{
	uint32_t low = 0, high = abbrevs->count;

	if (abbrevs->is_dense)
		return code <= abbrevs->count ? &abbrevs->list[code - 1] : NULL;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (abbrevs->list[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low < abbrevs->count && abbrevs->list[low].code == code ? &abbrevs->list[low] : NULL;
}

bool vr_die_read_in(const struct vr_dies *dies, const struct vr_die_unit *unit,
		    const struct vr_die_abbrevs *abbrevs, uint32_t offset, struct vr_die *die)
{
	const struct vr_die_part *part = &dies->parts[unit->part];
	const unsigned char *info = part->info.data;
	const struct vr_die_spec *spec, *last;
	const struct vr_die_abbrev *abbrev;
	struct vr_die_value unwanted;
	struct reader r = {dies, unit, NULL, info + (unit->end - part->start), false};
	uint64_t code;

	if (offset < unit->first || offset >= unit->end)
		return false;
	r.p = info + (offset - part->start);
	code = take_uleb(&r);
	die->unit = unit;
	die->offset = offset;
	die->has = 0;
	if (code == 0 && !r.failed) {
		die->tag = 0;
		die->has_children = false;
		die->next = part->start + (uint32_t)(r.p - info);
		return true;
	}
	abbrev = r.failed ? NULL : find_abbrev(abbrevs, code);
	if (!abbrev)
		return false;
	die->tag = abbrev->tag;
	die->has_children = abbrev->has_children;
	spec = abbrevs->specs + abbrev->first;
	for (last = spec + abbrev->count; spec < last; spec++) {
		if (spec->form == VR_DIE_FORM_SKIP) {
			skip(&r, (uint64_t)spec->implicit);
			continue;
		}
		if (spec->field == VR_DIE_FIELDS) {
			read_value(&r, spec, &unwanted);
			continue;
		}
		read_value(&r, spec, &die->values[spec->field]);
		if (die->values[spec->field].kind != VR_DIE_OTHER)
			die->has |= 1u << spec->field;
	}
	die->next = part->start + (uint32_t)(r.p - info);
	return !r.failed;
}

bool vr_die_read(struct vr_dies *dies, uint32_t offset, struct vr_die *die)
{
	const struct vr_die_unit *unit = vr_dies_unit(dies, offset);
	const struct vr_die_abbrevs *abbrevs = unit ? vr_dies_abbrevs(dies, unit) : NULL;

	return abbrevs && vr_die_read_in(dies, unit, abbrevs, offset, die);
}

bool vr_die_skip(const struct vr_dies *dies, const struct vr_die_abbrevs *abbrevs,
		 const struct vr_die *die, uint32_t *next)
{
	uint32_t at = die->next, depth = die->has_children, sibling;
	struct vr_die inner;

	sibling = vr_die_ref(die, VR_DIE_SIBLING, 0);
	if (sibling > at && sibling < die->unit->end) {
		*next = sibling;
		return true;
	}
	/* Each entry takes at least a byte, so that this ends with the unit. */
	while (depth) {
		if (!vr_die_read_in(dies, die->unit, abbrevs, at, &inner))
			return false;
		at = inner.next;
		sibling = vr_die_ref(&inner, VR_DIE_SIBLING, 0);
		if (inner.tag == 0)
			depth--;
		else if (inner.has_children && sibling > at && sibling < die->unit->end)
			at = sibling;
		else
			depth += inner.has_children;
	}
	*next = at;
	return true;
}

const char *vr_die_name(const struct vr_die *die)
{
	const struct vr_die_value *v = &die->values[VR_DIE_NAME];

	return vr_die_has(die, VR_DIE_NAME) && v->kind == VR_DIE_TEXT ? v->text : "";
}

bool vr_die_number(const struct vr_die *die, enum vr_die_field field, uint64_t *value)
{
	const struct vr_die_value *v = &die->values[field];

	if (!vr_die_has(die, field) || (v->kind != VR_DIE_UNSIGNED && v->kind != VR_DIE_SIGNED) ||
	    (v->kind == VR_DIE_SIGNED && (int64_t)v->number < 0))
		return false;
	*value = v->number;
	return true;
}

uint32_t vr_die_ref(const struct vr_die *die, enum vr_die_field field, uint32_t without)
{
	const struct vr_die_value *v = &die->values[field];

	if (!vr_die_has(die, field))
		return without;
	return v->kind == VR_DIE_ENTRY ? (uint32_t)v->number : VR_DIE_BAD;
}

bool vr_die_flag(const struct vr_die *die, enum vr_die_field field)
{
	uint64_t value;

	return vr_die_number(die, field, &value) && value;
}

struct vr_die_walk vr_die_children(struct vr_dies *dies, const struct vr_die *die)
{
	return (struct vr_die_walk){
		.dies = dies,
		.at = die->has_children ? die->next : die->unit->end,
		.end = die->unit->end,
	};
}

bool vr_die_walk_next(struct vr_die_walk *walk, struct vr_die *child)
{
	const struct vr_die_abbrevs *abbrevs;

	if (walk->at >= walk->end || !vr_die_read(walk->dies, walk->at, child) || !child->tag)
		return false;
	abbrevs = child->unit->abbrevs;
	if (!vr_die_skip(walk->dies, abbrevs, child, &walk->at))
		walk->at = walk->end;
	return true;
}
