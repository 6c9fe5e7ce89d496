// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's caches of objects take: all of them, the largest first. */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "kernel/cpus.h"
#include "kernel/slab.h"
#include "kernel/zone.h"

#define MAX_CACHES 65536

struct entry {
	struct vr_slab_cache cache;
	uint64_t bytes;
};

struct table {
	struct entry *entries;
	size_t count, room;
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->cache.name, y->cache.name);
}

static bool add(struct table *t, struct vr_obj obj, const struct entry *entry)
{
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 256;
		struct entry *grown =
			room > MAX_CACHES ? NULL : realloc(t->entries, room * sizeof(*grown));

		if (!grown) {
			vr_cut(obj.prog, room > MAX_CACHES ? VR_LIMIT : VR_NOMEM,
			       "no room for more than %zu caches", t->count);
			return false;
		}
		t->entries = grown;
		t->room = room;
	}
	t->entries[t->count++] = *entry;
	return true;
}

/* "HWCACHE_ALIGN|PANIC"; bits without a name as a number. */
static void add_flags(struct vr_program *prog, struct vr_json *list, uint64_t flags)
{
	uint64_t rest = 0;
	char number[24];

	for (unsigned bit = 0; bit < 64; bit++) {
		const char *name;

		if (!(flags >> bit & 1))
			continue;
		name = vr_slab_flag_name(prog, bit);
		if (name)
			vr_json_set_string(list, NULL, name);
		else
			rest |= 1ull << bit;
	}
	if (!rest)
		return;
	snprintf(number, sizeof(number), "0x%" PRIx64, rest);
	vr_json_set_string(list, NULL, number);
}

static void print_flags(struct vr_file *f, struct vr_program *prog, uint64_t flags)
{
	const char *between = "";

	for (unsigned bit = 0; bit < 64; bit++) {
		const char *name = flags >> bit & 1 ? vr_slab_flag_name(prog, bit) : NULL;

		if (!name)
			continue;
		vr_printf(f, "%s%s", between, name);
		between = "|";
	}
}

static void add_nodes(struct vr_json *list, struct vr_obj cache, const struct vr_nodemask *nodes)
{
	for (unsigned nid = 0; nid < nodes->nr; nid++) {
		struct vr_slab_node node;
		struct vr_json *o;

		if (!vr_nodemask_test(nodes, nid) || !vr_slab_read_node(cache, nid, &node))
			continue;
		o = vr_json_add_object(list, NULL);
		vr_json_set_uint(o, "node", nid);
		vr_json_set_uint(o, "slabs", node.slabs);
		vr_json_set_uint(o, "objects", node.objects);
		vr_json_set_uint(o, "partial_slabs", node.partial);
		vr_json_set_uint(o, "partial_free_objects", node.free);
	}
}

static void set_cpu(struct vr_json *o, struct vr_obj cache, const struct vr_slab_cpu *own)
{
	if (vr_has(cache, "cpu_slab")) {
		vr_json_set_uint(o, "slab_objects", own->objects);
		vr_json_set_uint(o, "slab_objects_in_use", own->in_use);
		vr_json_set_uint(o, "partial_slabs", own->partial);
	}
	if (vr_has(cache, "cpu_sheaves")) {
		vr_json_set_uint(o, "sheaf_objects", own->main);
		vr_json_set_uint(o, "spare_sheaf_objects", own->spare);
		vr_json_set_uint(o, "rcu_sheaf_objects", own->rcu_free);
	}
}

/* A CPU's part that can't be read says so, and costs no other. */
static void add_cpus(struct vr_json *list, struct vr_obj cache, const struct vr_cpumask *cpus)
{
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(cpus, cpu)) < cpus->nr; cpu++) {
		struct vr_slab_cpu own;
		struct vr_scope scope;
		struct vr_json *o;
		bool any;

		vr_scope_enter(cache.prog, &scope);
		any = vr_slab_read_cpu(cache, cpu, &own);
		if (vr_scope_leave(cache.prog, &scope) == VR_OK && !any)
			continue;
		o = vr_json_add_object(list, NULL);
		vr_json_set_uint(o, "cpu", cpu);
		if (any) {
			set_cpu(o, cache, &own);
			continue;
		}
		vr_json_set_string(o, "missing", scope.error.text);
		vr_cut(cache.prog, scope.error.kind, "a CPU's part of a cache: %s",
		       scope.error.text);
	}
}

static void add_json(struct vr_json *list, const struct entry *e, const struct vr_nodemask *nodes,
		     const struct vr_cpumask *cpus)
{
	const struct vr_slab_cache *c = &e->cache;
	struct vr_json *o = vr_json_add_object(list, NULL);

	vr_json_set_string(o, "name", c->name);
	vr_json_set_addr(o, "address", c->obj.addr);
	vr_json_set_uint(o, "bytes", e->bytes);
	vr_json_set_uint(o, "objects", c->all.objects);
	vr_json_set_uint(o, "active", c->all.objects - c->all.free);
	vr_json_set_uint(o, "slabs", c->all.slabs);
	vr_json_set_uint(o, "object_size", c->object_size);
	vr_json_set_uint(o, "size", c->size);
	vr_json_set_uint(o, "objects_per_slab", c->per_slab);
	vr_json_set_uint(o, "pages_per_slab", 1ull << c->order);
	add_flags(c->obj.prog, vr_json_add_array(o, "flags"), c->flags);
	add_nodes(vr_json_add_array(o, "nodes"), c->obj, nodes);
	add_cpus(vr_json_add_array(o, "cpus"), c->obj, cpus);
}

static void add_line(struct vr_file *f, const struct entry *e)
{
	const struct vr_slab_cache *c = &e->cache;
	char name[VR_PRINTABLE_SIZE(sizeof(c->name))];

	vr_printf(f, "%12" PRIu64 " %9" PRIu64 " %9" PRIu64 " %7" PRIu64 " %7" PRIu64 "  %-24s ",
		  e->bytes, c->all.objects, c->all.objects - c->all.free, c->all.slabs, c->size,
		  vr_printable(c->name, name, sizeof(name)));
	print_flags(f, c->obj.prog, c->flags);
	vr_puts(f, "\n");
}

/* Read all caches; one that can't be read is a row of text that is dropped. */
static void read_all(struct vr_file *text, struct vr_program *prog, struct table *t)
{
	struct vr_list_walk w = vr_slab_begin(prog);
	bool more = true;

	while (more && vr_list_next(&w)) {
		struct entry e;

		vr_row_begin(text);
		if (vr_slab_read(w.entry, &e.cache))
			e.bytes = vr_slab_bytes(&e.cache);
		if (vr_row_end(text))
			more = add(t, w.entry, &e);
	}
	if (t->count)
		qsort(t->entries, t->count, sizeof(t->entries[0]), compare);
}

/* The JSON text; failed: the kind of error for which caches are missing. */
static void print_json(struct vr_file *f, struct vr_program *prog, const struct table *t,
		       enum vr_err failed)
{
	struct vr_json *root = vr_json_object(), *list = vr_json_add_array(root, "caches");
	struct vr_nodemask nodes;
	struct vr_cpumask cpus;
	uint64_t total = 0;

	vr_nodemask_read(prog, "N_ONLINE", &nodes);
	vr_cpus_online(prog, &cpus);
	for (size_t i = 0; i < t->count && !vr_failed(prog); i++) {
		add_json(list, &t->entries[i], &nodes, &cpus);
		total += t->entries[i].bytes;
	}
	vr_json_set_uint(root, "bytes", total);
	if (failed != VR_OK)
		vr_cut(prog, failed, "caches are missing, as in slab_info.txt");
	vr_print_json(f, root);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *json = vr_file_new(run, "slab_info.json");
	struct vr_file *text = vr_file_new(run, "slab_info.txt");
	struct table t = {0};

	vr_file_source(json, "slab_caches");
	vr_file_source(text, "slab_caches");
	vr_printf(text, "%12s %9s %9s %7s %7s  %-24s %s\n", "BYTES", "OBJECTS", "ACTIVE", "SLABS",
		  "SIZE", "NAME", "FLAGS");
	read_all(text, prog, &t);
	for (size_t i = 0; i < t.count; i++)
		add_line(text, &t.entries[i]);
	print_json(json, prog, &t, vr_file_end(text));
	vr_file_end(json);
	free(t.entries);
}

static const char *const needs[] = {"symbol:slab_caches", "member:struct kmem_cache_node.nr_slabs",
				    NULL};

VR_PLUGIN(.description = "caches of kernel objects and what they take, the largest first",
	  .needs = needs, .collect = collect)
