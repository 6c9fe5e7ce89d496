/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a task and what a whole process has used (kernel/sched/cputime.c, fs/proc). */
#ifndef KERNEL_CPUTIME_H
#define KERNEL_CPUTIME_H

#include <vmcore-report/object.h>

/** struct task_io_accounting. Calls and bytes. */
struct vr_io_usage {
	uint64_t rchar, wchar, syscr, syscw, read_bytes, write_bytes, cancelled_write_bytes;
};

/** Nanoseconds; utime and stime scaled to the time that the scheduler measured. */
struct vr_usage {
	uint64_t utime, stime, gtime;
	uint64_t min_flt, maj_flt;
	struct vr_io_usage io;
};

/**
 * cputime_adjust(): ticks tell how runtime splits into user and system time, and neither ever goes
 * back behind what was shown before (prev_*). *utime and *stime: in as counted, out as shown.
 */
void vr_cputime_adjust(uint64_t runtime, uint64_t prev_utime, uint64_t prev_stime, uint64_t *utime,
		       uint64_t *stime);

/** What one task has used. False: latched. */
bool vr_task_usage(struct vr_obj task, struct vr_usage *usage);
/** What the whole process of a task has used, threads that are gone included. False: latched; a
 * broken list of threads is a cut. */
bool vr_process_usage(struct vr_obj task, struct vr_usage *usage);

#endif
