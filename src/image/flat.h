/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flattened form of a file (makedumpfile -F, QEMU's and libvirt's dumps): a stream of records,
 * each some bytes and the place where they belong. This makes it readable at any place, with no
 * copy of it. Layout: makedumpfile's makedumpfile_header and makedumpfile_data_header.
 */
#ifndef IMAGE_FLAT_H
#define IMAGE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

struct vr_flat;

/** Bytes of a file's beginning that vr_flat_probe() looks at. */
#define VR_FLAT_MAGIC_SIZE 16u

/** Whether a file that begins so is a flattened one. */
bool vr_flat_probe(const uint8_t *head, size_t len);

/**
 * Index the records of fd, a flattened file of size bytes; fd stays the caller's. Takes one small
 * read for each record, and 6 bytes of memory (of those of equal size: less). What can be followed
 * of a stream that is cut off or damaged is taken in, see vr_flat_wrong(). VR_CORRUPT (not one
 * record), VR_UNSUPPORTED (its version), VR_OS, VR_NOMEM. vr_flat_close() takes NULL.
 */
enum vr_err vr_flat_open(int fd, uint64_t size, struct vr_flat **flat, struct vr_error *err);
void vr_flat_close(struct vr_flat *flat);

/** The size of the file that the records make, at most INT64_MAX. */
uint64_t vr_flat_size(const struct vr_flat *flat);

/** Why the stream isn't whole (a static text), NULL where it is. */
const char *vr_flat_wrong(const struct vr_flat *flat);

/**
 * Read len bytes at off, a range within vr_flat_size(). Of records that overlap the later one
 * counts; what no record holds is zeros (as in the sparse file that makedumpfile -R makes).
 * Errors as vr_fd_pread().
 */
enum vr_err vr_flat_pread(struct vr_flat *flat, uint64_t off, void *buf, size_t len);

#endif
