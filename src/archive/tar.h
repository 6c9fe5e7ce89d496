/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members of a report as a compressed tar stream (pax where plain ustar can't say it). */
#ifndef ARCHIVE_TAR_H
#define ARCHIVE_TAR_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "archive/archive.h"
#include "archive/output.h"

struct vr_tar;

/** Begin a stream into output, which must outlive it. VR_OS, VR_NOMEM. */
enum vr_err vr_tar_open(const struct vr_archive_options *options, struct vr_output *output,
			struct vr_tar **tar, struct vr_error *err);
/** Add a folder; path without a slash at its end. VR_OS, VR_NOMEM: the stream is of no use then. */
enum vr_err vr_tar_dir(struct vr_tar *tar, const char *path, mode_t mode, struct vr_error *err);
/** Add a file, likewise. */
enum vr_err vr_tar_file(struct vr_tar *tar, const char *path, const void *data, size_t len,
			struct vr_error *err);
/** Add a symbolic link, likewise. */
enum vr_err vr_tar_link(struct vr_tar *tar, const char *path, const char *target,
			struct vr_error *err);
/** Write the end. The stream is still to be freed. */
enum vr_err vr_tar_close(struct vr_tar *tar, struct vr_error *err);
/** Release it; where it isn't closed nothing more is written. */
void vr_tar_free(struct vr_tar *tar);

#endif
