// SPDX-License-Identifier: GPL-2.0-or-later
/* Unwinding stacks that are whole, and stacks that can't be right. */
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
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct orc_entry {
		short sp_offset; short bp_offset;
		unsigned int sp_reg : 4; unsigned int bp_reg : 4; unsigned int type : 3;
		unsigned int signal : 1;
	} __attribute__((packed));
	struct inactive_task_frame { unsigned long r15, r14, r13, r12, bx, bp, ret_addr; };
	struct thread_struct { unsigned long sp; };
	struct task_struct {
		void *stack; int on_cpu; unsigned int cpu; char comm[16]; struct thread_struct thread;
	};
	struct irq_stack { char stack[16384]; };
)
/* clang-format on */

#define STACK_SIZE 16384ull

/* The functions of this kernel, 64 bytes each, by what their table entry says. */
enum function {
	NOWHERE, /* before all others: nothing is known */
	OUTER,   /* the outermost: the end */
	LEAF,    /* pushes nothing */
	CALLER,  /* 8 bytes of locals */
	FRAMED,  /* keeps a frame pointer */
	ENTRY,   /* an exception's, above pt_regs */
	NO_INFO, /* written in assembly */
	LAST,
};

/* ORC of Linux 6.4: types END 1, CALL 2, REGS 3; registers PREV_SP 1, BP 4, SP 5. */
static const struct orc_entry entries[] = {
	[OUTER] = {.type = 1},
	[LEAF] = {.sp_offset = 8, .sp_reg = 5, .type = 2},
	[CALLER] = {.sp_offset = 16, .sp_reg = 5, .type = 2},
	[FRAMED] = {.sp_offset = 16, .sp_reg = 4, .bp_offset = -16, .bp_reg = 1, .type = 2},
	[ENTRY] = {.sp_reg = 5, .type = 3, .signal = 1},
	[LAST] = {.type = 0},
};

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t task, stack, end; /* of the stack */
	uint64_t irq;              /* another stack, that of CPU 0's interrupts */
	struct vr_stack out;
};

static uint64_t in(enum function f, uint64_t offset)
{
	return TK_TEXT + f * 64ull + offset;
}

static void add_tables(struct tiny_kernel *k)
{
	static const char *const names[] = {"nowhere", "outer", "leaf",   "caller",
					    "framed",  "entry", "no_info"};
	/* Many of the commonest kind after them, which tell how registers are numbered. */
	const uint32_t count = LAST + 60;
	uint64_t ips = tk_global(k, "__start_orc_unwind_ip", 4ull * count);
	uint64_t orc = tk_global(k, "__start_orc_unwind", 6ull * count);
	int32_t *ip = tk_ptr(k, ips);
	struct orc_entry *entry = tk_ptr(k, orc);

	tk_symbol(k, 'D', "__stop_orc_unwind_ip", ips + 4ull * count);
	tk_symbol(k, 'D', "__stop_orc_unwind", orc + 6ull * count);
	for (uint32_t i = 0; i < count; i++) {
		ip[i] = (int32_t)(TK_TEXT + i * 64ull - (ips + 4ull * i));
		entry[i] = i < LAST ? entries[i] : entries[LEAF];
	}
	for (size_t i = 1; i < VR_ARRAY_SIZE(names); i++)
		tk_symbol(k, 't', names[i], in((enum function)i, 0));
	tk_symbol(k, 't', "rest", in(LAST, 0));
}

static struct place make(bool with_tables)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	struct task_struct *task;
	uint64_t area;

	if (with_tables)
		add_tables(p.k);
	*(unsigned *)tk_ptr(p.k, tk_global(p.k, "nr_cpu_ids", 4)) = 1;
	area = tk_alloc(p.k, 256);
	tk_put64(p.k, tk_global(p.k, "__per_cpu_offset", 8), area);
	tk_symbol(p.k, 'A', "hardirq_stack_ptr", 0x40);
	p.task = tk_alloc(p.k, sizeof(struct task_struct));
	/* Aligned to its size, as all task stacks are. */
	p.stack = (tk_alloc(p.k, 3 * STACK_SIZE) + STACK_SIZE - 1) & -STACK_SIZE;
	p.end = p.stack + STACK_SIZE;
	p.irq = p.end;
	tk_put64(p.k, area + 0x40, p.irq + STACK_SIZE - 8);
	task = tk_ptr(p.k, p.task);
	task->stack = tk_va(void, p.stack);
	strcpy(task->comm, "sleeper");
	return p;
}

static void free_place(struct place *p)
{
	tk_free(p->k);
}

/* Words on the stack from va on. */
static void put_words(struct place *p, uint64_t va, const uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tk_put64(p->k, va + 8 * i, words[i]);
}
#define PUT(p, va, ...)                                                                            \
	put_words((p), (va), (const uint64_t[]){__VA_ARGS__},                                      \
		  sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

static enum vr_err unwind(struct place *p, enum function f, uint64_t sp, uint64_t bp)
{
	struct vr_regs regs = {.ip = in(f, 4), .sp = sp, .bp = bp, .cs = 0x10};
	enum vr_err kind;

	p->prog = tk_open(p->k);
	kind = vr_stack_from_regs(p->prog, &regs, &p->out);
	assert_int_equal(p->out.error.kind, kind);
	assert_int_equal(p->out.complete, kind == VR_OK);
	tk_expect(p->prog, VR_OK, 0);
	tk_expect_cut(p->prog, VR_OK);
	return kind;
}

/* The functions of the frames, as letters. */
static void check_frames(struct place *p, const char *want)
{
	VR_STRBUF got = {0};

	for (size_t i = 0; i < p->out.count; i++) {
		char text[64];

		vr_frame_symbolize(p->prog, &p->out.frames[i], text, sizeof(text));
		vr_strbuf_printf(&got, "%s%.*s ",
				 p->out.frames[i].kind == VR_FRAME_UNRELIABLE ? "?" : "",
				 (int)strcspn(text, "+"), text);
	}
	assert_string_equal(vr_strbuf_str(&got), want);
}

/* ---- Whole ones ---- */

static void test_sleeping_task(void **state)
{
	struct place p = make(true);
	uint64_t sp = p.end - 256, at = sp + sizeof(struct inactive_task_frame);
	uint64_t bp = at + 40;
	struct task_struct *task = tk_ptr(p.k, p.task);
	struct inactive_task_frame *frame = tk_ptr(p.k, sp);

	(void)state;
	task->thread.sp = sp;
	frame->bp = bp;
	frame->ret_addr = in(CALLER, 8);
	PUT(&p, at, 0, in(FRAMED, 8));
	PUT(&p, bp, 0x1234, in(OUTER, 8));
	p.prog = tk_open(p.k);
	assert_int_equal(vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out),
			 VR_OK);
	assert_true(p.out.complete);
	check_frames(&p, "caller framed outer ");
	assert_int_equal(p.out.frames[0].pc, in(CALLER, 8));
	assert_int_equal(p.out.frames[0].sp, at);
	assert_int_equal(p.out.frames[1].sp, at + 16);
	assert_int_equal(p.out.frames[2].sp, bp + 16);
	for (int i = 0; i < 3; i++)
		assert_int_equal(p.out.frames[i].stack, VR_STACK_TASK);
	free_place(&p);
}

static void test_through_an_exception(void **state)
{
	struct place p = make(true);
	uint64_t sp = p.end - 512, regs_at = sp + 8;
	struct vr_regs regs = {.ip = in(CALLER, 4), .sp = p.end - 64, .bp = 0x77, .cs = 0x10};

	(void)state;
	PUT(&p, sp, in(ENTRY, 8));
	memcpy(tk_ptr(p.k, regs_at), &regs, sizeof(regs));
	PUT(&p, p.end - 64, 0, in(OUTER, 8));
	assert_int_equal(unwind(&p, LEAF, sp, 0), VR_OK);
	check_frames(&p, "leaf entry caller outer ");
	assert_true(p.out.frames[0].exact);
	assert_false(p.out.frames[1].exact);
	assert_true(p.out.frames[2].exact);
	assert_int_equal(p.out.frames[2].kind, VR_FRAME_REGS);
	assert_int_equal(p.out.frames[2].regs_addr, regs_at);
	assert_int_equal(p.out.user_regs_addr, 0);
	/* From user mode: its registers are where the trace ends. */
	regs.cs = 0x33;
	regs.ip = 0x401000;
	memcpy(tk_ptr(p.k, regs_at), &regs, sizeof(regs));
	assert_int_equal(unwind(&p, LEAF, sp, 0), VR_OK);
	check_frames(&p, "leaf entry ");
	assert_int_equal(p.out.user_regs_addr, regs_at);
	free_place(&p);
}

static void test_no_stack_to_show(void **state)
{
	struct place p = make(true);
	struct task_struct *task = tk_ptr(p.k, p.task);
	struct vr_regs user = {.ip = 0x401000, .sp = 0x7ffe0000, .cs = 0x33};

	(void)state;
	p.prog = tk_open(p.k);
	assert_int_equal(vr_stack_from_regs(p.prog, &user, &p.out), VR_OK);
	assert_true(p.out.user_mode && p.out.complete && !p.out.count);
	task->stack = NULL;
	p.prog = tk_open(p.k);
	assert_int_equal(vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out),
			 VR_OK);
	assert_true(p.out.released && p.out.complete && !p.out.count);
	task->stack = tk_va(void, 0x1000);
	p.prog = tk_open(p.k);
	assert_int_equal(vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out),
			 VR_CORRUPT);
	assert_false(p.out.complete);
	assert_int_equal(vr_stack_of_task((struct vr_obj){.prog = p.prog}, &p.out), VR_ABSENT);
	tk_expect(p.prog, VR_OK, 0);
	free_place(&p);
}

/* A function without information: its caller is found by the call to it. */
static void test_bridge(void **state)
{
	struct place p = make(true);
	uint64_t sp = p.end - 256, ret = in(CALLER, 20);
	int32_t distance = (int32_t)(in(NO_INFO, 0) - ret);
	uint8_t *code = tk_ptr(p.k, ret - 5);

	(void)state;
	code[0] = 0xe8;
	memcpy(code + 1, &distance, 4);
	PUT(&p, sp, 1, in(LEAF, 8), in(NO_INFO, 8), 2, ret, 0, in(OUTER, 8));
	assert_int_equal(unwind(&p, NO_INFO, sp, 0), VR_OK);
	check_frames(&p, "no_info caller outer ");
	assert_int_equal(p.out.frames[1].sp, sp + 40);
	/* No such call on the stack, up to its end. */
	code[0] = 0x90;
	assert_int_equal(unwind(&p, NO_INFO, sp, 0), VR_ABSENT);
	check_frames(&p, "no_info ");
	free_place(&p);
}

/* ---- What can't be right: the frames so far stay ---- */

static void test_cycles(void **state)
{
	struct place p = make(true);
	uint64_t sp = p.end - 512, bp = sp + 64;

	(void)state;
	/* A frame pointer to the frame itself, and to one before it. */
	PUT(&p, bp, bp, in(FRAMED, 8));
	assert_int_equal(unwind(&p, FRAMED, sp, bp), VR_CORRUPT);
	check_frames(&p, "framed framed ");
	PUT(&p, bp, bp + 64, in(FRAMED, 8));
	PUT(&p, bp + 64, bp, in(FRAMED, 8));
	assert_int_equal(unwind(&p, FRAMED, sp, bp), VR_CORRUPT);
	check_frames(&p, "framed framed framed ");
	assert_non_null(strstr(p.out.error.text, "grow"));
	/* From one stack to another and back: of two it can't come back to the first. */
	PUT(&p, bp, p.irq + 64, in(FRAMED, 8));
	PUT(&p, p.irq + 64, bp, in(FRAMED, 8));
	assert_int_equal(unwind(&p, FRAMED, sp, bp), VR_CORRUPT);
	check_frames(&p, "framed framed framed ");
	assert_int_equal(p.out.frames[0].stack, VR_STACK_TASK);
	assert_int_equal(p.out.frames[2].stack, VR_STACK_IRQ);
	assert_non_null(strstr(p.out.error.text, "comes back"));
	/* An exception within itself. */
	PUT(&p, sp, in(ENTRY, 8));
	memcpy(tk_ptr(p.k, sp + 8), &(struct vr_regs){.ip = in(LEAF, 4), .sp = sp, .cs = 0x10},
	       sizeof(struct vr_regs));
	assert_int_equal(unwind(&p, LEAF, sp, 0), VR_CORRUPT);
	check_frames(&p, "leaf entry ");
	free_place(&p);
}

static void test_off_the_stack(void **state)
{
	struct place p = make(true);
	uint64_t sp = p.end - 256;

	(void)state;
	/* The return address would be the first word behind it, then across the end. */
	PUT(&p, sp, in(CALLER, 8));
	tk_put64(p.k, p.irq + 8 * 5, in(OUTER, 8));
	PUT(&p, p.end - 8, in(CALLER, 8));
	assert_int_equal(unwind(&p, LEAF, p.end - 8, 0), VR_CORRUPT);
	check_frames(&p, "leaf caller ");
	assert_int_equal(unwind(&p, CALLER, p.end - 12, 0), VR_CORRUPT);
	check_frames(&p, "caller ");
	/* Frame pointers to no stack at all, and around the end of the address space. */
	PUT(&p, sp, TK_NOWHERE, in(FRAMED, 8));
	assert_int_equal(unwind(&p, FRAMED, sp, sp), VR_CORRUPT);
	check_frames(&p, "framed framed ");
	PUT(&p, sp, ~0ull - 3, in(FRAMED, 8));
	assert_int_equal(unwind(&p, FRAMED, sp, sp), VR_CORRUPT);
	PUT(&p, sp, 0, in(FRAMED, 8));
	assert_int_equal(unwind(&p, FRAMED, sp, sp), VR_CORRUPT);
	check_frames(&p, "framed framed ");
	/* A stack pointer that isn't one of the kernel's to begin with. */
	assert_int_equal(unwind(&p, LEAF, 0x7fff0000, 0), VR_CORRUPT);
	check_frames(&p, "leaf ");
	/* A return address that isn't. */
	PUT(&p, sp, 0x401000);
	assert_int_equal(unwind(&p, LEAF, sp, 0), VR_CORRUPT);
	check_frames(&p, "leaf ");
	PUT(&p, sp, 0);
	assert_int_equal(unwind(&p, LEAF, sp, 0), VR_CORRUPT);
	check_frames(&p, "leaf ");
	free_place(&p);
}

static void test_missing_pages(void **state)
{
	struct place p = make(true);
	struct task_struct *task = tk_ptr(p.k, p.task);
	uint64_t sp = p.stack + TK_PAGE - 16;

	(void)state;
	PUT(&p, sp, in(LEAF, 8), in(LEAF, 8));
	tk_set_page(p.k, tk_phys(p.k, p.stack + TK_PAGE), TK_ABSENT);
	assert_int_equal(unwind(&p, LEAF, sp, 0), VR_FAULT);
	check_frames(&p, "leaf leaf leaf ");
	assert_int_equal(p.out.error.addr, p.stack + TK_PAGE);
	/* Where it sleeps can't be read: no frame at all. */
	task->thread.sp = p.stack + TK_PAGE + 64;
	p.prog = tk_open(p.k);
	assert_int_equal(vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out),
			 VR_FAULT);
	assert_int_equal(p.out.error.kind, VR_FAULT);
	assert_false(p.out.complete);
	assert_int_equal(p.out.count, 0);
	assert_in_range(p.out.error.addr, p.stack + TK_PAGE, p.stack + 2 * TK_PAGE);
	task->thread.sp = TK_NOWHERE;
	p.prog = tk_open(p.k);
	assert_int_equal(vr_stack_of_task(vr_at(p.prog, "struct task_struct", p.task), &p.out),
			 VR_FAULT);
	tk_expect(p.prog, VR_OK, 0);
	/* The unwind tables are missing: the frame that was asked for is still given. */
	tk_set_page(p.k, tk_phys(p.k, p.stack + TK_PAGE), TK_HELD);
	tk_set_page(p.k, tk_phys(p.k, TK_DATA), TK_ABSENT);
	assert_true(unwind(&p, LEAF, sp, 0) != VR_OK);
	assert_true(p.out.count >= 1);
	free_place(&p);
}

static void test_endless_recursion(void **state)
{
	struct place p = make(true);

	(void)state;
	for (uint64_t at = p.stack; at < p.end; at += 8)
		tk_put64(p.k, at, in(LEAF, 8));
	assert_int_equal(unwind(&p, LEAF, p.stack, 0), VR_LIMIT);
	assert_int_equal(p.out.count, VR_STACK_MAX_FRAMES);
	/* With fewer than that the stack's end comes first. */
	assert_int_equal(unwind(&p, LEAF, p.end - 800, 0), VR_CORRUPT);
	assert_int_equal(p.out.count, 101);
	free_place(&p);
}

static void test_without_tables(void **state)
{
	struct place p = make(false);

	(void)state;
	assert_int_equal(unwind(&p, LEAF, p.end - 64, 0), VR_ABSENT);
	assert_int_equal(p.out.count, 1);
	assert_non_null(strstr(p.out.error.text, "ORC"));
	free_place(&p);
}

/* Stacks made of nothing but things that lead somewhere. */
static void test_random_stacks(void **state)
{
	struct place p = make(true);
	uint64_t x = 1;

	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		for (uint64_t at = p.stack; at < p.irq + STACK_SIZE; at += 8) {
			uint64_t word;

			x = x * 6364136223846793005ull + 1442695040888963407ull;
			switch (x >> 61) {
			case 0:
				word = p.stack + (x >> 20) % (2 * STACK_SIZE);
				break;
			case 1:
				word = p.stack + ((x >> 20) % (2 * STACK_SIZE) & ~7ull);
				break;
			case 2:
				word = 0x10;
				break;
			case 3:
				word = x;
				break;
			default:
				word = in((enum function)((x >> 20) % (LAST + 1)), 8);
			}
			tk_put64(p.k, at, word);
		}
		for (unsigned f = OUTER; f < LAST; f++) {
			uint64_t sp = p.stack + (x >> (7 + f)) % STACK_SIZE;

			if (f == OUTER)
				unwind(&p, NOWHERE, sp & ~7ull, sp);
			else
				vr_stack_from_regs(p.prog,
						   &(struct vr_regs){.ip = in((enum function)f, 4),
								     .sp = sp & ~7ull,
								     .bp = sp & ~7ull,
								     .cs = 0x10},
						   &p.out);
			assert_in_range(p.out.count, 1, VR_STACK_MAX_FRAMES);
			assert_int_equal(p.out.complete, p.out.error.kind == VR_OK);
			tk_expect(p.prog, VR_OK, 0);
		}
	}
	free_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sleeping_task),
		cmocka_unit_test(test_through_an_exception),
		cmocka_unit_test(test_no_stack_to_show),
		cmocka_unit_test(test_bridge),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_off_the_stack),
		cmocka_unit_test(test_missing_pages),
		cmocka_unit_test(test_endless_recursion),
		cmocka_unit_test(test_without_tables),
		cmocka_unit_test(test_random_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
