/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error kinds and error details, the vocabulary shared by every layer and by plugins.
 */
/* Elsewhere than in the program itself all headers come together (host.h says why). */
#ifndef VR_BUILTIN
#include <vmcore-report/plugin.h>
#endif

#ifndef VMCORE_REPORT_ERROR_H
#define VMCORE_REPORT_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Functions that plugins may call carry VR_API: the build hides everything else. */
#define VR_API __attribute__((visibility("default")))
#define VR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/**
 * What went wrong, by kind. The kinds are kept apart all the way to the manifest, since each asks
 * something else of the reader: another kernel, another dump, a damaged machine, a larger budget.
 */
enum vr_err {
	VR_OK = 0,
	VR_ABSENT,      /* this kernel has no such symbol, type or member */
	VR_FAULT,       /* the memory can't be read: not in the dump, not mapped, or damaged */
	VR_CORRUPT,     /* what was read can't be right */
	VR_LIMIT,       /* a bound of this program was reached */
	VR_NOMEM,       /* out of memory */
	VR_OS,          /* the operating system said no: os_errno has its reason */
	VR_UNSUPPORTED, /* genuine, but of a kind that this program does not know */
};

/**
 * One error with its detail. Plain data: owned by the caller, copied freely, nothing to release.
 * addr is the address that faulted (VR_FAULT) or 0. os_errno is set for VR_OS only.
 */
struct vr_error {
	enum vr_err kind;
	int os_errno;
	uint64_t addr;
	char text[240];
};

/**
 * Fill *err (which may be NULL) and return kind, so that a function can say
 * `return vr_error_set(err, VR_CORRUPT, "...")`. addr and os_errno become 0. The text is cut to
 * fit; control characters in it become '?', since parts of it come from the dump.
 */
VR_API enum vr_err vr_error_set(struct vr_error *err, enum vr_err kind, const char *fmt, ...)
	VR_PRINTF(3, 4);

/** The same for VR_FAULT at addr. */
VR_API enum vr_err vr_error_fault(struct vr_error *err, uint64_t addr, const char *fmt, ...)
	VR_PRINTF(3, 4);

/** The same for VR_OS with the given errno value, whose description is appended to the text. */
VR_API enum vr_err vr_error_os(struct vr_error *err, int os_errno, const char *fmt, ...)
	VR_PRINTF(3, 4);

/** Put "prefix: " before the text of *err (which may be NULL). */
VR_API void vr_error_prefix(struct vr_error *err, const char *fmt, ...) VR_PRINTF(2, 3);

/** The kind's name as the manifest has it: "absent", "fault", "corrupt", ... Static string. */
VR_API const char *vr_err_name(enum vr_err kind);

#endif
