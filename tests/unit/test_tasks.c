// SPDX-License-Identifier: GPL-2.0-or-later
/* Tasks, process ids and CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/percpu.h"
#include "kernel/pid.h"
#include "kernel/task.h"
#include "tiny_kernel.h"

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
	struct thread_info { unsigned long flags; unsigned int cpu; };
	struct task_struct {
		struct thread_info thread_info; unsigned int __state; int exit_state;
		struct list_head tasks; int pid, tgid; struct hlist_node pid_links[4];
		struct list_head thread_node; struct signal_struct *signal; char comm[16];
	};
	struct cpumask { unsigned long bits[2]; };
	struct pcpu_hot { struct task_struct *current_task; };
)
/* clang-format on */

#define MAX_TASKS 32
#define TASKS offsetof(struct task_struct, tasks)
#define THREADS offsetof(struct task_struct, thread_node)
#define THREAD_HEAD offsetof(struct signal_struct, thread_head)

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t init, ns, node;
	uint64_t tasks[MAX_TASKS];
	unsigned count;
};

static struct task_struct *task(struct place *p, unsigned i)
{
	return tk_ptr(p->k, p->tasks[i]);
}

static void list_add_tail(struct place *p, uint64_t entry, uint64_t head)
{
	uint64_t last = tk_get64(p->k, head + 8);

	tk_put64(p->k, entry, head);
	tk_put64(p->k, entry + 8, last);
	tk_put64(p->k, last, entry);
	tk_put64(p->k, head + 8, entry);
}

static void list_init(struct place *p, uint64_t head)
{
	tk_put64(p->k, head, head);
	tk_put64(p->k, head + 8, head);
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	struct pid_namespace *ns;

	p.init = tk_global(p.k, "init_task", sizeof(struct task_struct));
	list_init(&p, p.init + TASKS);
	p.ns = tk_global(p.k, "init_pid_ns", sizeof(struct pid_namespace));
	p.node = tk_alloc(p.k, sizeof(struct xa_node));
	ns = tk_ptr(p.k, p.ns);
	ns->idr.idr_rt.xa_head = tk_va(void, p.node + 2);
	return p;
}

/* A pid, of a task or (0) of a group only. */
static uint64_t add_pid(struct place *p, int nr, uint64_t task_va)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct pid));
	struct pid *pid = tk_ptr(p->k, va);
	struct xa_node *node = tk_ptr(p->k, p->node);

	if (task_va)
		pid->tasks[0].first =
			tk_va(struct hlist_node, task_va + offsetof(struct task_struct, pid_links));
	pid->tasks[2].first = tk_va(struct hlist_node, TK_NOWHERE); /* not looked at */
	node->slots[nr] = tk_va(void, va);
	return va;
}

/* A new process, or a thread of one (leader: its index). Pids are the indexes, from 1 on. */
static unsigned add_task(struct place *p, int leader)
{
	unsigned i = ++p->count;
	uint64_t va = p->tasks[i] = tk_alloc(p->k, sizeof(struct task_struct)), signal;
	struct task_struct *t = task(p, i);

	t->pid = (int)i;
	t->tgid = leader < 0 ? t->pid : leader;
	snprintf(t->comm, sizeof(t->comm), "task-%u", i);
	t->thread_info.cpu = i % 4;
	if (leader < 0) {
		signal = tk_alloc(p->k, sizeof(struct signal_struct));
		list_init(p, signal + THREAD_HEAD);
		list_add_tail(p, va + TASKS, p->init + TASKS);
	} else {
		signal = (uint64_t)(uintptr_t)task(p, (unsigned)leader)->signal;
	}
	t->signal = tk_va(struct signal_struct, signal);
	list_add_tail(p, va + THREADS, signal + THREAD_HEAD);
	add_pid(p, (int)i, va);
	return i;
}

/* Three processes, of 1, 3 and 2 threads. */
static struct place make_tasks(void)
{
	struct place p = make();

	add_task(&p, -1); /* 1 */
	add_task(&p, -1); /* 2 */
	add_task(&p, 2);
	add_task(&p, 2);
	add_task(&p, -1); /* 5 */
	add_task(&p, 5);
	return p;
}

/* ---- Tasks ---- */

static void check_tasks(struct place *p, const char *want, enum vr_err kind)
{
	VR_STRBUF got = {0};
	struct vr_task_walk w;

	p->prog = tk_open(p->k);
	w = vr_task_walk_begin(p->prog);
	while (vr_task_walk_next(&w) && got.len < 200)
		vr_strbuf_printf(&got, "%u ", (unsigned)vr_u64(w.task, "pid"));
	assert_string_equal(vr_strbuf_str(&got), want);
	assert_false(vr_task_walk_next(&w));
	tk_expect_cut(p->prog, kind);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_task_walk(void **state)
{
	struct place p = make();
	char comm[16];
	struct vr_obj t;

	(void)state;
	check_tasks(&p, "", VR_OK); /* the idle task alone is none */
	tk_free(p.k);
	p = make_tasks();
	check_tasks(&p, "1 2 3 4 5 6 ", VR_OK);
	t = vr_at(p.prog, "struct task_struct", p.tasks[3]);
	assert_string_equal(vr_task_comm(t, comm), "task-3");
	assert_int_equal(vr_task_cpu(t), 3);
	tk_free(p.k);
}

static void test_task_walk_damaged(void **state)
{
	struct place p = make_tasks();
	uint64_t signal;

	(void)state;
	/* Without its signal_struct a process is still one task. */
	signal = (uint64_t)(uintptr_t)task(&p, 2)->signal;
	task(&p, 2)->signal = NULL;
	check_tasks(&p, "1 2 5 6 ", VR_FAULT);
	task(&p, 2)->signal = tk_va(struct signal_struct, TK_NOWHERE);
	check_tasks(&p, "1 2 5 6 ", VR_FAULT);
	task(&p, 2)->signal = tk_va(struct signal_struct, signal);
	/* So it is where its list of threads can't be walked, or has none. */
	tk_put64(p.k, signal + THREAD_HEAD, TK_NOWHERE);
	check_tasks(&p, "1 2 5 6 ", VR_FAULT);
	tk_put64(p.k, signal + THREAD_HEAD, signal + THREAD_HEAD);
	check_tasks(&p, "1 2 5 6 ", VR_OK);
	/* Broken in the middle: the other processes are still given. */
	tk_put64(p.k, signal + THREAD_HEAD, p.tasks[2] + THREADS);
	task(&p, 3)->thread_node.next = NULL;
	check_tasks(&p, "1 2 3 5 6 ", VR_FAULT);
	task(&p, 3)->thread_node.next = tk_va(struct list_head, p.tasks[6] + THREADS);
	check_tasks(&p, "1 2 3 5 6 ", VR_CORRUPT);
	task(&p, 3)->thread_node.next = tk_va(struct list_head, p.tasks[4] + THREADS);
	task(&p, 2)->tasks.next = tk_va(struct list_head, TK_NOWHERE);
	check_tasks(&p, "1 2 3 4 ", VR_FAULT);
	tk_free(p.k);
}

static void test_task_state(void **state)
{
	/* __state, exit_state, and the letter that /proc has for them. */
	static const struct {
		unsigned state;
		int exit_state;
		char letter;
	} cases[] = {
		{0x0, 0, 'R'},     {0x1, 0, 'S'},    {0x2, 0, 'D'},     {0x4, 0, 'T'},
		{0x8, 0, 't'},     {0x0, 0x10, 'X'}, {0x80, 0x10, 'X'}, {0x0, 0x20, 'Z'},
		{0x80, 0x20, 'Z'}, {0x40, 0, 'P'},   {0x402, 0, 'I'},   {0x1402, 0, 'D'},
		{0x102, 0, 'D'},   {0x104, 0, 'T'},  {0x1000, 0, 'D'},  {0x1001, 0, 'D'},
		{0x200, 0, 'R'},   {0x800, 0, 'R'},  {0x400, 0, 'R'},   {0x2003, 0, 'D'},
	};
	struct place p = make_tasks();
	struct vr_obj t;

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(cases); i++) {
		task(&p, 1)->__state = cases[i].state;
		task(&p, 1)->exit_state = cases[i].exit_state;
		p.prog = tk_open(p.k);
		t = vr_at(p.prog, "struct task_struct", p.tasks[1]);
		if (vr_task_state(t) != cases[i].letter)
			fail_msg("0x%x 0x%x: %c, not %c", cases[i].state,
				 (unsigned)cases[i].exit_state, vr_task_state(t), cases[i].letter);
	}
	assert_int_equal(vr_task_state(vr_at(p.prog, "struct task_struct", TK_NOWHERE)), '?');
	tk_expect(p.prog, VR_FAULT, 0);
	tk_free(p.k);
}

/* ---- Pids ---- */

static void test_pid_walk(void **state)
{
	struct place p = make_tasks();
	struct vr_pid_walk w;

	(void)state;
	add_pid(&p, 9, 0);
	((struct xa_node *)tk_ptr(p.k, p.node))->slots[10] = tk_va(void, 0x15); /* a number */
	p.prog = tk_open(p.k);
	w = vr_pid_walk_begin(p.prog);
	for (int i = 1; i <= 6; i++) {
		assert_true(vr_pid_walk_next(&w));
		assert_int_equal(w.nr, i);
		assert_int_equal(w.task.addr, p.tasks[i]);
		assert_int_equal(vr_find_task(p.prog, i).addr, p.tasks[i]);
	}
	assert_true(vr_pid_walk_next(&w));
	assert_int_equal(w.nr, 9);
	assert_false(vr_ok(w.task));
	assert_true(vr_ok(w.pid));
	assert_false(vr_pid_walk_next(&w));
	assert_false(vr_ok(vr_find_task(p.prog, 9)));
	assert_false(vr_ok(vr_find_task(p.prog, 10)));
	assert_false(vr_ok(vr_find_task(p.prog, 8)));
	assert_false(vr_ok(vr_find_task(p.prog, 0)));
	assert_false(vr_ok(vr_find_task(p.prog, -1)));
	assert_false(vr_ok(vr_find_task(p.prog, INT32_MAX)));
	tk_expect_cut(p.prog, VR_OK);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* A struct pid that can't be read is not one without a task. */
static void test_pid_faults(void **state)
{
	struct place p = make_tasks();
	struct vr_pid_walk w;
	unsigned n = 0, tasks = 0;

	(void)state;
	((struct xa_node *)tk_ptr(p.k, p.node))->slots[3] = tk_va(void, TK_NOWHERE);
	p.prog = tk_open(p.k);
	for (w = vr_pid_walk_begin(p.prog); vr_pid_walk_next(&w); n++)
		tasks += vr_ok(w.task);
	assert_int_equal(n, 6);
	assert_int_equal(tasks, 5);
	tk_expect_cut(p.prog, VR_FAULT);
	tk_expect(p.prog, VR_OK, 0);
	assert_false(vr_ok(vr_find_task(p.prog, 3)));
	tk_expect(p.prog, VR_FAULT, 0);
	assert_int_equal(vr_find_task(p.prog, 4).addr, p.tasks[4]);
	tk_free(p.k);
}

/* ---- CPUs ---- */

static struct place make_cpus(unsigned nr)
{
	struct place p = make();
	uint64_t offsets = tk_global(p.k, "__per_cpu_offset", 8 * 4);
	uint64_t area = tk_alloc(p.k, 4 * 256);
	unsigned *count = tk_ptr(p.k, tk_global(p.k, "nr_cpu_ids", 4));

	*count = nr;
	tk_symbol(p.k, 'A', "a_counter", 0x40);
	tk_global(p.k, "__cpu_online_mask", sizeof(struct cpumask));
	for (uint64_t cpu = 0; cpu < 4; cpu++) {
		tk_put64(p.k, offsets + 8 * cpu, area + 256 * cpu);
		tk_put64(p.k, area + 256 * cpu + 0x40, 1000 + cpu);
	}
	return p;
}

static void test_per_cpu(void **state)
{
	struct place p = make_cpus(4);
	struct vr_obj obj;

	(void)state;
	p.prog = tk_open(p.k);
	assert_int_equal(vr_nr_cpus(p.prog), 4);
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		obj = vr_per_cpu(p.prog, "a_counter", "unsigned long", cpu);
		assert_int_equal(vr_u64(obj, ""), 1000 + cpu);
		assert_int_equal(vr_per_cpu_addr(p.prog, 0x48, cpu), obj.addr + 8);
	}
	tk_expect(p.prog, VR_OK, 0);
	obj = vr_per_cpu(p.prog, "missing", "unsigned long", 0);
	assert_false(vr_ok(obj));
	tk_expect(p.prog, VR_ABSENT, 0);
	tk_free(p.k);
	for (int i = 0; i < 3; i++) {
		static const unsigned bad[] = {0, VR_MAX_CPUS + 1, UINT32_MAX};

		p = make_cpus(bad[i]);
		p.prog = tk_open(p.k);
		assert_int_equal(vr_nr_cpus(p.prog), 0);
		tk_expect(p.prog, VR_CORRUPT, 0);
		tk_free(p.k);
	}
}

/* The idle task or another that a CPU runs: the variable, or (6.2 to 6.14) the struct. */
static void test_cpu_current(void **state)
{
	static const char *const names[] = {"current_task", "pcpu_hot"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct place p = make_cpus(4);
		uint64_t area =
			tk_get64(p.k, TK_DATA + ((sizeof(struct task_struct) + 63) & ~63ull) +
					      ((sizeof(struct pid_namespace) + 63) & ~63ull));

		tk_symbol(p.k, 'A', names[i], 0x80);
		tk_put64(p.k, area + 2 * 256 + 0x80, 0xffff888000004000);
		p.prog = tk_open(p.k);
		assert_int_equal(vr_cpu_current(p.prog, 2).addr, 0xffff888000004000);
		tk_expect(p.prog, VR_OK, 0);
		assert_false(vr_ok(vr_cpu_current(p.prog, 1)));
		tk_expect(p.prog, VR_FAULT, 0);
		tk_free(p.k);
	}
}

static void check_mask(unsigned long low, unsigned long high, unsigned nr, const char *want)
{
	struct place p = make_cpus(nr);
	struct vr_cpumask mask;
	unsigned long *bits;
	char text[200], cut[6];
	unsigned count = 0;

	bits = tk_ptr(p.k, p.k->data - 64);
	bits[0] = low;
	bits[1] = high;
	p.prog = tk_open(p.k);
	assert_true(vr_cpumask_read(p.prog, "__cpu_online_mask", &mask));
	assert_int_equal(mask.nr, nr < 128 ? nr : 128);
	assert_string_equal(vr_cpumask_list(&mask, text, sizeof(text)), want);
	vr_cpumask_list(&mask, cut, sizeof(cut));
	assert_memory_equal(cut, want, strlen(want) < 5 ? strlen(want) + 1 : 5);
	assert_int_equal(cut[5 < strlen(want) ? 5 : strlen(want)], '\0');
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&mask, cpu)) < mask.nr; cpu++) {
		assert_true(vr_cpumask_test(&mask, cpu));
		count++;
	}
	assert_int_equal(vr_cpumask_count(&mask), count);
	assert_false(vr_cpumask_test(&mask, nr));
	assert_false(vr_cpumask_test(&mask, UINT32_MAX));
	tk_free(p.k);
}

static void test_cpumask(void **state)
{
	struct place p;
	struct vr_cpumask mask;

	(void)state;
	check_mask(0, 0, 4, "");
	check_mask(1, 0, 4, "0");
	check_mask(0xf, 0, 4, "0-3");
	check_mask(0x5, 0, 4, "0,2");
	check_mask(0x1b, 0, 8, "0-1,3-4");
	check_mask(~0ul, ~0ul, 4, "0-3"); /* what lies behind nr_cpu_ids isn't CPUs */
	check_mask(1ul << 63, 3, 128, "63-65");
	check_mask(~0ul, ~0ul, 128, "0-127");
	check_mask(~0ul, ~0ul, 8192, "0-127"); /* nor what lies behind the mask */
	check_mask(0x5555555555555555, 1ul << 63, 128,
		   "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,"
		   "56,58,60,62,127");
	p = make_cpus(0);
	p.prog = tk_open(p.k);
	assert_false(vr_cpumask_read(p.prog, "__cpu_online_mask", &mask));
	assert_int_equal(mask.nr, 0);
	tk_expect(p.prog, VR_CORRUPT, 0);
	assert_false(vr_cpumask_read(p.prog, "__cpu_present_mask", &mask));
	tk_expect(p.prog, VR_ABSENT, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_task_walk),   cmocka_unit_test(test_task_walk_damaged),
		cmocka_unit_test(test_task_state),  cmocka_unit_test(test_pid_walk),
		cmocka_unit_test(test_pid_faults),  cmocka_unit_test(test_per_cpu),
		cmocka_unit_test(test_cpu_current), cmocka_unit_test(test_cpumask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
