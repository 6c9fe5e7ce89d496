/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CPUs the machine was running on. A kernel that panics stops the others and takes them out
 * of cpu_online_mask on the way (arch/x86/kernel/process.c, stop_this_cpu()), so that the mask of a
 * dump holds the one that panicked alone.
 */
#ifndef KERNEL_CPUS_H
#define KERNEL_CPUS_H

#include "kernel/percpu.h"

/**
 * The CPUs that were online before the panic: those present whose hotplug state machine stands at
 * its end (per-CPU cpuhp_state, kernel/cpu.c). False: latched.
 */
bool vr_cpus_online(struct vr_program *prog, struct vr_cpumask *mask);

/** A mask in memory: the member at path is a cpumask_var_t (a pointer to a struct cpumask, or an
 * array of one). False: latched. */
bool vr_cpumask_var(struct vr_obj obj, const char *path, struct vr_cpumask *mask);

#endif
