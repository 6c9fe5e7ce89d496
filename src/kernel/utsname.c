// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/utsname.h"

#include "base/bits.h"
#include "kernel/globals.h"

bool vr_utsname_read(struct vr_program *prog, struct vr_utsname *uts)
{
	struct vr_obj name = vr_get(vr_kernel_global(prog, "init_uts_ns"), "name");
	const struct {
		const char *member;
		char *to;
	} fields[] = {
		{"sysname", uts->sysname}, {"nodename", uts->nodename},
		{"release", uts->release}, {"version", uts->version},
		{"machine", uts->machine}, {"domainname", uts->domainname},
	};

	*uts = (struct vr_utsname){0};
	for (size_t i = 0; i < VR_ARRAY_SIZE(fields); i++)
		vr_str(name, fields[i].member, fields[i].to, sizeof(uts->sysname));
	return !vr_failed(prog);
}
