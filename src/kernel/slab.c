// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/slab.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/percpu.h"
#include "kernel/whole.h"
#include "kernel/zone.h"

#define OO_SHIFT 16
#define OO_MASK 0xffff
#define MAX_ORDER 20
#define PAGE 4096ull
#define MAX_PARTIAL_TO_SCAN 10000
#define MAX_CPU_PARTIAL 65536

bool vr_slab_counted(struct vr_program *prog)
{
	return vr_has_member(prog, "struct kmem_cache_node", "nr_slabs");
}

struct vr_list_walk vr_slab_begin(struct vr_program *prog)
{
	return vr_list_begin(vr_kernel_global(prog, "slab_caches"), "struct kmem_cache", "list");
}

/* A page of the allocator was its own type only since 5.17. */
static const char *slab_type(struct vr_program *prog)
{
	return vr_has_member(prog, "struct slab", "inuse") ? "struct slab" : "struct page";
}

static uint64_t free_in(struct vr_obj slab)
{
	return vr_u64(slab, "objects") - vr_u64(slab, "inuse");
}

/* The list's last slabs, from its end: up to max of them. */
static uint64_t free_at_end(struct vr_obj head, const char *type, unsigned max)
{
	struct vr_program *prog = head.prog;
	uint64_t at = vr_u64(head, "prev"), sum = 0;

	for (unsigned i = 0; i < max && at != head.addr && !vr_failed(prog); i++) {
		sum += free_in(vr_container_of(prog, at, type, "slab_list"));
		at = vr_u64(vr_at(prog, "struct list_head", at), "prev");
	}
	return sum;
}

/*
 * count_partial(), since 6.10 count_partial_free_approx(): of a list that is too long the kernel
 * looks at both ends.
 */
static uint64_t free_in_partial(struct vr_obj node, const struct vr_slab_node *counts)
{
	struct vr_program *prog = node.prog;
	const char *type = slab_type(prog);
	struct vr_obj head = vr_get(node, "partial");
	bool guess = counts->partial > MAX_PARTIAL_TO_SCAN &&
		     vr_has_symbol(prog, "count_partial_free_approx");
	struct vr_list_walk w = vr_list_begin(head, type, "slab_list");
	uint64_t sum = 0, seen = 0, whole;

	while (!(guess && seen == MAX_PARTIAL_TO_SCAN / 2) && vr_list_next(&w)) {
		sum += free_in(w.entry);
		seen++;
	}
	if (!guess)
		return sum;
	sum += free_at_end(head, type, MAX_PARTIAL_TO_SCAN / 2);
	whole = (uint64_t)((unsigned __int128)sum * counts->partial / MAX_PARTIAL_TO_SCAN);
	return VR_MIN(whole, counts->objects);
}

bool vr_slab_read_node(struct vr_obj cache, unsigned nid, struct vr_slab_node *out)
{
	bool pair = vr_has(cache, "per_node");
	struct vr_obj at = vr_index(vr_get(cache, pair ? "per_node" : "node"), nid);
	struct vr_scope scope;
	struct vr_obj node;

	*out = (struct vr_slab_node){0};
	if (!vr_u64(at, pair ? "node" : ""))
		return false;
	node = vr_deref(at, pair ? "node" : "");
	out->slabs = vr_u64(node, "nr_slabs.counter");
	out->objects = vr_u64(node, "total_objects.counter");
	out->partial = vr_u64(node, "nr_partial");
	vr_scope_enter(cache.prog, &scope);
	out->free = free_in_partial(node, out);
	return vr_scope_leave_whole(cache.prog, &scope) && !vr_failed(cache.prog);
}

bool vr_slab_read(struct vr_obj cache, struct vr_slab_cache *out)
{
	struct vr_nodemask possible;
	uint64_t oo = vr_u64(cache, "oo.x");

	out->obj = cache;
	vr_str(cache, "name", out->name, sizeof(out->name));
	out->size = vr_u64(cache, "size");
	out->object_size = vr_u64(cache, "object_size");
	out->flags = vr_u64(cache, "flags");
	out->per_slab = oo & OO_MASK;
	out->order = oo >> OO_SHIFT;
	out->all = (struct vr_slab_node){0};
	if (out->order > MAX_ORDER)
		vr_latch(cache.prog, VR_CORRUPT, "slabs of order %llu",
			 (unsigned long long)out->order);
	/* for_each_kmem_cache_node() looks at all node ids. */
	if (!vr_nodemask_read(cache.prog, "N_POSSIBLE", &possible))
		return false;
	for (unsigned nid = 0; nid < possible.nr; nid++) {
		struct vr_slab_node node;

		if (!vr_slab_read_node(cache, nid, &node))
			continue;
		out->all.slabs += node.slabs;
		out->all.objects += node.objects;
		out->all.partial += node.partial;
		out->all.free += node.free;
	}
	return !vr_failed(cache.prog);
}

/* Objects in a CPU's sheaf; NULL has none. */
static uint64_t in_sheaf(struct vr_obj sheaves, const char *path)
{
	return vr_u64(sheaves, path) ? vr_u64(vr_deref(sheaves, path), "size") : 0;
}

/* Slabs on a CPU's own list. */
static uint64_t count_cpu_partial(struct vr_obj cpu)
{
	struct vr_obj slab;
	uint64_t count = 0;

	if (!vr_has(cpu, "partial"))
		return 0;
	for (slab = cpu; vr_u64(slab, count ? "next" : "partial") && count < MAX_CPU_PARTIAL;
	     count++)
		slab = vr_deref(slab, count ? "next" : "partial");
	if (count == MAX_CPU_PARTIAL)
		vr_latch(cpu.prog, VR_CORRUPT, "a CPU's list of slabs has no end");
	return count;
}

bool vr_slab_read_cpu(struct vr_obj cache, unsigned cpu, struct vr_slab_cpu *out)
{
	struct vr_program *prog = cache.prog;

	*out = (struct vr_slab_cpu){0};
	if (vr_has(cache, "cpu_slab") && vr_u64(cache, "cpu_slab")) {
		struct vr_obj own = vr_at(prog, "struct kmem_cache_cpu",
					  vr_per_cpu_addr(prog, vr_u64(cache, "cpu_slab"), cpu));

		if (vr_u64(own, "slab|page")) {
			out->objects = vr_u64(own, "slab->objects|page->objects");
			out->in_use = vr_u64(own, "slab->inuse|page->inuse");
		}
		out->partial = count_cpu_partial(own);
	}
	if (vr_has(cache, "cpu_sheaves") && vr_u64(cache, "cpu_sheaves")) {
		struct vr_obj sheaves =
			vr_at(prog, "struct slub_percpu_sheaves",
			      vr_per_cpu_addr(prog, vr_u64(cache, "cpu_sheaves"), cpu));

		out->main = in_sheaf(sheaves, "main");
		out->spare = in_sheaf(sheaves, "spare");
		out->rcu_free = in_sheaf(sheaves, "rcu_free");
	}
	return !vr_failed(prog) &&
	       (out->objects || out->partial || out->main || out->spare || out->rcu_free);
}

uint64_t vr_slab_bytes(const struct vr_slab_cache *cache)
{
	uint64_t least = vr_u64(cache->obj, "min.x");
	uint64_t few = least & OO_MASK, order = least >> OO_SHIFT, missing, small;
	uint64_t whole = cache->all.slabs * (PAGE << cache->order);

	if (cache->all.slabs > UINT32_MAX || few >= cache->per_slab || order > cache->order)
		return whole;
	missing = cache->all.slabs * cache->per_slab - cache->all.objects;
	small = missing / (cache->per_slab - few);
	if (missing % (cache->per_slab - few) || small > cache->all.slabs)
		return whole;
	return whole - small * ((PAGE << cache->order) - (PAGE << order));
}

static const struct {
	unsigned bit;
	const char *name;
} old_flags[] = {
	/* include/linux/slab.h until 6.8; a bit that changed its meaning within that time is left out. */
	{8, "CONSISTENCY_CHECKS"}, {10, "RED_ZONE"},        {11, "POISON"},
	{13, "HWCACHE_ALIGN"},     {14, "CACHE_DMA"},       {15, "CACHE_DMA32"},
	{16, "STORE_USER"},        {17, "RECLAIM_ACCOUNT"}, {18, "PANIC"},
	{19, "TYPESAFE_BY_RCU"},   {20, "MEM_SPREAD"},      {21, "TRACE"},
	{22, "DEBUG_OBJECTS"},     {23, "NOLEAKTRACE"},     {25, "FAILSLAB"},
	{26, "ACCOUNT"},           {27, "KASAN"},
};

const char *vr_slab_flag_name(struct vr_program *prog, unsigned bit)
{
	const struct vr_type *type = vr_type_find(prog, "enum _slab_flag_bits");
	const struct vr_enumerator *names;
	size_t count;

	if (!type) {
		for (size_t i = 0; i < VR_ARRAY_SIZE(old_flags); i++)
			if (old_flags[i].bit == bit)
				return old_flags[i].name;
		return NULL;
	}
	names = vr_type_enumerators(type, &count);
	for (size_t i = 0; i < count; i++)
		if (names[i].value == (int64_t)bit && !strncmp(names[i].name, "_SLAB_", 6) &&
		    strcmp(names[i].name, "_SLAB_FLAGS_LAST_BIT"))
			return names[i].name + 6;
	return NULL;
}
