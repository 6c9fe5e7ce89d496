/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts' descriptors (kernel/irq/irqdesc.c, CONFIG_SPARSE_IRQ). */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include "kernel/maple_tree.h"
#include "kernel/xarray.h"

/** A walk over all descriptors, by number. */
struct vr_irq_walk {
	unsigned irq;
	struct vr_obj desc; /* struct irq_desc */
	/* private */
	bool is_maple; /* since Linux 6.5, commit 721255b9826b */
	struct vr_xarray_walk radix;
	struct vr_maple_walk maple;
};

/** Begin; what there is to latch or cut is latched or cut as in the trees' own walks. */
void vr_irq_walk_begin(struct vr_program *prog, struct vr_irq_walk *walk);
bool vr_irq_walk_next(struct vr_irq_walk *walk);

/** How often a CPU had that interrupt; 0 where nobody counts, or latched. */
uint32_t vr_irq_count(struct vr_obj desc, unsigned cpu);
/** Is it one that each CPU has for itself (irq_settings_is_per_cpu(), ..._devid())? */
bool vr_irq_is_per_cpu(struct vr_obj desc);
/** Is it hidden (IRQ_HIDDEN)? */
bool vr_irq_is_hidden(struct vr_obj desc);
/** Does it lead to other interrupts (irq_desc_is_chained())? */
bool vr_irq_is_chained(struct vr_obj desc);
/** One more than the highest number (nr_irqs); latches. */
unsigned vr_nr_irqs(struct vr_program *prog);

#endif
