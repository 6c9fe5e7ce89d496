/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbol at an address, for files that print it in a way of their own. */
#ifndef KERNEL_SYMBOL_AT_H
#define KERNEL_SYMBOL_AT_H

#include <vmcore-report/object.h>

struct vr_symbol_at {
	const char *name;
	const char *module; /* NULL: vmlinux */
	uint64_t size;      /* bytes up to the next symbol */
};

/** The symbol that covers addr, by the kernel's own rule; strings are prog's. False: there is none. */
bool vr_symbol_at(struct vr_program *prog, uint64_t addr, struct vr_symbol_at *at);

/**
 * The symbol of a variable or function of which the compiler made one of many, or another: base, or
 * base with something behind a dot ("function.isra.0", "variable.602"). module: of that one; NULL:
 * of any. Looks at all symbols: remember what it gives (object/memo.h). NULL where there is none.
 */
const char *vr_symbol_named(struct vr_program *prog, const char *base, const char *module);

/** A walk over all symbols in the kernel's own order: vmlinux's, then modules'. */
struct vr_symbol_walk {
	const char *name;
	const char *module; /* NULL: vmlinux */
	uint64_t addr;
	char type; /* as in /proc/kallsyms */
	/* private */
	struct vr_program *prog;
	size_t next;
};
struct vr_symbol_walk vr_symbols_begin(struct vr_program *prog);
/** Advance; strings are prog's. At the end those that the dump lacks are recorded as a cut. */
bool vr_symbols_next(struct vr_symbol_walk *walk);

#endif
