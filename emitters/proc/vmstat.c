// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/vmstat (vmstat_start() and vmstat_show() in mm/vmstat.c). */
#include <inttypes.h>
#include <string.h>

#include "kernel/globals.h"
#include "kernel/vmstat.h"
#include "plugin/emitter.h"

#define HUGE_PAGES 512 /* HPAGE_PMD_NR */

static void print(struct vr_file *f, const struct vr_vmstat *stat, unsigned index, uint64_t value)
{
	char name[VR_VMSTAT_NAME];

	vr_printf(f, "%s %" PRIu64 "\n", vr_vmstat_name(stat, index, name), value);
}

/* The counters of the whole system are each kept elsewhere. */
static void print_system(struct vr_file *f, const struct vr_vmstat *stat, unsigned index)
{
	char name[VR_VMSTAT_NAME];
	uint64_t background, dirty, value = 0;

	vr_dirty_limits(stat->prog, &background, &dirty);
	vr_vmstat_name(stat, index, name);
	if (!strcmp(name, "nr_dirty_threshold"))
		value = dirty;
	else if (!strcmp(name, "nr_dirty_background_threshold"))
		value = background;
	else if (!strcmp(name, "nr_memmap_pages") || !strcmp(name, "nr_memmap_boot_pages"))
		value = vr_u64(vr_kernel_global(stat->prog, name), "counter");
	else
		vr_latch(stat->prog, VR_UNSUPPORTED, "nothing says where `%s` is counted", name);
	vr_printf(f, "%s %" PRIu64 "\n", name, value);
}

/* Sums over the CPUs: all_vm_events(). */
static void print_events(struct vr_file *f, const struct vr_vmstat *stat,
			 const struct vr_cpumask *online, unsigned index)
{
	for (unsigned i = 0; i < stat->event && !vr_failed(stat->prog); i++) {
		uint64_t sum = 0;

		for (unsigned cpu = 0; (cpu = vr_cpumask_next(online, cpu)) < online->nr; cpu++) {
			struct vr_obj state = vr_kernel_per_cpu(stat->prog, "vm_event_states", cpu);

			sum += vr_u64(vr_index(vr_get(state, "event"), i), "");
		}
		/* PGPGIN and PGPGOUT, the first two: sectors, shown as KiB. */
		print(f, stat, index + i, i < 2 ? sum / 2 : sum);
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_obj zone = vr_kernel_global(prog, "vm_zone_stat");
	struct vr_obj node = vr_kernel_global(prog, "vm_node_stat");
	struct vr_cpumask online;
	struct vr_vmstat stat;
	unsigned index = 0;

	if (!vr_vmstat_read(prog, &stat) || !vr_cpus_online(prog, &online))
		return;
	for (unsigned i = 0; i < stat.zone; i++)
		print(f, &stat, index++, vr_stat_at(zone, i));
	for (unsigned i = 0; i < stat.numa; i++)
		print(f, &stat, index++, vr_numa_stat(prog, i, &online));
	for (unsigned i = 0; i < stat.node; i++)
		print(f, &stat, index++,
		      vr_stat_at(node, i) / (vr_vmstat_in_thp(&stat, i) ? HUGE_PAGES : 1));
	for (unsigned i = 0; i < stat.system; i++)
		print_system(f, &stat, index++);
	print_events(f, &stat, &online, index);
	vr_puts(f, "nr_unstable 0\n");
}

VR_EMITTER(.path = "proc/vmstat",
	   .source = "vmstat_text, vm_zone_stat, vm_node_stat, vm_event_states", .emit = emit)
