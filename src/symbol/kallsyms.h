/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decoding kallsyms where it isn't certain yet which table has the addresses. */
#ifndef SYMBOL_KALLSYMS_H
#define SYMBOL_KALLSYMS_H

#include "symbol/symtab.h"

/** Where the addresses may be, by the names of struct vr_kallsyms_tables. */
struct vr_kallsyms_place {
	uint64_t offsets, relative_base, addresses;
};

/**
 * As vr_symtab_add_kallsyms(), with the addresses in the first of the places whose contents give
 * _stext its address; the three fields of *tables become those of that place. sorted: refuse
 * addresses that are far from being in order (VR_CORRUPT), as no genuine table's are.
 */
enum vr_err vr_kallsyms_decode(struct vr_symtab *tab, struct vr_kallsyms_tables *tables,
			       const struct vr_kallsyms_place *places, size_t count, bool sorted,
			       vr_symtab_reader read, void *arg, struct vr_error *err);

#endif
