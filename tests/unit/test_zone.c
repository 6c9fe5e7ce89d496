// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes and zones, their counters, counters of CPUs, pools of huge pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/function_text.h"
#include "kernel/hugetlb.h"
#include "kernel/percpu_counter.h"
#include "kernel/vmstat.h"
#include "kernel/zone.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	typedef int s32;
	struct counter { long counter; };
	typedef struct counter atomic_long_t;
	struct nodemask { unsigned long bits[1]; };
	typedef struct nodemask nodemask_t;
	struct percpu_counter { long count; int *counters; };
	enum node_states { N_POSSIBLE, N_ONLINE };
	enum zone_type { ZONE_DMA, ZONE_NORMAL, __MAX_NR_ZONES };
	enum zone_watermarks { WMARK_MIN, WMARK_LOW, WMARK_HIGH };
	enum zone_stat_item { NR_FREE_PAGES, NR_MLOCK, NR_VM_ZONE_STAT_ITEMS };
	enum numa_stat_item { NUMA_HIT, NR_VM_NUMA_EVENT_ITEMS };
	enum node_stat_item {
		NR_ACTIVE_FILE, NR_INACTIVE_FILE, NR_ANON_THPS, NR_SWAPCACHE, NR_VM_NODE_STAT_ITEMS
	};
	enum vm_event_item { PGPGIN, PGPGOUT, NR_VM_EVENT_ITEMS };
	struct per_cpu_pages { int count; };
	struct per_cpu_zonestat { unsigned long vm_numa_event[1]; };
	struct zone {
		unsigned long _watermark[3]; unsigned long watermark_boost, present_pages;
		struct per_cpu_pages *per_cpu_pageset; struct per_cpu_zonestat *per_cpu_zonestats;
		const char *name; atomic_long_t vm_numa_event[1];
	};
	struct pglist_data { struct zone node_zones[2]; int node_id; };
	struct hstate {
		unsigned int order; unsigned long nr_huge_pages, free_huge_pages;
		unsigned long resv_huge_pages, surplus_huge_pages;
	};
)
/* clang-format on */

#define CPU_AREA 256

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t node, text, mask, ids, zone_stat, node_stat, pools, pool_count;
};

static const struct vr_cpumask both = {.bits = {3}, .nr = 2};

static uint64_t text_at(struct place *p, const char *text)
{
	uint64_t va = tk_alloc(p->k, strlen(text) + 1);

	strcpy(tk_ptr(p->k, va), text);
	return va;
}

static void setup(struct place *p)
{
	static const char *const names[] = {"nr_free_pages",
					    "nr_mlock",
					    "numa_hit",
					    "nr_active_file",
					    "nr_inactive_file",
					    "nr_anon_transparent_hugepages",
					    "nr_swapcached",
					    "nr_dirty_threshold",
					    "nr_dirty_background_threshold",
					    "pgpgin",
					    "pgpgout"};
	struct pglist_data *node;
	uint64_t stats, data;

	*p = (struct place){.k = tk_new((struct tk_spec){.types = types})};
	p->ids = tk_global(p->k, "nr_node_ids", 4);
	tk_put64(p->k, p->ids, 2);
	p->mask = tk_global(p->k, "node_states", 16);
	tk_put64(p->k, p->mask, 3);
	tk_put64(p->k, p->mask + 8, 2); /* node 1 is the one online */
	data = tk_global(p->k, "node_data", 16);
	tk_put64(p->k, tk_global(p->k, "__per_cpu_offset", 16) + 8, CPU_AREA);
	p->node = tk_alloc(p->k, sizeof(*node));
	tk_put64(p->k, data + 8, p->node);
	stats = tk_alloc(p->k, 2 * CPU_AREA);
	tk_put64(p->k, stats, 30);
	tk_put64(p->k, stats + CPU_AREA, 4);
	node = tk_ptr(p->k, p->node);
	node->node_id = 1;
	node->node_zones[1] = (struct zone){
		._watermark = {10, 20, 30},
		.watermark_boost = 5,
		.present_pages = 1000,
		.per_cpu_zonestats = tk_va(struct per_cpu_zonestat, stats),
		.name = tk_va(char, text_at(p, "Normal")),
		.vm_numa_event = {{100}},
	};
	p->text = tk_global(p->k, "vmstat_text", 8 * VR_ARRAY_SIZE(names));
	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		tk_put64(p->k, p->text + 8 * i, text_at(p, names[i]));
	p->zone_stat = tk_global(p->k, "vm_zone_stat", 16);
	p->node_stat = tk_global(p->k, "vm_node_stat", 32);
	tk_put64(p->k, tk_global(p->k, "vm_numa_event", 8), 1000);
	tk_global(p->k, "transparent_hugepage_flags", 8);
	p->pools = tk_global(p->k, "hstates", 2 * sizeof(struct hstate));
	p->pool_count = tk_global(p->k, "hugetlb_max_hstate", 4);
	tk_global(p->k, "default_hstate_idx", 4);
}

static void test_zones(void **state)
{
	struct vr_zone_walk w;
	struct place p;
	char name[16];

	(void)state;
	setup(&p);
	p.prog = tk_open(p.k);
	w = vr_zone_walk_begin(p.prog);
	assert_true(vr_zone_walk_next(&w));
	assert_int_equal(w.nid, 1);
	assert_false(vr_zone_populated(w.zone));
	assert_true(vr_zone_walk_next(&w));
	assert_true(vr_zone_populated(w.zone));
	assert_string_equal(vr_zone_name(w.zone, name), "Normal");
	assert_int_equal(vr_zone_watermark(w.zone, "WMARK_LOW"), 25);
	assert_int_equal(vr_zone_numa_stat(w.zone, 0, &both), 134);
	assert_false(vr_zone_walk_next(&w));
	assert_int_equal(vr_numa_stat(p.prog, 0, &both), 1034);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_counters(void **state)
{
	char name[VR_VMSTAT_NAME];
	struct vr_vmstat stat;
	struct place p;

	(void)state;
	setup(&p);
	tk_put64(p.k, p.zone_stat, (uint64_t)-3);
	tk_put64(p.k, p.node_stat + 8, 77);
	p.prog = tk_open(p.k);
	assert_true(vr_vmstat_read(p.prog, &stat));
	assert_int_equal(stat.zone, 2);
	assert_int_equal(stat.numa, 1);
	assert_int_equal(stat.node, 4);
	assert_int_equal(stat.system, 2);
	assert_int_equal(stat.event, 2);
	assert_string_equal(vr_vmstat_name(&stat, 9, name), "pgpgin");
	assert_true(vr_vmstat_in_thp(&stat, 2));
	assert_false(vr_vmstat_in_thp(&stat, 1));
	/* A sum that the CPUs' parts bring below 0 is shown as 0. */
	assert_int_equal(vr_zone_stat(p.prog, "NR_FREE_PAGES"), 0);
	assert_int_equal(vr_node_stat(p.prog, "NR_INACTIVE_FILE"), 77);
	assert_true(vr_has_zone_stat(p.prog, "NR_MLOCK"));
	assert_false(vr_has_node_stat(p.prog, "NR_MLOCK"));
	tk_expect(p.prog, VR_OK, 0);
	vr_node_stat(p.prog, "NR_MLOCK");
	tk_expect(p.prog, VR_ABSENT, 0);
	tk_free(p.k);
}

static void test_other_names(void **state)
{
	struct vr_vmstat stat;
	struct place p;

	(void)state;
	setup(&p);
	tk_put64(p.k, p.text + 9 * 8, text_at(&p, "something_else"));
	p.prog = tk_open(p.k);
	assert_false(vr_vmstat_read(p.prog, &stat));
	/* Behind the last name there is no string. */
	assert_int_not_equal(p.prog->scope->error.kind, VR_OK);
	tk_free(p.k);
}

static void test_too_many_nodes(void **state)
{
	struct vr_zone_walk w;
	struct place p;

	(void)state;
	setup(&p);
	tk_put64(p.k, p.ids, 4000000000u);
	p.prog = tk_open(p.k);
	w = vr_zone_walk_begin(p.prog);
	assert_false(vr_zone_walk_next(&w));
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_free(p.k);
}

static void test_missing_node(void **state)
{
	struct vr_zone_walk w;
	struct place p;

	(void)state;
	setup(&p);
	/* Node 0 is online as well, but NODE_DATA(0) is NULL. */
	tk_put64(p.k, p.mask + 8, 3);
	p.prog = tk_open(p.k);
	w = vr_zone_walk_begin(p.prog);
	assert_false(vr_zone_walk_next(&w));
	tk_expect(p.prog, VR_FAULT, 0);
	tk_free(p.k);
}

static void test_percpu_counter(void **state)
{
	uint64_t counter, parts;
	struct vr_obj obj;
	struct place p;

	(void)state;
	setup(&p);
	counter = tk_alloc(p.k, sizeof(struct percpu_counter));
	parts = tk_alloc(p.k, 2 * CPU_AREA);
	*(struct percpu_counter *)tk_ptr(p.k, counter) =
		(struct percpu_counter){.count = 100, .counters = tk_va(int, parts)};
	*(int *)tk_ptr(p.k, parts) = -30;
	*(int *)tk_ptr(p.k, parts + CPU_AREA) = 7;
	p.prog = tk_open(p.k);
	obj = vr_at(p.prog, "struct percpu_counter", counter);
	assert_int_equal(vr_percpu_counter_sum(obj, &both), 77);
	assert_int_equal(vr_percpu_counter_read(obj), 100);
	tk_expect(p.prog, VR_OK, 0);
	obj.addr = TK_NOWHERE;
	assert_int_equal(vr_percpu_counter_sum(obj, &both), 0);
	tk_expect(p.prog, VR_FAULT, 0);
	tk_free(p.k);
}

static void test_hugetlb(void **state)
{
	struct hstate *pools;
	struct vr_hugetlb h;
	struct place p;

	(void)state;
	setup(&p);
	pools = tk_ptr(p.k, p.pools);
	pools[0] = (struct hstate){.order = 9, .nr_huge_pages = 4, .free_huge_pages = 3};
	pools[1] = (struct hstate){.order = 18, .nr_huge_pages = 1};
	*(int *)tk_ptr(p.k, p.pool_count) = 2;
	p.prog = tk_open(p.k);
	assert_true(vr_hugetlb_read(p.prog, &h));
	assert_int_equal(h.standard.pages, 4);
	assert_int_equal(h.standard.page_size, 2 << 20);
	assert_int_equal(h.bytes, (8ull << 20) + (1ull << 30));
	tk_close(p.k);
	pools[0].order = 200;
	p.prog = tk_open(p.k);
	assert_false(vr_hugetlb_read(p.prog, &h));
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_close(p.k);
	memset(tk_ptr(p.k, p.pool_count), 0xff, 4);
	p.prog = tk_open(p.k);
	assert_false(vr_hugetlb_read(p.prog, &h));
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_free(p.k);
}

/* Two functions of 64 bytes, which have the address of a string each, in both ways that there are. */
static void test_function_text(void **state)
{
	uint64_t data, near, far;
	struct place p;
	int32_t operand;

	(void)state;
	setup(&p);
	data = tk_global(p.k, "__start_rodata", 128);
	strcpy(tk_ptr(p.k, data), "count: %i");
	strcpy(tk_ptr(p.k, data + 32), "promo %lu");
	tk_global(p.k, "__end_rodata", 8);
	near = TK_TEXT + 256;
	far = near + 64;
	tk_symbol(p.k, 't', "near", near);
	tk_symbol(p.k, 't', "far", far);
	tk_symbol(p.k, 't', "next", far + 64);
	operand = (int32_t)(int64_t)data;
	memcpy((uint8_t *)tk_ptr(p.k, near) + 13, &operand, 4);
	operand = (int32_t)(data + 32 - (far + 60 + 4));
	memcpy((uint8_t *)tk_ptr(p.k, far) + 60, &operand, 4);
	p.prog = tk_open(p.k);
	assert_true(vr_function_has_text(p.prog, "near", "count:"));
	assert_false(vr_function_has_text(p.prog, "near", "promo"));
	assert_true(vr_function_has_text(p.prog, "far", "promo "));
	tk_expect(p.prog, VR_OK, 0);
	assert_false(vr_function_has_text(p.prog, "nowhere", "promo "));
	tk_expect(p.prog, VR_ABSENT, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones),        cmocka_unit_test(test_counters),
		cmocka_unit_test(test_other_names),  cmocka_unit_test(test_too_many_nodes),
		cmocka_unit_test(test_missing_node), cmocka_unit_test(test_percpu_counter),
		cmocka_unit_test(test_hugetlb),      cmocka_unit_test(test_function_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
