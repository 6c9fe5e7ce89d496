/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code that has no unwind tables of its own: BPF programs and their trampolines, ftrace's copies of
 * its entry code, and all functions of a kernel that keeps frame pointers instead.
 */
#ifndef KERNEL_STACK_CODE_H
#define KERNEL_STACK_CODE_H

#include <vmcore-report/object.h>

#include "arch/orc.h"

#define VR_BPF_NAME_SIZE 512

/** A piece of code that BPF made, as /proc/kallsyms has it under "[bpf]". */
struct vr_bpf_code {
	uint64_t start, end;
	char name[VR_BPF_NAME_SIZE]; /* bpf_prog_<tag>_<name>, bpf_trampoline_<id>, ... */
};

/**
 * The BPF code that addr lies in (bpf_kallsyms, kernel/bpf/core.c). All of it keeps a frame pointer.
 * VR_ABSENT: there is none. VR_FAULT, VR_CORRUPT, VR_LIMIT: the list ends early, so that there may
 * be. Latches nothing.
 */
enum vr_err vr_bpf_code_find(struct vr_program *prog, uint64_t addr, struct vr_bpf_code *code,
			     struct vr_error *err);

/**
 * Where the kernel's own code lies that addr, within a trampoline that ftrace allocated, is a copy
 * of (orc_ftrace_find() in arch/x86/kernel/unwind_orc.c); 0: it is no such trampoline. Bounded;
 * latches nothing.
 */
uint64_t vr_ftrace_original(struct vr_program *prog, uint64_t addr);

/**
 * The rule for an instruction of a function that sets up a frame pointer, by the function's own
 * code: where it is in that function tells whether it has yet, and has still. ip is the instruction
 * (that before the return address, where it is one; then exact is false).
 * False: the function doesn't, or that can't be told.
 */
bool vr_frame_pointer_rule(struct vr_program *prog, uint64_t ip, bool exact,
			   struct vr_orc_entry *rule);

/**
 * Length of an instruction as compilers put them before a function's pushes and between them: endbr64,
 * the call of __fentry__ or the nop in its place, moves between registers and of constants, xor of
 * registers. 0: it is another one.
 */
size_t vr_prologue_instruction(const uint8_t *code, size_t size);

#endif
