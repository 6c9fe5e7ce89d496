// SPDX-License-Identifier: GPL-2.0-or-later
/* Loaded modules: where they lie, and their symbols and types on the way into the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/module.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct module_memory { void *base; unsigned int size; };
	struct mod_kallsyms {
		void *symtab; unsigned int num_symtab; char *strtab; char *typetab;
	};
	struct kernel_symbol { int value_offset, name_offset, namespace_offset; };
	struct module {
		unsigned int state; struct list_head list; char name[56];
		const struct kernel_symbol *syms; unsigned int num_syms;
		struct module_memory mem[7]; struct mod_kallsyms *kallsyms;
	};
	struct btf { void *data; unsigned int data_size; char name[56]; };
	struct btf_module { struct list_head list; struct module *module; struct btf *btf; };
)
/* clang-format on */

/* Before 6.4. */
static const char old_types[] =
	"struct list_head { struct list_head *next, *prev; };"
	"struct module_layout { void *base; unsigned int size, text_size, ro_size; };"
	"struct module { unsigned int state; struct list_head list; char name[56];"
	"	struct module_layout core_layout, init_layout; };";

#define MODULES 0xffffffffc0000000ull
#define MODULE_STEP 0x10000ull /* text, data and names: a page each */
#define LIST offsetof(struct module, list)

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t head, btf_head;
	uint64_t modules[4];
	unsigned count;
	struct vr_strbuf log;
	unsigned lines;
};

static void emit(void *arg, enum vr_log_level level, const char *text)
{
	struct place *p = arg;

	(void)level;
	vr_strbuf_printf(&p->log, "%s\n", text);
	p->lines++;
}

static void list_add_tail(struct place *p, uint64_t entry, uint64_t head)
{
	uint64_t last = tk_get64(p->k, head + 8);

	tk_put64(p->k, entry, head);
	tk_put64(p->k, entry + 8, last);
	tk_put64(p->k, last, entry);
	tk_put64(p->k, head + 8, entry);
}

static struct place make(const char *text)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = text})};

	p.head = tk_global(p.k, "modules", 16);
	p.btf_head = tk_global(p.k, "btf_modules", 16);
	tk_put64(p.k, p.head, p.head);
	tk_put64(p.k, p.head + 8, p.head);
	tk_put64(p.k, p.btf_head, p.btf_head);
	tk_put64(p.k, p.btf_head + 8, p.btf_head);
	return p;
}

static struct module *module(struct place *p, unsigned i)
{
	return tk_ptr(p->k, p->modules[i]);
}

static struct mod_kallsyms *kallsyms(struct place *p, unsigned i)
{
	return tk_ptr(p->k, (uint64_t)(uintptr_t)module(p, i)->kallsyms);
}

static uint64_t text_of(unsigned i)
{
	return MODULES + i * MODULE_STEP;
}

/*
 * Add a module of five symbols: none, a function at +0x10, one at +0x40 that is exported, data, and
 * one that is undefined. Its tables are in the third page, whose end its names reach.
 */
static void add_module(struct place *p)
{
	unsigned i = p->count++;
	uint64_t text = text_of(i), names = text + 3 * TK_PAGE - 64;
	uint64_t va = p->modules[i] = tk_alloc(p->k, sizeof(struct module));
	uint64_t tables = tk_alloc(p->k, sizeof(struct mod_kallsyms));
	struct module *m = tk_ptr(p->k, va);
	struct mod_kallsyms *t = tk_ptr(p->k, tables);
	struct kernel_symbol *exported;
	Elf64_Sym *syms;
	char *strings;

	tk_map(p->k, text, tk_alloc_phys(p->k, 3 * TK_PAGE), 3 * TK_PAGE, 1);
	strings = tk_ptr(p->k, names);
	memcpy(strings, "\0init\0poll\0table\0printk", 24);
	strcpy(strings + 24, "the_last_of_all_names_ends_with_the_pag"); /* 40 bytes */
	syms = tk_ptr(p->k, text + 2 * TK_PAGE);
	syms[1] = (Elf64_Sym){.st_name = 1, .st_shndx = 1, .st_value = text + 0x10};
	syms[2] = (Elf64_Sym){.st_name = 6, .st_shndx = 1, .st_value = text + 0x40};
	syms[3] = (Elf64_Sym){.st_name = 11, .st_shndx = 2, .st_value = text + TK_PAGE + 8};
	syms[4] = (Elf64_Sym){.st_name = 17, .st_shndx = SHN_UNDEF, .st_value = text + 0x80};
	syms[5] = (Elf64_Sym){.st_name = 24, .st_shndx = 2, .st_value = text + TK_PAGE + 16};
	memcpy(syms + 6, "?ttdUD", 6);
	*t = (struct mod_kallsyms){
		.symtab = tk_va(void, text + 2 * TK_PAGE),
		.num_symtab = 6,
		.strtab = tk_va(char, names),
		.typetab = tk_va(char, text + 2 * TK_PAGE + 6 * sizeof(*syms)),
	};
	exported = tk_ptr(p->k, text + 2 * TK_PAGE + 512);
	exported->value_offset = (int)(text + 0x40 - (text + 2 * TK_PAGE + 512));
	exported->name_offset = (int)(names + 6 - (text + 2 * TK_PAGE + 512 + 4));
	snprintf(m->name, sizeof(m->name), "mod%u", i);
	m->kallsyms = tk_va(struct mod_kallsyms, tables);
	m->syms = tk_va(const struct kernel_symbol, text + 2 * TK_PAGE + 512);
	m->num_syms = 1;
	m->mem[0] = (struct module_memory){tk_va(void, text), 0x200};
	m->mem[1] = (struct module_memory){tk_va(void, text + TK_PAGE), 0x100};
	m->mem[6] = (struct module_memory){tk_va(void, text + TK_PAGE + 0x800), 0x40};
	list_add_tail(p, va + LIST, p->head);
}

static struct place make_modules(void)
{
	struct place p = make(types);

	for (int i = 0; i < 3; i++)
		add_module(&p);
	return p;
}

static void load(struct place *p)
{
	struct vr_log log = {.emit = emit, .arg = p};

	vr_strbuf_free(&p->log);
	p->lines = 0;
	p->prog = tk_open(p->k);
	assert_int_equal(vr_modules_load(p->prog, &log), VR_OK);
	tk_expect(p->prog, VR_OK, 0);
	tk_expect_cut(p->prog, VR_OK);
}

static void free_place(struct place *p)
{
	vr_strbuf_free(&p->log);
	tk_free(p->k);
}

/* ---- Where they lie ---- */

static void test_memory(void **state)
{
	struct place p = make_modules();
	char name[VR_MODULE_NAME];
	struct vr_module_memory m;
	struct vr_list_walk w;
	unsigned n = 0;

	(void)state;
	p.prog = tk_open(p.k);
	for (w = vr_module_walk(p.prog); vr_list_next(&w); n++) {
		snprintf(name, sizeof(name), "mod%u", n);
		assert_string_equal(vr_module_name(w.entry, (char[VR_MODULE_NAME]){0}), name);
		assert_true(vr_module_memory(w.entry, &m));
		assert_int_equal(m.count, 3);
		assert_int_equal(m.ranges[0].start, text_of(n));
		assert_int_equal(m.ranges[0].size, 0x200);
		assert_int_equal(m.ranges[2].start, text_of(n) + TK_PAGE + 0x800);
		assert_int_equal(m.ranges[2].size, 0x40);
	}
	assert_int_equal(n, 3);
	/* A module without text: its place is kept. */
	module(&p, 0)->mem[0] = (struct module_memory){NULL, 0};
	p.prog = tk_open(p.k);
	assert_true(vr_module_memory(vr_at(p.prog, "struct module", p.modules[0]), &m));
	assert_int_equal(m.count, 3);
	assert_int_equal(m.ranges[0].size, 0);
	assert_int_equal(m.ranges[1].start, text_of(0) + TK_PAGE);
	tk_expect(p.prog, VR_OK, 0);
	assert_false(vr_module_memory(vr_at(p.prog, "struct module", TK_NOWHERE), &m));
	tk_expect(p.prog, VR_FAULT, 0);
	free_place(&p);
}

static void test_memory_before_6_4(void **state)
{
	struct place p = make(old_types);
	uint64_t va = tk_alloc(p.k, 256);
	uint64_t core = va + tt_offset(&p.k->types, "module", "core_layout");
	uint64_t init = va + tt_offset(&p.k->types, "module", "init_layout");
	struct vr_module_memory m;
	struct vr_obj obj;

	(void)state;
	tk_put64(p.k, core, MODULES);
	tk_put64(p.k, core + 8, 0x5000 | 0x2000ull << 32); /* size, text_size */
	p.prog = tk_open(p.k);
	obj = vr_at(p.prog, "struct module", va);
	assert_true(vr_module_memory(obj, &m));
	assert_int_equal(m.count, 2);
	assert_int_equal(m.ranges[0].start, MODULES);
	assert_int_equal(m.ranges[0].size, 0x2000);
	assert_int_equal(m.ranges[1].start, MODULES + 0x2000);
	assert_int_equal(m.ranges[1].size, 0x3000);
	/* Still being initialised. */
	tk_put64(p.k, init, MODULES + 0x8000);
	tk_put64(p.k, init + 8, 0x2000 | 0x1000ull << 32);
	p.prog = tk_open(p.k);
	obj = vr_at(p.prog, "struct module", va);
	assert_true(vr_module_memory(obj, &m));
	assert_int_equal(m.count, 4);
	assert_int_equal(m.ranges[2].start, MODULES + 0x8000);
	assert_int_equal(m.ranges[3].size, 0x1000);
	tk_put64(p.k, core + 8, 0x2000 | 0x2001ull << 32);
	p.prog = tk_open(p.k);
	assert_false(vr_module_memory(vr_at(p.prog, "struct module", va), &m));
	tk_expect(p.prog, VR_CORRUPT, 0);
	free_place(&p);
}

/* ---- Symbols ---- */

static void check_symbols(struct place *p, unsigned i)
{
	char want[VR_MODULE_NAME + 32], buf[VR_MODULE_NAME + 32], name[16];
	struct vr_symbol sym;

	snprintf(name, sizeof(name), "mod%u", i);
	snprintf(want, sizeof(want), "init+0x4/0x30 [%s]", name);
	assert_string_equal(vr_symbolize(p->prog, text_of(i) + 0x14, buf, sizeof(buf)), want);
	snprintf(want, sizeof(want), "table+0x0/0x8 [%s]", name);
	assert_string_equal(vr_symbolize(p->prog, text_of(i) + TK_PAGE + 8, buf, sizeof(buf)),
			    want);
	assert_int_equal(vr_symtab_find_in(p->prog->symtab, name, "poll", &sym), VR_OK);
	assert_int_equal(sym.addr, text_of(i) + 0x40);
	assert_int_equal(sym.type, 'T');
	assert_int_equal(vr_symtab_find_in(p->prog->symtab, name, "init", &sym), VR_OK);
	assert_int_equal(sym.type, 't');
	assert_int_equal(vr_symtab_find_in(p->prog->symtab, name,
					   "the_last_of_all_names_ends_with_the_pag", &sym),
			 VR_OK);
	assert_int_equal(vr_symtab_find_in(p->prog->symtab, name, "printk", &sym), VR_ABSENT);
}

static void test_load_symbols(void **state)
{
	struct place p = make_modules();

	(void)state;
	load(&p);
	assert_int_equal(p.lines, 0);
	for (unsigned i = 0; i < 3; i++)
		check_symbols(&p, i);
	free_place(&p);
}

/* The middle one is damaged in some way: it is left out with a line that names it. */
static void check_left_out(struct place *p)
{
	struct vr_symbol sym;

	load(p);
	assert_int_equal(p->lines, 1);
	assert_non_null(strstr(vr_strbuf_str(&p->log), "module mod1: no symbols: "));
	check_symbols(p, 0);
	check_symbols(p, 2);
	assert_int_equal(vr_symtab_find_in(p->prog->symtab, "mod1", "init", &sym), VR_ABSENT);
}

static void test_lies(void **state)
{
	static const unsigned counts[] = {200, 100000, 1000000, 1000001, UINT32_MAX};
	struct place p = make_modules();
	struct mod_kallsyms *t = kallsyms(&p, 1), good = *t;
	struct module *m = module(&p, 1), good_module = *m;
	Elf64_Sym *syms = tk_ptr(p.k, text_of(1) + 2 * TK_PAGE);

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(counts); i++) {
		t->num_symtab = counts[i];
		check_left_out(&p);
		*t = good;
		m->num_syms = i ? counts[i] : 400;
		check_left_out(&p);
		*m = good_module;
	}
	t->symtab = NULL;
	check_left_out(&p);
	*t = good;
	t->typetab = tk_va(char, TK_NOWHERE);
	check_left_out(&p);
	*t = good;
	t->strtab = tk_va(char, TK_NOWHERE);
	check_left_out(&p);
	*t = good;
	m->kallsyms = NULL;
	check_left_out(&p);
	m->kallsyms = tk_va(struct mod_kallsyms, TK_NOWHERE);
	check_left_out(&p);
	*m = good_module;
	m->syms = tk_va(const struct kernel_symbol, TK_NOWHERE);
	check_left_out(&p);
	*m = good_module;
	syms[2].st_name = 100; /* a page further than there is memory */
	check_left_out(&p);
	syms[2].st_name = UINT32_MAX;
	check_left_out(&p);
	syms[2].st_name = 6;
	load(&p);
	assert_int_equal(p.lines, 0);
	check_symbols(&p, 1);
	free_place(&p);
}

/* No symbols at all is no lie. And names may be anything that memory holds. */
static void test_odd_modules(void **state)
{
	struct place p = make_modules();
	struct vr_symbol sym;

	(void)state;
	kallsyms(&p, 0)->num_symtab = 0;
	module(&p, 0)->num_syms = 0;
	memset(module(&p, 1)->name, 'x', sizeof(module(&p, 1)->name));
	module(&p, 2)->mem[0] = (struct module_memory){tk_va(void, ~0ull - 5), 0xffffffff};
	load(&p);
	assert_int_equal(p.lines, 0);
	assert_int_equal(vr_symtab_find_in(p.prog->symtab, "mod0", "init", &sym), VR_ABSENT);
	assert_int_equal(vr_symtab_find(p.prog->symtab, "init", &sym, NULL), VR_OK);
	assert_int_equal(strlen(sym.module), 56);
	free_place(&p);
}

static void test_broken_list(void **state)
{
	struct place p = make_modules();

	(void)state;
	module(&p, 1)->list.next = tk_va(struct list_head, TK_NOWHERE);
	load(&p);
	assert_int_equal(p.lines, 1);
	check_symbols(&p, 0);
	check_symbols(&p, 1);
	free_place(&p);
	p = make("struct list_head { struct list_head *next, *prev; };");
	load(&p); /* a kernel without modules */
	free_place(&p);
}

/* ---- Types ---- */

static uint64_t add_btf(struct place *p, const char *name, unsigned i)
{
	uint64_t entry = tk_alloc(p->k, sizeof(struct btf_module));
	uint64_t btf = tk_alloc(p->k, sizeof(struct btf)), data;
	struct btf_module *m = tk_ptr(p->k, entry);
	struct btf *b = tk_ptr(p->k, btf);
	struct btf_builder split = {.next_id = p->k->types.count};
	char type[16];
	size_t len;
	unsigned char *blob = tt_blob(&p->k->types, &len);

	memcpy(&split.strings_start, blob + 20, 4); /* the length of the base's strings */
	free(blob);
	snprintf(type, sizeof(type), "type_of_%u", i);
	bb_struct(&split, type, 8 + i, 1);
	bb_member(&split, "member", 1, 32);
	blob = bb_blob(&split, &len);
	data = tk_alloc(p->k, len);
	memcpy(tk_ptr(p->k, data), blob, len);
	free(blob);
	bb_free(&split);
	snprintf(b->name, sizeof(b->name), "%s", name);
	b->data = tk_va(void, data);
	b->data_size = (unsigned)len;
	m->btf = tk_va(struct btf, btf);
	list_add_tail(p, entry + offsetof(struct btf_module, list), p->btf_head);
	return btf;
}

static void check_types(struct place *p, const char *want)
{
	char got[4] = "";

	for (unsigned i = 0; i < 3; i++) {
		char type[32];

		snprintf(type, sizeof(type), "struct type_of_%u", i);
		if (vr_type_find(p->prog, type)) {
			got[strlen(got)] = (char)('0' + i);
			assert_int_equal(vr_sizeof(p->prog, type), 8 + i);
			assert_int_equal(vr_offsetof(p->prog, type, "member"), 4);
		}
	}
	assert_string_equal(got, want);
}

static void test_load_types(void **state)
{
	static const unsigned sizes[] = {0, 5, 40, 100000, (64u << 20) + 1, UINT32_MAX};
	struct place p = make_modules();
	struct btf *b, good;
	uint64_t btf[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		btf[i] = add_btf(&p, module(&p, i)->name, i);
	load(&p);
	assert_int_equal(p.lines, 0);
	check_types(&p, "012");
	b = tk_ptr(p.k, btf[1]);
	good = *b;
	for (size_t i = 0; i < VR_ARRAY_SIZE(sizes); i++) {
		b->data_size = sizes[i];
		load(&p);
		assert_int_equal(p.lines, 1);
		assert_non_null(strstr(vr_strbuf_str(&p.log), "module mod1: no types: "));
		check_types(&p, "02");
	}
	*b = good;
	b->data = NULL;
	load(&p);
	assert_int_equal(p.lines, 1);
	check_types(&p, "02");
	free_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),       cmocka_unit_test(test_memory_before_6_4),
		cmocka_unit_test(test_load_symbols), cmocka_unit_test(test_lies),
		cmocka_unit_test(test_odd_modules),  cmocka_unit_test(test_broken_list),
		cmocka_unit_test(test_load_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
