// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding kallsyms by its looks: every order of its tables, and memory that only resembles it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bits.h"
#include "kallsyms_builder.h"

#define IMAGE 0xffffffff81000000ull
#define PAGE 4096u
#define SYMBOLS 1500

enum order {
	OLD,          /* offsets, base, number, names, markers, tokens (5.10) */
	OLD_SEQS,     /* the same with seqs_of_names before the tokens (6.1) */
	OLD_ABSOLUTE, /* addresses, number, names, markers, tokens */
	NEW,          /* number, names, markers, tokens, offsets, base, seqs_of_names (6.12) */
	NEW_PLACE,    /* without a base, aligned to 4 (7.x) */
	ORDERS,
};

/* The tables in a piece of an image, and what its symbols are. */
struct image {
	struct kb_memory memory;
	struct kb_symbol symbols[SYMBOLS];
	char names[SYMBOLS][160];
	unsigned align;
	enum order order;
	enum kb_addresses how;
	uint64_t base;
	struct vr_kallsyms_tables tables; /* the truth */
};

static void make_symbols(struct image *m)
{
	for (uint32_t i = 0; i < SYMBOLS; i++) {
		m->symbols[i].addr = i < 5 ? 0x1000 * i : IMAGE + 0x40 * (i - 5);
		m->symbols[i].text = m->names[i];
		snprintf(m->names[i], sizeof(m->names[i]), "t__function_%c%u", 'a' + (int)i % 26,
			 i * 7919 % 10007);
	}
	if (m->how == KB_PLACE_RELATIVE || m->how == KB_BASE_RELATIVE)
		for (uint32_t i = 0; i < 5; i++)
			m->symbols[i].addr = IMAGE;
	strcpy(m->names[5], "T_stext");
	/* Longer than one byte can say, in the second hundred. */
	if (m->order == NEW_PLACE)
		for (int i = 0; i < 150; i++)
			m->names[200][i + 1] = (char)('a' + i % 23);
}

static uint64_t here(struct image *m)
{
	return kb_align(&m->memory, m->align);
}

/* Not random, but of no pattern that repeats soon. */
static void put_noise(struct image *m, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		vr_strbuf_putc(&m->memory.bytes, (char)(seed >> 24));
	}
}

static void put_addresses(struct image *m)
{
	uint64_t va = here(m);

	m->base = m->how == KB_BASE_RELATIVE || m->how == KB_ABSOLUTE_PERCPU ? IMAGE : 0;
	if (m->how == KB_ABSOLUTE)
		m->tables.addresses = va;
	else
		m->tables.offsets = va;
	for (uint32_t i = 0; i < SYMBOLS; i++) {
		uint64_t addr = m->symbols[i].addr;
		uint32_t offset = (uint32_t)(addr - m->base);

		if (m->how == KB_PLACE_RELATIVE)
			offset = (uint32_t)(addr - (va + 4 * (uint64_t)i));
		if (m->how == KB_ABSOLUTE_PERCPU)
			offset = addr < m->base ? (uint32_t)addr : (uint32_t)(m->base - addr - 1);
		if (m->how == KB_ABSOLUTE)
			vr_strbuf_add(&m->memory.bytes, &addr, 8);
		else
			vr_strbuf_add(&m->memory.bytes, &offset, 4);
	}
	if (m->base) {
		m->tables.relative_base = kb_align(&m->memory, 8);
		vr_strbuf_add(&m->memory.bytes, &m->base, 8);
	}
}

static void put_names(struct image *m)
{
	VR_STRBUF markers = {0};
	const uint32_t count = SYMBOLS;
	size_t begin;

	m->tables.num_syms = here(m);
	vr_strbuf_add(&m->memory.bytes, &count, 4);
	m->tables.names = here(m);
	begin = m->memory.bytes.len;
	for (uint32_t i = 0; i < SYMBOLS; i++) {
		unsigned char bytes[512];
		size_t len = kb_compress(m->names[i], bytes);
		uint32_t at = (uint32_t)(m->memory.bytes.len - begin);

		if (i % 256 == 0)
			vr_strbuf_add(&markers, &at, 4);
		if (len >= 0x80) {
			vr_strbuf_putc(&m->memory.bytes, (char)((len & 0x7f) | 0x80));
			vr_strbuf_putc(&m->memory.bytes, (char)(len >> 7));
		} else {
			vr_strbuf_putc(&m->memory.bytes, (char)len);
		}
		vr_strbuf_add(&m->memory.bytes, bytes, len);
	}
	here(m);
	vr_strbuf_add(&m->memory.bytes, markers.data, markers.len);
}

/* All 256 tokens in use, as a kernel's are. */
static void put_tokens(struct image *m)
{
	uint16_t index[256];
	size_t begin;

	m->tables.token_table = here(m);
	begin = m->memory.bytes.len;
	for (unsigned i = 0; i < 256; i++) {
		index[i] = (uint16_t)(m->memory.bytes.len - begin);
		if (i >= 1 && i <= VR_ARRAY_SIZE(kb_tokens))
			vr_strbuf_puts(&m->memory.bytes, kb_tokens[i - 1]);
		else if (i > ' ' && i < 0x7f)
			vr_strbuf_putc(&m->memory.bytes, (char)i);
		else
			vr_strbuf_printf(&m->memory.bytes, "tok%x", i);
		vr_strbuf_putc(&m->memory.bytes, '\0');
	}
	m->tables.token_index = here(m);
	vr_strbuf_add(&m->memory.bytes, index, sizeof(index));
}

static struct image *make_as(enum order order, enum kb_addresses how)
{
	struct image *m = calloc(1, sizeof(*m));

	m->order = order;
	m->how = how;
	m->align = order == NEW_PLACE ? 4 : 8;
	m->memory.base = IMAGE;
	make_symbols(m);
	put_noise(m, 30000, (uint32_t)order);
	if (order < NEW)
		put_addresses(m);
	put_names(m);
	if (order == OLD_SEQS)
		put_noise(m, (size_t)3 * SYMBOLS, 7);
	put_tokens(m);
	if (order >= NEW)
		put_addresses(m);
	if (order == NEW)
		put_noise(m, (size_t)3 * SYMBOLS, 9);
	put_noise(m, 300000, 11);
	kb_align(&m->memory, PAGE);
	return m;
}

static struct image *make(enum order order)
{
	static const enum kb_addresses how[ORDERS] = {
		KB_ABSOLUTE_PERCPU, KB_ABSOLUTE_PERCPU, KB_ABSOLUTE,
		KB_ABSOLUTE_PERCPU, KB_PLACE_RELATIVE,
	};

	return make_as(order, how[order]);
}

static void free_image(struct image *m)
{
	vr_strbuf_free(&m->memory.bytes);
	free(m);
}

/* The range may reach beyond what there is: the rest is holes. */
static enum vr_err scan_range(struct image *m, struct vr_symtab *tab, uint64_t extra,
			      struct vr_error *err)
{
	const struct vr_kallsyms_range range = {
		.start = IMAGE,
		.end = IMAGE + m->memory.bytes.len + extra,
		.stext = IMAGE,
	};
	struct vr_kallsyms_tables found;
	enum vr_err r = vr_symtab_scan_kallsyms(tab, &range, kb_read, &m->memory, &found, err);

	if (r == VR_OK) {
		assert_true(found.names == m->tables.names);
		assert_true(found.num_syms == m->tables.num_syms);
		assert_true(found.token_table == m->tables.token_table);
		assert_true(found.token_index == m->tables.token_index);
		assert_true(found.offsets == m->tables.offsets);
		assert_true(found.addresses == m->tables.addresses);
	}
	return r;
}

static enum vr_err scan(struct image *m, struct vr_error *err)
{
	struct vr_symtab *tab = vr_symtab_new();
	enum vr_err r = scan_range(m, tab, 0, err);

	assert_true(r == VR_OK || vr_symtab_count(tab) == 0);
	vr_symtab_free(tab);
	return r;
}

/* Some symbols are lost; those that aren't are right. */
static void check_holed(struct image *m)
{
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_error err = {0};

	if (scan_range(m, tab, 0, &err) != VR_OK)
		fail_msg("%s", err.text);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	assert_int_equal(vr_symtab_count(tab), SYMBOLS);
	assert_in_range(vr_symtab_lost(tab), 1, SYMBOLS / 2);
	for (uint32_t i = 0; i < SYMBOLS; i++) {
		struct vr_symbol sym;

		vr_symtab_at(tab, i, &sym);
		assert_true(!*sym.name || !strcmp(sym.name, m->names[i] + 1));
		assert_true(sym.addr == m->symbols[i].addr);
	}
	vr_symtab_free(tab);
}

static void check(struct image *m, uint64_t extra)
{
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_error err = {0};

	if (scan_range(m, tab, extra, &err) != VR_OK)
		fail_msg("order %d: %s", (int)m->order, err.text);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	assert_int_equal(vr_symtab_count(tab), SYMBOLS);
	for (uint32_t i = 0; i < SYMBOLS; i++) {
		struct vr_symbol sym;

		vr_symtab_at(tab, i, &sym);
		assert_string_equal(sym.name, m->names[i] + 1);
		assert_true(sym.addr == m->symbols[i].addr);
	}
	vr_symtab_free(tab);
}

static unsigned char *at(struct image *m, uint64_t va)
{
	return (unsigned char *)m->memory.bytes.data + (va - m->memory.base);
}

static void test_every_order(void **state)
{
	(void)state;
	for (enum order order = 0; order < ORDERS; order++) {
		struct image *m = make(order);

		check(m, 0);
		check(m, 4 << 20); /* unmapped memory behind the image */
		free_image(m);
	}
}

/* Orders and encodings are mixed by backports. */
static void test_every_encoding(void **state)
{
	static const struct {
		enum order order;
		enum kb_addresses how;
	} mixes[] = {
		{OLD, KB_BASE_RELATIVE}, {OLD_SEQS, KB_BASE_RELATIVE}, {NEW, KB_BASE_RELATIVE},
		{NEW, KB_ABSOLUTE},      {NEW, KB_PLACE_RELATIVE},
	};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(mixes); i++) {
		struct image *m = make_as(mixes[i].order, mixes[i].how);

		check(m, 0);
		free_image(m);
	}
}

/* Freed init memory is not in the dump; nor may the tables' own pages be. */
static void test_holes(void **state)
{
	struct image *m = make(NEW);
	struct vr_error err;

	(void)state;
	m->memory.missing = IMAGE + 2 * PAGE;
	check(m, 0);
	m->memory.missing = IMAGE + m->memory.bytes.len - 1;
	check(m, 0);
	m->memory.missing = m->tables.token_index;
	assert_int_equal(scan(m, &err), VR_ABSENT);
	assert_non_null(strstr(err.text, "1 pages of which"));
	/* Within the names it costs some; where there are no markers left to go by, all. */
	m->memory.missing = m->tables.names + 5000;
	check_holed(m);
	free_image(m);
}

static void test_none(void **state)
{
	struct image *m = calloc(1, sizeof(*m));
	struct vr_error err;

	(void)state;
	m->memory.base = IMAGE;
	assert_int_equal(scan(m, &err), VR_ABSENT); /* an empty range */
	put_noise(m, 100, 1);
	assert_int_equal(scan(m, &err), VR_ABSENT);
	put_noise(m, 1 << 20, 1);
	assert_int_equal(scan(m, &err), VR_ABSENT);
	free_image(m);
}

static struct image *make_behind(size_t len)
{
	struct image *m = calloc(1, sizeof(*m));

	m->memory.base = IMAGE;
	m->align = 4;
	m->order = NEW_PLACE;
	m->how = KB_PLACE_RELATIVE;
	make_symbols(m);
	put_noise(m, len, 3);
	put_names(m);
	put_tokens(m);
	put_addresses(m);
	kb_align(&m->memory, PAGE);
	return m;
}

/* Memory is read a piece at a time, of 256 KiB; nothing falls between two. */
static void test_any_place(void **state)
{
	struct image *m = make_behind(0);
	const uint64_t edge = (256u << 10) - (m->tables.token_index - IMAGE);

	(void)state;
	free_image(m);
	for (size_t before = 0; before < 600; before += 4) {
		m = make_behind(edge - before);
		assert_true(m->tables.token_index + before == IMAGE + (256u << 10));
		check(m, 0);
		free_image(m);
	}
}

/* What looks like one table of them, but isn't. */
static void test_near_misses(void **state)
{
	struct image *m = make(NEW);
	const uint64_t last_marker = m->tables.token_table;
	struct vr_error err;
	uint32_t huge = 0xffffffff;

	(void)state;
	/* An index of growing numbers without its strings. */
	for (unsigned i = 0; i < 256; i++)
		((uint16_t *)(void *)at(m, IMAGE + 1000 * 4))[i] = (uint16_t)(i * 3);
	check(m, 0);
	/* Markers that are right but for one. */
	at(m, last_marker - 16)[0] ^= 1;
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	at(m, last_marker - 16)[0] ^= 1;
	/* A number of symbols that doesn't fit the markers. */
	memcpy(at(m, m->tables.num_syms), &huge, 4);
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	memset(at(m, m->tables.num_syms), 0, 4);
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	huge = SYMBOLS + 1;
	memcpy(at(m, m->tables.num_syms), &huge, 4);
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	huge = SYMBOLS;
	memcpy(at(m, m->tables.num_syms), &huge, 4);
	/* A string that ends elsewhere. */
	at(m, m->tables.token_table)[2] = '\0';
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	free_image(m);
}

static void test_stext_decides(void **state)
{
	struct image *m = make(OLD);
	struct vr_error err;

	(void)state;
	at(m, m->tables.offsets)[5 * 4] ^= 4;
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	at(m, m->tables.offsets)[5 * 4] ^= 4;
	/* Nor are addresses in disorder those of a kernel, though a few may be damaged. */
	at(m, m->tables.offsets)[900 * 4 + 1] ^= 0x40;
	assert_int_equal(scan(m, &err), VR_OK);
	for (int i = 6; i < SYMBOLS; i += 7)
		at(m, m->tables.offsets)[i * 4 + 1] ^= 0x40;
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	assert_non_null(strstr(err.text, "order"));
	free_image(m);
}

/* Two sets, both whole: neither can be trusted. And one behind remains of another can be. */
static void test_twice(void **state)
{
	struct image *m = make(OLD);
	VR_STRBUF copy = {0};
	struct vr_error err;
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_kallsyms_tables found;
	struct vr_kallsyms_range range;

	(void)state;
	vr_strbuf_add(&copy, m->memory.bytes.data, m->memory.bytes.len);
	vr_strbuf_add(&m->memory.bytes, copy.data, copy.len);
	range = (struct vr_kallsyms_range){IMAGE, IMAGE + m->memory.bytes.len, IMAGE};
	assert_int_equal(vr_symtab_scan_kallsyms(tab, &range, kb_read, &m->memory, &found, &err),
			 VR_CORRUPT);
	assert_non_null(strstr(err.text, "twice"));
	assert_int_equal(vr_symtab_count(tab), 0);
	at(m, m->tables.token_table)[2] = '\0';
	assert_int_equal(vr_symtab_scan_kallsyms(tab, &range, kb_read, &m->memory, &found, &err),
			 VR_OK);
	assert_true(found.names == m->tables.names + copy.len);
	vr_symtab_free(tab);
	free_image(m);
}

/* Memory full of what the search begins with costs a bounded amount of work. */
static void test_candidates_without_end(void **state)
{
	struct image *m = calloc(1, sizeof(*m));
	struct vr_error err;
	uint16_t ramp[256];
	uint32_t zero = 0, marker;

	(void)state;
	m->memory.base = IMAGE;
	for (unsigned i = 0; i < 256; i++)
		ramp[i] = (uint16_t)(i * 2);
	for (unsigned i = 0; i < 4096; i++)
		vr_strbuf_add(&m->memory.bytes, ramp, sizeof(ramp));
	assert_int_equal(scan(m, &err), VR_LIMIT);
	free_image(m);

	/* Right tokens, before them any number of runs that might be markers. */
	m = calloc(1, sizeof(*m));
	m->memory.base = IMAGE;
	m->align = 4;
	for (unsigned i = 0; i < 400000; i++) {
		marker = i % 6 ? i % 6 * 1000 : zero;
		vr_strbuf_add(&m->memory.bytes, &marker, 4);
	}
	put_tokens(m);
	kb_align(&m->memory, PAGE);
	assert_int_equal(scan(m, &err), VR_CORRUPT);
	free_image(m);
}

static void test_bit_flips(void **state)
{
	(void)state;
	srand(20260);
	for (enum order order = 0; order < ORDERS; order++) {
		struct image *m = make(order);
		const size_t first = m->tables.names - IMAGE - 16;
		const size_t span = m->tables.token_index + 512 + 8ul * SYMBOLS - IMAGE - first;

		for (int i = 0; i < 300; i++) {
			size_t byte = first + (size_t)rand() % span;
			unsigned char bit = (unsigned char)(1 << rand() % 8);
			struct vr_kallsyms_range range = {IMAGE, IMAGE + m->memory.bytes.len,
							  IMAGE};
			struct vr_symtab *tab = vr_symtab_new();
			struct vr_kallsyms_tables found;
			struct vr_error err;

			((unsigned char *)m->memory.bytes.data)[byte] ^= bit;
			if (vr_symtab_scan_kallsyms(tab, &range, kb_read, &m->memory, &found,
						    &err) == VR_OK)
				assert_int_equal(vr_symtab_count(tab), SYMBOLS);
			else
				assert_int_equal(vr_symtab_count(tab), 0);
			vr_symtab_free(tab);
			((unsigned char *)m->memory.bytes.data)[byte] ^= bit;
		}
		free_image(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order),
		cmocka_unit_test(test_every_encoding),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_any_place),
		cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_stext_decides),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_candidates_without_end),
		cmocka_unit_test(test_bit_flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
