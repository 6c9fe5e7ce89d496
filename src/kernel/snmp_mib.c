// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/snmp_mib.h"

#include <ctype.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/percpu.h"
#include "kernel/symbol_at.h"

/* Add the counters of the structure at obj to those in mib. */
static bool add(struct vr_obj obj, struct vr_mib *mib)
{
	struct vr_obj array = vr_get(obj, "mibs");
	uint64_t count = vr_ok(array) ? vr_type_length(vr_type_strip(array.type)) : 0;
	uint64_t part[VR_MIB_MAX];

	if (vr_failed(obj.prog))
		return false;
	if (!count || count > VR_MIB_MAX || vr_type_size(array.type) != count * sizeof(part[0])) {
		vr_latch(obj.prog, VR_UNSUPPORTED, "an array of %llu counters",
			 (unsigned long long)count);
		return false;
	}
	if (!vr_bytes(array, "", part, (size_t)count * sizeof(part[0])))
		return false;
	mib->count = (size_t)count;
	for (size_t i = 0; i < mib->count; i++)
		mib->values[i] += part[i];
	return true;
}

bool vr_mib_read(struct vr_obj pointer, struct vr_mib *mib)
{
	struct vr_program *prog = pointer.prog;
	struct vr_obj mibs = vr_deref(pointer, "");
	uint64_t base = mibs.addr;
	struct vr_cpumask possible;

	memset(mib, 0, sizeof(*mib));
	vr_cpumask_read(prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		mibs.addr = vr_per_cpu_addr(prog, base, cpu);
		if (!add(mibs, mib))
			return false;
	}
	return !vr_failed(prog);
}

bool vr_mib_read_shared(struct vr_obj pointer, struct vr_mib *mib)
{
	memset(mib, 0, sizeof(*mib));
	return add(vr_deref(pointer, ""), mib);
}

uint64_t vr_mib_value(struct vr_program *prog, const struct vr_mib *mib, uint64_t entry)
{
	if (entry < mib->count)
		return mib->values[entry];
	vr_latch(prog, VR_CORRUPT, "counter %llu of %zu", (unsigned long long)entry, mib->count);
	return 0;
}

struct vr_mib_walk vr_mib_names_begin(struct vr_program *prog, const char *symbol)
{
	struct vr_mib_walk w = {.item = vr_kernel_global(prog, symbol)};
	uint64_t size = vr_sizeof(prog, "struct snmp_mib");
	struct vr_symbol_at at;

	if (size && vr_ok(w.item) && vr_symbol_at(prog, w.item.addr, &at))
		w.left = VR_MIN(at.size / size, (uint64_t)VR_MIB_MAX);
	w.item.addr -= size;
	return w;
}

static bool is_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p))
			return false;
	return *name;
}

bool vr_mib_next(struct vr_mib_walk *w)
{
	struct vr_program *prog = w->item.prog;

	if (vr_failed(prog) || !w->left)
		return false;
	w->left--;
	w->item.addr += vr_sizeof(prog, "struct snmp_mib");
	if (!vr_u64(w->item, "name"))
		return false;
	vr_str(w->item, "name", w->name, sizeof(w->name));
	w->entry = (uint32_t)vr_u64(w->item, "entry");
	if (vr_failed(prog))
		return false;
	if (!is_name(w->name)) {
		vr_latch(prog, VR_CORRUPT, "a counter's name at 0x%llx is none",
			 (unsigned long long)w->item.addr);
		return false;
	}
	return true;
}
