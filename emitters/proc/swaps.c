// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/swaps: where memory is swapped to (swap_show() in mm/swapfile.c). */
#include <inttypes.h>
#include <string.h>

#include "kernel/seq.h"
#include "kernel/swap.h"
#include "plugin/emitter.h"

static bool has_swap(const struct vr_key *key)
{
	return vr_has_swap(key->prog);
}

static void put_area(struct vr_file *f, const struct vr_swap *swap)
{
	char name[VR_ESCAPED_SIZE(VR_PATH_SIZE)];
	int len = (int)strlen(vr_seq_escape(swap->path, VR_SEQ_PATH, name, sizeof(name)));

	vr_printf(f, "%s%*s%s\t%" PRIu64 "\t%s%" PRIu64 "\t%s%" PRId64 "\n", name,
		  len < 40 ? 40 - len : 1, " ", swap->device ? "partition" : "file\t",
		  swap->size_kb, swap->size_kb < 10000000 ? "\t" : "", swap->used_kb,
		  swap->used_kb < 10000000 ? "\t" : "", swap->priority);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	unsigned count = vr_swap_count(key->prog);
	struct vr_paths paths;

	vr_paths_begin(key->prog, &paths);
	vr_puts(f, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (unsigned i = 0; i < count && !vr_failed(key->prog); i++) {
		struct vr_obj area;
		struct vr_swap swap;

		vr_row_begin(f);
		area = vr_swap_area(key->prog, i);
		if (vr_swap_used(area)) {
			vr_swap_read(area, &paths, &swap);
			put_area(f, &swap);
		}
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/swaps", .source = "swap_info", .exists = has_swap, .emit = emit)
