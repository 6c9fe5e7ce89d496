// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <string.h>

#include "base/bits.h"
#include "image/kdump.h"

/* Where the members of struct disk_dump_header lie on LP64 machines. */
enum {
	HEADER_VERSION = 8,
	HEADER_UTSNAME = 12, /* six fields of 65 bytes, then the time */
	HEADER_STATUS = 424,
	HEADER_BLOCK_SIZE = 428,
	HEADER_BLOCK_SIZE_32BIT = 416, /* a 32-bit machine's timeval is shorter and less aligned */
	HEADER_SUB_SIZE = 432,
	HEADER_BITMAP_BLOCKS = 436,
	HEADER_MAX_MAPNR = 440,
	HEADER_SIZE = 464,
};

#define UTS_FIELD 65u
#define UTS_RELEASE ((size_t)2 * UTS_FIELD)
#define UTS_MACHINE ((size_t)4 * UTS_FIELD)

/* Likewise of struct kdump_sub_header. */
enum {
	SUB_PHYS_BASE = 0,
	SUB_SPLIT = 12,
	SUB_START_PFN = 16,
	SUB_END_PFN = 24,
	SUB_OFFSET_VMCOREINFO = 32,
	SUB_SIZE_VMCOREINFO = 40,
	SUB_OFFSET_NOTE = 48,
	SUB_SIZE_NOTE = 56,
	SUB_START_PFN_64 = 80,
	SUB_END_PFN_64 = 88,
	SUB_MAX_MAPNR_64 = 96,
	SUB_SIZE = 104,
};

/* Bytes of the sub-header that each header_version has. */
static const uint32_t sub_header_sizes[] = {0, 16, 32, 48, 64, 80, SUB_SIZE};

#define VERSION_SPLIT 2
#define VERSION_VMCOREINFO 3
#define VERSION_NOTE 4
#define VERSION_64 6

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

static enum vr_err parse_header(const uint8_t *data, struct vr_kdump_header *h,
				struct vr_error *err)
{
	enum vr_err kind = check_layout(data, err);

	if (kind)
		return kind;
	h->version = vr_load32(data + HEADER_VERSION);
	if (h->version == 0 || h->version > INT32_MAX)
		return vr_error_set(err, VR_CORRUPT, "the kdump header can't be right: version %d",
				    (int32_t)h->version);
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
static enum vr_err choose_max_mapnr(struct vr_kdump_header *h, uint64_t wide, struct vr_error *err)
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

/* The pages whose data is in this file. */
static enum vr_err parse_split(const uint8_t *sub, struct vr_kdump_header *h, struct vr_error *err)
{
	bool wide = h->version >= VERSION_64;

	h->start_pfn = vr_load64(sub + (wide ? SUB_START_PFN_64 : SUB_START_PFN));
	h->end_pfn = vr_load64(sub + (wide ? SUB_END_PFN_64 : SUB_END_PFN));
	if (h->start_pfn <= h->end_pfn && h->end_pfn <= h->max_mapnr)
		return VR_OK;
	return vr_error_set(err, VR_CORRUPT,
			    "the kdump sub-header can't be right: a part that holds page frames "
			    "0x%llx to 0x%llx of 0x%llx",
			    (unsigned long long)h->start_pfn, (unsigned long long)h->end_pfn,
			    (unsigned long long)h->max_mapnr);
}

static enum vr_err parse_sub_header(struct vr_file *file, struct vr_kdump_header *h,
				    struct vr_error *err)
{
	uint32_t known = VR_MIN(h->version, (uint32_t)VR_ARRAY_SIZE(sub_header_sizes) - 1);
	uint8_t sub[SUB_SIZE] = {0};
	enum vr_err kind = vr_file_pread(file, h->block_size, sub, sub_header_sizes[known]);

	if (kind)
		return vr_image_read_error(kind, "kdump sub-header", err);
	h->phys_base = vr_load64(sub + SUB_PHYS_BASE);
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
	kind = choose_max_mapnr(h, h->version >= VERSION_64 ? vr_load64(sub + SUB_MAX_MAPNR_64) : 0,
				err);
	if (kind)
		return kind;
	h->end_pfn = h->max_mapnr;
	return h->split ? parse_split(sub, h, err) : VR_OK;
}

bool vr_kdump_probe(const struct vr_head *head)
{
	return head->len >= 8 && !memcmp(head->data, "KDUMP   ", 8);
}

enum vr_err vr_kdump_header_read(struct vr_file *file, struct vr_kdump_header *h,
				 struct vr_error *err)
{
	uint8_t data[HEADER_SIZE];
	enum vr_err kind = vr_file_pread(file, 0, data, sizeof(data));

	*h = (struct vr_kdump_header){0};
	if (kind)
		return vr_image_read_error(kind, "kdump header", err);
	kind = parse_header(data, h, err);
	if (kind)
		return kind;
	memcpy(h->identity, data + HEADER_UTSNAME, sizeof(h->identity));
	return parse_sub_header(file, h, err);
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

enum vr_err vr_kdump_utsname(const struct vr_kdump_header *h, struct vr_image_info *info,
			     struct vr_error *err)
{
	const char *release = (const char *)h->identity + UTS_RELEASE;
	char machine[UTS_FIELD + 1] = {0};
	size_t len = strnlen(release, UTS_FIELD);

	memcpy(machine, h->identity + UTS_MACHINE, UTS_FIELD);
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
