// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/symbols.h"

#include <ctype.h>

#include "base/bits.h"
#include "object/program.h"
#include "type/btf.h"
#include "vmlinux/dwarf.h"

static unsigned char binding(char letter)
{
	if (strchr("wWvV", letter))
		return STB_WEAK;
	return isupper((unsigned char)letter) ? STB_GLOBAL : STB_LOCAL;
}

static bool is_text(const struct vr_layout *layout, const struct vr_symbol *sym)
{
	/* In vmlinux letters lie, so that its ranges decide; a module's text has no such range here. */
	if (!sym->module)
		return vr_layout_in(&layout->text, sym->addr) ||
		       vr_layout_in(&layout->init_text, sym->addr);
	return strchr("tTwW", sym->type) != NULL;
}

static void put_name(struct vr_blob *out, const char *name, size_t len)
{
	uint8_t *p = out->data + out->len;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)vr_dwarf_ascii(name[i]);
	p[len] = '\0';
	out->len += len + 1;
}

/* into: the table for its binding. */
static bool put_symbol(const struct vr_layout *layout, const struct vr_symbol *sym,
		       struct vr_symbol_sections *out, struct vr_blob *into)
{
	size_t len = strnlen(sym->name, VR_BTF_NAME_MAX);
	uint16_t section = vr_layout_section(layout, sym->addr);
	Elf64_Sym entry = {
		.st_name = (uint32_t)out->strtab.len,
		.st_info = ELF64_ST_INFO(binding(sym->type),
					 is_text(layout, sym) ? STT_FUNC : STT_OBJECT),
		.st_shndx = section,
		.st_value = vr_layout_link(layout, sym->addr),
		.st_size = section == SHN_ABS ? 0 : sym->size,
	};

	if (!vr_blob_room(&out->strtab, len + 1) || !vr_blob_room(into, sizeof(entry)))
		return false;
	put_name(&out->strtab, sym->name, len);
	memcpy(into->data + into->len, &entry, sizeof(entry));
	into->len += sizeof(entry);
	out->count++;
	return true;
}

/* Nameless: readers call them by their sections. crash 8.0.2 asks for .rodata's, as others may. */
static void put_section_symbols(const struct vr_layout *layout, struct vr_blob *out)
{
	for (size_t i = 0; i < layout->part_count; i++) {
		Elf64_Sym entry = {
			.st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION),
			.st_shndx = layout->parts[i].section,
			.st_value = vr_layout_link(layout, layout->parts[i].range.start),
		};

		vr_blob_add(out, &entry, sizeof(entry));
	}
}

void vr_symbols_make(struct vr_program *prog, const struct vr_layout *layout,
		     struct vr_symbol_sections *out)
{
	size_t count = vr_symtab_count(prog->symtab);
	struct vr_blob globals = {.max = out->symtab.max};
	Elf64_Sym null = {0};

	vr_blob_room(&out->strtab, count * 24);
	vr_blob_add(&out->symtab, &null, sizeof(null));
	vr_blob_add(&out->strtab, "", 1);
	put_section_symbols(layout, &out->symtab);
	for (size_t i = 0; i < count; i++) {
		struct vr_symbol sym;
		bool local;

		vr_symtab_at(prog->symtab, i, &sym);
		if (!sym.name[0] || (sym.module && !layout->modules_section) || sym.type == 'U')
			continue;
		local = binding(sym.type) == STB_LOCAL;
		if (!put_symbol(layout, &sym, out, local ? &out->symtab : &globals))
			break;
	}
	/* Local ones come first. */
	out->first_global = (uint32_t)(out->symtab.len / sizeof(Elf64_Sym));
	vr_blob_add(&out->symtab, globals.data, globals.len);
	if (globals.failed)
		out->symtab.failed = globals.failed;
	vr_blob_free(&globals);
}
