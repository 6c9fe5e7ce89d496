// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/cgroup and cpuset (proc_cgroup_show() in kernel/cgroup/cgroup.c, proc_cpuset_show()). */
#include <string.h>

#include "kernel/cgroup.h"
#include "kernel/globals.h"
#include "kernel/kernfs.h"
#include "pid_emitter.h"

#define MAX_SUBSYSTEMS 32 /* bits of subsys_mask */

/* The controllers of a hierarchy of version 1, then its name; true where there were any. */
static bool put_controllers(struct vr_file *f, struct vr_obj root)
{
	int64_t count = vr_constant(root.prog, "CGROUP_SUBSYS_COUNT");
	uint64_t mask = vr_u64(root, "subsys_mask");
	struct vr_obj subsys = vr_kernel_global(root.prog, "cgroup_subsys");
	bool any = false;

	for (int i = 0; i < count && i < MAX_SUBSYSTEMS; i++, subsys.addr += 8) {
		char name[64];

		if (!(mask >> i & 1))
			continue;
		vr_printf(f, "%s%s", any ? "," : "",
			  vr_str(vr_deref(subsys, ""), "legacy_name", name, sizeof(name)));
		any = true;
	}
	return any;
}

static void put_hierarchy(struct vr_file *f, struct vr_obj task,
			  const struct vr_cgroup_root_walk *w)
{
	struct vr_obj cgroup = vr_task_cgroup(task, w);
	char path[VR_KERNFS_PATH_SIZE], name[128];
	bool any = false;

	/* Unmounted meanwhile. */
	if (!vr_ok(cgroup))
		return;
	vr_printf(f, "%" PRId64 ":", vr_s64(w->root, "hierarchy_id"));
	if (!w->is_default)
		any = put_controllers(f, w->root);
	if (*vr_str(w->root, "name", name, sizeof(name)))
		vr_printf(f, "%sname=%s", any ? "," : "", name);
	/* On hierarchies of version 1 a zombie shows up in the root. */
	if (w->is_default || !(vr_u64(task, "flags") & PF_EXITING))
		vr_kernfs_path(vr_deref(cgroup, "kn"), path);
	else
		strcpy(path, "/");
	vr_printf(f, ":%s%s\n", path,
		  w->is_default && vr_cgroup_is_dead(cgroup) ? " (deleted)" : "");
}

static void emit_cgroup(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cgroup_root_walk w = vr_cgroup_roots_begin(key->prog);

	while (vr_cgroup_root_next(&w))
		put_hierarchy(f, key->obj, &w);
}

static void emit_cpuset(struct vr_file *f, const struct vr_key *key)
{
	int64_t id = vr_constant(key->prog, "cpuset_cgrp_id");
	struct vr_obj css = vr_index(vr_get(key->obj, "cgroups->subsys"), (uint64_t)id);
	char path[VR_KERNFS_PATH_SIZE];

	css = vr_deref(css, "");
	vr_printf(f, "%s\n", vr_kernfs_path(vr_deref(css, "cgroup->kn"), path));
}

static bool has_cgroup(const struct vr_key *key)
{
	return vr_key_has_entry(key, "cgroup");
}

static bool has_cpuset(const struct vr_key *key)
{
	return vr_key_has_entry(key, "cpuset");
}

VR_EMITTER(.path = "proc/{pid}/cgroup", .source = "task_struct.cgroups, cgroup_roots",
	   .exists = has_cgroup, .emit = emit_cgroup)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/cgroup", .source = "task_struct.cgroups, cgroup_roots",
	   .exists = has_cgroup, .emit = emit_cgroup)
VR_EMITTER(.path = "proc/{pid}/cpuset", .source = "task_struct.cgroups", .exists = has_cpuset,
	   .emit = emit_cpuset)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/cpuset", .source = "task_struct.cgroups",
	   .exists = has_cpuset, .emit = emit_cpuset)
