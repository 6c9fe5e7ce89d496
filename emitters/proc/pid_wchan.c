// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/wchan: the function that a task waits in (proc_pid_wchan() in fs/proc/base.c). */
#include "kernel/wchan.h"
#include "pid_emitter.h"

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "wchan");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	const char *name = vr_task_wchan_name(key->obj);

	vr_puts(f, name ? name : "0");
}

VR_EMITTER(.path = "proc/{pid}/wchan", .source = "task_struct.thread, ORC", .exists = exists,
	   .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/wchan", .source = "task_struct.thread, ORC",
	   .exists = exists, .emit = emit)
