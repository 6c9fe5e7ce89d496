// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/cgroups (proc_cgroupstats_show() in kernel/cgroup/cgroup-v1.c). */
#include <inttypes.h>

#include "kernel/function_text.h"
#include "kernel/globals.h"
#include "plugin/emitter.h"

#define MAX_SUBSYS 64

/*
 * Are those left out that cgroup v1 hasn't? Since 6.15 (commit af000ce85293), and later unless the
 * command line has cgroup_v1_proc.
 */
static bool leaves_out(struct vr_program *prog)
{
	if (vr_has_symbol(prog, "proc_show_all"))
		return !vr_u64(vr_kernel_global(prog, "proc_show_all"), "");
	return vr_function_has_text(prog, "proc_cgroupstats_show", "lists only v1 controllers");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj subsys = vr_kernel_global(key->prog, "cgroup_subsys");
	struct vr_obj keys = vr_kernel_global(key->prog, "cgroup_subsys_enabled_key");
	int64_t count = vr_constant(key->prog, "CGROUP_SUBSYS_COUNT");
	bool only_v1 = leaves_out(key->prog);

	vr_puts(f, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
	if (count > MAX_SUBSYS) {
		vr_latch(key->prog, VR_CORRUPT, "%" PRId64 " cgroup controllers", count);
		return;
	}
	for (int64_t i = 0; i < count; i++, subsys.addr += 8, keys.addr += 8) {
		struct vr_obj ss = vr_deref(subsys, "");
		char name[64];

		if (only_v1 && !vr_u64(ss, "legacy_cftypes") && vr_u64(ss, "dfl_cftypes"))
			continue;
		vr_row_begin(f);
		vr_printf(f, "%s\t%" PRId64 "\t%" PRId64 "\t%d\n",
			  vr_str(ss, "legacy_name", name, sizeof(name)),
			  vr_s64(ss, "root->hierarchy_id"), vr_s64(ss, "root->nr_cgrps.counter"),
			  vr_s64(vr_deref(keys, ""), "key.enabled.counter") != 0);
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "proc_cgroupstats_show");
}

VR_EMITTER(.path = "proc/cgroups", .source = "cgroup_subsys", .exists = exists, .emit = emit)
