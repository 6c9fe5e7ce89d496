// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/comm (comm_show() in fs/proc/base.c). */
#include "kernel/task_name.h"
#include "pid_emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	char name[VR_TASK_NAME_SIZE];

	vr_printf(f, "%s\n", vr_task_name(key->obj, name));
}

VR_EMITTER(.path = "proc/{pid}/comm", .source = "task_struct.comm", .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/comm", .source = "task_struct.comm", .emit = emit)
