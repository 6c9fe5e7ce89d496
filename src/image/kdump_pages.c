// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/kdump.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define DESC_SIZE VR_KDUMP_DESC_SIZE

/*
 * A page's descriptor is found by its rank among the bits set in the bitmap. The directory has one
 * count for each granule of 1024 bits, which leaves at most 16 words to count; on machines above
 * 4 TiB the granules grow so that the directory doesn't (8 MiB at most).
 */
#define GRANULE_SHIFT_MIN 10u
#define GRANULES_MAX ((uint64_t)1 << 20)

#define SCAN_SIZE ((size_t)256 << 10)

/* Descriptors looked at, from the last one backwards, for pages that the file doesn't hold. */
#define TAIL_DESCS 2048u
#define TAIL_ROUNDS 64u

/* The start of struct page_desc; page_flags follow. */
struct page_desc {
	uint64_t off;
	uint32_t size;
	uint32_t flags;
};

static const char file_is_cut[] = "the file is cut off within the pages";
static const char never_written[] = "pages are listed in it that were never written";

/* Without the instruction of that name, which the baseline CPU need not have. */
static unsigned int count_bits(uint64_t w)
{
	w -= (w >> 1) & 0x5555555555555555ull;
	w = (w & 0x3333333333333333ull) + ((w >> 2) & 0x3333333333333333ull);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return (unsigned int)((w * 0x0101010101010101ull) >> 56);
}

/* Bits set in the first n bits at p, the last word of which can be read in full. */
static uint64_t count_prefix(const uint8_t *p, uint64_t n)
{
	uint64_t count = 0;

	for (; n >= 64; n -= 64, p += 8)
		count += count_bits(vr_load64(p));
	if (n)
		count += count_bits(vr_load64(p) & (((uint64_t)1 << n) - 1));
	return count;
}

/* One pass over the bitmap; bits behind max_pfn don't count. */
static enum vr_err scan_bitmap(struct vr_image *image, struct vr_kdump *kdump, struct vr_error *err)
{
	uint64_t max_pfn = image->info.max_pfn;
	uint64_t granule = (uint64_t)1 << kdump->granule_shift;
	uint8_t *buf = malloc(SCAN_SIZE);
	uint64_t count = 0;

	if (!buf)
		return vr_error_set(err, VR_NOMEM, "no memory for the page bitmap");
	for (uint64_t pfn = 0; pfn < max_pfn;) {
		uint64_t bits = VR_MIN(max_pfn - pfn, (uint64_t)SCAN_SIZE * 8);
		/* Bitmaps are whole blocks, so that there is a full word behind max_pfn's bit. */
		size_t len = (size_t)((bits + 63) / 64 * 8);
		enum vr_err kind =
			vr_file_pread(kdump->bitmap_file, kdump->bitmap_off + pfn / 8, buf, len);

		if (kind) {
			kind = vr_image_read_error(kind, "page bitmaps", err);
			free(buf);
			return kind;
		}
		for (uint64_t at = 0; at < bits;) {
			uint64_t n = VR_MIN(granule - (pfn + at) % granule, bits - at);

			if ((pfn + at) % granule == 0)
				kdump->ranks[(pfn + at) >> kdump->granule_shift] = count;
			count += count_prefix(buf + at / 8, n);
			at += n;
		}
		pfn += bits;
	}
	free(buf);
	kdump->bitmap_count = count;
	return VR_OK;
}

static struct page_desc parse_desc(const uint8_t *p)
{
	return (struct page_desc){
		.off = vr_load64(p),
		.size = vr_load32(p + 8),
		.flags = vr_load32(p + 12),
	};
}

static bool load_desc(const struct vr_kdump_part *part, uint64_t index, struct page_desc *desc)
{
	uint8_t bytes[DESC_SIZE];

	if (vr_file_load(part->file, part->desc_off + index * DESC_SIZE, bytes, sizeof(bytes)))
		return false;
	*desc = parse_desc(bytes);
	return true;
}

/* The compression is that of the first page that has one: pages may also be stored as they are. */
static void find_compression(struct vr_image *image, const struct vr_kdump_part *part)
{
	for (uint64_t i = 0; i < VR_MIN(part->desc_count, (uint64_t)1024); i++) {
		struct page_desc desc;

		if (!load_desc(part, i, &desc))
			return;
		if (desc.flags != VR_CODEC_NONE && vr_codec_name(desc.flags)) {
			image->info.compression = vr_codec_name(desc.flags);
			return;
		}
	}
}

/*
 * See whether the file holds its last pages. Writers store pages in the order of their descriptors,
 * but for pages of zeros, which share one place: so go back until another place is seen.
 */
static void check_tail(struct vr_image *image, const struct vr_kdump_part *part)
{
	uint64_t left = part->desc_count;
	uint64_t shared = 0;
	bool several = false;

	for (unsigned int round = 0; round < TAIL_ROUNDS && left && !several; round++) {
		uint64_t first = left > TAIL_DESCS ? left - TAIL_DESCS : 0;

		for (uint64_t i = first; i < left; i++) {
			struct page_desc desc;

			if (!load_desc(part, i, &desc))
				return;
			if (!desc.size) {
				vr_image_incomplete(image, "%s", never_written);
				return;
			}
			if (!vr_range_ok(desc.off, desc.size, part->file->size)) {
				vr_image_incomplete(image, "%s", file_is_cut);
				return;
			}
			if (!shared)
				shared = desc.off;
			several = several || desc.off != shared;
		}
		left = first;
	}
}

static enum vr_err check_part(struct vr_image *image, const struct vr_kdump *kdump,
			      struct vr_kdump_part *part, struct vr_error *err)
{
	uint64_t end;

	if (!vr_kdump_rank(image, kdump, part->header.start_pfn, &part->first_rank) ||
	    !vr_kdump_rank(image, kdump, part->header.end_pfn, &end))
		return vr_error_set(err, VR_CORRUPT, "the page bitmaps can't be read");
	part->desc_count = end - part->first_rank;
	image->info.stored_pages += part->desc_count;
	if (part->desc_off > part->file->size ||
	    part->desc_count > (part->file->size - part->desc_off) / DESC_SIZE)
		vr_image_incomplete(image, "the file is cut off within the page descriptors");
	else
		check_tail(image, part);
	if (!strcmp(image->info.compression, vr_codec_name(VR_CODEC_NONE)))
		find_compression(image, part);
	return VR_OK;
}

enum vr_err vr_kdump_index(struct vr_image *image, struct vr_kdump *kdump, struct vr_error *err)
{
	uint64_t max_pfn = image->info.max_pfn;
	enum vr_err kind;

	kdump->granule_shift = GRANULE_SHIFT_MIN;
	while ((max_pfn - 1) >> kdump->granule_shift >= GRANULES_MAX)
		kdump->granule_shift++;
	kdump->ranks =
		calloc((size_t)((max_pfn - 1) >> kdump->granule_shift) + 1, sizeof(*kdump->ranks));
	if (!kdump->ranks)
		return vr_error_set(err, VR_NOMEM, "no memory for the index of pages");
	kind = scan_bitmap(image, kdump, err);
	if (kind)
		return kind;
	if (!kdump->bitmap_count)
		return vr_error_set(err, VR_CORRUPT, "the dump holds not a single page");
	image->info.compression = vr_codec_name(VR_CODEC_NONE);
	for (size_t i = 0; i < kdump->part_count && !kind; i++)
		kind = check_part(image, kdump, &kdump->parts[i], err);
	return kind;
}

/* The word of the bitmap that has pfn's bit, and how many words can be read from it on. */
static const uint8_t *bitmap_word(const struct vr_kdump *kdump, uint64_t pfn, size_t *words)
{
	size_t avail = 0;
	const uint8_t *p =
		vr_file_bytes(kdump->bitmap_file, kdump->bitmap_off + pfn / 64 * 8, &avail);

	/* Bitmaps begin at a multiple of 4096: no word lies across two file blocks. */
	*words = avail / 8;
	return *words ? p : NULL;
}

/* Bits set before that of pfn, of which word is the bitmap's word. */
static bool rank_of(const struct vr_kdump *kdump, uint64_t pfn, uint64_t word, uint64_t *rank)
{
	uint64_t at = pfn >> kdump->granule_shift << kdump->granule_shift;

	*rank = kdump->ranks[pfn >> kdump->granule_shift] +
		count_bits(word & (((uint64_t)1 << pfn % 64) - 1));
	pfn = pfn / 64 * 64;
	while (at < pfn) {
		size_t words;
		const uint8_t *p = bitmap_word(kdump, at, &words);
		uint64_t n;

		if (!p)
			return false;
		n = VR_MIN(pfn - at, (uint64_t)words * 64);
		*rank += count_prefix(p, n);
		at += n;
	}
	return true;
}

bool vr_kdump_rank(const struct vr_image *image, const struct vr_kdump *kdump, uint64_t pfn,
		   uint64_t *rank)
{
	size_t words;
	const uint8_t *p;

	if (pfn >= image->info.max_pfn) {
		*rank = kdump->bitmap_count;
		return true;
	}
	p = bitmap_word(kdump, pfn, &words);
	return p && rank_of(kdump, pfn, vr_load64(p), rank);
}

/* The part that holds pfn, NULL where none does. */
static struct vr_kdump_part *find_part(const struct vr_kdump *kdump, uint64_t pfn)
{
	for (size_t i = 0; i < kdump->part_count; i++) {
		struct vr_kdump_part *part = &kdump->parts[i];

		if (pfn < part->header.end_pfn)
			return pfn >= part->header.start_pfn ? part : NULL;
	}
	return NULL;
}

/* Whether the page is stored, in which file, and which descriptor there is its. */
static enum vr_page_status find_desc(const struct vr_kdump *kdump, uint64_t pfn,
				     struct vr_kdump_part **part, uint64_t *index)
{
	size_t words;
	const uint8_t *p = bitmap_word(kdump, pfn, &words);
	uint64_t word, rank;

	if (!p)
		return VR_PAGE_DAMAGED;
	word = vr_load64(p);
	if (!(word >> (pfn % 64) & 1))
		return VR_PAGE_EXCLUDED;
	*part = find_part(kdump, pfn);
	if (!*part)
		return VR_PAGE_EXCLUDED;
	if (!rank_of(kdump, pfn, word, &rank) || rank < (*part)->first_rank)
		return VR_PAGE_DAMAGED;
	*index = rank - (*part)->first_rank;
	return *index < (*part)->desc_count ? VR_PAGE_OK : VR_PAGE_DAMAGED;
}

/* The first page from pfn on whose bit is (or isn't) set; max_pfn where there is none. */
static uint64_t find_bit(const struct vr_image *image, const struct vr_kdump *kdump, uint64_t pfn,
			 bool set)
{
	while (pfn < image->info.max_pfn) {
		size_t words;
		const uint8_t *p = bitmap_word(kdump, pfn, &words);

		if (!p)
			break;
		for (size_t i = 0; i < words && pfn < image->info.max_pfn; i++) {
			uint64_t word = vr_load64(p + 8 * i) ^ (set ? 0 : UINT64_MAX);

			word = word >> (pfn % 64) << (pfn % 64);
			if (word)
				return VR_MIN((pfn & ~63ull) + (unsigned int)__builtin_ctzll(word),
					      image->info.max_pfn);
			pfn = (pfn | 63) + 1;
		}
	}
	return image->info.max_pfn;
}

bool vr_kdump_next_run(struct vr_image *image, uint64_t pfn, uint64_t *start, uint64_t *end)
{
	const struct vr_kdump *kdump = image->priv;

	for (;;) {
		const struct vr_kdump_part *part = NULL;

		*start = pfn = find_bit(image, kdump, pfn, true);
		if (pfn >= image->info.max_pfn)
			return false;
		/* Pages of a file that wasn't given are passed over. */
		for (size_t i = 0; i < kdump->part_count && !part; i++)
			if (pfn < kdump->parts[i].header.end_pfn)
				part = &kdump->parts[i];
		if (!part)
			return false;
		if (pfn >= part->header.start_pfn) {
			*end = find_bit(image, kdump, pfn, false);
			*end = VR_MIN(*end, part->header.end_pfn);
			return true;
		}
		pfn = part->header.start_pfn;
	}
}

static bool is_zero(const uint8_t *p, size_t len)
{
	return !p[0] && !memcmp(p, p + 1, len - 1);
}

static enum vr_page_status read_plain(struct vr_image *image, struct vr_kdump_part *part,
				      uint64_t pfn, uint64_t off, uint8_t *buf)
{
	uint32_t size = image->info.page_size;

	/* Writers store one page of zeros for all of them. */
	if (off == part->zero_off) {
		memset(buf, 0, size);
		return VR_PAGE_OK;
	}
	if (vr_file_window_copy(part->file, &part->window, off, buf, size))
		return vr_image_damaged(image, pfn, "it can't be read from the file");
	if (is_zero(buf, size))
		part->zero_off = off;
	return VR_PAGE_OK;
}

/* NULL where the descriptor makes sense. */
static const char *check_desc(struct vr_image *image, const struct vr_kdump_part *part,
			      const struct page_desc *desc)
{
	uint32_t page_size = image->info.page_size;

	if (!vr_codec_name(desc->flags))
		return "its compression is not known";
	if (!desc->size) {
		vr_image_incomplete(image, "%s", never_written);
		return "it was never written";
	}
	/* Pages that don't shrink are stored as they are; grant other writers a little more. */
	if (desc->flags ? desc->size > page_size + page_size / 4 : desc->size != page_size)
		return "its size can't be right";
	if (desc->off < part->desc_off + part->desc_count * DESC_SIZE)
		return "its place in the file can't be right";
	if (!vr_range_ok(desc->off, desc->size, part->file->size)) {
		vr_image_incomplete(image, "%s", file_is_cut);
		return "the file is cut off before it";
	}
	return NULL;
}

enum vr_page_status vr_kdump_read_page(struct vr_image *image, uint64_t pfn, uint8_t *buf)
{
	struct vr_kdump *kdump = image->priv;
	struct vr_kdump_part *part;
	struct page_desc desc;
	const uint8_t *data;
	const char *wrong;
	uint64_t index;
	enum vr_page_status status = find_desc(kdump, pfn, &part, &index);

	if (status == VR_PAGE_EXCLUDED)
		return status;
	if (status != VR_PAGE_OK || !load_desc(part, index, &desc))
		return vr_image_damaged(image, pfn, "its descriptor can't be read");
	wrong = check_desc(image, part, &desc);
	if (wrong)
		return vr_image_damaged(image, pfn, wrong);
	if (desc.flags == VR_CODEC_NONE)
		return read_plain(image, part, pfn, desc.off, buf);
	data = vr_file_window_bytes(part->file, &part->window, desc.off, desc.size);
	if (!data)
		return vr_image_damaged(image, pfn, "it can't be read from the file");
	wrong = vr_codec_inflate(&kdump->codec, desc.flags, data, desc.size, buf,
				 image->info.page_size);
	return wrong ? vr_image_damaged(image, pfn, wrong) : VR_PAGE_OK;
}
