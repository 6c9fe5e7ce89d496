/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbol table of the file, from the program's. */
#ifndef VMLINUX_SYMBOLS_H
#define VMLINUX_SYMBOLS_H

#include "vmlinux/blob.h"
#include "vmlinux/layout.h"

struct vr_symbol_sections {
	struct vr_blob symtab, strtab;
	uint32_t first_global; /* sh_info of .symtab */
	uint32_t count;
};

/** Fill .symtab and .strtab; their failures tell. Modules' symbols only where they have a place. */
void vr_symbols_make(struct vr_program *prog, const struct vr_layout *layout,
		     struct vr_symbol_sections *out);

#endif
