// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/schedstat (proc_pid_schedstat() in fs/proc/base.c). */
#include "pid_emitter.h"

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "schedstat") && vr_has(key->obj, "sched_info.run_delay");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		  vr_u64(key->obj, "se.sum_exec_runtime"), vr_u64(key->obj, "sched_info.run_delay"),
		  vr_u64(key->obj, "sched_info.pcount"));
}

VR_EMITTER(.path = "proc/{pid}/schedstat", .source = "task_struct.sched_info", .exists = exists,
	   .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/schedstat", .source = "task_struct.sched_info",
	   .exists = exists, .emit = emit)
