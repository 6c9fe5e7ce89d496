// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/slabinfo (slab_show() in mm/slab_common.c). */
#include <inttypes.h>

#include "kernel/slab.h"
#include "plugin/emitter.h"

static bool exists(const struct vr_key *key)
{
	return vr_slab_counted(key->prog);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_slab_begin(key->prog);

	vr_puts(f, "slabinfo - version: 2.1\n"
		   "# name            <active_objs> <num_objs> <objsize> <objperslab> "
		   "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata "
		   "<active_slabs> <num_slabs> <sharedavail>\n");
	while (vr_list_next(&w)) {
		struct vr_slab_cache c;

		vr_row_begin(f);
		if (vr_slab_read(w.entry, &c)) {
			vr_printf(f, "%-17s %6" PRIu64 " %6" PRIu64 " %6u %4u %4d", c.name,
				  c.all.objects - c.all.free, c.all.objects, (unsigned)c.size,
				  (unsigned)c.per_slab, 1 << c.order);
			/* The other allocators' tunables. */
			vr_puts(f, " : tunables    0    0    0");
			vr_printf(f, " : slabdata %6" PRIu64 " %6" PRIu64 " %6u\n", c.all.slabs,
				  c.all.slabs, 0);
		}
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/slabinfo", .source = "slab_caches", .exists = exists, .emit = emit)
