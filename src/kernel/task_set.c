// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/task_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "kernel/globals.h"
#include "kernel/list_ends.h"
#include "kernel/percpu.h"
#include "kernel/pid.h"
#include "kernel/sched.h"
#include "kernel/task_slab.h"
#include "kernel/workqueue.h"
#include "object/memo.h"
#include "object/program.h"

/* kernel/cgroup/cgroup.c: 1 << CSS_SET_HASH_BITS; the same in all releases since 2.6.24. */
#define CSS_SET_BUCKETS 128
/* include/linux/threads.h: PID_MAX_LIMIT, so that there can't be more tasks. */
#define MAX_TASKS (4u << 20)

/* A list that a task is on. */
struct link {
	const char *path;
	uint64_t offset;
	bool present;
};

enum { TASKS, THREADS, SIBLINGS, CGROUP, LINKS };

struct finder {
	struct vr_program *prog;
	struct vr_task_set *set;
	struct vr_map index; /* address to index in set->tasks */
	size_t cap;
	uint64_t size, init, next, prev;
	struct link links[LINKS];
	bool out_of_memory, too_many;
};

static void finder_free(struct finder *f)
{
	vr_map_free(&f->index);
}

/* ---- The set ---- */

/* The first address of a task_struct that can't be read, or 0. */
static uint64_t first_missing(struct finder *f, uint64_t addr)
{
	uint64_t end = addr + f->size;
	const uint8_t *p;

	if (!f->size || end < addr)
		return addr;
	for (uint64_t at = addr; at < end; at = (at | 0xfff) + 1)
		if (vr_aspace_peek(f->prog->as, at, &p) != VR_MEM_OK)
			return at;
	return 0;
}

static bool has_room(struct finder *f)
{
	struct vr_task_set *set = f->set;
	struct vr_task_ref *tasks;
	size_t cap;

	if (set->count < f->cap)
		return true;
	if (set->count >= MAX_TASKS) {
		f->too_many = true;
		return false;
	}
	cap = f->cap ? f->cap * 2 : 256;
	tasks = reallocarray(set->tasks, cap, sizeof(*tasks));
	if (!tasks) {
		f->out_of_memory = true;
		return false;
	}
	set->tasks = tasks;
	f->cap = cap;
	return true;
}

static void add(struct finder *f, uint64_t addr, enum vr_task_way way)
{
	struct vr_task_set *set = f->set;
	const uint64_t *at = vr_map_get(&f->index, addr);

	if (at) {
		set->tasks[*at].ways |= way;
		return;
	}
	/* The idle tasks, the first of which is the head of the list, aren't counted as tasks. */
	if (addr == f->init || !has_room(f))
		return;
	if (!vr_map_put(&f->index, addr, set->count, NULL)) {
		f->out_of_memory = true;
		return;
	}
	set->tasks[set->count++] =
		(struct vr_task_ref){.addr = addr, .ways = way, .missing = first_missing(f, addr)};
}

static bool stopped(const struct finder *f)
{
	return f->out_of_memory || f->too_many;
}

/* ---- Ways that need no other task ---- */

struct listed {
	struct finder *f;
	uint64_t offset;
	enum vr_task_way way;
};

static bool add_entry(void *arg, uint64_t node)
{
	struct listed *l = arg;

	add(l->f, node - l->offset, l->way);
	return !stopped(l->f);
}

/* All entries of a list of tasks, from both its ends: a hole costs what is in it. */
static void add_list(struct finder *f, uint64_t head, const struct link *link, enum vr_task_way way)
{
	struct listed l = {f, link->offset, way};

	if (link->present && !stopped(f))
		vr_list_ends(f->prog, head, add_entry, &l);
}

static void add_pids(struct finder *f)
{
	struct vr_pid_walk w = vr_pid_walk_begin(f->prog);

	w.ids.past_holes = true;
	while (!stopped(f) && vr_pid_walk_next(&w))
		if (vr_ok(w.task))
			add(f, w.task.addr, VR_TASK_BY_PID);
}

static void add_css_set(struct finder *f, struct vr_obj css)
{
	static const char *const lists[] = {"tasks", "mg_tasks", "dying_tasks"};

	for (size_t i = 0; i < VR_ARRAY_SIZE(lists); i++) {
		struct vr_obj head;

		if (vr_try_get(css, lists[i], &head) == VR_OK)
			add_list(f, head.addr, &f->links[CGROUP], VR_TASK_BY_CGROUP);
	}
}

static void add_css_sets(struct finder *f)
{
	struct vr_obj bucket;

	if (vr_try_kernel_global(f->prog, "css_set_table", &bucket) != VR_OK)
		return;
	for (unsigned i = 0; i < CSS_SET_BUCKETS && !stopped(f); i++) {
		struct vr_list_walk w = vr_hlist_begin(bucket, "struct css_set", "hlist");

		while (vr_list_next(&w))
			add_css_set(f, w.entry);
		bucket.addr += vr_type_size(bucket.type);
	}
}

static void add_run_queues(struct finder *f)
{
	struct link link = {.path = "se.group_node"};
	struct vr_cpumask mask;

	link.present = vr_has_member(f->prog, "struct task_struct", link.path);
	if (link.present)
		link.offset = vr_offsetof(f->prog, "struct task_struct", link.path);
	vr_cpumask_read(f->prog, "__cpu_possible_mask", &mask);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&mask, cpu)) < mask.nr; cpu++) {
		struct vr_obj rq = vr_run_queue(f->prog, cpu), list;
		uint64_t curr, idle;

		if (vr_try_u64(rq, "curr", &curr) == VR_OK &&
		    vr_try_u64(rq, "idle", &idle) == VR_OK && curr && curr != idle)
			add(f, curr, VR_TASK_BY_CPU);
		if (vr_try_get(rq, "cfs_tasks", &list) == VR_OK)
			add_list(f, list.addr, &link, VR_TASK_BY_CPU);
	}
}

static bool add_worker(void *arg, uint64_t addr)
{
	struct finder *f = arg;
	uint64_t phys;

	if (vr_aspace_translate(f->prog->as, addr, &phys) != VR_MEM_UNMAPPED)
		add(f, addr, VR_TASK_BY_WORKQUEUE);
	return !stopped(f);
}

static void add_workers(struct finder *f)
{
	vr_workers(f->prog, add_worker, f);
}

/* ---- Ways from one task to others ---- */

/* The head of the list that a link of task is on; an entry there would be none. */
static bool is_head(struct vr_obj task, size_t which, uint64_t node)
{
	static const char *const heads[LINKS][3] = {
		[THREADS] = {"signal->thread_head"},
		[SIBLINGS] = {"real_parent->children"},
		[CGROUP] = {"cgroups->tasks", "cgroups->mg_tasks", "cgroups->dying_tasks"},
	};
	struct vr_obj head;

	for (size_t i = 0; i < VR_ARRAY_SIZE(heads[0]) && heads[which][i]; i++)
		if (vr_try_get(task, heads[which][i], &head) == VR_OK && head.addr == node)
			return true;
	return false;
}

/*
 * The neighbor that one of a link's two pointers names, if that one's other pointer leads back, or
 * is missing together with so much of it that it isn't taken for more than its address.
 */
static void add_neighbor(struct finder *f, struct vr_obj task, size_t which, uint64_t there,
			 uint64_t back)
{
	uint64_t node = task.addr + f->links[which].offset, other, returned;
	enum vr_mem_status st;

	if (vr_aspace_read64(f->prog->as, node + there, &other, NULL) != VR_MEM_OK ||
	    other == node || is_head(task, which, other))
		return;
	st = vr_aspace_read64(f->prog->as, other + back, &returned, NULL);
	if (st == VR_MEM_UNMAPPED || (st == VR_MEM_OK && returned != node))
		return;
	add(f, other - f->links[which].offset, VR_TASK_BY_NEIGHBOR);
}

/* A pointer to a task; one that leads nowhere isn't. */
static void add_pointer(struct finder *f, struct vr_obj task, const char *member)
{
	uint64_t addr, phys;

	if (vr_try_u64(task, member, &addr) == VR_OK && addr &&
	    vr_aspace_translate(f->prog->as, addr, &phys) != VR_MEM_UNMAPPED)
		add(f, addr, VR_TASK_BY_NEIGHBOR);
}

static void add_neighbors(struct finder *f, struct vr_obj task)
{
	static const char *const pointers[] = {"real_parent", "parent", "group_leader"};
	struct vr_obj head;

	for (size_t i = 0; i < LINKS; i++) {
		if (!f->links[i].present)
			continue;
		add_neighbor(f, task, i, f->next, f->prev);
		add_neighbor(f, task, i, f->prev, f->next);
	}
	if (vr_try_get(task, "children", &head) == VR_OK)
		add_list(f, head.addr, &f->links[SIBLINGS], VR_TASK_BY_NEIGHBOR);
	if (vr_try_get(task, "signal->thread_head", &head) == VR_OK)
		add_list(f, head.addr, &f->links[THREADS], VR_TASK_BY_NEIGHBOR);
	for (size_t i = 0; i < VR_ARRAY_SIZE(pointers); i++)
		add_pointer(f, task, pointers[i]);
}

/* ---- All of it ---- */

/* Of the floating-point state at its end there is only as much as this machine needs. */
static uint64_t task_size(struct vr_program *prog)
{
	uint64_t size = vr_sizeof(prog, "struct task_struct"), addr;
	uint32_t allocated;

	if (!vr_try_symbol(prog, "arch_task_struct_size", &addr) &&
	    !vr_read(prog, addr, &allocated, sizeof(allocated), NULL) && allocated >= size / 2 &&
	    allocated < size)
		size = allocated;
	return size;
}

static bool begin(struct finder *f)
{
	static const char *const paths[LINKS] = {
		[TASKS] = "tasks",
		[THREADS] = "thread_node",
		[SIBLINGS] = "sibling",
		[CGROUP] = "cg_list",
	};

	f->size = task_size(f->prog);
	f->init = vr_symbol(f->prog, "init_task");
	f->next = vr_offsetof(f->prog, "struct list_head", "next");
	f->prev = vr_offsetof(f->prog, "struct list_head", "prev");
	for (size_t i = 0; i < LINKS; i++) {
		f->links[i].path = paths[i];
		f->links[i].present = vr_has_member(f->prog, "struct task_struct", paths[i]);
		if (f->links[i].present)
			f->links[i].offset = vr_offsetof(f->prog, "struct task_struct", paths[i]);
	}
	return !vr_failed(f->prog);
}

/* What the lists lead to. True where they were cut short. */
static bool add_listed(struct finder *f)
{
	struct vr_task_walk w = vr_task_walk_begin(f->prog);
	struct vr_scope scope;

	vr_scope_enter(f->prog, &scope);
	while (!stopped(f) && vr_task_walk_next(&w))
		add(f, w.task.addr, VR_TASK_BY_LIST);
	vr_scope_leave(f->prog, &scope);
	if (scope.error.kind != VR_OK)
		vr_latch_error(f->prog, &scope.error);
	if (scope.cuts)
		vr_cut(f->prog, scope.cut.kind, "%s", scope.cut.text);
	return scope.cuts && scope.error.kind == VR_OK;
}

static void quietly(struct finder *f, void (*way)(struct finder *f))
{
	struct vr_scope scope;

	/* That there are holes has been recorded; each way has its own part of them. */
	vr_scope_enter(f->prog, &scope);
	way(f);
	vr_scope_leave(f->prog, &scope);
}

/* Sort key of what isn't on the list. */
struct order {
	int64_t pid; /* INT64_MAX: can't be read */
	struct vr_task_ref ref;
};

static int by_pid(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->ref.addr < y->ref.addr ? -1 : x->ref.addr > y->ref.addr;
}

static void sort_from(struct finder *f, size_t first)
{
	struct vr_task_set *set = f->set;
	size_t count = set->count - first;
	VR_FREE struct order *order = calloc(count + 1, sizeof(*order));

	if (!order) {
		f->out_of_memory = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t pid;

		order[i].ref = set->tasks[first + i];
		order[i].pid = INT64_MAX;
		if (vr_try_u64(vr_task_set_at(set, first + i), "pid", &pid) == VR_OK)
			order[i].pid = (int64_t)pid;
	}
	qsort(order, count, sizeof(*order), by_pid);
	for (size_t i = 0; i < count; i++)
		set->tasks[first + i] = order[i].ref;
}

/* What the members from first on lead to; the set grows while they are looked at. */
static void add_all_neighbors(struct finder *f, size_t first)
{
	for (size_t i = first; i < f->set->count && !stopped(f); i++)
		add_neighbors(f, vr_task_set_at(f->set, i));
}

/* ---- The last resort ---- */

static bool has_pid(struct finder *f, struct vr_obj task)
{
	uint64_t pid, other;

	if (vr_try_u64(task, "pid", &pid) != VR_OK)
		return true;
	for (size_t i = 0; i < f->set->count; i++)
		if (vr_try_u64(vr_task_set_at(f->set, i), "pid", &other) == VR_OK && other == pid)
			return true;
	return false;
}

static bool add_from_slab(void *arg, struct vr_obj task, enum vr_task_life life)
{
	struct finder *f = arg;

	/* One only being made is a copy of its parent, pid and all. */
	if (vr_map_get(&f->index, task.addr) || life == VR_TASK_PROVEN || !has_pid(f, task))
		add(f, task.addr, VR_TASK_BY_SLAB);
	return !stopped(f);
}

/*
 * The kernel's own count (kernel/fork.c). It may be one off where the machine died within a fork(),
 * so that it says nothing of a dump that lacks nothing.
 */
static void count_lost(struct vr_program *prog, struct vr_task_set *set)
{
	struct vr_obj count;
	uint64_t all;

	set->lost = 0;
	if (!set->holed && !set->missing)
		return;
	if (vr_try_kernel_global(prog, "nr_threads", &count) == VR_OK &&
	    vr_try_u64(count, "", &all) == VR_OK && all > set->count && all <= MAX_TASKS)
		set->lost = all - set->count;
}

static void count_missing(struct vr_task_set *set)
{
	set->missing = 0;
	for (size_t i = 0; i < set->count; i++)
		set->missing += set->tasks[i].missing != 0;
}

static void add_by_slab(struct finder *f)
{
	size_t before = f->set->count;
	uint64_t pages;

	if (vr_task_slab_scan(f->prog, add_from_slab, f, &pages) == VR_LIMIT)
		vr_cut(f->prog, VR_LIMIT,
		       "tasks were looked for in the first %llu page frames only",
		       (unsigned long long)pages);
	add_all_neighbors(f, before);
}

static void add_others(struct finder *f)
{
	size_t listed = f->set->count;

	quietly(f, add_pids);
	quietly(f, add_css_sets);
	quietly(f, add_run_queues);
	quietly(f, add_workers);
	add_neighbors(f, vr_at(f->prog, "struct task_struct", f->init));
	add_all_neighbors(f, 0);
	f->set->holed = f->set->count > listed;
	count_missing(f->set);
	count_lost(f->prog, f->set);
	if (f->set->lost && !stopped(f))
		add_by_slab(f);
	f->set->holed = f->set->count > listed;
	sort_from(f, listed);
}

bool vr_task_set_read(struct vr_program *prog, struct vr_task_set *set)
{
	VR_CLEANUP(finder_free) struct finder f = {.prog = prog, .set = set};

	*set = (struct vr_task_set){.prog = prog};
	set->type = vr_at(prog, "struct task_struct", 0).type;
	if (!begin(&f))
		return false;
	if (add_listed(&f))
		add_others(&f);
	if (f.out_of_memory)
		vr_latch(prog, VR_NOMEM, "out of memory for the tasks");
	if (f.too_many)
		vr_cut(prog, VR_LIMIT, "more than %u tasks", MAX_TASKS);
	count_missing(set);
	count_lost(prog, set);
	return !vr_failed(prog);
}

struct kept {
	bool found;
	struct vr_task_set set;
	struct vr_scope scope; /* as it was when the set had been found */
};

static void find_once(struct vr_program *prog, struct kept *kept)
{
	static const char tasks_key;
	struct vr_task_set set;
	struct vr_scope scope;
	size_t size;
	void *tasks;

	vr_scope_enter(prog, &scope);
	vr_task_set_read(prog, &set);
	size = set.count * sizeof(*set.tasks);
	tasks = size ? vr_memo(prog, &tasks_key, size) : NULL;
	vr_scope_leave(prog, &scope);
	kept->scope = scope;
	kept->set = set;
	kept->set.tasks = tasks;
	if (tasks)
		memcpy(tasks, set.tasks, size);
	else
		kept->set.count = 0;
	kept->found = true;
	vr_task_set_free(&set);
}

const struct vr_task_set *vr_tasks(struct vr_program *prog)
{
	static const struct vr_task_set none;
	static const char key;
	struct kept *kept = vr_memo(prog, &key, sizeof(*kept));

	if (!kept)
		return &none;
	if (!kept->found)
		find_once(prog, kept);
	if (kept->scope.error.kind != VR_OK)
		vr_latch_error(prog, &kept->scope.error);
	if (kept->scope.cuts)
		vr_cut(prog, kept->scope.cut.kind, "%s", kept->scope.cut.text);
	return &kept->set;
}

bool vr_task_set_holes(const struct vr_task_set *set, char *buf, size_t size)
{
	size_t listed = 0;

	for (size_t i = 0; i < set->count; i++)
		listed += (set->tasks[i].ways & VR_TASK_BY_LIST) != 0;
	if (!set->holed && !set->missing && !set->lost)
		return false;
	snprintf(buf, size,
		 "of %zu tasks %zu are found, %zu of them by the kernel's list of tasks; %zu are "
		 "not whole: pages of the kernel's own memory are not in the dump",
		 set->count + set->lost, set->count, listed, set->missing);
	return true;
}

void vr_task_set_free(struct vr_task_set *set)
{
	free(set->tasks);
	*set = (struct vr_task_set){0};
}

const char *vr_task_set_source(const struct vr_task_set *set)
{
	return set->holed ? "init_task.tasks, init_pid_ns.idr, css_set_table, runqueues, "
			    "workqueues, worker_pool_idr, task_struct_cachep"
			  : "init_task.tasks";
}
