// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/<pid>/attr/ (proc_pid_attr_read() in fs/proc/base.c): what AppArmor answers
 * (apparmor_getprocattr() in security/apparmor/lsm.c). Of a label that a task has not, reading says
 * so by an error: there is no file then. Until 6.7 the kernel showed the reader's own prev and exec;
 * these are the task's.
 */
#include "kernel/apparmor.h"
#include "kernel/globals.h"
#include "pid_emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key, enum vr_apparmor_label kind)
{
	char name[VR_APPARMOR_NAME];

	if (!vr_apparmor_active(key->prog)) {
		vr_latch(key->prog, VR_UNSUPPORTED, "labels of SELinux aren't told");
		return;
	}
	vr_printf(f, "%s\n", vr_apparmor_name(vr_apparmor_task_label(key->obj, kind), name));
}

static void emit_current(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key, VR_APPARMOR_CURRENT);
}

static void emit_prev(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key, VR_APPARMOR_PREVIOUS);
}

static void emit_exec(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key, VR_APPARMOR_ONEXEC);
}

static bool selinux_active(struct vr_program *prog)
{
	return vr_has_symbol(prog, "selinux_state") &&
	       vr_u64(vr_kernel_global(prog, "selinux_state"), "initialized");
}

static bool has(const struct vr_key *key, enum vr_apparmor_label kind)
{
	struct vr_scope scope;
	bool any;

	vr_scope_enter(key->prog, &scope);
	any = vr_apparmor_active(key->prog) && vr_ok(vr_apparmor_task_label(key->obj, kind));
	/* What can't be read is for emit() to say. */
	return vr_scope_leave(key->prog, &scope) != VR_OK || any;
}

static bool has_current(const struct vr_key *key)
{
	return has(key, VR_APPARMOR_CURRENT) || selinux_active(key->prog);
}

static bool has_apparmor_current(const struct vr_key *key)
{
	return has(key, VR_APPARMOR_CURRENT);
}

static bool has_prev(const struct vr_key *key)
{
	return has(key, VR_APPARMOR_PREVIOUS);
}

static bool has_exec(const struct vr_key *key)
{
	return has(key, VR_APPARMOR_ONEXEC);
}

#define SOURCE_CRED "cred.security, struct aa_label"
#define SOURCE_TASK "task_struct.security, struct aa_label"

VR_EMITTER(.path = "proc/{pid}/attr/current", .source = SOURCE_CRED, .exists = has_current,
	   .emit = emit_current)
VR_EMITTER(.path = "proc/{pid}/attr/prev", .source = SOURCE_TASK, .exists = has_prev,
	   .emit = emit_prev)
VR_EMITTER(.path = "proc/{pid}/attr/exec", .source = SOURCE_TASK, .exists = has_exec,
	   .emit = emit_exec)
VR_EMITTER(.path = "proc/{pid}/attr/apparmor/current", .source = SOURCE_CRED,
	   .exists = has_apparmor_current, .emit = emit_current)
VR_EMITTER(.path = "proc/{pid}/attr/apparmor/prev", .source = SOURCE_TASK, .exists = has_prev,
	   .emit = emit_prev)
VR_EMITTER(.path = "proc/{pid}/attr/apparmor/exec", .source = SOURCE_TASK, .exists = has_exec,
	   .emit = emit_exec)
