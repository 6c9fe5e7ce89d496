/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's memory in figures (include/linux/mm.h, mm_types.h). */
#ifndef KERNEL_MM_H
#define KERNEL_MM_H

#include <vmcore-report/object.h>

/** The task's struct mm_struct as get_task_mm() gives it; !vr_ok() where it has none (nothing is
 * latched for that). */
struct vr_obj vr_task_mm(struct vr_obj task);

/** Pages, by what they are. */
struct vr_mm_counters {
	uint64_t file, anon, shmem, swap;
};
/**
 * exact: with the CPUs' parts (get_mm_counter_sum()), else without (get_mm_counter()). It makes no
 * difference before 6.2, when they weren't per-CPU. False: latched.
 */
bool vr_mm_counters_read(struct vr_obj mm, bool exact, struct vr_mm_counters *counters);
/** Do /proc/<pid>/status and statm of this kernel show the exact figures (task_mem())? */
bool vr_mm_shows_exact(struct vr_program *prog);
/** mm->flags, of which the MMF_ bits are the same in all kernels since 5.10. */
uint64_t vr_mm_flags(struct vr_obj mm);
/** Bytes of page tables: mm_pgtables_bytes(). */
uint64_t vr_mm_pgtables_bytes(struct vr_obj mm);

#endif
