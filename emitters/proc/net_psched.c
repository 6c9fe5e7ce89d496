// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/net/psched: the units of time of packet schedulers (psched_show() in net/sched/sch_api.c). */
#include "kernel/globals.h"
#include "plugin/emitter.h"

#define NSEC_PER_SEC 1000000000u
/* include/net/pkt_sched.h, likewise macros */
#define NSEC_PER_USEC 1000u
#define PSCHED_SHIFT 6

static void emit(struct vr_file *f, const struct vr_key *key)
{
	unsigned resolution =
		(unsigned)vr_u64(vr_kernel_global(key->prog, "hrtimer_resolution"), "");

	if (!resolution) {
		vr_latch(key->prog, VR_CORRUPT, "hrtimer_resolution is 0");
		return;
	}
	vr_printf(f, "%08x %08x %08x %08x\n", NSEC_PER_USEC, 1u << PSCHED_SHIFT, 1000000u,
		  NSEC_PER_SEC / resolution);
}

VR_EMITTER(.path = "{net}/psched", .source = "hrtimer_resolution", .emit = emit)
