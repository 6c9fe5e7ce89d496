/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the kernel calls itself tainted (kernel/panic.c,
 * Documentation/admin-guide/tainted-kernels.rst). */
#ifndef KERNEL_TAINT_H
#define KERNEL_TAINT_H

#include <vmcore-report/object.h>

/** One taint flag that is set. */
struct vr_taint {
	unsigned bit;
	char letter;      /* from the kernel's own table */
	const char *name; /* the kernel's macro: "TAINT_WARN"; NULL where the bit is newer than we
			     are */
	bool set;
};

#define VR_MAX_TAINTS 64

/** tainted_mask: a bit per flag. Latches. */
uint64_t vr_tainted_mask(struct vr_program *prog);
/**
 * Fill taints (room for VR_MAX_TAINTS) with all flags that this kernel knows, set or not; returns
 * how many. Latches.
 */
size_t vr_taints_read(struct vr_program *prog, struct vr_taint *taints);

#endif
