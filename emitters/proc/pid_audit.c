// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/loginuid and sessionid (fs/proc/base.c). */
#include "pid_emitter.h"

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "loginuid") && vr_has(key->obj, "loginuid");
}

static void emit_loginuid(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%" PRIu64, vr_u64(key->obj, "loginuid.val"));
}

static void emit_sessionid(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%" PRIu64, vr_u64(key->obj, "sessionid"));
}

VR_EMITTER(.path = "proc/{pid}/loginuid", .source = "task_struct.loginuid", .exists = exists,
	   .emit = emit_loginuid)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/loginuid", .source = "task_struct.loginuid",
	   .exists = exists, .emit = emit_loginuid)
VR_EMITTER(.path = "proc/{pid}/sessionid", .source = "task_struct.sessionid", .exists = exists,
	   .emit = emit_sessionid)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/sessionid", .source = "task_struct.sessionid",
	   .exists = exists, .emit = emit_sessionid)
