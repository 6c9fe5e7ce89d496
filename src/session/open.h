/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session while it is being opened: each step below needs what the one before it has found. */
#ifndef SESSION_OPEN_H
#define SESSION_OPEN_H

#include "object/program.h"
#include "session/session.h"

/**
 * The dump once more, for reading a lot of it once: with a small page cache and counters of its
 * own, so that neither the session's cache nor its counts of faults suffer.
 */
struct vr_scratch {
	struct vr_image *image;
	struct vr_aspace *as; /* NULL where the session has none yet */
};

struct vr_session {
	struct vr_image *image;
	struct vr_vmcoreinfo *info;
	struct vr_aspace *as;
	struct vr_symtab *symtab;
	struct vr_types *types;
	bool without_types; /* but for those that VMCOREINFO describes */
	struct vr_program *prog;
	struct vr_debug_file *vmlinux; /* with debug information; NULL: there is none */
	const struct vr_log *log;
	struct vr_scratch scratch; /* while symbols and types are being found */
};

/** The image that the options name. */
enum vr_err vr_open_image(const struct vr_session_options *options, size_t cache_bytes,
			  const struct vr_log *log, struct vr_image **image, struct vr_error *err);
/** Errors as vr_image_open(). To be closed in any case. */
enum vr_err vr_scratch_open(const struct vr_session *s, const struct vr_session_options *options,
			    struct vr_scratch *scratch, struct vr_error *err);
void vr_scratch_close(struct vr_scratch *scratch);

/** A symbol reader over the address space that is its argument. */
enum vr_err vr_read_aspace(void *as, uint64_t va, void *buf, size_t len);
/** A fact getter over the VMCOREINFO that is its argument. */
const char *vr_get_fact(void *info, const char *key);

/** VMCOREINFO and with it the address space: s->info, s->as. As vr_session_open(). */
enum vr_err vr_find_vmcoreinfo(struct vr_session *s, const struct vr_session_options *options,
			       struct vr_error *err);
/** vmlinux's symbols: s->symtab. */
enum vr_err vr_find_symbols(struct vr_session *s, const struct vr_session_options *options,
			    struct vr_error *err);
/** vmlinux's types: s->types. */
enum vr_err vr_find_types(struct vr_session *s, const struct vr_session_options *options,
			  struct vr_error *err);

/**
 * What VMCOREINFO says of symbols and types, for a dump that lacks the better sources: into
 * s->symtab and s->types. VR_NOMEM.
 */
enum vr_err vr_symbols_from_facts(struct vr_session *s, struct vr_error *err);
enum vr_err vr_types_from_facts(struct vr_session *s, struct vr_error *err);

/** Log what of VMCOREINFO the kernel's own symbols contradict. */
void vr_check_note(const struct vr_session *s);

/** What is known of the kernel by which its files are told from another's. */
void vr_identify_kernel(const struct vr_session *s, struct vr_kernel_identity *kernel);

/** Reads so far of memory that is mapped but that the dump lacks. */
uint64_t vr_missed_reads(const struct vr_session *s);
/**
 * Whether what was looked for in the range, and not found, may be in memory that the dump lacks:
 * the file is cut off, or since the count of missed reads was `before` more of the range was
 * missing than a filter leaves out (freed memory of the kernel's start-up code).
 */
bool vr_may_be_missing(const struct vr_session *s, const struct vr_kallsyms_range *range,
		       uint64_t before);

/** Where the kernel's image lies, as far as VMCOREINFO tells; false: it doesn't. */
bool vr_image_range(const struct vr_session *s, struct vr_kallsyms_range *range);

#endif
