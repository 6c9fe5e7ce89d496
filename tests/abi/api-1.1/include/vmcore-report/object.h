/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typed values in the dump.
 *
 * An object is a type at an address. Members are named by paths as C would write them, with
 * alternatives for kernels that differ:
 *
 *	struct vr_obj task = vr_global(prog, "init_task", "struct task_struct");
 *	uint64_t adj = vr_u64(task, "signal->oom_score_adj");
 *	uint64_t state = vr_u64(task, "__state|state");
 *	struct vr_obj css = vr_get(task, "cgroups->subsys[2]");
 *
 * A path is parsed and bound to offsets once per type and then cached, so that keeping it in the
 * source costs nothing.
 *
 * Reads are *required* unless their name has "try" in it. A failed required read latches its error
 * in the current scope; from then on required reads in that scope return 0 at once and iterators
 * stop, so that code runs straight on and the scope's owner looks once, at its end. (Mind divisors.)
 * Files and rows are scopes (plugin.h); vr_scope_enter() makes one by hand. Nothing is ever
 * substituted silently.
 */
/* Elsewhere than in the program itself all headers come together (host.h says why). */
#ifndef VR_BUILTIN
#include <vmcore-report/plugin.h>
#endif

#ifndef VMCORE_REPORT_OBJECT_H
#define VMCORE_REPORT_OBJECT_H

#include <vmcore-report/error.h>
#include <vmcore-report/type.h>

/** Memory, symbols and types of one dump. */
struct vr_program;

/**
 * A type at an address; a small plain value, copied freely. Where an object could not be had its
 * type is NULL (vr_ok() is false): required reads from it return 0, and latch the reason why it could not
 * be had where the current scope has not heard of it.
 */
struct vr_obj {
	struct vr_program *prog;
	const struct vr_type *type;
	uint64_t addr;
	uint8_t bit_offset; /* of a bitfield, counted from addr */
	uint8_t bit_size;   /* 0: not a bitfield */
};

static inline bool vr_ok(struct vr_obj obj)
{
	return obj.type != NULL;
}

/* ---- Getting objects ---- */

/** An object of a named type at an address. Latches VR_ABSENT where the kernel has no such type. */
VR_API struct vr_obj vr_at(struct vr_program *prog, const char *type, uint64_t addr);
/** A global variable. Its type is the caller's word, since BTF holds no types of globals. */
VR_API struct vr_obj vr_global(struct vr_program *prog, const char *symbol, const char *type);
/** As vr_global(), but reports to the caller and latches nothing. symbol may have alternatives. */
VR_API enum vr_err vr_try_global(struct vr_program *prog, const char *symbol, const char *type,
				 struct vr_obj *out);
/** The member at path, pointers on the way followed. An empty path gives the object itself. */
VR_API struct vr_obj vr_get(struct vr_obj obj, const char *path);
VR_API enum vr_err vr_try_get(struct vr_obj obj, const char *path, struct vr_obj *out);
/** What a pointer member points to: vr_get() and one dereference more. NULL latches VR_FAULT. */
VR_API struct vr_obj vr_deref(struct vr_obj obj, const char *path);
/**
 * Element i behind a pointer (NULL latches VR_FAULT) or of an array: VR_CORRUPT beyond its length,
 * unless that is 0 or 1, since such are flexible. (An index in a path, likewise: VR_ABSENT.)
 */
VR_API struct vr_obj vr_index(struct vr_obj obj, uint64_t i);
/** The same address seen as another type. */
VR_API struct vr_obj vr_cast(struct vr_obj obj, const char *type);
/** The structure of that type whose member is at addr. */
VR_API struct vr_obj vr_container_of(struct vr_program *prog, uint64_t addr, const char *type,
				     const char *member);

/* ---- Required reads: 0 (or "") and a latched error on failure ---- */

/** An integer, enum, boolean, pointer or bitfield; signed ones are sign-extended. */
VR_API uint64_t vr_u64(struct vr_obj obj, const char *path);
#define vr_s64(obj, path) ((int64_t)vr_u64((obj), (path)))
/**
 * A string into buf (always NUL-terminated), from a char array (ends with it at the latest) or
 * through a char pointer. Bytes as they are in the dump. Returns buf.
 * VR_CORRUPT is latched where no NUL comes within size (for a pointer), VR_FAULT where memory ends
 * before it.
 */
VR_API char *vr_str(struct vr_obj obj, const char *path, char *buf, size_t size);
/** Raw bytes of the object (len must not exceed its size, where that is known). */
VR_API bool vr_bytes(struct vr_obj obj, const char *path, void *buf, size_t len);

/* ---- Optional reads: the kind of failure is returned, nothing is latched ---- */

VR_API enum vr_err vr_try_u64(struct vr_obj obj, const char *path, uint64_t *value);
VR_API enum vr_err vr_try_str(struct vr_obj obj, const char *path, char *buf, size_t size);

/* ---- Questions about the kernel, answered without reading memory ---- */

/** Does the object's type have (one of) the member(s)? */
VR_API bool vr_has(struct vr_obj obj, const char *path);
/** The same for a type by name: vr_has_member(prog, "struct task_struct", "__state"). */
VR_API bool vr_has_member(struct vr_program *prog, const char *type, const char *path);
VR_API bool vr_has_symbol(struct vr_program *prog, const char *symbol);
/** sizeof and offsetof; latch VR_ABSENT. Bytes. */
VR_API uint64_t vr_sizeof(struct vr_program *prog, const char *type);
VR_API uint64_t vr_offsetof(struct vr_program *prog, const char *type, const char *path);
/** Address of a symbol; latches VR_ABSENT. vr_try_symbol() reports instead. */
VR_API uint64_t vr_symbol(struct vr_program *prog, const char *symbol);
VR_API enum vr_err vr_try_symbol(struct vr_program *prog, const char *symbol, uint64_t *addr);
/**
 * "name+0x1c/0x40 [module]" for an address in kernel or module text or data, as the kernel's %pS
 * prints it; "0x..." where no symbol covers it. Returns buf.
 */
VR_API char *vr_symbolize(struct vr_program *prog, uint64_t addr, char *buf, size_t size);
/** An enumerator's value in any enum; latches VR_ABSENT. */
VR_API int64_t vr_constant(struct vr_program *prog, const char *enumerator);

/* ---- Memory as such ---- */

/** Read kernel virtual memory; nothing is latched. *err (may be NULL) says what and where. */
VR_API enum vr_err vr_read(struct vr_program *prog, uint64_t addr, void *buf, size_t len,
			   struct vr_error *err);

/* ---- Views: many members of one structure in one read, for hot loops ---- */

/** One member of a view: where it goes in the caller's C struct, as an integer of that size. */
struct vr_view_field {
	const char *path; /* no "->": all members lie within the structure itself */
	uint16_t offset;  /* offsetof() in the C struct */
	uint8_t size;     /* 1, 2, 4 or 8: sizeof() in the C struct */
	bool optional;    /* left as it was where the kernel has no such member */
};
#define VR_VIEW_FIELD(ctype, field, path_)                                                         \
	{                                                                                          \
		.path = (path_), .offset = offsetof(ctype, field),                                 \
		.size = sizeof(((ctype *)0)->field)                                                \
	}
struct vr_view;
/** Bind a view; lives as long as prog. NULL and a latched VR_ABSENT where a member is missing. */
VR_API const struct vr_view *vr_view_bind(struct vr_program *prog, const char *type,
					  const struct vr_view_field *fields, size_t count);
/** Fill *out from the structure at addr with one read. False: the error is latched. */
VR_API bool vr_view_fill(struct vr_program *prog, const struct vr_view *view, uint64_t addr,
			 void *out);

/* ---- Scopes ---- */

/** Where required reads latch. Lives in the caller's frame; the innermost one counts. */
struct vr_scope {
	struct vr_scope *outer;
	struct vr_error error; /* the first failed required read; kind VR_OK where there is none */
	struct vr_error cut;   /* the first walk that was cut short */
	uint32_t cuts;         /* how many were */
};
VR_API void vr_scope_enter(struct vr_program *prog, struct vr_scope *scope);
/** Leave the innermost scope, which must be that one; returns its error's kind. */
VR_API enum vr_err vr_scope_leave(struct vr_program *prog, struct vr_scope *scope);
/** Has a required read failed in the current scope? */
VR_API bool vr_failed(struct vr_program *prog);
/** Latch an error of one's own: "this count can't be right". The first one in a scope stays. */
VR_API void vr_latch(struct vr_program *prog, enum vr_err kind, const char *fmt, ...)
	VR_PRINTF(3, 4);
/** Record that a walk ended early; what it gave so far stands, the file becomes partial. */
VR_API void vr_cut(struct vr_program *prog, enum vr_err kind, const char *fmt, ...) VR_PRINTF(3, 4);

#endif
