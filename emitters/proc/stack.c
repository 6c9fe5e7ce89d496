// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/stack: where a task is in the kernel (proc_pid_stack() in fs/proc/base.c). */
#include "kernel/stack.h"
#include "plugin/emitter.h"

/* MAX_STACK_TRACE_DEPTH of fs/proc/base.c. */
#define MAX_DEPTH 64

/*
 * The kernel shows nothing for a task that runs at that moment. A dump has the registers with which
 * it stopped running, so that its frames are told as well.
 */
static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_stack stack;
	enum vr_err r = vr_stack_of_task(key->obj, &stack);
	unsigned depth = 0;

	for (size_t i = 0; i < stack.count && depth < MAX_DEPTH; i++) {
		const struct vr_frame *frame = &stack.frames[i];
		char symbol[640];

		if (frame->kind == VR_FRAME_UNRELIABLE || vr_is_sched_text(key->prog, frame->pc))
			continue;
		vr_printf(f, "[<0>] %s\n",
			  vr_frame_symbolize(key->prog, frame, symbol, sizeof(symbol)));
		depth++;
	}
	if (r != VR_OK && !stack.user_mode)
		vr_cut(key->prog, r, "the stack after %zu frames: %s", stack.count,
		       stack.error.text);
}

VR_EMITTER(.path = "proc/{pid}/stack", .source = "task_struct.thread, crash_notes, ORC",
	   .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/stack", .source = "task_struct.thread, crash_notes, ORC",
	   .emit = emit)
