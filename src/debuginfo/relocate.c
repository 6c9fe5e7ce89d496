// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module's debug sections refer to its other sections, and to each other, by relocations: nobody
 * has linked it. Which kinds the compiler uses in them is in the x86-64 psABI, 4.4.
 */
#include <gelf.h>
#include <string.h>

#include "base/bits.h"
#include "debuginfo/file_parts.h"

struct relocation {
	const Elf64_Rela *list;
	size_t count;
	const Elf64_Sym *symbols;
	size_t symbol_count;
	uint8_t *target;
	size_t size;
	const struct vr_section_places *places;
};

static enum vr_err store(const struct relocation *r, const Elf64_Rela *rela, uint64_t value,
			 struct vr_error *err)
{
	size_t width;

	switch (ELF64_R_TYPE(rela->r_info)) {
	case R_X86_64_NONE:
		return VR_OK;
	case R_X86_64_PC64:
		value -= rela->r_offset;
		/* fall through */
	case R_X86_64_64:
	case R_X86_64_DTPOFF64:
		width = 8;
		break;
	case R_X86_64_PC32:
		value -= rela->r_offset;
		/* fall through */
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_DTPOFF32:
		width = 4;
		break;
	default:
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a relocation of type %u in its debug sections",
				    (unsigned)ELF64_R_TYPE(rela->r_info));
	}
	if (!vr_range_ok(rela->r_offset, width, r->size))
		return vr_error_set(err, VR_CORRUPT, "a relocation leads out of its section");
	memcpy(r->target + rela->r_offset, &value, width);
	return VR_OK;
}

static enum vr_err apply(const struct relocation *r, struct vr_error *err)
{
	enum vr_err kind = VR_OK;

	for (size_t i = 0; i < r->count && kind == VR_OK; i++) {
		const Elf64_Rela *rela = &r->list[i];
		uint64_t symbol = ELF64_R_SYM(rela->r_info);
		const Elf64_Sym *sym = &r->symbols[symbol];
		uint64_t base = 0;

		if (symbol >= r->symbol_count)
			return vr_error_set(err, VR_CORRUPT,
					    "a relocation by a symbol that isn't there");
		if (sym->st_shndx < r->places->count)
			base = r->places->addr[sym->st_shndx];
		kind = store(r, rela, base + sym->st_value + (uint64_t)rela->r_addend, err);
	}
	return kind;
}

/* An uncompressed section's bytes. */
static Elf_Data *bytes_of(Elf *elf, size_t index)
{
	Elf_Scn *scn = elf_getscn(elf, index);
	GElf_Shdr shdr;

	if (!scn || !gelf_getshdr(scn, &shdr))
		return NULL;
	if ((shdr.sh_flags & SHF_COMPRESSED) && elf_compress(scn, 0, 0) < 0)
		return NULL;
	return elf_getdata(scn, NULL);
}

enum vr_err vr_relocate_section(Elf *elf, size_t relocations,
				const struct vr_section_places *places, struct vr_error *err)
{
	const Elf_Data *list, *target, *symbols;
	struct relocation r;
	GElf_Shdr shdr;

	if (!gelf_getshdr(elf_getscn(elf, relocations), &shdr))
		return vr_error_set(err, VR_CORRUPT, "its relocations can't be read: %s",
				    elf_errmsg(-1));
	list = bytes_of(elf, relocations);
	target = bytes_of(elf, shdr.sh_info);
	symbols = bytes_of(elf, shdr.sh_link);
	if (!list || !target || !symbols)
		return vr_error_set(err, VR_CORRUPT, "its relocations can't be read: %s",
				    elf_errmsg(-1));
	if (!list->d_buf || !target->d_buf || !symbols->d_buf || list->d_type != ELF_T_RELA ||
	    symbols->d_type != ELF_T_SYM)
		return vr_error_set(err, VR_CORRUPT, "its relocations make no sense");
	r = (struct relocation){.list = list->d_buf,
				.count = list->d_size / sizeof(Elf64_Rela),
				.symbols = symbols->d_buf,
				.symbol_count = symbols->d_size / sizeof(Elf64_Sym),
				.target = target->d_buf,
				.size = target->d_size,
				.places = places};
	return apply(&r, err);
}
