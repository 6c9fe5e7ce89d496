// SPDX-License-Identifier: GPL-2.0-or-later
/* Symbols by name and by address, vmlinux's and modules'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kallsyms_builder.h"

#define TEXT 0xffffffff81000000ull
#define MODULE 0xffffffffc0200000ull

static const struct kb_symbol core[] = {
	{0x0, "Afixed_percpu_data"},
	{0x1000, "Acpu_number"},
	{TEXT, "T_stext"},
	{TEXT, "T_text"},
	{TEXT + 0x40, "tinit_once"},
	{TEXT + 0x100, "Tschedule"},
	{TEXT + 0x100, "Tschedule_alias"},
	{TEXT + 0x100, "Tschedule_third"},
	{TEXT + 0x200, "tinit_once"},
	{TEXT + 0x1000, "T_etext"},
	{TEXT + 0x2000, "Dinit_task"},
	{TEXT + 0x8000, "B_end"},
	{TEXT + 0x8000, "b__brk_base"},
	{TEXT + 0x9000, "b.brk.last"},
};
#define CORE (sizeof(core) / sizeof(core[0]))

/* In the order of the module's own table. */
static const struct vr_module_symbol veth_symbols[] = {
	{0, "", 0},
	{MODULE + 0x80, "veth_open", 't'},
	{MODULE, "veth_xmit", 't'},
	{MODULE + 0x80, "veth_alias", 'T'},
	{MODULE + 0x10, "$x", 't'},
	{MODULE + 0x14, ".Ltmp3", 't'},
	{MODULE + 0x18, "", 't'},
	{MODULE + 0x5000, "veth_ops", 'd'},
	{0x20, "veth_percpu", 'a'},
	{MODULE + 0x90, "imported", 'U'},
	{MODULE + 0x200, "init_once", 't'},
};
#define VETH (sizeof(veth_symbols) / sizeof(veth_symbols[0]))
#define VETH_NAMED (VETH - 2)
static const struct vr_symtab_range veth_ranges[] = {
	{MODULE + 0x5000, 0x1000},
	{MODULE, 0x1000},
	{MODULE + 0x2000, 0},
};

static struct vr_symtab *load(const struct kb_symbol *symbols, uint32_t count)
{
	struct vr_symtab *tab = vr_symtab_new();
	struct kb_memory memory;
	struct vr_error err = {0};

	kb_build(&memory, symbols, count, KB_ABSOLUTE_PERCPU, true);
	if (vr_symtab_add_kallsyms(tab, &memory.tables, kb_read, &memory, &err))
		fail_msg("%s", err.text);
	vr_strbuf_free(&memory.bytes);
	return tab;
}

static int setup(void **state)
{
	struct vr_symtab *tab = load(core, CORE);

	if (vr_symtab_add_module(tab, "veth", veth_ranges, 3, veth_symbols, VETH) ||
	    vr_symtab_add_module(tab, "bare", NULL, 0, NULL, 0) || vr_symtab_finish(tab))
		return -1;
	*state = tab;
	return 0;
}

static int teardown(void **state)
{
	vr_symtab_free(*state);
	return 0;
}

static void check_lookup(const struct vr_symtab *tab, uint64_t addr, const char *name,
			 uint64_t start, uint64_t size)
{
	struct vr_symbol sym;

	assert_int_equal(vr_symtab_lookup(tab, addr, &sym), VR_OK);
	assert_string_equal(sym.name, name);
	assert_true(sym.addr == start);
	assert_true(sym.size == size);
}

static void check_no_lookup(const struct vr_symtab *tab, uint64_t addr)
{
	struct vr_symbol sym;

	assert_int_equal(vr_symtab_lookup(tab, addr, &sym), VR_ABSENT);
}

static void test_addresses_in_vmlinux(void **state)
{
	check_lookup(*state, TEXT, "_stext", TEXT, 0x40);
	check_lookup(*state, TEXT + 0x3f, "_stext", TEXT, 0x40);
	check_lookup(*state, TEXT + 0x40, "init_once", TEXT + 0x40, 0xc0);
	/* Of aliases the first. */
	check_lookup(*state, TEXT + 0x150, "schedule", TEXT + 0x100, 0x100);
	check_lookup(*state, TEXT + 0x7fff, "init_task", TEXT + 0x2000, 0x6000);
	check_no_lookup(*state, TEXT - 1);
	check_no_lookup(*state, TEXT + 0x8000);
	check_no_lookup(*state, TEXT + 0x9000);
	check_no_lookup(*state, 0);
	check_no_lookup(*state, 0x1000);
	check_no_lookup(*state, UINT64_MAX);
}

static void test_addresses_in_a_module(void **state)
{
	check_lookup(*state, MODULE, "veth_xmit", MODULE, 0x80);
	/* Mapping symbols and nameless ones don't count. */
	check_lookup(*state, MODULE + 0x20, "veth_xmit", MODULE, 0x80);
	/* The first in the table's order, not a later one at the same address; undefined ones not.
	 */
	check_lookup(*state, MODULE + 0x95, "veth_open", MODULE + 0x80, 0x180);
	/* The last one of its range ends with it. */
	check_lookup(*state, MODULE + 0xfff, "init_once", MODULE + 0x200, 0xe00);
	check_lookup(*state, MODULE + 0x5fff, "veth_ops", MODULE + 0x5000, 0x1000);
	check_no_lookup(*state, MODULE + 0x1000);
	check_no_lookup(*state, MODULE + 0x6000);
	check_no_lookup(*state, MODULE + 0x2000);
	check_no_lookup(*state, MODULE - 1);
}

static void test_names(void **state)
{
	struct vr_symbol sym;
	size_t count;

	assert_int_equal(vr_symtab_find(*state, "schedule_alias", &sym, &count), VR_OK);
	assert_true(sym.addr == TEXT + 0x100 && sym.size == 0x100 && sym.type == 'T');
	assert_int_equal(count, 1);
	/* Twice in vmlinux and once in a module. */
	assert_int_equal(vr_symtab_find(*state, "init_once", &sym, &count), VR_OK);
	assert_true(sym.addr == TEXT + 0x40);
	assert_null(sym.module);
	assert_int_equal(count, 3);
	assert_int_equal(vr_symtab_find(*state, "veth_alias", &sym, NULL), VR_OK);
	assert_true(sym.addr == MODULE + 0x80 && sym.size == 0x180 && sym.type == 'T');
	assert_string_equal(sym.module, "veth");
	assert_int_equal(vr_symtab_find(*state, "nothing", &sym, &count), VR_ABSENT);
	assert_int_equal(count, 0);
	assert_int_equal(vr_symtab_find(*state, "", &sym, NULL), VR_ABSENT);
	assert_int_equal(vr_symtab_find(*state, "schedul", &sym, NULL), VR_ABSENT);
}

static void test_names_in_one_place(void **state)
{
	struct vr_symbol sym;

	assert_int_equal(vr_symtab_find_in(*state, "veth", "init_once", &sym), VR_OK);
	assert_true(sym.addr == MODULE + 0x200);
	assert_int_equal(vr_symtab_find_in(*state, NULL, "init_once", &sym), VR_OK);
	assert_true(sym.addr == TEXT + 0x40);
	assert_int_equal(vr_symtab_find_in(*state, NULL, "veth_open", &sym), VR_ABSENT);
	assert_int_equal(vr_symtab_find_in(*state, "bare", "veth_open", &sym), VR_ABSENT);
	assert_int_equal(vr_symtab_find_in(*state, "veth", "schedule", &sym), VR_ABSENT);
}

static void test_all_in_order(void **state)
{
	struct vr_symbol sym;

	assert_int_equal(vr_symtab_count(*state), CORE + VETH_NAMED);
	vr_symtab_at(*state, 0, &sym);
	assert_string_equal(sym.name, "fixed_percpu_data");
	assert_int_equal(sym.size, 0x1000);
	/* The last per-CPU symbol ends nowhere, and so does what lies behind the image. */
	vr_symtab_at(*state, 1, &sym);
	assert_int_equal(sym.size, 0);
	vr_symtab_at(*state, CORE - 1, &sym);
	assert_int_equal(sym.size, 0);
	vr_symtab_at(*state, CORE, &sym);
	assert_string_equal(sym.name, "veth_open");
	assert_string_equal(sym.module, "veth");
	vr_symtab_at(*state, CORE + 6, &sym);
	assert_string_equal(sym.name, "veth_percpu");
	assert_int_equal(sym.size, 0);
	vr_symtab_at(*state, CORE + VETH_NAMED, &sym);
	assert_string_equal(sym.name, "");
}

/* Modules are found with vmlinux's symbols, so they come later; names handed out stay. */
static void test_modules_added_later(void **state)
{
	struct vr_symbol early, late;
	char name[32];

	assert_int_equal(vr_symtab_find(*state, "veth_open", &early, NULL), VR_OK);
	for (int i = 0; i < 300; i++) {
		struct vr_symtab_range range = {MODULE + 0x10000 * (uint64_t)(i + 1), 0x100};
		struct vr_module_symbol sym = {range.start, "mod_init", 't'};

		snprintf(name, sizeof(name), "mod%d", i);
		assert_int_equal(vr_symtab_add_module(*state, name, &range, 1, &sym, 1), VR_OK);
	}
	assert_int_equal(vr_symtab_finish(*state), VR_OK);
	assert_string_equal(early.name, "veth_open");
	assert_string_equal(early.module, "veth");
	assert_int_equal(vr_symtab_find_in(*state, "mod250", "mod_init", &late), VR_OK);
	assert_true(late.addr == MODULE + 0x10000 * 251ull);
	assert_int_equal(vr_symtab_lookup(*state, late.addr + 1, &late), VR_OK);
	assert_string_equal(late.module, "mod250");
	check_lookup(*state, TEXT + 0x150, "schedule", TEXT + 0x100, 0x100);
	assert_int_equal(vr_symtab_add_kallsyms(*state, &(struct vr_kallsyms_tables){0}, kb_read,
						NULL, NULL),
			 VR_UNSUPPORTED);
}

/* Without CONFIG_KALLSYMS_ALL there are only functions, and the two ranges of code. */
static void test_functions_only(void **state)
{
	static const struct kb_symbol symbols[] = {
		{TEXT, "T_stext"},          {TEXT + 0x100, "Tschedule"},
		{TEXT + 0x1000, "T_etext"}, {TEXT + 0x5000, "T_sinittext"},
		{TEXT + 0x5010, "tsetup"},  {TEXT + 0x6000, "T_einittext"},
	};
	struct vr_symtab *tab = load(symbols, 6);

	(void)state;
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	check_lookup(tab, TEXT + 0xfff, "schedule", TEXT + 0x100, 0xf00);
	check_no_lookup(tab, TEXT + 0x1000);
	check_lookup(tab, TEXT + 0x5fff, "setup", TEXT + 0x5010, 0xff0);
	check_no_lookup(tab, TEXT + 0x6000);
	vr_symtab_free(tab);
}

static void test_unsorted(void **state)
{
	static const struct kb_symbol symbols[] = {
		{TEXT + 0x300, "tc"}, {TEXT, "T_stext"},       {TEXT + 0x300, "talias"},
		{TEXT + 0x100, "ta"}, {TEXT + 0x400, "T_end"}, {TEXT + 0x200, "tb"},
	};
	struct vr_symtab *tab = load(symbols, 6);
	struct vr_symbol sym;

	(void)state;
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	check_lookup(tab, TEXT + 0x350, "c", TEXT + 0x300, 0x100);
	check_lookup(tab, TEXT + 0x1ff, "a", TEXT + 0x100, 0x100);
	vr_symtab_at(tab, 2, &sym);
	assert_int_equal(sym.size, 0x100);
	vr_symtab_free(tab);
}

static void test_nothing(void **state)
{
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_symbol sym;

	(void)state;
	assert_int_equal(vr_symtab_find(tab, "x", &sym, NULL), VR_ABSENT);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	assert_int_equal(vr_symtab_count(tab), 0);
	assert_int_equal(vr_symtab_find(tab, "x", &sym, NULL), VR_ABSENT);
	check_no_lookup(tab, TEXT);
	vr_symtab_free(tab);
	vr_symtab_free(NULL);
}

/* However many share a name and an address, nothing takes the square of it. */
static void test_many_namesakes(void **state)
{
	enum { COUNT = 400000 };
	struct vr_module_symbol *symbols = calloc(COUNT, sizeof(*symbols));
	struct vr_symtab_range range = {MODULE, 0x1000};
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_symbol sym;
	size_t count;

	(void)state;
	for (int i = 0; i < COUNT; i++)
		symbols[i] = (struct vr_module_symbol){MODULE, "same", 't'};
	assert_int_equal(vr_symtab_add_module(tab, "m", &range, 1, symbols, COUNT), VR_OK);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	assert_int_equal(vr_symtab_find(tab, "same", &sym, &count), VR_OK);
	assert_int_equal(count, COUNT);
	check_lookup(tab, MODULE + 5, "same", MODULE, 0x1000);
	vr_symtab_free(tab);
	free(symbols);
}

/* Ranges that lie over one another, wrap or are empty: some answer, or none. */
static void test_forged_ranges(void **state)
{
	static const struct vr_symtab_range ranges[] = {
		{UINT64_MAX, 2}, {UINT64_MAX - 0xff, 0x100}, {0, UINT64_MAX}, {MODULE, 0x100},
		{MODULE, 0x80},  {MODULE + 0x10, 0x1000},
	};
	static const struct vr_module_symbol symbols[] = {{UINT64_MAX, "last", 't'},
							  {MODULE, "first", 't'},
							  {1, "one", 't'},
							  {0, "zero", 't'}};
	struct vr_symtab *tab = vr_symtab_new();
	struct vr_symbol sym;

	(void)state;
	assert_int_equal(vr_symtab_add_module(tab, "m", ranges, 6, symbols, 4), VR_OK);
	assert_int_equal(vr_symtab_finish(tab), VR_OK);
	for (uint64_t addr = 1; addr; addr <<= 1) {
		vr_symtab_lookup(tab, addr, &sym);
		vr_symtab_lookup(tab, MODULE + addr, &sym);
		vr_symtab_lookup(tab, ~addr, &sym);
	}
	for (size_t i = 0; i < vr_symtab_count(tab); i++)
		vr_symtab_at(tab, i, &sym);
	check_lookup(tab, UINT64_MAX, "last", UINT64_MAX, 1);
	vr_symtab_free(tab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_addresses_in_vmlinux, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses_in_a_module, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_in_one_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_modules_added_later, setup, teardown),
		cmocka_unit_test(test_functions_only),
		cmocka_unit_test(test_unsorted),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_many_namesakes),
		cmocka_unit_test(test_forged_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
