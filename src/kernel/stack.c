// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unwinding a kernel stack frame by frame, in the manner of the kernel's own ORC unwinder
 * (arch/x86/kernel/unwind_orc.c), plus what it needs not: a way through __crash_kexec().
 */
#include "kernel/stack.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/orc_tables.h"
#include "kernel/percpu.h"
#include "kernel/stack_area.h"
#include "kernel/stack_code.h"
#include "kernel/stack_return.h"
#include "kernel/task.h"
#include "object/program.h"

/* The upper half of the address space, whether paging has 4 levels or 5. */
#define KERNEL_START 0xff00000000000000ull
/* Task, interrupt and the exception stacks one within another: more are not in use at a time. */
#define MAX_AREAS 10
/* A function's prologue, looked through for pushes. */
#define PROLOGUE 48

/* One unwind. */
struct walk {
	struct vr_program *prog;
	struct vr_stack *out;
	struct vr_orc_tables tables;
	struct vr_error no_tables; /* why there are none */
	struct vr_stack_areas areas;
	struct vr_stack_area area; /* where the last read was */
	uint64_t seen[MAX_AREAS];  /* the starts of all areas so far */
	size_t seen_count;
	struct vr_return_hooks hooks;
	struct vr_unwind at;
	struct vr_error guessed; /* why the frames from here on are but guessed */
};

static enum vr_err read_fast(struct vr_program *prog, uint64_t addr, void *buf, size_t len,
			     struct vr_error *err)
{
	const uint8_t *p;

	if ((addr & 0xfff) + len <= 0x1000 && vr_aspace_peek(prog->as, addr, &p) == VR_MEM_OK) {
		memcpy(buf, p, len);
		return VR_OK;
	}
	return vr_read(prog, addr, buf, len, err);
}

static bool in_area(const struct vr_stack_area *area, uint64_t addr, size_t len)
{
	return addr >= area->start && addr < area->end && len <= area->end - addr;
}

/* Move on to the stack that addr lies on. A stack that was left is never returned to. */
static enum vr_err change_area(struct walk *w, uint64_t addr, struct vr_error *err)
{
	struct vr_stack_area area;
	size_t i;

	if (!vr_stack_area_find(&w->areas, addr, &area))
		return vr_error_set(err, VR_CORRUPT, "the unwind leaves the stack, to 0x%llx",
				    (unsigned long long)addr);
	for (i = 0; i < w->seen_count; i++) {
		if (w->seen[i] == area.start)
			return vr_error_set(err, VR_CORRUPT,
					    "the unwind comes back to a stack that it left, at "
					    "0x%llx",
					    (unsigned long long)addr);
	}
	if (w->seen_count == MAX_AREAS)
		return vr_error_set(err, VR_LIMIT, "more than %d stacks in one trace", MAX_AREAS);
	w->seen[w->seen_count++] = area.start;
	w->area = area;
	return VR_OK;
}

/* What the unwinder may read: stacks only, so that bad tables don't lead it astray. */
static enum vr_err read_stack(void *arg, uint64_t addr, void *buf, size_t len, struct vr_error *err)
{
	struct walk *w = arg;

	if (!in_area(&w->area, addr, len)) {
		enum vr_err kind = change_area(w, addr, err);

		if (kind)
			return kind;
		if (!in_area(&w->area, addr, len))
			return vr_error_set(err, VR_CORRUPT,
					    "the unwind reaches beyond the stack at 0x%llx",
					    (unsigned long long)addr);
	}
	return read_fast(w->prog, addr, buf, len, err);
}

static void add_frame(struct walk *w)
{
	struct vr_frame *f = &w->out->frames[w->out->count++];
	struct vr_stack_area area;

	*f = (struct vr_frame){
		.pc = w->at.ip,
		.sp = w->at.sp,
		.regs_addr = w->at.regs_addr,
		.exact = w->at.signal,
		.partial_regs = w->at.regs_addr && !w->at.has_regs,
		.kind = w->at.regs_addr ? VR_FRAME_REGS : VR_FRAME_CALL,
	};
	if (w->guessed.kind)
		f->kind = VR_FRAME_UNRELIABLE;
	if (in_area(&w->area, f->sp, 0))
		f->stack = w->area.kind;
	else if (vr_stack_area_find(&w->areas, f->sp, &area))
		f->stack = area.kind;
}

/* The kernel's own text, a module's, or a BPF program's. */
static bool is_text(struct walk *w, uint64_t addr)
{
	struct vr_bpf_code bpf;

	return vr_orc_tables_is_text(&w->tables, addr) ||
	       (addr >= KERNEL_START && !vr_bpf_code_find(w->prog, addr, &bpf, NULL));
}

/* Is the instruction before ret a call? Its encodings: relative, through a register, through
 * memory. */
static bool follows_call(struct walk *w, uint64_t ret)
{
	uint8_t b[7];
	size_t len;

	if (!is_text(w, ret - 1) || read_fast(w->prog, ret - 7, b, sizeof(b), NULL))
		return false;
	if (b[2] == 0xe8)
		return true;
	for (len = 2; len <= 7; len++) {
		/* ff /2 */
		if (b[7 - len] == 0xff && (b[8 - len] & 0x38) == 0x10)
			return true;
	}
	return false;
}

/*
 * How far above the saved bp the return address is, in words, by the pushes at the start of a
 * function; 0 where it doesn't save bp there.
 */
static unsigned saved_bp_depth(const uint8_t *code, size_t size)
{
	unsigned pushes = 0;
	size_t i = 0;

	while (i + 5 <= size) {
		const uint8_t *p = code + i;

		if (p[0] == 0x55) /* push %rbp */
			return pushes + 1;
		if (p[0] >= 0x50 && p[0] <= 0x57) { /* push %reg */
			pushes++;
			i += 1;
		} else if (p[0] == 0x41 && p[1] >= 0x50 && p[1] <= 0x57) { /* push %r8..%r15 */
			pushes++;
			i += 2;
		} else {
			size_t len = vr_prologue_instruction(p, size - i);

			if (!len)
				break;
			i += len;
		}
	}
	return 0;
}

/* Is ret the return address of a direct call to the function at start? */
static bool returns_from(struct walk *w, uint64_t ret, uint64_t start)
{
	uint8_t b[5];

	if (!vr_orc_tables_is_text(&w->tables, ret - 1) ||
	    read_fast(w->prog, ret - 5, b, sizeof(b), NULL))
		return false;
	return b[0] == 0xe8 && ret + (uint64_t)(int64_t)(int32_t)vr_load32(b + 1) == start;
}

/*
 * Through a function without unwind information. Every real panic begins in one: __crash_kexec() is
 * STACK_FRAME_NON_STANDARD, and its own ip is what it saves for the dump. Its caller is found by
 * the nearest word on the stack that is the return address of a call to it.
 */
static enum vr_err bridge(struct walk *w, struct vr_error *err)
{
	struct vr_symbol sym;
	uint8_t code[PROLOGUE];
	uint64_t slot, word, start;
	enum vr_err kind;
	unsigned depth;

	if (vr_symtab_lookup(w->prog->symtab, w->at.signal ? w->at.ip : w->at.ip - 1, &sym))
		return vr_error_set(err, VR_ABSENT, "no function is known at 0x%llx",
				    (unsigned long long)w->at.ip);
	start = sym.addr;
	slot = (w->at.sp + 7) & ~7ull;
	if (!in_area(&w->area, slot, 8)) {
		kind = change_area(w, slot, err);
		if (kind)
			return kind;
	}
	for (;; slot += 8) {
		if (!in_area(&w->area, slot, 8))
			return vr_error_set(err, VR_ABSENT,
					    "%s has no unwind information, and no call to it is on "
					    "the stack",
					    sym.name);
		kind = read_fast(w->prog, slot, &word, 8, err);
		if (kind)
			return kind;
		if (word >= KERNEL_START && returns_from(w, word, start))
			break;
	}
	if (!read_fast(w->prog, start, code, sizeof(code), NULL)) {
		depth = saved_bp_depth(code, sizeof(code));
		if (depth && slot - 8 * depth >= w->at.sp)
			read_fast(w->prog, slot - 8 * depth, &w->at.bp, 8, NULL);
	}
	w->at.ip = word;
	w->at.sp = slot + 8;
	w->at.signal = false;
	w->at.has_regs = false;
	w->at.regs_addr = 0;
	return VR_OK;
}

static enum vr_err apply(struct walk *w, const struct vr_orc_entry *entry, struct vr_error *err)
{
	return vr_orc_step(&w->at, entry, w->tables.sp_indirect_offset_first, read_stack, w, err);
}

/*
 * Code of no one's: an instruction slot, or a wild jump. Take it to keep a frame pointer. why is
 * what is known of it.
 */
static enum vr_err guess(struct walk *w, const struct vr_error *why, struct vr_error *err)
{
	struct vr_unwind before = w->at;
	struct vr_error failed;

	if (apply(w, &vr_orc_frame_pointer_entry, &failed) == VR_OK) {
		if (follows_call(w, w->at.ip)) {
			if (!w->guessed.kind)
				w->guessed = *why;
			return VR_OK;
		}
		vr_error_set(&failed, VR_ABSENT, "no call returns to 0x%llx",
			     (unsigned long long)w->at.ip);
		w->at = before;
	}
	return vr_error_set(err, why->kind, "%s, and guessing did not help: %s", why->text,
			    failed.text);
}

/* The outermost frame of a task in a system call lies right below the user's registers. */
static bool at_user_regs(const struct walk *w)
{
	const struct vr_stack_area *area = &w->areas.task;
	uint64_t end = w->at.sp + sizeof(w->at.regs), cs;

	/* TOP_OF_KERNEL_STACK_PADDING is 16 where the kernel can use FRED. */
	return area->start && w->at.sp >= area->start &&
	       (end == area->end || end + 16 == area->end) &&
	       !read_fast(w->prog, w->at.sp + 8 * VR_PT_CS, &cs, 8, NULL) && (cs & 3) == 3;
}

/* A kernel without tables that keeps frame pointers (arch/x86/kernel/unwind_frame.c). */
static enum vr_err step_by_frame_pointer(struct walk *w, bool *end, struct vr_error *err)
{
	/* Entry code leaves the address of the registers that it saved, made odd. */
	static const struct vr_orc_entry regs = {
		.sp_reg = VR_ORC_REG_BP, .sp_offset = -1, .type = VR_ORC_REGS, .signal = true};
	struct vr_orc_entry rule;
	enum vr_err kind;

	if (vr_frame_pointer_rule(w->prog, w->at.signal ? w->at.ip : w->at.ip - 1, w->at.signal,
				  &rule))
		return apply(w, &rule, err);
	if (!w->at.signal && at_user_regs(w)) {
		w->at.user = true;
		w->at.has_regs = true;
		w->at.regs_addr = w->at.sp;
		return VR_OK;
	}
	if (!(w->at.bp & 1) || w->at.signal)
		return guess(w, &w->no_tables, err);
	kind = apply(w, &regs, err);
	/* Those of a kernel thread's first frame are all zero. */
	*end = !kind && !w->at.user && !w->at.ip;
	return kind;
}

/* Where no table says anything. */
static enum vr_err step_without_table(struct walk *w, bool *end, struct vr_error *err)
{
	uint64_t ip = w->at.signal ? w->at.ip : w->at.ip - 1, original;
	struct vr_orc_entry entry;
	struct vr_bpf_code bpf;
	struct vr_error why;
	enum vr_err kind;

	if (w->no_tables.kind && vr_orc_tables_is_text(&w->tables, ip))
		return step_by_frame_pointer(w, end, err);
	vr_error_set(&why, VR_ABSENT, "no unwind tables for 0x%llx", (unsigned long long)w->at.ip);
	if (ip < KERNEL_START)
		return guess(w, &why, err);
	kind = vr_bpf_code_find(w->prog, ip, &bpf, err);
	if (!kind)
		return apply(w, &vr_orc_frame_pointer_entry, err);
	original = vr_ftrace_original(w->prog, ip);
	if (original && !vr_orc_tables_lookup(&w->tables, original, &entry, NULL, NULL) &&
	    entry.type != VR_ORC_UNDEFINED && entry.type != VR_ORC_END)
		return apply(w, &entry, err);
	/* It may be one that the dump lacks. */
	if (kind != VR_ABSENT)
		why = *err;
	return guess(w, &why, err);
}

/* One frame out. VR_OK with *end: there is no further one. */
static enum vr_err step(struct walk *w, bool *end, struct vr_error *err)
{
	uint64_t ip = w->at.signal ? w->at.ip : w->at.ip - 1;
	struct vr_orc_entry entry;
	bool known = false;
	enum vr_err kind;

	kind = vr_orc_tables_lookup(&w->tables, ip, &entry, &known, err);
	if (kind == VR_ABSENT && !known)
		return step_without_table(w, end, err);
	if (kind && kind != VR_ABSENT) {
		vr_error_prefix(err, "unwind table");
		return kind;
	}
	if (kind == VR_ABSENT || entry.type == VR_ORC_UNDEFINED)
		return bridge(w, err);
	if (entry.type == VR_ORC_END) {
		*end = true;
		return VR_OK;
	}
	return apply(w, &entry, err);
}

/* Must hold after each step, or else the unwind may never end. */
static enum vr_err check_progress(struct walk *w, uint64_t old_area, uint64_t old_sp,
				  struct vr_error *err)
{
	if (w->area.start == old_area && in_area(&w->area, w->at.sp, 8) && w->at.sp <= old_sp)
		return vr_error_set(err, VR_CORRUPT, "the stack does not grow outwards at 0x%llx",
				    (unsigned long long)w->at.sp);
	if (!w->at.signal && w->at.ip < KERNEL_START)
		return vr_error_set(
			err, VR_CORRUPT,
			"the return address at 0x%llx, 0x%llx, is not one of the kernel",
			(unsigned long long)(w->at.sp - 8), (unsigned long long)w->at.ip);
	return VR_OK;
}

static enum vr_err run(struct walk *w)
{
	struct vr_stack *out = w->out;
	struct vr_error *err = &out->error;

	while (out->count < VR_STACK_MAX_FRAMES) {
		uint64_t old_sp = w->at.sp, old_area = w->area.start;
		bool end = false;
		enum vr_err kind;

		add_frame(w);
		kind = step(w, &end, err);
		if (kind)
			return kind;
		if (end || w->at.user) {
			out->user_regs_addr = w->at.user ? w->at.regs_addr : 0;
			out->user_regs_partial = w->at.user && !w->at.has_regs;
			/* What was met on the way, and got around, is no error. */
			*err = w->guessed;
			out->complete = !err->kind;
			return err->kind;
		}
		kind = vr_return_resolve(&w->hooks, w->at.sp - 8, &w->at.ip, err);
		if (!kind)
			kind = check_progress(w, old_area, old_sp, err);
		if (kind)
			return kind;
	}
	return vr_error_set(err, VR_LIMIT, "more than %d frames", VR_STACK_MAX_FRAMES);
}

static void walk_init(struct walk *w, struct vr_program *prog, struct vr_obj task,
		      struct vr_stack *out)
{
	memset(w, 0, sizeof(*w));
	w->prog = prog;
	w->out = out;
	w->areas.prog = prog;
	w->hooks = vr_return_hooks_find(prog, task);
	if (vr_ok(task))
		w->areas.task = vr_task_stack_area(task);
	/* Without tables the frames are guessed; the error is then what the walk ends with. */
	vr_orc_tables_find(prog, &w->tables, &w->no_tables);
}

static void stack_clear(struct vr_stack *stack)
{
	stack->count = 0;
	stack->complete = false;
	stack->user_mode = false;
	stack->released = false;
	stack->switched_addr = 0;
	stack->has_regs = false;
	stack->user_regs_addr = 0;
	stack->user_regs_partial = false;
	memset(&stack->error, 0, sizeof(stack->error));
}

static enum vr_err from_regs(struct walk *w, const struct vr_regs *regs)
{
	_Static_assert(sizeof(*regs) == sizeof(w->at.regs), "both are struct pt_regs");

	if (regs->cs & 3) {
		w->out->user_mode = true;
		w->out->complete = true;
		return VR_OK;
	}
	w->out->regs = *regs;
	w->out->has_regs = true;
	memcpy(w->at.regs, regs, sizeof(*regs));
	w->at.has_regs = true;
	w->at.signal = true;
	w->at.ip = regs->ip;
	w->at.sp = regs->sp;
	w->at.bp = regs->bp;
	return run(w);
}

/* struct inactive_task_frame (arch/x86/include/asm/switch_to.h), which lies at thread.sp. */
static enum vr_err from_thread_sp(struct walk *w, struct vr_obj task)
{
	struct vr_error *err = &w->out->error;
	struct vr_obj frame;
	uint64_t sp, fork;
	struct vr_scope scope;
	enum vr_err kind;

	vr_scope_enter(w->prog, &scope);
	sp = vr_u64(task, "thread.sp");
	frame = vr_at(w->prog, "struct inactive_task_frame", sp);
	w->at.bp = vr_u64(frame, "bp");
	w->at.ip = vr_u64(frame, "ret_addr");
	kind = vr_scope_leave(w->prog, &scope);
	if (kind) {
		*err = scope.error;
		return kind;
	}
	/* A task that has never run begins in ret_from_fork, which was not called. */
	w->at.signal = (!vr_try_symbol(w->prog, "ret_from_fork_asm", &fork) && fork == w->at.ip) ||
		       (!vr_try_symbol(w->prog, "ret_from_fork", &fork) && fork == w->at.ip);
	w->at.sp = sp + vr_type_size(frame.type);
	w->out->switched_addr = sp;
	return run(w);
}

static enum vr_err from_cpu(struct walk *w, unsigned cpu)
{
	enum vr_regs_source source;
	struct vr_regs regs;
	enum vr_err kind = vr_cpu_regs(w->prog, cpu, &regs, &source, NULL);

	if (kind)
		return vr_error_set(&w->out->error, kind, "the registers of CPU %u can't be had",
				    cpu);
	w->areas.has_cpu = true;
	w->areas.cpu = cpu;
	return from_regs(w, &regs);
}

/* Is the task the one that its CPU is running? */
static bool runs_on(struct vr_obj task, unsigned *cpu)
{
	struct vr_scope scope;
	uint64_t on_cpu;
	bool runs;

	if (!vr_try_u64(task, "on_cpu", &on_cpu) && !on_cpu)
		return false;
	vr_scope_enter(task.prog, &scope);
	*cpu = vr_task_cpu(task);
	runs = *cpu < vr_nr_cpus(task.prog) && vr_cpu_current(task.prog, *cpu).addr == task.addr &&
	       !vr_failed(task.prog);
	vr_scope_leave(task.prog, &scope);
	return runs;
}

/* An exited task gives its stack back when it is switched from, though it stays a zombie. */
static bool is_released(struct vr_obj task)
{
	uint64_t value;

	return (!vr_try_u64(task, "stack_refcount.refs.counter", &value) && !value) ||
	       (!vr_try_u64(task, "stack", &value) && !value);
}

enum vr_err vr_stack_of_task(struct vr_obj task, struct vr_stack *stack)
{
	struct walk w;
	unsigned cpu;

	stack_clear(stack);
	if (!vr_ok(task))
		return vr_error_set(&stack->error, VR_ABSENT, "no such task");
	if (is_released(task)) {
		stack->released = true;
		stack->complete = true;
		return VR_OK;
	}
	walk_init(&w, task.prog, task, stack);
	if (!w.areas.task.start)
		return vr_error_set(&stack->error, VR_CORRUPT, "the task has no stack");
	if (runs_on(task, &cpu))
		return from_cpu(&w, cpu);
	return from_thread_sp(&w, task);
}

enum vr_err vr_stack_of_cpu(struct vr_program *prog, unsigned cpu, struct vr_stack *stack)
{
	struct vr_scope scope;
	struct vr_obj task;
	struct walk w;

	stack_clear(stack);
	vr_scope_enter(prog, &scope);
	task = vr_cpu_current(prog, cpu);
	vr_scope_leave(prog, &scope);
	walk_init(&w, prog, task, stack);
	return from_cpu(&w, cpu);
}

enum vr_err vr_stack_from_regs(struct vr_program *prog, const struct vr_regs *regs,
			       struct vr_stack *stack)
{
	struct walk w;

	stack_clear(stack);
	walk_init(&w, prog, (struct vr_obj){.prog = prog}, stack);
	return from_regs(&w, regs);
}

enum vr_err vr_regs_read(struct vr_program *prog, uint64_t addr, struct vr_regs *regs,
			 struct vr_error *err)
{
	return vr_read(prog, addr, regs, sizeof(*regs), err);
}

bool vr_is_sched_text(struct vr_program *prog, uint64_t addr)
{
	uint64_t start, end;

	return !vr_try_symbol(prog, "__sched_text_start", &start) &&
	       !vr_try_symbol(prog, "__sched_text_end", &end) && addr >= start && addr < end;
}

char *vr_frame_symbolize(struct vr_program *prog, const struct vr_frame *frame, char *buf,
			 size_t size)
{
	uint64_t back = frame->exact ? 0 : 1;
	struct vr_symbol sym;
	struct vr_bpf_code bpf;

	if (!vr_symtab_lookup(prog->symtab, frame->pc - back, &sym))
		snprintf(buf, size, "%s+0x%llx/0x%llx%s%s%s", sym.name,
			 (unsigned long long)(frame->pc - sym.addr), (unsigned long long)sym.size,
			 sym.module ? " [" : "", sym.module ? sym.module : "",
			 sym.module ? "]" : "");
	else if (frame->pc >= KERNEL_START && !vr_bpf_code_find(prog, frame->pc - back, &bpf, NULL))
		/* Without a mark of whose it is (kallsyms_lookup_buildid() in kernel/kallsyms.c). */
		snprintf(buf, size, "%s+0x%llx/0x%llx", bpf.name,
			 (unsigned long long)(frame->pc - bpf.start),
			 (unsigned long long)(bpf.end - bpf.start));
	else
		snprintf(buf, size, "0x%llx", (unsigned long long)frame->pc);
	return buf;
}
