/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that appears under its name when it is complete, and not before. Where the file system
 * can, it has no name at all until then, and the kernel removes it when this process dies;
 * elsewhere it has a hidden one. It never replaces what is there.
 */
#ifndef ARCHIVE_OUTPUT_H
#define ARCHIVE_OUTPUT_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "archive/gpg.h"

struct vr_output {
	int dir;           /* the folder, borrowed */
	int fd;            /* -1: not open */
	const char *where; /* the folder's path for messages, borrowed */
	char name[256];
	char temp[256]; /* the hidden name, "" where it has none */
	uint64_t bytes;
	struct sha256_ctx sha; /* of all that was written */
	bool encrypted;        /* what is written goes through gpg, and nowhere else */
	struct vr_gpg gpg;
};

/**
 * Begin a file. mode is subject to the umask. named: do as on a file system that has no O_TMPFILE.
 * VR_OS. On error the output is closed.
 */
enum vr_err vr_output_open(struct vr_output *output, int dir, const char *where, const char *name,
			   mode_t mode, bool named, struct vr_error *err);
/** What is written from here on is encrypted (gpg.h). Errors: those of vr_gpg_start(). */
enum vr_err vr_output_encrypt(struct vr_output *output, const struct vr_encryption *encryption,
			      struct vr_error *err);
/** All that is to be encrypted has been written. VR_OS, or why it could not be encrypted. */
enum vr_err vr_output_seal(struct vr_output *output, struct vr_error *err);
/** Append all of data. VR_OS. */
enum vr_err vr_output_write(struct vr_output *output, const void *data, size_t len,
			    struct vr_error *err);
/** Give the file its name; the output is closed, whatever happens. VR_OS: then nothing remains. */
enum vr_err vr_output_publish(struct vr_output *output, struct vr_error *err);
/** Remove what was written and close; harmless where it is closed. */
void vr_output_discard(struct vr_output *output);
/** SHA-256 of what was written, in hexadecimal. Call it once, at the end. */
void vr_output_sha256(struct vr_output *output, char hex[65]);

/**
 * Rename within a folder, never over something. For a folder where the kernel can't do that in one
 * step: over an empty one at most. Returns 0 or an errno value.
 */
int vr_rename_new(int dir, const char *from, const char *to);

#endif
