// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/vmstat.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/zone.h"

/* Far more than any kernel has. */
#define MAX_ITEMS 512
#define MAX_SYSTEM_ITEMS 16
#define PAGE 4096ull

static unsigned count_of(struct vr_program *prog, const char *enumerator)
{
	int64_t count = vr_constant(prog, enumerator);

	if (count >= 0 && count <= MAX_ITEMS)
		return (unsigned)count;
	vr_latch(prog, VR_CORRUPT, "%s is %lld", enumerator, (long long)count);
	return 0;
}

static unsigned count_numa(struct vr_program *prog)
{
	int64_t unused;

	if (vr_enum_value(prog, NULL, "NR_VM_NUMA_EVENT_ITEMS", &unused) == VR_OK)
		return count_of(prog, "NR_VM_NUMA_EVENT_ITEMS");
	if (vr_enum_value(prog, NULL, "NR_VM_NUMA_STAT_ITEMS", &unused) == VR_OK)
		return count_of(prog, "NR_VM_NUMA_STAT_ITEMS");
	return 0;
}

/* The counters of the whole system end where the events' begin, with this one. */
static unsigned count_system(const struct vr_vmstat *stat)
{
	unsigned first = stat->zone + stat->numa + stat->node;
	char name[VR_VMSTAT_NAME];

	for (unsigned i = 0; i < MAX_SYSTEM_ITEMS && !vr_failed(stat->prog); i++)
		if (!strcmp(vr_vmstat_name(stat, first + i, name), "pgpgin"))
			return i;
	vr_latch(stat->prog, VR_UNSUPPORTED, "vmstat_text has no `pgpgin` where it is expected");
	return 0;
}

static int64_t item_of(struct vr_program *prog, const char *type, const char *name)
{
	int64_t value;

	return vr_enum_value(prog, type, name, &value) == VR_OK && value >= 0 && value < MAX_ITEMS
		       ? value
		       : -1;
}

bool vr_thp_in_pages(struct vr_program *prog)
{
	/* They became pages in 5.12, the release that brought NR_SWAPCACHE. */
	return vr_has_node_stat(prog, "NR_SWAPCACHE") ||
	       vr_type_find(prog, "struct per_cpu_zonestat") != NULL;
}

static void find_thp(struct vr_vmstat *stat)
{
	static const char *const names[] = {"NR_ANON_THPS", "NR_FILE_THPS", "NR_SHMEM_THPS",
					    "NR_SHMEM_PMDMAPPED", "NR_FILE_PMDMAPPED"};
	bool any = vr_has_symbol(stat->prog, "transparent_hugepage_flags") &&
		   vr_thp_in_pages(stat->prog);

	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		stat->thp[i] = any ? item_of(stat->prog, "enum node_stat_item", names[i]) : -1;
}

bool vr_vmstat_read(struct vr_program *prog, struct vr_vmstat *stat)
{
	*stat = (struct vr_vmstat){.prog = prog, .text = vr_kernel_global(prog, "vmstat_text")};
	stat->zone = count_of(prog, "NR_VM_ZONE_STAT_ITEMS");
	stat->numa = count_numa(prog);
	stat->node = count_of(prog, "NR_VM_NODE_STAT_ITEMS");
	stat->event = count_of(prog, "NR_VM_EVENT_ITEMS");
	stat->system = count_system(stat);
	find_thp(stat);
	return !vr_failed(prog);
}

char *vr_vmstat_name(const struct vr_vmstat *stat, unsigned index, char buf[VR_VMSTAT_NAME])
{
	struct vr_obj text = stat->text;

	text.addr += 8ull * index;
	return vr_str(text, "", buf, VR_VMSTAT_NAME);
}

bool vr_vmstat_in_thp(const struct vr_vmstat *stat, unsigned item)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(stat->thp); i++)
		if (stat->thp[i] == (int64_t)item)
			return true;
	return false;
}

bool vr_has_zone_stat(struct vr_program *prog, const char *item)
{
	return item_of(prog, "enum zone_stat_item", item) >= 0;
}

bool vr_has_node_stat(struct vr_program *prog, const char *item)
{
	return item_of(prog, "enum node_stat_item", item) >= 0;
}

uint64_t vr_stat_at(struct vr_obj array, unsigned item)
{
	int64_t value;

	array.addr += 8ull * item;
	value = vr_s64(vr_cast(array, "atomic_long_t"), "counter");
	return value < 0 ? 0 : (uint64_t)value;
}

static uint64_t stat_of(struct vr_program *prog, const char *symbol, const char *type,
			const char *name)
{
	int64_t item = item_of(prog, type, name);

	if (item < 0) {
		vr_latch(prog, VR_ABSENT, "no enumerator `%s` in %s", name, type);
		return 0;
	}
	return vr_stat_at(vr_kernel_global(prog, symbol), (unsigned)item);
}

uint64_t vr_zone_stat(struct vr_program *prog, const char *item)
{
	return stat_of(prog, "vm_zone_stat", "enum zone_stat_item", item);
}

uint64_t vr_node_stat(struct vr_program *prog, const char *item)
{
	return stat_of(prog, "vm_node_stat", "enum node_stat_item", item);
}

/* The CPUs' parts of a zone's count. */
static uint64_t numa_parts(struct vr_obj zone, unsigned item, const struct vr_cpumask *online)
{
	uint64_t sum = 0;

	for (unsigned cpu = 0; (cpu = vr_cpumask_next(online, cpu)) < online->nr; cpu++) {
		struct vr_obj part = vr_zone_cpu_stat(zone, cpu);

		sum += vr_u64(vr_index(vr_get(part, "vm_numa_event|vm_numa_stat_diff"), item), "");
	}
	return sum;
}

uint64_t vr_zone_numa_stat(struct vr_obj zone, unsigned item, const struct vr_cpumask *online)
{
	return vr_stat_at(vr_get(zone, "vm_numa_event|vm_numa_stat"), item) +
	       numa_parts(zone, item, online);
}

uint64_t vr_numa_stat(struct vr_program *prog, unsigned item, const struct vr_cpumask *online)
{
	uint64_t sum = vr_stat_at(vr_kernel_global(prog, "vm_numa_event|vm_numa_stat"), item);
	struct vr_zone_walk w;

	if (!vr_has_symbol(prog, "vm_numa_event"))
		return sum;
	w = vr_zone_walk_begin(prog);
	while (vr_zone_walk_next(&w))
		if (vr_zone_populated(w.zone))
			sum += numa_parts(w.zone, item, online);
	return sum;
}

static uint64_t pages_of(uint64_t bytes)
{
	return bytes / PAGE + (bytes % PAGE != 0);
}

/* vm.dirty_ratio and its like, percent or bytes, as pages of those that can be dirty. */
static uint64_t limit(struct vr_program *prog, const char *bytes, const char *ratio, uint64_t pages)
{
	uint64_t value = vr_u64(vr_kernel_global(prog, bytes), "");

	if (value)
		return pages_of(value);
	value = vr_u64(vr_kernel_global(prog, ratio), "");
	return value * PAGE / 100 * pages / PAGE;
}

void vr_dirty_limits(struct vr_program *prog, uint64_t *background, uint64_t *dirty)
{
	uint64_t pages = vr_zone_stat(prog, "NR_FREE_PAGES");

	pages -= VR_MIN(pages, vr_u64(vr_kernel_global(prog, "totalreserve_pages"), ""));
	pages += vr_node_stat(prog, "NR_INACTIVE_FILE") + vr_node_stat(prog, "NR_ACTIVE_FILE") + 1;
	*dirty = limit(prog, "vm_dirty_bytes", "vm_dirty_ratio", pages);
	*background = limit(prog, "dirty_background_bytes", "dirty_background_ratio", pages);
	/* A reader of real-time priority would be told of more. */
	*dirty = VR_MIN(*dirty, (uint64_t)UINT32_MAX);
	if (*background >= *dirty)
		*background = *dirty / 2;
}
