// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/taint.h"

#include "base/bits.h"
#include "kernel/globals.h"

/* include/linux/panic.h; bit numbers are ABI (/proc/sys/kernel/tainted). */
static const char *const names[] = {
	"TAINT_PROPRIETARY_MODULE",
	"TAINT_FORCED_MODULE",
	"TAINT_CPU_OUT_OF_SPEC",
	"TAINT_FORCED_RMMOD",
	"TAINT_MACHINE_CHECK",
	"TAINT_BAD_PAGE",
	"TAINT_USER",
	"TAINT_DIE",
	"TAINT_OVERRIDDEN_ACPI_TABLE",
	"TAINT_WARN",
	"TAINT_CRAP",
	"TAINT_FIRMWARE_WORKAROUND",
	"TAINT_OOT_MODULE",
	"TAINT_UNSIGNED_MODULE",
	"TAINT_SOFTLOCKUP",
	"TAINT_LIVEPATCH",
	"TAINT_AUX",
	"TAINT_RANDSTRUCT",
	"TAINT_TEST",
	"TAINT_FWCTL",
};

uint64_t vr_tainted_mask(struct vr_program *prog)
{
	return vr_u64(vr_kernel_global(prog, "tainted_mask"), "");
}

size_t vr_taints_read(struct vr_program *prog, struct vr_taint *taints)
{
	struct vr_obj flag = vr_kernel_global(prog, "taint_flags");
	uint64_t size = vr_sizeof(prog, "struct taint_flag");
	uint64_t mask = vr_tainted_mask(prog);
	size_t n = 0;

	/* The table's length is no type's; it ends where no letter follows any more. */
	for (unsigned bit = 0; bit < VR_MAX_TAINTS && !vr_failed(prog); bit++, flag.addr += size) {
		uint64_t yes, no;

		if (vr_try_u64(flag, "c_true", &yes) != VR_OK || yes < 'A' || yes > 'Z' ||
		    vr_try_u64(flag, "c_false", &no) != VR_OK || (no != ' ' && no != 'G'))
			break;
		taints[n++] = (struct vr_taint){
			.bit = bit,
			.letter = (char)yes,
			.name = bit < VR_ARRAY_SIZE(names) ? names[bit] : NULL,
			.set = mask >> bit & 1,
		};
	}
	if (!n && !vr_failed(prog))
		vr_latch(prog, VR_CORRUPT, "the table taint_flags makes no sense");
	return vr_failed(prog) ? 0 : n;
}
