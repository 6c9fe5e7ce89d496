// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/irq.h"

#include "kernel/globals.h"
#include "kernel/percpu.h"

/* include/linux/irq.h: settings, in a word that no type describes. */
#define IRQ_PER_CPU (1u << 9)
#define IRQ_PER_CPU_DEVID (1u << 17)
#define IRQ_HIDDEN (1u << 20)
/* Far more than any machine has: NR_IRQS is at most 524,544 on x86. */
#define MAX_IRQS 1000000u

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

uint32_t vr_irq_count(struct vr_obj desc, unsigned cpu)
{
	/* Per-CPU memory; a structure since 6.10, commit 86d2a2f51fba. */
	uint64_t counts = vr_u64(desc, "kstat_irqs");
	bool is_struct = vr_type_find(desc.prog, "struct irqstat") != NULL;
	struct vr_obj count;

	if (!counts)
		return 0;
	count = vr_at(desc.prog, is_struct ? "struct irqstat" : "unsigned int",
		      vr_per_cpu_addr(desc.prog, counts, cpu));
	return (uint32_t)vr_u64(count, is_struct ? "cnt" : "");
}

bool vr_irq_is_per_cpu(struct vr_obj desc)
{
	return vr_u64(desc, "status_use_accessors") & (IRQ_PER_CPU | IRQ_PER_CPU_DEVID);
}

bool vr_irq_is_hidden(struct vr_obj desc)
{
	return vr_u64(desc, "status_use_accessors") & IRQ_HIDDEN;
}

bool vr_irq_is_chained(struct vr_obj desc)
{
	uint64_t action = vr_u64(desc, "action");

	return action && action == vr_symbol(desc.prog, "chained_action");
}

unsigned vr_nr_irqs(struct vr_program *prog)
{
	uint64_t nr = vr_u64(vr_kernel_global(prog, "total_nr_irqs|nr_irqs"), "");

	if (nr > MAX_IRQS) {
		vr_latch(prog, VR_CORRUPT, "%llu interrupts", (unsigned long long)nr);
		return 0;
	}
	return (unsigned)nr;
}
