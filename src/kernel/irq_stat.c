// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/irq_stat.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/percpu.h"

/* arch/x86/include/asm/irq_vectors.h */
#define HYPERVISOR_CALLBACK_VECTOR 0xf3
#define HYPERV_REENLIGHTENMENT_VECTOR 0xee
#define HYPERV_STIMER0_VECTOR 0xed

/*
 * arch_show_interrupts() and arch_irq_stat_cpu() until 7.0, whose lines stand in its code. A
 * counter that the kernel was built without is none of its.
 */
static const struct {
	const char *symbol, *text;
	const char *member; /* of irq_cpustat_t */
	const char *global; /* or a variable: per-CPU where there is a text */
	bool summed;
	unsigned vector; /* shown where the system uses this vector */
} lines[] = {
	{"NMI", "Non-maskable interrupts", "__nmi_count", .summed = true},
	{"LOC", "Local timer interrupts", "apic_timer_irqs", .summed = true},
	{"SPU", "Spurious interrupts", "irq_spurious_count", .summed = true},
	{"PMI", "Performance monitoring interrupts", "apic_perf_irqs", .summed = true},
	{"IWI", "IRQ work interrupts", "apic_irq_work_irqs", .summed = true},
	{"RTR", "APIC ICR read retries", "icr_read_retry_count", .summed = true},
	{"PLT", "Platform interrupts", "x86_platform_ipis", .summed = true},
	{"RES", "Rescheduling interrupts", "irq_resched_count", .summed = true},
	{"CAL", "Function call interrupts", "irq_call_count", .summed = true},
	{"TLB", "TLB shootdowns", "irq_tlb_count"},
	{"TRM", "Thermal event interrupts", "irq_thermal_count", .summed = true},
	{"THR", "Threshold APIC interrupts", "irq_threshold_count", .summed = true},
	{"DFR", "Deferred Error APIC interrupts", "irq_deferred_error_count"},
	{"MCE", "Machine check exceptions", .global = "mce_exception_count", .summed = true},
	{"MCP", "Machine check polls", .global = "mce_poll_count", .summed = true},
	{"HYP", "Hypervisor callback interrupts", "irq_hv_callback_count",
	 .vector = HYPERVISOR_CALLBACK_VECTOR},
	{"HRE", "Hyper-V reenlightenment interrupts", "irq_hv_reenlightenment_count",
	 .vector = HYPERV_REENLIGHTENMENT_VECTOR},
	{"HVS", "Hyper-V stimer0 interrupts", "hyperv_stimer0_count",
	 .vector = HYPERV_STIMER0_VECTOR},
	{"ERR", NULL, .global = "irq_err_count"},
	{"MIS", NULL, .global = "irq_mis_count"},
	{"PIN", "Posted-interrupt notification event", "kvm_posted_intr_ipis"},
	{"NPI", "Nested posted-interrupt event", "kvm_posted_intr_nested_ipis"},
	{"PIW", "Posted-interrupt wakeup event", "kvm_posted_intr_wakeup_ipis"},
	{"PMN", "Posted MSI notification event", "posted_msi_notification_count"},
};

static bool has_vector(struct vr_program *prog, unsigned vector)
{
	struct vr_obj word = vr_index(vr_kernel_global(prog, "system_vectors"), vector / 64);

	return vr_u64(word, "") >> (vector % 64) & 1;
}

static size_t read_members(struct vr_program *prog, struct vr_arch_irq *rows)
{
	uint64_t stat = vr_symbol(prog, "irq_stat");
	bool has_platform = vr_u64(vr_kernel_global(prog, "x86_platform_ipi_callback"), "") != 0;
	size_t count = 0;

	for (size_t i = 0; i < VR_ARRAY_SIZE(lines); i++) {
		struct vr_arch_irq *row = &rows[count];

		*row = (struct vr_arch_irq){.shown = true, .summed = lines[i].summed};
		if (lines[i].global) {
			if (vr_try_symbol(prog, lines[i].global, &row->addr) != VR_OK)
				continue;
			row->global = !lines[i].text;
		} else {
			if (!vr_has_member(prog, "irq_cpustat_t", lines[i].member))
				continue;
			row->addr = stat + vr_offsetof(prog, "irq_cpustat_t", lines[i].member);
		}
		if (!strcmp(lines[i].symbol, "PLT"))
			row->shown = row->summed = has_platform;
		if (lines[i].vector)
			row->shown = has_vector(prog, lines[i].vector);
		snprintf(row->symbol, sizeof(row->symbol), "%s", lines[i].symbol);
		snprintf(row->text, sizeof(row->text), "  %s", lines[i].text ? lines[i].text : "");
		count++;
	}
	return vr_failed(prog) ? 0 : count;
}

/* Since 7.1 the kernel has a table of them: irq_stat_info, and a bitmap of those that it shows. */
static size_t read_table(struct vr_program *prog, struct vr_arch_irq *rows)
{
	uint64_t counts =
		vr_symbol(prog, "irq_stat") + vr_offsetof(prog, "irq_cpustat_t", "counts");
	uint64_t count = vr_type_length(
		vr_type_strip(vr_get(vr_at(prog, "irq_cpustat_t", 0), "counts").type));

	if (!count || count > VR_MAX_ARCH_IRQS)
		vr_latch(prog, VR_CORRUPT, "%llu kinds of interrupts", (unsigned long long)count);
	for (uint64_t i = 0; i < count && !vr_failed(prog); i++) {
		struct vr_obj info = vr_kernel_element(prog, "irq_stat_info", i);
		struct vr_obj shown = vr_kernel_element(prog, "irq_stat_count_show", i / 64);

		rows[i] = (struct vr_arch_irq){.shown = vr_u64(shown, "") >> (i % 64) & 1,
					       .summed = true,
					       .addr = counts + 4 * i};
		vr_str(info, "symbol", rows[i].symbol, sizeof(rows[i].symbol));
		vr_str(info, "text", rows[i].text, sizeof(rows[i].text));
		rows[i].text[strcspn(rows[i].text, "\n")] = '\0';
	}
	return vr_failed(prog) ? 0 : (size_t)count;
}

size_t vr_arch_irqs_read(struct vr_program *prog, struct vr_arch_irq rows[VR_MAX_ARCH_IRQS])
{
	return vr_has_member(prog, "irq_cpustat_t", "counts") ? read_table(prog, rows)
							      : read_members(prog, rows);
}

uint32_t vr_arch_irq_count(struct vr_program *prog, const struct vr_arch_irq *row, unsigned cpu)
{
	uint64_t addr = row->global ? row->addr : vr_per_cpu_addr(prog, row->addr, cpu);

	return (uint32_t)vr_u64(vr_at(prog, "unsigned int", addr), "");
}
