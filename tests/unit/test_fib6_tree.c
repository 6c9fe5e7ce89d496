// SPDX-License-Identifier: GPL-2.0-or-later
/* IPv6's trees of routes, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/fib6_tree.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct fib6_info { struct fib6_info *fib6_next; unsigned long number; };
	struct fib6_node {
		struct fib6_node *left, *right, *subtree; struct fib6_info *leaf;
		unsigned short fn_bit; unsigned short fn_flags;
	};
	struct fib6_table { struct hlist_node tb6_hlist; struct fib6_node tb6_root; };
	struct netns_ipv6 { struct hlist_head *fib_table_hash; };
	struct net { struct netns_ipv6 ipv6; };
)
/* clang-format on */

#define NODES 8

/* A table with a root and nodes, each with a route of its own number; tests link them. */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t net, table, nodes, routes;
};

static uint64_t node(const struct place *p, unsigned i)
{
	return i ? p->nodes + i * sizeof(struct fib6_node)
		 : p->table + offsetof(struct fib6_table, tb6_root);
}

static uint64_t route(const struct place *p, unsigned i)
{
	return p->routes + i * sizeof(struct fib6_info);
}

static struct fib6_node *at(const struct place *p, unsigned i)
{
	return tk_ptr(p->k, node(p, i));
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t heads = tk_alloc(p.k, 8);

	p.net = tk_global(p.k, "init_net", sizeof(struct net));
	p.table = tk_alloc(p.k, sizeof(struct fib6_table));
	p.nodes = tk_alloc(p.k, NODES * sizeof(struct fib6_node));
	p.routes = tk_alloc(p.k, 2 * NODES * sizeof(struct fib6_info));
	tk_put64(p.k, p.net, heads);
	tk_put64(p.k, heads, p.table);
	for (unsigned i = 0; i < NODES; i++) {
		at(&p, i)->leaf = tk_va(struct fib6_info, route(&p, i));
		at(&p, i)->fn_flags = 4;
		at(&p, i)->fn_bit = (unsigned short)(16 * i);
	}
	for (unsigned i = 0; i < 2 * NODES; i++)
		tk_put64(p.k, route(&p, i) + 8, i);
	return p;
}

/* Walk, and expect the routes of these numbers and then an end of this kind. */
static void check_walk(struct place *p, const char *numbers, enum vr_err kind)
{
	struct vr_fib6_tables tables;
	struct vr_fib6_walk w;

	p->prog = tk_open(p->k);
	vr_fib6_tables_begin(&tables, vr_global(p->prog, "init_net", "struct net"));
	assert_true(vr_fib6_table_next(&tables));
	vr_fib6_begin(&w, tables.table);
	for (; *numbers; numbers++) {
		assert_true(vr_fib6_next(&w));
		assert_int_equal(vr_u64(w.route, "number"), *numbers - '0');
	}
	assert_false(vr_fib6_next(&w));
	assert_false(vr_fib6_table_next(&tables));
	tk_expect_cut(p->prog, kind);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_tree(void **state)
{
	struct place p = make();

	(void)state;
	check_walk(&p, "0", VR_OK);
	/* Subtrees first, then left and right, then a node's own, of which one has two. */
	at(&p, 0)->left = tk_va(struct fib6_node, node(&p, 1));
	at(&p, 0)->right = tk_va(struct fib6_node, node(&p, 2));
	at(&p, 1)->right = tk_va(struct fib6_node, node(&p, 3));
	at(&p, 2)->subtree = tk_va(struct fib6_node, node(&p, 4));
	at(&p, 4)->fn_bit = 0;
	at(&p, 4)->left = tk_va(struct fib6_node, node(&p, 5));
	at(&p, 3)->fn_flags = 0; /* none */
	tk_put64(p.k, route(&p, 1), route(&p, 9));
	check_walk(&p, "195420", VR_OK);
	tk_free(p.k);
}

static void test_tree_damaged(void **state)
{
	struct place p = make();

	(void)state;
	/* Nodes that are above themselves: its own child, its own subtree, a subtree's. */
	at(&p, 0)->left = tk_va(struct fib6_node, node(&p, 0));
	at(&p, 0)->right = tk_va(struct fib6_node, node(&p, 1));
	check_walk(&p, "10", VR_CORRUPT);
	at(&p, 0)->left = tk_va(struct fib6_node, node(&p, 2));
	at(&p, 2)->left = tk_va(struct fib6_node, node(&p, 1));
	check_walk(&p, "210", VR_CORRUPT);
	at(&p, 2)->left = NULL;
	at(&p, 2)->subtree = tk_va(struct fib6_node, node(&p, 3));
	at(&p, 3)->subtree = tk_va(struct fib6_node, node(&p, 2));
	check_walk(&p, "3210", VR_CORRUPT);
	at(&p, 3)->subtree = NULL;
	/* Nowhere. */
	at(&p, 2)->subtree = tk_va(struct fib6_node, TK_NOWHERE);
	check_walk(&p, "210", VR_FAULT);
	at(&p, 2)->subtree = NULL;
	at(&p, 2)->leaf = tk_va(struct fib6_info, TK_NOWHERE);
	check_walk(&p, "10", VR_FAULT);
	at(&p, 2)->leaf = NULL;
	check_walk(&p, "10", VR_OK);
	tk_free(p.k);
}

/* A route that is its own next. */
static void test_routes_loop(void **state)
{
	struct place p = make();
	struct vr_fib6_walk w;
	unsigned n = 0;

	(void)state;
	tk_put64(p.k, route(&p, 0), route(&p, 9));
	tk_put64(p.k, route(&p, 9), route(&p, 0));
	p.prog = tk_open(p.k);
	vr_fib6_begin(&w, vr_at(p.prog, "struct fib6_table", p.table));
	while (vr_fib6_next(&w))
		assert_true(++n < 12);
	assert_true(n >= 2);
	tk_expect_cut(p.prog, VR_CORRUPT);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_tree_damaged),
		cmocka_unit_test(test_routes_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
