/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One dump, opened: the image, its address space, symbols and types, bundled as a vr_program. The
 * only place that knows all the layers below. Reads the dump, so it runs in the sandbox.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <vmcore-report/object.h>

#include "base/log.h"
#include "debuginfo/match.h"
#include "image/image.h"
#include "image/vmcoreinfo.h"

struct vr_debug_file;
struct vr_session;

struct vr_session_options {
	int dump_fd;         /* stays the caller's; must outlive the session */
	const int *more_fds; /* likewise, the other files of a split dump, in any order */
	size_t more_count;
	size_t cache_bytes;       /* page cache; 0: the default */
	const struct vr_log *log; /* may be NULL; must outlive the session */
	/* VMCOREINFO to use instead of the dump's own (NUL-terminated; only read while opening). */
	const char *vmcoreinfo_text;
	/* Types from debug information alone: BTF isn't looked for. */
	bool no_btf;
	/*
	 * Asked once, when it is known which kernel it is: its vmlinux with debug information, or NULL.
	 * The file stays the answerer's and must outlive the session. May be NULL.
	 */
	struct vr_debug_file *(*find_vmlinux)(void *arg, const struct vr_kernel_identity *kernel);
	void *find_arg;
	/* For tests: find by scanning what VMCOREINFO and symbols say the address of. */
	bool ignore_hints;
};

/**
 * Open the dump: format, VMCOREINFO, paging, kallsyms, vmlinux's BTF; each is looked for in memory
 * where nothing says where it is, or what says so is wrong (the log tells). Modules are a subject
 * of the kernel's, so that the opener calls vr_modules_load() (kernel/module.h) next.
 * Types that the dump lacks, because the kernel has no BTF or its memory isn't there, come from that
 * file; where the dump has all, the file tells of which types variables are. Symbols, or types without that file, that the dump lacks don't keep it from
 * opening: what VMCOREINFO says of both stands in, and lookups of others fail as memory does
 * (VR_FAULT), or as what isn't there (VR_ABSENT: a kernel without BTF).
 * Errors: as vr_image_open(); VR_UNSUPPORTED (architecture), VR_ABSENT (no VMCOREINFO, no kallsyms;
 * the text says what was looked for and what to give), VR_CORRUPT, VR_FAULT (also where not
 * even what VMCOREINFO names can be read), VR_NOMEM.
 */
enum vr_err vr_session_open(const struct vr_session_options *options, struct vr_session **session,
			    struct vr_error *err);
void vr_session_close(struct vr_session *session);

/**
 * What the dump lacks of the kernel's symbols, and of its types, and why, in a line; NULL: nothing.
 */
const struct vr_error *vr_session_lacks_symbols(const struct vr_session *session);
const struct vr_error *vr_session_lacks_types(const struct vr_session *session);

struct vr_program *vr_session_program(struct vr_session *session);
struct vr_image *vr_session_image(struct vr_session *session);

#endif
