/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --extract-vmlinux: the file that it writes. */
#ifndef CLI_EXTRACT_H
#define CLI_EXTRACT_H

#include "collect/extract.h"

/**
 * Write the vmlinux that is made from a dump to path: a new file takes its place when it is whole,
 * and until then there is a temporary one beside it. Only its owner may read it, since it holds a
 * machine's memory. options' dump is set but for its output. VR_UNSUPPORTED: path is no regular
 * file, or the dump; VR_OS (with EINTR: interrupted); what vr_extract() says.
 */
enum vr_err vr_extract_to(const char *path, struct vr_extract_options *options,
			  const volatile int *stop, struct vr_vmlinux_info *info,
			  struct vr_error *err);

/** What the file has: "123 types, ... and 3.4 MiB of memory". Returns buf. */
char *vr_extract_text(const struct vr_vmlinux_info *info, char *buf, size_t size);

#endif
