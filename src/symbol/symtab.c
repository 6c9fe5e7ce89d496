// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of symbols, and finding them by name. */
#include <stdlib.h>
#include <string.h>

#include "base/namehash.h"
#include "symbol/table.h"

/* A slot's upper bits are some of the name's hash, to compare before the name is fetched. */
#define INDEX_BITS 22
#define INDEX_MASK ((1u << INDEX_BITS) - 1)

struct vr_symtab *vr_symtab_new(void)
{
	struct vr_symtab *tab = calloc(1, sizeof(*tab));

	if (tab)
		tab->seed = vr_namehash_seed();
	return tab;
}

static void free_index(struct vr_name_index *index)
{
	free(index->slots);
	free(index->next);
	*index = (struct vr_name_index){0};
}

void vr_symtab_clear_core(struct vr_symtab *tab)
{
	free(tab->core.addrs);
	free(tab->core.names);
	free(tab->core.pool);
	free(tab->core.by_addr);
	tab->core = (struct vr_core_symbols){0};
}

void vr_symtab_free(struct vr_symtab *tab)
{
	if (!tab)
		return;
	vr_symtab_clear_core(tab);
	free_index(&tab->core_index);
	free_index(&tab->module_index);
	free(tab->entries);
	free(tab->modules);
	free(tab->ranges);
	free(tab->known);
	vr_arena_free(&tab->arena);
	free(tab);
}

static const char *core_name(const struct vr_symtab *tab, uint32_t i)
{
	return tab->core.pool + tab->core.names[i] + 1;
}

static const char *entry_name(const struct vr_symtab *tab, uint32_t i)
{
	return tab->entries[i].text + 1;
}

/* The two indexes differ in where their names are. */
static const char *name_of(const struct vr_symtab *tab, const struct vr_name_index *index,
			   uint32_t i)
{
	return index == &tab->core_index ? core_name(tab, i) : entry_name(tab, i);
}

/* The slot where the name is, or the empty one where it belongs. */
static uint32_t *slot_of(const struct vr_symtab *tab, const struct vr_name_index *index,
			 const char *name, size_t len, uint32_t *tag)
{
	uint64_t hash = vr_namehash(tab->seed, name, len);
	uint32_t i = (uint32_t)hash & index->mask, slot;

	*tag = (uint32_t)(hash >> 32) & ~INDEX_MASK;
	for (; (slot = index->slots[i]); i = (i + 1) & index->mask)
		if ((slot & ~INDEX_MASK) == *tag &&
		    !strcmp(name_of(tab, index, (slot & INDEX_MASK) - 1), name))
			break;
	return &index->slots[i];
}

static bool build_index(struct vr_symtab *tab, struct vr_name_index *index, uint32_t count)
{
	size_t slots = 16;

	if (index->count == count)
		return true;
	free_index(index);
	while (slots * 3 < (size_t)count * 4)
		slots *= 2;
	index->slots = calloc(slots, sizeof(*index->slots));
	index->next = malloc(count * sizeof(*index->next));
	if (!index->slots || !index->next) {
		free_index(index);
		return false;
	}
	index->mask = (uint32_t)(slots - 1);
	/* Backwards, each put before its namesakes: the first comes out first. */
	for (uint32_t i = count; i-- > 0;) {
		const char *name = name_of(tab, index, i);
		uint32_t tag, *slot;

		index->next[i] = 0;
		if (!*name) /* lost */
			continue;
		slot = slot_of(tab, index, name, strlen(name), &tag);
		index->next[i] = *slot & INDEX_MASK;
		*slot = tag | (i + 1);
	}
	index->count = count;
	return true;
}

/* Index + 1 of the first of that name, or 0. */
static uint32_t lookup_name(const struct vr_symtab *tab, const struct vr_name_index *index,
			    const char *name)
{
	uint32_t tag;

	return index->count ? *slot_of(tab, index, name, strlen(name), &tag) & INDEX_MASK : 0;
}

static bool core_addr(const struct vr_symtab *tab, const char *name, uint64_t *addr)
{
	uint32_t i = lookup_name(tab, &tab->core_index, name);

	if (i)
		*addr = tab->core.addrs[i - 1];
	return i != 0;
}

/*
 * What belongs to vmlinux (is_ksym_addr() in include/linux/kallsyms.h): all of the image where data
 * is among the symbols, else its code.
 */
static void find_core_ranges(struct vr_symtab *tab)
{
	uint64_t(*ranges)[2] = tab->core_ranges;

	memset(tab->core_ranges, 0, sizeof(tab->core_ranges));
	if (!tab->core.count)
		return;
	ranges[0][0] = tab->core.stext;
	if (core_addr(tab, "_end", &ranges[0][1]))
		return;
	core_addr(tab, "_etext", &ranges[0][1]);
	if (!core_addr(tab, "_sinittext", &ranges[1][0]) ||
	    !core_addr(tab, "_einittext", &ranges[1][1]))
		ranges[1][0] = ranges[1][1] = 0;
}

enum vr_err vr_symtab_finish(struct vr_symtab *tab)
{
	if (!build_index(tab, &tab->core_index, tab->core.count) ||
	    !build_index(tab, &tab->module_index, (uint32_t)tab->entry_count) ||
	    !vr_symtab_sort(tab))
		return VR_NOMEM;
	find_core_ranges(tab);
	return VR_OK;
}

size_t vr_symtab_count(const struct vr_symtab *tab)
{
	return tab->core.count + tab->entry_count;
}

size_t vr_symtab_lost(const struct vr_symtab *tab)
{
	return tab->core.lost;
}

const struct vr_error *vr_symtab_lack(const struct vr_symtab *tab)
{
	return tab->lack.kind != VR_OK ? &tab->lack : NULL;
}

void vr_symtab_set_lack(struct vr_symtab *tab, const struct vr_error *why)
{
	tab->lack = *why;
}

enum vr_err vr_symtab_add_known(struct vr_symtab *tab, const char *name, uint64_t addr)
{
	char *copy = vr_arena_strndup(&tab->arena, name, strnlen(name, VR_SYMBOL_NAME_MAX));

	if (!copy || !vr_symtab_reserve((void **)&tab->known, &tab->known_cap, tab->known_count, 1,
					sizeof(*tab->known)))
		return VR_NOMEM;
	tab->known[tab->known_count++] = (struct vr_known_symbol){addr, copy};
	return VR_OK;
}

/* What isn't in the table may be among what the dump lacks. */
static enum vr_err missing(const struct vr_symtab *tab)
{
	return tab->lack.kind != VR_OK ? tab->lack.kind : VR_ABSENT;
}

/* The last resort. */
static enum vr_err find_known(const struct vr_symtab *tab, const char *name, struct vr_symbol *sym)
{
	for (size_t i = 0; i < tab->known_count; i++) {
		if (strcmp(tab->known[i].name, name))
			continue;
		*sym = (struct vr_symbol){
			.addr = tab->known[i].addr, .name = tab->known[i].name, .type = '?'};
		return VR_OK;
	}
	return missing(tab);
}

void vr_core_symbol(const struct vr_symtab *tab, uint32_t i, struct vr_symbol *sym)
{
	*sym = (struct vr_symbol){
		.addr = tab->core.addrs[i],
		.size = vr_core_size(tab, i),
		.name = core_name(tab, i),
		.type = tab->core.pool[tab->core.names[i]],
	};
}

void vr_module_symbol_at(const struct vr_symtab *tab, uint32_t i, struct vr_symbol *sym)
{
	*sym = (struct vr_symbol){
		.addr = tab->entries[i].addr,
		.size = vr_module_entry_size(tab, i),
		.name = entry_name(tab, i),
		.module = vr_symtab_module_of(tab, i)->name,
		.type = tab->entries[i].text[0],
	};
}

void vr_symtab_at(const struct vr_symtab *tab, size_t i, struct vr_symbol *sym)
{
	*sym = (struct vr_symbol){.name = ""};
	if (i < tab->core.count)
		vr_core_symbol(tab, (uint32_t)i, sym);
	else if (i - tab->core.count < tab->entry_count)
		vr_module_symbol_at(tab, (uint32_t)(i - tab->core.count), sym);
}

static size_t chain_length(const struct vr_name_index *index, uint32_t first)
{
	size_t length = 0;

	for (uint32_t i = first; i; i = index->next[i - 1])
		length++;
	return length;
}

enum vr_err vr_symtab_find(const struct vr_symtab *tab, const char *name, struct vr_symbol *sym,
			   size_t *count)
{
	uint32_t core = lookup_name(tab, &tab->core_index, name), entry = 0;

	if (!core || count)
		entry = lookup_name(tab, &tab->module_index, name);
	if (count)
		*count = chain_length(&tab->core_index, core) +
			 chain_length(&tab->module_index, entry);
	if (core)
		vr_core_symbol(tab, core - 1, sym);
	else if (entry)
		vr_module_symbol_at(tab, entry - 1, sym);
	if (core || entry)
		return VR_OK;
	if (find_known(tab, name, sym) != VR_OK)
		return missing(tab);
	if (count)
		*count = 1;
	return VR_OK;
}

enum vr_err vr_symtab_find_in(const struct vr_symtab *tab, const char *module, const char *name,
			      struct vr_symbol *sym)
{
	uint32_t i = lookup_name(tab, module ? &tab->module_index : &tab->core_index, name);

	if (!module && i) {
		vr_core_symbol(tab, i - 1, sym);
		return VR_OK;
	}
	if (!module)
		return find_known(tab, name, sym);
	for (; i; i = tab->module_index.next[i - 1]) {
		if (strcmp(vr_symtab_module_of(tab, i - 1)->name, module))
			continue;
		vr_module_symbol_at(tab, i - 1, sym);
		return VR_OK;
	}
	return VR_ABSENT;
}
