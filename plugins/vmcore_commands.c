// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the emitters of emitters/commands/: what commands would have printed on the machine. */
#include <vmcore-report/plugin.h>

#include "plugin/emitter.h"

static void collect(struct vr_run *run, struct vr_program *prog)
{
	vr_emit_all(run, prog, "sos_commands/");
}

VR_PLUGIN(.description = "what commands would have printed, rebuilt from kernel memory",
	  .collect = collect)
