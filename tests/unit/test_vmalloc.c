// SPDX-License-Identifier: GPL-2.0-or-later
/* vmalloc areas, in the three ways that kernels keep them; and where a struct page lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/page.h"
#include "kernel/vmalloc.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct llist_node { struct llist_node *next; };
	struct llist_head { struct llist_node *first; };
	struct vmap_area {
		unsigned long va_start, va_end; struct list_head list; struct llist_node purge_list;
	};
	struct nodemask { unsigned long bits[16]; };
	typedef struct nodemask nodemask_t;
	enum zone_type { ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONE_MOVABLE, ZONE_DEVICE, __MAX_NR_ZONES };
	struct page { unsigned long flags; unsigned long rest[7]; };
	struct rb_list { struct list_head head; };
	struct vmap_node { unsigned int number; struct rb_list lazy, busy; };
)
/* clang-format on */

#define LIST offsetof(struct vmap_area, list)
#define PURGE offsetof(struct vmap_area, purge_list)

static uint64_t make_area(struct tiny_kernel *k, uint64_t start)
{
	uint64_t va = tk_alloc(k, sizeof(struct vmap_area));

	tk_put64(k, va, start);
	return va;
}

static void add(struct tiny_kernel *k, uint64_t head, uint64_t entry)
{
	uint64_t last = tk_get64(k, head + 8);

	tk_put64(k, last, entry);
	tk_put64(k, entry + 8, last);
	tk_put64(k, entry, head);
	tk_put64(k, head + 8, entry);
}

static void make_empty(struct tiny_kernel *k, uint64_t head)
{
	tk_put64(k, head, head);
	tk_put64(k, head + 8, head);
}

static unsigned walk(struct vr_vmap_walk w, uint64_t *starts, unsigned max)
{
	unsigned count = 0;

	while (count < max && vr_vmap_next(&w))
		starts[count++] = vr_u64(w.area, "va_start");
	return count;
}

static void test_list(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t head = tk_global(k, "vmap_area_list", 16), starts[8];
	uint64_t purge = tk_global(k, "vmap_purge_list", 8), areas[4];
	struct vr_program *prog;

	(void)state;
	make_empty(k, head);
	for (unsigned i = 0; i < 4; i++)
		areas[i] = make_area(k, 0x1000 + i);
	add(k, head, areas[0] + LIST);
	add(k, head, areas[1] + LIST);
	tk_put64(k, purge, areas[2] + PURGE);
	tk_put64(k, areas[2] + PURGE, areas[3] + PURGE);
	prog = tk_open(k);
	assert_int_equal(walk(vr_vmap_begin(prog), starts, 8), 2);
	assert_int_equal(starts[1], 0x1001);
	assert_int_equal(walk(vr_vmap_begin_purge(prog), starts, 8), 2);
	assert_int_equal(starts[1], 0x1003);
	tk_expect(prog, VR_OK, 0);
	tk_close(k);
	/* A purge list that leads back to its first. */
	tk_put64(k, areas[3] + PURGE, areas[2] + PURGE);
	prog = tk_open(k);
	assert_in_range(walk(vr_vmap_begin_purge(prog), starts, 8), 2, 7);
	tk_expect_cut(prog, VR_CORRUPT);
	tk_free(k);
}

static void test_nodes(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t count = tk_global(k, "nr_vmap_nodes", 4), nodes, starts[8];
	struct vr_program *prog;

	(void)state;
	*(uint32_t *)tk_ptr(k, count) = 2;
	nodes = tk_alloc(k, 2 * sizeof(struct vmap_node));
	tk_put64(k, tk_global(k, "vmap_nodes", 8), nodes);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t node = nodes + i * sizeof(struct vmap_node);

		make_empty(k, node + offsetof(struct vmap_node, busy));
		make_empty(k, node + offsetof(struct vmap_node, lazy));
		add(k, node + offsetof(struct vmap_node, busy), make_area(k, 0x1000 + i) + LIST);
	}
	add(k, nodes + offsetof(struct vmap_node, lazy), make_area(k, 0x2000) + LIST);
	prog = tk_open(k);
	assert_int_equal(walk(vr_vmap_begin(prog), starts, 8), 2);
	assert_int_equal(starts[1], 0x1001);
	assert_int_equal(walk(vr_vmap_begin_purge(prog), starts, 8), 1);
	assert_int_equal(starts[0], 0x2000);
	tk_expect(prog, VR_OK, 0);
	tk_close(k);
	*(uint32_t *)tk_ptr(k, count) = 4000000000u;
	prog = tk_open(k);
	assert_int_equal(walk(vr_vmap_begin(prog), starts, 8), 0);
	tk_expect(prog, VR_CORRUPT, 0);
	tk_free(k);
}

static void test_range(void **state)
{
	for (int levels = 4; levels <= 5; levels++) {
		struct tiny_kernel *k = tk_new((struct tk_spec){.types = types, .levels = levels});
		uint64_t base = levels == 5 ? 0xffa0000000000000ull : 0xffffc90000000000ull;
		struct vr_program *prog = tk_open(k);

		(void)state;
		assert_true(vr_is_vmalloc(prog, base));
		assert_false(vr_is_vmalloc(prog, base - 1));
		assert_false(vr_is_vmalloc(prog, 0));
		tk_free(k);
	}
}

static void test_page(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t page, flags = 0;
	struct vr_page_layout layout;
	struct vr_program *prog;

	(void)state;
	tk_global(k, "node_data", 8);
	tk_put64(k, tk_global(k, "vmemmap_base", 8), 0xffffea0040000000ull);
	page = tk_alloc(k, sizeof(struct page));
	tk_put64(k, page, 5ull << 54 | 2ull << 51 | 0x123);
	prog = tk_open(k);
	/* 1024 nodes, 5 zones: 10 bits and 3 at the upper end. */
	assert_true(vr_page_layout(prog, &layout));
	assert_true(vr_page_flags(&layout, page, &flags));
	assert_int_equal(vr_page_node(&layout, flags), 5);
	assert_int_equal(vr_page_zone(&layout, flags), 2);
	assert_int_equal(vr_page_of(&layout, 3), 0xffffea0040000000ull + 3 * 64);
	assert_false(vr_page_flags(&layout, TK_NOWHERE, &flags));
	tk_expect(prog, VR_OK, 0);
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
