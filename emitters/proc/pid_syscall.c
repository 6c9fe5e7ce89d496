// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/syscall (proc_pid_syscall() in fs/proc/base.c, collect_syscall() in lib/syscall.c). */
#include "kernel/task_regs.h"
#include "pid_emitter.h"

#define TS_COMPAT 0x0002u /* arch/x86/include/asm/thread_info.h */

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "syscall");
}

/* syscall_get_arguments() */
static void put_arguments(struct vr_file *f, struct vr_obj task, const struct vr_regs *r)
{
	if (vr_u64(task, "thread_info.status") & TS_COMPAT)
		vr_printf(f,
			  " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
			  " 0x%" PRIx64,
			  r->bx, r->cx, r->dx, r->si, r->di, r->bp);
	else
		vr_printf(f,
			  " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
			  " 0x%" PRIx64,
			  r->di, r->si, r->dx, r->r10, r->r8, r->r9);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj task = key->obj;
	struct vr_regs regs;
	int32_t nr = -1;

	/* The kernel waits for a task to be off its CPU and off the queue: these never were. */
	if (!vr_u64(task, "__state|state") || vr_u64(task, "on_cpu") || vr_u64(task, "on_rq")) {
		vr_puts(f, "running\n");
		return;
	}
	if (vr_task_regs(task, &regs))
		nr = (int32_t)regs.orig_ax;
	vr_printf(f, "%d", nr);
	if (nr >= 0)
		put_arguments(f, task, &regs);
	vr_printf(f, " 0x%" PRIx64 " 0x%" PRIx64 "\n", regs.sp, regs.ip);
}

VR_EMITTER(.path = "proc/{pid}/syscall", .source = "pt_regs", .exists = exists, .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/syscall", .source = "pt_regs", .exists = exists,
	   .emit = emit)
