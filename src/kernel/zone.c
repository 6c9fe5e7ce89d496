// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/zone.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/bitmap.h"
#include "kernel/globals.h"
#include "kernel/percpu.h"

#define MAX_ZONES 16

bool vr_nodemask_read(struct vr_program *prog, const char *state, struct vr_nodemask *mask)
{
	struct vr_obj states = vr_kernel_global(prog, "node_states");
	uint64_t size = vr_sizeof(prog, "nodemask_t");
	uint64_t nr = vr_has_symbol(prog, "nr_node_ids")
			      ? vr_u64(vr_kernel_global(prog, "nr_node_ids"), "")
			      : 1;

	memset(mask, 0, sizeof(*mask));
	states.addr += (uint64_t)vr_constant(prog, state) * size;
	if (vr_failed(prog))
		return false;
	if (!nr || nr > VR_MAX_NODES || nr > size * 8) {
		vr_latch(prog, VR_CORRUPT, "nr_node_ids is %llu", (unsigned long long)nr);
		return false;
	}
	mask->nr = (unsigned)nr;
	return vr_bitmap_read(states, "bits", mask->bits, mask->nr);
}

bool vr_nodemask_test(const struct vr_nodemask *mask, unsigned node)
{
	return node < mask->nr && mask->bits[node / 64] >> (node % 64) & 1;
}

struct vr_obj vr_node(struct vr_program *prog, unsigned nid)
{
	struct vr_obj data;

	if (!vr_has_symbol(prog, "node_data"))
		return vr_kernel_global(prog, "contig_page_data");
	data = vr_kernel_global(prog, "node_data");
	data.addr += 8ull * nid;
	return vr_deref(data, "");
}

struct vr_zone_walk vr_zone_walk_begin(struct vr_program *prog)
{
	struct vr_zone_walk w = {.prog = prog};
	int64_t zones = vr_constant(prog, "__MAX_NR_ZONES");

	w.done = !vr_nodemask_read(prog, "N_ONLINE", &w.online);
	if (!w.done && (zones < 1 || zones > MAX_ZONES))
		vr_latch(prog, VR_CORRUPT, "%lld zones in a node", (long long)zones);
	w.zones = (unsigned)zones;
	w.done = vr_failed(prog);
	return w;
}

bool vr_zone_walk_node(struct vr_zone_walk *w)
{
	unsigned nid = w->in_node ? w->nid + 1 : 0;

	if (w->done || vr_failed(w->prog))
		return false;
	while (nid < w->online.nr && !vr_nodemask_test(&w->online, nid))
		nid++;
	w->done = nid >= w->online.nr;
	if (w->done)
		return false;
	w->in_node = true;
	w->nid = nid;
	w->index = 0;
	w->zone = (struct vr_obj){.prog = w->prog};
	w->node = vr_node(w->prog, nid);
	return !vr_failed(w->prog);
}

bool vr_zone_walk_zone(struct vr_zone_walk *w)
{
	unsigned next = vr_ok(w->zone) ? w->index + 1 : 0;

	if (w->done || !w->in_node || next >= w->zones || vr_failed(w->prog))
		return false;
	w->index = next;
	w->zone = vr_index(vr_get(w->node, "node_zones"), next);
	return !vr_failed(w->prog);
}

bool vr_zone_walk_next(struct vr_zone_walk *w)
{
	while (!vr_zone_walk_zone(w))
		if (!vr_zone_walk_node(w))
			return false;
	return true;
}

bool vr_zone_populated(struct vr_obj zone)
{
	return vr_u64(zone, "present_pages") != 0;
}

char *vr_zone_name(struct vr_obj zone, char buf[16])
{
	return vr_str(zone, "name", buf, 16);
}

uint64_t vr_zone_watermark(struct vr_obj zone, const char *mark)
{
	int64_t i = vr_constant(zone.prog, mark);

	if (vr_failed(zone.prog))
		return 0;
	return vr_u64(vr_index(vr_get(zone, "_watermark"), (uint64_t)i), "") +
	       vr_u64(zone, "watermark_boost");
}

struct vr_obj vr_zone_cpu_pages(struct vr_obj zone, unsigned cpu)
{
	uint64_t addr = vr_per_cpu_addr(zone.prog, vr_u64(zone, "per_cpu_pageset|pageset"), cpu);

	if (vr_has(zone, "per_cpu_pageset"))
		return vr_at(zone.prog, "struct per_cpu_pages", addr);
	return vr_get(vr_at(zone.prog, "struct per_cpu_pageset", addr), "pcp");
}

struct vr_obj vr_zone_cpu_stat(struct vr_obj zone, unsigned cpu)
{
	uint64_t addr = vr_per_cpu_addr(zone.prog, vr_u64(zone, "per_cpu_zonestats|pageset"), cpu);

	return vr_at(zone.prog,
		     vr_has(zone, "per_cpu_zonestats") ? "struct per_cpu_zonestat"
						       : "struct per_cpu_pageset",
		     addr);
}
