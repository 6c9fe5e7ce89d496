/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processes that read the dump may still do: next to nothing. Each mechanism is used where
 * the running kernel has it; what could not be had is said once, in the log.
 */
#ifndef COLLECT_SANDBOX_H
#define COLLECT_SANDBOX_H

#include <linux/filter.h>

#include "base/log.h"
#include "collect/child.h"

/** What is run in a sandbox, which decides what it is left with. */
enum vr_profile {
	VR_PROFILE_NATIVE, /* no files at all */
	VR_PROFILE_PYTHON, /* an interpreter: some files, to read only */
	VR_PROFILE_WRITER, /* no files but the open ones, which it writes at any place */
};

/** What may be read in VR_PROFILE_PYTHON: files, and folders with all below. */
struct vr_readable {
	const char *const *paths; /* those that don't exist are passed over */
	size_t count;
};

/** System call filters, made ready while everything is still allowed. */
struct vr_sandbox {
	enum vr_profile profile;
	struct vr_readable readable; /* the caller's */
	bool debuginfo;              /* files that are handed in are mapped */
	bool off;                    /* asked for, or a sanitizer needs it so */
	const char *off_why;         /* NULL unless off */
	uint64_t memory_limit;       /* RLIMIT_DATA, bytes */
	uint64_t file_limit;         /* bytes of a file that VR_PROFILE_WRITER writes */
	struct sock_fprog zygote;    /* len 0: there is none */
	struct sock_fprog worker;
	char missing[120]; /* why there is no filter; "" where there is one */
};

/**
 * Prepare, in the supervisor: profile, readable, off (make no sandbox at all, for valgrind and the
 * like) and the limits are set already.
 */
void vr_sandbox_prepare(struct vr_sandbox *sandbox);
/** Release the filters. */
void vr_sandbox_free(struct vr_sandbox *sandbox);

/**
 * Enter for good, in the zygote: resource limits, no new privileges, landlock, seccomp. A call that
 * is not on the list writes its number to slot and ends the process with status VR_REFUSED_STATUS.
 */
void vr_sandbox_enter_zygote(const struct vr_sandbox *sandbox, struct vr_slot *slot,
			     const struct vr_log *log);
/** Tighten what the zygote entered, in a worker. False: it can't be, so don't go on. */
bool vr_sandbox_enter_worker(const struct vr_sandbox *sandbox, struct vr_slot *slot);

#define VR_REFUSED_STATUS 159 /* 128 + SIGSYS */

/** The name of a refused system call ("socket", "call 451"), for slot->refused; returns buf. */
char *vr_syscall_name(const struct vr_slot *slot, char *buf, size_t size);

/**
 * Deny all use of the file system but reading what is in readable, and of TCP where the kernel can.
 * 0, or -1 with errno.
 */
int vr_landlock_enter(const struct vr_readable *readable);

#endif
