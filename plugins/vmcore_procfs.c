// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the emitters of emitters/proc/: the dead machine's /proc. */
#include <vmcore-report/plugin.h>

#include "plugin/emitter.h"

static void collect(struct vr_run *run, struct vr_program *prog)
{
	vr_emit_all(run, prog, "proc/");
}

static const struct vr_plugin_option options[] = {
	{.name = "kallsyms",
	 .description = "write proc/kallsyms, the addresses of all symbols",
	 .kind = VR_OPTION_BOOL},
	{NULL},
};

VR_PLUGIN(.description = "the machine's /proc, rebuilt from kernel memory", .collect = collect,
	  .options = options)
