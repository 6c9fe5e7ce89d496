// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/disk.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/percpu.h"

/* include/linux/kdev_t.h */
#define MINORBITS 20
/* DISK_MAX_PARTS */
#define MAX_PARTS 256
/* More than any driver has of either. */
#define MAX_QUEUES 8192u
#define MAX_TAGS 4000000u /* of all queues together */

struct vr_disk_walk vr_disks_begin(struct vr_program *prog)
{
	return (struct vr_disk_walk){
		.devices = vr_class_devices_begin(prog, "block_class"),
		.disk_type = vr_symbol(prog, "disk_type"),
	};
}

bool vr_disk_next(struct vr_disk_walk *w)
{
	while (vr_device_next(&w->devices)) {
		struct vr_obj dev = w->devices.device;

		/* The class has partitions too. */
		if (vr_u64(dev, "type") != w->disk_type)
			continue;
		if (vr_has_member(dev.prog, "struct block_device", "bd_device"))
			w->disk = vr_deref(vr_container_of(dev.prog, dev.addr,
							   "struct block_device", "bd_device"),
					   "bd_disk");
		else
			w->disk = vr_container_of(dev.prog, dev.addr, "struct gendisk",
						  "part0.__dev");
		return !vr_failed(dev.prog);
	}
	return false;
}

struct vr_part_walk vr_parts_begin(struct vr_obj disk)
{
	struct vr_part_walk w = {.disk = disk, .old = vr_has(disk, "part_tbl->len")};

	if (w.old)
		w.len = vr_u64(disk, "part_tbl->len");
	else
		w.table = vr_xarray_begin(vr_get(disk, "part_tbl"));
	if (w.len > MAX_PARTS) {
		vr_cut(disk.prog, VR_CORRUPT, "a disk of %llu partitions",
		       (unsigned long long)w.len);
		w.len = MAX_PARTS;
	}
	return w;
}

/* The next entry of the table as it is; its address is 0 at the end. */
static struct vr_obj next_entry(struct vr_part_walk *w)
{
	struct vr_program *prog = w->disk.prog;
	uint64_t addr = 0;

	if (!w->old)
		return vr_at(prog, "struct block_device",
			     vr_xarray_next(&w->table) ? w->table.entry : 0);
	while (!addr && w->next < w->len && !vr_failed(prog)) {
		/* A flexible array of pointers. */
		addr = vr_u64(vr_index(vr_get(w->disk, "part_tbl->part"), w->next++), "");
	}
	return vr_at(prog, "struct hd_struct", addr);
}

static uint64_t sectors_of(struct vr_obj part)
{
	if (vr_has(part, "bd_inode"))
		return vr_has(part, "bd_nr_sectors") ? vr_u64(part, "bd_nr_sectors")
						     : vr_u64(part, "bd_inode->i_size") >> 9;
	return vr_u64(part, "bd_nr_sectors|nr_sects");
}

/* Since 6.10 it stands among flags: BD_PARTNO, the lowest byte. */
static unsigned number_of(struct vr_obj part)
{
	if (vr_has(part, "__bd_flags"))
		return (unsigned)vr_u64(part, "__bd_flags.counter|__bd_flags") & 0xff;
	return (unsigned)vr_u64(part, "bd_partno|partno");
}

bool vr_part_next(struct vr_part_walk *w)
{
	for (;;) {
		struct vr_obj part = next_entry(w);

		if (!part.addr || vr_failed(w->disk.prog))
			return false;
		w->part = part;
		w->number = number_of(part);
		w->sectors = sectors_of(part);
		if (!w->number || w->sectors)
			return !vr_failed(w->disk.prog);
	}
}

void vr_part_devt(const struct vr_part_walk *w, unsigned *major, unsigned *minor)
{
	uint32_t dev = (uint32_t)vr_u64(w->part, "bd_dev|__dev.devt");

	*major = dev >> MINORBITS;
	*minor = dev & ((1u << MINORBITS) - 1);
}

static char *part_name(struct vr_obj disk, unsigned number, char buf[VR_DISK_NAME])
{
	char name[33];
	size_t len = strlen(vr_str(disk, "disk_name", name, sizeof(name)));
	bool digit = len && isdigit((unsigned char)name[len - 1]);

	if (number)
		snprintf(buf, VR_DISK_NAME, "%s%s%u", name, digit ? "p" : "", number);
	else
		snprintf(buf, VR_DISK_NAME, "%s", name);
	return buf;
}

char *vr_part_name(const struct vr_part_walk *w, char buf[VR_DISK_NAME])
{
	return part_name(w->disk, w->number, buf);
}

char *vr_bdev_name(struct vr_obj bdev, char buf[VR_DISK_NAME])
{
	return part_name(vr_deref(bdev, "bd_disk"), number_of(bdev), buf);
}

/* ---- What they have done ---- */

/* Requests of one hardware queue that the device has: blk_mq_check_inflight(). */
static uint64_t count_queue(struct vr_obj hctx, uint64_t queue, uint64_t part, uint64_t *left)
{
	struct vr_program *prog = hctx.prog;
	int64_t flying = vr_constant(prog, "MQ_RQ_IN_FLIGHT");
	uint64_t tags = vr_u64(hctx, "tags"), count, n = 0;
	struct vr_obj rqs;

	if (!tags)
		return 0;
	count = vr_u64(hctx, "tags->nr_tags");
	rqs = vr_get(hctx, "tags->rqs");
	if (count > *left) {
		vr_latch(prog, VR_LIMIT, "a disk of more than %u tags", MAX_TAGS);
		return 0;
	}
	*left -= count;
	for (uint64_t i = 0; i < count && !vr_failed(prog); i++) {
		struct vr_obj rq = vr_at(prog, "struct request", vr_u64(vr_index(rqs, i), ""));
		uint64_t of;

		/* Entries stay when a request has gone, and it may be back under another tag. */
		if (!rq.addr || vr_s64(rq, "tag") != (int64_t)i || vr_u64(rq, "q") != queue ||
		    vr_u64(rq, "mq_hctx") != hctx.addr || vr_s64(rq, "state") != flying)
			continue;
		of = vr_u64(rq, "part");
		n += of && (!part || of == part);
	}
	return n;
}

/* part: 0 for the whole disk */
static uint64_t count_requests(struct vr_obj q, uint64_t part)
{
	uint64_t count = vr_u64(q, "nr_hw_queues"), left = MAX_TAGS, n = 0;

	if (count > MAX_QUEUES) {
		vr_latch(q.prog, VR_CORRUPT, "a disk of %llu queues", (unsigned long long)count);
		return 0;
	}
	for (uint64_t i = 0; i < count && !vr_failed(q.prog); i++) {
		uint64_t hctx;

		if (vr_has(q, "hctx_table") &&
		    vr_type_kind(vr_type_strip(vr_get(q, "hctx_table").type)) == VR_TYPE_STRUCT)
			hctx = vr_xarray_load(vr_get(q, "hctx_table"), i);
		else
			hctx = vr_u64(vr_index(vr_get(q, "hctx_table|queue_hw_ctx"), i), "");
		if (hctx)
			n += count_queue(vr_at(q.prog, "struct blk_mq_hw_ctx", hctx), q.addr, part,
					 &left);
	}
	return n;
}

static void add_cpu(struct vr_obj cpu, struct vr_disk_stats *stats, int64_t *flying)
{
	static const char *const names[] = {"nsecs", "sectors", "ios", "merges"};
	uint64_t *const sums[] = {stats->nsecs, stats->sectors, stats->ios, stats->merges};
	struct vr_obj counts = vr_get(cpu, "in_flight");

	for (size_t k = 0; k < VR_ARRAY_SIZE(names); k++) {
		struct vr_obj array = vr_get(cpu, names[k]);

		for (unsigned op = 0; op < VR_DISK_OPS; op++)
			sums[k][op] += vr_u64(vr_index(array, op), "");
	}
	stats->io_ticks += vr_u64(cpu, "io_ticks");
	for (unsigned i = 0; i < 2; i++)
		*flying += vr_s64(vr_index(counts, i), "a.counter");
}

bool vr_part_stats(const struct vr_part_walk *w, struct vr_disk_stats *stats)
{
	struct vr_program *prog = w->disk.prog;
	uint64_t base = vr_u64(w->part, "bd_stats|dkstats");
	struct vr_obj q = vr_deref(w->disk, "queue");
	struct vr_cpumask possible;
	int64_t flying = 0;

	*stats = (struct vr_disk_stats){0};
	if (!vr_cpumask_read(prog, "__cpu_possible_mask", &possible))
		return false;
	for (unsigned cpu = vr_cpumask_next(&possible, 0); cpu < possible.nr && !vr_failed(prog);
	     cpu = vr_cpumask_next(&possible, cpu + 1))
		add_cpu(vr_at(prog, "struct disk_stats", vr_per_cpu_addr(prog, base, cpu)), stats,
			&flying);
	/* What a CPU began another may have ended: only the sum counts. */
	if (vr_u64(q, "mq_ops"))
		stats->in_flight = (uint32_t)count_requests(q, w->number ? w->part.addr : 0);
	else
		stats->in_flight = flying > 0 ? (uint32_t)flying : 0;
	return !vr_failed(prog);
}
