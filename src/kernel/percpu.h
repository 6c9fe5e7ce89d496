/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Per-CPU variables and CPU masks (include/linux/percpu.h, cpumask.h). */
#ifndef KERNEL_PERCPU_H
#define KERNEL_PERCPU_H

#include <vmcore-report/object.h>

/** Most CPUs that this program will walk over. */
#define VR_MAX_CPUS 8192

/** Number of possible CPU ids (nr_cpu_ids), at most VR_MAX_CPUS; 0 and latched on failure. */
unsigned vr_nr_cpus(struct vr_program *prog);
/** The address of a CPU's copy of a per-CPU object at addr (from a symbol, or allocated). */
uint64_t vr_per_cpu_addr(struct vr_program *prog, uint64_t addr, unsigned cpu);
/** A CPU's copy of a per-CPU variable. */
struct vr_obj vr_per_cpu(struct vr_program *prog, const char *symbol, const char *type,
			 unsigned cpu);

/** A copy of a kernel bitmap of CPUs. */
struct vr_cpumask {
	uint64_t bits[VR_MAX_CPUS / 64];
	unsigned nr; /* bits valid below this */
};
/** Read "__cpu_online_mask", "__cpu_possible_mask", "__cpu_present_mask"; false: latched. */
bool vr_cpumask_read(struct vr_program *prog, const char *symbol, struct vr_cpumask *mask);
bool vr_cpumask_test(const struct vr_cpumask *mask, unsigned cpu);
/** First CPU in mask that is >= cpu, or mask->nr. */
unsigned vr_cpumask_next(const struct vr_cpumask *mask, unsigned cpu);
unsigned vr_cpumask_count(const struct vr_cpumask *mask);
/** The mask as the kernel's %*pbl prints it, "0-3,8"; cut to fit buf. Returns buf. */
char *vr_cpumask_list(const struct vr_cpumask *mask, char *buf, size_t size);
/** The same as %*pb prints it, "00000000,0000000f". */
char *vr_cpumask_hex(const struct vr_cpumask *mask, char *buf, size_t size);

#endif
