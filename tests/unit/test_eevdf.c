// SPDX-License-Identifier: GPL-2.0-or-later
/* The fair scheduler's virtual time: its average, and who may run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/eevdf.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct load_weight { unsigned long weight; };
	struct sched_entity { struct load_weight load; unsigned long vruntime; int on_rq; };
	struct cfs_rq {
		unsigned long zero_vruntime; long avg_vruntime; unsigned long avg_load;
		struct sched_entity *curr;
	};
)
/* clang-format on */

static void test_average(void **state)
{
	static const struct {
		int64_t sum, load, expected;
	} cases[] = {
		{0, 0, 1000},
		{30, 3, 1010},
		{31, 3, 1010},
		{-30, 3, 990},
		{-31, 3, 989},
		{-1, 1024, 999},
		{5, -7, 1000},
		{INT64_MIN, 1, 1000 + INT64_MIN},
		{INT64_MAX, 1, INT64_MIN + 999},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vr_cfs_average a = {
			.zero = 1000, .sum = cases[i].sum, .load = cases[i].load};

		assert_true(vr_cfs_average_vruntime(&a) == cases[i].expected);
	}
}

static void test_eligible(void **state)
{
	struct vr_cfs_average a = {.zero = 1000, .sum = 30, .load = 3};

	(void)state;
	assert_true(vr_cfs_is_eligible(&a, 1010));
	assert_false(vr_cfs_is_eligible(&a, 1011));
	assert_true(vr_cfs_is_eligible(&a, -5000));
	/* The product that doesn't fit 64 bits: older kernels' wrapped. */
	a.load = 4;
	assert_true(vr_cfs_is_eligible(&a, 1000 + (1ll << 62)));
	a.wide = true;
	assert_false(vr_cfs_is_eligible(&a, 1000 + (1ll << 62)));
}

/* The running entity counts with its weight, scaled down, if it is on the queue. */
static void test_read(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t va = tk_global(k, "queue", sizeof(struct cfs_rq));
	struct sched_entity curr = {.load = {2048}, .vruntime = 1100, .on_rq = 1};
	struct cfs_rq queue = {.zero_vruntime = 1000, .avg_vruntime = 50, .avg_load = 3};
	uint64_t entity = tk_alloc(k, sizeof(curr));
	struct vr_cfs_average a;
	struct vr_program *prog;

	(void)state;
	for (int on = 0; on < 2; on++) {
		curr.on_rq = on;
		memcpy(tk_ptr(k, entity), &curr, sizeof(curr));
		queue.curr = (struct sched_entity *)(uintptr_t)entity;
		memcpy(tk_ptr(k, va), &queue, sizeof(queue));
		prog = tk_open(k);
		assert_true(vr_cfs_average_read(vr_global(prog, "queue", "struct cfs_rq"), &a));
		assert_int_equal(a.zero, 1000);
		assert_int_equal(a.sum, on ? 250 : 50);
		assert_int_equal(a.load, on ? 5 : 3);
		tk_expect(prog, VR_OK, 0);
	}
	/* One that runs somewhere else than in memory. */
	queue.curr = (struct sched_entity *)(uintptr_t)0x1000;
	memcpy(tk_ptr(k, va), &queue, sizeof(queue));
	prog = tk_open(k);
	assert_false(vr_cfs_average_read(vr_global(prog, "queue", "struct cfs_rq"), &a));
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_average),
		cmocka_unit_test(test_eligible),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
