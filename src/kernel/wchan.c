// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/wchan.h"

#include "kernel/stack.h"
#include "kernel/stack_area.h"
#include "object/program.h"

#define TASK_WAKING 0x0200u /* include/linux/sched.h; a macro */

/* in_sched_functions() */
static bool in_sched(struct vr_program *prog, uint64_t addr)
{
	uint64_t start, end;

	return vr_is_sched_text(prog, addr) ||
	       (!vr_try_symbol(prog, "__lock_text_start", &start) &&
		!vr_try_symbol(prog, "__lock_text_end", &end) && addr >= start && addr < end);
}

/* __get_wchan(): the address that the unwinder gave last. */
static uint64_t by_unwinding(struct vr_obj task)
{
	struct vr_stack stack;
	uint64_t addr = 0;

	vr_stack_of_task(task, &stack);
	for (size_t i = 0; i < stack.count; i++) {
		if (stack.frames[i].kind == VR_FRAME_UNRELIABLE)
			break;
		addr = stack.frames[i].pc;
		if (!in_sched(task.prog, addr))
			break;
	}
	return addr;
}

/*
 * Until 5.16 (42a20f86dc19, "sched: Add wrapper for get_wchan() to keep task blocked") it followed
 * frame pointers, whether the kernel had any or not.
 */
static uint64_t by_frame_pointers(struct vr_obj task)
{
	uint64_t start = vr_u64(task, "stack"), sp = vr_u64(task, "thread.sp"), fp, ip;
	uint64_t top = start + vr_thread_size(task.prog) - 16;

	if (!start || vr_failed(task.prog) || sp < start || sp > top)
		return 0;
	fp = vr_u64(vr_at(task.prog, "struct inactive_task_frame", sp), "bp");
	for (unsigned count = 0; count <= 16 && fp >= start && fp <= top; count++) {
		ip = vr_u64(vr_at(task.prog, "unsigned long", fp + 8), "");
		if (!in_sched(task.prog, ip))
			return ip;
		fp = vr_u64(vr_at(task.prog, "unsigned long", fp), "");
	}
	return 0;
}

uint64_t vr_task_wchan(struct vr_obj task)
{
	uint64_t state = vr_u64(task, "__state|state");

	if (!state || vr_failed(task.prog) || !vr_u64(task, "stack_refcount.refs.counter"))
		return 0;
	if (!vr_has_symbol(task.prog, "__get_wchan"))
		return by_frame_pointers(task);
	if (state == TASK_WAKING || vr_u64(task, "on_rq") || vr_failed(task.prog))
		return 0;
	return by_unwinding(task);
}

const char *vr_task_wchan_name(struct vr_obj task)
{
	uint64_t addr = vr_task_wchan(task);
	struct vr_symbol sym;

	return addr && vr_symtab_lookup(task.prog->symtab, addr, &sym) == VR_OK ? sym.name : NULL;
}
