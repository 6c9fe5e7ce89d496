// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/image.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "image/flat.h"
#include "image/foreign.h"
#include "image/format.h"

#define CACHE_BYTES_DEFAULT ((size_t)32 << 20)
#define CACHE_PAGES_MIN 64u
#define CACHE_PAGES_MAX (1u << 28)
#define COMPLAINTS_MAX 16u

static const struct vr_image_format *const formats[] = {
	&vr_format_kdump,
	&vr_format_elf,
	&vr_format_sadump,
#ifdef VR_LIBKDUMPFILE
	&vr_format_kdumpfile,
#endif
};

void vr_image_incomplete(struct vr_image *image, const char *fmt, ...)
{
	va_list args;

	if (image->info.incomplete)
		return;
	va_start(args, fmt);
	vsnprintf(image->incomplete_why, sizeof(image->incomplete_why), fmt, args);
	va_end(args);
	image->info.incomplete = true;
	image->info.incomplete_why = image->incomplete_why;
	vr_log(image->log, VR_LOG_WARNING, "the dump is incomplete: %s", image->incomplete_why);
}

enum vr_page_status vr_image_damaged(struct vr_image *image, uint64_t pfn, const char *why)
{
	if (image->complaints < COMPLAINTS_MAX) {
		image->complaints++;
		vr_log(image->log, VR_LOG_WARNING, "page frame 0x%llx is damaged: %s%s",
		       (unsigned long long)pfn, why,
		       image->complaints == COMPLAINTS_MAX ? " (others won't be logged)" : "");
	}
	return VR_PAGE_DAMAGED;
}

enum vr_err vr_image_read_error(enum vr_err kind, const char *what, struct vr_error *err)
{
	if (kind == VR_CORRUPT)
		return vr_error_set(err, VR_CORRUPT, "the file ends within its %s", what);
	return vr_error_os(err, errno, "can't read the %s", what);
}

static enum vr_err open_format(struct vr_image *image, struct vr_error *err)
{
	uint8_t bytes[VR_HEAD_SIZE];
	struct vr_head head = {
		.data = bytes,
		.len = (size_t)VR_MIN((uint64_t)VR_HEAD_SIZE, image->file.size),
	};
	enum vr_err kind = vr_file_pread(&image->file, 0, bytes, head.len);

	if (kind)
		return vr_image_read_error(kind, "header", err);
	for (size_t i = 0; i < VR_ARRAY_SIZE(formats); i++) {
		if (!formats[i]->probe(&head))
			continue;
		if (image->other_count && !formats[i]->several)
			return vr_error_set(err, VR_UNSUPPORTED,
					    "several files, and the first is a dump of its own "
					    "(%s): only parts of a split one go together",
					    formats[i]->name);
		image->format = formats[i];
		image->info.format = image->file.flat ? formats[i]->flat_name : formats[i]->name;
		return formats[i]->open(image, &head, err);
	}
	return vr_foreign_explain(&head, err);
}

static enum vr_err make_caches(struct vr_image *image, size_t cache_bytes, struct vr_error *err)
{
	uint64_t count = (cache_bytes ? cache_bytes : CACHE_BYTES_DEFAULT) / image->info.page_size;

	/* More slots than pages are of no use. */
	count = VR_MIN(count, image->info.stored_pages);
	count = VR_MIN(VR_MAX(count, CACHE_PAGES_MIN), CACHE_PAGES_MAX);
	image->missing = calloc(VR_MISSING_COUNT, sizeof(*image->missing));
	if (!image->missing ||
	    vr_page_cache_init(&image->cache, (uint32_t)count, image->info.page_size))
		return vr_error_set(err, VR_NOMEM, "no memory for the page cache");
	return VR_OK;
}

static enum vr_err open_file(struct vr_image *image, struct vr_file *file, int fd,
			     struct vr_error *err)
{
	enum vr_err kind = vr_file_open(file, fd, err);

	if (!kind && file->flat && vr_flat_wrong(file->flat))
		vr_image_incomplete(image, "%s", vr_flat_wrong(file->flat));
	return kind;
}

static enum vr_err open_files(struct vr_image *image, const int *fds, size_t count,
			      struct vr_error *err)
{
	enum vr_err kind = open_file(image, &image->file, fds[0], err);

	if (count == 1 || kind)
		return kind;
	image->others = calloc(count - 1, sizeof(*image->others));
	if (!image->others)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	for (size_t i = 1; i < count; i++) {
		image->other_count = i;
		kind = open_file(image, &image->others[i - 1], fds[i], err);
		if (kind) {
			vr_error_prefix(err, "file %zu", i + 1);
			return kind;
		}
	}
	return VR_OK;
}

enum vr_err vr_image_open_files(const int *fds, size_t count, size_t cache_bytes,
				const struct vr_log *log, struct vr_image **image,
				struct vr_error *err)
{
	struct vr_image *made;
	enum vr_err kind;

	*image = NULL;
	if (!count || count > VR_IMAGE_FILES_MAX)
		return vr_error_set(err, VR_UNSUPPORTED, "a dump in %zu files: 1 to %u can be read",
				    count, VR_IMAGE_FILES_MAX);
	made = calloc(1, sizeof(*made));
	if (!made)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	made->log = log;
	kind = open_files(made, fds, count, err);
	if (!kind)
		kind = open_format(made, err);
	if (!kind)
		kind = make_caches(made, cache_bytes, err);
	if (kind) {
		vr_image_close(made);
		return kind;
	}
	*image = made;
	return VR_OK;
}

enum vr_err vr_image_open(int fd, size_t cache_bytes, const struct vr_log *log,
			  struct vr_image **image, struct vr_error *err)
{
	return vr_image_open_files(&fd, 1, cache_bytes, log, image, err);
}

void vr_image_close(struct vr_image *image)
{
	if (!image)
		return;
	if (image->format)
		image->format->close(image);
	vr_notes_free(&image->notes);
	vr_page_cache_free(&image->cache);
	vr_file_close(&image->file);
	for (size_t i = 0; i < image->other_count; i++)
		vr_file_close(&image->others[i]);
	free(image->others);
	free(image->missing);
	free(image->vmcoreinfo);
	free(image);
}

const struct vr_image_info *vr_image_info(const struct vr_image *image)
{
	return &image->info;
}

const struct vr_image_counts *vr_image_counts(const struct vr_image *image)
{
	return &image->counts;
}

const struct vr_note *vr_image_notes(const struct vr_image *image, size_t *count)
{
	*count = image->notes.count;
	return image->notes.items;
}

const char *vr_image_vmcoreinfo(const struct vr_image *image)
{
	return image->vmcoreinfo;
}

static enum vr_page_status count_missing(struct vr_image *image, enum vr_page_status status)
{
	if (status == VR_PAGE_EXCLUDED)
		image->counts.excluded++;
	else
		image->counts.damaged++;
	return status;
}

static enum vr_page_status load_page(struct vr_image *image, uint64_t pfn, struct vr_page **page)
{
	uint64_t *missing = &image->missing[pfn % VR_MISSING_COUNT];
	enum vr_page_status status;
	struct vr_page *slot;

	if (pfn >= image->info.max_pfn)
		return count_missing(image, VR_PAGE_EXCLUDED);
	if (*missing >> 2 == pfn && (*missing & 3))
		return count_missing(image, (enum vr_page_status)(*missing & 3));
	slot = vr_page_cache_reserve(&image->cache);
	status = image->format->read_page(image, pfn, slot->data);
	if (status != VR_PAGE_OK) {
		*missing = pfn << 2 | (uint64_t)status;
		return count_missing(image, status);
	}
	vr_page_cache_insert(&image->cache, pfn);
	image->counts.read++;
	*page = slot;
	return VR_PAGE_OK;
}

enum vr_page_status vr_image_page(struct vr_image *image, uint64_t pfn, struct vr_page **page)
{
	struct vr_page *hit = vr_page_cache_find(&image->cache, pfn);

	if (!hit)
		return load_page(image, pfn, page);
	*page = hit;
	return VR_PAGE_OK;
}

enum vr_page_status vr_image_read(struct vr_image *image, uint64_t addr, void *buf, size_t len,
				  uint64_t *bad_addr)
{
	uint32_t page_size = image->info.page_size;
	uint8_t *to = buf;

	while (len) {
		size_t in_page = (size_t)(addr & (page_size - 1));
		size_t n = VR_MIN(len, page_size - in_page);
		struct vr_page *page;
		enum vr_page_status status = vr_image_page(image, addr / page_size, &page);

		if (status != VR_PAGE_OK) {
			if (bad_addr)
				*bad_addr = addr;
			return status;
		}
		memcpy(to, page->data + in_page, n);
		to += n;
		len -= n;
		/* Nothing is stored at the very top, so that a wrap ends in VR_PAGE_EXCLUDED. */
		if (len && addr + n < addr) {
			if (bad_addr)
				*bad_addr = UINT64_MAX;
			return VR_PAGE_EXCLUDED;
		}
		addr += n;
	}
	return VR_PAGE_OK;
}
