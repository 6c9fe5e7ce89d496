// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decoding kallsyms (kernel/kallsyms.c, and scripts/kallsyms.c which writes it): all names as bytes
 * that stand for pieces of text, and a table of addresses in one of four forms.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "symbol/kallsyms.h"
#include "symbol/names.h"
#include "symbol/sweep.h"
#include "symbol/table.h"

/* How the i-th address is written. */
enum encoding {
	PLACE_RELATIVE,  /* Linux 7.0 on: relative to where the offset itself is */
	BASE_RELATIVE,   /* relative to kallsyms_relative_base, unsigned */
	ABSOLUTE_PERCPU, /* the same for negative ones; positive ones are absolute */
	ABSOLUTE,        /* not an offset at all */
	ENCODINGS,
};

static uint64_t decode_address(enum encoding encoding, const struct vr_kallsyms_tables *tables,
			       uint64_t base, const unsigned char *table, uint32_t i)
{
	uint32_t raw;
	uint64_t extended;

	if (encoding == ABSOLUTE)
		return vr_load64(table + (size_t)i * 8);
	raw = vr_load32(table + (size_t)i * 4);
	extended = (uint64_t)(int64_t)(int32_t)raw;
	if (encoding == PLACE_RELATIVE)
		return tables->offsets + (uint64_t)i * 4 + extended;
	if (encoding == BASE_RELATIVE)
		return base + raw;
	return raw < 0x80000000u ? raw : base - 1 - extended;
}

static bool encoding_possible(enum encoding encoding, const struct vr_kallsyms_tables *tables)
{
	if (encoding == ABSOLUTE)
		return !tables->offsets;
	return tables->offsets && (encoding == PLACE_RELATIVE || tables->relative_base);
}

/* read() with the page that faults in *err. */
static enum vr_err read_table(uint64_t va, void *buf, size_t len, const char *name,
			      vr_symtab_reader read, void *arg, struct vr_error *err)
{
	enum vr_err rc = read(arg, va, buf, len);
	uint64_t at = va;
	unsigned char byte;

	if (rc && rc != VR_FAULT)
		return vr_error_set(err, rc, "can't read %s", name);
	if (!rc)
		return VR_OK;
	while (at - va < len && !read(arg, at, &byte, 1))
		at = (at | 4095) + 1;
	return vr_error_fault(err, at - va < len ? at : va, "can't read %s at %#llx", name,
			      (unsigned long long)at);
}

static bool has_address(const struct vr_holes *holes, size_t width, uint32_t i)
{
	return !vr_holes_in(holes, i * width, (i + 1ull) * width);
}

/* Does the encoding give the symbols of known address theirs? One of them must be there. */
static bool is_encoding(enum encoding e, const struct vr_kallsyms_tables *tables, uint64_t base,
			const unsigned char *table, const struct vr_holes *holes,
			const struct vr_symbol_names *names)
{
	const struct {
		uint32_t i;
		uint64_t addr;
	} witnesses[] = {{names->stext, tables->stext}, {names->other, tables->other_addr}};
	size_t width = tables->offsets ? 4 : 8;

	for (size_t w = 0; w < VR_ARRAY_SIZE(witnesses); w++) {
		uint32_t i = witnesses[w].i;

		if (i != UINT32_MAX && has_address(holes, width, i))
			return decode_address(e, tables, base, table, i) == witnesses[w].addr;
	}
	return false;
}

/* Addresses that can't be had: those of the symbols before them, and marked as lost. */
static enum vr_err lose_addresses(const struct vr_kallsyms_tables *tables, uint64_t va,
				  const struct vr_holes *holes, uint64_t *addrs,
				  struct vr_symbol_names *names)
{
	size_t width = tables->offsets ? 4 : 8;
	uint32_t mark = vr_symbol_names_mark(names, VR_LOST_ADDR);

	if (mark == UINT32_MAX)
		return VR_NOMEM;
	names->lost_at = names->lost_at ? names->lost_at : va + holes->list[0].start;
	for (uint32_t i = 0; i < names->count; i++) {
		if (has_address(holes, width, i))
			continue;
		names->lost += names->pool[names->offsets[i] + 1] != '\0';
		names->offsets[i] = mark;
		addrs[i] = i ? addrs[i - 1] : 0;
	}
	return VR_OK;
}

/* Addresses by the table at one place; VR_CORRUPT where no encoding gives _stext its own. */
static enum vr_err try_addresses(const struct vr_kallsyms_tables *tables,
				 struct vr_symbol_names *names, vr_symtab_reader read, void *arg,
				 uint64_t *addrs, struct vr_error *err)
{
	size_t width = tables->offsets ? 4 : 8;
	uint64_t va = tables->offsets ? tables->offsets : tables->addresses, base = 0;
	VR_FREE unsigned char *table = malloc(names->count * width);
	VR_CLEANUP(vr_holes_free) struct vr_holes holes = {0};
	enum encoding e = 0;
	enum vr_err rc = VR_OK;

	if (!table)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	vr_read_with_holes(read, arg, va, table, names->count * width, &holes);
	if (tables->relative_base)
		rc = read_table(tables->relative_base, &base, sizeof(base),
				"kallsyms_relative_base", read, arg, err);
	if (rc)
		return rc;
	while (e < ENCODINGS && !(encoding_possible(e, tables) &&
				  is_encoding(e, tables, base, table, &holes, names)))
		e++;
	if (e == ENCODINGS && holes.count)
		return vr_error_fault(err, va + holes.list[0].start,
				      "can't read kallsyms addresses at 0x%llx",
				      (unsigned long long)(va + holes.list[0].start));
	if (e == ENCODINGS)
		return vr_error_set(err, VR_CORRUPT,
				    "no form of kallsyms gives _stext its address");
	for (uint32_t i = 0; i < names->count; i++)
		addrs[i] = decode_address(e, tables, base, table, i);
	rc = holes.count ? lose_addresses(tables, va, &holes, addrs, names) : VR_OK;
	return rc || holes.failed ? vr_error_set(err, VR_NOMEM, "out of memory for symbols")
				  : VR_OK;
}

/* Genuine ones are; a damaged page has some hundred that aren't. */
static bool is_sorted(const uint64_t *addrs, uint32_t count)
{
	uint32_t wrong = 0;

	for (uint32_t i = 1; i < count; i++)
		wrong += addrs[i] < addrs[i - 1];
	return wrong <= count / 32;
}

static enum vr_err find_addresses(struct vr_kallsyms_tables *tables,
				  const struct vr_kallsyms_place *places, size_t place_count,
				  bool sorted, struct vr_symbol_names *names, vr_symtab_reader read,
				  void *arg, uint64_t **addrs, struct vr_error *err)
{
	VR_FREE uint64_t *made = malloc(names->count * sizeof(*made));
	enum vr_err rc = VR_CORRUPT;

	if (!made)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	if (names->stext == UINT32_MAX && names->other == UINT32_MAX)
		return vr_error_set(err, VR_CORRUPT, "there is no _stext among the symbols");
	for (size_t i = 0; i < place_count; i++) {
		tables->offsets = places[i].offsets;
		tables->relative_base = places[i].relative_base;
		tables->addresses = places[i].addresses;
		rc = try_addresses(tables, names, read, arg, made, err);
		if (rc)
			continue;
		if (sorted && !is_sorted(made, names->count))
			return vr_error_set(err, VR_CORRUPT,
					    "the addresses of kallsyms aren't in order");
		*addrs = VR_TAKE(made);
		break;
	}
	return rc;
}

static void say_lost(struct vr_symtab *tab, const struct vr_symbol_names *names)
{
	if (!names->lost)
		return;
	if (names->lost_at)
		vr_error_fault(&tab->lack, names->lost_at,
			       "%u of %u symbols: kallsyms at 0x%llx can't be read", names->lost,
			       names->count, (unsigned long long)names->lost_at);
	else
		vr_error_set(&tab->lack, VR_CORRUPT,
			     "%u of %u symbols: their names in kallsyms can't be right",
			     names->lost, names->count);
}

enum vr_err vr_kallsyms_decode(struct vr_symtab *tab, struct vr_kallsyms_tables *tables,
			       const struct vr_kallsyms_place *places, size_t place_count,
			       bool sorted, vr_symtab_reader read, void *arg, struct vr_error *err)
{
	VR_CLEANUP(vr_symbol_names_free) struct vr_symbol_names names = {0};
	uint64_t *addrs = NULL;
	uint32_t count = 0;
	enum vr_err rc;
	char *pool;

	if (tab->core.count)
		return vr_error_set(err, VR_UNSUPPORTED, "vmlinux's symbols are there already");
	rc = read_table(tables->num_syms, &count, sizeof(count), "kallsyms_num_syms", read, arg,
			err);
	if (rc && rc != VR_FAULT)
		return rc;
	if (!count && !rc)
		return vr_error_set(err, VR_CORRUPT, "kallsyms has no symbols");
	if (count > VR_SYMBOLS_MAX)
		return vr_error_set(err, VR_LIMIT, "kallsyms has %u symbols", count);
	rc = vr_symbol_names_read(tables, rc ? 0 : count, read, arg, &names, err);
	if (!rc)
		rc = find_addresses(tables, places, place_count, sorted, &names, read, arg, &addrs,
				    err);
	if (rc)
		return rc;
	pool = realloc(names.pool, names.len);
	tab->core = (struct vr_core_symbols){
		.addrs = addrs,
		.names = VR_TAKE(names.offsets),
		.pool = pool ? pool : names.pool,
		.count = names.count,
		.lost = names.lost,
		.stext = tables->stext,
	};
	names.pool = NULL;
	say_lost(tab, &names);
	return VR_OK;
}

enum vr_err vr_symtab_add_kallsyms(struct vr_symtab *tab, const struct vr_kallsyms_tables *tables,
				   vr_symtab_reader read, void *arg, struct vr_error *err)
{
	const struct vr_kallsyms_place place = {tables->offsets, tables->relative_base,
						tables->addresses};
	struct vr_kallsyms_tables used = *tables;

	if (tab->core.count)
		return vr_error_set(err, VR_UNSUPPORTED, "vmlinux's symbols are there already");
	if (!tables->names || !tables->num_syms || !tables->token_table || !tables->token_index ||
	    (!tables->offsets && !tables->addresses))
		return vr_error_set(err, VR_ABSENT, "the addresses of kallsyms aren't known");
	return vr_kallsyms_decode(tab, &used, &place, 1, false, read, arg, err);
}
