/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xz, by liblzma itself: libarchive's filter has no say over the size of blocks, by which threads
 * divide the work and which make the bytes independent of their number, and it can't be given up
 * half-way.
 */
#ifndef ARCHIVE_XZ_H
#define ARCHIVE_XZ_H

#include <lzma.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/output.h"

struct vr_xz {
	lzma_stream stream;
	struct vr_output *output; /* borrowed */
	uint8_t buf[64 << 10];
};

/** Begin to compress into output with so many threads; some 40 MiB each. VR_NOMEM, VR_OS. */
enum vr_err vr_xz_open(struct vr_xz *xz, struct vr_output *output, unsigned threads,
		       struct vr_error *err);
/** Compress data. VR_OS, VR_NOMEM: the stream is of no use then. */
enum vr_err vr_xz_write(struct vr_xz *xz, const void *data, size_t len, struct vr_error *err);
/** Write the end. */
enum vr_err vr_xz_finish(struct vr_xz *xz, struct vr_error *err);
/** Release it, at once: what is not finished is lost. Zeroed ones are accepted. */
void vr_xz_close(struct vr_xz *xz);

#endif
