/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All symbols of the dumped kernel: vmlinux's from kallsyms, modules' added one module at a time.
 * Immutable once filled; shared by fork().
 */
#ifndef SYMBOL_SYMTAB_H
#define SYMBOL_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

struct vr_symtab;

/** One symbol. name is NUL-terminated and owned by the table. */
struct vr_symbol {
	uint64_t addr;
	uint64_t size; /* bytes up to the next symbol, as the kernel reckons; 0 where unknown */
	const char *name;
	const char *module; /* NULL: vmlinux */
	char type;          /* nm's letter, as in /proc/kallsyms. It lies on new kernels: 7.x has
			       writable data as 'T'. Use address ranges instead. */
};

/** A loaded module's address ranges, for lookups by address. */
struct vr_symtab_range {
	uint64_t start;
	uint64_t size;
};

struct vr_symtab *vr_symtab_new(void);
void vr_symtab_free(struct vr_symtab *tab);

/** Reads the dump's virtual memory for the functions below: VR_OK or VR_FAULT. */
typedef enum vr_err (*vr_symtab_reader)(void *arg, uint64_t va, void *buf, size_t len);

/** Addresses of the kallsyms tables (0: there is none) and a symbol of known address to check by.
 */
struct vr_kallsyms_tables {
	uint64_t names, num_syms, token_table, token_index;
	uint64_t offsets, relative_base; /* relative_base is 0 from Linux 7.0 on */
	uint64_t addresses;              /* the absolute table, instead of offsets */
	uint64_t stext;                  /* address of _stext */
	const char *other;               /* another to check by where _stext is lost, or NULL */
	uint64_t other_addr;
};

/**
 * Fill the table with vmlinux's symbols, decoded from kallsyms (kernel/kallsyms.c and
 * scripts/kallsyms.c; names of more than 127 bytes since 6.1, place-relative offsets since 7.0).
 * Which encoding of addresses is in use is found by what gives _stext its true address.
 * Names and addresses that can't be read, or names that can't be right, don't cost the others: see
 * vr_symtab_lack(). Errors, after which nothing is kept: VR_ABSENT (addresses of tables are
 * missing), VR_FAULT (of the tokens, or of all names),
 * VR_CORRUPT, VR_LIMIT (4 M symbols, 128 MiB of names), VR_NOMEM, VR_UNSUPPORTED (a second call),
 * and what else the reader says.
 */
enum vr_err vr_symtab_add_kallsyms(struct vr_symtab *tab, const struct vr_kallsyms_tables *tables,
				   vr_symtab_reader read, void *arg, struct vr_error *err);

/** The kernel's image, as far as it is known where that is, and a symbol to check by. */
struct vr_kallsyms_range {
	uint64_t start, end;
	uint64_t stext;    /* address of _stext */
	const char *other; /* as in struct vr_kallsyms_tables */
	uint64_t other_addr;
};

/**
 * The same where nobody says where the tables are: look through the range for them. Pages that
 * can't be read are taken for zeros. Each table is checked against the others and _stext against
 * its address; *tables says what was found. Reads the range once, in pieces, and some MiB of it a
 * second time. Errors, after which nothing is kept: VR_ABSENT (there are none), VR_CORRUPT (not
 * whole, or found twice), VR_LIMIT, VR_NOMEM, VR_FAULT.
 */
enum vr_err vr_symtab_scan_kallsyms(struct vr_symtab *tab, const struct vr_kallsyms_range *range,
				    vr_symtab_reader read, void *arg,
				    struct vr_kallsyms_tables *tables, struct vr_error *err);

/**
 * A module's symbol before it enters the table. Nameless ones don't; undefined ones (type 'U') and
 * the toolchain's marks do, but aren't found by address.
 */
struct vr_module_symbol {
	uint64_t addr;
	const char *name; /* need not outlive the call */
	char type;
};

/**
 * Add one module's symbols (in the order of its own table, which decides among aliases) and its
 * ranges. Call it once per module, in any order, then vr_symtab_finish(). VR_NOMEM, VR_LIMIT.
 * A symbol ends with the range of the address looked up at the latest; the kernel ends it with the
 * module's text, so give text and data as ranges of their own.
 */
enum vr_err vr_symtab_add_module(struct vr_symtab *tab, const char *module,
				 const struct vr_symtab_range *ranges, size_t range_count,
				 const struct vr_module_symbol *symbols, size_t count);

/**
 * Build the indexes after adding; called again after later additions, it does what is new (names
 * handed out stay valid). Before it, nothing is found. VR_NOMEM.
 */
enum vr_err vr_symtab_finish(struct vr_symtab *tab);

/**
 * Why symbols are missing from the table: "12 of 87347 symbols: ..."; NULL: none are. A name or an
 * address that isn't found is then VR_FAULT (or of whatever kind this is), not VR_ABSENT.
 */
const struct vr_error *vr_symtab_lack(const struct vr_symtab *tab);
/** Say it of a table that kallsyms could not be read into. */
void vr_symtab_set_lack(struct vr_symtab *tab, const struct vr_error *why);
/**
 * A symbol of vmlinux's that is known from elsewhere (VMCOREINFO): found by its name where kallsyms
 * doesn't have it, but not by its address. name is copied. VR_NOMEM.
 */
enum vr_err vr_symtab_add_known(struct vr_symtab *tab, const char *name, uint64_t addr);

/** Number of symbols; of vmlinux's that are lost. */
size_t vr_symtab_count(const struct vr_symtab *tab);
size_t vr_symtab_lost(const struct vr_symtab *tab);
/**
 * The i-th symbol, in the kernel's own (kallsyms) order, then the modules'. A lost one has an empty
 * name.
 */
void vr_symtab_at(const struct vr_symtab *tab, size_t i, struct vr_symbol *sym);

/**
 * A symbol by name: vmlinux's first, then modules'. VR_ABSENT. Where the name has several addresses
 * (static functions) the first is given and *count (may be NULL) says how many there are.
 */
enum vr_err vr_symtab_find(const struct vr_symtab *tab, const char *name, struct vr_symbol *sym,
			   size_t *count);
/** The same within one module (NULL: vmlinux only). */
enum vr_err vr_symtab_find_in(const struct vr_symtab *tab, const char *module, const char *name,
			      struct vr_symbol *sym);

/**
 * The symbol that covers addr, by the kernel's own rule: within vmlinux the first of the symbols at
 * the nearest address at or below; within a module the first in its table of those. VR_ABSENT where
 * addr lies in neither. sym->size then gives the distance to the next symbol.
 */
enum vr_err vr_symtab_lookup(const struct vr_symtab *tab, uint64_t addr, struct vr_symbol *sym);

#endif
