// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/fb (fb_seq_show() in drivers/video/fbdev/core/). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj table = vr_kernel_global(key->prog, "registered_fb");
	uint64_t count = vr_type_length(vr_type_strip(table.type));

	for (uint64_t i = 0; i < count; i++) {
		struct vr_obj fb =
			vr_at(key->prog, "struct fb_info", vr_u64(vr_index(table, i), ""));
		char name[17];

		if (!fb.addr)
			continue;
		vr_row_begin(f);
		vr_printf(f, "%" PRId64 " %s\n", vr_s64(fb, "node"),
			  vr_str(fb, "fix.id", name, sizeof(name)));
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "fb");
}

VR_EMITTER(.path = "proc/fb", .source = "registered_fb", .exists = exists, .emit = emit)
