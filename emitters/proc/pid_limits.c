// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/limits (proc_pid_limits() in fs/proc/base.c). */
#include "kernel/globals.h"
#include "pid_emitter.h"

#define RLIM_NLIMITS 16 /* include/uapi/asm-generic/resource.h */

static void put_limit(struct vr_file *f, uint64_t limit)
{
	if (limit == UINT64_MAX) /* RLIM_INFINITY */
		vr_printf(f, "%-20s ", "unlimited");
	else
		vr_printf(f, "%-20" PRIu64 " ", limit);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj name = vr_kernel_global(key->prog, "lnames");
	uint64_t size = vr_sizeof(key->prog, "struct limit_names");

	if (!vr_u64(key->obj, "sighand"))
		return;
	vr_puts(f,
		"Limit                     Soft Limit           Hard Limit           Units     \n");
	for (unsigned i = 0; i < RLIM_NLIMITS && !vr_failed(key->prog); i++, name.addr += size) {
		struct vr_obj limit = vr_index(vr_get(key->obj, "signal->rlim"), i);
		char text[64];

		vr_printf(f, "%-25s ", vr_str(name, "name", text, sizeof(text)));
		put_limit(f, vr_u64(limit, "rlim_cur"));
		put_limit(f, vr_u64(limit, "rlim_max"));
		if (vr_u64(name, "unit"))
			vr_printf(f, "%-10s", vr_str(name, "unit", text, sizeof(text)));
		vr_puts(f, "\n");
	}
}

VR_EMITTER(.path = "proc/{pid}/limits", .source = "signal_struct.rlim, lnames", .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/limits", .source = "signal_struct.rlim, lnames",
	   .emit = emit)
