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

struct vr_symbol_walk vr_symbols_begin(struct vr_program *prog)
{
	return (struct vr_symbol_walk){.prog = prog};
}

bool vr_symbols_next(struct vr_symbol_walk *w)
{
	const struct vr_symtab *tab = w->prog->symtab;
	size_t count = vr_symtab_count(tab);

	while (w->next < count) {
		struct vr_symbol sym;

		vr_symtab_at(tab, w->next++, &sym);
		if (!*sym.name)
			continue;
		w->name = sym.name;
		w->module = sym.module;
		w->addr = sym.addr;
		w->type = sym.type;
		return true;
	}
	if (w->next++ == count && vr_symtab_lack(tab))
		vr_cut(w->prog, vr_symtab_lack(tab)->kind, "%s", vr_symtab_lack(tab)->text);
	return false;
}
