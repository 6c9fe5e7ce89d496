// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/zoneinfo (zoneinfo_show_print() in mm/vmstat.c). */
#include <inttypes.h>

#include "kernel/function_text.h"
#include "kernel/vmstat.h"
#include "kernel/zone.h"
#include "plugin/emitter.h"

#define HUGE_PAGES 512         /* HPAGE_PMD_NR */
#define MAX_RECLAIM_RETRIES 16 /* mm/internal.h */

/* What this kernel's zoneinfo_show() prints; members that it could print came earlier than that. */
struct form {
	bool boost, promo, cma, high_range, highatomic;
};

struct print {
	struct vr_file *f;
	struct vr_program *prog;
	struct vr_vmstat stat;
	struct vr_cpumask online;
	struct form form;
};

static void read_form(struct vr_program *prog, struct form *form)
{
	form->boost = vr_function_has_text(prog, "zoneinfo_show", "\n        boost ");
	form->promo = vr_function_has_text(prog, "zoneinfo_show", "\n        promo ");
	form->cma = vr_function_has_text(prog, "zoneinfo_show", "\n        cma ");
	form->high_range = vr_function_has_text(prog, "zoneinfo_show", "high_max:");
	form->highatomic = vr_function_has_text(prog, "zoneinfo_show", "reserved_highatomic:");
}

static void print_stat(const struct print *p, unsigned name, uint64_t value)
{
	char text[VR_VMSTAT_NAME];

	vr_printf(p->f, "\n      %-12s %" PRIu64, vr_vmstat_name(&p->stat, name, text), value);
}

static void print_node_stats(const struct print *p, struct vr_obj node)
{
	struct vr_obj stats = vr_get(node, "vm_stat");

	vr_puts(p->f, "\n  per-node stats");
	for (unsigned i = 0; i < p->stat.node; i++)
		print_stat(p, p->stat.zone + p->stat.numa + i,
			   vr_stat_at(stats, i) / (vr_vmstat_in_thp(&p->stat, i) ? HUGE_PAGES : 1));
}

static void print_pages(const struct print *p, const char *name, uint64_t pages)
{
	vr_printf(p->f, "\n        %-8s %" PRIu64, name, pages);
}

static void print_size(const struct print *p, struct vr_obj zone)
{
	struct vr_obj reserve = vr_get(zone, "lowmem_reserve");
	uint64_t free = (uint64_t)vr_constant(p->prog, "NR_FREE_PAGES");
	uint64_t reserves = vr_type_length(reserve.type);

	vr_printf(p->f, "\n  pages free     %" PRIu64,
		  vr_stat_at(vr_get(zone, "vm_stat"), (unsigned)free));
	if (p->form.boost)
		print_pages(p, "boost", vr_u64(zone, "watermark_boost"));
	print_pages(p, "min", vr_zone_watermark(zone, "WMARK_MIN"));
	print_pages(p, "low", vr_zone_watermark(zone, "WMARK_LOW"));
	print_pages(p, "high", vr_zone_watermark(zone, "WMARK_HIGH"));
	if (p->form.promo)
		print_pages(p, "promo", vr_zone_watermark(zone, "WMARK_PROMO"));
	print_pages(p, "spanned", vr_u64(zone, "spanned_pages"));
	print_pages(p, "present", vr_u64(zone, "present_pages"));
	print_pages(p, "managed", vr_u64(zone, "managed_pages.counter"));
	if (p->form.cma)
		print_pages(p, "cma", vr_has(zone, "cma_pages") ? vr_u64(zone, "cma_pages") : 0);
	vr_puts(p->f, "\n        protection: (");
	for (uint64_t i = 0; i < reserves; i++)
		vr_printf(p->f, "%s%" PRId64, i ? ", " : "", vr_s64(vr_index(reserve, i), ""));
	vr_puts(p->f, ")");
}

static void print_cpu(const struct print *p, struct vr_obj zone, unsigned cpu)
{
	struct vr_obj pages = vr_zone_cpu_pages(zone, cpu), stat = vr_zone_cpu_stat(zone, cpu);
	int width = p->form.high_range ? 9 : 6;

	vr_printf(p->f, "\n    cpu: %u", cpu);
	vr_printf(p->f, "\n              %-*s %d", width, "count:", (int)vr_s64(pages, "count"));
	vr_printf(p->f, "\n              %-*s %d", width, "high:", (int)vr_s64(pages, "high"));
	vr_printf(p->f, "\n              %-*s %d", width, "batch:", (int)vr_s64(pages, "batch"));
	if (p->form.high_range) {
		vr_printf(p->f, "\n              high_min: %d", (int)vr_s64(pages, "high_min"));
		vr_printf(p->f, "\n              high_max: %d", (int)vr_s64(pages, "high_max"));
	}
	if (vr_has(stat, "stat_threshold"))
		vr_printf(p->f, "\n  vm stats threshold: %d", (int)vr_s64(stat, "stat_threshold"));
}

static void print_state(const struct print *p, struct vr_obj node, struct vr_obj zone)
{
	struct vr_obj stats = vr_get(zone, "vm_stat");
	const struct vr_cpumask *online = &p->online;
	int64_t failures = vr_s64(node, "kswapd_failures.counter|kswapd_failures");

	for (unsigned i = 0; i < p->stat.zone; i++)
		print_stat(p, i, vr_stat_at(stats, i));
	for (unsigned i = 0; i < p->stat.numa; i++)
		print_stat(p, p->stat.zone + i, vr_zone_numa_stat(zone, i, online));
	vr_puts(p->f, "\n  pagesets");
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(online, cpu)) < online->nr; cpu++)
		print_cpu(p, zone, cpu);
	vr_printf(p->f, "\n  node_unreclaimable:  %u", failures >= MAX_RECLAIM_RETRIES);
	vr_printf(p->f, "\n  start_pfn:           %" PRIu64, vr_u64(zone, "zone_start_pfn"));
	if (p->form.highatomic) {
		vr_printf(p->f, "\n  reserved_highatomic: %" PRIu64,
			  vr_u64(zone, "nr_reserved_highatomic"));
		vr_printf(p->f, "\n  free_highatomic:     %" PRIu64,
			  vr_u64(zone, "nr_free_highatomic"));
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct print p = {.f = f, .prog = key->prog};
	struct vr_zone_walk w = vr_zone_walk_begin(key->prog);

	read_form(key->prog, &p.form);
	if (!vr_vmstat_read(key->prog, &p.stat) || !vr_cpus_online(key->prog, &p.online))
		return;
	while (vr_zone_walk_node(&w)) {
		bool first = true;

		while (vr_zone_walk_zone(&w)) {
			bool populated = vr_zone_populated(w.zone);
			char name[16];

			vr_row_begin(f);
			vr_printf(f, "Node %d, zone %8s", (int)vr_s64(w.node, "node_id"),
				  vr_zone_name(w.zone, name));
			if (populated && first)
				print_node_stats(&p, w.node);
			first &= !populated;
			print_size(&p, w.zone);
			/* The kernel shows no more of an empty zone. */
			if (populated)
				print_state(&p, w.node, w.zone);
			vr_puts(f, "\n");
			vr_row_end(f);
		}
	}
}

VR_EMITTER(.path = "proc/zoneinfo", .source = "pglist_data.node_zones, vmstat_text", .emit = emit)
