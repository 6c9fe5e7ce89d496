// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/timekeeping.h"

#include <stdlib.h>

#include "kernel/globals.h"
#include "object/program.h"

#define NSEC_PER_SEC 1000000000ll
/* Later than any clock that makes sense: the year 2200. */
#define MAX_SECONDS 7258118400ull

/*
 * tk_core is an unnamed structure {sequence counter, struct timekeeper} up to Linux 6.12, a struct
 * tk_data from 6.13 (commit 20c7b582e88c), the first of the array timekeeper_data in 7.x.
 */
struct vr_obj vr_timekeeper(struct vr_program *prog)
{
	struct vr_obj core;
	struct vr_error err;
	uint64_t addr;

	if (vr_type_find(prog, "struct tk_data"))
		return vr_get(vr_kernel_global(prog, "tk_core|timekeeper_data"), "timekeeper");
	/* A kernel without tk_core has that type: the dump has lost it. */
	if (vr_try_symbol(prog, "tk_core", &addr) == VR_ABSENT &&
	    vr_missing_type(prog, "struct tk_data", &err) != VR_ABSENT) {
		vr_latch_error(prog, &err);
		return (struct vr_obj){.prog = prog};
	}
	core = vr_at(prog, "struct timekeeper", vr_symbol(prog, "tk_core"));
	core.addr += (vr_sizeof(prog, "seqcount_raw_spinlock_t") + 7) & ~7ull;
	return core;
}

bool vr_clocks_read(struct vr_program *prog, struct vr_clocks *clocks)
{
	struct vr_obj tk = vr_timekeeper(prog);
	uint64_t seconds = vr_u64(tk, "xtime_sec");
	uint64_t shift = vr_u64(tk, "tkr_mono.shift");
	uint64_t nsec = vr_u64(tk, "tkr_mono.xtime_nsec");
	int64_t to_mono_sec = vr_s64(tk, "wall_to_monotonic.tv_sec");
	int64_t to_mono_nsec = vr_s64(tk, "wall_to_monotonic.tv_nsec");
	int64_t offs_boot = vr_s64(tk, "offs_boot");

	*clocks = (struct vr_clocks){0};
	if (vr_failed(prog))
		return false;
	/* Each sum below stays within 64 bits by these. CLOCK_MONOTONIC begins with 0 at boot. */
	if (seconds > MAX_SECONDS || shift > 63 || nsec >> shift > 4 * (uint64_t)NSEC_PER_SEC ||
	    to_mono_sec < -(int64_t)MAX_SECONDS || to_mono_sec > (int64_t)MAX_SECONDS ||
	    (int64_t)seconds + to_mono_sec < -1 ||
	    (int64_t)seconds + to_mono_sec > (int64_t)MAX_SECONDS || to_mono_nsec < 0 ||
	    to_mono_nsec >= NSEC_PER_SEC || offs_boot < 0 || offs_boot > INT64_MAX / 8) {
		vr_latch(prog, VR_CORRUPT, "the timekeeper's clocks can't be right");
		return false;
	}
	clocks->realtime_ns = (int64_t)seconds * NSEC_PER_SEC + (int64_t)(nsec >> shift);
	clocks->monotonic_ns = ((int64_t)seconds + to_mono_sec) * NSEC_PER_SEC +
			       (int64_t)(nsec >> shift) + to_mono_nsec;
	clocks->boottime_ns = clocks->monotonic_ns + offs_boot;
	return true;
}

int64_t vr_crash_seconds(struct vr_program *prog)
{
	const char *text = prog->fact(prog->fact_arg, "CRASHTIME");
	struct vr_clocks clocks;

	if (text) {
		char *end;
		long long seconds = strtoll(text, &end, 10);

		if (end != text && !*end && seconds > 0 && (uint64_t)seconds < MAX_SECONDS)
			return seconds;
	}
	return vr_clocks_read(prog, &clocks) ? clocks.realtime_ns / NSEC_PER_SEC : 0;
}
