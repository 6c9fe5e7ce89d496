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

#endif
