/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The zygote: sandboxed before its first read of the dump, it opens the dump once and forks a
 * worker per plugin, which shares all indexes with it. A worker reads the dump and writes its sink,
 * nothing else.
 */
#ifndef COLLECT_ZYGOTE_H
#define COLLECT_ZYGOTE_H

#include <sys/types.h>

#include "collect/opener.h"
#include "collect/sandbox.h"
#include "collect/wire.h"
#include "plugin/plugins.h"

/** Largest datagram of a zygote. */
#define VR_DATAGRAM_MAX ((size_t)32 << 10)

/** Room for how one ended. */
#define VR_ZYGOTE_END_MAX ((size_t)VR_ACTION_SIZE + 160)

/** What the zygote is told; all of it is inherited by fork(). */
struct vr_zygote_options {
	struct vr_dump_source dump;
	const struct vr_opener *opener;
	const struct vr_plugins *plugins;
	const struct vr_sandbox *sandbox;
	const struct vr_slots *slots;
	const struct vr_run_wishes *wishes;
	uint32_t slot; /* its own */
	const char *name;
};

/** The supervisor's end of it. */
struct vr_zygote {
	pid_t pid; /* 0: there is none (any more) */
	int fd;    /* datagrams, non-blocking on this side; -1 */
};

/** Fork it. VR_OS. */
enum vr_err vr_zygote_start(struct vr_zygote *zygote, const struct vr_zygote_options *options,
			    struct vr_error *err);
/**
 * Start a worker, which begins with that unit of its work; sink is the writing end of its stream
 * (stays the caller's). False with errno.
 */
bool vr_zygote_run(struct vr_zygote *zygote, uint32_t plugin, uint32_t slot, uint32_t unit,
		   int sink);
/** End a worker with SIGKILL. False with errno. */
bool vr_zygote_kill(struct vr_zygote *zygote, uint32_t plugin);
/**
 * Receive one datagram into buf. Its length with *type and *body set, 0 at the zygote's end, -1
 * with errno (EAGAIN; EBADMSG where it was none of ours).
 */
ssize_t vr_zygote_receive(struct vr_zygote *zygote, uint8_t buf[VR_DATAGRAM_MAX], uint32_t *type,
			  struct vr_wire *body);
/** End it and its workers, and wait until they are gone. Its wait status; 0 where there was none.
 */
int vr_zygote_stop(struct vr_zygote *zygote);
/** One that ended by itself: "was killed by SIGSEGV while opening the dump"; slot is its own. */
void vr_zygote_end_text(struct vr_zygote *zygote, const struct vr_slot *slot,
			char buf[VR_ZYGOTE_END_MAX]);

/**
 * A worker's work, in the worker: run the plugin, its output to sink as frames. log is what opened
 * was opened with: from now on its warnings are the plugin's. Returns the status to exit with.
 */
int vr_worker_run(const struct vr_plugin_entry *entry, const struct vr_opener *opener,
		  const struct vr_opened *opened, struct vr_log *log, int sink,
		  struct vr_slot *slot, uint32_t unit, const struct vr_run_wishes *wishes);

#endif
