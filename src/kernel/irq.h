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

#endif
