// SPDX-License-Identifier: GPL-2.0-or-later
/* Symbols that VMCOREINFO has, for a dump without kallsyms or with holes in it. */
#include "session/open.h"

#define NAME_SIZE 128

enum vr_err vr_symbols_from_facts(struct vr_session *s, struct vr_error *err)
{
	const struct vr_linear_range *image = &s->as->paging.image;
	char name[NAME_SIZE];
	uint64_t addr;
	size_t at = 0;

	while (vr_vmcoreinfo_next_symbol(s->info, &at, name, sizeof(name), &addr)) {
		/*
		 * Some keys give a variable's value by the name of a macro (vmemmap), or where an
		 * array is that the symbol points to (mem_section): neither lies in the image.
		 */
		if (addr < image->start || addr - image->start >= image->size)
			continue;
		if (vr_symtab_add_known(s->symtab, name, addr) != VR_OK)
			return vr_error_set(err, VR_NOMEM, "out of memory for the symbols");
	}
	return VR_OK;
}
