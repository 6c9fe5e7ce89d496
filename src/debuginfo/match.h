/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a file of the kernel that has crashed? */
#ifndef DEBUGINFO_MATCH_H
#define DEBUGINFO_MATCH_H

#include "debuginfo/debug_file.h"

/** What is known of the kernel; "" and len 0 where it isn't. */
struct vr_kernel_identity {
	char release[65];
	struct vr_build_id id;
	char banner[512]; /* linux_banner, without the line break at its end */
};

enum vr_match {
	VR_MATCH_SAME,
	VR_MATCH_BANNER,  /* the same by the banner; there are no build ids to go by */
	VR_MATCH_OTHER,   /* another one's */
	VR_MATCH_UNKNOWN, /* there is no telling */
	VR_MATCH_BROKEN,  /* the file can't be read; that error names it */
};

/**
 * Whether a vmlinux is that kernel's: by the build ids; where one of them is missing by the release
 * and the time of the build, which are in the banner. *why says what speaks against it.
 */
enum vr_match vr_match_vmlinux(struct vr_debug_file *file, const struct vr_kernel_identity *kernel,
			       struct vr_error *why);
/** Likewise a file whose build id should be that of whose ("the module's in the dump"). */
enum vr_match vr_match_build_id(struct vr_debug_file *file, const struct vr_build_id *id,
				const char *whose, struct vr_error *why);

#endif
