// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/irq.h"

#include "kernel/globals.h"

void vr_irq_walk_begin(struct vr_program *prog, struct vr_irq_walk *w)
{
	struct vr_obj tree = vr_kernel_global(prog, "sparse_irqs|irq_desc_tree");

	*w = (struct vr_irq_walk){.is_maple = vr_has(tree, "ma_root")};
	if (w->is_maple)
		vr_maple_begin(tree, &w->maple);
	else
		w->radix = vr_xarray_begin(tree);
}

bool vr_irq_walk_next(struct vr_irq_walk *w)
{
	bool more = w->is_maple ? vr_maple_next(&w->maple) : vr_xarray_next(&w->radix);
	struct vr_program *prog = w->is_maple ? w->maple.prog : w->radix.prog;

	if (!more)
		return false;
	w->irq = (unsigned)(w->is_maple ? w->maple.first : w->radix.index);
	w->desc = vr_at(prog, "struct irq_desc", w->is_maple ? w->maple.entry : w->radix.entry);
	return !vr_failed(prog);
}
