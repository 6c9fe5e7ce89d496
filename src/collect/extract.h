/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's ELF file, made from the dump in a sandboxed process of its own: a zygote that never
 * forks.
 */
#ifndef COLLECT_EXTRACT_H
#define COLLECT_EXTRACT_H

#include "base/log.h"
#include "collect/opener.h"
#include "vmlinux/vmlinux.h"

/** What is to be done. All of it is the caller's. */
struct vr_extract_options {
	struct vr_dump_source dump; /* output: the file, open for writing; it is cut off first */
	const struct vr_opener *opener; /* &vr_extract_opener, except in tests */
	unsigned timeout;               /* seconds */
	uint64_t memory_limit;          /* RLIMIT_DATA of the process, bytes */
	bool no_sandbox;                /* for valgrind and the like */
	const struct vr_log
		*log; /* hears what the process has to say; may be NULL. Its text is from
				     the dump, made printable. */
};

/**
 * Write it. Errors: what opening the dump or writing said; VR_CORRUPT where the process was lost,
 * VR_LIMIT where it took too long, VR_OS with EINTR where *stop became non-zero. What the file has
 * then is of no use. info gets what came into it.
 */
enum vr_err vr_extract(const struct vr_extract_options *options, const volatile int *stop,
		       struct vr_vmlinux_info *info, struct vr_error *err);

#endif
