// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/arch.h"

#include <elf.h>
#include <stdio.h>

#include "base/bits.h"

static const struct vr_arch *const arches[] = {&vr_arch_x86_64};

const struct vr_arch *vr_arch_find(uint16_t machine)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(arches); i++)
		if (arches[i]->machine == machine)
			return arches[i];
	return NULL;
}

const char *vr_arch_machine_name(uint16_t machine, char *buf, size_t size)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{EM_X86_64, "x86_64"},   {EM_386, "i386"},    {EM_AARCH64, "aarch64"},
		{EM_ARM, "arm"},         {EM_PPC64, "ppc64"}, {EM_S390, "s390x"},
		{EM_RISCV, "riscv"},     {EM_MIPS, "mips"},   {258, "loongarch"},
		{EM_SPARCV9, "sparc64"}, {EM_IA_64, "ia64"},
	};

	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	snprintf(buf, size, "machine %u", machine);
	return buf;
}
