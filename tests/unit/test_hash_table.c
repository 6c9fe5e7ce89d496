// SPDX-License-Identifier: GPL-2.0-or-later
/* Hash tables of lists, nulls lists and simple chains; struct rhashtable; whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/hash_table.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct hlist_nulls_node { struct hlist_nulls_node *next; struct hlist_nulls_node **pprev; };
	struct hlist_nulls_head { struct hlist_nulls_node *first; };
	struct rhash_head { struct rhash_head *next; };
	struct item {
		unsigned long number; struct hlist_node node; struct hlist_nulls_node nulls;
		struct rhash_head rhash; struct item *next;
	};
	struct bucket { unsigned int lock; struct hlist_head chain; };
	struct nulls_bucket { struct hlist_nulls_head chain; };
	struct rhash_lock_head { int unused; };
	struct bucket_table {
		unsigned int size; unsigned int nest; struct bucket_table *future_tbl;
		struct rhash_lock_head *buckets[4];
	};
	struct rhashtable { struct bucket_table *tbl; };
	struct globals {
		struct bucket lists[1200]; struct nulls_bucket ends[1200]; struct item *chains[4];
		struct rhashtable rhash; struct bucket_table tables[2];
	};
)
/* clang-format on */

#define BUCKETS 1200
#define ITEMS 64

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t globals, items;
};

static uint64_t item(const struct place *p, unsigned i, size_t member)
{
	return p->items + i * sizeof(struct item) + member;
}

static uint64_t list(const struct place *p, unsigned bucket)
{
	return p->globals + offsetof(struct globals, lists) + bucket * sizeof(struct bucket) +
	       offsetof(struct bucket, chain);
}

static uint64_t end(const struct place *p, unsigned bucket)
{
	return p->globals + offsetof(struct globals, ends) + bucket * 8;
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};

	p.globals = tk_global(p.k, "globals", sizeof(struct globals));
	p.items = tk_alloc(p.k, ITEMS * sizeof(struct item));
	for (unsigned i = 0; i < ITEMS; i++)
		tk_put64(p.k, item(&p, i, 0), i);
	for (unsigned i = 0; i < BUCKETS; i++)
		tk_put64(p.k, end(&p, i), i << 1 | 1);
	return p;
}

static void put(struct place *p)
{
	tk_free(p->k);
}

static struct vr_obj globals(struct place *p)
{
	p->prog = tk_open(p->k);
	return vr_global(p->prog, "globals", "struct globals");
}

static void begin_lists(struct place *p, struct vr_hash_walk *w, uint64_t count)
{
	struct vr_hash_table t = vr_hash_table(vr_get(globals(p), "lists[0]"), "chain", count);

	assert_false(t.nulls);
	vr_hash_begin(w, &t, "struct item", "node");
}

static void begin_ends(struct place *p, struct vr_hash_walk *w, uint64_t base)
{
	struct vr_hash_table t = vr_hash_table(vr_get(globals(p), "ends[0]"), "chain", BUCKETS);

	assert_true(t.nulls);
	t.nulls_base = base;
	vr_hash_begin(w, &t, "struct item", "nulls");
}

static void expect(struct vr_hash_walk *w, uint64_t number, uint64_t bucket)
{
	assert_true(vr_hash_next(w));
	assert_int_equal(vr_u64(w->entry, "number"), number);
	assert_int_equal(w->bucket, bucket);
}

static void test_lists(void **state)
{
	struct place p = make();
	struct vr_hash_walk w;

	(void)state;
	begin_lists(&p, &w, BUCKETS);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	/* The first bucket, one in a part of the array that is read later, the last. */
	tk_put64(p.k, list(&p, 0), item(&p, 0, offsetof(struct item, node)));
	tk_put64(p.k, item(&p, 0, offsetof(struct item, node)),
		 item(&p, 1, offsetof(struct item, node)));
	tk_put64(p.k, list(&p, 777), item(&p, 2, offsetof(struct item, node)));
	tk_put64(p.k, list(&p, BUCKETS - 1), item(&p, 3, offsetof(struct item, node)));
	begin_lists(&p, &w, BUCKETS);
	expect(&w, 0, 0);
	expect(&w, 1, 0);
	expect(&w, 2, 777);
	expect(&w, 3, BUCKETS - 1);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	tk_expect(p.prog, VR_OK, 0);
	put(&p);
}

/* What is broken in one bucket is cut there, and the next one follows. */
static void test_lists_damaged(void **state)
{
	struct place p = make();
	struct vr_hash_walk w;
	unsigned n = 0;

	(void)state;
	/* A loop of three. */
	for (unsigned i = 0; i < 3; i++)
		tk_put64(p.k, item(&p, i, offsetof(struct item, node)),
			 item(&p, (i + 1) % 3, offsetof(struct item, node)));
	tk_put64(p.k, list(&p, 5), item(&p, 0, offsetof(struct item, node)));
	tk_put64(p.k, list(&p, 6), item(&p, 9, offsetof(struct item, node)));
	begin_lists(&p, &w, BUCKETS);
	while (vr_hash_next(&w) && w.bucket == 5)
		assert_true(++n < 12);
	assert_int_equal(w.bucket, 6);
	assert_int_equal(vr_u64(w.entry, "number"), 9);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_CORRUPT);
	/* Nowhere; and an odd address, which ends a nulls list only. */
	tk_put64(p.k, list(&p, 5), TK_NOWHERE);
	begin_lists(&p, &w, BUCKETS);
	expect(&w, 9, 6);
	tk_expect_cut(p.prog, VR_FAULT);
	tk_put64(p.k, list(&p, 5), 11);
	begin_lists(&p, &w, BUCKETS);
	expect(&w, 9, 6);
	tk_expect_cut(p.prog, VR_CORRUPT);
	put(&p);
}

static void test_sizes(void **state)
{
	struct place p = make();
	struct vr_hash_walk w;
	struct vr_hash_table t;

	(void)state;
	begin_lists(&p, &w, 0);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	begin_lists(&p, &w, 1ull << 32);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_LIMIT);
	/* An array that isn't there: not all of it is tried. */
	t = vr_hash_table(vr_at(p.prog, "struct bucket", TK_NOWHERE), "chain", 1u << 26);
	vr_hash_begin(&w, &t, "struct item", "node");
	assert_false(vr_hash_next(&w));
	assert_int_equal(w.unread, 16);
	assert_int_equal(p.prog->scope->cuts, 16);
	tk_expect(p.prog, VR_OK, 0);
	vr_hash_begin(&w, &t, "struct item", "missing");
	assert_false(vr_hash_next(&w));
	tk_expect(p.prog, VR_ABSENT, 0);
	put(&p);
}

static void test_nulls(void **state)
{
	struct place p = make();
	struct vr_hash_walk w;
	uint64_t first = item(&p, 0, offsetof(struct item, nulls));

	(void)state;
	tk_put64(p.k, end(&p, 3), first);
	tk_put64(p.k, first, 3 << 1 | 1);
	begin_ends(&p, &w, 0);
	expect(&w, 0, 3);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	/* The mark of another bucket. */
	tk_put64(p.k, first, 4 << 1 | 1);
	begin_ends(&p, &w, 0);
	expect(&w, 0, 3);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_CORRUPT);
	/* NULL, which ends a list in memory that was zeroed. */
	tk_put64(p.k, first, 0);
	begin_ends(&p, &w, 0);
	expect(&w, 0, 3);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	/* Marks that begin elsewhere: here all are wrong. */
	tk_put64(p.k, first, 3 << 1 | 1);
	begin_ends(&p, &w, 1u << 29);
	expect(&w, 0, 3);
	assert_false(vr_hash_next(&w));
	assert_int_equal(p.prog->scope->cuts, BUCKETS);
	tk_expect(p.prog, VR_OK, 0);
	put(&p);
}

/* Entries that lead to each other by a pointer of their own. */
static void test_chains(void **state)
{
	struct place p = make();
	struct vr_hash_walk w;
	struct vr_hash_table t;

	(void)state;
	tk_put64(p.k, p.globals + offsetof(struct globals, chains) + 8, item(&p, 7, 0));
	tk_put64(p.k, item(&p, 7, offsetof(struct item, next)), item(&p, 8, 0));
	t = vr_hash_table(vr_get(globals(&p), "chains[0]"), "", 4);
	vr_hash_begin(&w, &t, "struct item", "next");
	expect(&w, 7, 1);
	expect(&w, 8, 1);
	assert_false(vr_hash_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	put(&p);
}

/* Table 0 or 1 of the rhashtable, the address of its head i. */
static uint64_t rhead(const struct place *p, unsigned table, unsigned i)
{
	return p->globals + offsetof(struct globals, tables) + table * sizeof(struct bucket_table) +
	       offsetof(struct bucket_table, buckets) + i * 8;
}

static void make_rhash(const struct place *p)
{
	uint64_t tables = p->globals + offsetof(struct globals, tables);
	struct bucket_table *t = tk_ptr(p->k, tables);

	t[0].size = t[1].size = 4;
	t[0].future_tbl = tk_va(struct bucket_table, tables + sizeof(*t));
	tk_put64(p->k, p->globals + offsetof(struct globals, rhash), tables);
	/* A chain ends with its head's address and bit 0; a head's bit 0 says that it's locked. */
	tk_put64(p->k, rhead(p, 0, 0), 1);
	tk_put64(p->k, rhead(p, 0, 2), item(p, 4, offsetof(struct item, rhash)) | 1);
	tk_put64(p->k, item(p, 4, offsetof(struct item, rhash)), rhead(p, 0, 2) | 1);
	tk_put64(p->k, rhead(p, 1, 3), item(p, 5, offsetof(struct item, rhash)));
	tk_put64(p->k, item(p, 5, offsetof(struct item, rhash)), rhead(p, 1, 3) | 1);
}

static void begin_rhash(struct place *p, struct vr_rhash_walk *w)
{
	vr_rhash_begin(w, vr_get(globals(p), "rhash"), "struct item", "rhash");
}

static void test_rhash(void **state)
{
	struct place p = make();
	struct vr_rhash_walk w;
	uint64_t tables = p.globals + offsetof(struct globals, tables);
	struct bucket_table *t = tk_ptr(p.k, tables);
	unsigned n = 0;

	(void)state;
	make_rhash(&p);
	begin_rhash(&p, &w);
	assert_true(vr_rhash_next(&w));
	assert_int_equal(vr_u64(w.entry, "number"), 4);
	assert_true(vr_rhash_next(&w));
	assert_int_equal(vr_u64(w.entry, "number"), 5);
	assert_false(vr_rhash_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	/* A table that grows into itself. */
	t[1].future_tbl = tk_va(struct bucket_table, tables);
	begin_rhash(&p, &w);
	while (vr_rhash_next(&w))
		assert_true(++n < 20);
	tk_expect_cut(p.prog, VR_CORRUPT);
	/* Of four billion buckets; of nested ones. */
	t[1].future_tbl = NULL;
	t[1].size = UINT32_MAX;
	t[0].nest = 1;
	begin_rhash(&p, &w);
	assert_false(vr_rhash_next(&w));
	assert_int_equal(p.prog->scope->cuts, 2);
	put(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),  cmocka_unit_test(test_lists_damaged),
		cmocka_unit_test(test_sizes),  cmocka_unit_test(test_nulls),
		cmocka_unit_test(test_chains), cmocka_unit_test(test_rhash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
