/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's own memory, through its page tables (access_remote_vm()). */
#ifndef KERNEL_USER_MEMORY_H
#define KERNEL_USER_MEMORY_H

#include "addr/aspace.h"
#include <vmcore-report/object.h>

/** Opened and closed by these; one at a time is enough. */
struct vr_user_memory {
	struct vr_program *prog;
	struct vr_aspace *as;
};

/** The address space of a struct mm_struct. False: latched. To be closed in any case. */
bool vr_user_memory_open(struct vr_obj mm, struct vr_user_memory *user);
void vr_user_memory_close(struct vr_user_memory *user);
/**
 * Read len bytes at a user address. False: VR_FAULT is latched, which says whether the dump lacks
 * the page (as those do whose pages of processes were left out) or it isn't in memory.
 */
bool vr_user_memory_read(struct vr_user_memory *user, uint64_t addr, void *buf, size_t len);

#endif
