/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks as the timekeeping core last set them (kernel/time/timekeeping.c). */
#ifndef KERNEL_TIMEKEEPING_H
#define KERNEL_TIMEKEEPING_H

#include <vmcore-report/object.h>

/**
 * The clocks at the last update before the crash. Nanoseconds; the update is at most a few ticks
 * old (more on a CPU-less-tick machine that was idle).
 */
struct vr_clocks {
	int64_t realtime_ns;  /* CLOCK_REALTIME since the epoch */
	int64_t monotonic_ns; /* CLOCK_MONOTONIC */
	int64_t boottime_ns;  /* CLOCK_BOOTTIME: uptime, suspend included */
};

/** The struct timekeeper of the kernel's clocks; !vr_ok(): latched. */
struct vr_obj vr_timekeeper(struct vr_program *prog);
/** False: latched in the current scope. */
bool vr_clocks_read(struct vr_program *prog, struct vr_clocks *clocks);

/**
 * When the machine died, in seconds since the epoch: CRASHTIME of VMCOREINFO (a kexec'ed dump has
 * it), else the real-time clock's last update. 0: neither is known, and latched.
 */
int64_t vr_crash_seconds(struct vr_program *prog);

#endif
