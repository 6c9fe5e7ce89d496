// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finding symbols by address: as kernel/kallsyms.c:get_symbol_pos() does in vmlinux, and as
 * kernel/module/kallsyms.c:find_kallsyms_symbol() does in a module.
 */
#include <stdlib.h>

#include "base/bits.h"
#include "symbol/table.h"

static int compare_core(const void *a, const void *b, void *arg)
{
	const struct vr_core_symbols *core = arg;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;

	if (core->addrs[i] != core->addrs[j])
		return core->addrs[i] < core->addrs[j] ? -1 : 1;
	return i < j ? -1 : i > j;
}

static int compare_entries(const void *a, const void *b, void *arg)
{
	const struct vr_module_entry *entries = arg;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;

	if (entries[i].addr != entries[j].addr)
		return entries[i].addr < entries[j].addr ? -1 : 1;
	return i < j ? -1 : i > j;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct vr_symbol_range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->module < y->module ? -1 : x->module > y->module;
}

/* kallsyms is sorted by address; this is for one that isn't. */
static bool sort_core(struct vr_core_symbols *core)
{
	uint32_t i;

	if (core->by_addr)
		return true;
	for (i = 1; i < core->count && core->addrs[i - 1] <= core->addrs[i]; i++)
		;
	if (i >= core->count)
		return true;
	core->by_addr = malloc(core->count * sizeof(*core->by_addr));
	if (!core->by_addr)
		return false;
	for (i = 0; i < core->count; i++)
		core->by_addr[i] = i;
	qsort_r(core->by_addr, core->count, sizeof(*core->by_addr), compare_core, core);
	return true;
}

/*
 * Symbols that a lookup passes over: the undefined, and marks of the compiler and linker (see
 * include/linux/module_symbol.h:is_mapping_symbol()). Address 0 is where the kernel's search
 * begins.
 */
static bool is_eligible(const struct vr_module_entry *entry)
{
	const char *name = entry->text + 1;

	if (entry->text[0] == 'U' || !entry->addr)
		return false;
	return name[0] != '$' && !(name[0] == '.' && name[1] == 'L') &&
	       !(name[0] == 'L' && name[1] == '0');
}

static bool sort_module(struct vr_symtab *tab, struct vr_symbol_module *module)
{
	uint32_t n = 0;

	if (module->by_addr || !module->count)
		return true;
	module->by_addr = vr_arena_calloc(&tab->arena, module->count, sizeof(*module->by_addr));
	if (!module->by_addr)
		return false;
	for (uint32_t i = module->first; i < module->first + module->count; i++)
		if (is_eligible(&tab->entries[i]))
			module->by_addr[n++] = i;
	qsort_r(module->by_addr, n, sizeof(*module->by_addr), compare_entries, tab->entries);
	module->by_addr_count = n;
	return true;
}

bool vr_symtab_sort(struct vr_symtab *tab)
{
	if (!sort_core(&tab->core))
		return false;
	for (size_t i = 0; i < tab->module_count; i++)
		if (!sort_module(tab, &tab->modules[i]))
			return false;
	if (tab->range_count)
		qsort(tab->ranges, tab->range_count, sizeof(*tab->ranges), compare_ranges);
	return true;
}

static uint32_t core_at(const struct vr_core_symbols *core, uint32_t rank)
{
	return core->by_addr ? core->by_addr[rank] : rank;
}

/* How many of vmlinux's symbols are below addr, or (or_at) not above it, from rank `low` on. */
static uint32_t core_rank(const struct vr_core_symbols *core, uint32_t low, uint64_t addr,
			  bool or_at)
{
	uint32_t high = core->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint64_t there = core->addrs[core_at(core, mid)];

		if (there < addr || (or_at && there == addr))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint32_t module_rank(const struct vr_symtab *tab, const struct vr_symbol_module *module,
			    uint64_t addr, bool or_at)
{
	uint32_t low = 0, high = module->by_addr_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint64_t there = tab->entries[module->by_addr[mid]].addr;

		if (there < addr || (or_at && there == addr))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool in_core(const struct vr_symtab *tab, uint64_t addr, uint64_t *end)
{
	for (int i = 0; i < 2; i++) {
		*end = tab->core_ranges[i][1];
		if (addr >= tab->core_ranges[i][0] && addr < *end)
			return true;
	}
	return false;
}

/*
 * The next higher symbol ends one, wherever that is; the last ends with the image. Before the image
 * there are only per-CPU offsets, the last of which has no end.
 */
static uint64_t core_size_up_to(const struct vr_symtab *tab, uint64_t addr, uint32_t next)
{
	uint64_t end;
	bool inside = in_core(tab, addr, &end);

	if (next < tab->core.count) {
		uint64_t there = tab->core.addrs[core_at(&tab->core, next)];

		return inside || there < tab->core_ranges[0][0] ? there - addr : 0;
	}
	return inside ? end - addr : 0;
}

/* Whether a symbol of unknown address is among those at addr: where they end isn't known then. */
static bool is_end_lost(const struct vr_core_symbols *core, uint64_t addr)
{
	uint32_t rank = core->lost ? core_rank(core, 0, addr, true) : 0;

	return rank && !vr_core_has_addr(core, core_at(core, rank - 1));
}

uint64_t vr_core_size(const struct vr_symtab *tab, uint32_t i)
{
	const struct vr_core_symbols *core = &tab->core;
	uint64_t addr = core->addrs[i];
	uint32_t rank = core->by_addr ? 0 : i + 1;

	if (is_end_lost(core, addr))
		return 0;

	/* The next one is nearly always the next in order: don't search. */
	for (int tries = 0; !core->by_addr && tries < 4; tries++, rank++)
		if (rank >= core->count || core->addrs[rank] > addr)
			return core_size_up_to(tab, addr, rank);
	return core_size_up_to(tab, addr, core_rank(core, VR_MIN(rank, core->count), addr, true));
}

/* The last range that begins at or below addr, if addr is in it. */
static const struct vr_symbol_range *range_of(const struct vr_symtab *tab, uint64_t addr)
{
	size_t low = 0, high = tab->range_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (tab->ranges[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || addr - tab->ranges[low - 1].start >= tab->ranges[low - 1].size)
		return NULL;
	return &tab->ranges[low - 1];
}

/* Bytes from start to the next symbol above addr, or to the end of addr's range. */
static uint64_t module_size(const struct vr_symtab *tab, const struct vr_symbol_module *module,
			    const struct vr_symbol_range *range, uint64_t start, uint64_t addr)
{
	uint32_t next = module_rank(tab, module, addr, true);
	uint64_t end = range->start + (range->size - 1);

	if (next < module->by_addr_count) {
		uint64_t there = tab->entries[module->by_addr[next]].addr;

		if (there - 1 <= end)
			return there - start;
	}
	return end - start + 1;
}

const struct vr_symbol_module *vr_symtab_module_of(const struct vr_symtab *tab, uint32_t i)
{
	size_t low = 0, high = tab->module_count;

	/* The last that begins at or below i: those without symbols begin where the next does. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (tab->modules[mid].first <= i)
			low = mid + 1;
		else
			high = mid;
	}
	return &tab->modules[low - 1];
}

uint64_t vr_module_entry_size(const struct vr_symtab *tab, uint32_t i)
{
	uint64_t addr = tab->entries[i].addr;
	const struct vr_symbol_module *module = vr_symtab_module_of(tab, i);
	const struct vr_symbol_range *range = range_of(tab, addr);

	if (!range || &tab->modules[range->module] != module)
		return 0;
	return module_size(tab, module, range, addr, addr);
}

static enum vr_err lookup_module(const struct vr_symtab *tab, const struct vr_symbol_range *range,
				 uint64_t addr, struct vr_symbol *sym)
{
	const struct vr_symbol_module *module = &tab->modules[range->module];
	uint32_t rank = module_rank(tab, module, addr, true), entry;

	if (!rank)
		return VR_ABSENT;
	entry = module->by_addr[rank - 1];
	rank = module_rank(tab, module, tab->entries[entry].addr, false);
	entry = module->by_addr[rank];
	vr_module_symbol_at(tab, entry, sym);
	sym->size = module_size(tab, module, range, sym->addr, addr);
	return VR_OK;
}

/* The rank of the first of the symbols that share the address of the one at rank. */
static uint32_t first_alias(const struct vr_core_symbols *core, uint32_t rank)
{
	uint64_t addr = core->addrs[core_at(core, rank)];

	/* Nearly always there is none before it, or one or two: don't search. */
	for (int tries = 0; tries < 4; tries++, rank--)
		if (!rank || core->addrs[core_at(core, rank - 1)] != addr)
			return rank;
	return core_rank(core, 0, addr, false);
}

/* Whether addr lies behind the i-th symbol, which hasn't an address of its own: it may cover it. */
static bool is_between_lost(const struct vr_core_symbols *core, uint32_t i, uint64_t addr)
{
	return core->lost && core->addrs[i] != addr && !vr_core_has_addr(core, i);
}

enum vr_err vr_symtab_lookup(const struct vr_symtab *tab, uint64_t addr, struct vr_symbol *sym)
{
	enum vr_err none = tab->lack.kind != VR_OK ? tab->lack.kind : VR_ABSENT;
	const struct vr_symbol_range *range;
	uint64_t end;
	uint32_t rank;

	if (in_core(tab, addr, &end)) {
		rank = core_rank(&tab->core, 0, addr, true);
		if (!rank || is_between_lost(&tab->core, core_at(&tab->core, rank - 1), addr))
			return none;
		rank = first_alias(&tab->core, rank - 1);
		if (vr_core_is_lost(&tab->core, core_at(&tab->core, rank)))
			return none;
		vr_core_symbol(tab, core_at(&tab->core, rank), sym);
		return VR_OK;
	}
	range = range_of(tab, addr);
	return range ? lookup_module(tab, range, addr, sym) : none;
}
