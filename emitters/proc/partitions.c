// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/partitions (show_partition()) and proc/diskstats (diskstats_show(), both in block/genhd.c). */
#include <inttypes.h>

#include "kernel/disk.h"
#include "kernel/function_code.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

#define NSEC_PER_MSEC 1000000u

/* Flags of struct gendisk, until they became an enum with other values in 5.17. */
#define OLD_REMOVABLE 0x1u
#define OLD_SUPPRESS 0x20u
#define OLD_EXT_DEVT 0x40u

/* Is the disk left out of proc/partitions? */
static bool is_hidden(struct vr_obj disk)
{
	uint64_t flags = vr_u64(disk, "flags");
	int64_t hidden;

	if (vr_enum_value(disk.prog, NULL, "GENHD_FL_HIDDEN", &hidden) == VR_OK)
		return flags & (uint64_t)hidden;
	if (flags & OLD_SUPPRESS)
		return true;
	return flags & OLD_REMOVABLE && !(flags & OLD_EXT_DEVT) && !vr_u64(disk, "minors");
}

static void put_sizes(struct vr_file *f, struct vr_obj disk)
{
	struct vr_part_walk w = vr_parts_begin(disk);
	bool hidden = is_hidden(disk);

	while (!hidden && vr_part_next(&w)) {
		unsigned major, minor;
		char name[VR_DISK_NAME];

		if (!w.number && !w.sectors)
			return;
		vr_part_devt(&w, &major, &minor);
		vr_printf(f, "%4u  %7u %10" PRIu64 " %s\n", major, minor, w.sectors >> 1,
			  vr_part_name(&w, name));
	}
}

static void emit_partitions(struct vr_file *f, const struct vr_key *key)
{
	struct vr_disk_walk w = vr_disks_begin(key->prog);
	bool any = false;

	while (vr_disk_next(&w)) {
		if (!any)
			vr_puts(f, "major minor  #blocks  name\n\n");
		any = true;
		vr_row_begin(f);
		put_sizes(f, w.disk);
		vr_row_end(f);
	}
}

static void put_op(struct vr_file *f, const struct vr_disk_stats *s, unsigned op)
{
	vr_printf(f, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32, s->ios[op], s->merges[op],
		  s->sectors[op], (uint32_t)(s->nsecs[op] / NSEC_PER_MSEC));
}

/* How diskstats_show() of this kernel reckons. */
struct reckoning {
	unsigned hz;
	uint64_t jiffies;
	/* Does it count the time since the last request began (commit 99dc422335d8, 6.11)? */
	bool updates;
};

static void put_stats(struct vr_file *f, const struct vr_part_walk *w, const struct reckoning *r)
{
	struct vr_disk_stats s;
	unsigned major, minor;
	char name[VR_DISK_NAME];
	uint64_t all = 0;

	if (!vr_part_stats(w, &s))
		return;
	if (s.in_flight && r->updates) {
		int64_t since = (int64_t)(r->jiffies - vr_u64(w->part, "bd_stamp"));

		s.io_ticks += since > 0 ? (uint64_t)since : 0;
	}
	vr_part_devt(w, &major, &minor);
	for (unsigned op = 0; op < VR_DISK_OPS; op++)
		all += s.nsecs[op];
	vr_printf(f, "%4u %7u %s", major, minor, vr_part_name(w, name));
	put_op(f, &s, 0);
	put_op(f, &s, 1);
	vr_printf(f, " %" PRIu32 " %" PRIu32 " %" PRIu32, s.in_flight,
		  (uint32_t)vr_jiffies_to_ms(s.io_ticks, r->hz), (uint32_t)(all / NSEC_PER_MSEC));
	put_op(f, &s, 2);
	vr_printf(f, " %" PRIu64 " %" PRIu32 "\n", s.ios[3],
		  (uint32_t)(s.nsecs[3] / NSEC_PER_MSEC));
}

static void emit_diskstats(struct vr_file *f, const struct vr_key *key)
{
	struct vr_disk_walk disks = vr_disks_begin(key->prog);
	struct reckoning r = {.hz = vr_hz(key->prog), .jiffies = vr_jiffies(key->prog)};

	r.updates = vr_has_member(key->prog, "struct block_device", "bd_stamp") &&
		    vr_function_calls(key->prog, "diskstats_show", "update_io_ticks");
	while (r.hz && vr_disk_next(&disks)) {
		struct vr_part_walk w = vr_parts_begin(disks.disk);

		while (vr_part_next(&w)) {
			vr_row_begin(f);
			put_stats(f, &w, &r);
			vr_row_end(f);
		}
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "block_class"); /* CONFIG_BLOCK */
}

VR_EMITTER(.path = "proc/partitions", .source = "block_class", .exists = exists,
	   .emit = emit_partitions)
VR_EMITTER(.path = "proc/diskstats", .source = "block_class", .exists = exists,
	   .emit = emit_diskstats)
