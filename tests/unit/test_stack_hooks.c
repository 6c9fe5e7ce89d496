// SPDX-License-Identifier: GPL-2.0-or-later
/* Stacks with return addresses that aren't genuine, and code without unwind tables of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/stack.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(common,
	struct list_head { struct list_head *next, *prev; };
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct llist_node { struct llist_node *next; };
	struct llist_head { struct llist_node *first; };
	struct orc_entry {
		short sp_offset; short bp_offset;
		unsigned int sp_reg : 4; unsigned int bp_reg : 4; unsigned int type : 3;
		unsigned int signal : 1;
	} __attribute__((packed));
	struct inactive_task_frame { unsigned long r15, r14, r13, r12, bx, bp, ret_addr; };
	struct thread_struct { unsigned long sp; };
	struct bpf_ksym { unsigned long start, end; char name[128]; struct list_head lnode; };
	struct ftrace_ops {
		struct ftrace_ops *next; unsigned long flags, trampoline, trampoline_size;
	};
	struct rethook_node { struct llist_node llist; unsigned long ret_addr, frame; };
)
/* The kernel before 5.11, and the one from 6.11 on. */
static const char old_types[] =
	"struct ftrace_ret_stack { unsigned long ret, func; unsigned long *retp; };"
	"struct kretprobe_instance { struct hlist_node hlist; unsigned long ret_addr; void *fp; };"
	"struct task_struct {"
	"	void *stack; int on_cpu, cpu; struct thread_struct thread;"
	"	int curr_ret_stack; struct ftrace_ret_stack *ret_stack;"
	"};";
static const char new_types[] =
	"struct ftrace_ret_stack { unsigned long ret, func; unsigned long *retp; };"
	"struct task_struct {"
	"	void *stack; int on_cpu, cpu; struct thread_struct thread;"
	"	int curr_ret_stack; unsigned long *ret_stack; struct llist_head rethooks;"
	"};";
/* clang-format on */

/* Laid out as both of them. */
struct task {
	uint64_t stack;
	int on_cpu, cpu;
	uint64_t sp;
	int curr_ret_stack, padding;
	uint64_t ret_stack, rethooks;
};

#define STACK_SIZE 16384ull
#define CODE 0x80 /* of a function, in bytes */

enum function { NOWHERE, OUTER, LEAF, CALLER, GRAPH, PROBE, FTRACE, FTRACE_REGS, LAST };
enum kind { WITH_TABLES, FRAME_POINTERS };

/* ORC of Linux 6.4: types END 1, CALL 2; registers PREV_SP 1, BP 4, SP 5. */
static const struct orc_entry entries[LAST + 1] = {
	[OUTER] = {.type = 1},
	[LEAF] = {.sp_offset = 8, .sp_reg = 5, .type = 2},
	[CALLER] = {.sp_offset = 16, .sp_reg = 5, .type = 2},
	[FTRACE] = {.sp_offset = 24, .sp_reg = 5, .type = 2},
	[FTRACE_REGS] = {.sp_offset = 40, .sp_reg = 5, .type = 2},
};

static const char *const names[] = {
	"nowhere",
	"outer",
	"leaf",
	"caller",
	"return_to_handler",
	"arch_rethook_trampoline",
	"ftrace_caller",
	"ftrace_regs_caller",
	"rest",
};

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t task, sp, end;
	uint64_t made; /* code that isn't of the image */
	uint64_t bpf;  /* bpf_kallsyms */
	struct vr_stack out;
};

static uint64_t in(enum function f, uint64_t offset)
{
	return TK_TEXT + (uint64_t)f * CODE + offset;
}

static struct task *task(struct place *p)
{
	return tk_ptr(p->k, p->task);
}

static void add_tables(struct tiny_kernel *k)
{
	const uint32_t count = LAST + 30;
	uint64_t ips = tk_global(k, "__start_orc_unwind_ip", 4ull * count);
	uint64_t orc = tk_global(k, "__start_orc_unwind", 6ull * count);
	struct orc_entry *entry = tk_ptr(k, orc);

	tk_symbol(k, 'D', "__stop_orc_unwind_ip", ips + 4ull * count);
	tk_symbol(k, 'D', "__stop_orc_unwind", orc + 6ull * count);
	for (uint32_t i = 0; i < count; i++) {
		int32_t distance = (int32_t)(in(i, 0) - (ips + 4ull * i));

		memcpy((uint8_t *)tk_ptr(k, ips) + 4 * i, &distance, 4);
		entry[i] = i < LAST ? entries[i] : entries[LEAF];
	}
}

/* A task that sleeps in LEAF. */
static struct place make(const char *types, enum kind kind)
{
	static char text[8192];
	struct inactive_task_frame *frame;
	struct place p = {0};

	snprintf(text, sizeof(text), "%s %s", common, types);
	p.k = tk_new((struct tk_spec){.types = text});
	for (size_t i = 1; i <= LAST; i++)
		tk_symbol(p.k, 't', names[i], in((enum function)i, 0));
	if (kind == WITH_TABLES)
		add_tables(p.k);
	*(unsigned *)tk_ptr(p.k, tk_global(p.k, "nr_cpu_ids", 4)) = 1;
	tk_global(p.k, "__per_cpu_offset", 8);
	p.task = tk_alloc(p.k, sizeof(struct task));
	p.made = tk_alloc(p.k, TK_PAGE);
	task(&p)->stack = (tk_alloc(p.k, 2 * STACK_SIZE) + STACK_SIZE - 1) & -STACK_SIZE;
	p.end = task(&p)->stack + STACK_SIZE;
	task(&p)->sp = p.end - 1024;
	p.sp = task(&p)->sp + sizeof(*frame);
	frame = tk_ptr(p.k, task(&p)->sp);
	frame->ret_addr = in(LEAF, 8);
	return p;
}

static void put_words(struct place *p, uint64_t va, const uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tk_put64(p->k, va + 8 * i, words[i]);
}
#define PUT(p, va, ...)                                                                            \
	put_words((p), (va), (const uint64_t[]){__VA_ARGS__},                                      \
		  sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

static void check(struct place *p, enum vr_err kind, const char *want)
{
	VR_STRBUF got = {0};

	p->prog = tk_open(p->k);
	assert_int_equal(vr_stack_of_task(vr_at(p->prog, "struct task_struct", p->task), &p->out),
			 kind);
	assert_int_equal(p->out.error.kind, kind);
	assert_int_equal(p->out.complete, kind == VR_OK);
	tk_expect(p->prog, VR_OK, 0);
	tk_expect_cut(p->prog, VR_OK);
	for (size_t i = 0; i < p->out.count; i++) {
		char text[640];

		vr_frame_symbolize(p->prog, &p->out.frames[i], text, sizeof(text));
		vr_strbuf_printf(&got, "%s%.*s ",
				 p->out.frames[i].kind == VR_FRAME_UNRELIABLE ? "?" : "",
				 (int)strcspn(text, "+"), text);
	}
	assert_string_equal(vr_strbuf_str(&got), want);
}

/* ---- The function graph tracer ---- */

static void test_graph_array(void **state)
{
	struct place p = make(old_types, WITH_TABLES);
	uint64_t saved = tk_alloc(p.k, 256);

	(void)state;
	/* leaf and caller are traced, the latter by caller, too. */
	PUT(&p, p.sp, in(GRAPH, 0), 0, in(GRAPH, 0), 0, in(OUTER, 8));
	PUT(&p, saved, in(CALLER, 8), 0, p.sp + 16, in(CALLER, 8), 0, p.sp, 0, 0, p.sp + 32);
	task(&p)->ret_stack = saved;
	task(&p)->curr_ret_stack = 1;
	check(&p, VR_OK, "leaf caller caller outer ");
	/* Only what is in use counts. */
	task(&p)->curr_ret_stack = 0;
	check(&p, VR_ABSENT, "leaf ");
	assert_non_null(strstr(p.out.error.text, "tracer"));
	task(&p)->curr_ret_stack = -1;
	check(&p, VR_ABSENT, "leaf ");
	task(&p)->curr_ret_stack = 0x7fffffff;
	check(&p, VR_OK, "leaf caller caller outer ");
	task(&p)->ret_stack = TK_NOWHERE;
	check(&p, VR_FAULT, "leaf ");
	task(&p)->ret_stack = 0;
	check(&p, VR_ABSENT, "leaf ");
	tk_free(p.k);
}

static void test_graph_words(void **state)
{
	struct place p = make(new_types, WITH_TABLES);
	uint64_t saved = tk_alloc(p.k, 512);
	const uint64_t mark = 1 << 10;

	(void)state;
	PUT(&p, p.sp, in(GRAPH, 0), 0, in(GRAPH, 0), 0, in(OUTER, 8));
	/* Of the outer one only its mark, of the inner one two words of data as well. */
	PUT(&p, saved, in(CALLER, 8), 0, p.sp + 16, mark | 3);
	PUT(&p, saved + 32, in(CALLER, 8), 0, p.sp, mark | 3, p.sp + 16, 2 << 10 | 5);
	task(&p)->ret_stack = saved;
	task(&p)->curr_ret_stack = 10;
	check(&p, VR_OK, "leaf caller caller outer ");
	/* A tail call: the function that was jumped to has the tracer's address for its own. */
	PUT(&p, saved + 80, in(GRAPH, 0), 0, p.sp, mark | 3);
	task(&p)->curr_ret_stack = 14;
	check(&p, VR_OK, "leaf caller caller outer ");
	/* Marks that lead nowhere, or out. */
	tk_put64(p.k, saved + 13 * 8, mark);
	check(&p, VR_ABSENT, "leaf ");
	tk_put64(p.k, saved + 13 * 8, mark | 14);
	check(&p, VR_ABSENT, "leaf ");
	task(&p)->curr_ret_stack = 513;
	check(&p, VR_CORRUPT, "leaf ");
	task(&p)->curr_ret_stack = -3;
	check(&p, VR_CORRUPT, "leaf ");
	tk_free(p.k);
}

/* ---- Probes ---- */

static void test_probes(void **state)
{
	struct place p = make(new_types, WITH_TABLES);
	uint64_t nodes = tk_alloc(p.k, 256), saved = tk_alloc(p.k, 64);

	(void)state;
	PUT(&p, p.sp, in(PROBE, 0), 0, in(GRAPH, 0), 0, in(OUTER, 8));
	/* Two probes of leaf; the outer one has the address. Then caller, probed, and traced on that. */
	PUT(&p, nodes, nodes + 24, in(PROBE, 0), p.sp);
	PUT(&p, nodes + 24, nodes + 48, in(CALLER, 8), p.sp);
	PUT(&p, nodes + 48, 0, in(CALLER, 8), p.sp + 16);
	PUT(&p, saved, in(PROBE, 0), 0, p.sp + 16, 1 << 10 | 3);
	task(&p)->rethooks = nodes;
	task(&p)->ret_stack = saved;
	task(&p)->curr_ret_stack = 4;
	check(&p, VR_OK, "leaf caller caller outer ");
	/* A ring of nodes, none of which is this one's. */
	PUT(&p, nodes + 24, nodes, in(CALLER, 8), p.sp + 8);
	check(&p, VR_ABSENT, "leaf ");
	assert_non_null(strstr(p.out.error.text, "probe"));
	task(&p)->rethooks = TK_NOWHERE;
	check(&p, VR_FAULT, "leaf ");
	tk_free(p.k);
}

static void test_probes_in_a_table(void **state)
{
	struct place p = make(old_types, WITH_TABLES);
	uint64_t table = tk_global(p.k, "kretprobe_inst_table", 64 * 8);
	uint64_t node = tk_alloc(p.k, 64);

	(void)state;
	PUT(&p, p.sp, in(PROBE, 0), 0, in(OUTER, 8));
	PUT(&p, node, 0, 0, in(CALLER, 8), p.sp);
	check(&p, VR_ABSENT, "leaf ");
	tk_put64(p.k, table + 8 * 63, node);
	check(&p, VR_OK, "leaf caller outer ");
	tk_free(p.k);
}

/* ---- Code that was made at run time ---- */

static void add_bpf(struct place *p, const char *name)
{
	uint64_t list = tk_global(p->k, "bpf_kallsyms", sizeof(struct list_head));
	uint64_t va = tk_alloc(p->k, sizeof(struct bpf_ksym));
	struct bpf_ksym *ksym = tk_ptr(p->k, va);

	p->bpf = list;
	ksym->start = p->made;
	ksym->end = p->made + 0x40;
	snprintf(ksym->name, sizeof(ksym->name), "%s", name);
	PUT(p, list, va + offsetof(struct bpf_ksym, lnode), va + offsetof(struct bpf_ksym, lnode));
	PUT(p, va + offsetof(struct bpf_ksym, lnode), list, list);
}

static void test_bpf(void **state)
{
	struct place p = make(new_types, WITH_TABLES);
	struct inactive_task_frame *frame = tk_ptr(p.k, task(&p)->sp);
	char text[128];

	(void)state;
	add_bpf(&p, "bpf_prog_59f4a931744dcdc6_crashbox");
	frame->bp = p.sp + 64;
	PUT(&p, p.sp, p.made + 0x21);
	PUT(&p, p.sp + 64, 0, in(OUTER, 8));
	check(&p, VR_OK, "leaf bpf_prog_59f4a931744dcdc6_crashbox outer ");
	vr_frame_symbolize(p.prog, &p.out.frames[1], text, sizeof(text));
	assert_string_equal(text, "bpf_prog_59f4a931744dcdc6_crashbox+0x21/0x40");
	/* Nobody's code: the same, as a guess, if a call returns there. */
	PUT(&p, p.sp, p.made + 0x41);
	snprintf(text, sizeof(text), "leaf 0x%llx ", (unsigned long long)p.made + 0x41);
	check(&p, VR_ABSENT, text);
	memset((uint8_t *)tk_ptr(p.k, in(OUTER, 3)), 0xe8, 1);
	snprintf(text, sizeof(text), "leaf 0x%llx ?outer ", (unsigned long long)p.made + 0x41);
	check(&p, VR_ABSENT, text);
	/* It might be a BPF program's, but the list of them has a hole. */
	tk_put64(p.k, p.bpf, TK_NOWHERE);
	check(&p, VR_FAULT, text);
	assert_non_null(strstr(p.out.error.text, "bpf_kallsyms"));
	tk_free(p.k);
}

static void test_ftrace_trampolines(void **state)
{
	struct place p = make(new_types, WITH_TABLES);
	uint64_t list = tk_global(p.k, "ftrace_ops_list", 8);
	uint64_t ops = tk_alloc(p.k, 2 * sizeof(struct ftrace_ops));

	(void)state;
	tk_put64(p.k, list, ops);
	PUT(&p, ops, ops + 32, 0, 0, 0);
	PUT(&p, ops + 32, 0, 0, p.made, 0x40);
	PUT(&p, p.sp, p.made + 8, 1, 2, in(OUTER, 8), 4, in(CALLER, 8), 0, in(OUTER, 8));
	p.prog = tk_open(p.k);
	vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out);
	assert_true(p.out.complete);
	assert_int_equal(p.out.count, 3);
	assert_int_equal(p.out.frames[2].pc, in(OUTER, 8));
	/* One that saves all registers is a copy of another function. */
	tk_put64(p.k, ops + 32 + 8, 4);
	p.prog = tk_open(p.k);
	vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out);
	assert_true(p.out.complete);
	assert_int_equal(p.out.count, 4);
	assert_int_equal(p.out.frames[2].pc, in(CALLER, 8));
	/* A ring of them. */
	tk_put64(p.k, ops + 32, ops);
	tk_put64(p.k, ops + 32 + 16, 0);
	p.prog = tk_open(p.k);
	assert_int_equal(vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out),
			 VR_ABSENT);
	tk_free(p.k);
}

/* ---- A kernel that keeps frame pointers ---- */

static void put_code(struct place *p, enum function f, const void *code, size_t len)
{
	memcpy(tk_ptr(p->k, in(f, 0)), code, len);
}
#define FRAMED "\xf3\x0f\x1e\xfa\xe8\1\2\3\4\x55\x48\x89\xe5"

/* leaf and caller keep one, outer is entry code. */
static struct place make_framed(void)
{
	struct place p = make(new_types, FRAME_POINTERS);
	struct inactive_task_frame *frame = tk_ptr(p.k, task(&p)->sp);

	put_code(&p, LEAF, FRAMED, sizeof(FRAMED) - 1);
	put_code(&p, CALLER, FRAMED + 4, sizeof(FRAMED) - 5);
	frame->ret_addr = in(LEAF, 24);
	frame->bp = p.sp + 16;
	return p;
}

static void test_frame_pointers(void **state)
{
	struct place p = make_framed();
	uint64_t regs_at = p.end - sizeof(struct vr_regs);
	struct vr_regs user = {.ip = 0x401000, .sp = 0x7ffe0000, .cs = 0x33, .bp = 0x7777};

	(void)state;
	/* From a system call: what called it, and whose registers lie at the stack's end. */
	PUT(&p, p.sp + 16, regs_at - 16, in(CALLER, 24));
	PUT(&p, regs_at - 16, 0, in(OUTER, 8));
	memcpy(tk_ptr(p.k, regs_at), &user, sizeof(user));
	check(&p, VR_OK, "leaf caller outer ");
	assert_int_equal(p.out.user_regs_addr, regs_at);
	/* A kernel thread: entry code has left where its registers are, and they are all zero. */
	memset(tk_ptr(p.k, regs_at), 0, sizeof(user));
	tk_put64(p.k, regs_at - 16, regs_at + 1);
	check(&p, VR_OK, "leaf caller outer ");
	assert_int_equal(p.out.user_regs_addr, 0);
	tk_free(p.k);
}

static void test_frame_pointers_through_an_interrupt(void **state)
{
	struct place p = make_framed();
	uint64_t regs_at = p.sp + 64;
	struct vr_regs regs = {
		.ip = in(CALLER, 24), .sp = p.end - 128, .bp = p.end - 64, .cs = 0x10};

	(void)state;
	PUT(&p, p.sp + 16, regs_at + 1, in(OUTER, 8));
	memcpy(tk_ptr(p.k, regs_at), &regs, sizeof(regs));
	PUT(&p, p.end - 64, p.end - 32, in(LEAF, 24));
	PUT(&p, p.end - 32, 0, in(OUTER, 8));
	check(&p, VR_ABSENT, "leaf outer caller leaf outer ");
	assert_int_equal(p.out.frames[2].kind, VR_FRAME_REGS);
	assert_int_equal(p.out.frames[2].regs_addr, regs_at);
	/* Stopped before the frame was set up, between push and mov, and at the end. */
	regs.ip = in(CALLER, 5);
	memcpy(tk_ptr(p.k, regs_at), &regs, sizeof(regs));
	PUT(&p, p.end - 128, in(LEAF, 24));
	check(&p, VR_ABSENT, "leaf outer caller leaf leaf outer ");
	regs.ip = in(CALLER, 6);
	memcpy(tk_ptr(p.k, regs_at), &regs, sizeof(regs));
	PUT(&p, p.end - 128, p.end - 32, in(LEAF, 24));
	check(&p, VR_ABSENT, "leaf outer caller leaf outer ");
	regs.ip = in(CALLER, 60);
	memcpy(tk_ptr(p.k, regs_at), &regs, sizeof(regs));
	memset(tk_ptr(p.k, in(CALLER, 60)), 0xc3, 1);
	PUT(&p, p.end - 128, in(LEAF, 24));
	check(&p, VR_ABSENT, "leaf outer caller leaf leaf outer ");
	tk_free(p.k);
}

/* Where no frame pointer is kept nothing is made up of what looks like one. */
static void test_no_frame_pointers(void **state)
{
	struct place p = make_framed();

	(void)state;
	memset(tk_ptr(p.k, in(CALLER, 0)), 0x90, CODE);
	PUT(&p, p.sp + 16, p.sp + 64, in(CALLER, 24));
	PUT(&p, p.sp + 64, p.sp + 96, in(LEAF, 24));
	check(&p, VR_ABSENT, "leaf caller ");
	/* A call returns there: likely. */
	memset(tk_ptr(p.k, in(LEAF, 19)), 0xe8, 1);
	check(&p, VR_CORRUPT, "leaf caller ?leaf ");
	tk_free(p.k);
}

static void test_random_words(void **state)
{
	static const char *const types[] = {old_types, new_types};

	(void)state;
	srand(4711);
	for (int round = 0; round < 40; round++) {
		struct place p =
			make(types[round % 2], round % 4 < 2 ? WITH_TABLES : FRAME_POINTERS);
		uint64_t area = tk_alloc(p.k, 512);

		add_bpf(&p, "bpf");
		put_code(&p, LEAF, FRAMED, sizeof(FRAMED) - 1);
		task(&p)->ret_stack = task(&p)->rethooks = area;
		task(&p)->curr_ret_stack = rand() % 70;
		for (uint64_t at = p.sp - 56; at < p.end; at += 8) {
			const uint64_t words[] = {in((enum function)(rand() % LAST), 0),
						  in((enum function)(rand() % LAST), 24),
						  p.made + (uint64_t)rand() % 128,
						  p.sp + (uint64_t)(rand() % 128) * 8,
						  p.sp + (uint64_t)(rand() % 128) * 8 + 1,
						  area + (uint64_t)(rand() % 64) * 8};

			tk_put64(p.k, at, words[rand() % 6]);
			tk_put64(p.k, area + (uint64_t)(rand() % 64) * 8, words[rand() % 6]);
		}
		p.prog = tk_open(p.k);
		vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out);
		assert_in_range(p.out.count, 1, VR_STACK_MAX_FRAMES);
		assert_int_equal(p.out.complete, p.out.error.kind == VR_OK);
		tk_expect(p.prog, VR_OK, 0);
		tk_free(p.k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_graph_array),
		cmocka_unit_test(test_graph_words),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_probes_in_a_table),
		cmocka_unit_test(test_bpf),
		cmocka_unit_test(test_ftrace_trampolines),
		cmocka_unit_test(test_frame_pointers),
		cmocka_unit_test(test_frame_pointers_through_an_interrupt),
		cmocka_unit_test(test_no_frame_pointers),
		cmocka_unit_test(test_random_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
