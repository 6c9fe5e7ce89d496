// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of proc/<pid>/ that show one setting each (fs/proc/base.c). */
#include "kernel/mm.h"
#include "pid_emitter.h"

#define MMF_DUMP_FILTER_SHIFT 2 /* include/linux/sched/coredump.h */
#define MMF_DUMP_FILTER_MASK 0x1ffu

static void emit_personality(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%08" PRIx64 "\n", vr_u64(key->obj, "personality"));
}

static void emit_timerslack(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%" PRIu64 "\n", vr_u64(key->obj, "timer_slack_ns"));
}

static bool has_coredump_filter(const struct vr_key *key)
{
	return vr_key_has_entry(key, "coredump_filter");
}

static void emit_coredump_filter(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj mm = vr_task_mm(key->obj);

	if (vr_ok(mm))
		vr_printf(f, "%08" PRIx64 "\n",
			  vr_mm_flags(mm) >> MMF_DUMP_FILTER_SHIFT & MMF_DUMP_FILTER_MASK);
}

static bool has_autogroup(const struct vr_key *key)
{
	return vr_key_has_entry(key, "autogroup") && vr_has(key->obj, "signal->autogroup");
}

/* proc_sched_autogroup_show_task() in kernel/sched/autogroup.c */
static void emit_autogroup(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj group;

	if (!vr_u64(key->obj, "sighand"))
		return;
	group = vr_deref(key->obj, "signal->autogroup");
	/* task_group_is_autogroup(): the default one is none. */
	if (vr_u64(group, "tg->autogroup"))
		vr_printf(f, "/autogroup-%" PRId64 " nice %" PRId64 "\n", vr_s64(group, "id"),
			  vr_s64(group, "nice"));
}

static bool has_timens(const struct vr_key *key)
{
	return vr_key_has_entry(key, "timens_offsets") &&
	       vr_has_member(key->prog, "struct nsproxy", "time_ns_for_children");
}

/* proc_timens_show_offsets() in kernel/time/namespace.c */
static void emit_timens(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj ns;

	if (!vr_u64(key->obj, "nsproxy"))
		return;
	ns = vr_deref(key->obj, "nsproxy->time_ns_for_children");
	vr_printf(f, "%-10s %10" PRId64 " %9" PRId64 "\n", "monotonic",
		  vr_s64(ns, "offsets.monotonic.tv_sec"), vr_s64(ns, "offsets.monotonic.tv_nsec"));
	vr_printf(f, "%-10s %10" PRId64 " %9" PRId64 "\n", "boottime",
		  vr_s64(ns, "offsets.boottime.tv_sec"), vr_s64(ns, "offsets.boottime.tv_nsec"));
}

static bool has_patch_state(const struct vr_key *key)
{
	return vr_key_has_entry(key, "patch_state") && vr_has(key->obj, "patch_state");
}

static void emit_patch_state(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%" PRId64 "\n", vr_s64(key->obj, "patch_state"));
}

VR_EMITTER(.path = "proc/{pid}/personality", .source = "task_struct.personality",
	   .emit = emit_personality)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/personality", .source = "task_struct.personality",
	   .emit = emit_personality)
VR_EMITTER(.path = "proc/{pid}/timerslack_ns", .source = "task_struct.timer_slack_ns",
	   .emit = emit_timerslack)
VR_EMITTER(.path = "proc/{pid}/coredump_filter", .source = "mm_struct.flags",
	   .exists = has_coredump_filter, .emit = emit_coredump_filter)
VR_EMITTER(.path = "proc/{pid}/autogroup", .source = "signal_struct.autogroup",
	   .exists = has_autogroup, .emit = emit_autogroup)
VR_EMITTER(.path = "proc/{pid}/timens_offsets", .source = "nsproxy.time_ns_for_children",
	   .exists = has_timens, .emit = emit_timens)
VR_EMITTER(.path = "proc/{pid}/patch_state", .source = "task_struct.patch_state",
	   .exists = has_patch_state, .emit = emit_patch_state)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/patch_state", .source = "task_struct.patch_state",
	   .exists = has_patch_state, .emit = emit_patch_state)
