/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The archiver: a process that owns the archive and compresses, so that the supervisor never waits
 * for a compressor. It is forked before anything of the dump is read, with umask 077.
 */
#ifndef COLLECT_ARCHIVER_H
#define COLLECT_ARCHIVER_H

#include <sys/types.h>

#include "archive/archive.h"
#include "base/strbuf.h"
#include "collect/frame.h"

struct vr_packet;

/** The supervisor's end: a queue of what is to be sent, and what has come back. */
struct vr_packer {
	pid_t pid; /* 0: there is none (any more) */
	int fd;    /* non-blocking stream; -1 */
	bool off;  /* there is none, and what it would get is dropped */
	struct vr_packet *head, *tail;
	size_t queued; /* bytes in the queue */
	struct vr_frame_reader reader;
	bool finished;
	struct vr_archive_result result; /* where finished */
	struct vr_error error;           /* kind VR_OK unless it failed */
};

/** Fork the archiver. options' name and mtime are not known yet: vr_packer_open() gives them.
 * VR_OS. */
enum vr_err vr_packer_start(struct vr_packer *packer, const struct vr_archive_options *options,
			    struct vr_error *err);
/* Queue an order. Those that fail for lack of memory set packer->error. */
void vr_packer_open(struct vr_packer *packer, const char *name, int64_t mtime);
/** A member: len bytes at data, which lie in block; block is released (free()) when they are sent.
 */
void vr_packer_add(struct vr_packer *packer, const char *path, const void *data, size_t len,
		   void *block);
/** A symbolic link among the members, as vr_archive_link() takes it. */
void vr_packer_link(struct vr_packer *packer, const char *path, const char *target);
void vr_packer_finish(struct vr_packer *packer);
/** Write what can be written without waiting. */
void vr_packer_pump(struct vr_packer *packer);
/** Read what has come back. */
void vr_packer_receive(struct vr_packer *packer);
/**
 * Give up, unless it is too late: no more orders, and wait for what the archiver makes of that.
 * True: it had its order to finish already, and the archive is there.
 */
bool vr_packer_cancel(struct vr_packer *packer);
/**
 * The end: closes the stream (an archive that isn't finished is removed by the archiver), waits for
 * the archiver, and releases the queue.
 */
void vr_packer_stop(struct vr_packer *packer);

/** The archiver's own side; returns its exit status. In the child. */
int vr_archiver_main(const struct vr_archive_options *options, int fd);

#endif
