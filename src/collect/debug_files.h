/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the finder for the files with debug information of the dump's kernel and its modules, and
 * takes those that are of it. In the sandbox, as both the dump and the files are read.
 */
#ifndef COLLECT_DEBUG_FILES_H
#define COLLECT_DEBUG_FILES_H

#include "collect/finder.h"
#include "collect/opener.h"
#include "debuginfo/debug_set.h"
#include "debuginfo/match.h"

struct vr_debug_files {
	struct vr_debug_set set;
	/* private */
	struct vr_finder_client finder;
	const struct vr_debug_source *source;
	const struct vr_log *log;
	char release[65];
	char **on_stacks; /* names of the modules on some task's stack; NULL: not looked at yet */
	size_t on_stack_count;
	bool looked_at_stacks;
	unsigned complaints;
};

/** source must outlive it; its descriptor is taken over. */
void vr_debug_files_init(struct vr_debug_files *files, const struct vr_debug_source *source,
			 const struct vr_log *log);
void vr_debug_files_free(struct vr_debug_files *files);

/** For struct vr_session_options: arg is the vr_debug_files. */
struct vr_debug_file *vr_debug_files_find_vmlinux(void *arg,
						  const struct vr_kernel_identity *kernel);
/**
 * The files of modules that are loaded, into the set; where no vmlinux was found only if the user has
 * named places. Compressed files and servers are asked for modules on stacks alone. Latches nothing.
 */
void vr_debug_files_find_modules(struct vr_debug_files *files, struct vr_program *prog);
/** After that: nothing more is asked. */
void vr_debug_files_close(struct vr_debug_files *files);

#endif
