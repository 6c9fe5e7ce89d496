// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sadump: what the firmware of Fujitsu's servers writes on a partition when the operator tells it
 * to. Blocks: a header of the partition, one of the dump, the CPUs' states, a bitmap of what memory
 * there is, one of what was dumped, and those pages as they are, in order. Layout as in
 * makedumpfile's sadump_mod.h. There are no ELF notes. Dumps over a set of disks are not read.
 *
 * libkdumpfile isn't left to read them: up to 0.5.6 it gives the first page of a run of pages for
 * all of them.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "image/format.h"

#define BLOCK 4096u
/* The partition's header, by offset. */
#define SET_DISK_SET 152u
#define MAGIC_NUMBERS 168u
/* The dump's header, by offset. */
#define VERSION 8u
#define BLOCK_SIZE 40u
#define SUB_BLOCKS 48u
#define BITMAP_BLOCKS 52u
#define DUMPABLE_BLOCKS 56u
#define MAX_MAPNR 60u
#define NR_CPUS 80u
#define MAX_MAPNR_64 88u
#define HEADER_SIZE 120u
/* In a CPU's state. */
#define IA32_EFER 992u
#define EFER_LMA 0x400u
#define STATE_SIZE 1024u
/* A bit for each page, the most significant one of a byte first. */
#define GRANULE_PAGES (8ull * BLOCK)

struct vr_sadump {
	uint64_t bitmap, bitmap_len, data;
	uint64_t *ranks; /* dumped pages before each granule */
};

static bool sadump_probe(const struct vr_head *head)
{
	return head->len == VR_HEAD_SIZE && !memcmp(head->data, "sadump\0\0", 8);
}

/* A series of numbers fills the partition's header up to the end of its block. */
static bool fills_block(const uint8_t *block)
{
	for (uint32_t at = MAGIC_NUMBERS + 4; at < BLOCK; at += 4)
		if (vr_load32(block + at) != 11 * (vr_load32(block + at - 4) + 7))
			return false;
	return true;
}

/* In 64-bit mode or not; EM_NONE where the states don't say. */
static uint16_t machine_of(struct vr_image *image, uint64_t cpus)
{
	uint8_t size[4], efer[8];

	if (!cpus || cpus > 4096 || vr_file_pread(&image->file, 2ull * BLOCK, size, sizeof(size)) ||
	    vr_load32(size) / cpus < STATE_SIZE ||
	    vr_file_pread(&image->file, 2ull * BLOCK + 4 + 16 * cpus + IA32_EFER, efer,
			  sizeof(efer)))
		return EM_NONE;
	return vr_load64(efer) & EFER_LMA ? EM_X86_64 : EM_386;
}

static unsigned count_bits(const uint8_t *bytes, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i += 8)
		count += (unsigned)__builtin_popcountll(vr_load64(bytes + i));
	return count;
}

static enum vr_err make_ranks(struct vr_image *image, struct vr_sadump *sd, struct vr_error *err)
{
	uint64_t granules = sd->bitmap_len / BLOCK, count = 0;
	uint8_t block[BLOCK];

	sd->ranks = calloc(granules, sizeof(*sd->ranks));
	if (!sd->ranks)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	for (uint64_t i = 0; i < granules; i++) {
		enum vr_err kind =
			vr_file_pread(&image->file, sd->bitmap + i * BLOCK, block, BLOCK);

		if (kind)
			return vr_image_read_error(kind, "bitmap of pages", err);
		sd->ranks[i] = count;
		count += count_bits(block, BLOCK);
	}
	image->info.stored_pages = count;
	return VR_OK;
}

static enum vr_err read_header(struct vr_image *image, struct vr_sadump *sd, const uint8_t *header,
			       struct vr_error *err)
{
	uint64_t max_pfn, sub = vr_load32(header + SUB_BLOCKS);
	uint64_t present = vr_load32(header + BITMAP_BLOCKS);
	uint64_t dumpable = vr_load32(header + DUMPABLE_BLOCKS);

	max_pfn = vr_load32(header + VERSION) ? vr_load64(header + MAX_MAPNR_64)
					      : vr_load32(header + MAX_MAPNR);
	sd->bitmap = (2 + sub + present) * BLOCK;
	sd->bitmap_len = dumpable * BLOCK;
	sd->data = sd->bitmap + sd->bitmap_len;
	if (vr_load32(header + BLOCK_SIZE) != BLOCK || !max_pfn ||
	    max_pfn > (1ull << VR_PHYS_BITS) / BLOCK || max_pfn > sd->bitmap_len * 8)
		return vr_error_set(err, VR_CORRUPT,
				    "the headers can't be right: %llu pages, %llu blocks of bitmap",
				    (unsigned long long)max_pfn, (unsigned long long)dumpable);
	if (sd->data > image->file.size)
		return vr_error_set(err, VR_CORRUPT, "the file ends within its bitmap of pages");
	image->info.page_size = BLOCK;
	image->info.max_pfn = max_pfn;
	image->info.compression = "none";
	image->info.machine = machine_of(image, vr_load32(header + NR_CPUS));
	return VR_OK;
}

static enum vr_err sadump_open(struct vr_image *image, const struct vr_head *head,
			       struct vr_error *err)
{
	struct vr_sadump *sd = calloc(1, sizeof(*sd));
	uint8_t header[HEADER_SIZE];
	enum vr_err kind;

	image->priv = sd;
	if (!sd)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	if (vr_load32(head->data + SET_DISK_SET))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a disk of an sadump disk set, not supported (makedumpfile can "
				    "convert it to kdump-compressed)");
	if (!fills_block(head->data))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "an sadump dump with blocks of other than %u bytes", BLOCK);
	kind = vr_file_pread(&image->file, BLOCK, header, sizeof(header));
	if (kind)
		return vr_image_read_error(kind, "header", err);
	if (memcmp(header, "sadump\0\0", 8))
		return vr_error_set(err, VR_CORRUPT, "the sadump partition has no dump");
	kind = read_header(image, sd, header, err);
	if (!kind)
		kind = make_ranks(image, sd, err);
	if (!kind && image->info.stored_pages > (image->file.size - sd->data) / BLOCK)
		vr_image_incomplete(image, "the file is cut off: it has %llu of %llu pages",
				    (unsigned long long)((image->file.size - sd->data) / BLOCK),
				    (unsigned long long)image->info.stored_pages);
	return kind;
}

static enum vr_page_status sadump_read_page(struct vr_image *image, uint64_t pfn, uint8_t *buf)
{
	struct vr_sadump *sd = image->priv;
	uint64_t granule = pfn / GRANULE_PAGES, rank = sd->ranks[granule];
	size_t byte = pfn % GRANULE_PAGES / 8;
	uint8_t bits[BLOCK], mask = (uint8_t)(0x80 >> pfn % 8);

	if (vr_file_load(&image->file, sd->bitmap + granule * BLOCK, bits, byte + 1))
		return vr_image_damaged(image, pfn, "the bitmap of pages can't be read");
	if (!(bits[byte] & mask))
		return VR_PAGE_EXCLUDED;
	/* Those before it: in its byte they are more significant. */
	bits[byte] &= (uint8_t) ~(mask | (mask - 1));
	memset(bits + byte + 1, 0, 7 - byte % 8);
	rank += count_bits(bits, byte + 1);
	if (vr_file_pread(&image->file, sd->data + rank * BLOCK, buf, BLOCK))
		return vr_image_damaged(image, pfn, "it is cut off");
	return VR_PAGE_OK;
}

static void sadump_close(struct vr_image *image)
{
	struct vr_sadump *sd = image->priv;

	if (sd)
		free(sd->ranks);
	free(sd);
}

const struct vr_image_format vr_format_sadump = {
	.name = "sadump",
	.flat_name = "flattened sadump",
	.probe = sadump_probe,
	.open = sadump_open,
	.read_page = sadump_read_page,
	.close = sadump_close,
};
