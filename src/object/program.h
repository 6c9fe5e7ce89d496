/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct vr_program as the layers of the host see it. Plugins see it opaque (object.h).
 */
#ifndef OBJECT_PROGRAM_H
#define OBJECT_PROGRAM_H

#include <vmcore-report/object.h>

#include "addr/aspace.h"
#include "base/arena.h"
#include "base/hash.h"
#include "symbol/symtab.h"
#include "type/types.h"

struct vr_binding;
struct vr_debug_set;
struct vr_memo;
struct vr_view;

/**
 * Memory, symbols and types of one dump plus what reading through them needs: bound paths and the
 * current scope. Used by one process at a time; after fork() each side has its own.
 */
struct vr_program {
	struct vr_aspace *as;
	struct vr_symtab *symtab;
	struct vr_types *types;
	/* A fact of VMCOREINFO by key, NULL where it is missing. */
	const char *(*fact)(void *arg, const char *key);
	void *fact_arg;
	/* The ELF notes of the dump (NT_PRSTATUS among them), through the image. */
	struct vr_image *image;
	struct vr_debug_set *debug; /* files with debug information; NULL: there are none */

	struct vr_scope *scope; /* the innermost; &base at the bottom */
	struct vr_scope base;

	struct vr_arena arena; /* bindings, views: as long as the program */
	struct vr_binding **bindings;
	size_t binding_count;
	size_t binding_cap;
	struct vr_binding **recent; /* direct-mapped by (type, path pointer) */
	struct vr_memo *memos;      /* memo.h */
};

/** An empty program; its parts are set by the session, which also owns them. NULL: out of memory.
 */
struct vr_program *vr_program_new(void);
/** Releases bindings and views, not the parts. */
void vr_program_free(struct vr_program *prog);

/** vr_failed() for hot paths. */
static inline bool vr_program_failed(const struct vr_program *prog)
{
	return prog->scope->error.kind != VR_OK;
}

/**
 * vr_try_symbol() with the reason. Where the dump lacks symbols, one that isn't found is of that
 * kind (VR_FAULT).
 */
enum vr_err vr_find_symbol(struct vr_program *prog, const char *names, uint64_t *addr,
			   struct vr_error *err);

/**
 * Why the program has no such symbol, type or member, as was found: this kernel has none
 * (VR_ABSENT), or the dump lacks what would tell (VR_FAULT or another kind). Names may be several
 * with bars between.
 */
enum vr_err vr_missing_symbol(struct vr_program *prog, const char *names, struct vr_error *err);
enum vr_err vr_missing_type(struct vr_program *prog, const char *names, struct vr_error *err);
enum vr_err vr_missing_member(struct vr_program *prog, const char *type, const char *path,
			      struct vr_error *err);

/** Turn a failed virtual read into an error: VR_FAULT at addr with its reason. */
enum vr_err vr_program_fault(struct vr_error *err, enum vr_mem_status status, uint64_t addr);

/** Latch *err in the current scope, unless one is latched already; returns its kind. */
enum vr_err vr_latch_error(struct vr_program *prog, const struct vr_error *err);

#endif
