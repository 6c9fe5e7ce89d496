// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets and neighbours, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/neighbour.h"
#include "kernel/sock.h"
#include "kernel/ticks.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct refcount { int counter; };
	struct refcount_struct { struct refcount refs; };
	struct possible_net { struct net *net; };
	struct in6 { unsigned int words[4]; };
	struct sock_common {
		unsigned int skc_daddr; unsigned int skc_rcv_saddr; unsigned short skc_dport;
		unsigned short skc_num; unsigned short skc_family; unsigned char skc_state;
		struct possible_net skc_net; struct in6 skc_v6_daddr; struct in6 skc_v6_rcv_saddr;
		struct hlist_node skc_node; struct refcount_struct skc_refcnt;
	};
	struct backlog { struct refcount rmem_alloc; };
	struct counters { struct refcount drops0; struct refcount drops1; };
	struct kuid { unsigned int val; };
	struct inode { struct kuid i_uid; unsigned long i_ino; };
	struct socket { int state; };
	struct socket_alloc { struct socket socket; struct inode vfs_inode; };
	struct sock {
		struct sock_common __sk_common; struct socket *sk_socket;
		struct refcount_struct sk_wmem_alloc; struct backlog sk_backlog;
		struct refcount sk_drops; struct counters *sk_drop_counters; struct kuid sk_uid;
	};
	struct net { int number; };
	struct neighbour { struct neighbour *next; int number; };
	struct pneigh_entry { struct pneigh_entry *next; int number; };
	struct neigh_hash_table { struct neighbour **hash_buckets; unsigned int hash_shift; };
	struct neigh_table { struct neigh_hash_table *nht; struct pneigh_entry **phash_buckets; };
)
/* clang-format on */

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t sk, socket, net;
};

static struct place make(bool old)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	struct sock *sk;
	struct socket_alloc *socket;
	uint32_t overflow = 65534;

	p.sk = tk_alloc(p.k, sizeof(*sk));
	p.socket = tk_alloc(p.k, sizeof(*socket));
	p.net = tk_alloc(p.k, sizeof(struct net));
	memcpy(tk_ptr(p.k, tk_global(p.k, "overflowuid", 4)), &overflow, 4);
	if (old)
		tk_symbol(p.k, 'T', "sock_i_uid", TK_TEXT + 64);
	sk = tk_ptr(p.k, p.sk);
	socket = tk_ptr(p.k, p.socket);
	sk->__sk_common = (struct sock_common){.skc_daddr = 0x0200007f,
					       .skc_rcv_saddr = 0x0100007f,
					       .skc_dport = 0x901f,
					       .skc_num = 0x1234,
					       .skc_family = VR_AF_INET,
					       .skc_net = {tk_va(struct net, p.net)}};
	sk->sk_socket = tk_va(struct socket, p.socket);
	sk->sk_wmem_alloc.refs.counter = 1;
	sk->sk_uid.val = 1000;
	socket->vfs_inode.i_ino = 4711;
	socket->vfs_inode.i_uid.val = 1001;
	return p;
}

static struct vr_obj open_sock(struct place *p)
{
	p->prog = tk_open(p->k);
	return vr_at(p->prog, "struct sock", p->sk);
}

static void test_basics(void **state)
{
	struct place p = make(true);
	struct vr_obj sk = open_sock(&p);
	struct vr_sock_ends ends = vr_sock_ends(sk, VR_AF_INET);
	char text[VR_SOCK_ENDS_SIZE];

	(void)state;
	assert_string_equal(vr_sock_ends_text(&ends, text), "0100007F:1234 0200007F:1F90");
	ends = vr_sock_ends(sk, VR_AF_INET6);
	assert_string_equal(vr_sock_ends_text(&ends, text),
			    "00000000000000000000000000000000:1234 "
			    "00000000000000000000000000000000:1F90");
	assert_true(vr_sock_is_in(sk, vr_at(p.prog, "struct net", p.net), VR_AF_INET));
	assert_true(vr_sock_is_in(sk, vr_at(p.prog, "struct net", p.net), 0));
	assert_false(vr_sock_is_in(sk, vr_at(p.prog, "struct net", p.net), VR_AF_INET6));
	assert_false(vr_sock_is_in(sk, vr_at(p.prog, "struct net", p.net + 64), 0));
	assert_int_equal(vr_sock_inode(sk), 4711);
	assert_int_equal(vr_sock_uid(sk), 1001);
	assert_int_equal(vr_sock_wmem(sk), 0);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_owner(void **state)
{
	struct place p = make(false);
	struct sock *sk = tk_ptr(p.k, p.sk);

	(void)state;
	assert_int_equal(vr_sock_uid(open_sock(&p)), 1000);
	sk->sk_uid.val = UINT32_MAX;
	assert_int_equal(vr_sock_uid(open_sock(&p)), 65534);
	/* Nobody's any more. */
	sk->sk_socket = NULL;
	assert_int_equal(vr_sock_inode(open_sock(&p)), 0);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_pointers_lead_nowhere(void **state)
{
	struct place p = make(true);
	struct sock *sk = tk_ptr(p.k, p.sk);

	(void)state;
	sk->sk_socket = tk_va(struct socket, TK_NOWHERE);
	vr_sock_inode(open_sock(&p));
	tk_expect(p.prog, VR_FAULT, 0);
	vr_sock_uid(open_sock(&p));
	tk_expect(p.prog, VR_FAULT, 0);
	sk->sk_drop_counters = tk_va(struct counters, TK_NOWHERE);
	vr_sock_drops(open_sock(&p));
	tk_expect(p.prog, VR_FAULT, 0);
	sk->sk_drop_counters = NULL;
	sk->sk_drops.counter = 5;
	assert_int_equal(vr_sock_drops(open_sock(&p)), 5);
	sk->__sk_common.skc_net.net = NULL;
	assert_false(vr_sock_is_in(open_sock(&p), vr_at(p.prog, "struct net", p.net), 0));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static unsigned count(struct vr_hash_walk *w)
{
	unsigned n = 0;

	while (vr_hash_next(w))
		assert_true(++n < 100);
	return n;
}

static void test_neighbours(void **state)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t va = tk_global(p.k, "arp_tbl", sizeof(struct neigh_table));
	uint64_t nht = tk_alloc(p.k, sizeof(struct neigh_hash_table));
	uint64_t heads = tk_alloc(p.k, 8 * 8), proxies = tk_alloc(p.k, 16 * 8);
	uint64_t n = tk_alloc(p.k, 2 * sizeof(struct neighbour));
	struct neigh_hash_table *hash = tk_ptr(p.k, nht);
	static struct vr_hash_walk w;

	(void)state;
	tk_put64(p.k, va, nht);
	tk_put64(p.k, va + 8, proxies);
	hash->hash_buckets = tk_va(struct neighbour *, heads);
	hash->hash_shift = 3;
	tk_put64(p.k, heads + 7 * 8, n);
	tk_put64(p.k, n, n + sizeof(struct neighbour));
	tk_put64(p.k, proxies + 15 * 8, n);
	p.prog = tk_open(p.k);
	vr_neighbours_begin(&w, vr_global(p.prog, "arp_tbl", "struct neigh_table"));
	assert_int_equal(count(&w), 2);
	vr_proxies_begin(&w, vr_global(p.prog, "arp_tbl", "struct neigh_table"));
	assert_int_equal(count(&w), 2);
	tk_expect_cut(p.prog, VR_OK);
	/* A loop; a table of more buckets than numbers have bits for. */
	tk_put64(p.k, n + sizeof(struct neighbour), n);
	p.prog = tk_open(p.k);
	vr_neighbours_begin(&w, vr_global(p.prog, "arp_tbl", "struct neigh_table"));
	count(&w);
	tk_expect_cut(p.prog, VR_CORRUPT);
	hash->hash_shift = 200;
	p.prog = tk_open(p.k);
	vr_neighbours_begin(&w, vr_global(p.prog, "arp_tbl", "struct neigh_table"));
	assert_int_equal(count(&w), 0);
	tk_expect_cut(p.prog, VR_LIMIT);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_clock(void **state)
{
	(void)state;
	assert_int_equal(vr_jiffies_to_clock(250, 250), 100);
	assert_int_equal(vr_jiffies_to_clock(51, 250), 20);
	assert_int_equal(vr_jiffies_to_clock(1, 1000), 0);
	assert_int_equal(vr_jiffies_to_clock(300, 300), 99); /* as the kernel rounds */
	assert_int_equal(vr_jiffies_ahead(1000, 500, 100), 500);
	assert_int_equal(vr_jiffies_ahead(500, 1000, 100), 0);
	assert_int_equal(vr_jiffies_ahead(10, UINT64_MAX - 89, 100), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_basics),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_pointers_lead_nowhere),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
