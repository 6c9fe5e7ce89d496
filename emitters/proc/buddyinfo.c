// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/buddyinfo: free blocks of each size (frag_show() in mm/vmstat.c). */
#include <inttypes.h>

#include "kernel/zone.h"
#include "plugin/emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_zone_walk w = vr_zone_walk_begin(key->prog);

	while (vr_zone_walk_next(&w)) {
		struct vr_obj areas = vr_get(w.zone, "free_area");
		uint64_t orders = vr_type_length(areas.type);
		char name[16];

		if (!vr_zone_populated(w.zone))
			continue;
		vr_row_begin(f);
		vr_printf(f, "Node %d, zone %8s ", (int)vr_s64(w.node, "node_id"),
			  vr_zone_name(w.zone, name));
		for (uint64_t i = 0; i < orders; i++)
			vr_printf(f, "%6" PRIu64 " ", vr_u64(vr_index(areas, i), "nr_free"));
		vr_puts(f, "\n");
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/buddyinfo", .source = "pglist_data.node_zones", .emit = emit)
