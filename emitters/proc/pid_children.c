// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/task/<tid>/children (children_seq_show() in fs/proc/array.c). */
#include "kernel/list.h"
#include "kernel/task_pid.h"
#include "pid_emitter.h"

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "children");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w =
		vr_list_begin(vr_get(key->obj, "children"), "struct task_struct", "sibling");

	while (vr_list_next(&w)) {
		vr_row_begin(f);
		vr_printf(f, "%" PRId64 " ", vr_task_pid_nr(w.entry, VR_PID_THREAD));
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/{pid}/task/{tid}/children", .source = "task_struct.children",
	   .exists = exists, .emit = emit)
