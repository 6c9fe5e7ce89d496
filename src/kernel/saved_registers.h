/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a function has put the registers that it must leave as they were, for kernels without call
 * frame information: by the pushes at its beginning, which its ORC entries show.
 */
#ifndef KERNEL_SAVED_REGISTERS_H
#define KERNEL_SAVED_REGISTERS_H

#include "debuginfo/debug_stack.h"
#include "kernel/orc_tables.h"

enum vr_saved {
	VR_SAVED_UNKNOWN,
	VR_SAVED_NOT, /* the function doesn't touch it */
	VR_SAVED_ON_STACK,
};

struct vr_saved_register {
	enum vr_saved saved;
	int offset; /* VR_SAVED_ON_STACK: from the stack pointer before the call (CFA), in bytes */
};

/**
 * What holds for each register (by DWARF's numbers; those that need not be kept are unknown) while ip is
 * executed, an instruction of the function that begins at entry: one that a compiler made and that
 * returns. What is not quite sure is unknown. Latches nothing.
 */
void vr_saved_registers(struct vr_orc_tables *tables, uint64_t entry, uint64_t ip,
			struct vr_saved_register registers[VR_DWARF_REG_COUNT]);

#endif
