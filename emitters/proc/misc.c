// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/misc (misc_seq_show() in drivers/char/misc.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "plugin/emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "misc_list"),
					      "struct miscdevice", "list");

	while (vr_list_next(&w)) {
		char name[256] = "";

		vr_row_begin(f);
		if (vr_u64(w.entry, "name"))
			vr_str(w.entry, "name", name, sizeof(name));
		vr_printf(f, "%3" PRId64 " %s\n", vr_s64(w.entry, "minor"), name);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/misc", .source = "misc_list", .emit = emit)
