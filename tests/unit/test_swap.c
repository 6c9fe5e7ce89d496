// SPDX-License-Identifier: GPL-2.0-or-later
/* Areas of swap: those in use, those on their way out, and what can't be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/swap.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	typedef struct { long counter; } atomic_long_t;
	enum swap_flags { SWP_USED = 1, SWP_WRITEOK = 2 };
	struct swap_info_struct {
		unsigned long flags; short prio; unsigned int pages;
		unsigned char *swap_map; atomic_long_t inuse_pages; enum swap_flags unused;
	};
)
/* clang-format on */

#define AREAS 3

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t count, table, area[AREAS];
};

static struct swap_info_struct *area(const struct place *p, unsigned i)
{
	return tk_ptr(p->k, p->area[i]);
}

/* One in use, one on its way out, one not used (any more). */
static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};

	p.count = tk_global(p.k, "nr_swapfiles", 4);
	p.table = tk_global(p.k, "swap_info", 8 * 32);
	tk_put64(p.k, tk_global(p.k, "total_swap_pages", 8), 1000);
	tk_put64(p.k, tk_global(p.k, "nr_swap_pages", 8), 900);
	*(uint32_t *)tk_ptr(p.k, p.count) = AREAS;
	for (unsigned i = 0; i < AREAS; i++) {
		p.area[i] = tk_alloc(p.k, sizeof(struct swap_info_struct));
		tk_put64(p.k, p.table + 8 * i, p.area[i]);
		area(&p, i)->flags = i == 0 ? SWP_USED | SWP_WRITEOK : i == 1 ? SWP_USED : 0;
		area(&p, i)->swap_map = tk_va(unsigned char, p.table);
		area(&p, i)->pages = 1000;
		area(&p, i)->inuse_pages.counter = 100 + i;
	}
	/* Since 6.13 this bit says that the area isn't for use. */
	area(&p, 1)->inuse_pages.counter |= 1 << 30;
	return p;
}

static void test_used(void **state)
{
	struct place p = make();

	(void)state;
	p.prog = tk_open(p.k);
	assert_true(vr_has_swap(p.prog));
	assert_int_equal(vr_swap_count(p.prog), AREAS);
	assert_true(vr_swap_used(vr_swap_area(p.prog, 0)));
	assert_true(vr_swap_used(vr_swap_area(p.prog, 1)));
	assert_false(vr_swap_used(vr_swap_area(p.prog, 2)));
	assert_int_equal(vr_swap_used_pages(vr_swap_area(p.prog, 1)), 101);
	assert_false(vr_failed(p.prog));
	tk_free(p.k);
}

static void test_totals(void **state)
{
	struct place p = make();
	uint64_t total, free_pages;

	(void)state;
	p.prog = tk_open(p.k);
	vr_swap_totals(p.prog, &total, &free_pages);
	assert_false(vr_failed(p.prog));
	assert_int_equal(total, 1101);
	assert_int_equal(free_pages, 1001);
	tk_free(p.k);
}

static void test_too_many(void **state)
{
	struct place p = make();
	uint64_t total, free_pages;
	struct vr_scope scope;

	(void)state;
	*(uint32_t *)tk_ptr(p.k, p.count) = UINT32_MAX;
	p.prog = tk_open(p.k);
	vr_scope_enter(p.prog, &scope);
	assert_int_equal(vr_swap_count(p.prog), 0);
	assert_int_equal(vr_scope_leave(p.prog, &scope), VR_CORRUPT);
	vr_scope_enter(p.prog, &scope);
	vr_swap_totals(p.prog, &total, &free_pages);
	assert_int_equal(vr_scope_leave(p.prog, &scope), VR_CORRUPT);
	tk_free(p.k);
}

static void test_wild(void **state)
{
	static const uint64_t wild[] = {0, 1, 0xdead000000000100, 0xffffffffffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		struct place p = make();
		uint64_t total, free_pages;
		struct vr_scope scope;

		tk_put64(p.k, p.table + 8, wild[i]);
		p.prog = tk_open(p.k);
		vr_scope_enter(p.prog, &scope);
		assert_false(vr_swap_used(vr_swap_area(p.prog, 1)));
		assert_int_not_equal(vr_scope_leave(p.prog, &scope), VR_OK);
		vr_scope_enter(p.prog, &scope);
		vr_swap_totals(p.prog, &total, &free_pages);
		assert_int_not_equal(vr_scope_leave(p.prog, &scope), VR_OK);
		tk_free(p.k);
	}
}

static void test_none(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	struct vr_program *prog;
	uint64_t total = 1, free_pages = 1;

	(void)state;
	tk_global(k, "jiffies_64", 8);
	prog = tk_open(k);
	assert_false(vr_has_swap(prog));
	vr_swap_totals(prog, &total, &free_pages);
	assert_int_equal(total + free_pages, 0);
	assert_false(vr_failed(prog));
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_used),     cmocka_unit_test(test_totals),
		cmocka_unit_test(test_too_many), cmocka_unit_test(test_wild),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
