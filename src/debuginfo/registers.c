// SPDX-License-Identifier: GPL-2.0-or-later
#include <dwarf.h>
#include <stdlib.h>

#include "debuginfo/debug_stack.h"
#include "debuginfo/location.h"

/* What a function leaves as it was (x86-64 psABI, 3.2.1), but for the stack pointer. */
#define KEPT                                                                                       \
	(1u << VR_DWARF_RBX | 1u << VR_DWARF_RBP | 1u << VR_DWARF_R12 | 1u << VR_DWARF_R13 |       \
	 1u << VR_DWARF_R14 | 1u << VR_DWARF_R15)

static bool find_cfa(struct vr_debug_stack *stack, size_t frame, Dwarf_Frame *info)
{
	struct vr_debug_frame *f = &stack->frames[frame];
	struct vr_location location;
	Dwarf_Op *ops;
	size_t count;

	f->has_cfa = dwarf_frame_cfa(info, &ops, &count) == 0 &&
		     vr_location_evaluate(stack, frame, NULL, ops, count, &location);
	if (f->has_cfa)
		f->cfa = location.value;
	return f->has_cfa;
}

/* One register of the caller's; false: unknown. The frame's cfa must be set. */
static bool find_register(const struct vr_debug_stack *stack, size_t frame, Dwarf_Frame *info,
			  int number, uint64_t *value)
{
	const struct vr_dwarf_regs *own = &stack->frames[frame].regs;
	Dwarf_Op mem[3], *ops;
	struct vr_location location;
	size_t count;

	if (dwarf_frame_register(info, number, mem, &ops, &count) != 0)
		return false;
	if (!count) {
		*value = own->value[number];
		/*
		 * Undefined, or as it is here. A function that never returns need not leave anything
		 * as it was, though the file says so (GCC 14).
		 */
		return !ops && (own->known >> number & 1) &&
		       (!stack->frames[frame].source ||
			vr_source_returns(stack->frames[frame].source));
	}
	if (!vr_location_evaluate(stack, frame, NULL, ops, count, &location))
		return false;
	*value = location.value;
	return !location.in_memory ||
	       stack->read(stack->arg, location.value, value, sizeof(*value));
}

bool vr_debug_frame_unwind(struct vr_debug_stack *stack, size_t frame, struct vr_dwarf_regs *caller)
{
	const struct vr_debug_frame *f = &stack->frames[frame];
	Dwarf_Frame *info;
	Dwarf_CFI *cfi;
	Dwarf *dwarf;
	bool found;

	*caller = (struct vr_dwarf_regs){0};
	if (!f->file || vr_debug_file_dwarf(f->file, &dwarf, NULL) != VR_OK)
		return false;
	cfi = dwarf_getcfi(dwarf);
	if (!cfi || dwarf_cfi_addrframe(cfi, f->at, &info) != 0)
		return false;
	found = find_cfa(stack, frame, info);
	for (int i = 0; found && i < VR_DWARF_REG_COUNT; i++)
		if ((KEPT >> i & 1) && find_register(stack, frame, info, i, &caller->value[i]))
			caller->known |= 1u << i;
	free(info);
	return found;
}
