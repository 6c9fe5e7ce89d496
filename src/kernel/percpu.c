// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/percpu.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/bitmap.h"
#include "kernel/globals.h"

unsigned vr_nr_cpus(struct vr_program *prog)
{
	uint64_t nr = vr_u64(vr_kernel_global(prog, "nr_cpu_ids"), "");

	if (vr_failed(prog))
		return 0;
	if (!nr || nr > VR_MAX_CPUS) {
		vr_latch(prog, VR_CORRUPT, "nr_cpu_ids is %llu", (unsigned long long)nr);
		return 0;
	}
	return (unsigned)nr;
}

uint64_t vr_per_cpu_addr(struct vr_program *prog, uint64_t addr, unsigned cpu)
{
	struct vr_obj offset = vr_kernel_global(prog, "__per_cpu_offset");

	offset.addr += 8ull * cpu;
	return addr + vr_u64(offset, "");
}

struct vr_obj vr_per_cpu(struct vr_program *prog, const char *symbol, const char *type,
			 unsigned cpu)
{
	return vr_at(prog, type, vr_per_cpu_addr(prog, vr_symbol(prog, symbol), cpu));
}

bool vr_cpumask_read(struct vr_program *prog, const char *symbol, struct vr_cpumask *mask)
{
	struct vr_obj obj = vr_kernel_global(prog, symbol);
	unsigned nr = vr_nr_cpus(prog);
	size_t bytes = VR_MIN(sizeof(mask->bits), vr_sizeof(prog, "struct cpumask"));

	memset(mask, 0, sizeof(*mask));
	if (!vr_bytes(obj, "", mask->bits, bytes))
		return false;
	mask->nr = (unsigned)VR_MIN((size_t)nr, bytes * 8);
	return true;
}

bool vr_cpumask_test(const struct vr_cpumask *mask, unsigned cpu)
{
	return cpu < mask->nr && mask->bits[cpu / 64] >> (cpu % 64) & 1;
}

unsigned vr_cpumask_next(const struct vr_cpumask *mask, unsigned cpu)
{
	while (cpu < mask->nr && !vr_cpumask_test(mask, cpu))
		cpu++;
	return cpu < mask->nr ? cpu : mask->nr;
}

unsigned vr_cpumask_count(const struct vr_cpumask *mask)
{
	unsigned count = 0;

	for (unsigned cpu = 0; cpu < mask->nr; cpu++)
		count += vr_cpumask_test(mask, cpu);
	return count;
}

char *vr_cpumask_list(const struct vr_cpumask *mask, char *buf, size_t size)
{
	return vr_bitmap_list(mask->bits, mask->nr, buf, size);
}

char *vr_cpumask_hex(const struct vr_cpumask *mask, char *buf, size_t size)
{
	return vr_bitmap_hex(mask->bits, mask->nr, buf, size);
}
