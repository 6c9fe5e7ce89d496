// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists and red-black trees, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/list.h"
#include "kernel/rbtree.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right, *rb_left; };
	struct rb_root { struct rb_node *rb_node; };
	struct item {
		unsigned long number; struct list_head list; struct hlist_node hash;
		struct rb_node node;
	};
	struct heads { struct list_head list; struct hlist_head hash; struct rb_root root; };
)
/* clang-format on */

#define MANY 1000
#define LIST offsetof(struct item, list)
#define HASH offsetof(struct item, hash)
#define NODE offsetof(struct item, node)

/* A kernel with heads and numbered items; tests link them as they like. */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t heads, list, hash, root, items;
};

static uint64_t item(const struct place *p, unsigned i)
{
	return p->items + i * sizeof(struct item);
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};

	p.heads = tk_global(p.k, "heads", sizeof(struct heads));
	p.list = p.heads + offsetof(struct heads, list);
	p.hash = p.heads + offsetof(struct heads, hash);
	p.root = p.heads + offsetof(struct heads, root);
	p.items = tk_alloc(p.k, MANY * sizeof(struct item));
	for (unsigned i = 0; i < MANY; i++)
		tk_put64(p.k, item(&p, i), i);
	return p;
}

static void open_place(struct place *p)
{
	p->prog = tk_open(p->k);
}

/* ---- Lists ---- */

static void link_items(const struct place *p, uint64_t a, uint64_t b)
{
	tk_put64(p->k, a, b);
	tk_put64(p->k, b + 8, a);
}

static void make_list(const struct place *p, unsigned count)
{
	uint64_t last = p->list;

	for (unsigned i = 0; i < count; i++) {
		link_items(p, last, item(p, i) + LIST);
		last = item(p, i) + LIST;
	}
	link_items(p, last, p->list);
}

/* Walk, and expect items 0 to count - 1 and then an end of this kind. */
static void check_list(struct place *p, unsigned count, enum vr_err kind)
{
	struct vr_list_walk w;
	unsigned n = 0;

	open_place(p);
	w = vr_list_begin(vr_get(vr_global(p->prog, "heads", "struct heads"), "list"),
			  "struct item", "list");
	for (; n <= count && vr_list_next(&w); n++) {
		assert_int_equal(w.entry.addr, item(p, n));
		assert_int_equal(vr_u64(w.entry, "number"), n);
	}
	assert_int_equal(n, count);
	assert_false(vr_list_next(&w));
	tk_expect_cut(p->prog, kind);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_list(void **state)
{
	struct place p = make();

	(void)state;
	for (unsigned count = 0; count < 4; count++) {
		make_list(&p, count);
		check_list(&p, count, VR_OK);
	}
	make_list(&p, MANY);
	check_list(&p, MANY, VR_OK);
	tk_free(p.k);
}

/* The machine died between two stores of list_add() or list_del(). */
static void test_list_half_done(void **state)
{
	struct place p = make();
	uint64_t other = item(&p, 9) + LIST;

	(void)state;
	for (unsigned at = 0; at < 5; at++) {
		uint64_t here = item(&p, at) + LIST;
		uint64_t before = at ? item(&p, at - 1) + LIST : p.list;
		uint64_t after = at < 4 ? item(&p, at + 1) + LIST : p.list;

		/* Another one is to be linked in before this one, which says so already. */
		make_list(&p, 5);
		tk_put64(p.k, here + 8, other);
		tk_put64(p.k, other, here);
		tk_put64(p.k, other + 8, before);
		check_list(&p, 5, VR_OK);
		/* list_add_rcu(), or list_del(): what follows names the one before. */
		make_list(&p, 5);
		tk_put64(p.k, after + 8, before);
		check_list(&p, 5, VR_OK);
	}
	/* The head's own back link, which a walk forward has no need of. */
	make_list(&p, 5);
	tk_put64(p.k, p.list + 8, other);
	check_list(&p, 5, VR_OK);
	/* Neither of those, though it agrees with what follows. */
	make_list(&p, 5);
	tk_put64(p.k, item(&p, 2) + LIST + 8, other);
	tk_put64(p.k, other + 8, 0);
	check_list(&p, 2, VR_CORRUPT);
	tk_put64(p.k, item(&p, 2) + LIST + 8, TK_NOWHERE);
	check_list(&p, 2, VR_CORRUPT);
	tk_free(p.k);
}

static void test_list_damaged(void **state)
{
	struct place p = make();

	(void)state;
	/* Into another list, which is whole: into its middle, to its first, to its head. */
	make_list(&p, 8);
	link_items(&p, item(&p, 20) + LIST, item(&p, 21) + LIST);
	link_items(&p, item(&p, 21) + LIST, item(&p, 22) + LIST);
	link_items(&p, item(&p, 22) + LIST, item(&p, 20) + LIST);
	for (unsigned i = 20; i < 23; i++) {
		tk_put64(p.k, item(&p, 3) + LIST, item(&p, i) + LIST);
		check_list(&p, 4, VR_CORRUPT);
	}
	/* NULL, poison (LIST_POISON1), a place that isn't mapped. */
	tk_put64(p.k, item(&p, 3) + LIST, 0);
	check_list(&p, 4, VR_FAULT);
	tk_put64(p.k, item(&p, 3) + LIST, 0xdead000000000100ull);
	check_list(&p, 4, VR_FAULT);
	tk_put64(p.k, item(&p, 3) + LIST, TK_NOWHERE);
	check_list(&p, 4, VR_FAULT);
	tk_put64(p.k, p.list, TK_NOWHERE);
	check_list(&p, 0, VR_FAULT);
	tk_put64(p.k, p.list, 0);
	check_list(&p, 0, VR_FAULT);
	/* Pages that the dump lacks. */
	make_list(&p, MANY);
	tk_set_page(p.k, tk_phys(p.k, p.items + TK_PAGE), TK_ABSENT);
	check_list(&p, (unsigned)((TK_PAGE - LIST - 8) / sizeof(struct item)) + 1, VR_FAULT);
	tk_free(p.k);
}

static void make_hlist(const struct place *p, unsigned count)
{
	uint64_t last = p->hash;

	for (unsigned i = 0; i < count; i++) {
		tk_put64(p->k, last, item(p, i) + HASH);
		tk_put64(p->k, item(p, i) + HASH + 8, last);
		last = item(p, i) + HASH;
	}
	tk_put64(p->k, last, 0);
}

static void check_hlist(struct place *p, unsigned count, enum vr_err kind)
{
	struct vr_list_walk w;
	unsigned n = 0;

	open_place(p);
	w = vr_hlist_begin(vr_at(p->prog, "struct hlist_head", p->hash), "struct item", "hash");
	for (; n <= count && vr_list_next(&w); n++)
		assert_int_equal(w.entry.addr, item(p, n));
	assert_int_equal(n, count);
	assert_false(vr_list_next(&w));
	tk_expect_cut(p->prog, kind);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_hlist(void **state)
{
	struct place p = make();
	struct vr_list_walk w;
	unsigned n;

	(void)state;
	for (unsigned count = 0; count < 4; count++) {
		make_hlist(&p, count);
		check_hlist(&p, count, VR_OK);
	}
	make_hlist(&p, MANY);
	check_hlist(&p, MANY, VR_OK);
	make_hlist(&p, 5);
	/* What can't be read is no entry. */
	tk_put64(p.k, item(&p, 4) + HASH, TK_NOWHERE);
	check_hlist(&p, 5, VR_FAULT);
	for (unsigned back = 0; back < 5; back++) {
		tk_put64(p.k, item(&p, 4) + HASH, item(&p, back) + HASH);
		open_place(&p);
		w = vr_hlist_begin(vr_at(p.prog, "struct hlist_head", p.hash), "struct item",
				   "hash");
		for (n = 0; vr_list_next(&w); n++)
			assert_true(n < 20);
		assert_true(n >= 5);
		tk_expect_cut(p.prog, VR_CORRUPT);
	}
	tk_free(p.k);
}

/* How many come before the end is found, which is a cut. */
static unsigned walk_cycle(struct place *p, bool hlist)
{
	struct vr_list_walk w;
	unsigned n = 0;

	open_place(p);
	if (hlist)
		w = vr_hlist_begin(vr_at(p->prog, "struct hlist_head", p->hash), "struct item",
				   "hash");
	else
		w = vr_list_begin(vr_at(p->prog, "struct list_head", p->list), "struct item",
				  "list");
	while (vr_list_next(&w))
		assert_true(++n < 10 * MANY);
	tk_expect_cut(p->prog, VR_CORRUPT);
	return n;
}

/* Cycles that never come to the head or an end again, of several lengths and beginnings. */
static void test_cycles(void **state)
{
	struct place p = make();

	(void)state;
	for (unsigned before = 0; before < 40; before += 1 + before / 2) {
		for (unsigned len = 1; len < 60; len += 1 + len / 2) {
			unsigned last = before + len - 1;

			make_list(&p, before + len);
			tk_put64(p.k, item(&p, last) + LIST, item(&p, before) + LIST);
			assert_in_range(walk_cycle(&p, false), before + len, before + len + 1);
			/* All links agree, but for the way in. */
			tk_put64(p.k, item(&p, before) + LIST + 8, item(&p, last) + LIST);
			walk_cycle(&p, false);
			make_hlist(&p, before + len);
			tk_put64(p.k, item(&p, last) + HASH, item(&p, before) + HASH);
			assert_in_range(walk_cycle(&p, true), before + len, 4 * (before + len) + 4);
		}
	}
	tk_free(p.k);
}

/* What can't even begin says so. */
static void test_list_begin_fails(void **state)
{
	struct place p = make();
	struct vr_list_walk w;
	struct vr_obj head;

	(void)state;
	make_list(&p, 3);
	open_place(&p);
	head = vr_at(p.prog, "struct list_head", p.list);
	w = vr_list_begin(head, "struct item", "missing");
	assert_false(vr_list_next(&w));
	tk_expect(p.prog, VR_ABSENT, 0);
	w = vr_list_begin(head, "struct missing", "list");
	assert_false(vr_list_next(&w));
	tk_expect(p.prog, VR_ABSENT, 0);
	w = vr_list_begin(vr_global(p.prog, "missing", "struct list_head"), "struct item", "list");
	assert_false(vr_list_next(&w));
	tk_expect(p.prog, VR_ABSENT, 0);
	w = vr_list_begin(vr_at(p.prog, "struct list_head", TK_NOWHERE), "struct item", "list");
	assert_false(vr_list_next(&w));
	tk_expect_cut(p.prog, VR_FAULT);
	/* A failure in the middle stops it. */
	w = vr_list_begin(head, "struct item", "list");
	assert_true(vr_list_next(&w));
	vr_u64(w.entry, "missing");
	assert_false(vr_list_next(&w));
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_true(vr_list_next(&w));
	tk_free(p.k);
}

/* ---- Trees ---- */

static uint64_t node(const struct place *p, unsigned i)
{
	return item(p, i) + NODE;
}

static void set_parent(const struct place *p, uint64_t child, uint64_t parent)
{
	if (child - p->items < MANY * sizeof(struct item))
		tk_put64(p->k, child, parent | 1);
}

/* Links both ways; a child that is set twice has the later parent. */
static void set_node(const struct place *p, unsigned i, uint64_t left, uint64_t right)
{
	set_parent(p, left, node(p, i));
	set_parent(p, right, node(p, i));
	tk_put64(p->k, node(p, i) + offsetof(struct rb_node, rb_left), left);
	tk_put64(p->k, node(p, i) + offsetof(struct rb_node, rb_right), right);
}

static void set_root(const struct place *p, uint64_t node_addr)
{
	tk_put64(p->k, p->root, node_addr);
	set_parent(p, node_addr, 0);
}

/* A balanced tree of the items first to end - 1: its root. */
static uint64_t make_tree(const struct place *p, unsigned first, unsigned end)
{
	unsigned middle = first + (end - first) / 2;

	if (first == end)
		return 0;
	set_node(p, middle, make_tree(p, first, middle), make_tree(p, middle + 1, end));
	return node(p, middle);
}

/* Walk; returns how many nodes came, which all must be numbered from 0 on as far as in_order. */
static unsigned walk_tree(struct place *p, unsigned in_order, enum vr_err kind)
{
	struct vr_rbtree_walk w;
	unsigned n = 0;

	open_place(p);
	w = vr_rbtree_begin(vr_get(vr_global(p->prog, "heads", "struct heads"), "root"),
			    "struct item", "node");
	for (; vr_rbtree_next(&w); n++) {
		assert_true(n < 10 * MANY);
		if (n < in_order)
			assert_int_equal(vr_u64(w.entry, "number"), n);
	}
	assert_false(vr_rbtree_next(&w));
	tk_expect_cut(p->prog, kind);
	tk_expect(p->prog, VR_OK, 0);
	return n;
}

static void test_tree(void **state)
{
	static const unsigned counts[] = {0, 1, 2, 3, 4, 7, 8, 100, MANY};
	struct place p = make();

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(counts); i++) {
		set_root(&p, make_tree(&p, 0, counts[i]));
		assert_int_equal(walk_tree(&p, counts[i], VR_OK), counts[i]);
	}
	tk_free(p.k);
}

static void test_tree_damaged(void **state)
{
	struct place p = make();

	(void)state;
	/* Chains to the left: as deep as may be, then deeper. */
	for (unsigned depth = VR_RBTREE_DEPTH; depth < VR_RBTREE_DEPTH + 2; depth++) {
		for (unsigned i = 0; i < depth; i++)
			set_node(&p, i, i ? node(&p, i - 1) : 0, 0);
		set_root(&p, node(&p, depth - 1));
		if (depth == VR_RBTREE_DEPTH)
			assert_int_equal(walk_tree(&p, depth, VR_OK), depth);
		else
			assert_int_equal(walk_tree(&p, 0, VR_CORRUPT), 0);
	}
	/* Loops: to the left, to the right, back to the root. */
	set_node(&p, 0, node(&p, 0), 0);
	set_root(&p, node(&p, 0));
	assert_int_equal(walk_tree(&p, 0, VR_CORRUPT), 0);
	set_node(&p, 0, 0, node(&p, 0));
	assert_in_range(walk_tree(&p, 1, VR_CORRUPT), 1, 2);
	set_node(&p, 0, 0, node(&p, 1));
	set_node(&p, 1, 0, node(&p, 2));
	set_node(&p, 2, 0, node(&p, 0));
	assert_in_range(walk_tree(&p, 3, VR_CORRUPT), 3, 12);
	/* A graph of a few nodes with 2^30 ways through it. */
	for (unsigned i = 0; i < 30; i++)
		set_node(&p, i, node(&p, i + 1), node(&p, i + 1));
	set_node(&p, 30, 0, 0);
	assert_in_range(walk_tree(&p, 0, VR_CORRUPT), 1, 1000);
	/* A circle whose links all agree. */
	set_node(&p, 0, 0, node(&p, 1));
	set_node(&p, 1, 0, node(&p, 0));
	assert_in_range(walk_tree(&p, 2, VR_CORRUPT), 2, 12);
	tk_free(p.k);
}

/* The machine died in the middle of a rotation. */
static void test_tree_half_done(void **state)
{
	struct place p = make();

	(void)state;
	set_root(&p, make_tree(&p, 0, 31));
	for (unsigned i = 0; i < 3; i++)
		set_parent(&p, node(&p, 5 * i), node(&p, 999));
	assert_int_equal(walk_tree(&p, 31, VR_OK), 31);
	set_parent(&p, node(&p, 25), node(&p, 999));
	assert_in_range(walk_tree(&p, 16, VR_CORRUPT), 16, 25);
	tk_free(p.k);
}

static void test_tree_faults(void **state)
{
	struct place p = make();

	(void)state;
	tk_put64(p.k, p.root, TK_NOWHERE);
	assert_int_equal(walk_tree(&p, 0, VR_FAULT), 0);
	/* The left side of all can't be read: its parents are not given out of turn. */
	set_root(&p, make_tree(&p, 0, 7));
	set_node(&p, 0, TK_NOWHERE, 0);
	assert_int_equal(walk_tree(&p, 0, VR_FAULT), 0);
	/* The right side can't be: its parent is still given. */
	make_tree(&p, 0, 7);
	set_node(&p, 3, node(&p, 1), TK_NOWHERE);
	assert_int_equal(walk_tree(&p, 4, VR_FAULT), 4);
	tk_put64(p.k, p.root, 3);
	assert_int_equal(walk_tree(&p, 0, VR_FAULT), 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),           cmocka_unit_test(test_list_half_done),
		cmocka_unit_test(test_list_damaged),   cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_hlist),          cmocka_unit_test(test_list_begin_fails),
		cmocka_unit_test(test_tree),           cmocka_unit_test(test_tree_damaged),
		cmocka_unit_test(test_tree_half_done), cmocka_unit_test(test_tree_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
