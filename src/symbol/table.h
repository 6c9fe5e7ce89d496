/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How symbols are kept. vmlinux's, a hundred thousand and more, are in parallel arrays as small as
 * they go; modules' are added one module at a time and must not move, as users hold their names.
 */
#ifndef SYMBOL_TABLE_H
#define SYMBOL_TABLE_H

#include "base/arena.h"
#include "symbol/symtab.h"

/* More symbols than any kernel has: an index + 1 then fits into the bits that a slot has for it. */
#define VR_SYMBOLS_MAX ((1u << 22) - 2)
/* Longer than KSYM_NAME_LEN of any kernel (512 since 6.1). */
#define VR_SYMBOL_NAME_MAX 1024

/* A hash of names: slots hold index + 1 and some bits of the hash; namesakes are chained in order.
 */
struct vr_name_index {
	uint32_t *slots;
	uint32_t *next; /* by index: index + 1 of the next of that name, or 0 */
	uint32_t mask;
	uint32_t count; /* symbols indexed */
};

/*
 * What stands for the type letter of a symbol that the dump lacks something of; its name is empty.
 * One without an address has that of the symbol before it: its own is not lower.
 */
#define VR_LOST_NAME '?'
#define VR_LOST_ADDR '!'

/* vmlinux's symbols in kallsyms order. */
struct vr_core_symbols {
	uint64_t *addrs;
	uint32_t *names; /* offset in pool of the type letter; the name follows it */
	char *pool;
	uint32_t count;
	uint32_t lost;     /* how many are without a name or an address */
	uint64_t stext;    /* address of _stext */
	uint32_t *by_addr; /* indexes by address; NULL where addrs is sorted already, as it should
			      be */
};

struct vr_module_entry {
	uint64_t addr;
	const char *text; /* type letter, name */
};

struct vr_symbol_module {
	const char *name;
	uint32_t first, count; /* in entries */
	uint32_t *by_addr;     /* indexes of those that a lookup may give, by address and index */
	uint32_t by_addr_count;
};

struct vr_symbol_range {
	uint64_t start, size;
	uint32_t module;
};

/* A symbol that somebody else than kallsyms knows of. */
struct vr_known_symbol {
	uint64_t addr;
	const char *name;
};

struct vr_symtab {
	uint64_t seed;
	struct vr_core_symbols core;
	struct vr_name_index core_index;
	uint64_t core_ranges[2][2]; /* start and end of what a lookup finds in vmlinux */
	struct vr_arena arena;      /* modules' names and tables */
	struct vr_module_entry *entries;
	size_t entry_count, entry_cap;
	struct vr_symbol_module *modules;
	size_t module_count, module_cap;
	struct vr_symbol_range *ranges;
	size_t range_count, range_cap;
	struct vr_name_index module_index;
	struct vr_known_symbol *known;
	size_t known_count, known_cap;
	struct vr_error lack; /* VR_OK: all symbols are there */
};

/** Make room for extra more in an array of count. False: out of memory. */
bool vr_symtab_reserve(void **array, size_t *cap, size_t count, size_t extra, size_t size);
/** Whether the dump lacks the name or the address of vmlinux's i-th symbol. */
static inline bool vr_core_is_lost(const struct vr_core_symbols *core, uint32_t i)
{
	return core->pool[core->names[i] + 1] == '\0';
}
static inline bool vr_core_has_addr(const struct vr_core_symbols *core, uint32_t i)
{
	return !vr_core_is_lost(core, i) || core->pool[core->names[i]] != VR_LOST_ADDR;
}
/** Forget vmlinux's symbols (before vr_symtab_finish() only). */
void vr_symtab_clear_core(struct vr_symtab *tab);
/** Make the indexes by address that are missing (by_addr.c). False: out of memory. */
bool vr_symtab_sort(struct vr_symtab *tab);
/** Bytes up to the next symbol, for vmlinux's i-th and for entry i; 0 where that says nothing. */
uint64_t vr_core_size(const struct vr_symtab *tab, uint32_t i);
uint64_t vr_module_entry_size(const struct vr_symtab *tab, uint32_t i);
/** The module that entry i belongs to. */
const struct vr_symbol_module *vr_symtab_module_of(const struct vr_symtab *tab, uint32_t i);
/** Fill *sym with vmlinux's i-th symbol, and with entry i. */
void vr_core_symbol(const struct vr_symtab *tab, uint32_t i, struct vr_symbol *sym);
void vr_module_symbol_at(const struct vr_symtab *tab, uint32_t i, struct vr_symbol *sym);

#endif
