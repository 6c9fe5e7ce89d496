// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/symbol_at.h"

#include <string.h>

#include "object/program.h"

bool vr_symbol_at(struct vr_program *prog, uint64_t addr, struct vr_symbol_at *at)
{
	struct vr_symbol sym;

	if (vr_symtab_lookup(prog->symtab, addr, &sym) != VR_OK)
		return false;
	*at = (struct vr_symbol_at){.name = sym.name, .module = sym.module, .size = sym.size};
	return true;
}

const char *vr_symbol_named(struct vr_program *prog, const char *base, const char *module)
{
	size_t count = vr_symtab_count(prog->symtab), len = strlen(base);
	struct vr_symbol sym;

	for (size_t i = 0; i < count; i++) {
		vr_symtab_at(prog->symtab, i, &sym);
		if (strncmp(sym.name, base, len) || (sym.name[len] && sym.name[len] != '.'))
			continue;
		if (!module || (sym.module && !strcmp(sym.module, module)))
			return sym.name;
	}
	return NULL;
}
