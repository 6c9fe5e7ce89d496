/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening the dump file, through sudo where only root may. Nothing of it is read here. */
#ifndef CLI_DUMPFILE_H
#define CLI_DUMPFILE_H

#include <stdbool.h>

#include <vmcore-report/error.h>

/** The hidden first argument with which this program opens a file for a user, as root. */
#define VR_INTERNAL_OPEN "--internal-open"

/**
 * Open path for reading; *fd is the caller's. may_ask: sudo may ask for a password. Errors, with a
 * text for the user: VR_ABSENT (no such file), VR_UNSUPPORTED (not a file), VR_OS.
 */
enum vr_err vr_dumpfile_open(const char *path, bool may_ask, int *fd, struct vr_error *err);

/**
 * What VR_INTERNAL_OPEN does, as root: open the regular file path and send its descriptor over the
 * socket that is standard input. Returns the exit status: 0, or the errno of the failure.
 */
int vr_dumpfile_serve(const char *path);

#endif
