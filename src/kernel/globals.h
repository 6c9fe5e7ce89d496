/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of the kernel's global variables. BTF describes per-CPU variables at best and no
 * others, so that somebody has to say what they are: once, in the table of globals.c, reviewed there
 * and held against the size of each symbol by a test on real dumps.
 *
 *	struct vr_obj init = vr_kernel_global(prog, "init_task");
 *	struct vr_obj rq = vr_kernel_per_cpu(prog, "runqueues", cpu);
 */
#ifndef KERNEL_GLOBALS_H
#define KERNEL_GLOBALS_H

#include <vmcore-report/object.h>

/** One line of the table. */
struct vr_global_type {
	const char *symbol;
	const char *type;
	bool per_cpu;
	/* Of as many as fit before the next symbol, unless length says: an enumerator, or "*" for
	 * up to the last one that isn't zero. */
	bool array;
	const char *length;
	/* Where a variable changed its type, lines for it follow each other: the first holds whose
	 * structure has (path not NULL) that member, or enumeration that constant, or (NULL) exists in this kernel. */
	const char *only_if, *path;
};

/** The table, *count lines of it. */
const struct vr_global_type *vr_global_types(size_t *count);
/** The line that holds for a symbol in this kernel; NULL where there is none. */
const struct vr_global_type *vr_global_type_find(struct vr_program *prog, const char *symbol);

/**
 * A global variable by its name, of which there may be alternatives ("vmap_nodes|vmap_area_root":
 * the first that this kernel has). Of a type that the table has, else debug information. Latches
 * VR_ABSENT where there is none, or nothing says of which type it is.
 */
struct vr_obj vr_kernel_global(struct vr_program *prog, const char *symbol);
/** Element i of a variable that the table has as an array; whether there are as many is the caller's
 * to know. */
struct vr_obj vr_kernel_element(struct vr_program *prog, const char *symbol, uint64_t i);
/** As vr_kernel_global(), but reports to the caller and latches nothing. */
enum vr_err vr_try_kernel_global(struct vr_program *prog, const char *symbol, struct vr_obj *out);
/** A CPU's copy of a per-CPU variable; latches. */
struct vr_obj vr_kernel_per_cpu(struct vr_program *prog, const char *symbol, unsigned cpu);

#endif
