// SPDX-License-Identifier: GPL-2.0-or-later
/* uname -a of coreutils. */
#include "kernel/utsname.h"
#include "plugin/emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_utsname uts;

	/* Processor and hardware platform aren't known to Linux, and -a leaves them out then. */
	if (vr_utsname_read(key->prog, &uts))
		vr_printf(f, "%s %s %s %s %s GNU/Linux\n", uts.sysname, uts.nodename, uts.release,
			  uts.version, uts.machine);
}

VR_EMITTER(.path = "sos_commands/kernel/uname_-a", .source = "init_uts_ns", .emit = emit)
