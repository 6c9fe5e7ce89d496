// SPDX-License-Identifier: GPL-2.0-or-later
/* Caches of objects: lists of caches and of slabs, good and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/slab.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct order_objects { unsigned int x; };
	struct counter { long counter; };
	struct nodemask { unsigned long bits[1]; };
	typedef struct nodemask nodemask_t;
	enum node_states { N_POSSIBLE, N_ONLINE };
	struct slab {
		unsigned long flags; struct slab *next; struct list_head slab_list;
		unsigned inuse:16, objects:15, frozen:1;
	};
	struct kmem_cache_node {
		unsigned long nr_partial; struct list_head partial;
		struct counter nr_slabs, total_objects;
	};
	struct kmem_cache_cpu { struct slab *slab; struct slab *partial; };
	struct kmem_cache {
		struct kmem_cache_cpu *cpu_slab; unsigned int flags, size, object_size;
		struct order_objects oo, min; const char *name; struct list_head list;
		struct kmem_cache_node *node[2];
	};
)
/* clang-format on */

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t head, cache, node, cpu;
	uint64_t slabs[3];
};

static void link_list(struct place *p, uint64_t head, const uint64_t *entries, unsigned count)
{
	uint64_t last = head;

	for (unsigned i = 0; i < count; i++) {
		tk_put64(p->k, last, entries[i]);
		tk_put64(p->k, entries[i] + 8, last);
		last = entries[i];
	}
	tk_put64(p->k, last, head);
	tk_put64(p->k, head + 8, last);
}

/* One cache of 8 objects a slab, two pages each; 10 slabs of which 3 have room. */
static void setup(struct place *p)
{
	struct kmem_cache_node *node;
	struct kmem_cache *cache;
	uint64_t name, partial[3], links[1];

	*p = (struct place){.k = tk_new((struct tk_spec){.types = types})};
	p->head = tk_global(p->k, "slab_caches", 16);
	tk_put64(p->k, tk_global(p->k, "nr_node_ids", 4), 1);
	tk_put64(p->k, tk_global(p->k, "node_states", 16), 1);
	tk_global(p->k, "__per_cpu_offset", 16);
	p->cache = tk_alloc(p->k, sizeof(*cache));
	p->node = tk_alloc(p->k, sizeof(*node));
	p->cpu = tk_alloc(p->k, sizeof(struct kmem_cache_cpu));
	name = tk_alloc(p->k, 16);
	strcpy(tk_ptr(p->k, name), "dentry");
	for (int i = 0; i < 3; i++) {
		struct slab *slab;

		p->slabs[i] = tk_alloc(p->k, sizeof(*slab));
		slab = tk_ptr(p->k, p->slabs[i]);
		slab->objects = 8;
		slab->inuse = (unsigned)(5 + i) & 0xff;
		partial[i] = p->slabs[i] + offsetof(struct slab, slab_list);
	}
	cache = tk_ptr(p->k, p->cache);
	*cache = (struct kmem_cache){
		.cpu_slab = tk_va(struct kmem_cache_cpu, p->cpu),
		.flags = 1u << 13 | 1u << 18,
		.size = 1024,
		.object_size = 1000,
		.oo = {1 << 16 | 8},
		.min = {0 << 16 | 4},
		.name = tk_va(char, name),
		.node = {tk_va(struct kmem_cache_node, p->node)},
	};
	node = tk_ptr(p->k, p->node);
	*node = (struct kmem_cache_node){.nr_partial = 3, .nr_slabs = {10}, .total_objects = {80}};
	link_list(p, p->node + offsetof(struct kmem_cache_node, partial), partial, 3);
	links[0] = p->cache + offsetof(struct kmem_cache, list);
	link_list(p, p->head, links, 1);
}

static void test_cache(void **state)
{
	struct vr_slab_cache c;
	struct vr_slab_cpu cpu;
	struct vr_list_walk w;
	struct place p;

	(void)state;
	setup(&p);
	tk_put64(p.k, p.cpu, p.slabs[0]);
	tk_put64(p.k, p.cpu + 8, p.slabs[1]);
	tk_put64(p.k, p.slabs[1] + offsetof(struct slab, next), p.slabs[2]);
	p.prog = tk_open(p.k);
	assert_true(vr_slab_counted(p.prog));
	w = vr_slab_begin(p.prog);
	assert_true(vr_list_next(&w));
	assert_true(vr_slab_read(w.entry, &c));
	assert_string_equal(c.name, "dentry");
	assert_int_equal(c.per_slab, 8);
	assert_int_equal(c.order, 1);
	assert_int_equal(c.all.slabs, 10);
	assert_int_equal(c.all.objects, 80);
	assert_int_equal(c.all.free, 3 + 2 + 1);
	assert_int_equal(vr_slab_bytes(&c), 10 * 8192);
	assert_true(vr_slab_read_cpu(w.entry, 0, &cpu));
	assert_int_equal(cpu.objects, 8);
	assert_int_equal(cpu.in_use, 5);
	assert_int_equal(cpu.partial, 2);
	assert_string_equal(vr_slab_flag_name(p.prog, 13), "HWCACHE_ALIGN");
	assert_null(vr_slab_flag_name(p.prog, 63));
	assert_false(vr_list_next(&w));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* Where memory was short slabs are smaller: 3 of the 10 have 4 objects in a page. */
static void test_small_slabs(void **state)
{
	struct vr_slab_cache c;
	struct place p;

	(void)state;
	setup(&p);
	((struct kmem_cache_node *)tk_ptr(p.k, p.node))->total_objects.counter = 7 * 8 + 3 * 4;
	p.prog = tk_open(p.k);
	assert_true(vr_slab_read(vr_at(p.prog, "struct kmem_cache", p.cache), &c));
	assert_int_equal(vr_slab_bytes(&c), 7 * 8192 + 3 * 4096);
	tk_free(p.k);
}

static void test_cyclic_partial_list(void **state)
{
	struct vr_slab_cache c;
	struct place p;

	(void)state;
	setup(&p);
	/* The last slab leads back to the second. */
	tk_put64(p.k, p.slabs[2] + offsetof(struct slab, slab_list),
		 p.slabs[1] + offsetof(struct slab, slab_list));
	p.prog = tk_open(p.k);
	/* A number that was counted on a broken list would be a lie. */
	assert_false(vr_slab_read(vr_at(p.prog, "struct kmem_cache", p.cache), &c));
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_free(p.k);
}

static void test_long_cyclic_list(void **state)
{
	struct vr_slab_cache c;
	struct place p;

	(void)state;
	setup(&p);
	/* A list that claims to be long is looked at from both ends; here it has three entries. */
	tk_symbol(p.k, 'T', "count_partial_free_approx", TK_TEXT + 64);
	((struct kmem_cache_node *)tk_ptr(p.k, p.node))->nr_partial = 4000000000u;
	tk_put64(p.k, p.slabs[0] + offsetof(struct slab, slab_list) + 8,
		 p.slabs[2] + offsetof(struct slab, slab_list));
	p.prog = tk_open(p.k);
	vr_slab_read(vr_at(p.prog, "struct kmem_cache", p.cache), &c);
	assert_true(c.all.free <= 80);
	tk_free(p.k);
}

static void test_cpu_partial_cycle(void **state)
{
	struct vr_slab_cpu cpu;
	struct place p;

	(void)state;
	setup(&p);
	tk_put64(p.k, p.cpu + 8, p.slabs[1]);
	tk_put64(p.k, p.slabs[1] + offsetof(struct slab, next), p.slabs[1]);
	p.prog = tk_open(p.k);
	vr_slab_read_cpu(vr_at(p.prog, "struct kmem_cache", p.cache), 0, &cpu);
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_free(p.k);
}

static void test_wild_values(void **state)
{
	struct vr_slab_cache c;
	struct place p;

	(void)state;
	setup(&p);
	((struct kmem_cache *)tk_ptr(p.k, p.cache))->oo.x = ~0u;
	p.prog = tk_open(p.k);
	assert_false(vr_slab_read(vr_at(p.prog, "struct kmem_cache", p.cache), &c));
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_close(p.k);
	((struct kmem_cache *)tk_ptr(p.k, p.cache))->oo.x = 1 << 16 | 8;
	((struct kmem_cache *)tk_ptr(p.k, p.cache))->node[0] =
		tk_va(struct kmem_cache_node, TK_NOWHERE);
	p.prog = tk_open(p.k);
	assert_false(vr_slab_read(vr_at(p.prog, "struct kmem_cache", p.cache), &c));
	tk_expect(p.prog, VR_FAULT, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_small_slabs),
		cmocka_unit_test(test_cyclic_partial_list),
		cmocka_unit_test(test_long_cyclic_list),
		cmocka_unit_test(test_cpu_partial_cycle),
		cmocka_unit_test(test_wild_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
