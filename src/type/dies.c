// SPDX-License-Identifier: GPL-2.0-or-later
/* The units of debug information and their abbreviations. */
#include "type/dies.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/namehash.h"
#include "type/leb.h"

/* No unit is shorter: its header and one entry. */
#define UNIT_MIN 12

static void add_part(struct vr_dies *dies, const struct vr_dwarf_sections *sections,
		     const struct vr_unit_section *units, uint64_t *at)
{
	if (!units->bytes.len)
		return;
	dies->parts[dies->part_count++] = (struct vr_die_part){.sections = sections,
							       .info = units->bytes,
							       .start = (uint32_t)*at,
							       .is_types = units->is_types};
	*at += units->bytes.len;
}

/* *end is what their offsets run to. False: out of memory. */
static bool add_parts(struct vr_dies *dies, const struct vr_dwarf_sections *alt, uint64_t *end)
{
	struct vr_dwarf_sections *own = &dies->sections;

	dies->parts = calloc(own->unit_section_count + 2, sizeof(*dies->parts));
	if (!dies->parts)
		return false;
	add_part(dies, own, &(struct vr_unit_section){.bytes = own->info}, end);
	for (size_t i = 0; i < own->unit_section_count && *end < VR_DIE_BAD; i++)
		add_part(dies, own, &own->units[i], end);
	if (alt) {
		dies->alt_start = (uint32_t)*end;
		add_part(dies, &dies->alt, &(struct vr_unit_section){.bytes = alt->info}, end);
	}
	/* The caller's. */
	dies->sections.units = NULL;
	return true;
}

/* Names are read as strings: none may run beyond its section. */
static void end_strings(struct vr_bytes *strings)
{
	const char *p = strings->data;

	while (strings->len && p[strings->len - 1])
		strings->len--;
}

static void take(struct vr_dwarf_sections *to, const struct vr_dwarf_sections *from)
{
	*to = *from;
	end_strings(&to->str);
	end_strings(&to->line_str);
}

enum vr_err vr_dies_open(const struct vr_dwarf_sections *sections,
			 const struct vr_dwarf_sections *alt, struct vr_dies **out,
			 struct vr_error *err)
{
	struct vr_dies *dies = calloc(1, sizeof(*dies));
	uint64_t end = 0;
	enum vr_err rc;

	*out = NULL;
	if (!dies)
		return vr_error_set(err, VR_NOMEM, "out of memory for debug information");
	dies->seed = vr_namehash_seed();
	take(&dies->sections, sections);
	if (alt)
		take(&dies->alt, alt);
	if (!add_parts(dies, alt, &end))
		rc = vr_error_set(err, VR_NOMEM, "out of memory for debug information");
	else if (end >= VR_DIE_BAD)
		rc = vr_error_set(err, VR_UNSUPPORTED, "%llu bytes of debug information",
				  (unsigned long long)end);
	else if (!sections->info.len)
		rc = vr_error_set(err, VR_ABSENT, "no debug information");
	else
		rc = vr_dies_find_units(dies, err);
	dies->end = (uint32_t)end;
	if (rc) {
		vr_dies_close(dies);
		return rc;
	}
	*out = dies;
	return VR_OK;
}

void vr_dies_close(struct vr_dies *dies)
{
	if (!dies)
		return;
	for (size_t i = 0; i < dies->tables.cap; i++) {
		struct vr_map_slot *slot = &dies->tables.slots[i];

		if (slot->used) {
			vr_die_abbrevs_free((struct vr_die_abbrevs *)(uintptr_t)slot->value);
			free((struct vr_die_abbrevs *)(uintptr_t)slot->value);
		}
	}
	vr_map_free(&dies->tables);
	vr_map_free(&dies->signatures);
	free(dies->units);
	free(dies->parts);
	free(dies->names);
	free(dies->name_slots);
	free(dies->enums);
	free(dies->constants);
	free(dies->constant_slots);
	free(dies);
}

/* ---- Units ---- */

struct header {
	const unsigned char *p, *end;
	bool failed;
};

/* size bytes, 4 or 8 among others, as a number. */
static uint64_t take_number(struct header *h, unsigned int size)
{
	uint64_t value = 0;

	if ((size_t)(h->end - h->p) < size) {
		h->failed = true;
		return 0;
	}
	memcpy(&value, h->p, size);
	h->p += size;
	return value;
}

static enum vr_err corrupt(struct vr_error *err, uint64_t at, const char *what)
{
	return vr_error_set(err, VR_CORRUPT, "the unit of debug information at 0x%llx %s",
			    (unsigned long long)at, what);
}

/* The type that a type unit is for, by its signature. */
static bool add_signature(struct vr_dies *dies, const struct vr_die_unit *unit, uint64_t signature,
			  uint64_t offset)
{
	bool inside = offset < unit->end - unit->start;
	uint64_t at = inside ? unit->start + offset : VR_DIE_BAD;

	/* The first one stands, as a linker would have it. */
	return vr_map_get(&dies->signatures, signature) ||
	       vr_map_put(&dies->signatures, signature, at, NULL);
}

/* What follows unit_length (7.5.1 of DWARF 5, and of 4). */
static enum vr_err read_header(struct vr_dies *dies, struct vr_die_unit *unit, struct header *h,
			       struct vr_error *err)
{
	const struct vr_die_part *part = &dies->parts[unit->part];
	const unsigned char *info = part->info.data;
	bool is_type = part->is_types;
	uint64_t type = DW_UT_compile, version = take_number(h, 2), signature, offset;

	if (!h->failed && (version < 2 || version > 5))
		return vr_error_set(err, VR_UNSUPPORTED, "DWARF version %u", (unsigned int)version);
	unit->version = (uint8_t)version;
	if (unit->version == 5) {
		type = take_number(h, 1);
		unit->address_size = (uint8_t)take_number(h, 1);
		unit->abbrev_offset = take_number(h, unit->offset_size);
		is_type = type == DW_UT_type;
	} else {
		unit->abbrev_offset = take_number(h, unit->offset_size);
		unit->address_size = (uint8_t)take_number(h, 1);
	}
	if (type == DW_UT_skeleton || type == DW_UT_split_compile || type == DW_UT_split_type)
		return vr_error_set(
			err, VR_UNSUPPORTED,
			"split DWARF: what describes the types is in other files (.dwo)");
	signature = is_type ? take_number(h, 8) : 0;
	offset = is_type ? take_number(h, unit->offset_size) : 0;
	unit->first = part->start + (uint32_t)(h->p - info);
	/* Of a version without the attribute, or where it is missing: behind the header of the table. */
	unit->str_base = unit->offset_size == 8 ? 16 : 8;
	if (h->failed || (unit->address_size != 8 && unit->address_size != 4))
		return corrupt(err, unit->start, "has no proper header");
	if (is_type && !add_signature(dies, unit, signature, offset))
		return vr_error_set(err, VR_NOMEM, "out of memory for debug information");
	return VR_OK;
}

static struct vr_die_unit *new_unit(struct vr_dies *dies, size_t *cap)
{
	size_t want = *cap ? *cap * 2 : 256;
	struct vr_die_unit *bigger;

	if (dies->unit_count == *cap) {
		bigger = realloc(dies->units, want * sizeof(*bigger));
		if (!bigger)
			return NULL;
		dies->units = bigger;
		*cap = want;
	}
	dies->units[dies->unit_count] = (struct vr_die_unit){0};
	return &dies->units[dies->unit_count++];
}

static enum vr_err find_in_part(struct vr_dies *dies, uint32_t number, size_t *cap,
				struct vr_error *err)
{
	const struct vr_die_part *part = &dies->parts[number];
	const unsigned char *info = part->info.data, *end = info + part->info.len;
	struct header h = {.p = info, .end = end};
	enum vr_err rc;

	while ((size_t)(end - h.p) >= UNIT_MIN) {
		struct vr_die_unit *unit = new_unit(dies, cap);
		uint64_t length;

		if (!unit)
			return vr_error_set(err, VR_NOMEM, "out of memory for debug information");
		unit->part = number;
		unit->start = part->start + (uint32_t)(h.p - info);
		length = take_number(&h, 4);
		unit->offset_size = length == UINT32_MAX ? 8 : 4;
		if (length == UINT32_MAX)
			length = take_number(&h, 8);
		if (h.failed || length > (uint64_t)(end - h.p))
			return corrupt(err, unit->start, "is longer than its section");
		h.end = h.p + length;
		unit->end = part->start + (uint32_t)(h.end - info);
		rc = read_header(dies, unit, &h, err);
		if (rc)
			return rc;
		h = (struct header){.p = h.end, .end = end};
	}
	return VR_OK;
}

enum vr_err vr_dies_find_units(struct vr_dies *dies, struct vr_error *err)
{
	size_t cap = 0;

	for (uint32_t i = 0; i < dies->part_count; i++) {
		enum vr_err rc = find_in_part(dies, i, &cap, err);

		if (rc)
			return rc;
	}
	return dies->unit_count ? VR_OK
				: vr_error_set(err, VR_CORRUPT, "debug information without a unit");
}

const struct vr_die_unit *vr_dies_unit(struct vr_dies *dies, uint32_t offset)
{
	const struct vr_die_unit *unit = dies->last_unit;
	size_t low = 0, high = dies->unit_count;

	if (unit && offset >= unit->first && offset < unit->end)
		return unit;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dies->units[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	unit = &dies->units[low];
	if (low == dies->unit_count || offset < unit->first)
		return NULL;
	dies->last_unit = unit;
	return unit;
}

/* ---- Abbreviations ---- */

static enum vr_die_field field_of(uint64_t attribute)
{
	switch (attribute) {
	case DW_AT_name:
		return VR_DIE_NAME;
	case DW_AT_type:
		return VR_DIE_TYPE;
	case DW_AT_byte_size:
		return VR_DIE_BYTE_SIZE;
	case DW_AT_bit_size:
		return VR_DIE_BIT_SIZE;
	case DW_AT_bit_offset:
		return VR_DIE_BIT_OFFSET;
	case DW_AT_data_bit_offset:
		return VR_DIE_DATA_BIT_OFFSET;
	case DW_AT_data_member_location:
		return VR_DIE_MEMBER_LOCATION;
	case DW_AT_encoding:
		return VR_DIE_ENCODING;
	case DW_AT_const_value:
		return VR_DIE_CONST_VALUE;
	case DW_AT_upper_bound:
		return VR_DIE_UPPER_BOUND;
	case DW_AT_count:
		return VR_DIE_COUNT;
	case DW_AT_declaration:
		return VR_DIE_DECLARATION;
	case DW_AT_external:
		return VR_DIE_EXTERNAL;
	case DW_AT_specification:
	case DW_AT_abstract_origin:
		return VR_DIE_SPECIFICATION;
	case DW_AT_sibling:
		return VR_DIE_SIBLING;
	case DW_AT_signature:
		return VR_DIE_SIGNATURE;
	case DW_AT_decl_line:
		return VR_DIE_LINE;
	case DW_AT_language:
		return VR_DIE_LANGUAGE;
	case DW_AT_str_offsets_base:
		return VR_DIE_STR_OFFSETS_BASE;
	case DW_AT_dwo_name:
	case DW_AT_GNU_dwo_name:
		return VR_DIE_SPLIT;
	default:
		return VR_DIE_FIELDS;
	}
}

bool vr_dies_grow(void **array, uint32_t *cap, uint32_t count, size_t size)
{
	uint32_t want = *cap ? *cap * 2 : 64;
	void *bigger;

	if (count < *cap)
		return true;
	bigger = want > *cap ? realloc(*array, want * size) : NULL;
	if (!bigger)
		return false;
	*array = bigger;
	*cap = want;
	return true;
}

/* Entries of which nothing is of use here but where the next one is. */
static bool is_of_no_use(uint64_t tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_lexical_block:
	case DW_TAG_label:
	case DW_TAG_call_site:
	case DW_TAG_call_site_parameter:
	case DW_TAG_GNU_call_site:
	case DW_TAG_GNU_call_site_parameter:
		return true;
	default:
		return false;
	}
}

/* Bytes that a value of the form takes; negative: that depends. */
static int fixed_size(const struct vr_die_unit *unit, uint64_t form)
{
	switch (form) {
	case DW_FORM_implicit_const:
	case DW_FORM_flag_present:
		return 0;
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
		return 1;
	case DW_FORM_data2:
	case DW_FORM_ref2:
		return 2;
	case DW_FORM_data4:
	case DW_FORM_ref4:
		return 4;
	case DW_FORM_data8:
	case DW_FORM_ref8:
		return 8;
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_sec_offset:
		return unit->offset_size;
	case DW_FORM_addr:
		return unit->address_size;
	default:
		return -1;
	}
}

/* What isn't wanted is passed over in one step. */
static bool add_spec(struct vr_die_abbrevs *table, uint32_t first, const struct vr_die_spec *spec,
		     int size)
{
	struct vr_die_spec *last =
		table->spec_count > first ? &table->specs[table->spec_count - 1] : NULL;

	if (spec->field == VR_DIE_FIELDS && size >= 0) {
		if (last && last->form == VR_DIE_FORM_SKIP) {
			last->implicit += size;
			return true;
		}
		if (!size)
			return true;
	}
	if (!vr_dies_grow((void **)&table->specs, &table->spec_cap, table->spec_count,
			  sizeof(*table->specs)))
		return false;
	table->specs[table->spec_count] = *spec;
	if (spec->field == VR_DIE_FIELDS && size >= 0)
		table->specs[table->spec_count] = (struct vr_die_spec){
			.implicit = size, .form = VR_DIE_FORM_SKIP, .field = VR_DIE_FIELDS};
	table->spec_count++;
	return true;
}

/* The specs of one abbreviation, up to the pair of zeroes. */
static enum vr_err read_specs(const struct vr_die_unit *unit, struct vr_die_abbrevs *table,
			      uint64_t tag, const unsigned char **p, const unsigned char *end)
{
	uint32_t first = table->spec_count;
	bool no_use = is_of_no_use(tag);

	for (;;) {
		uint64_t attribute, form;
		struct vr_die_spec spec;
		int64_t implicit = 0;

		if (!vr_uleb(p, end, &attribute) || !vr_uleb(p, end, &form))
			return VR_CORRUPT;
		if (form == DW_FORM_implicit_const && !vr_sleb(p, end, &implicit))
			return VR_CORRUPT;
		if (!attribute && !form)
			return VR_OK;
		spec = (struct vr_die_spec){
			.implicit = implicit,
			.form = (uint16_t)VR_MIN(form, VR_DIE_FORM_SKIP - 1),
			.field = (uint8_t)field_of(attribute),
		};
		if (no_use && spec.field != VR_DIE_SIBLING)
			spec.field = VR_DIE_FIELDS;
		if (!add_spec(table, first, &spec, fixed_size(unit, form)))
			return VR_NOMEM;
	}
}

static int by_code(const void *a, const void *b)
{
	const struct vr_die_abbrev *x = a, *y = b;

	return x->code < y->code ? -1 : x->code > y->code;
}

static enum vr_err read_table(const struct vr_die_unit *unit, struct vr_die_abbrevs *table,
			      const unsigned char **p, const unsigned char *end)
{
	bool ascends = true;

	table->is_dense = true;
	for (;;) {
		struct vr_die_abbrev *abbrev;
		uint64_t code, tag;
		enum vr_err rc;

		/* A table may end with its section. */
		if (*p == end)
			break;
		if (!vr_uleb(p, end, &code))
			return VR_CORRUPT;
		if (code == 0)
			break;
		if (!vr_uleb(p, end, &tag) || *p == end || code > UINT32_MAX)
			return VR_CORRUPT;
		if (!vr_dies_grow((void **)&table->list, &table->cap, table->count,
				  sizeof(*table->list)))
			return VR_NOMEM;
		abbrev = &table->list[table->count++];
		*abbrev = (struct vr_die_abbrev){
			.code = (uint32_t)code,
			.tag = (uint16_t)VR_MIN(tag, UINT16_MAX),
			.has_children = *(*p)++ != 0,
			.first = table->spec_count,
		};
		rc = read_specs(unit, table, tag, p, end);
		if (rc)
			return rc;
		abbrev->count = table->spec_count - abbrev->first;
		table->is_dense &= code == table->count;
		ascends &= table->count == 1 || abbrev[-1].code < code;
	}
	if (!ascends)
		qsort(table->list, table->count, sizeof(*table->list), by_code);
	return VR_OK;
}

enum vr_err vr_die_abbrevs_read(const struct vr_dies *dies, const struct vr_die_unit *unit,
				struct vr_die_abbrevs *table, size_t *bytes)
{
	const struct vr_bytes *section = &dies->parts[unit->part].sections->abbrev;
	const unsigned char *p = section->data, *end = p + section->len, *start;
	enum vr_err rc;

	*bytes = 0;
	table->count = table->spec_count = 0;
	if (unit->abbrev_offset >= section->len)
		return VR_CORRUPT;
	p += unit->abbrev_offset;
	start = p;
	rc = read_table(unit, table, &p, end);
	*bytes = (size_t)(p - start);
	return rc;
}

void vr_die_abbrevs_free(struct vr_die_abbrevs *table)
{
	free(table->list);
	free(table->specs);
	*table = (struct vr_die_abbrevs){0};
}

const struct vr_die_abbrevs *vr_dies_abbrevs(struct vr_dies *dies, const struct vr_die_unit *unit)
{
	/* A part's sections are one file's, of which the companion's come last. */
	bool is_alt = dies->parts[unit->part].sections == &dies->alt;
	uint64_t key = unit->abbrev_offset << 3 | (uint64_t)(unit->offset_size == 8) << 2 |
		       (uint64_t)(unit->address_size == 8) << 1 | is_alt;
	struct vr_die_unit *mutable = &dies->units[unit - dies->units];
	struct vr_die_abbrevs *table;
	const uint64_t *known;
	size_t bytes;

	if (unit->abbrevs)
		return unit->abbrevs;
	known = vr_map_get(&dies->tables, key);
	if (known) {
		mutable->abbrevs = (struct vr_die_abbrevs *)(uintptr_t)*known;
		return unit->abbrevs;
	}
	table = calloc(1, sizeof(*table));
	if (!table || vr_die_abbrevs_read(dies, unit, table, &bytes) ||
	    !vr_map_put(&dies->tables, key, (uintptr_t)table, NULL)) {
		if (table)
			vr_die_abbrevs_free(table);
		free(table);
		return NULL;
	}
	mutable->abbrevs = table;
	return table;
}
