/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what src/vmlinux writes of DWARF, strictly: each entry's shape must be known, each byte must
 * belong to one, each reference must lead to the start of an entry. Include cmocka.h first.
 */
#ifndef TESTS_DWARF_WALKER_H
#define TESTS_DWARF_WALKER_H

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "vmlinux/blob.h"
#include "vmlinux/dwarf_numbers.h"

#define DIE_ATTRIBUTES 8

struct die {
	size_t at;
	uint64_t tag;
	unsigned int depth;
	uint64_t names[DIE_ATTRIBUTES], values[DIE_ATTRIBUTES]; /* a block's value: its offset */
	size_t count;
	const char *text; /* of DW_AT_name, or NULL */
};

struct dies {
	const uint8_t *info, *abbrev, *str;
	size_t info_len, abbrev_len, str_len;
	struct die *list;
	size_t count, cap;
};

static inline uint64_t dies_leb(const uint8_t *data, size_t len, size_t *at, bool is_signed)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		assert_true(*at < len && shift < 70);
		byte = data[(*at)++];
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (is_signed && shift < 64 && byte & 0x40)
		value |= UINT64_MAX << shift;
	return value;
}

/* Where the attributes of a shape begin in .debug_abbrev. */
static inline size_t dies_shape(const struct dies *d, uint64_t code, uint64_t *tag, bool *children)
{
	size_t at = 0;

	for (;;) {
		uint64_t found = dies_leb(d->abbrev, d->abbrev_len, &at, false), name, form;

		assert_true(found != 0);
		*tag = dies_leb(d->abbrev, d->abbrev_len, &at, false);
		assert_true(at < d->abbrev_len);
		*children = d->abbrev[at++];
		if (found == code)
			return at;
		do {
			name = dies_leb(d->abbrev, d->abbrev_len, &at, false);
			form = dies_leb(d->abbrev, d->abbrev_len, &at, false);
		} while (name || form);
	}
}

static inline uint64_t dies_value(const struct dies *d, uint64_t form, size_t *at,
				  const char **text)
{
	size_t room = d->info_len - *at, size;
	uint64_t value;

	switch (form) {
	case DW_FORM_flag_present:
		return 1;
	case DW_FORM_udata:
		return dies_leb(d->info, d->info_len, at, false);
	case DW_FORM_sdata:
		return dies_leb(d->info, d->info_len, at, true);
	case DW_FORM_string:
		*text = (const char *)d->info + *at;
		size = strnlen(*text, room);
		assert_true(size < room);
		*at += size + 1;
		return 0;
	case DW_FORM_exprloc:
		size = dies_leb(d->info, d->info_len, at, false);
		assert_true(size <= d->info_len - *at);
		value = *at;
		*at += size;
		return value;
	case DW_FORM_data1:
		assert_true(room >= 1);
		return d->info[(*at)++];
	case DW_FORM_data4:
		assert_true(room >= 4);
		*at += 4;
		return vr_load32(d->info + *at - 4);
	case DW_FORM_addr:
		assert_true(room >= 8);
		*at += 8;
		return vr_load64(d->info + *at - 8);
	default:
		assert_true(form == DW_FORM_strp || form == DW_FORM_ref4);
		assert_true(room >= 4);
		*at += 4;
		value = vr_load32(d->info + *at - 4);
		if (form == DW_FORM_strp) {
			assert_true(value < d->str_len);
			*text = (const char *)d->str + value;
			assert_true(strnlen(*text, d->str_len - value) < d->str_len - value);
		}
		return value;
	}
}

static inline const struct die *dies_at(const struct dies *d, uint64_t offset)
{
	size_t low = 0, high = d->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (d->list[mid].at == offset)
			return &d->list[mid];
		if (d->list[mid].at < offset)
			low = mid + 1;
		else
			high = mid;
	}
	fail_msg("no entry at 0x%llx", (unsigned long long)offset);
	return NULL;
}

/** Read them all; dies_free() at the end. */
static inline void dies_read(struct dies *d)
{
	unsigned int depth = 0;
	size_t at = 11;

	assert_true(d->info_len > at);
	assert_int_equal(vr_load32(d->info), d->info_len - 4);
	assert_int_equal(vr_load16(d->info + 4), 4);
	do {
		struct die *die;
		uint64_t code;
		bool children;
		size_t shape;

		if (d->count == d->cap) {
			d->cap = d->cap ? d->cap * 2 : 256;
			d->list = realloc(d->list, d->cap * sizeof(*d->list));
			assert_non_null(d->list);
		}
		die = &d->list[d->count];
		*die = (struct die){.at = at, .depth = depth};
		code = dies_leb(d->info, d->info_len, &at, false);
		if (!code) {
			assert_true(depth > 0);
			depth--;
			continue;
		}
		d->count++;
		shape = dies_shape(d, code, &die->tag, &children);
		for (;;) {
			uint64_t name = dies_leb(d->abbrev, d->abbrev_len, &shape, false);
			uint64_t form = dies_leb(d->abbrev, d->abbrev_len, &shape, false);

			if (!name && !form)
				break;
			assert_true(die->count < DIE_ATTRIBUTES);
			die->names[die->count] = name;
			die->values[die->count++] = dies_value(d, form, &at, &die->text);
		}
		depth += children;
	} while (depth);
	assert_int_equal(at, d->info_len);
	for (size_t i = 0; i < d->count; i++)
		for (size_t k = 0; k < d->list[i].count; k++)
			if (d->list[i].names[k] == DW_AT_type)
				dies_at(d, d->list[i].values[k]);
}

static inline void dies_free(struct dies *d)
{
	free(d->list);
}

/** The first entry of that tag and name (behind another one, or NULL). */
static inline const struct die *dies_find(const struct dies *d, uint64_t tag, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->list[i].tag == tag && d->list[i].text && !strcmp(d->list[i].text, name))
			return &d->list[i];
	return NULL;
}

static inline bool die_has(const struct die *die, uint64_t name)
{
	for (size_t i = 0; i < die->count; i++)
		if (die->names[i] == name)
			return true;
	return false;
}

static inline uint64_t die_get(const struct die *die, uint64_t name)
{
	for (size_t i = 0; i < die->count; i++)
		if (die->names[i] == name)
			return die->values[i];
	fail_msg("%s has no attribute 0x%llx", die->text ? die->text : "an entry",
		 (unsigned long long)name);
	return 0;
}

/** The entry that DW_AT_type leads to. */
static inline const struct die *die_type(const struct dies *d, const struct die *die)
{
	return dies_at(d, die_get(die, DW_AT_type));
}

#endif
