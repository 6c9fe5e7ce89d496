// SPDX-License-Identifier: GPL-2.0-or-later
/* IPv4's tries of routes, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/fib_trie.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct key_vector {
		unsigned int key; unsigned char pos; unsigned char bits; unsigned char slen;
		union { struct hlist_head leaf; struct key_vector *tnode[1]; };
	};
	struct tnode {
		unsigned int empty_children; unsigned int full_children; struct key_vector *parent;
		struct key_vector kv[1];
	};
	struct trie { struct key_vector kv[1]; };
	struct fib_alias { struct hlist_node fa_list; int number; };
	struct fib_table { struct hlist_node tb_hlist; unsigned int tb_id; unsigned long *tb_data; };
	struct netns_ipv4 { struct hlist_head *fib_table_hash; };
	struct net { struct netns_ipv4 ipv4; };
)
/* clang-format on */

/* Two tables in buckets 0 and 1; the first one's trie is tests' to fill. */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t net, tables, trie;
};

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t heads = tk_alloc(p.k, 2 * 8);
	struct fib_table *t;

	p.net = tk_global(p.k, "init_net", sizeof(struct net));
	p.tables = tk_alloc(p.k, 2 * sizeof(*t));
	p.trie = tk_alloc(p.k, sizeof(struct trie));
	tk_put64(p.k, p.net, heads);
	t = tk_ptr(p.k, p.tables);
	for (unsigned i = 0; i < 2; i++) {
		tk_put64(p.k, heads + 8 * i, p.tables + i * sizeof(*t));
		t[i].tb_id = 255 - i;
	}
	t[0].tb_data = tk_va(unsigned long, p.trie);
	((struct trie *)tk_ptr(p.k, p.trie))->kv[0].pos = VR_FIB_KEY_BITS;
	return p;
}

/* A node with room for its children, or a leaf where it has no bits: its address. */
static uint64_t make_node(struct place *p, uint32_t key, unsigned pos, unsigned bits)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct tnode) + (8ull << bits)) +
		      (bits ? offsetof(struct tnode, kv) : 0);
	struct key_vector *kv = tk_ptr(p->k, va);

	kv->key = key;
	kv->pos = (unsigned char)pos;
	kv->bits = (unsigned char)bits;
	return va;
}

static void set_child(struct place *p, uint64_t node, unsigned i, uint64_t child)
{
	tk_put64(p->k, node + offsetof(struct key_vector, tnode) + 8 * i, child);
}

static void begin(struct place *p, struct vr_fib_walk *w)
{
	p->prog = tk_open(p->k);
	vr_fib_begin(w, vr_at(p->prog, "struct fib_table", p->tables));
}

static void expect(struct vr_fib_walk *w, uint32_t key, unsigned bits, unsigned depth)
{
	assert_true(vr_fib_next(w));
	assert_int_equal(w->key, key);
	assert_int_equal(w->bits, bits);
	assert_int_equal(w->depth, depth);
}

static void test_tables(void **state)
{
	struct place p = make();
	struct vr_fib_tables w;
	struct vr_obj net;

	(void)state;
	p.prog = tk_open(p.k);
	net = vr_global(p.prog, "init_net", "struct net");
	vr_fib_tables_begin(&w, net);
	assert_true(vr_fib_table_next(&w));
	assert_int_equal(w.id, VR_RT_TABLE_LOCAL);
	/* The other one has no trie. */
	assert_false(vr_fib_table_next(&w));
	assert_true(vr_fib_table_find(net, VR_RT_TABLE_LOCAL).addr == p.tables);
	assert_false(vr_ok(vr_fib_table_find(net, VR_RT_TABLE_MAIN)));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_trie(void **state)
{
	struct place p = make();
	struct vr_fib_walk w;
	struct vr_list_walk aliases;
	uint64_t root = make_node(&p, 0, 30, 2), inner = make_node(&p, 0x40000000, 8, 1);
	uint64_t alias = tk_alloc(p.k, sizeof(struct fib_alias));
	uint64_t leaf = make_node(&p, 0x40000001, 0, 0);

	(void)state;
	begin(&p, &w);
	assert_false(vr_fib_next(&w));
	/* A leaf alone. */
	set_child(&p, p.trie, 0, leaf);
	set_child(&p, leaf, 0, alias);
	begin(&p, &w);
	expect(&w, 0x40000001, 0, 0);
	aliases = vr_fib_aliases(&w);
	assert_true(vr_list_next(&aliases));
	assert_false(vr_list_next(&aliases));
	assert_false(vr_fib_next(&w));
	/* Two nodes and three leaves. */
	set_child(&p, p.trie, 0, root);
	set_child(&p, root, 0, make_node(&p, 7, 0, 0));
	set_child(&p, root, 1, inner);
	set_child(&p, inner, 0, leaf);
	set_child(&p, root, 3, make_node(&p, 0xc0000000, 0, 0));
	begin(&p, &w);
	expect(&w, 0, 2, 1);
	expect(&w, 7, 0, 1);
	expect(&w, 0x40000000, 1, 2);
	expect(&w, 0x40000001, 0, 2);
	expect(&w, 0xc0000000, 0, 1);
	assert_false(vr_fib_next(&w));
	tk_expect_cut(p.prog, VR_OK);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_trie_damaged(void **state)
{
	struct place p = make();
	struct vr_fib_walk w;
	uint64_t root = make_node(&p, 0, 30, 2), bad = make_node(&p, 0, 29, 1);
	uint64_t last = make_node(&p, 0xc0000000, 0, 0);
	struct key_vector *kv = tk_ptr(p.k, bad);

	(void)state;
	set_child(&p, p.trie, 0, root);
	set_child(&p, root, 3, last);
	/* A node that is its own child. */
	set_child(&p, root, 1, root);
	begin(&p, &w);
	expect(&w, 0, 2, 1);
	expect(&w, 0xc0000000, 0, 1);
	assert_false(vr_fib_next(&w));
	tk_expect_cut(p.prog, VR_CORRUPT);
	/* Bits that are its parent's, too; more than there are. */
	for (unsigned bits = 2; bits < 256; bits += 50) {
		kv->bits = (unsigned char)bits;
		set_child(&p, root, 1, bad);
		begin(&p, &w);
		expect(&w, 0, 2, 1);
		expect(&w, 0xc0000000, 0, 1);
		assert_false(vr_fib_next(&w));
		tk_expect_cut(p.prog, VR_CORRUPT);
	}
	/* A child that isn't there. */
	set_child(&p, root, 1, TK_NOWHERE);
	begin(&p, &w);
	expect(&w, 0, 2, 1);
	expect(&w, 0xc0000000, 0, 1);
	assert_false(vr_fib_next(&w));
	tk_expect_cut(p.prog, VR_FAULT);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* A node of a billion children, of which memory has a few: it ends where memory does. */
static void test_trie_wide(void **state)
{
	struct place p = make();
	struct vr_fib_walk w;
	uint64_t root = make_node(&p, 0, 30, 2), last = make_node(&p, 0xc0000000, 0, 0);
	uint64_t wide = make_node(&p, 0, 0, 1); /* nothing behind it */
	struct key_vector *kv = tk_ptr(p.k, wide);

	(void)state;
	kv->bits = 30;
	set_child(&p, p.trie, 0, root);
	set_child(&p, root, 0, wide);
	set_child(&p, root, 3, last);
	begin(&p, &w);
	expect(&w, 0, 2, 1);
	expect(&w, 0, 30, 2);
	expect(&w, 0xc0000000, 0, 1);
	assert_false(vr_fib_next(&w));
	tk_expect_cut(p.prog, VR_FAULT);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_trie),
		cmocka_unit_test(test_trie_damaged),
		cmocka_unit_test(test_trie_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
