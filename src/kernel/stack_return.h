/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Genuine return addresses. The function graph tracer, kretprobes and fprobes put the address of a
 * trampoline of theirs in the place of a function's return address for as long as it runs, and keep
 * the genuine one elsewhere: a task that sleeps in such a function is seen to return to nowhere.
 */
#ifndef KERNEL_STACK_RETURN_H
#define KERNEL_STACK_RETURN_H

#include <vmcore-report/object.h>

/** Whose stack it is, and the addresses that stand for others. */
struct vr_return_hooks {
	struct vr_obj task; /* !vr_ok(): it isn't known whose; then none can be resolved */
	uint64_t graph;     /* return_to_handler; 0: this kernel has none */
	uint64_t probe;     /* arch_rethook_trampoline, or what it was called before; likewise */
};

/** The trampolines of this kernel, for the stack of task. Latches nothing. */
struct vr_return_hooks vr_return_hooks_find(struct vr_program *prog, struct vr_obj task);

/**
 * Replace *ip, which was read from the stack at slot, by the genuine address where it is that of a
 * trampoline (ftrace_graph_ret_addr() in kernel/trace/fgraph.c, then rethook_find_ret_addr() in
 * kernel/trace/rethook.c, or kretprobe_find_ret_addr() in kernel/kprobes.c). Otherwise it stays.
 * VR_ABSENT, VR_FAULT: it is a trampoline's, and the genuine one can't be had. Latches nothing.
 */
enum vr_err vr_return_resolve(const struct vr_return_hooks *hooks, uint64_t slot, uint64_t *ip,
			      struct vr_error *err);

#endif
