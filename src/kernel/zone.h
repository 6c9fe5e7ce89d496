/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory nodes and their zones (include/linux/mmzone.h). */
#ifndef KERNEL_ZONE_H
#define KERNEL_ZONE_H

#include <vmcore-report/object.h>

/** Most nodes that this program will walk over (CONFIG_NODES_SHIFT is 10 at most). */
#define VR_MAX_NODES 1024

/** Nodes of one of the kernel's node masks. */
struct vr_nodemask {
	uint64_t bits[VR_MAX_NODES / 64];
	unsigned nr; /* bits valid below this */
};
/** Read node_states[state]; state is an enumerator ("N_ONLINE"). False: latched. */
bool vr_nodemask_read(struct vr_program *prog, const char *state, struct vr_nodemask *mask);
bool vr_nodemask_test(const struct vr_nodemask *mask, unsigned node);

/** A node's struct pglist_data: NODE_DATA(nid). Latches. */
struct vr_obj vr_node(struct vr_program *prog, unsigned nid);

/** Nodes that are online, in order, and their zones: for_each_zone(). */
struct vr_zone_walk {
	struct vr_obj node, zone; /* the current ones */
	unsigned nid, index;      /* their numbers */
	/* private */
	struct vr_program *prog;
	struct vr_nodemask online;
	unsigned zones;
	bool in_node, done;
};
/** Begin before the first node. Failures latch. */
struct vr_zone_walk vr_zone_walk_begin(struct vr_program *prog);
/** The next node; false at the end. */
bool vr_zone_walk_node(struct vr_zone_walk *walk);
/** The next zone of the current node; false at its end. */
bool vr_zone_walk_zone(struct vr_zone_walk *walk);
/** The next zone of any node. */
bool vr_zone_walk_next(struct vr_zone_walk *walk);

/** Has the zone any pages? populated_zone() */
bool vr_zone_populated(struct vr_obj zone);
/** "DMA32" */
char *vr_zone_name(struct vr_obj zone, char buf[16]);
/** A watermark with the boost that it has for a while: wmark_pages(zone, "WMARK_LOW"). */
uint64_t vr_zone_watermark(struct vr_obj zone, const char *mark);

/** A CPU's page lists: struct per_cpu_pages, since 5.14 by itself, before in per_cpu_pageset. */
struct vr_obj vr_zone_cpu_pages(struct vr_obj zone, unsigned cpu);
/** A CPU's parts of counters: struct per_cpu_zonestat, before 5.14 per_cpu_pageset. */
struct vr_obj vr_zone_cpu_stat(struct vr_obj zone, unsigned cpu);

#endif
