// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/kdump.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define STATUS_INCOMPLETE 0x8u

/* Both bitmaps. No product here exceeds 2^49: two 32-bit counts and a block size of at most 2^16.
 */
static uint64_t bitmaps_size(const struct vr_kdump_header *h)
{
	return h->bitmap_blocks * h->block_size;
}

/* Files are called by the order in which they were given. */
static size_t file_number(const struct vr_image *image, const struct vr_file *file)
{
	return file == &image->file ? 1 : (size_t)(file - image->others) + 2;
}

static bool same_dump(const struct vr_kdump_header *a, const struct vr_kdump_header *b)
{
	return a->version == b->version && a->block_size == b->block_size &&
	       a->sub_blocks == b->sub_blocks && a->bitmap_blocks == b->bitmap_blocks &&
	       a->max_mapnr == b->max_mapnr && a->phys_base == b->phys_base &&
	       !memcmp(a->identity, b->identity, sizeof(a->identity));
}

static enum vr_err read_part(struct vr_image *image, struct vr_kdump *kdump, struct vr_file *file,
			     struct vr_error *err)
{
	struct vr_kdump_part *part = &kdump->parts[kdump->part_count];
	const struct vr_kdump_header *h = &part->header;
	uint8_t magic[8];
	struct vr_head head = {.data = magic, .len = sizeof(magic)};
	enum vr_err kind;

	part->file = file;
	if (vr_file_pread(file, 0, magic, sizeof(magic)) || !vr_kdump_probe(&head))
		return vr_error_set(err, VR_UNSUPPORTED, "not a part of a split dump");
	kind = vr_kdump_header_read(file, &part->header, err);
	if (kind)
		return kind;
	if (image->other_count && !h->split)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a dump of its own, not a part of a split one");
	if (kdump->part_count && !same_dump(h, &kdump->parts[0].header))
		return vr_error_set(err, VR_CORRUPT, "a part of another dump than file 1");
	part->desc_off = (1 + h->sub_blocks) * h->block_size + bitmaps_size(h);
	kdump->part_count++;
	return vr_file_window_init(&part->window)
		       ? vr_error_set(err, VR_NOMEM, "no memory for the dump")
		       : VR_OK;
}

static enum vr_err read_parts(struct vr_image *image, struct vr_kdump *kdump, struct vr_error *err)
{
	kdump->parts = calloc(1 + image->other_count, sizeof(*kdump->parts));
	if (!kdump->parts)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	for (size_t i = 0; i <= image->other_count; i++) {
		struct vr_file *file = i ? &image->others[i - 1] : &image->file;
		enum vr_err kind = read_part(image, kdump, file, err);

		if (kind) {
			if (image->other_count)
				vr_error_prefix(err, "file %zu", i + 1);
			return kind;
		}
	}
	return VR_OK;
}

static int compare_parts(const void *a, const void *b)
{
	const struct vr_kdump_header *x = &((const struct vr_kdump_part *)a)->header;
	const struct vr_kdump_header *y = &((const struct vr_kdump_part *)b)->header;

	if (x->start_pfn != y->start_pfn)
		return x->start_pfn < y->start_pfn ? -1 : 1;
	return x->end_pfn < y->end_pfn ? -1 : x->end_pfn > y->end_pfn;
}

static enum vr_err sort_parts(struct vr_image *image, struct vr_kdump *kdump, struct vr_error *err)
{
	struct vr_kdump_part *parts = kdump->parts;

	qsort(parts, kdump->part_count, sizeof(*parts), compare_parts);
	for (size_t i = 1; i < kdump->part_count; i++) {
		if (parts[i].header.start_pfn < parts[i - 1].header.end_pfn)
			return vr_error_set(err, VR_CORRUPT,
					    "file %zu and file %zu hold the same pages: is a part "
					    "given twice?",
					    file_number(image, parts[i - 1].file),
					    file_number(image, parts[i].file));
	}
	return VR_OK;
}

static enum vr_err read_vmcoreinfo(struct vr_image *image, const struct vr_kdump_part *part,
				   struct vr_error *err)
{
	uint64_t off = part->header.vmcoreinfo_off;
	uint64_t len = part->header.vmcoreinfo_size;
	uint8_t *data;
	enum vr_err kind;

	/* The note holds the same text; a damaged field here need not cost it. */
	if (len && len <= VR_NOTE_DESC_MAX && vr_range_ok(off, len, part->file->size)) {
		data = malloc((size_t)len);
		if (!data)
			return vr_error_set(err, VR_NOMEM, "no memory for VMCOREINFO");
		kind = vr_file_pread(part->file, off, data, (size_t)len);
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

/* All files have the bitmaps and notes: take the first one that isn't cut off before their end. */
static const struct vr_kdump_part *choose_part(const struct vr_kdump *kdump, struct vr_error *err)
{
	const struct vr_kdump_part *first = kdump->parts;

	for (size_t i = 0; i < kdump->part_count; i++) {
		if (kdump->parts[i].desc_off <= kdump->parts[i].file->size)
			return &kdump->parts[i];
	}
	vr_error_set(err, VR_CORRUPT, "the file ends within its %s",
		     first->desc_off - bitmaps_size(&first->header) > first->file->size
			     ? "kdump sub-header"
			     : "page bitmaps");
	return NULL;
}

/* Pages of parts that aren't there; those of the memory's holes aren't missed. */
static void find_gaps(struct vr_image *image, const struct vr_kdump *kdump)
{
	uint64_t max_pfn = image->info.max_pfn;
	uint64_t from = 0;

	for (size_t i = 0; i <= kdump->part_count; i++) {
		bool end = i == kdump->part_count;
		uint64_t to = end ? max_pfn : kdump->parts[i].header.start_pfn;
		uint64_t before, after;

		if (vr_kdump_rank(image, kdump, from, &before) &&
		    vr_kdump_rank(image, kdump, to, &after) && after > before)
			vr_image_incomplete(image,
					    "%llu pages, frames 0x%llx to 0x%llx, are in a part "
					    "of the split dump that was not given",
					    (unsigned long long)(after - before),
					    (unsigned long long)from, (unsigned long long)to - 1);
		if (!end)
			from = kdump->parts[i].header.end_pfn;
	}
}

static enum vr_err read_tables(struct vr_image *image, struct vr_kdump *kdump, struct vr_error *err)
{
	const struct vr_kdump_part *part = choose_part(kdump, err);
	enum vr_err kind;

	if (!part)
		return VR_CORRUPT;
	kdump->bitmap_file = part->file;
	kdump->bitmap_off = part->desc_off - bitmaps_size(&part->header) / 2;
	for (size_t i = 0; i < kdump->part_count; i++) {
		if (kdump->parts[i].header.status & STATUS_INCOMPLETE)
			vr_image_incomplete(image, "its writer marked it so (makedumpfile)");
	}
	kind = vr_kdump_index(image, kdump, err);
	if (!kind)
		find_gaps(image, kdump);
	if (!kind && part->header.note_size)
		kind = vr_notes_read(&image->notes, part->file, part->header.note_off,
				     part->header.note_size, image->log, err);
	return kind ? kind : read_vmcoreinfo(image, part, err);
}

static enum vr_err kdump_open(struct vr_image *image, const struct vr_head *head,
			      struct vr_error *err)
{
	struct vr_kdump *kdump = calloc(1, sizeof(*kdump));
	const struct vr_kdump_header *h;
	enum vr_err kind;

	(void)head;
	if (!kdump)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	image->priv = kdump;
	kind = read_parts(image, kdump, err);
	if (!kind)
		kind = sort_parts(image, kdump, err);
	if (kind)
		return kind;
	h = &kdump->parts[0].header;
	if (h->version > VR_KDUMP_VERSION)
		vr_log(image->log, VR_LOG_WARNING,
		       "the dump's format has version %u, this program knows versions up to %u: "
		       "it is read as one of those",
		       h->version, VR_KDUMP_VERSION);
	image->info.page_size = h->block_size;
	image->info.max_pfn = h->max_mapnr;
	kind = vr_kdump_utsname(h, &image->info, err);
	return kind ? kind : read_tables(image, kdump, err);
}

static void kdump_close(struct vr_image *image)
{
	struct vr_kdump *kdump = image->priv;

	if (!kdump)
		return;
	for (size_t i = 0; i < kdump->part_count; i++)
		free(kdump->parts[i].window.data);
	vr_codec_free(&kdump->codec);
	free(kdump->parts);
	free(kdump->ranks);
	free(kdump);
}

const struct vr_image_format vr_format_kdump = {
	.name = "kdump-compressed",
	.flat_name = "flattened kdump-compressed",
	.several = true,
	.probe = vr_kdump_probe,
	.open = kdump_open,
	.read_page = vr_kdump_read_page,
	.next_run = vr_kdump_next_run,
	.close = kdump_close,
};
