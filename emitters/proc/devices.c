// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/devices: majors (devinfo_show() in fs/proc/devices.c, chrdev_show(), blkdev_show()). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "plugin/emitter.h"

/* CHRDEV_MAJOR_MAX and BLKDEV_MAJOR_MAX: majors are hashed into an array of 255. */
#define MAX_MAJOR 512u
#define HASH_SIZE 255u

/* One bucket: those of number `major` in it. */
static void put_major(struct vr_file *f, struct vr_obj entry, unsigned major)
{
	struct vr_cycle_check seen = {0};

	while (entry.addr && !vr_failed(entry.prog)) {
		char name[64];

		if (vr_cycle_seen(&seen, entry.addr)) {
			vr_cut(entry.prog, VR_CORRUPT, "majors in a circle at 0x%" PRIx64,
			       entry.addr);
			return;
		}
		if (vr_u64(entry, "major") == major)
			vr_printf(f, "%3u %s\n", major, vr_str(entry, "name", name, sizeof(name)));
		entry.addr = vr_u64(entry, "next");
	}
}

static void put_table(struct vr_file *f, struct vr_obj table, const char *type)
{
	for (unsigned major = 0; major < MAX_MAJOR; major++) {
		uint64_t first = vr_u64(vr_index(table, major % HASH_SIZE), "");

		if (!first)
			continue;
		vr_row_begin(f);
		put_major(f, vr_at(table.prog, type, first), major);
		vr_row_end(f);
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	vr_puts(f, "Character devices:\n");
	put_table(f, vr_kernel_global(key->prog, "chrdevs"), "struct char_device_struct");
	if (!vr_has_symbol(key->prog, "major_names")) /* CONFIG_BLOCK */
		return;
	vr_puts(f, "\nBlock devices:\n");
	put_table(f, vr_kernel_global(key->prog, "major_names"), "struct blk_major_name");
}

VR_EMITTER(.path = "proc/devices", .source = "chrdevs, major_names", .emit = emit)
