// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/mtrr (mtrr_seq_show() in arch/x86/kernel/cpu/mtrr/if.c, generic_get_mtrr() in generic.c). The
 * kernel asks the CPU's registers; what it has in them it has in mtrr_state as well.
 */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

#define PAGE_SHIFT 12
#define MASK_VALID 0x800u
#define TYPES 7 /* MTRR_NUM_TYPES */

static void put_range(struct vr_file *f, uint64_t i, struct vr_obj range, const char *types)
{
	uint64_t base = vr_u64(range, "base_hi") << (32 - PAGE_SHIFT) |
			vr_u64(range, "base_lo") >> PAGE_SHIFT;
	uint64_t mask = vr_u64(range, "mask_hi") << (32 - PAGE_SHIFT) |
			vr_u64(range, "mask_lo") >> PAGE_SHIFT;
	uint64_t type = vr_u64(range, "base_lo") & 0xff, size;
	struct vr_program *prog = range.prog;
	char name[32] = "?", factor = 'M';

	if (!(vr_u64(range, "mask_lo") & MASK_VALID) || !mask)
		return;
	/* The bits above the highest of the mask are ones as well. */
	size = -(mask | ~((1ull << (63 - __builtin_clzll(mask))) - 1));
	if (size < 0x100000 >> PAGE_SHIFT) {
		factor = 'K';
		size <<= PAGE_SHIFT - 10;
	} else {
		size >>= 20 - PAGE_SHIFT;
	}
	if (type < TYPES)
		vr_str(vr_kernel_element(prog, types, type), "", name, sizeof(name));
	vr_printf(f,
		  "reg%02" PRIu64 ": base=0x%06" PRIx64 "000 (%5" PRIu64 "MB), size=%5" PRIu64
		  "%cB, count=%" PRId64 ": %s\n",
		  i, base, base >> (20 - PAGE_SHIFT), size, factor,
		  vr_s64(vr_kernel_element(prog, "mtrr_usage_table", i), ""), name);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj ranges = vr_get(vr_kernel_global(key->prog, "mtrr_state"), "var_ranges");
	uint64_t count = vr_u64(vr_kernel_global(key->prog, "num_var_ranges"), "");

	for (uint64_t i = 0; i < count && !vr_failed(key->prog); i++)
		put_range(f, i, vr_index(ranges, i), "mtrr_strings");
}

/* CPUs of old have registers of their own kind. */
static bool exists(const struct vr_key *key)
{
	uint64_t generic;
	struct vr_obj ops;
	uint64_t used;

	return vr_proc_has_file(key->prog, "mtrr") &&
	       vr_try_symbol(key->prog, "generic_mtrr_ops", &generic) == VR_OK &&
	       vr_try_kernel_global(key->prog, "mtrr_if", &ops) == VR_OK &&
	       vr_try_u64(ops, "", &used) == VR_OK && used == generic;
}

VR_EMITTER(.path = "proc/mtrr", .source = "mtrr_state, mtrr_usage_table", .exists = exists,
	   .emit = emit)
