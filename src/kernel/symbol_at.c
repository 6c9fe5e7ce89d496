// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/symbol_at.h"

#include "object/program.h"

bool vr_symbol_at(struct vr_program *prog, uint64_t addr, struct vr_symbol_at *at)
{
	struct vr_symbol sym;

	if (vr_symtab_lookup(prog->symtab, addr, &sym) != VR_OK)
		return false;
	*at = (struct vr_symbol_at){.name = sym.name, .module = sym.module, .size = sym.size};
	return true;
}
