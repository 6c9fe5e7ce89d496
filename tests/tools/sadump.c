// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sadump IN OUT: write a dump as Fujitsu's firmware does on a partition of its own (sadump, single
 * partition), for the builds that read that format through libkdumpfile. It has all pages as they
 * are, and neither ELF notes nor VMCOREINFO but that in the memory itself.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "image/image.h"

#define BLOCK 4096u

/* The headers as libkdumpfile (src/kdumpfile/sadump.c) and makedumpfile (sadump_mod.h) have them. */
struct part_header {
	char signature[8];
	uint32_t enable, reboot, compress, recycle, label[16];
	uint8_t ids[3][16], time[16];
	uint32_t set_disk_set, padding;
	uint64_t used_device;
	uint32_t magic[(BLOCK - 168) / 4];
};

struct header {
	char signature[8];
	uint32_t version, padding;
	uint8_t time[16];
	uint32_t status, compress, block_size, extra_blocks, sub_blocks, bitmap_blocks;
	uint32_t dumpable_blocks, max_mapnr, ram_blocks, device_blocks, written_blocks;
	uint32_t current_cpu, nr_cpus, padding2;
	uint64_t max_mapnr_64, ram_blocks_64, device_blocks_64, written_blocks_64;
	uint8_t rest[BLOCK - 120];
};

/* One CPU's state; of that only IA32_EFER, which tells that it is in 64-bit mode. */
struct sub_header {
	uint32_t size;
	uint8_t apic[16];
	uint8_t before[992], efer[8], behind[24];
	uint8_t rest[BLOCK - 1044];
};

_Static_assert(sizeof(struct part_header) == BLOCK && sizeof(struct header) == BLOCK &&
		       sizeof(struct sub_header) == BLOCK,
	       "each takes a block");

static bool put(FILE *out, const void *data, size_t len)
{
	return fwrite(data, 1, len, out) == len;
}

static bool put_headers(FILE *out, uint64_t max_pfn, uint64_t bitmap_len, uint64_t pages)
{
	struct part_header part = {.signature = "sadump", .enable = 1};
	struct header head = {.signature = "sadump", .version = 1, .block_size = BLOCK};
	struct sub_header sub = {.size = 1024, .efer = {0, 4}}; /* bit 10, LMA */

	part.used_device = 3 * BLOCK + 2 * bitmap_len + pages * BLOCK;
	part.magic[0] = 4711;
	for (size_t i = 1; i < VR_ARRAY_SIZE(part.magic); i++)
		part.magic[i] = 11 * (part.magic[i - 1] + 7);
	head.sub_blocks = 1;
	head.bitmap_blocks = head.dumpable_blocks = (uint32_t)(bitmap_len / BLOCK);
	head.max_mapnr = (uint32_t)max_pfn;
	head.max_mapnr_64 = max_pfn;
	head.ram_blocks_64 = pages;
	head.device_blocks_64 = head.written_blocks_64 = part.used_device / BLOCK;
	head.nr_cpus = 1;
	return put(out, &part, BLOCK) && put(out, &head, BLOCK) && put(out, &sub, BLOCK);
}

static bool convert(struct vr_image *image, FILE *out)
{
	uint64_t max_pfn = vr_image_info(image)->max_pfn, pages = 0;
	uint64_t len = (max_pfn / 8 + BLOCK) / BLOCK * BLOCK;
	uint8_t *bitmap = calloc(1, len);
	struct vr_page *page;
	bool ok = bitmap != NULL;

	for (uint64_t pfn = 0; ok && pfn < max_pfn; pfn++)
		if (vr_image_page(image, pfn, &page) == VR_PAGE_OK) {
			bitmap[pfn / 8] |= (uint8_t)(0x80 >> pfn % 8);
			pages++;
		}
	/* What memory there is, then what of it was dumped. */
	ok = ok && put_headers(out, max_pfn, len, pages) && put(out, bitmap, len) &&
	     put(out, bitmap, len);
	for (uint64_t pfn = 0; ok && pfn < max_pfn; pfn++)
		if (bitmap[pfn / 8] & 0x80 >> pfn % 8)
			ok = vr_image_page(image, pfn, &page) == VR_PAGE_OK &&
			     put(out, page->data, BLOCK);
	free(bitmap);
	return ok;
}

int main(int argc, char **argv)
{
	struct vr_log log = {0};
	struct vr_image *image;
	struct vr_error err;
	bool ok = false;
	FILE *out;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: sadump IN OUT\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || vr_image_open(fd, 0, &log, &image, &err) != VR_OK) {
		fprintf(stderr, "sadump: %s can't be opened\n", argv[1]);
		return 1;
	}
	out = fopen(argv[2], "wb");
	if (out && vr_image_info(image)->page_size == BLOCK)
		ok = convert(image, out);
	if (!out || fclose(out) || !ok) {
		fprintf(stderr, "sadump: %s can't be written\n", argv[2]);
		ok = false;
	}
	vr_image_close(image);
	close(fd);
	return ok ? 0 : 1;
}
