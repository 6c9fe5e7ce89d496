// SPDX-License-Identifier: GPL-2.0-or-later
/* XArrays and IDRs, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/xarray.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct xarray { unsigned int xa_lock; unsigned int xa_flags; void *xa_head; };
	struct xa_node {
		unsigned char shift, offset, count, nr_values;
		struct xa_node *parent; struct xarray *array; void *slots[64];
	};
	struct idr { struct xarray idr_rt; unsigned int idr_base, idr_next; };
)
/* clang-format on */

/* CONFIG_BASE_SMALL, and a size that no kernel has. */
static const char small_types[] =
	"struct xarray { unsigned int xa_lock; unsigned int xa_flags; void *xa_head; };"
	"struct xa_node { unsigned char shift, offset, count, nr_values; struct xa_node *parent;"
	"	struct xarray *array; void *slots[16]; };";
static const char odd_types[] =
	"struct xarray { unsigned int xa_lock; unsigned int xa_flags; void *xa_head; };"
	"struct xa_node { unsigned char shift, offset, count, nr_values; struct xa_node *parent;"
	"	struct xarray *array; void *slots[48]; };";

#define SLOTS offsetof(struct xa_node, slots)
#define PARENT offsetof(struct xa_node, parent)
#define VALUE(x) ((uint64_t)(x) << 1 | 1) /* xa_mk_value() */
#define INTERNAL(x) ((uint64_t)(x) << 2 | 2)

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t xa, head; /* a struct idr, and its xa_head */
	unsigned bits;     /* of an index, per level */
	uint64_t leaf;     /* the last node that store() came to */
};

static struct place make(const char *text, unsigned bits)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = text}), .bits = bits};

	p.xa = tk_global(p.k, "xa", sizeof(struct idr));
	p.head = p.xa + offsetof(struct xarray, xa_head);
	return p;
}

static uint64_t new_node(struct place *p, unsigned shift, unsigned offset, uint64_t parent)
{
	uint64_t node = tk_alloc(p->k, SLOTS + (8ull << p->bits));
	struct xa_node *n = tk_ptr(p->k, node);

	n->shift = (unsigned char)shift;
	n->offset = (unsigned char)offset;
	n->parent = tk_va(struct xa_node, parent);
	return node;
}

static unsigned shift_of(struct place *p, uint64_t node)
{
	return ((struct xa_node *)tk_ptr(p->k, node))->shift;
}

/* As the kernel does: the head is the entry itself, or the tallest node that is needed. */
static void store(struct place *p, uint64_t index, uint64_t entry)
{
	uint64_t head = tk_get64(p->k, p->head), node;

	if (!head && !index) {
		tk_put64(p->k, p->head, entry);
		return;
	}
	if ((head & 3) != 2) {
		node = new_node(p, 0, 0, 0);
		tk_put64(p->k, node + SLOTS, head);
		tk_put64(p->k, p->head, node + 2);
	}
	for (node = tk_get64(p->k, p->head) - 2; index >> shift_of(p, node) >> p->bits;) {
		uint64_t taller = new_node(p, shift_of(p, node) + p->bits, 0, 0);

		tk_put64(p->k, taller + SLOTS, node + 2);
		tk_put64(p->k, node + PARENT, taller);
		tk_put64(p->k, p->head, taller + 2);
		node = taller;
	}
	for (unsigned shift = shift_of(p, node); shift; shift -= p->bits) {
		uint64_t slot = index >> shift & ((1u << p->bits) - 1);
		uint64_t at = node + SLOTS + 8 * slot;

		if (!tk_get64(p->k, at))
			tk_put64(p->k, at, new_node(p, shift - p->bits, (unsigned)slot, node) + 2);
		node = tk_get64(p->k, at) - 2;
	}
	tk_put64(p->k, node + SLOTS + 8 * (index & ((1u << p->bits) - 1)), entry);
	p->leaf = node;
}

static struct vr_obj open_xa(struct place *p)
{
	p->prog = tk_open(p->k);
	return vr_global(p->prog, "xa", "struct xarray");
}

static void expect_next(struct vr_xarray_walk *w, uint64_t index, uint64_t entry)
{
	assert_true(vr_xarray_next(w));
	assert_int_equal(w->index, index);
	assert_int_equal(w->entry, entry);
}

/* The walk gives just these, a load of each the same, and its neighbours what there is. */
static void check_entries(struct place *p, const uint64_t *indexes, size_t count)
{
	struct vr_obj xa = open_xa(p);
	struct vr_xarray_walk w = vr_xarray_begin(xa);

	for (size_t i = 0; i < count; i++) {
		expect_next(&w, indexes[i], VALUE(i));
		assert_true(vr_xa_is_value(w.entry));
		assert_int_equal(vr_xarray_load(xa, indexes[i]), VALUE(i));
		if (i + 1 < count && indexes[i + 1] != indexes[i] + 1)
			assert_int_equal(vr_xarray_load(xa, indexes[i] + 1), 0);
		if (i && indexes[i - 1] != indexes[i] - 1)
			assert_int_equal(vr_xarray_load(xa, indexes[i] - 1), 0);
	}
	assert_false(vr_xarray_next(&w));
	assert_false(vr_xarray_next(&w));
	if (!count || indexes[count - 1] != UINT64_MAX)
		assert_int_equal(vr_xarray_load(xa, UINT64_MAX), 0);
	tk_expect_cut(p->prog, VR_OK);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_entries(void **state)
{
	static const uint64_t sparse[] = {
		0, 1, 5, 63, 64, 65, 127, 4095, 4096, 4097, 262143, 262144, 1u << 30, 0xffffffff,
	};
	static const uint64_t huge[] = {0, 1, 1ull << 40, 1ull << 60, 1ull << 63, UINT64_MAX};
	static const uint64_t not_zero[] = {3}, zero[] = {0};

	(void)state;
	for (unsigned bits = 4; bits <= 6; bits += 2) {
		const char *text = bits == 6 ? types : small_types;
		struct place p = make(text, bits);
		uint64_t dense[500];

		check_entries(&p, NULL, 0);
		store(&p, 0, VALUE(0));
		check_entries(&p, zero, 1);
		tk_free(p.k);

		p = make(text, bits);
		store(&p, 3, VALUE(0));
		check_entries(&p, not_zero, 1);
		tk_free(p.k);

		p = make(text, bits);
		for (size_t i = 0; i < VR_ARRAY_SIZE(sparse); i++)
			store(&p, sparse[i], VALUE(i));
		check_entries(&p, sparse, VR_ARRAY_SIZE(sparse));
		tk_free(p.k);

		p = make(text, bits);
		for (size_t i = 0; i < VR_ARRAY_SIZE(huge); i++)
			store(&p, huge[i], VALUE(i));
		check_entries(&p, huge, VR_ARRAY_SIZE(huge));
		tk_free(p.k);

		p = make(text, bits);
		for (size_t i = 0; i < VR_ARRAY_SIZE(dense); i++) {
			dense[i] = 7000 + i;
			store(&p, dense[i], VALUE(i));
		}
		check_entries(&p, dense, VR_ARRAY_SIZE(dense));
		tk_free(p.k);
	}
}

/* Pointers, siblings of an entry of several indexes, and the marks that are no entries. */
static void test_kinds_of_entries(void **state)
{
	struct place p = make(types, 6);
	struct vr_xarray_walk w;
	struct vr_obj xa;

	(void)state;
	store(&p, 64, 0xffff888000001000); /* a pointer, at indexes 64 to 67 */
	for (uint64_t i = 65; i < 68; i++)
		store(&p, i, INTERNAL(0));
	store(&p, 70, INTERNAL(256)); /* XA_RETRY_ENTRY */
	store(&p, 71, INTERNAL(257)); /* XA_ZERO_ENTRY */
	store(&p, 72, VALUE(0));
	store(&p, 73, 0xffffffffffffff06); /* an error, xa_mk_internal(-n): no node either */
	store(&p, 100, 0xffff888000002000);
	xa = open_xa(&p);
	w = vr_xarray_begin(xa);
	expect_next(&w, 64, 0xffff888000001000);
	assert_false(vr_xa_is_value(w.entry));
	expect_next(&w, 72, VALUE(0));
	expect_next(&w, 100, 0xffff888000002000);
	assert_false(vr_xarray_next(&w));
	for (uint64_t i = 64; i < 68; i++)
		assert_int_equal(vr_xarray_load(xa, i), 0xffff888000001000);
	for (uint64_t i = 68; i < 72; i++)
		assert_int_equal(vr_xarray_load(xa, i), 0);
	tk_expect_cut(p.prog, VR_OK);
	tk_expect(p.prog, VR_OK, 0);
	/* A whole entry at a higher level covers all indexes below it. */
	store(&p, 4096, VALUE(9));
	tk_put64(p.k, tk_get64(p.k, p.head) - 2 + SLOTS + 8, 0xffff888000003000);
	xa = open_xa(&p);
	assert_int_equal(vr_xarray_load(xa, 4096), 0xffff888000003000);
	assert_int_equal(vr_xarray_load(xa, 8191), 0xffff888000003000);
	assert_int_equal(vr_xarray_load(xa, 100), 0xffff888000002000);
	/* The head may be a mark, too. */
	tk_put64(p.k, p.head, INTERNAL(257));
	xa = open_xa(&p);
	w = vr_xarray_begin(xa);
	assert_false(vr_xarray_next(&w));
	assert_int_equal(vr_xarray_load(xa, 0), 0);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* Walk to the end: how many came; and a load fails where the walk was cut. */
static unsigned walk(struct place *p, enum vr_err kind, uint64_t bad_index)
{
	struct vr_obj xa = open_xa(p);
	struct vr_xarray_walk w = vr_xarray_begin(xa);
	unsigned n = 0;

	while (vr_xarray_next(&w))
		assert_true(n++ < 10000);
	tk_expect_cut(p->prog, kind);
	tk_expect(p->prog, VR_OK, 0);
	assert_int_equal(vr_xarray_load(xa, bad_index), 0);
	tk_expect_cut(p->prog, VR_OK);
	tk_expect(p->prog, kind, 0);
	return n;
}

static void test_damaged(void **state)
{
	struct place p = make(types, 6);
	struct xa_node *head, *leaf;
	uint64_t node, old, leaf_slot;

	(void)state;
	for (uint64_t i = 0; i < 4096; i += 32)
		store(&p, i, VALUE(i));
	node = tk_get64(p.k, p.head) - 2;
	head = tk_ptr(p.k, node);
	leaf = tk_ptr(p.k, p.leaf);
	leaf_slot = p.leaf + SLOTS + 8;
	assert_int_equal(head->shift, 6);

	/* Levels that can't be. */
	leaf->shift = 6;
	assert_int_equal(walk(&p, VR_CORRUPT, 4095), 126);
	leaf->shift = 12;
	assert_int_equal(walk(&p, VR_CORRUPT, 4095), 126);
	leaf->shift = 0;
	head->shift = 5;
	assert_int_equal(walk(&p, VR_CORRUPT, 0), 0);
	head->shift = 66;
	assert_int_equal(walk(&p, VR_CORRUPT, 0), 0);
	head->shift = 255;
	assert_int_equal(walk(&p, VR_CORRUPT, 0), 0);
	/* Of shift 0, so that what it holds can't be nodes: they are passed over. */
	head->shift = 0;
	assert_int_equal(vr_xarray_load(open_xa(&p), 5), 0);
	tk_expect(p.prog, VR_OK, 0);
	head->shift = 6;

	/* Nodes that hang elsewhere. */
	leaf->offset = 62;
	assert_int_equal(walk(&p, VR_CORRUPT, 4095), 126);
	leaf->offset = 63;
	leaf->parent = leaf;
	assert_int_equal(walk(&p, VR_CORRUPT, 4095), 126);
	leaf->parent = head->parent;
	assert_int_equal(walk(&p, VR_CORRUPT, 4095), 126);
	leaf->parent = tk_va(struct xa_node, node);

	/* What can't be read. */
	old = tk_get64(p.k, node + SLOTS + 8);
	tk_put64(p.k, node + SLOTS + 8, TK_NOWHERE + 2);
	assert_int_equal(walk(&p, VR_FAULT, 64), 2);
	tk_put64(p.k, node + SLOTS + 8, old);
	tk_put64(p.k, p.head, TK_NOWHERE + 2);
	assert_int_equal(walk(&p, VR_FAULT, 0), 0);
	tk_put64(p.k, p.head, node + 2);

	/* Markers where an entry is to be loaded: a sibling of a sibling. */
	tk_put64(p.k, leaf_slot, INTERNAL(2));
	tk_put64(p.k, leaf_slot + 8, INTERNAL(1));
	assert_int_equal(vr_xarray_load(open_xa(&p), 4032 + 1), 0);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* Seventeen levels, all of whose slots lead to the same node below: 16^17 ways. */
static void test_graph(void **state)
{
	struct place p = make(small_types, 4);
	uint64_t below = 0;

	(void)state;
	for (unsigned shift = 0; shift <= 60; shift += 4) {
		uint64_t node = new_node(&p, shift, 15, 0);

		for (unsigned i = 0; i < 16 && below; i++)
			tk_put64(p.k, node + SLOTS + 8 * i, below + 2);
		if (below)
			tk_put64(p.k, below + PARENT, node);
		below = node;
	}
	tk_put64(p.k, p.head, below + 2);
	assert_int_equal(walk(&p, VR_CORRUPT, 0), 0);
	/* And a node that leads to itself. */
	for (unsigned i = 0; i < 16; i++)
		tk_put64(p.k, below + SLOTS + 8 * i, below + 2);
	assert_int_equal(walk(&p, VR_CORRUPT, 0), 0);
	tk_free(p.k);
}

static void test_begin_fails(void **state)
{
	struct place p = make(odd_types, 6);
	struct vr_xarray_walk w;
	struct vr_obj xa;

	(void)state;
	store(&p, 5, VALUE(1));
	xa = open_xa(&p);
	w = vr_xarray_begin(xa);
	assert_false(vr_xarray_next(&w));
	tk_expect(p.prog, VR_CORRUPT, 0);
	assert_int_equal(vr_xarray_load(xa, 5), 0);
	tk_expect(p.prog, VR_CORRUPT, 0);
	w = vr_xarray_begin(vr_at(p.prog, "struct xarray", TK_NOWHERE));
	assert_false(vr_xarray_next(&w));
	tk_expect(p.prog, VR_FAULT, 0);
	w = vr_xarray_begin(vr_global(p.prog, "missing", "struct xarray"));
	assert_false(vr_xarray_next(&w));
	tk_expect(p.prog, VR_ABSENT, 0);
	tk_free(p.k);
	p = make("struct xarray { void *xa_head; };", 6);
	xa = open_xa(&p);
	w = vr_xarray_begin(xa);
	assert_false(vr_xarray_next(&w));
	tk_expect(p.prog, VR_ABSENT, 0);
	tk_free(p.k);
}

static void test_idr(void **state)
{
	struct place p = make(types, 6);
	struct vr_xarray_walk w;
	struct idr *idr = tk_ptr(p.k, p.xa);

	(void)state;
	/* A single entry, then several; ids count from idr_base on. */
	idr->idr_base = 1;
	store(&p, 0, 0xffff888000001000);
	p.prog = tk_open(p.k);
	w = vr_idr_begin(vr_at(p.prog, "struct idr", p.xa));
	expect_next(&w, 1, 0xffff888000001000);
	assert_false(vr_xarray_next(&w));
	store(&p, 4999, 0xffff888000002000);
	p.prog = tk_open(p.k);
	w = vr_idr_begin(vr_at(p.prog, "struct idr", p.xa));
	expect_next(&w, 1, 0xffff888000001000);
	expect_next(&w, 5000, 0xffff888000002000);
	assert_false(vr_xarray_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),     cmocka_unit_test(test_kinds_of_entries),
		cmocka_unit_test(test_damaged),     cmocka_unit_test(test_graph),
		cmocka_unit_test(test_begin_fails), cmocka_unit_test(test_idr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
