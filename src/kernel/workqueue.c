// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/workqueue.h"

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/list_ends.h"
#include "kernel/percpu.h"
#include "kernel/xarray.h"

/* NR_STD_WORKER_POOLS: normal and high priority. */
#define POOLS_PER_CPU 2
/* BUSY_WORKER_HASH_ORDER is 6. A bucket holds a worker or two. */
#define MAX_BUSY 4096

struct search {
	struct vr_program *prog;
	vr_worker_fn fn;
	void *arg;
	uint64_t node, list; /* worker.node, workqueue_struct.list */
	struct vr_obj worker, queue;
	bool stopped;
};

static bool give(struct search *s, uint64_t worker)
{
	uint64_t task;

	s->worker.addr = worker;
	if (!s->stopped && vr_try_u64(s->worker, "task", &task) == VR_OK && task)
		s->stopped = !s->fn(s->arg, task);
	return !s->stopped;
}

static bool give_listed(void *arg, uint64_t node)
{
	struct search *s = arg;

	return give(s, node - s->node);
}

/* Those at work are also in a table, which other holes miss. */
static void give_busy(struct search *s, struct vr_obj pool)
{
	struct vr_obj bucket;
	uint64_t entry_offset, buckets;

	if (vr_try_get(pool, "busy_hash[0]", &bucket) || vr_type_size(bucket.type) != 8 ||
	    vr_type_offsetof(s->worker.type, "hentry", &entry_offset))
		return;
	buckets = vr_has(pool, "busy_hash[63]") ? 64 : 1;
	for (uint64_t i = 0; i < buckets && !s->stopped; i++) {
		uint64_t node;

		if (vr_read(s->prog, bucket.addr + 8 * i, &node, 8, NULL))
			continue;
		for (unsigned n = 0; node && n < MAX_BUSY && give(s, node - entry_offset); n++)
			if (vr_read(s->prog, node, &node, 8, NULL))
				break;
	}
}

static void give_pool(struct search *s, struct vr_obj pool)
{
	struct vr_obj head;
	uint64_t manager;

	if (!vr_ok(pool))
		return;
	if (!vr_try_get(pool, "workers", &head))
		vr_list_ends(s->prog, head.addr, give_listed, s);
	give_busy(s, pool);
	if (!vr_try_u64(pool, "manager", &manager) && manager)
		give(s, manager);
}

static void give_cpu_pools(struct search *s, const char *symbol)
{
	unsigned nr = vr_nr_cpus(s->prog);
	uint64_t addr;

	if (vr_try_symbol(s->prog, symbol, &addr))
		return;
	for (unsigned cpu = 0; cpu < nr && !s->stopped; cpu++) {
		struct vr_obj pool = vr_per_cpu(s->prog, symbol, "struct worker_pool", cpu);

		for (unsigned i = 0; i < POOLS_PER_CPU && vr_ok(pool); i++) {
			give_pool(s, pool);
			pool.addr += vr_type_size(pool.type);
		}
	}
}

static void give_all_pools(struct search *s)
{
	struct vr_obj idr;
	struct vr_xarray_walk w;

	if (vr_try_kernel_global(s->prog, "worker_pool_idr", &idr))
		return;
	w = vr_idr_begin(idr);
	w.past_holes = true;
	while (!s->stopped && vr_xarray_next(&w))
		if (!vr_xa_is_value(w.entry))
			give_pool(s, vr_at(s->prog, "struct worker_pool", w.entry));
}

static bool give_rescuer(void *arg, uint64_t node)
{
	struct search *s = arg;
	uint64_t rescuer;

	s->queue.addr = node - s->list;
	if (!vr_try_u64(s->queue, "rescuer", &rescuer) && rescuer)
		give(s, rescuer);
	return !s->stopped;
}

void vr_workers(struct vr_program *prog, vr_worker_fn fn, void *arg)
{
	struct search s = {.prog = prog, .fn = fn, .arg = arg};
	struct vr_scope scope;
	uint64_t queues;

	if (!vr_type_find(prog, "struct worker") || !vr_type_find(prog, "struct worker_pool") ||
	    !vr_type_find(prog, "struct workqueue_struct"))
		return;
	vr_scope_enter(prog, &scope);
	s.worker = vr_at(prog, "struct worker", 0);
	s.queue = vr_at(prog, "struct workqueue_struct", 0);
	s.node = vr_offsetof(prog, "struct worker", "node");
	s.list = vr_offsetof(prog, "struct workqueue_struct", "list");
	if (!vr_failed(prog)) {
		if (!vr_try_symbol(prog, "workqueues", &queues))
			vr_list_ends(prog, queues, give_rescuer, &s);
		give_cpu_pools(&s, "cpu_worker_pools");
		give_all_pools(&s);
	}
	vr_scope_leave(prog, &scope);
}
