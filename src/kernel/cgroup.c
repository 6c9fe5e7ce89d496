// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cgroup.h"

#include "kernel/globals.h"
#include "object/memo.h"

struct cgroup_facts {
	bool known, visible;
	uint64_t default_root, init_css_set;
	int64_t online; /* CSS_ONLINE */
};

static const struct cgroup_facts *facts_of(struct vr_program *prog)
{
	static const char key;
	struct cgroup_facts *facts = vr_memo(prog, &key, sizeof(*facts));

	if (!facts || facts->known)
		return facts;
	facts->visible = vr_u64(vr_kernel_global(prog, "cgrp_dfl_visible"), "");
	facts->default_root = vr_symbol(prog, "cgrp_dfl_root");
	facts->init_css_set = vr_symbol(prog, "init_css_set");
	facts->online = vr_constant(prog, "CSS_ONLINE");
	facts->known = !vr_failed(prog);
	return facts->known ? facts : NULL;
}

struct vr_cgroup_root_walk vr_cgroup_roots_begin(struct vr_program *prog)
{
	return (struct vr_cgroup_root_walk){
		.roots = vr_list_begin(vr_kernel_global(prog, "cgroup_roots"), "struct cgroup_root",
				       "root_list"),
	};
}

bool vr_cgroup_root_next(struct vr_cgroup_root_walk *w)
{
	const struct cgroup_facts *facts = facts_of(w->roots.prog);

	while (facts && vr_list_next(&w->roots)) {
		w->root = w->roots.entry;
		w->is_default = w->root.addr == facts->default_root;
		if (!w->is_default || facts->visible)
			return true;
	}
	return false;
}

struct vr_obj vr_task_cgroup(struct vr_obj task, const struct vr_cgroup_root_walk *w)
{
	const struct cgroup_facts *facts = facts_of(task.prog);
	struct vr_obj none = {.prog = task.prog}, set = vr_deref(task, "cgroups");
	struct vr_list_walk links;

	if (!facts || vr_failed(task.prog))
		return none;
	if (set.addr == facts->init_css_set)
		return vr_get(w->root, "cgrp");
	if (w->is_default)
		return vr_deref(set, "dfl_cgrp");
	links = vr_list_begin(vr_get(set, "cgrp_links"), "struct cgrp_cset_link", "cgrp_link");
	while (vr_list_next(&links))
		if (vr_u64(links.entry, "cgrp->root") == w->root.addr)
			return vr_deref(links.entry, "cgrp");
	return none;
}

bool vr_cgroup_is_dead(struct vr_obj cgroup)
{
	const struct cgroup_facts *facts = facts_of(cgroup.prog);

	return facts && !(vr_u64(cgroup, "self.flags") & (uint64_t)facts->online);
}
