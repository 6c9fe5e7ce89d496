// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LKCD dumps through libkdumpfile, where the build found one. Not before 0.5.6: earlier ones
 * corrupt their page cache when asked for pages that a dump does not hold. (Of sadump's pages 0.5.6
 * gives the first of each region for all in it, so that these are read by sadump.c.)
 */
#include <elf.h>
#include <errno.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "image/format.h"

struct vr_kdumpfile {
	kdump_ctx_t *ctx;
	char format[32]; /* the library's name for it */
};

static bool kdumpfile_probe(const struct vr_head *head)
{
	return head->len >= 8 && !memcmp(head->data, "\xed\x23\x8f\x61\x73\x01\x19\xa8", 8);
}

/* What the library says, in our words. */
static enum vr_err explain(kdump_ctx_t *ctx, kdump_status status, const char *what,
			   struct vr_error *err)
{
	switch (status) {
	case KDUMP_ERR_SYSTEM:
		if (errno == ENOMEM)
			return vr_error_set(err, VR_NOMEM, "no memory for the dump");
		return vr_error_os(err, errno, "%s: %s", what, kdump_get_err(ctx));
	case KDUMP_ERR_NOTIMPL:
		return vr_error_set(err, VR_UNSUPPORTED, "%s (libkdumpfile): %s", what,
				    kdump_get_err(ctx));
	default:
		return vr_error_set(err, VR_CORRUPT, "%s (libkdumpfile): %s", what,
				    kdump_get_err(ctx));
	}
}

static uint16_t machine_of(const char *arch)
{
	static const struct {
		const char *name;
		uint16_t machine;
	} machines[] = {
		{KDUMP_ARCH_X86_64, EM_X86_64}, {KDUMP_ARCH_AARCH64, EM_AARCH64},
		{KDUMP_ARCH_IA32, EM_386},      {KDUMP_ARCH_PPC64, EM_PPC64},
		{KDUMP_ARCH_S390X, EM_S390},    {KDUMP_ARCH_ARM, EM_ARM},
	};

	for (size_t i = 0; i < VR_ARRAY_SIZE(machines); i++) {
		if (!strcmp(arch, machines[i].name))
			return machines[i].machine;
	}
	return EM_NONE;
}

static enum vr_err check_sizes(struct vr_image *image, kdump_ctx_t *ctx, struct vr_error *err)
{
	kdump_num_t page_size, max_pfn;
	kdump_status status = kdump_get_number_attr(ctx, KDUMP_ATTR_PAGE_SIZE, &page_size);

	if (status != KDUMP_OK)
		return explain(ctx, status, "the size of its pages", err);
	status = kdump_get_number_attr(ctx, "max_pfn", &max_pfn);
	if (status != KDUMP_OK)
		return explain(ctx, status, "the number of its pages", err);
	if (page_size < VR_PAGE_SIZE_MIN || page_size > VR_PAGE_SIZE_MAX ||
	    (page_size & (page_size - 1)) || !max_pfn ||
	    max_pfn > ((uint64_t)1 << VR_PHYS_BITS) / page_size)
		return vr_error_set(err, VR_CORRUPT,
				    "the headers can't be right: %llu pages of %llu bytes",
				    (unsigned long long)max_pfn, (unsigned long long)page_size);
	image->info.page_size = (uint32_t)page_size;
	image->info.max_pfn = max_pfn;
	/* The library knows which are stored of some formats only. */
	image->info.stored_pages = max_pfn;
	return VR_OK;
}

static enum vr_err read_facts(struct vr_image *image, struct vr_kdumpfile *kd, struct vr_error *err)
{
	const char *text;
	char *vmcoreinfo;
	enum vr_err kind = VR_OK;

	if (kdump_get_string_attr(kd->ctx, KDUMP_ATTR_FILE_FORMAT, &text) == KDUMP_OK) {
		snprintf(kd->format, sizeof(kd->format), "%s", text);
		image->info.format = kd->format;
	}
	image->info.compression = "unknown";
	if (kdump_get_string_attr(kd->ctx, KDUMP_ATTR_ARCH_NAME, &text) == KDUMP_OK)
		image->info.machine = machine_of(text);
	if (kdump_get_string_attr(kd->ctx, "linux.uts.release", &text) == KDUMP_OK)
		snprintf(image->info.release, sizeof(image->info.release), "%s", text);
	if (kdump_vmcoreinfo_raw(kd->ctx, &vmcoreinfo) == KDUMP_OK) {
		kind = vr_vmcoreinfo_text((const uint8_t *)vmcoreinfo, strlen(vmcoreinfo),
					  &image->vmcoreinfo, err);
		free(vmcoreinfo);
	}
	return kind;
}

static enum vr_err kdumpfile_open(struct vr_image *image, const struct vr_head *head,
				  struct vr_error *err)
{
	struct vr_kdumpfile *kd = calloc(1, sizeof(*kd));
	kdump_status status;
	enum vr_err kind;

	(void)head;
	image->priv = kd;
	if (kd)
		kd->ctx = kdump_new();
	if (!kd || !kd->ctx)
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	/* A file that is cut while it is mapped is the end of its reader; and the sandbox forbids
	 * it. */
	status = kdump_set_number_attr(kd->ctx, KDUMP_ATTR_FILE_MMAP_POLICY, KDUMP_MMAP_NEVER);
	if (status == KDUMP_OK)
		status = kdump_open_fd(kd->ctx, image->file.fd);
	if (status != KDUMP_OK)
		return explain(kd->ctx, status, "the dump can't be opened", err);
	kind = check_sizes(image, kd->ctx, err);
	return kind ? kind : read_facts(image, kd, err);
}

static enum vr_page_status kdumpfile_read_page(struct vr_image *image, uint64_t pfn, uint8_t *buf)
{
	struct vr_kdumpfile *kd = image->priv;
	size_t len = image->info.page_size;
	kdump_status status =
		kdump_read(kd->ctx, KDUMP_MACHPHYSADDR, pfn * image->info.page_size, buf, &len);

	if (status == KDUMP_OK && len == image->info.page_size)
		return VR_PAGE_OK;
	if (status == KDUMP_ERR_NODATA)
		return VR_PAGE_EXCLUDED;
	return vr_image_damaged(image, pfn,
				status == KDUMP_OK ? "it is cut off" : kdump_get_err(kd->ctx));
}

static void kdumpfile_close(struct vr_image *image)
{
	struct vr_kdumpfile *kd = image->priv;

	if (!kd)
		return;
	if (kd->ctx)
		kdump_free(kd->ctx);
	free(kd);
}

const struct vr_image_format vr_format_kdumpfile = {
	.name = "libkdumpfile",
	.flat_name = "flattened libkdumpfile",
	.probe = kdumpfile_probe,
	.open = kdumpfile_open,
	.read_page = kdumpfile_read_page,
	.close = kdumpfile_close,
};
