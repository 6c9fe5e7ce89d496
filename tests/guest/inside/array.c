// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * make-array DEVICE...: writes to each device the superblock (version 1.2) and the empty bitmap of
 * a mirror that is in sync and has one device more than are given: what mdadm would write. sysfs can
 * start such an array, but not make it.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <linux/raid/md_p.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In sectors: where the superblock is, the bitmap behind it, the data, and how much of that. */
#define SUPER 8
#define BITMAP 8
#define DATA 2048
#define SIZE 8192
#define SECTOR 512

#define MAX_DEVICES 16
#define EVENTS 7
#define BITMAP_MAGIC 0x6d746962
#define ROLE_NONE 0xffff

/* drivers/md/md-bitmap.h; all of it little-endian */
struct bitmap_super {
	uint32_t magic, version;
	uint8_t uuid[16];
	uint64_t events, events_cleared, sync_size;
	uint32_t state, chunksize, daemon_sleep, write_behind;
	uint8_t rest[192];
};

static const uint8_t uuid[16] = "crashbox's array";

static uint32_t checksum(const void *data, size_t size)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < size; i += sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, (const char *)data + i, sizeof(word));
		sum += le32toh(word);
	}
	return htole32((uint32_t)sum + (uint32_t)(sum >> 32));
}

static void write_at(int fd, const void *data, size_t size, off_t sector)
{
	if (pwrite(fd, data, size, sector * SECTOR) != (ssize_t)size)
		perror("make-array");
}

int main(int count, char **devices)
{
	struct bitmap_super bitmap = {
		.magic = htole32(BITMAP_MAGIC),
		.version = htole32(4),
		.events = htole64(EVENTS),
		.events_cleared = htole64(EVENTS),
		.sync_size = htole64(SIZE),
		.chunksize = htole32(65536),
		.daemon_sleep = htole32(5),
	};
	union {
		struct mdp_superblock_1 super;
		char bytes[4096];
	} block = { .super = {
		.magic = htole32(MD_SB_MAGIC),
		.major_version = htole32(1),
		.feature_map = htole32(MD_FEATURE_BITMAP_OFFSET),
		.set_name = "crashbox:mirror",
		.level = htole32(1),
		.size = htole64(SIZE),
		.raid_disks = htole32(count),
		.bitmap_offset = htole32(BITMAP),
		.data_offset = htole64(DATA),
		.data_size = htole64(SIZE),
		.super_offset = htole64(SUPER),
		.events = htole64(EVENTS),
		.resync_offset = ~0ULL,
		.max_dev = htole32(MAX_DEVICES),
	} };

	memcpy(block.super.set_uuid, uuid, sizeof(uuid));
	memcpy(bitmap.uuid, uuid, sizeof(uuid));
	for (int i = 0; i < MAX_DEVICES; i++)
		block.super.dev_roles[i] = htole16(i < count - 1 ? i : ROLE_NONE);
	for (int i = 1; i < count && i < MAX_DEVICES; i++) {
		int fd = open(devices[i], O_WRONLY | O_SYNC);

		block.super.dev_number = htole32(i - 1);
		block.super.device_uuid[0] = i;
		block.super.sb_csum = 0;
		block.super.sb_csum = checksum(&block, 256 + MAX_DEVICES * 2);
		write_at(fd, &block, sizeof(block), SUPER);
		write_at(fd, &bitmap, sizeof(bitmap), SUPER + BITMAP);
		close(fd);
	}
	return 0;
}
