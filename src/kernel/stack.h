/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel stacks: of a sleeping task, of a task on a CPU, of whoever panicked. */
#ifndef KERNEL_STACK_H
#define KERNEL_STACK_H

#include <vmcore-report/object.h>

#define VR_STACK_MAX_FRAMES 256

enum vr_frame_kind {
	VR_FRAME_CALL, /* an ordinary return address (the first frame: where it is) */
	VR_FRAME_REGS, /* the point an exception or interrupt hit; regs_addr has its pt_regs */
	VR_FRAME_UNRELIABLE, /* found by guessing; printed with '?' */
};

/** The stacks that x86-64 has. */
enum vr_stack_kind {
	VR_STACK_UNKNOWN,
	VR_STACK_TASK,
	VR_STACK_IRQ,
	VR_STACK_ENTRY,
	VR_STACK_DF, /* the exception stacks from here on (cpu_entry_area.h) */
	VR_STACK_NMI,
	VR_STACK_DB,
	VR_STACK_MCE,
	VR_STACK_VC,
	VR_STACK_VC2,
};

struct vr_frame {
	uint64_t pc;        /* instruction pointer; a return address unless exact */
	uint64_t sp;        /* stack pointer in that frame */
	uint64_t regs_addr; /* VR_FRAME_REGS: address of struct pt_regs, else 0 */
	enum vr_frame_kind kind;
	enum vr_stack_kind stack; /* the stack that sp lies on */
	bool exact;               /* pc is where it was stopped, so that its function is pc's */
	bool partial_regs; /* of the struct pt_regs only ip, cs, flags, sp and ss are there */
};

/** General registers as they were saved; x86-64 names in the kernel's pt_regs order. */
struct vr_regs {
	uint64_t r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs,
		flags, sp, ss;
};

enum vr_regs_source { VR_REGS_NONE, VR_REGS_CRASH_NOTES, VR_REGS_ELF_NOTE };

struct vr_stack {
	struct vr_frame frames[VR_STACK_MAX_FRAMES];
	size_t count;
	bool complete; /* reached the end, user mode or the outermost kernel frame, without a guess */
	bool user_mode;         /* the task was in user mode: no kernel stack to show */
	bool released;          /* the task has exited and given its stack back: nothing to show */
	uint64_t switched_addr; /* of the struct inactive_task_frame that it begins at, or 0 */
	bool has_regs;          /* or it begins with these registers */
	struct vr_regs regs;
	uint64_t user_regs_addr; /* the user-mode struct pt_regs at the outer end, or 0 */
	bool user_regs_partial;  /* of that only ip, cs, flags, sp and ss are there */
	struct vr_error error;   /* why it isn't complete, kind VR_OK when it is */
};

/**
 * Registers that the crashing kernel saved for a CPU: from its crash_notes (kernel/crash_core.c) or
 * else from the dump's NT_PRSTATUS note of that CPU. *pid (may be NULL) gets the note's pid.
 * VR_ABSENT where there are none, VR_FAULT, VR_CORRUPT.
 */
enum vr_err vr_cpu_regs(struct vr_program *prog, unsigned cpu, struct vr_regs *regs,
			enum vr_regs_source *source, uint32_t *pid);

/**
 * Unwind a task's kernel stack through ORC. A task that sleeps is unwound from thread.sp; one that
 * is on a CPU from that CPU's saved registers. What can be had is in *stack even when the result
 * isn't VR_OK. Nothing is latched.
 */
enum vr_err vr_stack_of_task(struct vr_obj task, struct vr_stack *stack);
/** The same from given registers. */
enum vr_err vr_stack_from_regs(struct vr_program *prog, const struct vr_regs *regs,
			       struct vr_stack *stack);

/** The same for what a CPU was doing: its saved registers, on the stacks of its current task. */
enum vr_err vr_stack_of_cpu(struct vr_program *prog, unsigned cpu, struct vr_stack *stack);

/**
 * "name+0x1c/0x40 [module]" for a frame, as the kernel prints a trace (%pB): the function of a
 * return address is that of the call before it. "0x..." where no symbol covers it. Returns buf.
 */
char *vr_frame_symbolize(struct vr_program *prog, const struct vr_frame *frame, char *buf,
			 size_t size);
/**
 * Does addr lie in the scheduler's own functions, which /proc/<pid>/stack and wchan leave out
 * wherever they occur (in_sched_functions(), with the frame's pc as it is)? Latches nothing.
 */
bool vr_is_sched_text(struct vr_program *prog, uint64_t addr);
/** The kernel's name of a kind of stack, as in its "<IRQ>" marks; "" for VR_STACK_UNKNOWN. */
const char *vr_stack_kind_name(enum vr_stack_kind kind);
/** struct pt_regs at addr. VR_FAULT. */
enum vr_err vr_regs_read(struct vr_program *prog, uint64_t addr, struct vr_regs *regs,
			 struct vr_error *err);

#endif
