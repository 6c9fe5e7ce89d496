// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules' symbols and types on their way into the program's tables. */
#include "kernel/module.h"

#include <ctype.h>
#include <elf.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "kernel/globals.h"
#include "object/program.h"

/* A module has at most a few ten thousand symbols and some megabytes of names. */
#define MAX_SYMBOLS 1000000u
#define MAX_NAMES (32u << 20)
#define MAX_BTF (64u << 20)
#define MAX_NAME 512

/* All of a module's symbol table, before it goes to the symbol layer. */
struct symbol_copy {
	struct vr_program *prog;
	Elf64_Sym *syms;
	uint8_t *types;
	char *names;
	size_t count, names_len;
	struct vr_map exported; /* address to the address of the exported name */
};

static void symbol_copy_free(struct symbol_copy *c)
{
	free(c->syms);
	free(c->types);
	free(c->names);
	vr_map_free(&c->exported);
}

/* The string table has no length of its own: it is as long as the furthest name in use. */
static bool copy_names(struct symbol_copy *c, uint64_t strtab)
{
	uint64_t furthest = 0, done = 0;

	for (size_t i = 0; i < c->count; i++)
		furthest = VR_MAX(furthest, c->syms[i].st_name);
	if (furthest > MAX_NAMES) {
		vr_latch(c->prog, VR_CORRUPT, "a string table of %llu bytes",
			 (unsigned long long)furthest);
		return false;
	}
	c->names_len = furthest + MAX_NAME;
	c->names = calloc(1, c->names_len + 1);
	if (!c->names) {
		vr_latch(c->prog, VR_NOMEM, "out of memory");
		return false;
	}
	/* Page by page: what lies behind the last name need not be readable. */
	while (done < c->names_len) {
		uint64_t n = VR_MIN(0x1000 - ((strtab + done) & 0xfff), c->names_len - done);
		struct vr_error err;

		if (vr_read(c->prog, strtab + done, c->names + done, n, &err) != VR_OK) {
			if (done > furthest)
				break;
			vr_latch_error(c->prog, &err);
			return false;
		}
		done += n;
	}
	return true;
}

static bool copy_symbols(struct vr_obj module, struct symbol_copy *c)
{
	struct vr_obj tables = vr_deref(module, "kallsyms");
	uint64_t count = vr_u64(tables, "num_symtab");
	uint64_t symtab = vr_u64(tables, "symtab");
	uint64_t typetab = vr_u64(tables, "typetab");
	uint64_t strtab = vr_u64(tables, "strtab");
	struct vr_error err;

	if (vr_failed(c->prog))
		return false;
	if (count > MAX_SYMBOLS) {
		vr_latch(c->prog, VR_CORRUPT, "%llu symbols", (unsigned long long)count);
		return false;
	}
	c->count = count;
	c->syms = calloc(count + 1, sizeof(*c->syms));
	c->types = calloc(count + 1, 1);
	if (!c->syms || !c->types) {
		vr_latch(c->prog, VR_NOMEM, "out of memory");
		return false;
	}
	if (vr_read(c->prog, symtab, c->syms, count * sizeof(*c->syms), &err) != VR_OK ||
	    vr_read(c->prog, typetab, c->types, count, &err) != VR_OK) {
		vr_latch_error(c->prog, &err);
		return false;
	}
	return copy_names(c, strtab);
}

/* Where a field of struct kernel_symbol leads: relative to itself, or an absolute pointer. */
static uint64_t symbol_field(struct vr_obj entry, const char *relative, const char *absolute)
{
	if (vr_has(entry, relative)) {
		struct vr_obj field = vr_get(entry, relative);

		return field.addr + vr_u64(field, "");
	}
	return vr_u64(entry, absolute);
}

/*
 * What a module exports without asking for the GPL: those have upper case letters in /proc/kallsyms
 * (is_exported() in kernel/module/kallsyms.c looks no further than module.syms).
 */
static void find_exported(struct vr_obj module, struct symbol_copy *c)
{
	uint64_t count = vr_u64(module, "num_syms");
	struct vr_obj table = vr_get(module, "syms");

	if (!vr_failed(c->prog) && count > MAX_SYMBOLS)
		vr_latch(c->prog, VR_CORRUPT, "%llu exported symbols", (unsigned long long)count);
	for (uint64_t i = 0; i < count && !vr_failed(c->prog); i++) {
		struct vr_obj entry = vr_index(table, i);
		uint64_t value = symbol_field(entry, "value_offset", "value");
		uint64_t name = symbol_field(entry, "name_offset", "name");

		if (!vr_map_put(&c->exported, value, name, NULL))
			vr_latch(c->prog, VR_NOMEM, "out of memory");
	}
}

static bool is_exported(const struct symbol_copy *c, uint64_t addr, const char *symbol)
{
	const uint64_t *at = vr_map_get(&c->exported, addr);
	size_t len = strlen(symbol) + 1;
	char name[MAX_NAME];

	return at && len <= sizeof(name) && vr_read(c->prog, *at, name, len, NULL) == VR_OK &&
	       !memcmp(name, symbol, len);
}

static char symbol_letter(const struct symbol_copy *c, size_t i, const char *symbol)
{
	char letter = (char)c->types[i];

	return (char)(is_exported(c, c->syms[i].st_value, symbol) ? toupper((unsigned char)letter)
								  : tolower((unsigned char)letter));
}

static enum vr_err add_symbols(struct vr_obj module, const char *name)
{
	VR_CLEANUP(symbol_copy_free) struct symbol_copy c = {.prog = module.prog};
	struct vr_symtab_range ranges[VR_MODULE_RANGES];
	VR_FREE struct vr_module_symbol *out = NULL;
	struct vr_module_memory memory;
	size_t n = 0;

	if (!vr_module_memory(module, &memory) || !copy_symbols(module, &c))
		return VR_OK;
	find_exported(module, &c);
	if (vr_failed(module.prog))
		return VR_OK;
	for (size_t i = 0; i < memory.count; i++)
		ranges[i] = (struct vr_symtab_range){memory.ranges[i].start, memory.ranges[i].size};
	out = calloc(c.count + 1, sizeof(*out));
	if (!out)
		return VR_NOMEM;
	for (size_t i = 0; i < c.count; i++) {
		const char *symbol = c.names + c.syms[i].st_name;

		/* /proc/kallsyms leaves nameless and undefined ones out too. */
		if (!*symbol || c.syms[i].st_shndx == SHN_UNDEF)
			continue;
		out[n++] = (struct vr_module_symbol){c.syms[i].st_value, symbol,
						     symbol_letter(&c, i, symbol)};
	}
	return vr_symtab_add_module(module.prog->symtab, name, ranges, memory.count, out, n);
}

/* The scope's error, if any, becomes a line of the log: one module less, the others go on. */
static void end_module(struct vr_program *prog, struct vr_scope *scope, const struct vr_log *log,
		       const char *name, const char *what)
{
	if (vr_scope_leave(prog, scope) != VR_OK)
		vr_log(log, VR_LOG_WARNING, "module %s: no %s: %s", *name ? name : "?", what,
		       scope->error.text);
}

static enum vr_err load_symbols(struct vr_program *prog, const struct vr_log *log)
{
	struct vr_list_walk w = vr_module_walk(prog);
	enum vr_err r = VR_OK;

	while (r == VR_OK && vr_list_next(&w)) {
		char name[VR_MODULE_NAME];
		struct vr_scope scope;

		vr_scope_enter(prog, &scope);
		vr_module_name(w.entry, name);
		if (!vr_failed(prog))
			r = add_symbols(w.entry, name);
		end_module(prog, &scope, log, name, "symbols");
	}
	return r == VR_OK ? vr_symtab_finish(prog->symtab) : r;
}

static void add_types(struct vr_obj entry, char *name)
{
	struct vr_program *prog = entry.prog;
	struct vr_obj btf = vr_deref(entry, "btf");
	uint64_t size = vr_u64(btf, "data_size");
	uint64_t data = vr_u64(btf, "data");
	struct vr_error err;
	void *copy;

	vr_str(btf, "name", name, VR_MODULE_NAME);
	if (vr_failed(prog))
		return;
	if (!size || size > MAX_BTF) {
		vr_latch(prog, VR_CORRUPT, "BTF of %llu bytes", (unsigned long long)size);
		return;
	}
	copy = malloc(size);
	if (!copy) {
		vr_latch(prog, VR_NOMEM, "out of memory");
		return;
	}
	if (vr_read(prog, data, copy, size, &err) != VR_OK) {
		free(copy);
		vr_latch_error(prog, &err);
	} else if (vr_types_add_module_btf(prog->types, name, copy, size, &err) != VR_OK) {
		vr_latch_error(prog, &err);
	}
}

/*
 * Modules' BTF is found through the list btf_modules (kernel/bpf/btf.c, since Linux 5.11):
 * module.btf_data is NULL once a module is loaded.
 */
static void load_types(struct vr_program *prog, const struct vr_log *log)
{
	struct vr_list_walk w;
	struct vr_obj head;

	/* They build on vmlinux's BTF, of which DWARF has nothing. */
	if (!vr_types_has_btf(prog->types))
		return;
	if (vr_types_first_lost(prog->types)) {
		vr_log(log, VR_LOG_WARNING,
		       "modules: no types: theirs build on all of vmlinux's, some of which the "
		       "dump lacks");
		return;
	}
	if (vr_try_kernel_global(prog, "btf_modules", &head) != VR_OK ||
	    !vr_has_member(prog, "struct btf_module", "list"))
		return;
	w = vr_list_begin(head, "struct btf_module", "list");
	while (vr_list_next(&w)) {
		char name[VR_MODULE_NAME] = "";
		struct vr_scope scope;

		vr_scope_enter(prog, &scope);
		add_types(w.entry, name);
		end_module(prog, &scope, log, name, "types");
	}
}

enum vr_err vr_modules_load(struct vr_program *prog, const struct vr_log *log)
{
	struct vr_scope scope;
	enum vr_err r;

	vr_scope_enter(prog, &scope);
	r = load_symbols(prog, log);
	if (r == VR_OK)
		load_types(prog, log);
	if (scope.cuts)
		vr_log(log, VR_LOG_WARNING, "modules: %s", scope.cut.text);
	if (vr_scope_leave(prog, &scope) != VR_OK)
		vr_log(log, VR_LOG_WARNING, "modules: %s", scope.error.text);
	return r;
}
