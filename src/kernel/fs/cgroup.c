// SPDX-License-Identifier: GPL-2.0-or-later
/* cgroup2 (kernel/cgroup/cgroup.c) and the hierarchies of version 1 (cgroup-v1.c). */
#include "kernel/fs/show.h"

/* An enumeration without a name, some of whose values moved in 6.0 (commit 6a010a49b63a). */
struct flag {
	const char *constant, *text;
};

static void show_flags(const struct vr_fs_mount *m, uint64_t flags, const struct flag *list,
		       size_t count)
{
	int64_t bit;

	for (size_t i = 0; i < count; i++)
		/* What this kernel doesn't know isn't set. */
		if (vr_enum_value(m->sb.prog, NULL, list[i].constant, &bit) == VR_OK &&
		    flags & (uint64_t)bit)
			vr_fs_puts(m, list[i].text);
}

void vr_fs_cgroup_options(const struct vr_fs_mount *m)
{
	static const struct flag flags[] = {
		{"CGRP_ROOT_NS_DELEGATE", ",nsdelegate"},
		{"CGRP_ROOT_FAVOR_DYNMODS", ",favordynmods"},
		{"CGRP_ROOT_MEMORY_LOCAL_EVENTS", ",memory_localevents"},
		{"CGRP_ROOT_MEMORY_RECURSIVE_PROT", ",memory_recursiveprot"},
		{"CGRP_ROOT_MEMORY_HUGETLB_ACCOUNTING", ",memory_hugetlb_accounting"},
		{"CGRP_ROOT_PIDS_LOCAL_EVENTS", ",pids_localevents"},
	};

	show_flags(m, vr_u64(vr_kernel_global(m->sb.prog, "cgrp_dfl_root"), "flags"), flags,
		   VR_ARRAY_SIZE(flags));
}

/* for_each_subsys() */
static void show_controllers(const struct vr_fs_mount *m, uint64_t mask)
{
	uint64_t count = (uint64_t)vr_constant(m->sb.prog, "CGROUP_SUBSYS_COUNT");
	struct vr_obj controller;
	char name[64];

	for (uint64_t i = 0; i < count && i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		controller = vr_deref(vr_kernel_element(m->sb.prog, "cgroup_subsys", i), "");
		vr_fs_option(m, vr_str(controller, "legacy_name", name, sizeof(name)), NULL);
	}
}

/* An array of the structure that may be empty. */
static void show_text(const struct vr_fs_mount *m, const char *name, struct vr_obj root,
		      const char *member)
{
	char text[VR_FS_TEXT];

	vr_str(root, member, text, sizeof(text));
	if (text[0])
		vr_fs_option(m, name, text);
}

void vr_fs_cgroup1_options(const struct vr_fs_mount *m)
{
	static const struct flag flags[] = {
		{"CGRP_ROOT_NOPREFIX", ",noprefix"},
		{"CGRP_ROOT_XATTR", ",xattr"},
		{"CGRP_ROOT_CPUSET_V2_MODE", ",cpuset_v2_mode"},
		{"CGRP_ROOT_FAVOR_DYNMODS", ",favordynmods"},
	};
	struct vr_obj info = vr_fs_info(m, "struct kernfs_super_info"), root;

	/* cgroup_root_from_kf() */
	root = vr_deref(vr_at(m->sb.prog, "struct cgroup", vr_u64(info, "root->kn->priv")), "root");
	show_controllers(m, vr_u64(root, "subsys_mask"));
	show_flags(m, vr_u64(root, "flags"), flags, VR_ARRAY_SIZE(flags));
	show_text(m, "release_agent", root, "release_agent_path");
	if (vr_u64(root, "cgrp.flags") >> vr_constant(m->sb.prog, "CGRP_CPUSET_CLONE_CHILDREN") & 1)
		vr_fs_puts(m, ",clone_children");
	show_text(m, "name", root, "name");
}
