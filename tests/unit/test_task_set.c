// SPDX-License-Identifier: GPL-2.0-or-later
/* All tasks of a dump with holes: each way to them alone, and that none is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernel/task_set.h"
#include "tiny_kernel.h"

/* Of two pages: the list of all tasks in one, what identifies a task in the other. */
/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct xarray { unsigned int xa_flags; void *xa_head; };
	struct xa_node {
		unsigned char shift, offset, count, nr_values;
		struct xa_node *parent; struct xarray *array; void *slots[64];
	};
	struct idr { struct xarray idr_rt; unsigned int idr_base, idr_next; };
	struct pid_namespace { struct idr idr; };
	struct pid { int count; struct hlist_head tasks[4]; };
	struct signal_struct { int live; struct list_head thread_head; };
	struct css_set { struct hlist_node hlist; struct list_head tasks, mg_tasks, dying_tasks; };
	struct sched_entity { struct list_head group_node; };
	struct rq { struct task_struct *curr, *idle; struct list_head cfs_tasks; };
	struct cpumask { unsigned long bits[2]; };
	struct worker {
		struct hlist_node hentry; struct task_struct *task; struct list_head node;
	};
	struct worker_pool {
		struct hlist_head busy_hash[64]; struct worker *manager; struct list_head workers;
	};
	struct workqueue_struct { struct list_head pwqs, list; struct worker *rescuer; };
	enum pagetype { PGTY_slab = 245 };
	struct page {
		unsigned long flags; unsigned long words[5]; unsigned int page_type; int count;
		unsigned long end;
	};
	struct slab {
		unsigned long flags; struct kmem_cache *slab_cache; unsigned int inuse : 16;
		unsigned int objects : 15; unsigned int frozen : 1;
	};
	struct kmem_cache_order_objects { unsigned int x; };
	struct kmem_cache { unsigned int size; struct kmem_cache_order_objects oo; };
	struct atomic { int counter; };
	struct refcount { struct atomic refs; };
	struct task_struct {
		struct list_head tasks; char first_page[4080];
		struct refcount usage; unsigned int __state; struct pid *thread_pid;
		int pid, tgid; struct sched_entity se; struct hlist_node pid_links[4];
		struct list_head thread_node, children, sibling, cg_list;
		struct task_struct *real_parent, *parent, *group_leader;
		struct signal_struct *signal; struct css_set *cgroups;
		char comm[16]; char rest[3000];
	};
)
/* clang-format on */

#define AT(member) offsetof(struct task_struct, member)
#define COUNT 6

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t init, css, rq;
	uint64_t tasks[COUNT + 1]; /* from 1 on; the index is the pid */
};

static struct task_struct *task(struct place *p, unsigned i)
{
	return tk_ptr(p->k, p->tasks[i]);
}

static void list_init(struct place *p, uint64_t head)
{
	tk_put64(p->k, head, head);
	tk_put64(p->k, head + 8, head);
}

static void list_add_tail(struct place *p, uint64_t entry, uint64_t head)
{
	uint64_t last = tk_get64(p->k, head + 8);

	tk_put64(p->k, entry, head);
	tk_put64(p->k, entry + 8, last);
	tk_put64(p->k, last, entry);
	tk_put64(p->k, head + 8, entry);
}

/* Processes of one thread each, on the list of all and on no other. */
static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};

	p.init = tk_global(p.k, "init_task", sizeof(struct task_struct));
	p.tasks[0] = p.init;
	list_init(&p, p.init + AT(tasks));
	list_init(&p, p.init + AT(children));
	for (unsigned i = 1; i <= COUNT; i++) {
		uint64_t va = p.tasks[i] = tk_alloc(p.k, 2 * TK_PAGE), signal;
		struct task_struct *t = task(&p, i);

		signal = tk_alloc(p.k, sizeof(struct signal_struct));
		t->pid = t->tgid = (int)i;
		t->signal = tk_va(struct signal_struct, signal);
		list_init(&p, signal + offsetof(struct signal_struct, thread_head));
		list_add_tail(&p, va + AT(thread_node),
			      signal + offsetof(struct signal_struct, thread_head));
		list_add_tail(&p, va + AT(tasks), p.init + AT(tasks));
		list_init(&p, va + AT(children));
		list_init(&p, va + AT(sibling));
		list_init(&p, va + AT(cg_list));
	}
	return p;
}

static void add_pids(struct place *p)
{
	uint64_t ns_va = tk_global(p->k, "init_pid_ns", sizeof(struct pid_namespace));
	uint64_t node_va = tk_alloc(p->k, sizeof(struct xa_node));
	struct pid_namespace *ns = tk_ptr(p->k, ns_va);
	struct xa_node *node = tk_ptr(p->k, node_va);

	ns->idr.idr_rt.xa_head = tk_va(void, node_va + 2);
	for (unsigned i = 1; i <= COUNT; i++) {
		uint64_t va = tk_alloc(p->k, sizeof(struct pid));
		struct pid *pid = tk_ptr(p->k, va);

		pid->tasks[0].first = tk_va(struct hlist_node, p->tasks[i] + AT(pid_links));
		node->slots[i] = tk_va(void, va);
	}
}

static void add_cgroups(struct place *p)
{
	uint64_t table = tk_global(p->k, "css_set_table", 128 * 8);
	uint64_t css = tk_alloc(p->k, sizeof(struct css_set));

	tk_put64(p->k, table + 8 * 77, css);
	list_init(p, css + offsetof(struct css_set, tasks));
	list_init(p, css + offsetof(struct css_set, mg_tasks));
	list_init(p, css + offsetof(struct css_set, dying_tasks));
	for (unsigned i = 1; i <= COUNT; i++) {
		list_add_tail(p, p->tasks[i] + AT(cg_list),
			      css + (i % 2 ? offsetof(struct css_set, tasks)
					   : offsetof(struct css_set, dying_tasks)));
		task(p, i)->cgroups = tk_va(struct css_set, css);
	}
}

static void add_run_queue(struct place *p)
{
	uint64_t rq = tk_global(p->k, "runqueues", sizeof(struct rq));
	uint64_t mask = tk_global(p->k, "__cpu_possible_mask", 16);

	tk_global(p->k, "__per_cpu_offset", 64);
	memset(tk_ptr(p->k, tk_global(p->k, "nr_cpu_ids", 4)), 1, 1);
	tk_put64(p->k, mask, 1);
	tk_put64(p->k, rq, p->tasks[COUNT]);
	tk_put64(p->k, rq + 8, p->init);
	list_init(p, rq + 16);
	for (unsigned i = 1; i < COUNT; i++)
		list_add_tail(p, p->tasks[i] + AT(se), rq + 16);
}

/* The page of a task with its link in the list of all, or the one with its pid. */
static void lose(struct place *p, unsigned i, unsigned page)
{
	tk_set_page(p->k, tk_phys(p->k, p->tasks[i]) + page * TK_PAGE, TK_ABSENT);
}

/* "pid:ways" of all that is found, "?" for a pid that can't be read. */
static void check(struct place *p, const char *want, size_t missing, bool holed)
{
	struct vr_task_set set;
	VR_STRBUF got = {0};

	p->prog = tk_open(p->k);
	assert_true(vr_task_set_read(p->prog, &set));
	for (size_t i = 0; i < set.count; i++) {
		uint64_t pid;

		if (vr_try_u64(vr_task_set_at(&set, i), "pid", &pid) == VR_OK)
			vr_strbuf_printf(&got, "%u:%u ", (unsigned)pid, set.tasks[i].ways);
		else
			vr_strbuf_printf(&got, "?:%u ", set.tasks[i].ways);
	}
	assert_string_equal(vr_strbuf_str(&got), want);
	assert_int_equal(set.missing, missing);
	assert_int_equal(set.holed, holed);
	assert_int_equal(p->prog->scope->cuts != 0, missing != 0);
	vr_task_set_free(&set);
}

static void test_intact(void **state)
{
	struct place p = make();

	(void)state;
	add_pids(&p);
	add_cgroups(&p);
	add_run_queue(&p);
	check(&p, "1:1 2:1 3:1 4:1 5:1 6:1 ", 0, false);
	tk_free(p.k);
}

/* From the other end of the list, up to the hole. */
static void test_neighbors(void **state)
{
	struct place p = make();

	(void)state;
	lose(&p, 2, 0);
	check(&p, "1:17 2:16 3:16 4:16 5:16 6:16 ", 1, true);
	/* Between two holes there is nobody to ask, here. */
	lose(&p, 5, 0);
	check(&p, "1:17 2:16 5:16 6:16 ", 2, true);
	/* A task with nothing but an address. */
	lose(&p, 2, 1);
	check(&p, "1:17 5:16 6:16 ?:16 ", 2, true);
	tk_free(p.k);
}

static void test_family(void **state)
{
	struct place p = make();

	(void)state;
	lose(&p, 2, 0);
	lose(&p, 5, 0);
	/* 3 is 1's child, 4 is 3's leader, whatever that may mean. */
	task(&p, 3)->real_parent = tk_va(struct task_struct, p.tasks[1]);
	list_add_tail(&p, p.tasks[3] + AT(sibling), p.tasks[1] + AT(children));
	task(&p, 3)->group_leader = tk_va(struct task_struct, p.tasks[4]);
	check(&p, "1:17 2:16 3:16 4:16 5:16 6:16 ", 2, true);
	tk_free(p.k);
}

static void test_pids(void **state)
{
	struct place p = make();

	(void)state;
	add_pids(&p);
	lose(&p, 2, 0);
	lose(&p, 5, 0);
	check(&p, "1:19 2:18 3:18 4:18 5:18 6:18 ", 2, true);
	tk_free(p.k);
}

static void test_cgroups(void **state)
{
	struct place p = make();

	(void)state;
	add_cgroups(&p);
	lose(&p, 2, 0);
	lose(&p, 5, 0);
	check(&p, "1:21 2:20 3:20 4:20 5:20 6:20 ", 2, true);
	tk_free(p.k);
}

static void test_run_queues(void **state)
{
	struct place p = make();

	(void)state;
	add_run_queue(&p);
	lose(&p, 2, 0);
	lose(&p, 5, 0);
	check(&p, "1:25 2:24 3:24 4:24 5:24 6:24 ", 2, true);
	tk_free(p.k);
}

/* Two pools of a CPU, one of which has workers, and workqueues with rescuers. */
static uint64_t add_worker(struct place *p, unsigned i)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct worker));
	struct worker *worker = tk_ptr(p->k, va);

	worker->task = tk_va(struct task_struct, p->tasks[i]);
	return va;
}

static void add_workqueues(struct place *p)
{
	uint64_t pools = tk_global(p->k, "cpu_worker_pools", 2 * sizeof(struct worker_pool));
	uint64_t idr = tk_global(p->k, "worker_pool_idr", sizeof(struct idr));
	uint64_t queues = tk_global(p->k, "workqueues", sizeof(struct list_head));
	uint64_t pool = tk_alloc(p->k, sizeof(struct worker_pool));
	uint64_t head = offsetof(struct worker_pool, workers);

	tk_global(p->k, "__per_cpu_offset", 64);
	memset(tk_ptr(p->k, tk_global(p->k, "nr_cpu_ids", 4)), 1, 1);
	list_init(p, pools + head);
	list_init(p, pools + sizeof(struct worker_pool) + head);
	list_init(p, pool + head);
	list_init(p, queues);
	/* 1 and 2 by the CPU's second pool, 3 by one without CPU, 4 only as it works, 5 and 6 rescue. */
	for (unsigned i = 1; i <= 3; i++)
		list_add_tail(p, add_worker(p, i) + offsetof(struct worker, node),
			      i < 3 ? pools + sizeof(struct worker_pool) + head : pool + head);
	tk_put64(p->k, pool + 8 * 63, add_worker(p, 4));
	((struct idr *)tk_ptr(p->k, idr))->idr_rt.xa_head = tk_va(void, pool);
	for (unsigned i = 5; i <= COUNT; i++) {
		uint64_t va = tk_alloc(p->k, sizeof(struct workqueue_struct));
		struct workqueue_struct *queue = tk_ptr(p->k, va);

		queue->rescuer = tk_va(struct worker, add_worker(p, i));
		list_add_tail(p, va + offsetof(struct workqueue_struct, list), queues);
	}
}

static void test_workqueues(void **state)
{
	struct place p = make();

	(void)state;
	add_workqueues(&p);
	check(&p, "1:1 2:1 3:1 4:1 5:1 6:1 ", 0, false);
	lose(&p, 2, 0);
	lose(&p, 5, 0);
	check(&p, "1:49 2:48 3:48 4:48 5:48 6:48 ", 2, true);
	tk_free(p.k);
}

/* Each task in a slab of its own. */
static uint64_t add_slabs(struct place *p)
{
	uint64_t memmap = tk_alloc(p->k, TK_RAM_PAGES * sizeof(struct page));
	uint64_t cache_va = tk_alloc(p->k, sizeof(struct kmem_cache));
	struct kmem_cache *cache = tk_ptr(p->k, cache_va);

	cache->size = 2 * TK_PAGE;
	cache->oo.x = 1;
	tk_put64(p->k, tk_global(p->k, "task_struct_cachep", 8), cache_va);
	tk_put64(p->k, tk_global(p->k, "vmemmap_base", 8), memmap);
	tk_put64(p->k, tk_global(p->k, "page_offset_base", 8), tk_direct_map(p->k));
	tk_put64(p->k, tk_global(p->k, "max_pfn", 8), TK_RAM_PAGES);
	*(int *)tk_ptr(p->k, tk_global(p->k, "nr_threads", 4)) = COUNT;
	for (unsigned i = 1; i <= COUNT; i++) {
		uint64_t va = memmap + tk_phys(p->k, p->tasks[i]) / TK_PAGE * sizeof(struct page);
		struct page *page = tk_ptr(p->k, va);
		struct slab *slab = tk_ptr(p->k, va);

		slab->slab_cache = tk_va(struct kmem_cache, cache_va);
		slab->objects = 1;
		page->page_type = (unsigned)PGTY_slab << 24;
		task(p, i)->usage.refs.counter = 1;
		/* An id that the dump doesn't have. */
		task(p, i)->thread_pid = tk_va(struct pid, TK_NOWHERE);
		task(p, i)->group_leader = tk_va(struct task_struct, p->tasks[i]);
	}
	return memmap;
}

static void test_slabs(void **state)
{
	struct place p = make();
	uint64_t memmap = add_slabs(&p), page;

	(void)state;
	check(&p, "1:1 2:1 3:1 4:1 5:1 6:1 ", 0, false);
	lose(&p, 2, 0);
	lose(&p, 5, 0);
	check(&p, "1:81 2:80 3:80 4:80 5:80 6:80 ", 2, true);
	/* A page that is no slab any more; its neighbor leads to 3. */
	page = memmap + tk_phys(p.k, p.tasks[3]) / TK_PAGE * sizeof(struct page);
	((struct page *)tk_ptr(p.k, page))->page_type = 0;
	((struct slab *)tk_ptr(p.k, page))->flags = ~0ul;
	check(&p, "1:81 2:80 3:16 4:80 5:80 6:80 ", 2, true);
	tk_free(p.k);
}

/* What is left of a task in its slab, or is going to be one. */
static void test_slabs_hold_more_than_tasks(void **state)
{
	struct place p = make();
	struct task_struct saved;
	struct pid *pid;
	uint64_t pid_va = tk_alloc(p.k, sizeof(struct pid));

	(void)state;
	add_slabs(&p);
	lose(&p, 2, 0);
	lose(&p, 4, 0);
	check(&p, "1:81 2:80 3:80 4:80 5:80 6:80 ", 2, true);
	saved = *task(&p, 3);
	task(&p, 3)->usage.refs.counter = 0;
	check(&p, "1:81 2:80 4:80 5:80 6:80 ", 2, true);
	*task(&p, 3) = saved;
	task(&p, 3)->__state = 0x800; /* TASK_NEW */
	check(&p, "1:81 2:80 4:80 5:80 6:80 ", 2, true);
	*task(&p, 3) = saved;
	/* The id is another's: it is one that has exited, or its child being made. */
	pid = tk_ptr(p.k, pid_va);
	pid->tasks[0].first = tk_va(struct hlist_node, p.tasks[6] + AT(pid_links));
	task(&p, 3)->thread_pid = tk_va(struct pid, pid_va);
	check(&p, "1:81 2:80 4:80 5:80 6:80 ", 2, true);
	*task(&p, 3) = saved;
	/* Off its list, of which all else is missing. */
	task(&p, 3)->thread_node.next = tk_va(struct list_head, TK_NOWHERE);
	task(&p, 3)->thread_node.prev = tk_va(struct list_head, 0xdead000000000122);
	check(&p, "1:81 2:80 4:80 5:80 6:80 ", 2, true);
	/* On a list, of which all else is missing; but with the id of one that is known. */
	task(&p, 3)->thread_node.prev = tk_va(struct list_head, TK_NOWHERE);
	check(&p, "1:81 2:80 3:80 4:80 5:80 6:80 ", 2, true);
	task(&p, 3)->pid = 6;
	check(&p, "1:81 2:80 4:80 5:80 6:80 ", 2, true);
	tk_free(p.k);
}

/* Heads of lists are no tasks, nor is what a wrong pointer leads to. */
static void test_nobody_is_made_up(void **state)
{
	struct place p = make();

	(void)state;
	add_pids(&p);
	add_cgroups(&p);
	lose(&p, 2, 0);
	task(&p, 1)->real_parent = tk_va(struct task_struct, TK_NOWHERE);
	task(&p, 1)->parent = tk_va(struct task_struct, p.init);
	list_add_tail(&p, p.tasks[1] + AT(sibling), p.init + AT(children));
	task(&p, 1)->real_parent = tk_va(struct task_struct, p.init);
	task(&p, 4)->sibling.next = tk_va(struct list_head, p.tasks[3] + AT(comm));
	task(&p, 4)->sibling.prev = tk_va(struct list_head, TK_NOWHERE);
	check(&p, "1:23 2:22 3:22 4:22 5:22 6:22 ", 1, true);
	tk_free(p.k);
}

static void test_bit_flips(void **state)
{
	struct place p = make();

	(void)state;
	add_pids(&p);
	add_cgroups(&p);
	add_run_queue(&p);
	add_slabs(&p);
	lose(&p, 2, 0);
	srand(4711);
	for (int i = 0; i < 200; i++) {
		uint64_t at = p.tasks[1 + rand() % COUNT] + (uint64_t)(rand() % 1024) * 8;
		uint64_t old = tk_get64(p.k, at);
		struct vr_task_set set;

		if (rand() % 2)
			at = (at & -TK_PAGE) + (AT(pid) & ~7ul) % TK_PAGE + (at & 0xf8);
		old = tk_get64(p.k, at);
		tk_put64(p.k, at, old ^ 1ull << rand() % 64);
		p.prog = tk_open(p.k);
		vr_task_set_read(p.prog, &set);
		assert_true(set.count >= 1 && set.count < 40);
		vr_task_set_free(&set);
		tk_put64(p.k, at, old);
	}
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intact),
		cmocka_unit_test(test_neighbors),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_pids),
		cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_run_queues),
		cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_nobody_is_made_up),
		cmocka_unit_test(test_workqueues),
		cmocka_unit_test(test_slabs),
		cmocka_unit_test(test_slabs_hold_more_than_tasks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
