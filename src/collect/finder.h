/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The finder: a process that looks for files with debug information, on this machine and at
 * debuginfod servers, and hands them to the zygote as open files. So the zygote, which reads the
 * dump and these files, needs no right to any folder or to the network; and the finder, which has
 * these, reads neither: it gets a release, a name, a build id.
 */
#ifndef COLLECT_FINDER_H
#define COLLECT_FINDER_H

#include <sys/types.h>

#include "debuginfo/debug_paths.h"

struct vr_finder_options {
	struct vr_debug_places places;
	bool debuginfod;             /* ask servers, too: $DEBUGINFOD_URLS has them */
	unsigned debuginfod_seconds; /* that may be spent on them in all */
};

/** The supervisor's end of it. */
struct vr_finder {
	pid_t pid; /* 0: there is none */
};

/** Fork it; *fd is the end that its one client gets. options are only read while it starts. VR_OS. */
enum vr_err vr_finder_start(struct vr_finder *finder, const struct vr_finder_options *options,
			    int *fd, struct vr_error *err);
/** End it, whose client is gone already. */
void vr_finder_stop(struct vr_finder *finder);

/** A file that may be the one. */
struct vr_found_file {
	int fd;         /* the receiver's to close */
	bool asked_for; /* it is where the user said that files are */
	char path[PATH_MAX];
};

/** The client's end. */
struct vr_finder_client {
	int fd; /* -1: there is no finder, or it is gone */
	/* What it does that takes long, in words; may be NULL. */
	void (*busy)(void *arg, const char *text);
	void *arg;
};

/**
 * The next file, from *at = 0 on. local: don't ask servers. False: there are no more. Latches nothing:
 * where the finder is gone, or is silent for longer than it may be, there are no more files at all.
 */
bool vr_finder_next(struct vr_finder_client *client, const struct vr_debug_wanted *wanted,
		    bool local, uint64_t *at, struct vr_found_file *found);

#endif
