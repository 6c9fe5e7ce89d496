/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters with a part per CPU (lib/percpu_counter.c). */
#ifndef KERNEL_PERCPU_COUNTER_H
#define KERNEL_PERCPU_COUNTER_H

#include "kernel/percpu.h"

/**
 * The exact value of a struct percpu_counter: percpu_counter_sum(). online: the CPUs whose parts
 * count (vr_cpus_online(); the kernel adds those of a CPU that goes offline to the whole). Latches.
 */
int64_t vr_percpu_counter_sum(struct vr_obj counter, const struct vr_cpumask *online);
/** What the whole has without the CPUs' parts: percpu_counter_read(). */
int64_t vr_percpu_counter_read(struct vr_obj counter);

#endif
