// SPDX-License-Identifier: GPL-2.0-or-later
/* Walking maple trees: what they hold, and what is left of damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernel/irq.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	enum maple_type { maple_dense, maple_leaf_64, maple_range_64, maple_arange_64 };
	struct maple_metadata { unsigned char end, gap; };
	struct maple_range_64 {
		void *parent; unsigned long pivot[15];
		union { void *slot[16]; struct { void *pad[15]; struct maple_metadata meta; }; };
	};
	struct maple_arange_64 {
		void *parent; unsigned long pivot[9]; void *slot[10]; unsigned long gap[10];
		struct maple_metadata meta;
	};
	struct maple_node {
		union {
			struct { void *parent; void *slot[31]; };
			struct maple_range_64 mr64; struct maple_arange_64 ma64;
		};
	};
	struct maple_tree { unsigned int ma_lock, ma_flags; void *ma_root; };
	struct irq_desc { int irq; };
)
/* clang-format on */

#define NODE 256
#define END UINT64_MAX

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t tree, nodes;
	unsigned used;
};

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};

	p.tree = tk_global(p.k, "sparse_irqs", sizeof(struct maple_tree));
	p.nodes = tk_alloc(p.k, 64 * NODE);
	return p;
}

/* A pointer to a node, as slots and the tree have it (lib/maple_tree.c:mt_mk_node()). */
static uint64_t enode(uint64_t node, enum maple_type type)
{
	return node | (uint64_t)type << 3 | 4;
}

static uint64_t new_node(struct place *p, uint64_t parent)
{
	uint64_t va = p->nodes + NODE * p->used++;

	assert_true(p->used <= 64);
	tk_put64(p->k, va, parent ? parent | 6 : p->tree | 1);
	return va;
}

static void set_root(struct place *p, uint64_t node, enum maple_type type)
{
	struct maple_tree *tree = tk_ptr(p->k, p->tree);

	tree->ma_root = tk_va(void, enode(node, type) | 2);
}

static void set_slot(struct place *p, uint64_t node, enum maple_type type, unsigned slot,
		     uint64_t pivot, uint64_t entry)
{
	bool wide = type == maple_arange_64;
	uint64_t slots = wide ? offsetof(struct maple_arange_64, slot)
			      : offsetof(struct maple_range_64, slot);

	if (slot < (wide ? 9 : 15))
		tk_put64(p->k, node + 8 + 8 * slot, pivot);
	tk_put64(p->k, node + slots + 8 * slot, entry);
}

/* Two leaves and what is between: [0,9] none, [10,10] A, [11,19] B | [20,99] C, [100,end] none. */
static struct place make_tree(enum maple_type top)
{
	struct place p = make();
	uint64_t root = new_node(&p, 0), one = new_node(&p, root), two = new_node(&p, root);

	set_root(&p, root, top);
	set_slot(&p, root, top, 0, 19, enode(one, maple_leaf_64));
	set_slot(&p, root, top, 1, END, enode(two, maple_leaf_64));
	set_slot(&p, one, maple_leaf_64, 0, 9, 0);
	set_slot(&p, one, maple_leaf_64, 1, 10, 0xffff888000001000);
	set_slot(&p, one, maple_leaf_64, 2, 19, 0xffff888000002000);
	set_slot(&p, two, maple_leaf_64, 0, 99, 0x15); /* a value */
	set_slot(&p, two, maple_leaf_64, 1, 0, 0);     /* up to the node's end */
	return p;
}

static uint64_t leaf(const struct place *p, unsigned i)
{
	return p->nodes + NODE * (1 + i);
}

static void check(struct place *p, const char *want, enum vr_err kind)
{
	VR_STRBUF got = {0};
	struct vr_maple_walk w;

	p->prog = tk_open(p->k);
	vr_maple_begin(vr_at(p->prog, "struct maple_tree", p->tree), &w);
	while (vr_maple_next(&w) && got.len < 4000)
		vr_strbuf_printf(&got, "%llx-%llx:%llx ", (unsigned long long)w.first,
				 (unsigned long long)w.last,
				 (unsigned long long)w.entry & 0xffffff);
	assert_false(vr_maple_next(&w));
	assert_string_equal(vr_strbuf_str(&got), want);
	if (p->prog->scope->cut.kind != kind)
		fail_msg("%s: %s", vr_err_name(p->prog->scope->cut.kind), p->prog->scope->cut.text);
	p->prog->scope->cuts = 0;
	p->prog->scope->cut = (struct vr_error){0};
	tk_expect(p->prog, VR_OK, 0);
}

static void test_small(void **state)
{
	struct place p = make();
	struct maple_tree *tree = tk_ptr(p.k, p.tree);

	(void)state;
	check(&p, "", VR_OK);
	tree->ma_root = tk_va(void, 0xffff888000001000);
	check(&p, "0-0:1000 ", VR_OK);
	tree->ma_root = tk_va(void, 0x15);
	check(&p, "0-0:15 ", VR_OK);
	tree->ma_root = tk_va(void, 0x402); /* a mark */
	check(&p, "", VR_OK);
	tk_free(p.k);
}

static void test_tree(void **state)
{
	static const char all[] = "a-a:1000 b-13:2000 14-63:15 ";
	struct place p = make_tree(maple_range_64);

	(void)state;
	check(&p, all, VR_OK);
	tk_free(p.k);
	p = make_tree(maple_arange_64);
	check(&p, all, VR_OK);
	/* A mark in a slot is no entry. */
	set_slot(&p, leaf(&p, 0), maple_leaf_64, 0, 9, 0x406);
	check(&p, all, VR_OK);
	tk_free(p.k);
}

/* All slots in use: the last has no pivot of its own, and no room is left for what else it holds.
 */
static void test_full_leaf(void **state)
{
	struct place p = make();
	uint64_t root = new_node(&p, 0);
	VR_STRBUF want = {0};

	(void)state;
	set_root(&p, root, maple_leaf_64);
	for (unsigned i = 0; i < 16; i++)
		set_slot(&p, root, maple_leaf_64, i, i, 0x1001 + 2 * i);
	for (unsigned i = 0; i < 15; i++)
		vr_strbuf_printf(&want, "%x-%x:%x ", i, i, 0x1001 + 2 * i);
	vr_strbuf_puts(&want, "f-ffffffffffffffff:101f ");
	check(&p, vr_strbuf_str(&want), VR_OK);
	tk_free(p.k);
}

static void test_damaged(void **state)
{
	struct place p = make_tree(maple_range_64);
	const uint64_t root = p.nodes, one = leaf(&p, 0), two = leaf(&p, 1);
	uint64_t old;

	(void)state;
	/* A node that can't be had costs what is in it. */
	set_slot(&p, root, maple_range_64, 0, 19, enode(TK_NOWHERE, maple_leaf_64));
	check(&p, "14-63:15 ", VR_FAULT);
	set_slot(&p, root, maple_range_64, 0, 19, 0);
	check(&p, "14-63:15 ", VR_CORRUPT);
	set_slot(&p, root, maple_range_64, 0, 19, enode(one, maple_dense));
	check(&p, "14-63:15 ", VR_CORRUPT);
	set_slot(&p, root, maple_range_64, 0, 19, one | 15 << 3);
	check(&p, "14-63:15 ", VR_CORRUPT);
	/* One that hangs elsewhere, among those itself and its parent. */
	set_slot(&p, root, maple_range_64, 0, 19, enode(root, maple_range_64));
	check(&p, "14-63:15 ", VR_CORRUPT);
	set_slot(&p, root, maple_range_64, 0, 19, enode(one, maple_leaf_64));
	old = tk_get64(p.k, one);
	tk_put64(p.k, one, two);
	check(&p, "14-63:15 ", VR_CORRUPT);
	tk_put64(p.k, one, old);
	/* Pivots out of order, or beyond the node. */
	set_slot(&p, one, maple_leaf_64, 1, 8, 0x1001);
	check(&p, "14-63:15 ", VR_CORRUPT);
	set_slot(&p, one, maple_leaf_64, 1, 20, 0x1001);
	check(&p, "14-63:15 ", VR_CORRUPT);
	/* A root that is none. */
	tk_put64(p.k, root, two | 6);
	check(&p, "", VR_CORRUPT);
	tk_put64(p.k, root, p.tree | 1);
	set_root(&p, TK_NOWHERE, maple_leaf_64);
	check(&p, "", VR_FAULT);
	tk_free(p.k);
}

/* A chain of nodes, each the only child of the one before. */
static void test_deep(void **state)
{
	struct place p = make();
	uint64_t node = new_node(&p, 0), child;

	(void)state;
	set_root(&p, node, maple_range_64);
	for (int i = 0; i < 40; i++, node = child) {
		child = new_node(&p, node);
		set_slot(&p, node, maple_range_64, 0, END, enode(child, maple_range_64));
	}
	check(&p, "", VR_CORRUPT);
	tk_free(p.k);
}

static void test_bit_flips(void **state)
{
	struct place p = make_tree(maple_arange_64);

	(void)state;
	srand(77);
	for (int i = 0; i < 400; i++) {
		uint64_t at = p.nodes + (uint64_t)(rand() % (3 * NODE / 8)) * 8;
		uint64_t old = tk_get64(p.k, at);
		struct vr_maple_walk w;
		unsigned n = 0;

		tk_put64(p.k, at, old ^ 1ull << rand() % 64);
		p.prog = tk_open(p.k);
		vr_maple_begin(vr_at(p.prog, "struct maple_tree", p.tree), &w);
		while (vr_maple_next(&w)) {
			assert_true(w.first <= w.last);
			assert_true(n++ < 100);
		}
		tk_put64(p.k, at, old);
	}
	tk_free(p.k);
}

static void test_irqs(void **state)
{
	struct place p = make();
	uint64_t root = new_node(&p, 0);
	struct vr_irq_walk w;

	(void)state;
	set_root(&p, root, maple_leaf_64);
	set_slot(&p, root, maple_leaf_64, 0, 0, tk_alloc(p.k, 64));
	set_slot(&p, root, maple_leaf_64, 1, 8, 0);
	set_slot(&p, root, maple_leaf_64, 2, 9, tk_alloc(p.k, 64));
	set_slot(&p, root, maple_leaf_64, 3, 0, 0);
	p.prog = tk_open(p.k);
	vr_irq_walk_begin(p.prog, &w);
	assert_true(vr_irq_walk_next(&w));
	assert_int_equal(w.irq, 0);
	assert_true(vr_irq_walk_next(&w));
	assert_int_equal(w.irq, 9);
	assert_string_equal(vr_type_name(w.desc.type), "irq_desc");
	assert_false(vr_irq_walk_next(&w));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),     cmocka_unit_test(test_tree),
		cmocka_unit_test(test_full_leaf), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_deep),      cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_irqs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
