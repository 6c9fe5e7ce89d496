/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open files of a process (include/linux/fdtable.h). */
#ifndef KERNEL_FD_H
#define KERNEL_FD_H

#include <vmcore-report/object.h>

/** A walk over a task's descriptors, ascending; bounded. What it can't read is a cut. */
struct vr_fd_walk {
	unsigned fd;
	struct vr_obj file; /* struct file */
	bool close_on_exec;
	/* private */
	uint64_t max, files, exec_bits;
	uint64_t chunk[64], chunk_exec;
	uint64_t next;
};
/** A task without files (a dead one) has none. */
void vr_fds_begin(struct vr_obj task, struct vr_fd_walk *walk);
bool vr_fds_next(struct vr_fd_walk *walk);

#endif
