// SPDX-License-Identifier: GPL-2.0-or-later
/* x86-64: page tables (arch/x86/include/asm/pgtable_types.h, Documentation/arch/x86/x86_64/mm.rst).
 */
#include "arch/arch.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#define START_KERNEL_MAP 0xffffffff80000000ull
#define ENTRY_PRESENT 0x1ull
#define ENTRY_LARGE 0x80ull
#define ADDRESS_BITS 0x000ffffffffff000ull

/* A whole number, decimal with a sign or 0x-hexadecimal. */
static bool parse_number(const char *text, int base, int64_t *value)
{
	char *end;

	errno = 0;
	*value = base == 16 ? (int64_t)strtoull(text, &end, 16) : strtoll(text, &end, base);
	return end != text && *end == '\0' && errno == 0;
}

/* The kernel's image is mapped at a constant distance; KERNEL_IMAGE_SIZE bounds it. */
#define MAX_IMAGE_SIZE (1ull << 30)

static enum vr_err paging_from_facts(vr_fact_getter get, void *arg, struct vr_paging *paging,
				     struct vr_error *err)
{
	const char *pgd = get(arg, "SYMBOL(swapper_pg_dir)");
	const char *base = get(arg, "NUMBER(phys_base)");
	const char *l5 = get(arg, "NUMBER(pgtable_l5_enabled)");
	const char *sme = get(arg, "NUMBER(sme_mask)");
	int64_t pgd_va, phys_base, five = 0, mask = 0;

	if (!pgd)
		pgd = get(arg, "SYMBOL(init_top_pgt)");
	if (!pgd)
		return vr_error_set(err, VR_ABSENT, "VMCOREINFO has no SYMBOL(swapper_pg_dir)");
	if (!base)
		return vr_error_set(err, VR_ABSENT, "VMCOREINFO has no NUMBER(phys_base)");
	if (!parse_number(pgd, 16, &pgd_va) || !parse_number(base, 0, &phys_base) ||
	    (l5 && !parse_number(l5, 0, &five)) || (sme && !parse_number(sme, 0, &mask)))
		return vr_error_set(err, VR_CORRUPT, "VMCOREINFO's paging facts are no numbers");
	if ((uint64_t)pgd_va < START_KERNEL_MAP)
		return vr_error_set(err, VR_CORRUPT,
				    "VMCOREINFO's swapper_pg_dir is not in the kernel's image");
	paging->sme_mask = (uint64_t)mask;
	/* phys_base is signed: KASLR may have moved the kernel down. */
	paging->pgd_phys = ((uint64_t)pgd_va - START_KERNEL_MAP + (uint64_t)phys_base) &
			   ADDRESS_BITS & ~paging->sme_mask;
	paging->levels = five ? 5 : 4;
	paging->image = (struct vr_linear_range){
		.start = START_KERNEL_MAP, .size = MAX_IMAGE_SIZE, .phys = (uint64_t)phys_base};
	return VR_OK;
}

static bool in_range(const struct vr_linear_range *range, uint64_t va, uint64_t *phys)
{
	if (va < range->start || va - range->start >= range->size)
		return false;
	*phys = va - range->start + range->phys;
	return *phys < 1ull << 52;
}

static enum vr_err walk(const struct vr_paging *paging, vr_entry_reader read, void *arg,
			uint64_t va, uint64_t *phys, uint64_t *span)
{
	const uint64_t mask = ADDRESS_BITS & ~paging->sme_mask;
	const unsigned sign_bit = paging->levels == 5 ? 56 : 47;
	const uint64_t high = va >> sign_bit;
	uint64_t table = paging->pgd_phys;

	/* Canonical addresses only: all bits from the sign bit up are equal. */
	if (high != 0 && high != UINT64_MAX >> sign_bit)
		return VR_ABSENT;
	for (int level = paging->levels; level > 0; level--) {
		unsigned shift = 12 + 9 * (unsigned)(level - 1);
		uint64_t slot = table + ((va >> shift) & 511) * 8;
		uint64_t entry;

		if (read(arg, slot, &entry) != VR_OK) {
			*span = 0x1000;
			if (in_range(&paging->image, va, phys) ||
			    in_range(&paging->direct, va, phys))
				return VR_OK;
			*phys = slot;
			return VR_FAULT;
		}
		if (!(entry & ENTRY_PRESENT))
			return VR_ABSENT;
		if (level == 1 || (level <= 3 && entry & ENTRY_LARGE)) {
			*span = 1ull << shift;
			*phys = (entry & mask & ~(*span - 1)) | (va & (*span - 1));
			return VR_OK;
		}
		table = entry & mask;
	}
	return VR_ABSENT;
}

const struct vr_arch vr_arch_x86_64 = {
	.name = "x86_64",
	.machine = EM_X86_64,
	.page_size = 4096,
	.paging_from_facts = paging_from_facts,
	.walk = walk,
};
