// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/variables.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "kernel/globals.h"
#include "object/program.h"
#include "vmlinux/dwarf_numbers.h"

/* Room for an entry without its name and parameters. */
#define ENTRY_MAX 64
/* No table of the kernel's that ends with zeros is larger. */
#define TABLE_MAX 0x10000u
/* More than the names of any kernel. */
#define POOL_MAX ((uintptr_t)256 << 20)

struct vars {
	struct vr_dwarf *dw;
	struct vr_program *prog;
	const struct vr_layout *layout;
	struct vr_vmlinux_info *info;
	/* Symbols that have an entry, by where the table keeps their names: vmlinux's lie in one
	 * piece, which begins at pool, and have a bit each; the others are in the map. */
	struct vr_map done;
	uint8_t *pool_done;
	uintptr_t pool, pool_size;
};

/* Names are unique by their place, if not by what they say. */
static uintptr_t place(const struct vr_symbol *sym)
{
	return (uintptr_t)sym->name;
}

static void mark_done(struct vars *v, const struct vr_symbol *sym)
{
	uintptr_t at = place(sym) - v->pool;

	if (at < v->pool_size)
		v->pool_done[at / 8] |= (uint8_t)(1u << (at % 8));
	else if (!vr_map_put(&v->done, place(sym), 1, NULL))
		v->dw->info.failed = VR_NOMEM;
}

static bool is_done(const struct vars *v, const struct vr_symbol *sym)
{
	uintptr_t at = place(sym) - v->pool;

	if (at < v->pool_size)
		return v->pool_done[at / 8] >> (at % 8) & 1;
	return vr_map_get(&v->done, place(sym)) != NULL;
}

/* Without it everything goes to the map. */
static void find_pool(struct vars *v)
{
	size_t low = 0, high = vr_symtab_count(v->prog->symtab);
	struct vr_symbol first, last;

	/* Behind vmlinux's symbols come the modules'. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		vr_symtab_at(v->prog->symtab, mid, &last);
		if (last.module)
			high = mid;
		else
			low = mid + 1;
	}
	if (!low)
		return;
	vr_symtab_at(v->prog->symtab, 0, &first);
	vr_symtab_at(v->prog->symtab, low - 1, &last);
	if (place(&last) < place(&first) || place(&last) - place(&first) > POOL_MAX)
		return;
	v->pool_done = calloc((place(&last) - place(&first)) / 8 + 1, 1);
	if (!v->pool_done)
		return;
	v->pool = place(&first);
	v->pool_size = place(&last) - place(&first) + 1;
}

static void put_location(struct vars *v, uint64_t addr)
{
	vr_blob_u8(&v->dw->info, 1 + sizeof(uint64_t));
	vr_blob_u8(&v->dw->info, DW_OP_addr);
	vr_blob_u64(&v->dw->info, vr_layout_link(v->layout, addr));
}

/* type: offset of its entry, or 0. */
static void put_variable(struct vars *v, const struct vr_symbol *sym, uint32_t type)
{
	struct vr_blob *info = &v->dw->info;

	if (!vr_blob_room(info, 1))
		return;
	vr_blob_u8(info, type ? VR_DW_VARIABLE : VR_DW_VARIABLE_V);
	vr_dwarf_text(v->dw, sym->name);
	if (!vr_blob_room(info, ENTRY_MAX))
		return;
	put_location(v, sym->addr);
	if (type) {
		vr_blob_u32(info, type);
		v->info->variables++;
	} else {
		v->info->void_variables++;
	}
}

/* ---- What is known by name ---- */

/* How many elements there are up to the last one that isn't zero; all where that can't be read. */
static uint64_t count_used(struct vars *v, const struct vr_symbol *sym, uint64_t size,
			   uint64_t count)
{
	VR_FREE uint8_t *data = NULL;
	uint64_t used = count * size;

	if (used > TABLE_MAX)
		return count;
	data = malloc(used + 1);
	if (!data || vr_read(v->prog, sym->addr, data, used, NULL))
		return count;
	while (used && !data[used - 1])
		used--;
	return (used + size - 1) / size;
}

/* An array of which the kernel's configuration decides the length. */
static uint32_t array_of(struct vars *v, const struct vr_symbol *sym,
			 const struct vr_global_type *line, uint32_t element, uint64_t size)
{
	uint64_t count = size ? sym->size / size : 0;
	int64_t length;

	/* Linkers align, so that there is often room for some more than there are. */
	if (line->length && !strcmp(line->length, "*"))
		count = count_used(v, sym, size, count);
	else if (line->length && !vr_enum_value(v->prog, NULL, line->length, &length) &&
		 length > 0 && (uint64_t)length < count)
		count = (uint64_t)length;
	return vr_dwarf_array(v->dw, element, count);
}

static void put_table(struct vars *v)
{
	size_t count;
	const struct vr_global_type *lines = vr_global_types(&count);

	for (size_t i = 0; i < count; i++) {
		const struct vr_type *type;
		struct vr_symbol sym;
		uint32_t at;

		if (vr_global_type_find(v->prog, lines[i].symbol) != &lines[i] ||
		    vr_symtab_find_in(v->prog->symtab, NULL, lines[i].symbol, &sym))
			continue;
		type = vr_type_find(v->prog, lines[i].type);
		at = type ? vr_dwarf_type(v->dw, type) : 0;
		if (!at)
			continue;
		/* A string that the table says only the greatest length of. */
		if (vr_type_kind(type) == VR_TYPE_ARRAY && sym.size &&
		    vr_type_size(type) > sym.size && vr_type_size(vr_type_target(type)) == 1)
			at = vr_dwarf_array(v->dw, vr_dwarf_type(v->dw, vr_type_target(type)),
					    sym.size);
		if (lines[i].array)
			at = array_of(v, &sym, &lines[i], at, vr_type_size(type));
		put_variable(v, &sym, at);
		mark_done(v, &sym);
	}
}

/* ---- What BTF describes ---- */

static void put_btf_variable(struct vars *v, const struct vr_dwarf_source *source,
			     const struct vr_btf_record *rec, const struct vr_symbol *sym)
{
	struct vr_blob *info = &v->dw->info;

	if (is_done(v, sym) || vr_dwarf_is_void(v->dw, source, rec->value))
		return;
	if (!vr_blob_room(info, 1))
		return;
	vr_blob_u8(info, VR_DW_VARIABLE);
	vr_dwarf_text(v->dw, sym->name);
	if (!vr_blob_room(info, ENTRY_MAX))
		return;
	put_location(v, sym->addr);
	vr_dwarf_ref(v->dw, source, rec->value);
	v->info->variables++;
	mark_done(v, sym);
}

/* Where a function is, and how long: up to the next symbol. */
static void put_bounds(struct vars *v, const struct vr_symbol *sym)
{
	vr_blob_u64(&v->dw->info, vr_layout_link(v->layout, sym->addr));
	vr_blob_u32(&v->dw->info, (uint32_t)VR_MIN(sym->size, (uint64_t)UINT32_MAX));
}

static void put_function(struct vars *v, const struct vr_dwarf_source *source,
			 const struct vr_btf_record *rec, const struct vr_symbol *sym)
{
	struct vr_blob *info = &v->dw->info;
	struct vr_btf_record proto;
	bool is_void;

	vr_btf_record(source->source->btf, rec->value, &proto);
	if (proto.kind != VR_BTF_FUNC_PROTO || is_done(v, sym) || !vr_blob_room(info, ENTRY_MAX))
		return;
	is_void = vr_dwarf_is_void(v->dw, source, proto.value);
	vr_blob_u8(info, is_void ? VR_DW_FUNCTION_V : VR_DW_FUNCTION);
	vr_dwarf_name(v->dw, source, rec->name);
	put_bounds(v, sym);
	if (!is_void)
		vr_dwarf_ref(v->dw, source, proto.value);
	vr_dwarf_params(v->dw, source, &proto);
	v->info->functions++;
	mark_done(v, sym);
}

static void put_source(struct vars *v, const struct vr_dwarf_source *source)
{
	const struct vr_btf *btf = source->source->btf;

	for (uint32_t id = VR_MAX(btf->start_id, 1u); id < btf->end_id; id++) {
		struct vr_btf_record rec;
		struct vr_symbol sym;

		vr_btf_record(btf, id, &rec);
		if (rec.kind != VR_BTF_FUNC && rec.kind != VR_BTF_VAR)
			continue;
		if (vr_symtab_find_in(v->prog->symtab, source->source->module,
				      vr_btf_string(btf, rec.name), &sym))
			continue;
		if (rec.kind == VR_BTF_FUNC)
			put_function(v, source, &rec, &sym);
		else
			put_btf_variable(v, source, &rec, &sym);
	}
}

/* ---- The rest ---- */

static bool begins(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* Names that no C source has: the compiler's and linker's own. */
static bool is_made_up(const char *name)
{
	static const char *const prefixes[] = {
		"__ksymtab_", "__kstrtab",     "__pfx_",       "__cfi_",
		"__crc_",     "__UNIQUE_",     "__func__",     "__FUNCTION__",
		"__PRETTY_",  "__this_module", "____versions",
	};

	if (strchr(name, '.') || !*name)
		return true;
	if (name[0] != '_')
		return false;
	for (size_t i = 0; i < VR_ARRAY_SIZE(prefixes); i++)
		if (begins(name, prefixes[i]))
			return true;
	return false;
}

static bool is_function(const struct vars *v, const struct vr_symbol *sym)
{
	if (!sym->module)
		return vr_layout_in(&v->layout->text, sym->addr) ||
		       vr_layout_in(&v->layout->init_text, sym->addr);
	return strchr("tTwW", sym->type) != NULL;
}

static void put_plain_function(struct vars *v, const struct vr_symbol *sym)
{
	if (!vr_blob_room(&v->dw->info, 1))
		return;
	vr_blob_u8(&v->dw->info, VR_DW_FUNCTION_PLAIN);
	vr_dwarf_text(v->dw, sym->name);
	if (!vr_blob_room(&v->dw->info, ENTRY_MAX))
		return;
	put_bounds(v, sym);
}

static void put_rest(struct vars *v)
{
	size_t count = vr_symtab_count(v->prog->symtab);

	for (size_t i = 0; i < count && !v->dw->info.failed; i++) {
		struct vr_symbol sym;

		vr_symtab_at(v->prog->symtab, i, &sym);
		if ((sym.module && !v->layout->modules_section) || sym.type == 'U' ||
		    is_made_up(sym.name) || is_done(v, &sym))
			continue;
		if (is_function(v, &sym))
			put_plain_function(v, &sym);
		else
			put_variable(v, &sym, 0);
	}
}

void vr_dwarf_variables(struct vr_dwarf *dw, struct vr_program *prog,
			const struct vr_layout *layout, struct vr_vmlinux_info *info)
{
	struct vars v = {.dw = dw, .prog = prog, .layout = layout, .info = info};

	find_pool(&v);
	put_table(&v);
	for (size_t i = 0; i < dw->source_count; i++)
		put_source(&v, &dw->sources[i]);
	put_rest(&v);
	vr_map_free(&v.done);
	free(v.pool_done);
}
