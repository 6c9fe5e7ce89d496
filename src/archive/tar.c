// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/xz.h"
#include "base/bits.h"

#define WRITE_BLOCK (64 << 10)
/* Each thread of xz takes some 15 MiB; no report has work for more. */
#define THREADS_MAX 16
/* What a tar header's twelve octal digits hold: beyond it each member would need another header. */
#define MTIME_MAX 077777777777LL

struct vr_tar {
	struct archive *archive;
	struct archive_entry *entry;
	struct vr_output *output;
	struct vr_xz *xz;      /* between the two, or NULL */
	struct vr_error error; /* what writing the output said */
	bool closing;          /* nothing more is to be written */
	locale_t utf8;
	time_t mtime;
};

/* libarchive is never told of failures: after one it would release its compressors only in part. */
static la_ssize_t tar_write(struct archive *archive, void *arg, const void *data, size_t len)
{
	struct vr_tar *tar = arg;

	(void)archive;
	if (tar->error.kind || tar->closing)
		return (la_ssize_t)len;
	if (tar->xz)
		vr_xz_write(tar->xz, data, len, &tar->error);
	else
		vr_output_write(tar->output, data, len, &tar->error);
	return (la_ssize_t)len;
}

/* libarchive failed: because of our output, or for a reason of its own. */
static enum vr_err tar_error(const struct vr_tar *tar, struct vr_error *err)
{
	const char *text = archive_error_string(tar->archive);
	int os_errno = archive_errno(tar->archive);

	if (tar->error.kind) {
		if (err)
			*err = tar->error;
		return tar->error.kind;
	}
	if (os_errno == ENOMEM)
		return vr_error_set(err, VR_NOMEM, "packing the archive: %s",
				    text ? text : "out of memory");
	return vr_error_os(err, os_errno > 0 ? os_errno : EIO, "packing the archive: %s",
			   text ? text : "");
}

static enum vr_err tar_result(const struct vr_tar *tar, bool ok, struct vr_error *err)
{
	return ok && !tar->error.kind ? VR_OK : tar_error(tar, err);
}

static int set_option(struct archive *a, const char *filter, const char *option, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return archive_write_set_filter_option(a, filter, option, text);
}

static unsigned thread_count(const struct vr_archive_options *options)
{
	return VR_MIN(VR_MAX(options->threads, 1u), THREADS_MAX);
}

static bool add_compressor(struct archive *a, const struct vr_archive_options *options)
{
	switch (options->compression) {
	case VR_COMPRESS_GZIP:
		/* Without its own time stamp, which would be the time of packing. */
		return archive_write_add_filter_gzip(a) == ARCHIVE_OK &&
		       set_option(a, "gzip", "compression-level", 6) == ARCHIVE_OK &&
		       archive_write_set_filter_option(a, "gzip", "timestamp", NULL) == ARCHIVE_OK;
	case VR_COMPRESS_ZSTD:
		/* Threads: from libarchive 3.6 on, where libzstd has them; else it warns. */
		return archive_write_add_filter_zstd(a) == ARCHIVE_OK &&
		       set_option(a, "zstd", "threads", thread_count(options)) >= ARCHIVE_WARN;
	case VR_COMPRESS_XZ: /* xz.h */
	case VR_COMPRESS_NONE:
		return archive_write_add_filter_none(a) == ARCHIVE_OK;
	}
	archive_set_error(a, EINVAL, "unknown compression");
	return false;
}

static bool open_stream(struct vr_tar *tar, const struct vr_archive_options *options)
{
	/* Blocks bound the size of single writes; the last one isn't padded. */
	return archive_write_set_format_pax_restricted(tar->archive) == ARCHIVE_OK &&
	       add_compressor(tar->archive, options) &&
	       archive_write_set_bytes_per_block(tar->archive, WRITE_BLOCK) == ARCHIVE_OK &&
	       archive_write_set_bytes_in_last_block(tar->archive, 1) == ARCHIVE_OK &&
	       archive_write_open(tar->archive, tar, NULL, tar_write, NULL) == ARCHIVE_OK;
}

static enum vr_err tar_init(struct vr_tar *tar, const struct vr_archive_options *options,
			    struct vr_error *err)
{
	tar->archive = archive_write_new();
	tar->entry = archive_entry_new();
	if (!tar->archive || !tar->entry)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	if (options->compression == VR_COMPRESS_XZ) {
		enum vr_err kind;

		tar->xz = calloc(1, sizeof(*tar->xz));
		if (!tar->xz)
			return vr_error_set(err, VR_NOMEM, "out of memory");
		kind = vr_xz_open(tar->xz, tar->output, thread_count(options), err);
		if (kind)
			return kind;
	}
	return open_stream(tar, options) ? VR_OK : tar_error(tar, err);
}

enum vr_err vr_tar_open(const struct vr_archive_options *options, struct vr_output *output,
			struct vr_tar **out, struct vr_error *err)
{
	struct vr_tar *tar = calloc(1, sizeof(*tar));
	enum vr_err kind;

	if (!tar)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	tar->output = output;
	tar->mtime = VR_MIN(VR_MAX(options->mtime, 0), MTIME_MAX);
	tar->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	kind = tar_init(tar, options, err);
	if (kind) {
		vr_tar_free(tar);
		return kind;
	}
	*out = tar;
	return VR_OK;
}

/* libarchive translates names from the locale's character set, which is the user's; names must not
 * depend on that. Names that aren't UTF-8 are stored as they are (hdrcharset=BINARY), with a
 * warning. */
static int write_header(struct vr_tar *tar)
{
	locale_t old = tar->utf8 ? uselocale(tar->utf8) : (locale_t)0;
	int r = archive_write_header(tar->archive, tar->entry);

	if (old)
		uselocale(old);
	return r;
}

static enum vr_err tar_member(struct vr_tar *tar, const char *path, mode_t type, mode_t mode,
			      size_t len, const char *target, struct vr_error *err)
{
	struct archive_entry *entry = tar->entry;

	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, path);
	if (target)
		archive_entry_set_symlink(entry, target);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_size(entry, (la_int64_t)len);
	archive_entry_set_mtime(entry, tar->mtime, 0);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_uname(entry, "root");
	archive_entry_set_gname(entry, "root");
	return tar_result(tar, write_header(tar) >= ARCHIVE_WARN, err);
}

enum vr_err vr_tar_dir(struct vr_tar *tar, const char *path, mode_t mode, struct vr_error *err)
{
	return tar_member(tar, path, S_IFDIR, mode, 0, NULL, err);
}

enum vr_err vr_tar_file(struct vr_tar *tar, const char *path, const void *data, size_t len,
			struct vr_error *err)
{
	const char *p = data;
	enum vr_err kind = tar_member(tar, path, S_IFREG, 0644, len, NULL, err);

	if (kind)
		return kind;
	while (len) {
		la_ssize_t n = archive_write_data(tar->archive, p, len);

		if (n <= 0 || tar->error.kind)
			return tar_error(tar, err);
		p += n;
		len -= (size_t)n;
	}
	return VR_OK;
}

enum vr_err vr_tar_link(struct vr_tar *tar, const char *path, const char *target,
			struct vr_error *err)
{
	return tar_member(tar, path, S_IFLNK, 0777, 0, target, err);
}

enum vr_err vr_tar_close(struct vr_tar *tar, struct vr_error *err)
{
	enum vr_err kind = tar_result(tar, archive_write_close(tar->archive) == ARCHIVE_OK, err);

	return !kind && tar->xz ? vr_xz_finish(tar->xz, err) : kind;
}

void vr_tar_free(struct vr_tar *tar)
{
	if (!tar)
		return;
	/* To free is to close, with a stream's end. */
	tar->closing = true;
	archive_write_free(tar->archive);
	archive_entry_free(tar->entry);
	if (tar->xz)
		vr_xz_close(tar->xz);
	free(tar->xz);
	if (tar->utf8)
		freelocale(tar->utf8);
	free(tar);
}
