/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encryption by the gpg program, as sos does it: what is written goes through it into a file, so
 * that nothing that isn't encrypted reaches the disk. SIGPIPE must be ignored.
 */
#ifndef ARCHIVE_GPG_H
#define ARCHIVE_GPG_H

#include <sys/types.h>

#include "archive/archive.h"

struct vr_gpg {
	pid_t pid;  /* 0: there is none */
	int in;     /* what it is to encrypt */
	int errors; /* a file with what it had to say */
	bool has_key;
};

/**
 * Start it, with the user's own settings and keys; it never asks, and needs no agent. It writes to
 * out, which stays the caller's. The passphrase goes through a pipe: it is in no argument and no
 * file. VR_OS, VR_NOMEM.
 */
enum vr_err vr_gpg_start(struct vr_gpg *gpg, const struct vr_encryption *encryption, int out,
			 struct vr_error *err);
/** Encrypt more. VR_OS: also where it has ended already; vr_gpg_finish() says why. */
enum vr_err vr_gpg_write(struct vr_gpg *gpg, const void *data, size_t len, struct vr_error *err);
/** That was all: wait for its end. VR_UNSUPPORTED: it failed, as err says. */
enum vr_err vr_gpg_finish(struct vr_gpg *gpg, struct vr_error *err);
/** End it at once; harmless where there is none. */
void vr_gpg_stop(struct vr_gpg *gpg);

#endif
