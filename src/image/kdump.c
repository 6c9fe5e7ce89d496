// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/kdump.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/* Where the members of struct disk_dump_header lie on LP64 machines. */
enum {
	HEADER_VERSION = 8,
	HEADER_RELEASE = 142, /* utsname: six fields of 65 bytes from 12 on */
	HEADER_MACHINE = 272,
	HEADER_STATUS = 424,
	HEADER_BLOCK_SIZE = 428,
	HEADER_BLOCK_SIZE_32BIT = 416, /* a 32-bit machine's timeval is shorter and less aligned */
	HEADER_SUB_SIZE = 432,
	HEADER_BITMAP_BLOCKS = 436,
	HEADER_MAX_MAPNR = 440,
	HEADER_SIZE = 464,
};

#define UTS_FIELD 65u

/* Likewise of struct kdump_sub_header. */
enum {
	SUB_SPLIT = 12,
	SUB_OFFSET_VMCOREINFO = 32,
	SUB_SIZE_VMCOREINFO = 40,
	SUB_OFFSET_NOTE = 48,
	SUB_SIZE_NOTE = 56,
	SUB_MAX_MAPNR_64 = 96,
	SUB_SIZE = 104,
};

/* Bytes of the sub-header that each header_version has. */
static const uint32_t sub_header_sizes[] = {0, 16, 32, 48, 64, 80, SUB_SIZE};

#define VERSION_SPLIT 2
#define VERSION_VMCOREINFO 3
#define VERSION_NOTE 4
#define VERSION_MAX_MAPNR_64 6

#define STATUS_INCOMPLETE 0x8u

/* What the headers say. */
struct kdump_header {
	uint32_t version;
	uint32_t status;
	uint32_t block_size;
	uint64_t sub_blocks;
	uint64_t bitmap_blocks;
	uint64_t max_mapnr;
	bool split;
	uint64_t vmcoreinfo_off, vmcoreinfo_size;
	uint64_t note_off, note_size;
};

static bool kdump_probe(const struct vr_head *head)
{
	return head->len >= 8 && !memcmp(head->data, "KDUMP   ", 8);
}

static bool block_size_ok(uint32_t size)
{
	return size >= VR_PAGE_SIZE_MIN && size <= VR_PAGE_SIZE_MAX && !(size & (size - 1));
}

/* Whether a header makes sense with its block_size at that place (the next fields follow it). */
static bool header_plausible(const uint8_t *data, size_t off, bool swapped)
{
	uint32_t field[3];

	for (size_t i = 0; i < VR_ARRAY_SIZE(field); i++) {
		field[i] = vr_load32(data + off + 4 * i);
		if (swapped)
			field[i] = __builtin_bswap32(field[i]);
	}
	return block_size_ok(field[0]) && field[1] && field[2];
}

static enum vr_err check_layout(const uint8_t *data, struct vr_error *err)
{
	if (header_plausible(data, HEADER_BLOCK_SIZE, false))
		return VR_OK;
	if (header_plausible(data, HEADER_BLOCK_SIZE_32BIT, false))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a kdump-compressed dump of a 32-bit machine, not supported");
	if (header_plausible(data, HEADER_BLOCK_SIZE, true) ||
	    header_plausible(data, HEADER_BLOCK_SIZE_32BIT, true))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a kdump-compressed dump of a big-endian machine, not "
				    "supported");
	return vr_error_set(err, VR_CORRUPT,
			    "the kdump header can't be right: block size %u, sub-header of %u and "
			    "bitmap of %u blocks",
			    vr_load32(data + HEADER_BLOCK_SIZE), vr_load32(data + HEADER_SUB_SIZE),
			    vr_load32(data + HEADER_BITMAP_BLOCKS));
}

static enum vr_err parse_header(const struct vr_head *head, struct kdump_header *h,
				struct vr_error *err)
{
	const uint8_t *data = head->data;
	enum vr_err kind;

	if (head->len < HEADER_SIZE)
		return vr_error_set(err, VR_CORRUPT, "the file ends within its kdump header");
	kind = check_layout(data, err);
	if (kind)
		return kind;
	h->version = vr_load32(data + HEADER_VERSION);
	if (h->version == 0 || h->version > INT32_MAX)
		return vr_error_set(err, VR_CORRUPT, "the kdump header can't be right: version %d",
				    (int32_t)h->version);
	if (h->version >= VR_ARRAY_SIZE(sub_header_sizes))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a kdump-compressed dump of version %u: this program knows "
				    "versions up to %zu",
				    h->version, VR_ARRAY_SIZE(sub_header_sizes) - 1);
	h->status = vr_load32(data + HEADER_STATUS);
	h->block_size = vr_load32(data + HEADER_BLOCK_SIZE);
	h->sub_blocks = vr_load32(data + HEADER_SUB_SIZE);
	h->bitmap_blocks = vr_load32(data + HEADER_BITMAP_BLOCKS);
	h->max_mapnr = vr_load32(data + HEADER_MAX_MAPNR);
	if (h->bitmap_blocks & 1)
		return vr_error_set(err, VR_CORRUPT,
				    "the kdump header can't be right: two bitmaps in %u blocks",
				    (uint32_t)h->bitmap_blocks);
	return VR_OK;
}

/* How many pages the machine has: the narrow and the wide count must agree with the bitmap. */
static enum vr_err choose_max_mapnr(struct kdump_header *h, uint64_t wide, struct vr_error *err)
{
	uint64_t narrow = h->max_mapnr;
	uint64_t bits = h->bitmap_blocks / 2 * h->block_size * 8;

	h->max_mapnr = 0;
	if (narrow <= bits)
		h->max_mapnr = narrow;
	/* Where they differ one of them is damaged; too many pages do no harm, too few hide some.
	 */
	if (wide <= bits && wide > h->max_mapnr)
		h->max_mapnr = wide;
	if (h->max_mapnr && h->max_mapnr <= ((uint64_t)1 << VR_PHYS_BITS) / h->block_size)
		return VR_OK;
	return vr_error_set(err, VR_CORRUPT,
			    "the kdump headers can't be right: %llu pages (%llu in the sub-header) "
			    "and a bitmap for %llu",
			    (unsigned long long)narrow, (unsigned long long)wide,
			    (unsigned long long)bits);
}

static enum vr_err parse_sub_header(struct vr_image *image, struct kdump_header *h,
				    struct vr_error *err)
{
	uint32_t size = sub_header_sizes[h->version];
	uint8_t sub[SUB_SIZE] = {0};
	enum vr_err kind = vr_file_pread(&image->file, h->block_size, sub, size);

	if (kind)
		return vr_image_read_error(kind, "kdump sub-header", err);
	if (h->version >= VERSION_SPLIT)
		h->split = vr_load32(sub + SUB_SPLIT) != 0;
	if (h->version >= VERSION_VMCOREINFO) {
		h->vmcoreinfo_off = vr_load64(sub + SUB_OFFSET_VMCOREINFO);
		h->vmcoreinfo_size = vr_load64(sub + SUB_SIZE_VMCOREINFO);
	}
	if (h->version >= VERSION_NOTE) {
		h->note_off = vr_load64(sub + SUB_OFFSET_NOTE);
		h->note_size = vr_load64(sub + SUB_SIZE_NOTE);
	}
	if (h->split)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "one part of a dump in several files (makedumpfile --split): "
				    "join them first (makedumpfile --reassemble)");
	return choose_max_mapnr(
		h, h->version >= VERSION_MAX_MAPNR_64 ? vr_load64(sub + SUB_MAX_MAPNR_64) : 0, err);
}

struct machine_name {
	const char *name;
	uint16_t machine;
};

static const struct machine_name machine_names[] = {
	{"x86_64", EM_X86_64}, {"aarch64", EM_AARCH64}, {"ppc64le", EM_PPC64},
	{"ppc64", EM_PPC64},   {"riscv64", EM_RISCV},   {"s390x", EM_S390},
	{"ia64", EM_IA_64},    {"loongarch64", 258},    {"mips64", EM_MIPS},
	{"i686", EM_386},      {"sparc64", EM_SPARCV9}, {"alpha", EM_ALPHA},
	{"i386", EM_386},      {"armv7l", EM_ARM},
};

static enum vr_err read_utsname(const uint8_t *data, struct vr_image_info *info,
				struct vr_error *err)
{
	const char *release = (const char *)data + HEADER_RELEASE;
	char machine[UTS_FIELD + 1] = {0};
	size_t len = strnlen(release, UTS_FIELD);

	memcpy(machine, data + HEADER_MACHINE, UTS_FIELD);
	if (len < sizeof(info->release)) {
		for (size_t i = 0; i < len; i++) {
			if (release[i] <= 0x20 || release[i] >= 0x7f)
				len = 0;
		}
		memcpy(info->release, release, len);
	}
	info->machine = EM_NONE;
	if (!machine[0])
		return VR_OK;
	for (size_t i = 0; i < VR_ARRAY_SIZE(machine_names); i++) {
		if (!strcmp(machine, machine_names[i].name)) {
			info->machine = machine_names[i].machine;
			return VR_OK;
		}
	}
	return vr_error_set(err, VR_UNSUPPORTED, "a dump of a machine of unknown kind, \"%s\"",
			    machine);
}

static enum vr_err read_vmcoreinfo(struct vr_image *image, const struct kdump_header *h,
				   struct vr_error *err)
{
	uint64_t len = h->vmcoreinfo_size;
	uint8_t *data;
	enum vr_err kind;

	/* The note holds the same text; a damaged field here need not cost it. */
	if (len && len <= VR_NOTE_DESC_MAX &&
	    vr_range_ok(h->vmcoreinfo_off, len, image->file.size)) {
		data = malloc((size_t)len);
		if (!data)
			return vr_error_set(err, VR_NOMEM, "no memory for VMCOREINFO");
		kind = vr_file_pread(&image->file, h->vmcoreinfo_off, data, (size_t)len);
		if (!kind)
			kind = vr_vmcoreinfo_text(data, (size_t)len, &image->vmcoreinfo, err);
		free(data);
		if (kind == VR_NOMEM)
			return kind;
	}
	if (!image->vmcoreinfo)
		return vr_notes_vmcoreinfo(&image->notes, &image->vmcoreinfo, err);
	return VR_OK;
}

/* Where bitmaps and descriptors lie, and that the file holds the bitmaps. */
static enum vr_err place_tables(struct vr_image *image, const struct kdump_header *h,
				struct vr_kdump *kdump, struct vr_error *err)
{
	/* No product here exceeds 2^49: two 32-bit counts and a block size of at most 2^16. */
	uint64_t off = (1 + h->sub_blocks) * h->block_size;
	uint64_t len = h->bitmap_blocks * h->block_size;

	if (off > image->file.size)
		return vr_error_set(err, VR_CORRUPT, "the file ends within its kdump sub-header");
	if (!vr_range_ok(off, len, image->file.size))
		return vr_error_set(err, VR_CORRUPT, "the file ends within its page bitmaps");
	kdump->bitmap_off = off + len / 2;
	kdump->desc_off = off + len;
	return VR_OK;
}

static enum vr_err kdump_open(struct vr_image *image, const struct vr_head *head,
			      struct vr_error *err)
{
	struct kdump_header h = {0};
	struct vr_kdump *kdump;
	enum vr_err kind = parse_header(head, &h, err);

	if (!kind)
		kind = read_utsname(head->data, &image->info, err);
	if (!kind)
		kind = parse_sub_header(image, &h, err);
	if (kind)
		return kind;
	kdump = calloc(1, sizeof(*kdump));
	if (!kdump)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	image->priv = kdump;
	image->info.page_size = h.block_size;
	image->info.max_pfn = h.max_mapnr;
	kind = place_tables(image, &h, kdump, err);
	if (!kind && (h.status & STATUS_INCOMPLETE))
		vr_image_incomplete(image, "its writer marked it so (makedumpfile)");
	if (!kind)
		kind = vr_kdump_index(image, kdump, err);
	if (!kind && h.note_size)
		kind = vr_notes_read(&image->notes, &image->file, h.note_off, h.note_size,
				     image->log, err);
	return kind ? kind : read_vmcoreinfo(image, &h, err);
}

static void kdump_close(struct vr_image *image)
{
	struct vr_kdump *kdump = image->priv;

	if (!kdump)
		return;
	vr_codec_free(&kdump->codec);
	free(kdump->window.data);
	free(kdump->ranks);
	free(kdump);
}

const struct vr_image_format vr_format_kdump = {
	.name = "kdump-compressed",
	.probe = kdump_probe,
	.open = kdump_open,
	.read_page = vr_kdump_read_page,
	.close = kdump_close,
};
