// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/interrupts (show_interrupts() and irq_seq_show() in kernel/irq/proc.c,
 * arch_show_interrupts() in arch/x86/kernel/irq.c).
 */
#include <inttypes.h>

#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/irq.h"
#include "kernel/irq_stat.h"
#include "plugin/emitter.h"

/* Names of chips, flows and devices: as long as drivers make them. */
#define NAME_SIZE 512
/* Handlers of one interrupt: far more than share one. */
#define MAX_HANDLERS 1000

/* How this kernel's lines look. */
struct style {
	bool since_7_1; /* left-aligned chips, column widths kept from boot on */
	int number_width, chip_width;
	struct vr_cpumask online;
};

static void read_style(struct vr_program *prog, struct style *s)
{
	*s = (struct style){.since_7_1 = vr_has_symbol(prog, "irq_proc_constraints")};
	vr_cpus_online(prog, &s->online);
	if (s->since_7_1) {
		struct vr_obj widths = vr_kernel_global(prog, "irq_proc_constraints");

		s->number_width = (int)vr_u64(widths, "num_prec");
		s->chip_width = (int)vr_u64(widths, "chip_width");
		if (s->number_width < 0 || s->number_width > 10 || s->chip_width < 0 ||
		    s->chip_width > NAME_SIZE)
			vr_latch(prog, VR_CORRUPT, "columns of %d and %d characters",
				 s->number_width, s->chip_width);
		return;
	}
	s->number_width = 3;
	for (unsigned limit = 1000, nr = vr_nr_irqs(prog); s->number_width < 10 && limit <= nr;
	     s->number_width++)
		limit *= 10;
}

static void put_header(struct vr_file *f, const struct style *s)
{
	vr_printf(f, "%*s", s->number_width + 8, "");
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&s->online, cpu)) < s->online.nr; cpu++)
		vr_printf(f, "CPU%-8u", cpu);
	vr_puts(f, "\n");
}

static void put_count(struct vr_file *f, const struct style *s, uint32_t count)
{
	vr_printf(f, s->since_7_1 ? " %10u" : "%10u ", count);
}

static bool any_counted(struct vr_obj desc, const struct style *s)
{
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&s->online, cpu)) < s->online.nr; cpu++)
		if (vr_irq_count(desc, cpu))
			return true;
	return false;
}

static bool is_shown(struct vr_obj desc, const struct style *s)
{
	bool in_use = vr_u64(desc, "action") && !vr_irq_is_chained(desc);

	if (vr_irq_is_hidden(desc))
		return false;
	if (s->since_7_1) /* irq_proc_update_valid() */
		return in_use;
	/* Since 6.10 with its struct irqstat, one that has no handler any more is left out. */
	if (vr_type_find(desc.prog, "struct irqstat"))
		return in_use && vr_u64(desc, "kstat_irqs");
	return in_use || any_counted(desc, s);
}

static void put_counts(struct vr_file *f, struct vr_obj desc, const struct style *s)
{
	/* Since 7.1 the CPUs' counts are only looked at where the total isn't 0. */
	bool zero = s->since_7_1 && !vr_irq_is_per_cpu(desc) && !vr_u64(desc, "tot_count");

	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&s->online, cpu)) < s->online.nr; cpu++)
		put_count(f, s, zero ? 0 : vr_irq_count(desc, cpu));
}

/* A string behind a pointer as printf() shows it. */
static const char *text_of(struct vr_obj obj, const char *path, char *buf)
{
	return vr_u64(obj, path) ? vr_str(obj, path, buf, NAME_SIZE) : "(null)";
}

static void put_chip(struct vr_file *f, struct vr_obj desc, const struct style *s)
{
	int width = s->since_7_1 ? -s->chip_width : 8;
	struct vr_obj chip;
	char name[NAME_SIZE];

	if (!vr_u64(desc, "irq_data.chip")) {
		vr_printf(f, " %*s", width, "None");
		return;
	}
	chip = vr_deref(desc, "irq_data.chip");
	if (vr_u64(chip, "irq_print_chip"))
		vr_latch(desc.prog, VR_UNSUPPORTED,
			 "the chip's driver has its own irq_print_chip()");
	vr_printf(f, " %*s", width, vr_u64(chip, "name") ? text_of(chip, "name", name) : "-");
}

static void put_actions(struct vr_file *f, struct vr_obj desc)
{
	unsigned left = MAX_HANDLERS;
	const char *before = "  ";
	char name[NAME_SIZE];

	for (uint64_t addr = vr_u64(desc, "action"); addr;) {
		struct vr_obj action = vr_at(desc.prog, "struct irqaction", addr);

		if (!left--) {
			vr_latch(desc.prog, VR_CORRUPT, "handlers without end");
			return;
		}
		vr_printf(f, "%s%s", before, text_of(action, "name", name));
		before = ", ";
		addr = vr_u64(action, "next");
	}
}

static void put_irq(struct vr_file *f, struct vr_obj desc, unsigned irq, const struct style *s)
{
	char name[NAME_SIZE];

	vr_printf(f, s->since_7_1 ? "%*u:" : "%*u: ", s->number_width, irq);
	put_counts(f, desc, s);
	if (s->since_7_1)
		vr_puts(f, " ");
	put_chip(f, desc, s);
	if (vr_u64(desc, "irq_data.domain"))
		vr_printf(f, " %*" PRIu64, s->number_width, vr_u64(desc, "irq_data.hwirq"));
	else
		vr_printf(f, s->since_7_1 ? "  %*s" : " %*s", s->number_width, "");
	if (vr_u64(desc, "name"))
		vr_printf(f, "-%-8s", text_of(desc, "name", name));
	put_actions(f, desc);
	vr_puts(f, "\n");
}

static void put_arch(struct vr_file *f, const struct vr_arch_irq *row, const struct style *s,
		     struct vr_program *prog)
{
	vr_printf(f, s->since_7_1 ? "%*s:" : "%*s: ", s->number_width, row->symbol);
	if (row->global) {
		vr_printf(f, "%10u\n", vr_arch_irq_count(prog, row, 0));
		return;
	}
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&s->online, cpu)) < s->online.nr; cpu++)
		put_count(f, s, vr_arch_irq_count(prog, row, cpu));
	vr_printf(f, "%s\n", row->text);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_arch_irq rows[VR_MAX_ARCH_IRQS];
	struct vr_irq_walk w;
	struct style style;
	size_t count;

	read_style(key->prog, &style);
	if (vr_failed(key->prog))
		return;
	put_header(f, &style);
	vr_irq_walk_begin(key->prog, &w);
	while (vr_irq_walk_next(&w)) {
		vr_row_begin(f);
		if (is_shown(w.desc, &style))
			put_irq(f, w.desc, w.irq, &style);
		vr_row_end(f);
	}
	count = vr_arch_irqs_read(key->prog, rows);
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].shown)
			continue;
		vr_row_begin(f);
		put_arch(f, &rows[i], &style, key->prog);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/interrupts",
	   .source = "irq_desc, irq_stat; CPUs online before the panic by cpuhp_state",
	   .emit = emit)
