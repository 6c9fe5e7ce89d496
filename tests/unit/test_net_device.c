// SPDX-License-Identifier: GPL-2.0-or-later
/* Network devices of a namespace, in both orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/net_device.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct net { struct list_head dev_base_head; struct hlist_head *dev_index_head; };
	struct net_device {
		char name[16]; struct list_head dev_list; struct hlist_node index_hlist;
		int ifindex;
	};
)
/* clang-format on */

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t net, buckets, dev[3];
};

static struct net_device *device(struct place *p, unsigned i)
{
	return tk_ptr(p->k, p->dev[i]);
}

static void bucket(struct place *p, unsigned i, uint64_t first)
{
	tk_put64(p->k, p->buckets + 8 * i, first);
}

static uint64_t hash_node(struct place *p, unsigned i)
{
	return p->dev[i] + offsetof(struct net_device, index_hlist);
}

/* Devices 1, 300 and 2, in this order. */
static struct place make(void)
{
	static const int indexes[] = {1, 300, 2};
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t at[5];

	p.net = tk_alloc(p.k, sizeof(struct net));
	p.buckets = tk_alloc(p.k, 256 * 8);
	tk_put64(p.k, p.net + offsetof(struct net, dev_index_head), p.buckets);
	at[0] = at[4] = p.net;
	for (unsigned i = 0; i < 3; i++) {
		p.dev[i] = tk_alloc(p.k, sizeof(struct net_device));
		device(&p, i)->ifindex = indexes[i];
		snprintf(device(&p, i)->name, 16, "eth%d", indexes[i]);
		at[i + 1] = p.dev[i] + offsetof(struct net_device, dev_list);
		bucket(&p, (unsigned)indexes[i] % 256, hash_node(&p, i));
	}
	for (unsigned i = 0; i < 4; i++) {
		tk_put64(p.k, at[i], at[i + 1]);
		tk_put64(p.k, at[i + 1] + 8, at[i]);
	}
	return p;
}

static void expect(struct place *p, bool by_index, const char *want)
{
	VR_STRBUF got = {0};
	struct vr_netdev_walk w;
	struct vr_obj net;
	unsigned n = 0;

	p->prog = tk_open(p->k);
	net = vr_at(p->prog, "struct net", p->net);
	w = by_index ? vr_netdevs_by_index_begin(net) : vr_netdevs_begin(net);
	while (n++ < 100 && vr_netdev_next(&w)) {
		char name[VR_NETDEV_NAME];

		vr_strbuf_printf(&got, "%d=%s ", (int)vr_netdev_index(w.dev),
				 vr_netdev_name(w.dev, name));
	}
	assert_string_equal(vr_strbuf_str(&got), want);
}

static void test_orders(void **state)
{
	struct place p = make();

	(void)state;
	expect(&p, false, "1=eth1 300=eth300 2=eth2 ");
	expect(&p, true, "1=eth1 2=eth2 300=eth300 ");
	tk_expect(p.prog, VR_OK, 0);
	tk_expect_cut(p.prog, VR_OK);
	tk_free(p.k);
}

static void test_damaged(void **state)
{
	struct place p = make();

	(void)state;
	/* A device nowhere: its list ends, others don't. */
	bucket(&p, 1, TK_NOWHERE);
	expect(&p, true, "2=eth2 300=eth300 ");
	tk_expect_cut(p.prog, VR_FAULT);
	/* A circle. */
	bucket(&p, 1, hash_node(&p, 0));
	tk_put64(p.k, hash_node(&p, 2), hash_node(&p, 2));
	expect(&p, true, "1=eth1 2=eth2 300=eth300 ");
	tk_expect_cut(p.prog, VR_CORRUPT);
	/* A name that doesn't end is the array's 16 bytes at most. */
	tk_put64(p.k, hash_node(&p, 2), 0);
	memset(device(&p, 0)->name, 'x', 16);
	expect(&p, true, "1=xxxxxxxxxxxxxxx 2=eth2 300=eth300 ");
	p.prog->scope->error = (struct vr_error){0};
	strcpy(device(&p, 0)->name, "eth1");
	/* No table at all. */
	tk_put64(p.k, p.net + offsetof(struct net, dev_index_head), TK_NOWHERE);
	expect(&p, true, "");
	tk_put64(p.k, p.net + offsetof(struct net, dev_index_head), 0);
	expect(&p, true, "");
	tk_expect(p.prog, VR_FAULT, 0);
	/* The list leads away, and into a circle. */
	tk_put64(p.k, p.dev[1] + offsetof(struct net_device, dev_list), TK_NOWHERE);
	expect(&p, false, "1=eth1 300=eth300 ");
	tk_expect_cut(p.prog, VR_FAULT);
	tk_put64(p.k, p.dev[1] + offsetof(struct net_device, dev_list),
		 p.dev[0] + offsetof(struct net_device, dev_list));
	expect(&p, false, "1=eth1 300=eth300 ");
	tk_expect_cut(p.prog, VR_CORRUPT);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
