// SPDX-License-Identifier: GPL-2.0-or-later
/* Decoding kallsyms in each of its forms, and what damaged tables lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kallsyms_builder.h"

#define TEXT 0xffffffff81000000ull

/* Lengths of 127, 128 and 200 bytes are where the encodings of lengths part. */
static char long127[128], long128[129], long200[201];

static const struct kb_symbol small[] = {
	{0x0, "Afixed_percpu_data"},
	{0x1f000, "Acpu_number"},
	{TEXT, "T_stext"},
	{TEXT, "T_text"},
	{TEXT + 0x40, "tstart_ext"},
	{TEXT + 0x100, "t__a_piece_of_more_than_16_letters"},
	{TEXT + 0x200, long127},
	{TEXT + 0x300, long128},
	{TEXT + 0x400, long200},
	{TEXT + 0x1000, "T_etext"},
	{TEXT + 0x2000, "Dinit_task"},
	{TEXT + 0x40000000, "B_end"},
};
#define SMALL (sizeof(small) / sizeof(small[0]))

static void fill(char *text, size_t len)
{
	static const char letters[] = "bcdfghjklmnpqrvwxyz";

	text[0] = 't';
	for (size_t i = 1; i < len; i++)
		text[i] = letters[(i * 7 + len) % (sizeof(letters) - 1)];
	text[len] = '\0';
}

static int make_long_names(void **state)
{
	(void)state;
	fill(long127, 127);
	fill(long128, 128);
	fill(long200, 200);
	return 0;
}

static void check_all(const struct vr_symtab *tab, const struct kb_symbol *symbols, uint32_t count)
{
	assert_int_equal(vr_symtab_count(tab), count);
	for (uint32_t i = 0; i < count; i++) {
		struct vr_symbol sym;

		vr_symtab_at(tab, i, &sym);
		assert_true(sym.addr == symbols[i].addr);
		assert_int_equal(sym.type, symbols[i].text[0]);
		assert_string_equal(sym.name, symbols[i].text + 1);
		assert_null(sym.module);
		assert_int_equal(vr_symtab_find(tab, sym.name, &sym, NULL), VR_OK);
		assert_string_equal(sym.name, symbols[i].text + 1);
	}
}

static void check_decoding(const struct kb_symbol *symbols, uint32_t count, enum kb_addresses how,
			   bool two_bytes)
{
	struct kb_memory memory;
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_error err = {0};

	kb_build(&memory, symbols, count, how, two_bytes);
	if (vr_symtab_add_kallsyms(tab, &memory.tables, kb_read, &memory, &err))
		fail_msg("%s", err.text);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	check_all(tab, symbols, count);
	vr_symtab_free(tab);
	vr_strbuf_free(&memory.bytes);
}

static void test_absolute_percpu(void **state)
{
	(void)state;
	check_decoding(small, SMALL, KB_ABSOLUTE_PERCPU, true);
}

/* These forms have no per-CPU symbols at small addresses. */
static void test_base_relative(void **state)
{
	(void)state;
	check_decoding(small + 2, SMALL - 2, KB_BASE_RELATIVE, true);
}

static void test_place_relative(void **state)
{
	(void)state;
	check_decoding(small + 2, SMALL - 2, KB_PLACE_RELATIVE, true);
}

static void test_absolute(void **state)
{
	(void)state;
	check_decoding(small, SMALL, KB_ABSOLUTE, true);
}

/* Many symbols, with long ones among them, by both rules of lengths. */
static void check_many(bool two_bytes, bool with_long)
{
	enum { COUNT = 3000 };
	struct kb_symbol *symbols = calloc(COUNT, sizeof(*symbols));
	char(*texts)[256] = calloc(COUNT, sizeof(*texts));

	for (uint32_t i = 0; i < COUNT; i++) {
		snprintf(texts[i], sizeof(texts[i]), "tfunction_%u_%s", i,
			 with_long && i % 100 == 99 ? long200 : "__ext");
		symbols[i] = (struct kb_symbol){TEXT + i * 16, texts[i]};
	}
	symbols[5].text = "T_stext";
	check_decoding(symbols, COUNT, KB_ABSOLUTE_PERCPU, two_bytes);
	free(symbols);
	free(texts);
}

static void test_many(void **state)
{
	(void)state;
	check_many(true, false);
}

static void test_many_long_names(void **state)
{
	(void)state;
	check_many(true, true);
}

/* Before Linux 6.1 a length with its top bit set is just that. */
static void test_many_long_names_with_plain_lengths(void **state)
{
	(void)state;
	check_many(false, true);
}

static enum vr_err try_memory(struct kb_memory *memory, struct vr_error *err)
{
	struct vr_symtab *tab = vr_symtab_new();
	enum vr_err rc = vr_symtab_add_kallsyms(tab, &memory->tables, kb_read, memory, err);
	struct vr_symbol sym;

	if (rc)
		assert_int_equal(vr_symtab_count(tab), 0);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	for (size_t i = 0; i < vr_symtab_count(tab); i++) {
		vr_symtab_at(tab, i, &sym);
		assert_true(strlen(sym.name) > 0);
		vr_symtab_lookup(tab, sym.addr, &sym);
	}
	vr_symtab_find(tab, "init_task", &sym, NULL);
	vr_symtab_free(tab);
	return rc;
}

/* What lies behind the tables needn't be in the dump. */
static void test_memory_that_ends_right_behind(void **state)
{
	struct kb_memory memory;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	assert_int_equal(try_memory(&memory, &err), VR_OK);
	vr_strbuf_free(&memory.bytes);
}

static void test_missing_pages(void **state)
{
	struct kb_memory memory;
	const struct vr_kallsyms_tables *t = &memory.tables;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	const uint64_t wanted[] = {t->names + 5,         t->num_syms,    t->token_table,
				   t->token_index + 511, t->offsets + 8, t->relative_base};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		memory.missing = wanted[i];
		err = (struct vr_error){0};
		assert_int_equal(try_memory(&memory, &err), VR_FAULT);
		assert_int_equal(err.kind, VR_FAULT);
		assert_true(err.addr != 0);
	}
	vr_strbuf_free(&memory.bytes);
}

static void test_cut_anywhere(void **state)
{
	struct kb_memory memory;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	for (memory.bytes.len = 0; memory.bytes.len < memory.used; memory.bytes.len++)
		assert_int_equal(try_memory(&memory, &err), VR_FAULT);
	/* Pages are lost as a whole; what is zero from some byte on is a damaged dump. */
	memory.bytes.len = (memory.used + 4095) & ~(size_t)4095;
	for (size_t cut = memory.used; cut-- > 0;) {
		memory.bytes.data[cut] = 0;
		try_memory(&memory, &err);
	}
	vr_strbuf_free(&memory.bytes);
}

static void test_tables_that_are_not_known(void **state)
{
	struct kb_memory memory;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	memory.tables.names = 0;
	assert_int_equal(try_memory(&memory, &err), VR_ABSENT);
	vr_strbuf_free(&memory.bytes);
}

static void test_wrong_stext(void **state)
{
	struct kb_memory memory;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	memory.tables.stext += 4096;
	assert_int_equal(try_memory(&memory, &err), VR_CORRUPT);
	vr_strbuf_free(&memory.bytes);
	/* Without one there is nothing to check by. */
	kb_build(&memory, small, 2, KB_ABSOLUTE_PERCPU, true);
	assert_int_equal(try_memory(&memory, &err), VR_CORRUPT);
	vr_strbuf_free(&memory.bytes);
}

static void set_count(struct kb_memory *memory, uint32_t count)
{
	memcpy(memory->bytes.data + (memory->tables.num_syms - memory->base), &count, 4);
}

static void test_impossible_counts(void **state)
{
	struct kb_memory memory;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	set_count(&memory, 0);
	assert_int_equal(try_memory(&memory, &err), VR_CORRUPT);
	set_count(&memory, UINT32_MAX);
	assert_int_equal(try_memory(&memory, &err), VR_LIMIT);
	set_count(&memory, 4000000);
	assert_int_not_equal(try_memory(&memory, &err), VR_OK);
	vr_strbuf_free(&memory.bytes);
}

static void test_names_without_end(void **state)
{
	struct kb_memory memory;
	struct vr_error err;
	char *names;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	names = memory.bytes.data + (memory.tables.names - memory.base);
	/* 100 times the long token are more than any name has. */
	names[0] = 100;
	memset(names + 1, 4, 100);
	assert_int_equal(try_memory(&memory, &err), VR_CORRUPT);
	/* A name of no bytes; one of tokens that stand for nothing. */
	names[0] = 0;
	assert_int_equal(try_memory(&memory, &err), VR_CORRUPT);
	names[0] = 10;
	memset(names + 1, 0xff, 10);
	assert_int_equal(try_memory(&memory, &err), VR_CORRUPT);
	vr_strbuf_free(&memory.bytes);
}

static void test_tokens_that_are_not_text(void **state)
{
	struct kb_memory memory;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	memory.bytes.data[memory.tables.token_table - memory.base + 1] = '\n';
	assert_int_equal(try_memory(&memory, &err), VR_CORRUPT);
	vr_strbuf_free(&memory.bytes);
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	memset(memory.bytes.data + (memory.tables.token_index - memory.base), 0xff, 512);
	/* The last token is then 64 KiB behind the table, where there is nothing. */
	assert_int_equal(try_memory(&memory, &err), VR_FAULT);
	vr_strbuf_free(&memory.bytes);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void test_random_damage(void **state)
{
	uint32_t seed = 4711;
	struct kb_memory memory;
	struct vr_error err;

	(void)state;
	kb_build(&memory, small, SMALL, KB_ABSOLUTE_PERCPU, true);
	for (int i = 0; i < 5000; i++) {
		struct kb_memory copy = memory;

		copy.bytes = (struct vr_strbuf){0};
		vr_strbuf_add(&copy.bytes, memory.bytes.data, memory.bytes.len);
		for (uint32_t n = next_random(&seed) % 3 + 1; n > 0; n--)
			copy.bytes.data[next_random(&seed) % memory.used] ^=
				(char)(1u << (next_random(&seed) % 8));
		try_memory(&copy, &err);
		vr_strbuf_free(&copy.bytes);
	}
	vr_strbuf_free(&memory.bytes);
}

/* ---- Tables with holes ---- */

#define MANY 3000
#define SPACING 0x20

static struct kb_symbol many[MANY];

static void make_many(void)
{
	static char names[MANY][24];

	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "t__function_%d", i);
		many[i] = (struct kb_symbol){TEXT + (uint64_t)i * SPACING, names[i]};
	}
	many[4].text = "T_stext";
	many[MANY / 2].text = "Dwitness";
	many[MANY - 2].text = "T_etext";
	many[MANY - 1].text = "B_end";
}

static void build_many(struct kb_memory *memory)
{
	make_many();
	kb_build(memory, many, MANY, KB_ABSOLUTE_PERCPU, true);
	memory->tables.other = "witness";
	memory->tables.other_addr = many[MANY / 2].addr;
}

/* Whatever is found is right, and whatever isn't is among what is lost. */
static size_t check_holed(const struct vr_symtab *tab)
{
	const struct vr_error *lack = vr_symtab_lack(tab);
	enum vr_err kind = lack ? lack->kind : VR_ABSENT;
	size_t lost = 0;

	assert_int_equal(vr_symtab_count(tab), MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		struct vr_symbol sym;
		enum vr_err r = vr_symtab_find(tab, many[i].text + 1, &sym, NULL);

		if (r == VR_OK)
			assert_true(sym.addr == many[i].addr);
		else
			assert_int_equal(r, kind);
		lost += r != VR_OK;
		for (uint64_t off = 0; i < MANY - 1 && off < SPACING; off += SPACING - 1) {
			r = vr_symtab_lookup(tab, many[i].addr + off, &sym);
			if (many[i].addr < many[4].addr)
				continue;
			if (r == VR_OK)
				assert_string_equal(sym.name, many[i].text + 1);
			else
				assert_int_equal(r, kind);
			if (r == VR_OK && sym.size)
				assert_int_equal(sym.size, SPACING);
		}
	}
	assert_int_equal(lost, vr_symtab_lost(tab));
	assert_int_equal(vr_symtab_find(tab, "nothing", &(struct vr_symbol){0}, NULL), kind);
	return lost;
}

static void test_each_page_missing(void **state)
{
	struct kb_memory memory;
	size_t opened = 0;

	(void)state;
	build_many(&memory);
	for (uint64_t at = memory.base; at < memory.base + memory.used; at += 1024) {
		struct vr_symtab *tab = vr_symtab_new();
		struct vr_error err;
		enum vr_err r;

		memory.missing = at;
		r = vr_symtab_add_kallsyms(tab, &memory.tables, kb_read, &memory, &err);
		if (r == VR_OK) {
			assert_int_equal(vr_symtab_finish(tab), VR_OK);
			assert_true(check_holed(tab) <= 1024);
			opened++;
		} else {
			assert_int_equal(r, VR_FAULT);
			assert_non_null(strstr(err.text, "can't read"));
		}
		vr_symtab_free(tab);
	}
	/* Only the tokens and the word for the base are worth all. */
	assert_true(opened >= memory.used / 1024 - 10);
	vr_strbuf_free(&memory.bytes);
}

static void test_a_hole_costs_names_up_to_the_next_marker(void **state)
{
	struct kb_memory memory;
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_symbol sym;
	struct vr_error err;

	(void)state;
	build_many(&memory);
	memory.missing = memory.tables.names + 2 * 4096;
	assert_int_equal(vr_symtab_add_kallsyms(tab, &memory.tables, kb_read, &memory, &err),
			 VR_OK);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	assert_true(check_holed(tab) > 100);
	assert_true(vr_symtab_lost(tab) < 768);
	assert_int_equal(vr_symtab_lack(tab)->kind, VR_FAULT);
	assert_non_null(strstr(vr_symtab_lack(tab)->text, " of 3000 symbols"));
	/* What is known from elsewhere is found all the same, by its name. */
	assert_int_equal(vr_symtab_find(tab, "prb", &sym, NULL), VR_FAULT);
	assert_int_equal(vr_symtab_add_known(tab, "prb", 0xffffffff82000000), VR_OK);
	assert_int_equal(vr_symtab_find(tab, "prb", &sym, NULL), VR_OK);
	assert_true(sym.addr == 0xffffffff82000000 && !sym.size && !sym.module);
	assert_int_equal(vr_symtab_find_in(tab, NULL, "prb", &sym), VR_OK);
	assert_int_equal(vr_symtab_lookup(tab, 0xffffffff82000000, &sym), VR_FAULT);
	vr_symtab_free(tab);
	vr_strbuf_free(&memory.bytes);
}

/* A length that lies: the names behind it must not be given to other addresses. */
static void test_a_damaged_name_costs_its_block(void **state)
{
	struct kb_memory memory;
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct vr_symtab *tab = vr_symtab_new();
		struct vr_error err;
		size_t names, len;

		build_many(&memory);
		names = memory.tables.names - memory.base;
		len = memory.tables.token_table - memory.tables.names;
		memory.bytes.data[names + (size_t)rand_r(&seed) % len] ^=
			(char)(1 << rand_r(&seed) % 8);
		if (vr_symtab_add_kallsyms(tab, &memory.tables, kb_read, &memory, &err) == VR_OK) {
			size_t wrong = 0;

			assert_int_equal(vr_symtab_finish(tab), VR_OK);
			for (uint32_t k = 0; k < MANY; k++) {
				struct vr_symbol sym;

				vr_symtab_at(tab, k, &sym);
				assert_true(sym.addr == many[k].addr);
				wrong += *sym.name && strcmp(sym.name, many[k].text + 1);
			}
			/* A changed letter can't be told; a shift by a name or more can. */
			assert_true(wrong <= 2);
		}
		vr_symtab_free(tab);
		vr_strbuf_free(&memory.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absolute_percpu),
		cmocka_unit_test(test_base_relative),
		cmocka_unit_test(test_place_relative),
		cmocka_unit_test(test_absolute),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_long_names),
		cmocka_unit_test(test_many_long_names_with_plain_lengths),
		cmocka_unit_test(test_memory_that_ends_right_behind),
		cmocka_unit_test(test_missing_pages),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_tables_that_are_not_known),
		cmocka_unit_test(test_wrong_stext),
		cmocka_unit_test(test_impossible_counts),
		cmocka_unit_test(test_names_without_end),
		cmocka_unit_test(test_tokens_that_are_not_text),
		cmocka_unit_test(test_random_damage),
		cmocka_unit_test(test_each_page_missing),
		cmocka_unit_test(test_a_hole_costs_names_up_to_the_next_marker),
		cmocka_unit_test(test_a_damaged_name_costs_its_block),
	};

	return cmocka_run_group_tests(tests, make_long_names, NULL);
}
