// SPDX-License-Identifier: GPL-2.0-or-later
/* What /proc/<pid>/ is made of: ids, names, signals, time, memory. Whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/cputime.h"
#include "kernel/mm.h"
#include "kernel/signal.h"
#include "kernel/task_name.h"
#include "kernel/task_pid.h"
#include "kernel/user_memory.h"
#include "object/memo.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	typedef unsigned int u32;
	typedef int s32;
	struct list_head { struct list_head *next, *prev; };
	enum mm_counters { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES };
	enum cpuhp_state { CPUHP_OFFLINE, CPUHP_ONLINE = 9 };
	struct cpuhp_cpu_state { enum cpuhp_state state; };
	struct cpumask { unsigned long bits[1]; };
	struct atomic_long { long counter; };
	struct percpu_counter { long count; s32 *counters; };
	struct upid { int nr; unsigned long ns; };
	struct pid { u32 level; struct upid numbers[1]; };
	struct mm_struct {
		unsigned long pgd, flags; struct atomic_long pgtables_bytes;
		struct percpu_counter rss_stat[4];
	};
	struct prev_cputime { unsigned long utime, stime; };
	struct sched_entity { unsigned long sum_exec_runtime; };
	struct sigset { unsigned long sig[1]; };
	struct sigpending { struct list_head list; struct sigset signal; };
	struct sigaction { unsigned long sa_handler, sa_flags, sa_restorer; struct sigset sa_mask; };
	struct k_sigaction { struct sigaction sa; };
	struct sighand_struct { unsigned long count; struct k_sigaction action[64]; };
	struct task_io_accounting {
		unsigned long rchar, wchar, syscr, syscw, read_bytes, write_bytes, cancelled_write_bytes;
	};
	struct signal_struct {
		int nr_threads; struct list_head thread_head; struct sigpending shared_pending;
		struct pid *pids[4]; unsigned long utime, stime, gtime, min_flt, maj_flt;
		unsigned long sum_sched_runtime; struct prev_cputime prev_cputime;
		struct task_io_accounting ioac;
	};
	struct workqueue_struct { char name[24]; };
	struct workqueue_attrs { int nice; };
	struct worker_pool { int cpu, id; struct workqueue_attrs *attrs; };
	struct worker {
		void *current_work; struct worker_pool *pool; int id; char desc[24];
		struct workqueue_struct *rescue_wq;
	};
	struct kthread { void *data; char *full_name; };
	struct task_struct {
		u32 flags; int pid, tgid; char comm[16]; struct mm_struct *mm;
		struct pid *thread_pid; struct task_struct *real_parent; void *worker_private;
		struct signal_struct *signal; struct sighand_struct *sighand;
		struct sigset blocked; struct sigpending pending; struct list_head thread_node;
		unsigned long utime, stime, gtime, min_flt, maj_flt; struct sched_entity se;
		struct prev_cputime prev_cputime; struct task_io_accounting ioac;
	};
)
/* clang-format on */

#define PF_WQ_WORKER 0x20u
#define PF_KTHREAD 0x200000u
#define NS 0x1234500
#define USER 0x400000ull

/* A process of two threads, in a kernel of two CPUs of which the second is offline. */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t tasks[2], signal, handlers, pid, mm, parts;
};

static struct task_struct *task(const struct place *p, unsigned i)
{
	return tk_ptr(p->k, p->tasks[i]);
}

static struct signal_struct *signal_of(const struct place *p)
{
	return tk_ptr(p->k, p->signal);
}

static void make_cpus(struct place *p)
{
	uint64_t state = tk_global(p->k, "cpuhp_state", sizeof(struct cpuhp_cpu_state));
	uint64_t areas[2] = {0, tk_alloc(p->k, 4096) - state};

	*(u32 *)tk_ptr(p->k, tk_global(p->k, "nr_cpu_ids", 4)) = 2;
	tk_put64(p->k, tk_global(p->k, "__cpu_present_mask", 8), 3);
	memcpy(tk_ptr(p->k, tk_global(p->k, "__per_cpu_offset", 16)), areas, sizeof(areas));
	((struct cpuhp_cpu_state *)tk_ptr(p->k, state))->state = CPUHP_ONLINE;
	tk_symbol(p->k, 'T', "task_mem", TK_TEXT + 0x100);
	tk_symbol(p->k, 'T', "__percpu_counter_sum", TK_TEXT + 0x200);
	p->parts = tk_alloc(p->k, 64);
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t head;

	make_cpus(&p);
	p.signal = tk_alloc(p.k, sizeof(struct signal_struct));
	p.handlers = tk_alloc(p.k, sizeof(struct sighand_struct));
	p.pid = tk_alloc(p.k, sizeof(struct pid) + 8 * sizeof(struct upid));
	p.mm = tk_alloc(p.k, sizeof(struct mm_struct));
	head = p.signal + offsetof(struct signal_struct, thread_head);
	tk_put64(p.k, head, head);
	tk_put64(p.k, head + 8, head);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t at = p.tasks[i] = tk_alloc(p.k, sizeof(struct task_struct));
		uint64_t node = at + offsetof(struct task_struct, thread_node);
		uint64_t last = tk_get64(p.k, head + 8);
		struct task_struct *t = task(&p, i);

		tk_put64(p.k, last, node);
		tk_put64(p.k, node + 8, last);
		tk_put64(p.k, node, head);
		tk_put64(p.k, head + 8, node);
		t->signal = tk_va(struct signal_struct, p.signal);
		t->sighand = tk_va(struct sighand_struct, p.handlers);
		t->thread_pid = tk_va(struct pid, p.pid);
		t->mm = tk_va(struct mm_struct, p.mm);
		strcpy(t->comm, "comm");
	}
	return p;
}

static struct vr_obj open_task(struct place *p, unsigned i)
{
	p->prog = tk_open(p->k);
	return vr_at(p->prog, "struct task_struct", p->tasks[i]);
}

/* ---- Ids ---- */

static void put_pid(const struct place *p, u32 level)
{
	struct pid *pid = tk_ptr(p->k, p->pid);

	pid->level = level;
	for (u32 i = 0; i <= level && i < 8; i++)
		((struct upid *)&pid->numbers)[i] =
			(struct upid){.nr = 100 * (int)(i + 1), .ns = NS + i};
}

static void test_ids(void **state)
{
	struct place p = make();
	uint64_t ns[VR_PID_LEVELS];
	struct vr_obj t, pid;

	(void)state;
	put_pid(&p, 2);
	task(&p, 0)->real_parent = tk_va(struct task_struct, p.tasks[1]);
	signal_of(&p)->pids[2] = tk_va(struct pid, p.pid);
	task(&p, 1)->tgid = 70;
	t = open_task(&p, 0);
	pid = vr_task_pid(t, VR_PID_THREAD);
	assert_int_equal(vr_pid_namespaces(pid, ns), 2);
	assert_int_equal(ns[2], NS + 2);
	assert_int_equal(vr_pid_nr(pid, 0, 0), 100);
	assert_int_equal(vr_pid_nr(pid, 2, NS + 2), 300);
	/* Another namespace of that level; a level that it doesn't reach. */
	assert_int_equal(vr_pid_nr(pid, 2, NS), 0);
	assert_int_equal(vr_pid_nr(pid, 3, 0), 0);
	assert_int_equal(vr_task_ppid(t), 70);
	assert_int_equal(vr_task_pid_nr(t, VR_PID_GROUP), 100);
	assert_false(vr_ok(vr_task_pid(t, VR_PID_SESSION)));
	assert_int_equal(vr_task_pid_nr(t, VR_PID_SESSION), 0);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_ids_without_end(void **state)
{
	struct place p = make();
	uint64_t ns[VR_PID_LEVELS];
	struct vr_obj t;

	(void)state;
	put_pid(&p, UINT32_MAX);
	t = open_task(&p, 0);
	assert_int_equal(vr_pid_namespaces(vr_task_pid(t, VR_PID_THREAD), ns), 0);
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_free(p.k);
}

static void test_exited(void **state)
{
	struct place p = make();
	struct vr_task_signals signals;
	struct vr_obj t;

	(void)state;
	task(&p, 0)->thread_pid = NULL;
	task(&p, 0)->sighand = NULL;
	t = open_task(&p, 0);
	assert_int_equal(vr_task_ppid(t), 0);
	assert_int_equal(vr_task_pid_nr(t, VR_PID_THREAD), 0);
	assert_true(vr_task_signals_read(t, &signals));
	assert_false(signals.has_handlers);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* ---- Signals ---- */

static void test_signals(void **state)
{
	struct place p = make();
	struct sighand_struct *h = tk_ptr(p.k, p.handlers);
	struct vr_task_signals signals;
	struct vr_obj t;

	(void)state;
	h->action[0].sa.sa_handler = 1;
	h->action[63].sa.sa_handler = 0x401000;
	signal_of(&p)->nr_threads = 2;
	signal_of(&p)->shared_pending.signal.sig[0] = 4;
	task(&p, 0)->blocked.sig[0] = 8;
	task(&p, 0)->pending.signal.sig[0] = 16;
	t = open_task(&p, 0);
	assert_true(vr_task_signals_read(t, &signals));
	assert_int_equal(signals.ignored, 1);
	assert_int_equal(signals.caught, 1ull << 63);
	assert_int_equal(signals.threads, 2);
	assert_int_equal(signals.shared_pending, 4);
	assert_int_equal(signals.blocked, 8);
	assert_int_equal(signals.pending, 16);
	tk_free(p.k);
	p = make();
	task(&p, 0)->sighand = tk_va(struct sighand_struct, TK_NOWHERE);
	t = open_task(&p, 0);
	assert_false(vr_task_signals_read(t, &signals));
	tk_expect(p.prog, VR_FAULT, 0);
	tk_free(p.k);
}

/* ---- Names ---- */

static void expect_name(struct place *p, const char *name)
{
	char buf[VR_TASK_NAME_SIZE];

	assert_string_equal(vr_task_name(open_task(p, 0), buf), name);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_names(void **state)
{
	struct place p = make();
	uint64_t kthread = tk_alloc(p.k, sizeof(struct kthread)), text = tk_alloc(p.k, 128);
	struct kthread *data = tk_ptr(p.k, kthread);

	(void)state;
	expect_name(&p, "comm");
	task(&p, 0)->flags = PF_KTHREAD;
	expect_name(&p, "comm");
	task(&p, 0)->worker_private = tk_va(void, kthread);
	expect_name(&p, "comm");
	strcpy(tk_ptr(p.k, text), "a name that is longer than comm");
	data->full_name = tk_va(char, text);
	expect_name(&p, "a name that is longer than comm");
	/* The kernel has room for 63 bytes of it. */
	memset(tk_ptr(p.k, text), 'x', 100);
	expect_name(&p, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	tk_free(p.k);
}

static struct place make_worker(bool by_id)
{
	struct place p = make();
	uint64_t kthread = tk_alloc(p.k, sizeof(struct kthread));
	uint64_t worker = tk_alloc(p.k, sizeof(struct worker));
	uint64_t pool = tk_alloc(p.k, sizeof(struct worker_pool));
	uint64_t attrs = tk_alloc(p.k, sizeof(struct workqueue_attrs));

	tk_symbol(p.k, 'T', by_id ? "format_worker_id" : "other", TK_TEXT);
	tk_symbol(p.k, 'T', "wq_worker_comm", TK_TEXT + 0x40);
	tk_symbol(p.k, 'R', "__start_rodata", TK_DATA);
	tk_symbol(p.k, 'R', "__end_rodata", TK_DATA + 0x100);
	task(&p, 0)->flags = PF_KTHREAD | PF_WQ_WORKER;
	task(&p, 0)->worker_private = tk_va(void, kthread);
	((struct kthread *)tk_ptr(p.k, kthread))->data = tk_va(void, worker);
	*(struct worker *)tk_ptr(p.k, worker) =
		(struct worker){.pool = tk_va(struct worker_pool, pool), .id = 3, .desc = "events"};
	*(struct worker_pool *)tk_ptr(p.k, pool) = (struct worker_pool){
		.cpu = 1, .id = 7, .attrs = tk_va(struct workqueue_attrs, attrs)};
	((struct workqueue_attrs *)tk_ptr(p.k, attrs))->nice = -20;
	return p;
}

static void test_workers(void **state)
{
	struct place p = make_worker(false);

	(void)state;
	expect_name(&p, "comm-events");
	tk_free(p.k);
	p = make_worker(true);
	expect_name(&p, "kworker/1:3H-events");
	tk_free(p.k);
}

/* ---- Time ---- */

static void check_adjust(uint64_t runtime, uint64_t prev_u, uint64_t prev_s, uint64_t u, uint64_t s,
			 uint64_t want_u, uint64_t want_s)
{
	vr_cputime_adjust(runtime, prev_u, prev_s, &u, &s);
	assert_int_equal(u, want_u);
	assert_int_equal(s, want_s);
}

static void test_adjust(void **state)
{
	(void)state;
	check_adjust(1000, 0, 0, 1, 3, 250, 750);
	check_adjust(1000, 0, 0, 5, 0, 1000, 0);
	check_adjust(1000, 0, 0, 0, 5, 0, 1000);
	/* What was shown stays. */
	check_adjust(1000, 600, 400, 1, 3, 600, 400);
	check_adjust(1000, 0, 900, 1, 1, 100, 900);
	check_adjust(1000, 900, 0, 1, 1, 900, 100);
	/* Numbers that no machine lived long enough for. */
	check_adjust(UINT64_MAX, 0, 0, UINT64_MAX, UINT64_MAX, UINT64_MAX - UINT64_MAX / 2,
		     UINT64_MAX / 2);
	check_adjust(0, UINT64_MAX, UINT64_MAX, 1, 1, UINT64_MAX, UINT64_MAX);
}

static void test_usage(void **state)
{
	struct place p = make();
	struct vr_usage usage;
	struct vr_obj t;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		task(&p, i)->utime = 10;
		task(&p, i)->stime = 30;
		task(&p, i)->se.sum_exec_runtime = 400;
		task(&p, i)->min_flt = i + 1;
		task(&p, i)->ioac.rchar = 5;
	}
	signal_of(&p)->sum_sched_runtime = 200;
	signal_of(&p)->utime = 20;
	signal_of(&p)->ioac.rchar = 100;
	t = open_task(&p, 0);
	assert_true(vr_task_usage(t, &usage));
	assert_int_equal(usage.utime, 100);
	assert_int_equal(usage.stime, 300);
	assert_int_equal(usage.io.rchar, 5);
	assert_true(vr_process_usage(t, &usage));
	assert_int_equal(usage.utime, 400);
	assert_int_equal(usage.stime, 600);
	assert_int_equal(usage.min_flt, 3);
	assert_int_equal(usage.io.rchar, 110);
	tk_free(p.k);
	/* A list of threads that comes back to its middle: each is counted no more than it must. */
	p = make();
	tk_put64(p.k, p.tasks[1] + offsetof(struct task_struct, thread_node),
		 p.tasks[0] + offsetof(struct task_struct, thread_node));
	t = open_task(&p, 0);
	assert_true(vr_process_usage(t, &usage));
	assert_true(p.prog->scope->cuts > 0);
	tk_free(p.k);
}

/* ---- Memory ---- */

static void test_counters(void **state)
{
	struct place p = make();
	struct mm_struct *mm = tk_ptr(p.k, p.mm);
	struct vr_mm_counters counters;
	struct vr_obj t;

	(void)state;
	mm->rss_stat[MM_FILEPAGES] = (struct percpu_counter){10, tk_va(s32, p.parts)};
	mm->rss_stat[MM_ANONPAGES] = (struct percpu_counter){-3, tk_va(s32, p.parts + 4)};
	mm->rss_stat[MM_SHMEMPAGES] = (struct percpu_counter){0, tk_va(s32, p.parts + 8)};
	mm->rss_stat[MM_SWAPENTS] = (struct percpu_counter){0, tk_va(s32, p.parts + 8)};
	((s32 *)tk_ptr(p.k, p.parts))[0] = -4;
	((s32 *)tk_ptr(p.k, p.parts))[1] = 7;
	t = open_task(&p, 0);
	assert_false(vr_mm_shows_exact(p.prog));
	assert_true(vr_mm_counters_read(vr_task_mm(t), false, &counters));
	assert_int_equal(counters.file, 10);
	assert_int_equal(counters.anon, 0);
	assert_true(vr_mm_counters_read(vr_task_mm(t), true, &counters));
	assert_int_equal(counters.file, 6);
	assert_int_equal(counters.anon, 4);
	tk_free(p.k);
	/* The same kernel with a call in task_mem(). */
	p = make();
	memcpy(tk_ptr(p.k, TK_TEXT + 0x140), "\xe8\xbb\x00\x00\x00", 5);
	task(&p, 0)->flags = PF_KTHREAD;
	t = open_task(&p, 0);
	assert_true(vr_mm_shows_exact(p.prog));
	assert_false(vr_ok(vr_task_mm(t)));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_user_memory(void **state)
{
	struct place p = make();
	struct mm_struct *mm = tk_ptr(p.k, p.mm);
	struct vr_user_memory user;
	uint64_t phys[2] = {tk_alloc_phys(p.k, 4096), tk_alloc_phys(p.k, 4096)};
	char text[16];

	(void)state;
	/* The tables of the tiny kernel itself, with pages at a process's addresses. */
	mm->pgd = tk_direct_map(p.k) + p.k->pgd;
	tk_map(p.k, USER, phys[0], 4096, 1);
	tk_map(p.k, USER + 4096, phys[1], 4096, 1);
	memcpy(tk_ptr(p.k, USER + 100), "arguments", 10);
	tk_set_page(p.k, phys[1], TK_ABSENT);
	assert_true(vr_user_memory_open(vr_task_mm(open_task(&p, 0)), &user));
	assert_true(vr_user_memory_read(&user, USER + 100, text, 10));
	assert_string_equal(text, "arguments");
	assert_false(vr_user_memory_read(&user, USER + 4090, text, 16));
	tk_expect(p.prog, VR_FAULT, USER + 4096);
	assert_false(vr_user_memory_read(&user, USER + 8192, text, 16));
	tk_expect(p.prog, VR_FAULT, USER + 8192);
	vr_user_memory_close(&user);
	tk_free(p.k);
	p = make();
	((struct mm_struct *)tk_ptr(p.k, p.mm))->pgd = TK_NOWHERE;
	assert_false(vr_user_memory_open(vr_task_mm(open_task(&p, 0)), &user));
	tk_expect(p.prog, VR_FAULT, 0);
	vr_user_memory_close(&user);
	tk_free(p.k);
}

static void test_memo(void **state)
{
	static const char keys[2];
	struct place p = make();
	uint64_t *first, *second;

	(void)state;
	open_task(&p, 0);
	first = vr_memo(p.prog, &keys[0], 8);
	second = vr_memo(p.prog, &keys[1], 100000);
	assert_int_equal(*first, 0);
	*first = 1;
	assert_ptr_equal(vr_memo(p.prog, &keys[0], 8), first);
	assert_ptr_equal(vr_memo(p.prog, &keys[1], 100000), second);
	assert_int_equal(*second, 0);
	tk_free(p.k);
}

/* Everything of both tasks with random bits of their structures flipped: it ends, and is told. */
static void test_flipped(void **state)
{
	struct place p = make_worker(true);
	const uint64_t at[] = {p.tasks[0], p.tasks[1], p.signal, p.pid, p.mm};
	const size_t size[] = {sizeof(struct task_struct), sizeof(struct task_struct),
			       sizeof(struct signal_struct), sizeof(struct pid),
			       sizeof(struct mm_struct)};

	(void)state;
	srand(7);
	for (unsigned n = 0; n < 300; n++) {
		unsigned which = (unsigned)rand() % 5;
		uint8_t *byte = (uint8_t *)tk_ptr(p.k, at[which]) + (size_t)rand() % size[which];
		uint8_t bit = (uint8_t)(1 << rand() % 8);
		char name[VR_TASK_NAME_SIZE];
		uint64_t ns[VR_PID_LEVELS];
		struct vr_task_signals signals;
		struct vr_mm_counters counters;
		struct vr_usage usage;

		*byte ^= bit;
		for (unsigned i = 0; i < 2; i++) {
			struct vr_obj t = open_task(&p, i), mm;
			struct vr_scope scope;

			for (unsigned part = 0; part < 5; part++) {
				vr_scope_enter(p.prog, &scope);
				if (part == 0)
					vr_task_name(t, name);
				else if (part == 1)
					vr_task_signals_read(t, &signals);
				else if (part == 2)
					vr_process_usage(t, &usage);
				else if (part == 3)
					vr_pid_namespaces(vr_task_pid(t, VR_PID_THREAD), ns);
				else if (vr_ok(mm = vr_task_mm(t)))
					vr_mm_counters_read(mm, true, &counters);
				vr_scope_leave(p.prog, &scope);
			}
		}
		*byte ^= bit;
	}
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),      cmocka_unit_test(test_ids_without_end),
		cmocka_unit_test(test_exited),   cmocka_unit_test(test_signals),
		cmocka_unit_test(test_names),    cmocka_unit_test(test_workers),
		cmocka_unit_test(test_adjust),   cmocka_unit_test(test_usage),
		cmocka_unit_test(test_counters), cmocka_unit_test(test_user_memory),
		cmocka_unit_test(test_memo),     cmocka_unit_test(test_flipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
