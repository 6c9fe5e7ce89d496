// SPDX-License-Identifier: GPL-2.0-or-later
/* The iterators that plugins have: what they give, how they end, what they leave behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <vmcore-report/kernel.h>

#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right, *rb_left; };
	struct rb_root { struct rb_node *rb_node; };
	struct xarray { unsigned int xa_lock; unsigned int xa_flags; void *xa_head; };
	struct xa_node {
		unsigned char shift, offset, count, nr_values;
		struct xa_node *parent; struct xarray *array; void *slots[64];
	};
	struct idr { struct xarray idr_rt; unsigned int idr_base, idr_next; };
	struct cpumask { unsigned long bits[1]; };
	struct item {
		unsigned long number; struct list_head list; struct hlist_node hash;
		struct rb_node node;
	};
	struct heads {
		struct list_head list; struct hlist_head hash; struct rb_root root; struct idr idr;
	};
)
/* clang-format on */

#define ITEMS 5

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t heads, items, node, numbers;
};

static uint64_t item(const struct place *p, unsigned i)
{
	return p->items + i * sizeof(struct item);
}

static void link_all(struct place *p)
{
	uint64_t list = p->heads + offsetof(struct heads, list), last = list;

	for (unsigned i = 0; i < ITEMS; i++) {
		uint64_t at = item(p, i) + offsetof(struct item, list);
		uint64_t hash = item(p, i) + offsetof(struct item, hash);

		tk_put64(p->k, item(p, i), i);
		tk_put64(p->k, last, at);
		tk_put64(p->k, at + 8, last);
		last = at;
		tk_put64(p->k,
			 i ? item(p, i - 1) + offsetof(struct item, hash)
			   : p->heads + offsetof(struct heads, hash),
			 hash);
	}
	tk_put64(p->k, last, list);
	tk_put64(p->k, list + 8, last);
	/* One node: item 1 with 0 on its left and 2 on its right. */
	tk_put64(p->k, p->heads + offsetof(struct heads, root),
		 item(p, 1) + offsetof(struct item, node));
	tk_put64(p->k, item(p, 1) + offsetof(struct item, node.rb_left),
		 item(p, 0) + offsetof(struct item, node));
	tk_put64(p->k, item(p, 1) + offsetof(struct item, node.rb_right),
		 item(p, 2) + offsetof(struct item, node));
	for (unsigned i = 0; i < 3; i += 2)
		tk_put64(p->k, item(p, i) + offsetof(struct item, node),
			 item(p, 1) + offsetof(struct item, node));
	/* An IDR with items 3 and 4 at 7 and 9, and a value at 20. */
	tk_put64(p->k, p->heads + offsetof(struct heads, idr.idr_rt.xa_head), p->node + 2);
	tk_put64(p->k, p->node + offsetof(struct xa_node, slots[7]), item(p, 3));
	tk_put64(p->k, p->node + offsetof(struct xa_node, slots[9]), item(p, 4));
	tk_put64(p->k, p->node + offsetof(struct xa_node, slots[20]), 33 << 1 | 1);
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t offsets, mask;

	p.heads = tk_global(p.k, "heads", sizeof(struct heads));
	p.items = tk_alloc(p.k, ITEMS * sizeof(struct item));
	p.node = tk_alloc(p.k, sizeof(struct xa_node));
	link_all(&p);
	/* CPUs 0 and 2 of three; each has its number, 64 bytes from the one before. */
	tk_put64(p.k, tk_global(p.k, "nr_cpu_ids", 8), 3);
	mask = tk_global(p.k, "__cpu_online_mask", 8);
	tk_put64(p.k, mask, 5);
	offsets = tk_global(p.k, "__per_cpu_offset", 3 * 8);
	p.numbers = tk_global(p.k, "numbers", 3 * 64);
	for (unsigned cpu = 0; cpu < 3; cpu++) {
		tk_put64(p.k, offsets + 8ull * cpu, 64ull * cpu);
		tk_put64(p.k, p.numbers + 64ull * cpu, 100 + cpu);
	}
	p.prog = tk_open(p.k);
	return p;
}

static struct vr_obj head(const struct place *p, const char *member)
{
	return vr_get(vr_global(p->prog, "heads", "struct heads"), member);
}

/* All that it gives, and its end. */
static void expect(struct vr_iter *it, const unsigned *numbers, unsigned count)
{
	struct vr_obj obj;

	for (unsigned i = 0; i < count; i++) {
		assert_true(vr_iter_next(it, &obj));
		assert_int_equal(vr_u64(obj, "number"), numbers[i]);
		assert_int_equal(vr_iter_index(it), i);
	}
	assert_false(vr_iter_next(it, &obj));
	assert_false(vr_iter_next(it, &obj));
	vr_iter_end(it);
}

static void test_links(void **state)
{
	static const unsigned all[ITEMS] = {0, 1, 2, 3, 4};
	struct place p = make();

	(void)state;
	expect(vr_iter_list(head(&p, "list"), "struct item", "list"), all, ITEMS);
	expect(vr_iter_hlist(head(&p, "hash"), "struct item", "hash"),
	       (const unsigned[]){0, 1, 2, 3, 4}, ITEMS);
	expect(vr_iter_rbtree(head(&p, "root"), "struct item", "node"), all, 3);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_stored(void **state)
{
	struct place p = make();
	struct vr_iter *it = vr_iter_idr(head(&p, "idr"), "struct item");
	struct vr_obj obj;

	(void)state;
	assert_true(vr_iter_next(it, &obj));
	assert_int_equal(vr_iter_index(it), 7);
	assert_int_equal(vr_u64(obj, "number"), 3);
	assert_true(vr_iter_next(it, &obj));
	assert_int_equal(vr_iter_index(it), 9);
	assert_int_equal(vr_iter_value(it), item(&p, 4));
	assert_true(vr_iter_next(it, &obj));
	assert_int_equal(vr_iter_index(it), 20);
	assert_int_equal(vr_iter_value(it) >> 1, 33);
	assert_false(vr_ok(obj));
	assert_false(vr_iter_next(it, &obj));
	vr_iter_end(it);
	/* With no type there are no objects, and the values stand. */
	it = vr_iter_xarray(head(&p, "idr.idr_rt"), NULL);
	assert_true(vr_iter_next(it, &obj));
	assert_false(vr_ok(obj));
	assert_int_equal(vr_iter_value(it), item(&p, 3));
	vr_iter_end(it);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_cpus(void **state)
{
	struct place p = make();
	struct vr_iter *it = vr_iter_cpus(p.prog, VR_CPUS_ONLINE);
	struct vr_obj obj;

	(void)state;
	for (unsigned cpu = 0; cpu < 3; cpu += 2) {
		assert_true(vr_iter_next(it, &obj));
		assert_int_equal(vr_iter_index(it), cpu);
		assert_false(vr_ok(obj));
	}
	assert_false(vr_iter_next(it, &obj));
	vr_iter_end(it);
	it = vr_iter_per_cpu(p.prog, VR_CPUS_ONLINE, "numbers", "unsigned long");
	for (unsigned cpu = 0; cpu < 3; cpu += 2) {
		assert_true(vr_iter_next(it, &obj));
		assert_int_equal(vr_u64(obj, ""), 100 + cpu);
	}
	assert_false(vr_iter_next(it, &obj));
	vr_iter_end(it);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* What can't be begun is latched, and walks of nothing end. */
static void test_failures(void **state)
{
	struct place p = make();
	struct vr_iter *its[8];
	struct vr_obj obj = {0};

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct vr_scope scope;

		vr_scope_enter(p.prog, &scope);
		switch (i) {
		case 0:
			its[i] = vr_iter_list(head(&p, "list"), "struct nothing", "list");
			break;
		case 1:
			its[i] = vr_iter_hlist(head(&p, "hash"), "struct item", "nothing");
			break;
		case 2:
			its[i] = vr_iter_xarray(head(&p, "nothing"), "struct item");
			break;
		case 3:
			its[i] = vr_iter_per_cpu(p.prog, VR_CPUS_ONLINE, "nothing", "int");
			break;
		case 4:
			its[i] = vr_iter_cpus(p.prog, (enum vr_cpus)77);
			break;
		case 5:
			its[i] = vr_iter_cpus(p.prog, VR_CPUS_PRESENT); /* no such symbol here */
			break;
		case 6:
			its[i] = vr_iter_processes(p.prog);
			break;
		default:
			its[i] = vr_iter_maple(head(&p, "list"), "struct item");
			break;
		}
		assert_false(vr_iter_next(its[i], &obj));
		assert_int_not_equal(vr_scope_leave(p.prog, &scope), VR_OK);
		vr_iter_end(its[i]);
	}
	assert_false(vr_iter_next(NULL, &obj));
	assert_int_equal(vr_iter_index(NULL), 0);
	assert_int_equal(vr_iter_value(NULL), 0);
	vr_iter_end(NULL);
	tk_free(p.k);
}

/* A failed read stops walks of that scope; they go on where the scope was a row. */
static void test_scopes(void **state)
{
	struct place p = make();
	struct vr_iter *it = vr_iter_list(head(&p, "list"), "struct item", "list");
	struct vr_scope scope;
	struct vr_obj obj;

	(void)state;
	vr_scope_enter(p.prog, &scope);
	assert_true(vr_iter_next(it, &obj));
	vr_u64(obj, "nothing");
	assert_false(vr_iter_next(it, &obj));
	assert_int_equal(vr_scope_leave(p.prog, &scope), VR_ABSENT);
	assert_true(vr_iter_next(it, &obj));
	assert_int_equal(vr_u64(obj, "number"), 1);
	vr_iter_end(it); /* before its end */
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* A list that leads nowhere: what it gave stands, and the cut is recorded. */
static void test_cut(void **state)
{
	struct place p = make();
	struct vr_iter *it;
	struct vr_obj obj;

	(void)state;
	tk_put64(p.k, item(&p, 1) + offsetof(struct item, list), TK_NOWHERE);
	p.prog = tk_open(p.k);
	it = vr_iter_list(head(&p, "list"), "struct item", "list");
	assert_true(vr_iter_next(it, &obj));
	assert_true(vr_iter_next(it, &obj));
	assert_false(vr_iter_next(it, &obj));
	vr_iter_end(it);
	tk_expect_cut(p.prog, VR_FAULT);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),  cmocka_unit_test(test_stored),
		cmocka_unit_test(test_cpus),   cmocka_unit_test(test_failures),
		cmocka_unit_test(test_scopes), cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
