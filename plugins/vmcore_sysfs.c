// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the emitters of emitters/sys/: the dead machine's /sys. */
#include <vmcore-report/plugin.h>

#include "plugin/emitter.h"

static void collect(struct vr_run *run, struct vr_program *prog)
{
	vr_emit_all(run, prog, "sys/");
}

VR_PLUGIN(.description = "the machine's /sys, rebuilt from kernel memory", .collect = collect)
