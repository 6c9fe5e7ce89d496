/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts that the CPU itself makes and that have no number (arch/x86/kernel/irq.c): the last
 * lines of /proc/interrupts.
 */
#ifndef KERNEL_IRQ_STAT_H
#define KERNEL_IRQ_STAT_H

#include <vmcore-report/object.h>

/** Most of them that a kernel may have. */
#define VR_MAX_ARCH_IRQS 64

/** One line. */
struct vr_arch_irq {
	char symbol[8];
	char text[64]; /* as it stands behind the counts, without its newline */
	bool shown;    /* /proc/interrupts has it */
	bool summed;   /* /proc/stat counts it among the CPU's (arch_irq_stat_cpu()) */
	bool global;   /* one number for all CPUs, which have no part of it */
	uint64_t addr; /* of the counter: a per-CPU address unless it is global */
};

/** Fill rows with all that this kernel counts; returns how many. Latches. */
size_t vr_arch_irqs_read(struct vr_program *prog, struct vr_arch_irq rows[VR_MAX_ARCH_IRQS]);
/** A CPU's count; of a global one (cpu is ignored) the only one. */
uint32_t vr_arch_irq_count(struct vr_program *prog, const struct vr_arch_irq *row, unsigned cpu);

#endif
