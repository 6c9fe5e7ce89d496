// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/names.h"
#include "archive/output.h"
#include "archive/path.h"
#include "archive/tar.h"
#include "archive/tree.h"

/* "secured-", the longest ending, ".tar.zst.gpg.sha256", and what a hidden name adds still fit in
 * NAME_MAX. */
#define NAME_BYTES_MAX 200

struct vr_archive {
	char *where;
	int dir;
	char name[NAME_BYTES_MAX + 1];
	bool build;
	bool encrypted;
	bool named_temp;
	struct vr_names names;
	struct vr_error error;   /* the one that stays */
	struct vr_output output; /* without build */
	struct vr_tar *tar;
	struct vr_tree tree; /* with build */
	char result[PATH_MAX];
	char result_name[256];
};

const char *vr_compression_suffix(enum vr_compression compression)
{
	switch (compression) {
	case VR_COMPRESS_XZ:
		return ".tar.xz";
	case VR_COMPRESS_GZIP:
		return ".tar.gz";
	case VR_COMPRESS_ZSTD:
		return ".tar.zst";
	case VR_COMPRESS_NONE:
		break;
	}
	return ".tar";
}

void vr_archive_abort(struct vr_archive *archive)
{
	if (!archive)
		return;
	vr_tar_free(archive->tar);
	vr_output_discard(&archive->output);
	vr_tree_remove(&archive->tree);
	vr_names_free(&archive->names);
	if (archive->dir >= 0)
		close(archive->dir);
	free(archive->where);
	free(archive);
}

static enum vr_err check_name(const char *name, struct vr_error *err)
{
	const char *why = vr_path_check(name);

	if (!why && (strchr(name, '/') || strlen(name) > NAME_BYTES_MAX))
		why = "it has a slash or is longer than 200 bytes";
	return why ? vr_error_set(err, VR_CORRUPT, "no name for an archive: %s", why) : VR_OK;
}

static enum vr_err open_place(struct vr_archive *archive, const struct vr_archive_options *options,
			      struct vr_error *err)
{
	size_t len = strlen(options->dir);
	const char *slash = len && options->dir[len - 1] == '/' ? "" : "/";
	const char *suffix = options->build ? "" : vr_compression_suffix(options->compression);
	int n;

	archive->where = strdup(options->dir);
	if (!archive->where)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	snprintf(archive->name, sizeof(archive->name), "%s", options->name);
	snprintf(archive->result_name, sizeof(archive->result_name), "%s%s%s%s",
		 archive->encrypted ? "secured-" : "", archive->name, suffix,
		 archive->encrypted ? ".gpg" : "");
	n = snprintf(archive->result, sizeof(archive->result), "%s%s%s", options->dir, slash,
		     archive->result_name);
	if (n < 0 || (size_t)n >= sizeof(archive->result))
		return vr_error_os(err, ENAMETOOLONG, "can't write to %s", options->dir);
	archive->dir = open(options->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (archive->dir < 0)
		return vr_error_os(err, errno, "can't open the folder %s", options->dir);
	return VR_OK;
}

static enum vr_err open_result(struct vr_archive *archive, const struct vr_archive_options *options,
			       struct vr_error *err)
{
	enum vr_err kind;

	if (archive->build)
		return vr_tree_open(&archive->tree, &archive->names, archive->dir, archive->where,
				    archive->name, options->mtime, err);
	kind = vr_output_open(&archive->output, archive->dir, archive->where, archive->result_name,
			      0600, archive->named_temp, err);
	if (!kind && archive->encrypted)
		kind = vr_output_encrypt(&archive->output, &options->encryption, err);
	if (!kind)
		kind = vr_tar_open(options, &archive->output, &archive->tar, err);
	if (!kind)
		kind = vr_tar_dir(archive->tar, archive->name, 0700, err);
	return kind;
}

enum vr_err vr_archive_open(const struct vr_archive_options *options, struct vr_archive **out,
			    struct vr_error *err)
{
	enum vr_err kind = check_name(options->name, err);
	struct vr_archive *archive;

	if (kind)
		return kind;
	archive = calloc(1, sizeof(*archive));
	if (!archive)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	archive->dir = -1;
	archive->output.fd = -1;
	archive->tree.root = -1;
	archive->build = options->build;
	archive->encrypted =
		!options->build && (options->encryption.key || options->encryption.passphrase);
	archive->named_temp = options->named_temp;
	kind = vr_names_init(&archive->names, err);
	if (!kind)
		kind = open_place(archive, options, err);
	if (!kind)
		kind = open_result(archive, options, err);
	if (kind) {
		vr_archive_abort(archive);
		return kind;
	}
	*out = archive;
	return VR_OK;
}

/* What a member is: a link where it has a target. */
struct content {
	const void *data;
	size_t len;
	const char *target;
};

static enum vr_err add_to_tree(struct vr_archive *archive, uint32_t number,
			       const struct content *content, struct vr_error *err)
{
	if (archive->names.names[number].dir)
		return vr_tree_dir(&archive->tree, number, err);
	if (content->target)
		return vr_tree_link(&archive->tree, number, content->target, err);
	return vr_tree_file(&archive->tree, number, content->data, content->len, err);
}

/* Write the member of that number: a new folder, or what all this is for. */
static enum vr_err add_member(struct vr_archive *archive, uint32_t number,
			      const struct content *content, struct vr_error *err)
{
	char path[NAME_BYTES_MAX + 1 + VR_NAMES_PATH_MAX];
	size_t root;

	if (archive->build)
		return add_to_tree(archive, number, content, err);
	root = strlen(archive->name);
	memcpy(path, archive->name, root);
	path[root] = '/';
	vr_names_path(&archive->names, number, path + root + 1);
	if (archive->names.names[number].dir)
		return vr_tar_dir(archive->tar, path, 0755, err);
	if (content->target)
		return vr_tar_link(archive->tar, path, content->target, err);
	return vr_tar_file(archive->tar, path, content->data, content->len, err);
}

static enum vr_err sticky(const struct vr_archive *archive, struct vr_error *err)
{
	if (err)
		*err = archive->error;
	return archive->error.kind;
}

static enum vr_err check_path(const struct vr_archive *archive, const char *path,
			      struct vr_error *err)
{
	const char *why = vr_path_check(path);

	/* With the root folder before it, it must remain a path that can be opened. */
	if (!why && strlen(archive->name) + 1 + strlen(path) >= PATH_MAX)
		why = "too long to be extracted";
	return why ? vr_error_set(err, VR_CORRUPT, "%.120s: %s", path, why) : VR_OK;
}

static enum vr_err add_path(struct vr_archive *archive, const char *path,
			    const struct content *content, struct vr_error *err)
{
	uint32_t first = archive->names.count;
	enum vr_err kind;

	if (archive->error.kind)
		return sticky(archive, err);
	kind = check_path(archive, path, err);
	if (!kind)
		kind = vr_names_add(&archive->names, path, err);
	if (kind)
		return kind;
	for (uint32_t i = first; i < archive->names.count; i++)
		if (add_member(archive, i, content, &archive->error))
			return sticky(archive, err);
	return VR_OK;
}

enum vr_err vr_archive_add(struct vr_archive *archive, const char *path, const void *data,
			   size_t len, struct vr_error *err)
{
	return add_path(archive, path, &(struct content){.data = data, .len = len}, err);
}

enum vr_err vr_archive_link(struct vr_archive *archive, const char *path, const char *target,
			    struct vr_error *err)
{
	const char *why = vr_path_check(target);

	if (why && !archive->error.kind)
		return vr_error_set(err, VR_CORRUPT, "%.120s: no target for a link: %s", path, why);
	return add_path(archive, path, &(struct content){.target = target}, err);
}

static enum vr_err make_checksum(struct vr_archive *archive, struct vr_output *checksum,
				 const char *sha256, struct vr_error *err)
{
	char name[256];
	enum vr_err kind;

	snprintf(name, sizeof(name), "%.240s.sha256", archive->result_name);
	kind = vr_output_open(checksum, archive->dir, archive->where, name, 0666,
			      archive->named_temp, err);
	if (!kind)
		kind = vr_output_write(checksum, sha256, strlen(sha256), err);
	if (!kind)
		kind = vr_output_write(checksum, "\n", 1, err);
	if (kind) {
		vr_output_discard(checksum);
		return kind;
	}
	return vr_output_publish(checksum, err);
}

/* The checksum comes first, so that whoever waits for the archive finds both. */
static enum vr_err finish_tar(struct vr_archive *archive, struct vr_archive_result *result,
			      struct vr_error *err)
{
	struct vr_output checksum;
	enum vr_err kind = vr_tar_close(archive->tar, err);

	if (!kind && archive->encrypted)
		kind = vr_output_seal(&archive->output, err);
	if (kind)
		return kind;
	result->bytes = archive->output.bytes;
	vr_output_sha256(&archive->output, result->sha256);
	kind = make_checksum(archive, &checksum, result->sha256, err);
	if (kind)
		return kind;
	kind = vr_output_publish(&archive->output, err);
	if (kind)
		unlinkat(archive->dir, checksum.name, 0);
	return kind;
}

static enum vr_err finish_tree(struct vr_archive *archive, struct vr_archive_result *result,
			       struct vr_error *err)
{
	result->bytes = archive->tree.bytes;
	return vr_tree_publish(&archive->tree, err);
}

enum vr_err vr_archive_finish(struct vr_archive *archive, struct vr_archive_result *result,
			      struct vr_error *err)
{
	enum vr_err kind = archive->error.kind ? sticky(archive, err) : VR_OK;

	*result = (struct vr_archive_result){0};
	if (!kind)
		kind = archive->build ? finish_tree(archive, result, err)
				      : finish_tar(archive, result, err);
	if (!kind)
		memcpy(result->path, archive->result, sizeof(result->path));
	vr_archive_abort(archive);
	return kind;
}
