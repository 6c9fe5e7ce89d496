/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's arguments and environment, in its own memory (fs/proc/base.c). */
#ifndef KERNEL_PROCESS_ARGS_H
#define KERNEL_PROCESS_ARGS_H

#include <vmcore-report/object.h>

#include "base/strbuf.h"

/**
 * Append the bytes of /proc/<pid>/cmdline to out: arguments with a NUL behind each, or what the process
 * wrote over them. Nothing where there are none. Latches: VR_FAULT where the dump lacks them.
 */
void vr_process_args(struct vr_obj mm, struct vr_strbuf *out);
/** The same for /proc/<pid>/environ. */
void vr_process_environ(struct vr_obj mm, struct vr_strbuf *out);

#endif
