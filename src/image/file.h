/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dump as a file of bytes: exact reads and a small cache of file blocks for the tables in it.
 * The one door to the descriptor, so that a format which rearranges the file can stand behind it.
 */
#ifndef IMAGE_FILE_H
#define IMAGE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

struct vr_file_block;
struct vr_flat;

struct vr_file {
	int fd;               /* the opener's */
	uint64_t size;        /* bytes, as of the open */
	struct vr_flat *flat; /* reads go through it; NULL: a file as it is */
	struct vr_file_block *blocks;
	size_t last; /* block used last */
	uint64_t tick;
};

/**
 * Begin reading fd, which stays the caller's. Of a flattened file (flat.h) the size and all reads
 * are those of the file that it stands for. VR_UNSUPPORTED (directory, pipe, empty file: the text
 * says which), VR_OS, VR_NOMEM, and as vr_flat_open(). vr_file_close() in any case, on a zeroed or
 * opened file.
 */
enum vr_err vr_file_open(struct vr_file *file, int fd, struct vr_error *err);
void vr_file_close(struct vr_file *file);

/** Read exactly len bytes of a descriptor at off. VR_CORRUPT where it ends before, VR_OS (errno).
 */
enum vr_err vr_fd_pread(int fd, uint64_t off, void *buf, size_t len);

/**
 * Read exactly len bytes at off. VR_CORRUPT where the file ends before, VR_OS (errno is set); the
 * caller words the error, since it knows what was to be read.
 */
enum vr_err vr_file_pread(const struct vr_file *file, uint64_t off, void *buf, size_t len);

/**
 * The cached bytes at off, *avail (at least 1) of them up to the end of their file block; valid
 * until the next call on this file. NULL where off is behind the end or can't be read.
 */
const uint8_t *vr_file_bytes(struct vr_file *file, uint64_t off, size_t *avail);

/** Copy len bytes at off through the block cache, for small records. Errors as vr_file_pread(). */
enum vr_err vr_file_load(struct vr_file *file, uint64_t off, void *buf, size_t len);

/*
 * The bytes read last, with more read ahead where reads follow each other in the file: little at
 * first, twice as much each time it proves right. Zero-initialise, then vr_file_window_init().
 */
#define VR_WINDOW_MAX ((size_t)128 << 10)

struct vr_file_window {
	uint8_t *data;
	uint64_t off; /* in the file */
	size_t len;
	uint64_t next; /* end of what was asked for last */
	size_t ahead;  /* bytes to read when the reads go on behind next */
};

/** VR_NOMEM. free(window->data) at the end. */
enum vr_err vr_file_window_init(struct vr_file_window *window);

/**
 * size bytes (at most VR_WINDOW_MAX) at off, valid until the next call with this window. NULL where
 * the file ends before or can't be read.
 */
const uint8_t *vr_file_window_bytes(const struct vr_file *file, struct vr_file_window *window,
				    uint64_t off, size_t size);

/** Copy them to buf: straight from the file unless they are, or should be, in the window. */
enum vr_err vr_file_window_copy(const struct vr_file *file, struct vr_file_window *window,
				uint64_t off, void *buf, size_t size);

#endif
