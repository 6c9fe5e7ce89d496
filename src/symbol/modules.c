// SPDX-License-Identifier: GPL-2.0-or-later
/* Adding a module's symbols. */
#include <stdlib.h>
#include <string.h>

#include "symbol/table.h"

bool vr_symtab_reserve(void **array, size_t *cap, size_t count, size_t extra, size_t size)
{
	size_t want = *cap ? *cap : 64;
	void *bigger;

	if (extra <= *cap - count)
		return true;
	while (want - count < extra)
		want *= 2;
	bigger = realloc(*array, want * size);
	if (!bigger)
		return false;
	*array = bigger;
	*cap = want;
	return true;
}

/* Copy type letters and names into one piece of the arena, and enter them. */
static bool copy_symbols(struct vr_symtab *tab, const struct vr_module_symbol *symbols,
			 size_t count)
{
	struct vr_module_entry *entry = tab->entries + tab->entry_count;
	size_t total = 0;
	char *p;

	for (size_t i = 0; i < count; i++)
		total += strnlen(symbols[i].name, VR_SYMBOL_NAME_MAX) + 2;
	p = vr_arena_alloc(&tab->arena, total);
	if (!p)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t len = strnlen(symbols[i].name, VR_SYMBOL_NAME_MAX);

		if (!len)
			continue;
		*entry++ = (struct vr_module_entry){.addr = symbols[i].addr, .text = p};
		*p++ = symbols[i].type;
		memcpy(p, symbols[i].name, len);
		p += len + 1; /* the arena's memory is zeroed */
	}
	tab->entry_count = (size_t)(entry - tab->entries);
	return true;
}

static void copy_ranges(struct vr_symtab *tab, const struct vr_symtab_range *ranges, size_t count,
			uint32_t module)
{
	for (size_t i = 0; i < count; i++)
		if (ranges[i].size && ranges[i].start + (ranges[i].size - 1) >= ranges[i].start)
			tab->ranges[tab->range_count++] =
				(struct vr_symbol_range){ranges[i].start, ranges[i].size, module};
}

enum vr_err vr_symtab_add_module(struct vr_symtab *tab, const char *module,
				 const struct vr_symtab_range *ranges, size_t range_count,
				 const struct vr_module_symbol *symbols, size_t count)
{
	struct vr_symbol_module added = {.first = (uint32_t)tab->entry_count};

	if (count > VR_SYMBOLS_MAX - tab->entry_count || tab->module_count >= VR_SYMBOLS_MAX ||
	    range_count > VR_SYMBOLS_MAX - tab->range_count)
		return VR_LIMIT;
	added.name = vr_arena_strndup(&tab->arena, module, strlen(module));
	if (!added.name ||
	    !vr_symtab_reserve((void **)&tab->modules, &tab->module_cap, tab->module_count, 1,
			       sizeof(*tab->modules)) ||
	    !vr_symtab_reserve((void **)&tab->entries, &tab->entry_cap, tab->entry_count, count,
			       sizeof(*tab->entries)) ||
	    !vr_symtab_reserve((void **)&tab->ranges, &tab->range_cap, tab->range_count,
			       range_count, sizeof(*tab->ranges)) ||
	    !copy_symbols(tab, symbols, count))
		return VR_NOMEM;
	added.count = (uint32_t)tab->entry_count - added.first;
	copy_ranges(tab, ranges, range_count, (uint32_t)tab->module_count);
	tab->modules[tab->module_count++] = added;
	return VR_OK;
}
