/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of virtual memory (include/linux/vmstat.h, mm/vmstat.c). */
#ifndef KERNEL_VMSTAT_H
#define KERNEL_VMSTAT_H

#include <vmcore-report/object.h>

#include "kernel/cpus.h"

/** Room for a counter's name. */
#define VR_VMSTAT_NAME 64

/**
 * How many counters of each sort this kernel has, in the order in which vmstat_text has their
 * names: of zones, of NUMA allocations, of nodes, of the whole system, of events.
 */
struct vr_vmstat {
	struct vr_program *prog;
	unsigned zone, numa, node, system, event;
	/* private */
	struct vr_obj text;
	int64_t thp[5]; /* nodes' counters that are shown in huge pages; -1: none */
};

/** Latches; false then. */
bool vr_vmstat_read(struct vr_program *prog, struct vr_vmstat *stat);
/** The name at an index of vmstat_text. Returns buf. */
char *vr_vmstat_name(const struct vr_vmstat *stat, unsigned index, char buf[VR_VMSTAT_NAME]);
/** Is a node's counter kept in pages, but shown in huge pages? vmstat_item_print_in_thp() */
bool vr_vmstat_in_thp(const struct vr_vmstat *stat, unsigned item);

/** Is there a zone's or node's counter of that name? "NR_MLOCK" */
bool vr_has_zone_stat(struct vr_program *prog, const char *item);
bool vr_has_node_stat(struct vr_program *prog, const char *item);
/**
 * The value of a counter over all zones or nodes, as the kernel tells it without looking at the
 * CPUs' parts; never below 0. global_zone_page_state(), global_node_page_state_pages(). Latch.
 */
uint64_t vr_zone_stat(struct vr_program *prog, const char *item);
uint64_t vr_node_stat(struct vr_program *prog, const char *item);
/** Are huge pages counted in pages (since 5.12)? */
bool vr_thp_in_pages(struct vr_program *prog);

/** One element of an array of counters (atomic_long_t): 0 where it is below. Latches. */
uint64_t vr_stat_at(struct vr_obj array, unsigned item);

/**
 * A zone's count of NUMA allocations with the CPUs' parts: zone_numa_event_state() behind
 * fold_vm_zone_numa_events(), before 5.14 zone_numa_state_snapshot().
 */
uint64_t vr_zone_numa_stat(struct vr_obj zone, unsigned item, const struct vr_cpumask *online);
/** The same over all zones, as /proc/vmstat has it: before 5.14 without the CPUs' parts. */
uint64_t vr_numa_stat(struct vr_program *prog, unsigned item, const struct vr_cpumask *online);

/** Pages that may be dirty before writers write them back: global_dirty_limits(). Latches. */
void vr_dirty_limits(struct vr_program *prog, uint64_t *background, uint64_t *dirty);

#endif
