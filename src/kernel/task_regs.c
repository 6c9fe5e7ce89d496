// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/task_regs.h"

#include "kernel/stack_area.h"
#include "object/program.h"

bool vr_task_regs(struct vr_obj task, struct vr_regs *regs)
{
	uint64_t stack = vr_u64(task, "stack"), padding;
	struct vr_error err;

	*regs = (struct vr_regs){0};
	/* try_get_task_stack() */
	if (!stack || !vr_u64(task, "stack_refcount.refs.counter") || vr_failed(task.prog))
		return false;
	/* TOP_OF_KERNEL_STACK_PADDING: room for what FRED adds, since 6.9. */
	padding = vr_has_symbol(task.prog, "asm_fred_entrypoint_user") ? 16 : 0;
	stack += vr_thread_size(task.prog) - padding - sizeof(*regs);
	if (vr_regs_read(task.prog, stack, regs, &err) == VR_OK)
		return true;
	vr_latch_error(task.prog, &err);
	return false;
}
