// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/orc_tables.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "object/program.h"

/* A kernel has some 400,000 entries; this only keeps nonsense out. */
#define MAX_ENTRIES (1u << 26)
#define MAX_MODULES 16384
/* __START_KERNEL_map: vmlinux and behind it the modules, so that calls between them reach. */
#define IMAGE_START 0xffffffff80000000ull
/* Some hundred entries of the middle of the kernel's text show the commonest base register. */
#define SAMPLE 512

static bool in_range(const struct vr_text_range *range, uint64_t addr)
{
	return addr >= range->start && addr < range->end;
}

static struct vr_text_range symbol_range(struct vr_program *prog, const char *start,
					 const char *end)
{
	struct vr_text_range range = {0};

	if (vr_try_symbol(prog, start, &range.start) || vr_try_symbol(prog, end, &range.end))
		range = (struct vr_text_range){0};
	return range;
}

static enum vr_err vmlinux_tables(struct vr_orc_tables *tables, struct vr_error *err)
{
	struct vr_text_range ips =
		symbol_range(tables->prog, "__start_orc_unwind_ip", "__stop_orc_unwind_ip");
	struct vr_text_range entries =
		symbol_range(tables->prog, "__start_orc_unwind", "__stop_orc_unwind");
	uint64_t count = (ips.end - ips.start) / 4;

	if (!ips.start || !entries.start)
		return vr_error_set(err, VR_ABSENT,
				    "the kernel has no ORC unwind tables (CONFIG_UNWINDER_ORC)");
	if (ips.end <= ips.start || entries.end <= entries.start || count > MAX_ENTRIES ||
	    (entries.end - entries.start) / VR_ORC_ENTRY_SIZE != count)
		return vr_error_set(err, VR_CORRUPT, "the kernel's unwind tables differ in length");
	tables->vmlinux = (struct vr_orc_table){ips.start, entries.start, (uint32_t)count};
	return VR_OK;
}

/* The flags word of struct orc_entry: 6.3 added signal, 6.4 made type one bit wider. */
static enum vr_orc_version version_by_types(struct vr_program *prog)
{
	const struct vr_type *type = vr_type_find(prog, "struct orc_entry");
	struct vr_member member;

	if (!type || vr_type_size(type) != VR_ORC_ENTRY_SIZE ||
	    vr_type_member(type, "type", &member))
		return VR_ORC_NONE;
	if (member.bit_size >= 3)
		return VR_ORC_V3;
	return vr_type_member(type, "signal", &member) ? VR_ORC_V1 : VR_ORC_V2;
}

static enum vr_orc_version version_by_sample(const struct vr_orc_tables *tables)
{
	uint8_t sample[SAMPLE * VR_ORC_ENTRY_SIZE];
	uint32_t count = VR_MIN(tables->vmlinux.count, SAMPLE);
	uint64_t first = (tables->vmlinux.count - count) / 2;

	if (vr_read(tables->prog, tables->vmlinux.entries + first * VR_ORC_ENTRY_SIZE, sample,
		    count * VR_ORC_ENTRY_SIZE, NULL))
		return VR_ORC_NONE;
	return vr_orc_guess(sample, count);
}

static enum vr_orc_version version_by_hash(struct vr_program *prog)
{
	uint8_t hash[20];
	uint64_t addr;

	if (vr_try_symbol(prog, "__start_orc_header", &addr) ||
	    vr_read(prog, addr, hash, sizeof(hash), NULL))
		return VR_ORC_NONE;
	return vr_orc_version_by_hash(hash);
}

static enum vr_orc_version decide_version(const struct vr_orc_tables *tables)
{
	if (tables->by_sample == VR_ORC_V4)
		return VR_ORC_V4;
	if (tables->by_types != VR_ORC_NONE &&
	    (tables->by_types != VR_ORC_V3 || tables->by_sample == VR_ORC_V1))
		return tables->by_types;
	/* No type, or V3 by type and a sample that can't tell it from V4. */
	return tables->by_hash;
}

bool vr_orc_tables_disputed(const struct vr_orc_tables *tables)
{
	if (tables->by_hash != VR_ORC_NONE && tables->by_hash != tables->version)
		return true;
	return tables->by_sample == VR_ORC_V4 && tables->by_types != VR_ORC_NONE &&
	       tables->by_types != VR_ORC_V3;
}

enum vr_err vr_orc_tables_find(struct vr_program *prog, struct vr_orc_tables *tables,
			       struct vr_error *err)
{
	enum vr_err kind;

	*tables = (struct vr_orc_tables){.prog = prog};
	/* What is text is known also where there are no tables for it. */
	tables->text = symbol_range(prog, "_stext", "_etext");
	tables->init_text = symbol_range(prog, "_sinittext", "_einittext");
	kind = vmlinux_tables(tables, err);
	if (kind)
		return kind;
	tables->by_types = version_by_types(prog);
	tables->by_sample = version_by_sample(tables);
	tables->by_hash = version_by_hash(prog);
	tables->version = decide_version(tables);
	/*
	 * Linux 5.12 changed SP_INDIRECT for the sake of its new switching of IRQ stacks, and these
	 * variables came with that (e7f890017971 "x86/irq: Sanitize irq stack tracking").
	 */
	tables->sp_indirect_offset_first =
		!vr_has_symbol(prog, "hardirq_stack_inuse") &&
		!vr_has_member(prog, "struct pcpu_hot", "hardirq_stack_inuse");
	if (tables->version == VR_ORC_NONE) {
		tables->vmlinux.count = 0;
		return vr_error_set(err, VR_ABSENT,
				    "the encoding of the kernel's unwind tables can't be told");
	}
	return VR_OK;
}

static struct vr_text_range obj_range(struct vr_obj obj, const char *base, const char *size)
{
	struct vr_text_range range = {0};
	uint64_t len;

	if (vr_try_u64(obj, base, &range.start) || vr_try_u64(obj, size, &len) || len > 1u << 30 ||
	    __builtin_add_overflow(range.start, len, &range.end))
		return (struct vr_text_range){0};
	return range;
}

/* Before 6.4 (ac3b43283923 "module: replace module_layout with module_memory") text came first. */
static bool use_module(struct vr_orc_tables *tables, struct vr_obj mod, uint64_t ip)
{
	uint64_t count;

	if (vr_has(mod, "mem[0]")) {
		int64_t init = 4;

		vr_enum_value(tables->prog, "enum mod_mem_type", "MOD_INIT_TEXT", &init);
		tables->module.text = obj_range(mod, "mem[0].base", "mem[0].size");
		tables->module.init_text = init == 4 ? obj_range(mod, "mem[4].base", "mem[4].size")
						     : (struct vr_text_range){0};
	} else {
		tables->module.text = obj_range(mod, "core_layout.base", "core_layout.text_size");
		tables->module.init_text =
			obj_range(mod, "init_layout.base", "init_layout.text_size");
	}
	if (!in_range(&tables->module.text, ip) && !in_range(&tables->module.init_text, ip))
		return false;
	tables->module.table = (struct vr_orc_table){0};
	if (!vr_try_u64(mod, "arch.num_orcs", &count) && count <= MAX_ENTRIES &&
	    !vr_try_u64(mod, "arch.orc_unwind_ip", &tables->module.table.ips) &&
	    !vr_try_u64(mod, "arch.orc_unwind", &tables->module.table.entries))
		tables->module.table.count = (uint32_t)count;
	return true;
}

/* The way without the symbol table: through the list of modules. */
static bool search_modules(struct vr_orc_tables *tables, uint64_t ip)
{
	struct vr_obj head, module;
	uint64_t list_off, at;
	unsigned n;

	if (vr_try_kernel_global(tables->prog, "modules", &head) || vr_try_u64(head, "next", &at))
		return false;
	module = vr_at(tables->prog, "struct module", 0);
	if (!vr_ok(module) || vr_type_offsetof(module.type, "list", &list_off))
		return false;
	for (n = 0; n < MAX_MODULES && at != head.addr; n++) {
		module.addr = at - list_off;
		if (use_module(tables, module, ip))
			return true;
		if (vr_read(tables->prog, at, &at, sizeof(at), NULL))
			return false;
	}
	return false;
}

/* Make tables->module the one whose text ip lies in. */
static bool find_module(struct vr_orc_tables *tables, uint64_t ip)
{
	struct vr_scope scope;
	struct vr_symbol sym, this_module;
	bool found = false;

	if (in_range(&tables->module.text, ip) || in_range(&tables->module.init_text, ip))
		return true;
	if (ip < IMAGE_START)
		return false;
	vr_scope_enter(tables->prog, &scope);
	/* Each module's object file holds its struct module as __this_module. */
	if (!vr_symtab_lookup(tables->prog->symtab, ip, &sym) && sym.module &&
	    !vr_symtab_find_in(tables->prog->symtab, sym.module, "__this_module", &this_module))
		found = use_module(tables, vr_at(tables->prog, "struct module", this_module.addr),
				   ip);
	found = found || search_modules(tables, ip);
	if (!found)
		memset(&tables->module, 0, sizeof(tables->module));
	vr_scope_leave(tables->prog, &scope);
	return found;
}

bool vr_orc_tables_is_text(struct vr_orc_tables *tables, uint64_t addr)
{
	return in_range(&tables->text, addr) || in_range(&tables->init_text, addr) ||
	       find_module(tables, addr);
}

static enum vr_err read_table(void *arg, uint64_t addr, void *buf, size_t len, struct vr_error *err)
{
	struct vr_program *prog = arg;
	const uint8_t *p;

	if ((addr & 0xfff) + len <= 0x1000 && vr_aspace_peek(prog->as, addr, &p) == VR_MEM_OK) {
		memcpy(buf, p, len);
		return VR_OK;
	}
	return vr_read(prog, addr, buf, len, err);
}

/* The table that has ip; NULL: there is none. */
static const struct vr_orc_table *table_of(struct vr_orc_tables *tables, uint64_t ip)
{
	const struct vr_orc_table *table = NULL;

	if (in_range(&tables->text, ip) || in_range(&tables->init_text, ip))
		table = &tables->vmlinux;
	else if (find_module(tables, ip))
		table = &tables->module.table;
	return table && table->count && tables->version != VR_ORC_NONE ? table : NULL;
}

enum vr_err vr_orc_tables_lookup(struct vr_orc_tables *tables, uint64_t ip,
				 struct vr_orc_entry *entry, bool *known_text, struct vr_error *err)
{
	const struct vr_orc_table *table;

	if (known_text)
		*known_text = false;
	if (ip == 0) {
		*entry = vr_orc_null_entry;
		return VR_OK;
	}
	table = table_of(tables, ip);
	if (!table)
		return vr_error_set(err, VR_ABSENT, "no unwind tables for 0x%llx",
				    (unsigned long long)ip);
	if (known_text)
		*known_text = true;
	return vr_orc_find(table, tables->version, ip, read_table, tables->prog, entry, err);
}

enum vr_err vr_orc_tables_list(struct vr_orc_tables *tables, uint64_t start, uint64_t end,
			       struct vr_orc_place *list, size_t max, size_t *count,
			       struct vr_error *err)
{
	const struct vr_orc_table *table = table_of(tables, start);

	*count = 0;
	if (!table)
		return vr_error_set(err, VR_ABSENT, "no unwind tables for 0x%llx",
				    (unsigned long long)start);
	return vr_orc_list(table, tables->version, start, end, read_table, tables->prog, list, max,
			   count, err);
}
