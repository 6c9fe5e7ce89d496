/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks, their partitions and what these have done (block/genhd.c). */
#ifndef KERNEL_DISK_H
#define KERNEL_DISK_H

#include "kernel/driver_core.h"
#include "kernel/xarray.h"

/** DISK_NAME_LEN and a partition's number behind it. */
#define VR_DISK_NAME 64

/** A walk over the disks, in the order of /proc/partitions. */
struct vr_disk_walk {
	struct vr_obj disk; /* struct gendisk */
	/* private */
	struct vr_device_walk devices;
	uint64_t disk_type;
};
struct vr_disk_walk vr_disks_begin(struct vr_program *prog);
bool vr_disk_next(struct vr_disk_walk *walk);

/** A walk over a disk's partitions: first the whole disk, number 0, whatever its size, then those that aren't empty. */
struct vr_part_walk {
	struct vr_obj part; /* struct block_device; until 5.11 struct hd_struct */
	unsigned number;
	uint64_t sectors;
	/* private */
	struct vr_obj disk;
	struct vr_xarray_walk table;
	uint64_t next, len; /* until 5.11 */
	bool old;
};
struct vr_part_walk vr_parts_begin(struct vr_obj disk);
bool vr_part_next(struct vr_part_walk *walk);

/** Numbers of a partition's device. */
void vr_part_devt(const struct vr_part_walk *walk, unsigned *major, unsigned *minor);
/** Its name: "sda", "sda1", "nvme0n1p1" (bdev_name(), disk_name()). Returns buf. */
char *vr_part_name(const struct vr_part_walk *walk, char buf[VR_DISK_NAME]);
/** The same of a struct block_device (%pg, bdevname()). */
char *vr_bdev_name(struct vr_obj bdev, char buf[VR_DISK_NAME]);

/** STAT_READ, STAT_WRITE, STAT_DISCARD, STAT_FLUSH. */
#define VR_DISK_OPS 4
/** struct disk_stats of all CPUs. */
struct vr_disk_stats {
	uint64_t nsecs[VR_DISK_OPS], sectors[VR_DISK_OPS], ios[VR_DISK_OPS], merges[VR_DISK_OPS];
	/* Jiffies in which there was something to do, until the last request began or ended. */
	uint64_t io_ticks;
	uint32_t in_flight;
};
/** Sums up what a partition has done; false: latched. */
bool vr_part_stats(const struct vr_part_walk *walk, struct vr_disk_stats *stats);

#endif
