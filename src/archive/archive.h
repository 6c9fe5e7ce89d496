/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The finished product on disk: a compressed tar with its checksum, or a directory tree (--build).
 * Members enter in the caller's order; owner root, modes and times are fixed, so that the same
 * members give the same contents. Runs in a process of its own (collect/archiver.c).
 */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <vmcore-report/error.h>

enum vr_compression { VR_COMPRESS_XZ, VR_COMPRESS_GZIP, VR_COMPRESS_ZSTD, VR_COMPRESS_NONE };

/** Who may read the archive: those who have a key, or know a passphrase; neither: everybody. */
struct vr_encryption {
	const char *key;  /* by any name that gpg knows it by */
	char *passphrase; /* one line; overwritten when it isn't needed any more */
};

struct vr_archive_options {
	const char *dir;  /* where the result goes (--tmp-dir) */
	const char *name; /* the root folder's name: "sosvmcore-box-2026-11-23-abcdefg" */
	enum vr_compression compression;
	struct vr_encryption encryption; /* the file's name begins with "secured-" then */
	unsigned threads; /* for the compressor, at least 1, 16 at most; xz gives the same bytes for
			     any */
	bool build;       /* leave a directory, no tar, no checksum */
	time_t mtime;     /* of every member: the crash's time */
	bool named_temp;  /* do as on a file system that has no O_TMPFILE (tests) */
};

struct vr_archive_result {
	char path[4096]; /* of the archive or the directory */
	char sha256[65]; /* hexadecimal; "" for a directory */
	uint64_t bytes;  /* of the archive; of the files for a directory */
};

struct vr_archive;

/**
 * Begin. Nothing is visible under the final name before vr_archive_finish(); a process that is
 * killed leaves nothing, or at most an invisible unnamed file that the kernel removes (where the
 * file system has O_TMPFILE), else a hidden temporary one. A name or a path too long is VR_CORRUPT.
 * VR_OS, VR_NOMEM. The umask is the caller's: it shapes the checksum file's mode (0666) and nothing
 * else.
 */
enum vr_err vr_archive_open(const struct vr_archive_options *options, struct vr_archive **archive,
			    struct vr_error *err);
/**
 * Add a regular file (0644); folders (0755) are added before their first file. Path relative to the
 * root folder. Refused, with the archive as good as before: VR_CORRUPT where vr_path_check()
 * doesn't pass the path, where it is there already, or where it would make a file of a folder or
 * the reverse; VR_LIMIT, VR_NOMEM. VR_OS stays: what follows, vr_archive_finish() too, gives the
 * same error.
 */
enum vr_err vr_archive_add(struct vr_archive *archive, const char *path, const void *data,
			   size_t len, struct vr_error *err);
/**
 * Add a symbolic link, owner and time as of files. target is relative to the link's folder, must pass
 * vr_path_check() (so that it leads out of no folder), and need not be there. Errors as above.
 */
enum vr_err vr_archive_link(struct vr_archive *archive, const char *path, const char *target,
			    struct vr_error *err);
/**
 * Write the end, publish the checksum file (<archive>.sha256: the digest and a newline) and then
 * the archive. Releases it, whatever happens; on an error nothing remains. Never replaces what is
 * there (VR_OS with EEXIST).
 */
enum vr_err vr_archive_finish(struct vr_archive *archive, struct vr_archive_result *result,
			      struct vr_error *err);
/** Give up: removes everything that was written. archive may be NULL. */
void vr_archive_abort(struct vr_archive *archive);

/** File name ending of the result: ".tar.xz", ... */
const char *vr_compression_suffix(enum vr_compression compression);

#endif
