/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log: the printk ring buffer of Linux 5.10 and later
 * (kernel/printk/printk_ringbuffer.c). */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <vmcore-report/object.h>

#include "base/strbuf.h"

/** One record. text is not NUL-terminated, may hold newlines and any byte, and is valid until the
 * next vr_printk_walk_next(). */
struct vr_log_record {
	uint64_t seq;
	uint64_t ts_nsec; /* local clock, since boot */
	uint8_t facility, level, flags;
	uint32_t caller_id; /* 0x80000000 + CPU, or a thread id */
	const char *text;
	size_t text_len;
	bool lost; /* its text was overwritten already, or never stored */
};

struct vr_printk_walk {
	struct vr_log_record record; /* the current one */
	/* private */
	struct vr_program *prog;
	struct vr_strbuf text;
	uint64_t descs, infos, data, data_size;
	uint64_t id, head_id, mask;
	uint64_t desc_size, info_size, left;
	const struct vr_view *desc_view, *info_view;
	bool done;
};

/** Begin at the oldest record. Failures latch. */
struct vr_printk_walk vr_printk_walk_begin(struct vr_program *prog);
/** The next finished record; false at the end. */
bool vr_printk_walk_next(struct vr_printk_walk *walk);
/** Release what the walk holds. */
void vr_printk_walk_end(struct vr_printk_walk *walk);

#endif
