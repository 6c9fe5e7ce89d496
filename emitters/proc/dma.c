// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/dma (proc_dma_show() in kernel/dma.c): ISA DMA channels that are in use. */
#include "kernel/globals.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj table = vr_kernel_global(key->prog, "dma_chan_busy");
	uint64_t count = vr_type_length(vr_type_strip(table.type));

	for (uint64_t i = 0; i < count; i++) {
		struct vr_obj channel = vr_index(table, i);
		char name[256];

		if (!vr_u64(channel, "lock"))
			continue;
		vr_row_begin(f);
		vr_printf(f, "%2d: %s\n", (int)i, vr_str(channel, "device_id", name, sizeof(name)));
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "dma");
}

VR_EMITTER(.path = "proc/dma", .source = "dma_chan_busy", .exists = exists, .emit = emit)
