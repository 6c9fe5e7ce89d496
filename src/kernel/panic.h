/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who panicked, and what was said about it (kernel/panic.c). */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include <vmcore-report/object.h>

/** A line of the kernel's log. */
struct vr_panic_line {
	bool found;
	uint64_t ts_nsec; /* the log's own clock, since boot */
	size_t len;
	char text[512]; /* bytes as logged, first line only, NUL-terminated, cut to fit */
};

struct vr_panic {
	bool has_cpu; /* panic_cpu names a CPU: that one panicked, or died in an oops */
	unsigned cpu;
	bool denied;               /* panic_cpu was read, and says that none did */
	struct vr_error cpu_error; /* why has_cpu is false */
	struct vr_obj task;        /* what ran on it; !vr_ok() where that isn't known */

	bool log_read; /* the log could be walked, so that what is not found wasn't logged */
	struct vr_panic_line panic; /* "Kernel panic - not syncing: ..." (the text behind that) */
	struct vr_panic_line cause; /* the "BUG: ..." or the like just before it, whole */
};

/**
 * The CPU that panicked. *denied (may be NULL): the dump says that none did; VR_ABSENT then, and
 * also where the kernel has no panic_cpu. VR_FAULT, VR_CORRUPT. Latches nothing. *err may be NULL.
 */
enum vr_err vr_panic_cpu(struct vr_program *prog, unsigned *cpu, bool *denied,
			 struct vr_error *err);

/**
 * All that the dump tells of the panic; what it doesn't is left out. Latches nothing. Walks the
 * whole printk log once.
 */
void vr_panic_read(struct vr_program *prog, struct vr_panic *panic);

/** Did anything panic, going by panic_cpu or the log? */
static inline bool vr_panic_happened(const struct vr_panic *panic)
{
	return panic->has_cpu || panic->panic.found;
}

#endif
